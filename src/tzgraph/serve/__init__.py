"""The graph over HTTP: the SPARQL endpoint, its service description, and pages to read."""
