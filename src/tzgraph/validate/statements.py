"""The checked statements, as far as findings have to look at them: labels, and paths backwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

import pyoxigraph as ox

from tzgraph.interop import as_oxigraph, as_rdflib

if TYPE_CHECKING:
    from rdflib.term import Identifier, Node

__all__ = ["Statements", "StoreStatements"]


class Statements(Protocol):
    """What :mod:`~tzgraph.validate.locate` asks for; an rdflib graph answers it, too."""

    def objects(self, subject: Identifier, predicate: Identifier, /) -> Iterable[Node]:
        """Give the objects of triples."""
        ...

    def subjects(self, predicate: Identifier, obj: Identifier, /) -> Iterable[Node]:
        """Give the subjects of triples."""
        ...


class StoreStatements:
    """The statements of some graphs of a store, looked up one by one.

    :param store: holds the graphs
    :param graphs: their names
    """

    def __init__(self, store: ox.Store, graphs: Iterable[str]) -> None:
        self._store = store
        self._graphs = frozenset(ox.NamedNode(name) for name in graphs)

    def objects(self, subject: Identifier, predicate: Identifier, /) -> Iterator[Node]:
        """Give the objects of triples, each once."""
        node = as_oxigraph(subject)
        if not isinstance(node, ox.Literal):
            found = self._store.quads_for_pattern(node, ox.NamedNode(str(predicate)), None)
            kept = (quad.object for quad in found if quad.graph_name in self._graphs)
            yield from (as_rdflib(term) for term in dict.fromkeys(kept))

    def subjects(self, predicate: Identifier, obj: Identifier, /) -> Iterator[Node]:
        """Give the subjects of triples, each once."""
        node = as_oxigraph(obj)
        found = self._store.quads_for_pattern(None, ox.NamedNode(str(predicate)), node)
        kept = (quad.subject for quad in found if quad.graph_name in self._graphs)
        yield from (as_rdflib(term) for term in dict.fromkeys(kept))
