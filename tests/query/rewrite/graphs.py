"""Random graphs, and what two engines say about them."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

import pyoxigraph as ox
import rdflib
from hypothesis import strategies as st
from rdflib.plugins.sparql.processor import SPARQLResult

from tzgraph.interop import as_oxigraph, rdflib_graph
from tzgraph.query.run import run

PROLOGUE = "PREFIX : <http://e/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
NODES = [ox.NamedNode(f"http://e/{name}") for name in "abcd"]
VERBS = [ox.NamedNode(f"http://e/{name}") for name in "pqr"]
LITERALS = [
    ox.Literal("x"),
    ox.Literal("x", language="en"),
    ox.Literal("y", language="de"),
    ox.Literal(1),
    ox.Literal("1"),
    ox.Literal(True),
]
TRIPLES = st.builds(
    ox.Quad, st.sampled_from(NODES), st.sampled_from(VERBS), st.sampled_from([*NODES, *LITERALS])
)
GRAPHS = st.lists(TRIPLES, max_size=9, unique=True)


Answer: TypeAlias = "Counter[tuple[str, ...]] | bool"


def store_of(quads: Iterable[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.extend(quads)
    return store


def answer(store: ox.Store, query: str, **options: object) -> Answer:
    """What this project answers: how often each row comes."""
    return rows(run(store, PROLOGUE + query, **options))  # type: ignore[arg-type]


def bare(store: ox.Store, query: str) -> Answer:
    """What the engine answers by itself."""
    return rows(store.query(PROLOGUE + query))


def rows(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
) -> Answer:
    if isinstance(result, ox.QueryBoolean):
        return bool(result)
    assert isinstance(result, ox.QuerySolutions)
    names = sorted(variable.value for variable in result.variables)
    return Counter(tuple(str(row[name] or "") for name in names) for row in result)


def second(store: ox.Store, query: str) -> Answer:
    """What rdflib answers."""
    dataset = rdflib.Dataset()
    for quad in store:
        named = isinstance(quad.graph_name, ox.NamedNode)
        graph = dataset.graph(quad.graph_name.value) if named else dataset.default_graph
        graph += rdflib_graph([quad])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib uses what it deprecates
        result = dataset.query(PROLOGUE + query)
        assert isinstance(result, SPARQLResult)
        if result.type == "ASK":
            return bool(result.askAnswer)
        names = sorted(str(variable) for variable in result.vars or ())
        found: Counter[tuple[str, ...]] = Counter()
        for row in result.bindings:
            terms = (row.get(rdflib.Variable(name)) for name in names)
            found[tuple("" if term is None else str(as_oxigraph(term)) for term in terms)] += 1
        return found
