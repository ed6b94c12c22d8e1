"""Reading rows of results for pictures."""

from __future__ import annotations

import pyoxigraph as ox

from tzgraph.serve.engine.rows import Row

__all__ = ["text_of"]


def text_of(row: Row, name: str) -> str:
    """Give what a row has under a name as text: an IRI, or the value of a literal; else nothing."""
    term = row.get(name)
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else ""
