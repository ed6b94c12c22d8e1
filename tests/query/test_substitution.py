"""How the engine binds values, as tzgraph.query.binding tells the authors of queries."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tzgraph.errors import QueryError
from tzgraph.query.run import run

EX = {"x": "http://x/"}
A = ox.NamedNode("http://x/a")


@pytest.fixture
def store() -> ox.Store:
    """The chain a, b, c, d."""
    store = ox.Store()
    for s, o in ("ab", "bc", "cd"):
        quad = [ox.NamedNode("http://x/" + name) for name in (s, "p", o)]
        store.add(ox.Quad(*quad))
    return store


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT ?v ?o { ?v x:p ?o }", {"b"}),
        ("SELECT ?v ?o { ?s x:p ?o FILTER(?s = ?v) }", {"b"}),
        ("SELECT ?v ?o { ?v x:p+ ?o }", {"b", "c", "d"}),
        ("SELECT ?v ?o { ?s x:p ?o FILTER EXISTS { ?v x:p ?o } }", {"b"}),
        ("SELECT ?v ?o { ?s x:p ?o FILTER NOT EXISTS { ?v x:p ?o } }", {"c", "d"}),
        ("SELECT ?v ?o { ?s x:p ?o MINUS { ?v x:p ?o } }", {"c", "d"}),
        ("SELECT ?v ?o { { ?v x:p ?o } UNION { ?o x:p ?v } }", {"b"}),
        ("SELECT ?v ?o { x:b x:p ?z OPTIONAL { ?v x:p ?o } }", {"b"}),
        ("SELECT ?v ?o { x:b x:p ?z OPTIONAL { ?z x:p ?o FILTER(?v = x:a) } }", {"d"}),
        ("SELECT ?v (STR(?v) AS ?o) {}", {"a"}),
        ("SELECT ?v (COUNT(?z) AS ?o) { ?v x:p ?z } GROUP BY ?v", {"1"}),
        ("SELECT ?v ?o { ?s x:p ?o } GROUP BY ?v ?s ?o HAVING(?s = ?v)", {"b"}),
        ("SELECT ?v ?o { VALUES ?v { x:a x:b } ?v x:p ?o }", {"b"}),
        ("SELECT ?v ?o { VALUES ?v { x:b } ?v x:p ?o }", set()),
        ("SELECT ?v ?o { BIND(x:b AS ?v) ?v x:p ?o }", set()),
        ("SELECT ?v ?o { { SELECT ?v ?o { ?v x:p ?o } } }", {"b"}),
        # What authors have to avoid
        ("SELECT ?v ?o { { SELECT ?o { ?v x:p ?o } } }", {"b", "c", "d"}),
        ("SELECT ?v ?o { BIND(?v AS ?o) }", {""}),
        ("SELECT ?v ?o { ?v x:p ?z BIND(?v AS ?o) }", {"a"}),
    ],
)
def test_select(store: ox.Store, query: str, rows: set[str]) -> None:
    """Where a value is seen, and where it is not."""
    result = run(store, query, prefixes=EX, substitutions={ox.Variable("v"): A})
    assert isinstance(result, ox.QuerySolutions)
    terms = [row["o"] for row in result]
    values = {"" if term is None else term.value for term in terms}
    assert {value.removeprefix("http://x/") for value in values} == rows


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?o { ?v x:p ?o }",
        "SELECT (COUNT(?v) AS ?n) { ?v x:p ?o }",
        "ASK { ?s x:p ?o FILTER(?s = ?v) }",
        "DESCRIBE ?o { VALUES ?v { UNDEF } ?v x:p ?o }",
    ],
)
def test_refused(store: ox.Store, query: str) -> None:
    """A value that has no place is an error that says what to do."""
    with pytest.raises(QueryError, match="SELECT has to name"):
        run(store, query, prefixes=EX, substitutions={ox.Variable("v"): A})


def test_ask_and_construct_with_undef(store: ox.Store) -> None:
    """VALUES with UNDEF gives a value a place."""
    values = {ox.Variable("v"): A}
    ask = "ASK { VALUES ?v { UNDEF } ?s x:p x:b FILTER(?s = ?v) }"
    assert bool(run(store, ask, prefixes=EX, substitutions=values))
    construct = "CONSTRUCT { ?s x:q ?o } { VALUES ?v { UNDEF } ?s x:p ?o FILTER(?s = ?v) }"
    result = run(store, construct, prefixes=EX, substitutions=values)
    assert isinstance(result, ox.QueryTriples)
    assert [str(triple) for triple in result] == ["<http://x/a> <http://x/q> <http://x/b>"]
