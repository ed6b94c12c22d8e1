"""HTTP/1.1 on a connection, with limits and timeouts."""
