"""Calls of other SPARQL endpoints, for queries that hold SERVICE.

The engine never chooses where to connect. In a query that calls an endpoint of the list its name is
replaced by an address of the **relay**, which belongs to the server and listens on loopback; the
path is a secret made for this one query. The relay resolves the endpoint's name, refuses addresses
that no one may be led to, and connects to the very address that it has checked. The query runs in a
worker of its own that may connect to the relay and to nothing else
(docs/decisions/0010-federation-through-a-relay.md).
"""

from tzgraph.serve.federation.endpoints import Endpoint, read_endpoints

__all__ = ["Endpoint", "read_endpoints"]
