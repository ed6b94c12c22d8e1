"""What evaluates queries for the server: requests, results, errors, and ways to evaluate them."""
