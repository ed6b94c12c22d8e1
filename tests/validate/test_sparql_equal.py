"""Shapes as SPARQL find what pySHACL finds, on every example and on mutations of the real data."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal
from rdflib.compare import isomorphic
from rdflib.namespace import SH

from tests.validate.engines import both, ontology, shapes, store_of
from tests.validate.examples import Case, changed, conforming, read_cases
from tzgraph.release.layout import ReleaseLayout
from tzgraph.vocabulary import ID, TZ, XSD, Graphs

#: How many batches the examples are dealt into; alone, each is run by the tests of the shapes.
BATCHES = 40


@pytest.mark.parametrize(
    "batch",
    [pytest.param(n, marks=() if n % 10 == 0 else pytest.mark.slow) for n in range(BATCHES)],
)
def test_same_results_on_every_failing_example(batch: int) -> None:
    cases: list[Case] = list(read_cases())[batch::BATCHES]
    graph = conforming()
    for case in cases:
        changed(graph, case.changes)
    ours, reference = both(store_of(graph, ontology()), shapes())
    assert ours.results == reference.results
    assert len(ours.results) >= len(cases) / 2


def test_same_results_on_all_failing_examples_at_once() -> None:
    graph = conforming()
    for case in read_cases():
        changed(graph, case.changes)
    ours, reference = both(store_of(graph, ontology()), shapes())
    assert ours.results == reference.results
    assert len(ours.results) > 100


def test_conforming_graph_has_no_results() -> None:
    ours, reference = both(store_of(conforming(), ontology()), shapes())
    assert ours.results == reference.results == ()


@pytest.fixture(scope="module")
def asserted(shipped_dir: Path) -> tuple[ox.Quad, ...]:
    """The quads of the shipped release that are checked, and those of the ontology."""
    layout = ReleaseLayout(shipped_dir)
    store = ox.Store.read_only(str(layout.releases / str(layout.current_id()) / "store"))
    left_out = {Graphs.INFERRED, Graphs.PROVENANCE, Graphs.MAPPINGS, Graphs.AUDIT}
    return tuple(
        sorted(
            (
                quad
                for quad in store
                if isinstance(quad.graph_name, ox.NamedNode)
                and quad.graph_name.value not in left_out
            ),
            key=str,
        )
    )


def graphs_of(store: ox.Store) -> tuple[str, ...]:
    names = (str(name)[1:-1] for name in store.named_graphs())
    return tuple(name for name in sorted(names) if name != Graphs.ONTOLOGY)


def without_languages(report: Graph) -> Graph:
    """A report without languages of messages, which pySHACL loses where a query found a node."""
    bare = Graph()
    for subject, predicate, obj in report:
        bare.add((subject, predicate, Literal(str(obj)) if predicate == SH.resultMessage else obj))
    return bare


def test_same_results_and_report_on_the_shipped_graph(asserted: tuple[ox.Quad, ...]) -> None:
    store = ox.Store()
    store.bulk_extend(asserted)
    ours, reference = both(store, shapes(), graphs_of(store))
    assert ours.results == reference.results
    assert ours.results
    assert isomorphic(without_languages(ours.graph), without_languages(reference.graph))


#: Objects to put in the place of others. No literal that only one of the engines reads: rdflib
#: takes "1e5" for a decimal, and orders a date before a number where SPARQL can't compare them.
OBJECTS: tuple[ox.NamedNode | ox.Literal, ...] = (
    ox.NamedNode(ID + "drug/nowhere"),
    ox.NamedNode(ID + "drug/trastuzumab"),
    ox.NamedNode(ID + "target/her2"),
    ox.NamedNode(TZ + "Trial"),
    ox.NamedNode(TZ + "OverallSurvival"),
    ox.NamedNode("urn:other:thing"),
    ox.Literal("text"),
    ox.Literal(""),
    ox.Literal("text", language="en"),
    ox.Literal("Text", language="de"),
    ox.Literal("NCT00000001"),
    *(ox.Literal(n, datatype=ox.NamedNode(XSD + "decimal")) for n in ("0.0", "-1.5", "1000")),
    *(ox.Literal(n, datatype=ox.NamedNode(XSD + "integer")) for n in ("0", "7", "-2", "five")),
    ox.Literal("maybe", datatype=ox.NamedNode(XSD + "boolean")),
)


@st.composite
def mutations(draw: st.DrawFn, size: int) -> list[tuple[str, int, int]]:
    """What to do (drop, copy to another graph, alter, add) to which triple, with which other."""
    kinds = st.sampled_from(("drop", "copy", "alter", "add", "swap"))
    step = st.tuples(kinds, st.integers(0, size - 1), st.integers(0, size - 1))
    return draw(st.lists(step, min_size=1, max_size=12))


@pytest.mark.slow
@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_same_results_on_mutations_of_the_shipped_graph(
    asserted: tuple[ox.Quad, ...], data: st.DataObject
) -> None:
    rows = [q for q in asserted if q.graph_name != ox.NamedNode(Graphs.ONTOLOGY)]
    store = ox.Store()
    store.bulk_extend(asserted)
    for kind, first, second in data.draw(mutations(len(rows))):
        quad, other = rows[first], rows[second]
        if kind in ("drop", "alter", "swap"):
            store.remove(quad)
        if kind == "copy":
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object, other.graph_name))
        if kind == "swap":
            store.add(ox.Quad(quad.subject, other.predicate, quad.object, quad.graph_name))
        if kind in ("alter", "add"):
            obj = OBJECTS[second % len(OBJECTS)]
            store.add(ox.Quad(quad.subject, quad.predicate, obj, quad.graph_name))
    ours, reference = both(store, shapes(), graphs_of(store))
    assert ours.results == reference.results
