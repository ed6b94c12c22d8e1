"""VoID in a release: the counts are those of the graphs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.release import open_release
from tzgraph.release.void import DATASET, VOID, VOID_EXT
from tzgraph.vocabulary import OWL, RDF, RDFS, Graphs


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


def walked(store: ox.Store) -> tuple[Counter[str], Counter[tuple[str, ...]]]:
    """Count things by class, and statements by class, property, and what they lead to."""
    default = [quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())]
    types: dict[object, list[str]] = {}
    for triple in default:
        if triple.predicate.value == RDF + "type" and isinstance(triple.object, ox.NamedNode):
            of_class = triple.object.value
            if not of_class.startswith((RDF, RDFS, OWL)):
                types.setdefault(triple.subject, []).append(of_class)
    counts: Counter[tuple[str, ...]] = Counter()
    for triple in default:
        for of_class in types.get(triple.subject, ()):
            by = triple.predicate.value
            counts[of_class, by] += 1
            if isinstance(triple.object, ox.Literal):
                counts[of_class, by, "datatype", triple.object.datatype.value] += 1
            for other in types.get(triple.object, ()):
                counts[of_class, by, "class", other] += 1
    return Counter(of_class for classes in types.values() for of_class in classes), counts


def test_partitions_of_classes(store: ox.Store) -> None:
    """In the default view, each as often as a walk over all its triples finds it, and no other."""
    things, counts = walked(store)
    for place in ("{ %s }", f"{{ GRAPH <{Graphs.METADATA}> {{ %s }} }}"):
        property_of = (
            f"?part <{VOID}class> ?c ; <{VOID}propertyPartition> ?by . ?by <{VOID}property> ?p ;"
        )
        found = rows(
            store,
            "SELECT DISTINCT ?c ?n " + place % f"{property_of} ?q ?o . ?part <{VOID}entities> ?n",
        )
        assert {row[0]: int(row[1]) for row in found} == things
        told = {
            tuple(key): int(count)
            for *key, count in rows(
                store, "SELECT ?c ?p ?n " + place % f"{property_of} <{VOID}triples> ?n"
            )
        }
        for kind, space in (("class", VOID), ("datatype", VOID_EXT)):
            leads = f"{property_of} <{space}{kind}Partition> ?l . ?l <{space}{kind}> ?o ;"
            for of_class, by, leads_to, count in rows(
                store, "SELECT ?c ?p ?o ?n " + place % f"{leads} <{VOID}triples> ?n"
            ):
                told[of_class, by, kind, leads_to] = int(count)
        assert told == counts


def rows(store: ox.Store, query: str) -> list[list[str]]:
    """Give the rows of a query, each term by its value."""
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    return [[term.value for term in row] for row in found]


def test_partitions_are_no_things(store: ox.Store) -> None:
    """They are of no class, or they would have to count themselves, and things of no shape."""
    parts = f"?part <{VOID}class>|<{VOID}property>|<{VOID_EXT}datatype> ?of"
    assert number(store, f"SELECT (COUNT(DISTINCT ?part) AS ?n) {{ {parts} }}") > 1000
    assert number(store, f"SELECT (COUNT(*) AS ?n) {{ {parts} . ?part a ?class }}") == 0


def test_the_whole_stands_in_metadata_alone(store: ox.Store) -> None:
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
