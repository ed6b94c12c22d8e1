"""Entity tags: which queries have one, and what a list of tags says."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tzgraph.serve.engine import digest
from tzgraph.serve.engine.base import QueryRequest
from tzgraph.serve.engine.digest import digest_of, is_stable

STORE = ox.Store()
PREFIX = "PREFIX ex: <http://example.org/>\n"


def result(query: str) -> str:
    """Give a query's result as text."""
    found = STORE.query(PREFIX + query)
    assert not isinstance(found, ox.QueryTriples)
    return str(found.serialize(format=ox.QueryResultsFormat.JSON))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (RAND() AS ?x) {}",
        "SELECT ?x { VALUES ?x { 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 } } ORDER BYRAND()",
        "SELECT ?x { VALUES ?x { 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 } } ORDER BY ASC(RAND())",
        "SELECT (struuid() AS ?x) {}",
        "SELECT (UUID # (\n () AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
        "SELECT (1-RAND() AS ?x) {}",
        "SELECT (?y-RAND() AS ?x) { BIND(1 AS ?y) }",
        "SELECT (IF(true&&RAND()>2, 1, RAND()) AS ?x) {}",
        "SELECT (CONCAT(STR(?y<RAND()), STR(RAND())) AS ?x) { BIND(1 AS ?y) }",
        "SELECT (RAND  \t( ) AS ?x) {}",
    ],
)
def test_what_differs_each_time(query: str) -> None:
    """As the engine itself shows."""
    assert len({result(query) for _ in range(5)}) > 1
    assert not is_stable(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT (bnode('a') AS ?x) {}",
        "SELECT * { SERVICE <http://x/> {} }",
        "SELECT * { SERVICEex:y{} }",
        "ASK { FILTER(trueSERVICE<http://x>{}) }",
        r"SELECT (R\u0041ND() AS ?x) {}",
        "SELECT * { ?s ?p 'now' }" + " " * 20_000,
    ],
)
def test_what_may_differ_each_time(query: str) -> None:
    assert not is_stable(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?now ?rand { ?now ?rand ?uuid }",
        "SELECT ?now (COUNT(*) AS ?n) { ?now a ex:rand } GROUP BY ?now",
        "SELECT * { ?s ?p 'NOW() RAND() SERVICE' } # BNODE()",
        "SELECT * { ?s ex:service ex:CustomerService , <http://example.org/service> }",
        "SELECT (ABS(?random) AS ?brand) { ?s ?p ?random }",
        "ASK {}" + " " * 20_000,
    ],
)
def test_what_is_the_same_each_time(query: str) -> None:
    assert is_stable(query)
    assert result(query) == result(query)


def test_other_code_makes_other_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another tzgraph answered on the same release may be otherwise."""
    before = digest_of(QueryRequest("ASK {}"))
    assert digest_of(QueryRequest("ASK {}")) == before
    monkeypatch.setattr(digest, "_CODE", "")
    assert digest_of(QueryRequest("ASK {}")) != before
