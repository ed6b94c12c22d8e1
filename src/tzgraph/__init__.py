"""tzgraph: an evidence-tracked knowledge graph of HER2-targeted therapy.

>>> import tzgraph
>>> graph = tzgraph.open("build")  # doctest: +SKIP
>>> graph.rows("first-line-trials")  # doctest: +SKIP
"""

from typing import TYPE_CHECKING

from tzgraph.api import KnowledgeGraph, open_graph
from tzgraph.errors import DataError, Finding, QueryError, Severity, TzgraphError

__all__ = [
    "DataError",
    "Finding",
    "KnowledgeGraph",
    "QueryError",
    "Severity",
    "TzgraphError",
    "__version__",
    "open",
]

#: Open the current release of a folder: :func:`tzgraph.api.open_graph`.
open = open_graph

if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> str:
    """Give ``__version__``, which is slow to look up and seldom asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("tzgraph")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
