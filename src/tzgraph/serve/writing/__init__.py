"""Updates: one writer process, and the server's hold on it (docs/decisions/0012)."""

from tzgraph.serve.writing.link import Writer
from tzgraph.serve.writing.orders import GraphWrite, Outcome, Update
from tzgraph.serve.writing.settings import WriteSettings

__all__ = ["GraphWrite", "Outcome", "Update", "WriteSettings", "Writer"]
