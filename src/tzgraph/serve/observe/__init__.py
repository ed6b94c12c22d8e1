"""What is noted of requests, for logs and metrics."""
