"""VoID in a release: the counts are those of the graphs."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.release import open_release
from tzgraph.release.void import DATASET, VOID
from tzgraph.vocabulary import Graphs


@pytest.fixture(scope="module")
def store(shipped_dir: Path) -> ox.Store:
    """The shipped graph."""
    return open_release(shipped_dir).store()


def number(store: ox.Store, query: str) -> int:
    """Give the one number that a query gives."""
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    (row,) = list(found)
    assert isinstance(row[0], ox.Literal)
    return int(row[0].value)


def said(store: ox.Store, dataset: str, name: str) -> int:
    """Give a number that the description has."""
    return number(
        store, f"SELECT ?n {{ GRAPH <{Graphs.METADATA}> {{ <{dataset}> <{VOID}{name}> ?n }} }}"
    )


@pytest.mark.parametrize("graph", [None, Graphs.INFERRED, Graphs.SOURCE + "bang-2010"])
def test_counts(store: ox.Store, graph: str | None) -> None:
    """Of the default view, and of named graphs."""
    dataset = graph or DATASET
    where = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
    for name, count in (
        ("triples", "COUNT(*)"),
        ("distinctSubjects", "COUNT(DISTINCT ?s)"),
        ("distinctObjects", "COUNT(DISTINCT ?o)"),
        ("properties", "COUNT(DISTINCT ?p)"),
    ):
        assert said(store, dataset, name) == number(store, f"SELECT ({count} AS ?n) {{ {where} }}")
    parts = (
        f"SELECT (SUM(?n) AS ?sum) {{ GRAPH <{Graphs.METADATA}> {{ <{dataset}>"
        f" <{VOID}propertyPartition> ?part . ?part <{VOID}triples> ?n }} }}"
    )
    assert number(store, parts) == said(store, dataset, "triples")
    entities = f"{{ {where} FILTER(STRSTARTS(STR(?s), 'https://w3id.org/tzgraph/id/')) }}"
    counted = number(store, f"SELECT (COUNT(DISTINCT ?s) AS ?n) {entities}")
    assert said(store, dataset, "entities") == counted


def test_classes_and_links(store: ox.Store) -> None:
    """A class has as many entities as things, a linkset as many triples as links."""
    tz = "https://w3id.org/tzgraph/ontology#"
    trials = (
        f"SELECT ?n {{ GRAPH <{Graphs.METADATA}> {{ <{DATASET}> <{VOID}classPartition> ?part ."
        f" ?part <{VOID}class> <{tz}Trial> ; <{VOID}entities> ?n }} }}"
    )
    things = number(store, f"SELECT (COUNT(?t) AS ?n) {{ ?t a <{tz}Trial> }}")
    assert number(store, trials) == things
    match = "http://www.w3.org/2004/02/skos/core#exactMatch"
    links = (
        f"SELECT (SUM(?n) AS ?sum) {{ GRAPH <{Graphs.METADATA}> {{ ?set a <{VOID}Linkset> ;"
        f" <{VOID}linkPredicate> <{match}> ; <{VOID}triples> ?n }} }}"
    )
    counted = f"SELECT (COUNT(*) AS ?n) {{ ?s <{match}> ?o }}"
    assert number(store, links) == number(store, counted)


def test_it_stands_in_metadata_alone(store: ox.Store) -> None:
    """Without blank nodes, and not in the default view, which it counts."""
    assert number(store, f"SELECT (COUNT(*) AS ?n) {{ ?s a <{VOID}Dataset> }}") == 0
    blank = f"GRAPH <{Graphs.METADATA}> {{ ?s ?p ?o FILTER(isBlank(?s) || isBlank(?o)) }}"
    assert number(store, f"SELECT (COUNT(*) AS ?n) {{ {blank} }}") == 0
    parts = (
        f"SELECT ?part {{ GRAPH <{Graphs.METADATA}>"
        f" {{ ?part <{VOID}property>|<{VOID}class> ?t }} }}"
    )
    twice = f"SELECT (COUNT(*) AS ?n) {{ {{ {parts} GROUP BY ?part HAVING(COUNT(*) > 1) }} }}"
    assert number(store, twice) == 0
