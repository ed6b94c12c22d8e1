"""Terms and graphs of Oxigraph as rdflib's, and back."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Identifier

from tzgraph.terms import Term

__all__ = ["as_oxigraph", "as_rdflib", "rdflib_graph"]


def as_rdflib(term: Term) -> URIRef | BNode | Literal:
    """Give the rdflib term; numbers keep their lexical form."""
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        if term.datatype.value.endswith("#string"):
            return Literal(term.value)
        return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)
    return URIRef(str(term)[1:-1])


def as_oxigraph(term: Identifier) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Give the Oxigraph term."""
    if isinstance(term, Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype else None
        return ox.Literal(str(term), datatype=datatype)
    return ox.BlankNode(str(term)) if isinstance(term, BNode) else ox.NamedNode(str(term))


def rdflib_graph(triples: Iterable[ox.Triple | ox.Quad]) -> Graph:
    """Give triples (of quads: without their graphs) as an rdflib graph."""
    graph = Graph(bind_namespaces="none")
    terms: dict[Term, URIRef | BNode | Literal] = {}

    def term(node: Term) -> URIRef | BNode | Literal:
        if node not in terms:
            terms[node] = as_rdflib(node)
        return terms[node]

    for triple in triples:
        graph.add((term(triple.subject), term(triple.predicate), term(triple.object)))
    return graph
