"""The SPARQL 1.1 protocols: query, update, graph store, service description."""
