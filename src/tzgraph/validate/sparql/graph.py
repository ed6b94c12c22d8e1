"""The data graph: a scratch store that holds each asserted triple once, and what occurs in it.

A query over several named graphs would look into each of them for every pattern (measured with
20 graphs: 19 times slower), and would see a triple twice that stands in two. Copying costs about
as much as loading once, after which every lookup is one lookup. Small graphs are copied into
memory, large ones into a folder.

https://www.w3.org/TR/shacl/#data-graph
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tzgraph.validate.shacl import is_context_type
from tzgraph.vocabulary import RDF, RDFS

if TYPE_CHECKING:
    from rdflib.term import Identifier

    from tzgraph.validate.sparql.model import Target

__all__ = ["DataGraph", "asserted_triples", "context_triples"]

_TYPE = ox.NamedNode(RDF + "type")
_SUBCLASS = ox.NamedNode(RDFS + "subClassOf")
#: Graph of the scratch store that lists the nodes of ``sh:targetNode``, blank ones included.
TARGETS = ox.NamedNode("urn:tzgraph:targets")
_TARGET = ox.NamedNode("urn:tzgraph:hasTarget")
#: More classes than this are walked by the store instead of being listed in a query.
_MOST_CLASSES = 40


def asserted_triples(store: ox.Store, graphs: Iterable[str]) -> Iterator[ox.Quad]:
    """Give the triples of named graphs, as quads of the default graph.

    By a query, which is a quarter faster than ``quads_for_pattern``: it leaves out the graphs.
    """
    names: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [ox.NamedNode(n) for n in graphs]
    if names:
        for row in rows_of(store, "SELECT ?s ?p ?o { ?s ?p ?o }", default_graph=names):
            yield ox.Quad(row[0], row[1], row[2])


def rows_of(
    store: ox.Store,
    query: str,
    default_graph: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None,
) -> ox.QuerySolutions:
    """Give the rows of a SELECT query.

    :raises SyntaxError: if it is none
    """
    found = store.query(query, default_graph=default_graph)
    if not isinstance(found, ox.QuerySolutions):
        raise SyntaxError("expected a SELECT query")
    return found


def context_triples(store: ox.Store, ontology: str) -> Iterator[ox.Quad]:
    """Give what a check has to see of the ontology: subclasses, types of terms, properties."""
    graph = ox.NamedNode(ontology)
    for quad in store.quads_for_pattern(None, _SUBCLASS, None, graph):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            yield ox.Quad(quad.subject, quad.predicate, quad.object)
    for quad in store.quads_for_pattern(None, _TYPE, None, graph):
        kind = quad.object.value if isinstance(quad.object, ox.NamedNode) else ""
        if isinstance(quad.subject, ox.NamedNode) and is_context_type(kind):
            yield ox.Quad(quad.subject, quad.predicate, quad.object)


class DataGraph:
    """The triples to check, in a store of their own.

    :param folder: where to put the store; ``None`` keeps it in memory
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.store = ox.Store() if folder is None else ox.Store(str(folder))
        self.predicates: set[str] = set()
        self._classes: set[ox.NamedNode] = set()
        self._has_blank_class = False
        self._below: dict[str, list[str]] = {}

    def add(self, quads: Iterable[ox.Quad]) -> None:
        """Take triples, noting the predicates and classes that occur."""
        self.store.bulk_extend(self._noted(quads))
        self._below.clear()

    def _noted(self, quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
        predicates: set[ox.NamedNode] = set()
        last: ox.NamedNode | None = None
        for quad in quads:
            predicate = quad.predicate
            if predicate != last:
                predicates.add(predicate)
                last = predicate
            if predicate == _TYPE:
                if isinstance(quad.object, ox.NamedNode):
                    self._classes.add(quad.object)
                else:
                    self._has_blank_class = True
            yield quad
        self.predicates |= {predicate.value for predicate in predicates}

    def add_targets(self, name: str, targets: Iterable[Target], *, among_data: bool) -> None:
        """List target nodes under a name, which is an IRI.

        :param among_data: whether to name them in the data too. Oxigraph follows a path of length
            zero only from nodes that occur there, and SHACL follows it from any focus node.
        """
        from tzgraph.interop import as_oxigraph

        graphs = (TARGETS, ox.DefaultGraph()) if among_data else (TARGETS,)
        subject = ox.NamedNode(name)
        nodes = [as_oxigraph(target.node) for target in targets]
        self.store.extend(ox.Quad(subject, _TARGET, n, graph) for n in nodes for graph in graphs)

    def instances(self, cls: str, variable: str) -> list[str]:
        """Give patterns that together match the SHACL instances of a class.

        https://www.w3.org/TR/shacl/#targetClass
        """
        classes = self.below(cls)
        if self._to_be_walked(classes):
            return [f"{variable} <{RDF}type>/<{RDFS}subClassOf>* <{cls}> ."]
        return [f"{variable} <{RDF}type> <{each}> ." for each in classes]

    @staticmethod
    def listed(name: str, variable: str) -> str:
        """Give the pattern of the nodes listed under a name."""
        return f"GRAPH {TARGETS} {{ <{name}> {_TARGET} {variable} }}"

    def _to_be_walked(self, classes: list[str]) -> bool:
        return len(classes) > _MOST_CLASSES or self._has_blank_class

    def holds(self, subject: ox.NamedNode | ox.BlankNode, predicate: str) -> bool:
        """Whether a node has a property."""
        found = self.store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
        return next(iter(found), None) is not None

    def below(self, iri: str) -> list[str]:
        """Give a class and its subclasses, those that have instances, in order."""
        if iri not in self._below:
            query = f"SELECT DISTINCT ?c {{ ?c <{RDFS}subClassOf>* <{iri}> }}"
            found = {row["c"] for row in rows_of(self.store, query)} & self._classes
            found |= {ox.NamedNode(iri)} & self._classes
            self._below[iri] = sorted(c.value for c in found)
        return self._below[iri]

    def not_instance(self, value: str, cls: Identifier) -> str:
        """Give the expression that is true if a node is no SHACL instance of a class.

        https://www.w3.org/TR/shacl/#ClassConstraintComponent
        """
        classes = self.below(str(cls))
        if self._to_be_walked(classes):
            path = f"<{RDF}type>/<{RDFS}subClassOf>*"
            return f"NOT EXISTS {{ {value} {path} <{cls}> }}"
        tests = [f"NOT EXISTS {{ {value} <{RDF}type> <{each}> }}" for each in classes]
        if not tests:
            return "true"
        return tests[0] if len(tests) == 1 else f"({' && '.join(tests)})"
