"""Both SHACL engines on the same store: what tests compare."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pyoxigraph as ox
from rdflib import Graph

from tests.shipped import shipped_ontology
from tzgraph.interop import as_oxigraph
from tzgraph.resources import shipped
from tzgraph.validate import ShaclEngine, ShaclReport, check_with, load_shapes
from tzgraph.vocabulary import GRAPH, Graphs

__all__ = ["DATA", "both", "ontology", "parse_shapes", "quads", "shapes", "store_of"]

DATA = GRAPH + "source/test"


@cache
def shapes() -> Graph:
    """The shipped shapes, which tests must not change."""
    return load_shapes(shipped("shapes"))


@cache
def ontology() -> Graph:
    """The shipped ontology, which tests must not change."""
    return shipped_ontology()


def quads(graph: Iterable[tuple[object, ...]], name: str) -> Iterable[ox.Quad]:
    """The triples of an rdflib graph as quads."""
    for subject, predicate, obj in graph:
        s, p, o = (as_oxigraph(term) for term in (subject, predicate, obj))  # type: ignore[arg-type]
        assert isinstance(p, ox.NamedNode)
        assert not isinstance(s, ox.Literal)
        yield ox.Quad(s, p, o, ox.NamedNode(name))


def store_of(data: Graph, ontology: Graph | None = None) -> ox.Store:
    """A store with data and ontology in graphs of their own."""
    store = ox.Store()
    store.extend(quads(data, DATA))
    store.extend(quads(ontology or Graph(), Graphs.ONTOLOGY))
    return store


def both(
    store: ox.Store, shapes: Graph, graphs: tuple[str, ...] = (DATA,)
) -> tuple[ShaclReport, ShaclReport]:
    """The report of shapes as SPARQL, and that of pySHACL."""
    one = check_with(ShaclEngine.SPARQL, store, graphs, shapes, Graphs.ONTOLOGY)
    assert (one.engine, one.findings) == (ShaclEngine.SPARQL, ())
    other = check_with(ShaclEngine.PYSHACL, store, graphs, shapes, Graphs.ONTOLOGY)
    return one.report, other.report


def parse_shapes(turtle: str) -> Graph:
    """A graph with the usual prefixes."""
    prefixes = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:x:> . "
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    )
    return Graph().parse(data=prefixes + turtle)
