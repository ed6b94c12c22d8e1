"""tzgraph: an evidence-tracked knowledge graph of HER2-targeted therapy.

>>> import tzgraph
>>> graph = tzgraph.open("build")  # doctest: +SKIP
>>> graph.rows("first-line-trials")  # doctest: +SKIP
"""

from importlib.metadata import version

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

__version__ = version("tzgraph")

#: Open the current release of a folder: :func:`tzgraph.api.open_graph`.
open = open_graph
