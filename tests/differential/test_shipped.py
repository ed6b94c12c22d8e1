"""Queries on the shipped graph whose answers have to fit each other, with no second engine."""

from __future__ import annotations

from pathlib import Path

import pytest

import tzgraph

_PREFIXES = "PREFIX tz: <https://w3id.org/tzgraph/ontology#>\n"
#: Pairs of properties of the same things.
_PAIRS = [
    ("tz:heldAgainst", "tz:sameSubjectAs"),
    ("tz:counters", "tz:proposedAgainst"),
    ("rdfs:label", "skos:altLabel"),
    ("tz:resultOf", "^tz:hasResult"),
    ("tz:targets", "tz:bindsEpitope"),
]
pairs = pytest.mark.parametrize(("one", "other"), _PAIRS)


@pytest.fixture(scope="module")
def graph(shipped_dir: Path) -> tzgraph.KnowledgeGraph:
    return tzgraph.open(shipped_dir)


def _count(graph: tzgraph.KnowledgeGraph, pattern: str, what: str = "*") -> int:
    text = f"{_PREFIXES}SELECT (COUNT({what}) AS ?n) {{ {pattern} }}"
    (row,) = graph.rows(text)
    return int(str(row["n"]))


@pairs
def test_alternatives_add_up(graph: tzgraph.KnowledgeGraph, one: str, other: str) -> None:
    parts = _count(graph, f"?s {one} ?o"), _count(graph, f"?s {other} ?o")
    assert min(parts) > 0
    assert _count(graph, f"?s {one}|{other} ?o") == sum(parts)
    assert _count(graph, f"?s ^({one}|{other}) ?o") == sum(parts)
    assert _count(graph, f"{{ ?s {one} ?o }} UNION {{ ?s {other} ?o }}") == sum(parts)


@pairs
def test_optional_is_join_and_rest(graph: tzgraph.KnowledgeGraph, one: str, other: str) -> None:
    left, right = f"?s {one} ?o .", f"?s {other} ?x ."
    rest = _count(graph, f"{left} FILTER NOT EXISTS {{ {right} }}")
    assert rest == _count(graph, f"{left} MINUS {{ {right} }}")
    assert _count(graph, f"{left} OPTIONAL {{ {right} }}") == _count(graph, left + right) + rest
    unbound = f"{left} OPTIONAL {{ {right} }} FILTER(!BOUND(?x))"
    assert _count(graph, unbound) == rest


@pairs
def test_groups_add_up(graph: tzgraph.KnowledgeGraph, one: str, other: str) -> None:
    pattern = f"?s {one}|{other} ?o"
    groups = f"SELECT ?s (COUNT(*) AS ?c) {{ {pattern} }} GROUP BY ?s"
    assert _count(graph, f"{{ {groups} }}") == _count(graph, pattern, "DISTINCT ?s")
    (row,) = graph.rows(f"{_PREFIXES}SELECT (SUM(?c) AS ?n) {{ {{ {groups} }} }}")
    assert int(str(row["n"])) == _count(graph, pattern)


def test_closures_fit_each_other(graph: tzgraph.KnowledgeGraph) -> None:
    more = _count(graph, "?s rdfs:subClassOf+ ?o")
    steps = "SELECT DISTINCT ?s ?o { ?s rdfs:subClassOf/rdfs:subClassOf* ?o }"
    assert more == _count(graph, f"{{ {steps} }}")
    assert more == _count(graph, "?s ^(^rdfs:subClassOf+) ?o")
    assert more >= _count(graph, "?s rdfs:subClassOf ?o") > 0


def test_graphs_add_up(graph: tzgraph.KnowledgeGraph) -> None:
    everything = _count(graph, "GRAPH ?g { ?s ?p ?o }")
    by_graph = "SELECT ?g (COUNT(*) AS ?c) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    (row,) = graph.rows(f"SELECT (SUM(?c) AS ?n) {{ {{ {by_graph} }} }}")
    assert int(str(row["n"])) == everything
    assert _count(graph, "GRAPH ?g { SELECT ?s ?p ?o { ?s ?p ?o } }") == everything


def test_pages_are_the_whole(graph: tzgraph.KnowledgeGraph) -> None:
    text = f"{_PREFIXES}SELECT ?s ?o {{ ?s tz:targets|tz:bindsEpitope ?o }} ORDER BY ?s ?o"
    pages = [
        row for page in range(0, 400, 20) for row in graph.rows(f"{text} LIMIT 20 OFFSET {page}")
    ]
    assert pages == list(graph.rows(text))
