"""Updates: one writer process, and the client side of its socket (docs/decisions/0012)."""

from tzgraph.serve.updates.channel import Writer
from tzgraph.serve.updates.orders import GraphWrite, OrderOutcome, Update

__all__ = ["GraphWrite", "OrderOutcome", "Update", "Writer"]
