"""The plan of a query: its patterns with their counts, its rewrites, and what it is answered by."""

from __future__ import annotations

import time
from typing import Any

import pyoxigraph as ox
import pytest

from tzgraph.errors import FederationDeniedError
from tzgraph.query.plan import counting, measure, plan_query
from tzgraph.query.plan import planner as module
from tzgraph.query.plan.model import QueryPlan
from tzgraph.query.plan.report import notes_on_empty
from tzgraph.query.rows import TooManyRowsError
from tzgraph.query.run import run

E = "http://e/"
DATA = """
@prefix : <http://e/> .
:a :p :b, :c ; :q 1 ; a :T .
:b :p :c .
:g1 { :a :p :d . :x :only :y . }
:g2 { :a :p :d , :e . }
"""
PREFIXES = {"": E, "f": "http://f/", "xsd": "http://www.w3.org/2001/XMLSchema#"}


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.load(DATA.encode(), ox.RdfFormat.TRIG)
    return store


def planned(store: ox.Store, text: str, **options: Any) -> QueryPlan:
    return plan_query(store, text, prefixes=PREFIXES, **options)


def counts(plan: QueryPlan) -> list[object]:
    """Give the count of each pattern, and those of the steps of a path."""
    return [
        one.count.triples if one.count else [(name, c.triples) for name, c in one.steps]
        for one in plan.patterns
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?s :p ?o }", [3]),
        ("SELECT * { :a :p ?o ; :q ?v, 2 }", [2, 1, 0]),
        ("SELECT * { ?s ?p ?o . ?s a :T . ?s a :U }", [5, 1, 0]),
        ("SELECT * { ?x :p ?x }", [3]),  # its constants, not that both are one
        ("SELECT * { [ :p [] ] :q 01 }", [3, 1]),
        ("PREFIX : <http://f/> SELECT * { ?s :p ?o }", [0]),
        ("BASE <http://e/> SELECT * { <a> <p> ?o }", [2]),
        ("SELECT * { ?s :p/:q* ?o }", [[(":p", 3), (":q", 1)]]),
        ("SELECT * { ?s !(:p|^:q)|^:p ?o }", [[(":p", 3)]]),
        ("SELECT * { ?s :p ?o OPTIONAL { ?o :q ?v } MINUS { ?s a :T } }", [3, 1, 1]),
        ("SELECT * { ?s :p ?o FILTER NOT EXISTS { ?s :q ?v } }", [3, 1]),
        ("SELECT * { { SELECT ?s { ?s :q ?v } } UNION { ?s a ?t } }", [1, 1]),
        ("SELECT * { GRAPH ?g { ?s :p ?o } GRAPH :g2 { :a :p ?o } ?s :p ?o }", [3, 2, 3]),
        ("SELECT * { GRAPH :g3 { ?s :p ?o } }", [0]),
        ("SELECT * FROM :g1 FROM NAMED :g2 { ?s :p ?o GRAPH ?g { ?s :p ?v } }", [1, 2]),
        ("CONSTRUCT { ?s :q ?o } WHERE { ?s :p ?o }", [3]),
        ("CONSTRUCT WHERE { ?s :p ?o }", [3]),
        ("DESCRIBE :a", []),
        ("ASK { :a :p :b }", [1]),
        ("SELECT (COUNT(*) AS ?n) { VALUES ?s { :a } ?s :p ?o } GROUP BY ?o", [3]),
        ("# ASK {}\nSELECT * { ?s :p ?o } # :q", [3]),
    ],
)
def test_counts_are_those_of_the_data(store: ox.Store, text: str, expected: list[object]) -> None:
    plan = planned(store, text)
    assert plan.is_parsed
    assert counts(plan) == expected


def test_values_from_elsewhere_are_constants(store: ox.Store) -> None:
    values = {ox.Variable("s"): ox.NamedNode(E + "b"), ox.Variable("v"): ox.Literal(1)}
    plan = planned(store, "SELECT ?s ?v { ?s :p ?o . ?t :q ?v }", substitutions=values)
    assert counts(plan) == [1, 1]
    node = {ox.Variable("g"): ox.NamedNode(E + "g1")}
    assert counts(planned(store, "SELECT ?g { GRAPH ?g { ?s :p ?o } }", substitutions=node)) == [1]


def test_graphs_of_the_protocol_are_asked(store: ox.Store) -> None:
    text = "SELECT * FROM :g1 { ?s :p ?o GRAPH ?g { ?s :only ?v } }"
    graphs = {"default_graphs": [E + "g2"], "named_graphs": [E + "g1"]}
    assert counts(planned(store, text, **graphs)) == [2, 1]


def test_places_are_those_of_the_text(store: ox.Store) -> None:
    plan = planned(store, "SELECT *\n{\n  ?s   :p\n  ?o .\n GRAPH ?g { ?s :p/\n:q ?o } }")
    shown = [(one.pattern, one.line, one.graph) for one in plan.patterns]
    assert shown == [("?s :p ?o", 3, ""), ("?s :p/ :q ?o", 5, "?g")]


def test_many_triples_are_at_least_so_many(
    store: ox.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MAX_COUNT", 2)
    plan = planned(store, "SELECT * { ?s :p ?o . :a :p ?o }")
    assert [str(one.count) for one in plan.patterns] == ["at least 2", "2"]


class CountingStore:
    """Passes on what is asked, and counts it."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.asked = 0

    def query(self, text: str, **options: Any) -> object:
        self.asked += 1
        return self.store.query(text, **options)

    def quads_for_pattern(self, *terms: Any) -> object:
        return self.store.quads_for_pattern(*terms)


MANY = "SELECT * { " + " . ".join(f"?s{n} <x:p> {n}" for n in range(1_200)) + " }"
VALUES = " ".join(f"<x:v{n}>" for n in range(40_000))


@pytest.mark.parametrize(
    "text",
    [
        MANY,
        f"SELECT * {{ VALUES ?s {{ {VALUES} }} ?s <x:p> ?o }}",
        f"ASK {{ ?s {'/'.join(f'<x:q{n}>' for n in range(2_000))} ?o }}",
        f"ASK {{ ?s {'|'.join(f'(<x:q{n}>/<x:r{n}>)*' for n in range(400))} ?o }}",
        "SELECT * { " + " ".join(f"GRAPH <x:g{n}> {{ ?s <x:p> {n} }}" for n in range(1_000)) + " }",
    ],
    ids=["patterns", "values", "sequence", "alternatives", "graphs"],
)
def test_hostile_queries_cost_little(store: ox.Store, text: str) -> None:
    counting_store = CountingStore(store)
    plan = plan_query(counting_store, text)  # type: ignore[arg-type]
    assert plan.is_parsed
    assert counting_store.asked <= module.MAX_PATTERNS + 2 * module.MAX_IRIS + 2
    assert len(plan.patterns) <= module.MAX_PATTERNS
    assert len(plan.absent) <= module.MAX_IRIS


def test_patterns_that_are_left_out_are_counted(store: ox.Store) -> None:
    plan = planned(store, MANY)
    assert (len(plan.patterns), plan.left_out) == (module.MAX_PATTERNS, 1_200 - module.MAX_PATTERNS)


def test_when_time_is_over_nothing_is_counted(
    store: ox.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", -1.0)
    plan = planned(store, "SELECT * { ?s :nowhere ?o }")
    assert counts(plan) == [None]
    assert plan.absent == ()


def test_rewrites_and_their_text(store: ox.Store) -> None:
    plan = planned(store, "SELECT * { ?s :p|:q ?o }")
    assert plan.rewrites == ("paths-with-all-solutions",)
    assert plan.rewritten is not None
    assert "UNION" in plan.rewritten
    assert planned(store, "SELECT * { ?s :p ?o }").rewritten is None
    text = "SELECT (GROUP_CONCAT(DISTINCT ?o) AS ?all) { ?s :p ?o }"
    assert planned(store, text).evaluator.aggregates == 1


def test_functions_are_known_or_not(store: ox.Store) -> None:
    text = "SELECT * { ?s :q ?v FILTER(f:g(?v) || xsd:integer(?v) > 0) }"
    functions = {"http://f/g": False, PREFIXES["xsd"] + "integer": True}
    plan = planned(store, text)
    assert plan.evaluator.functions == functions
    assert plan.absent == ()  # names of functions are no data


def test_services_are_listed_and_not_counted(store: ox.Store) -> None:
    text = "SELECT * { ?s :p ?o SERVICE <http://x/> { ?s :nowhere ?v } }"
    plan = planned(store, text, endpoints=["http://x/"])
    assert plan.evaluator.endpoints == ("http://x/",)
    assert counts(plan) == [3]
    assert plan.absent == ()
    with pytest.raises(FederationDeniedError):
        planned(store, text)


@pytest.mark.parametrize("text", ["SELECT * { ?s :p", "", "SELECT", "ASK { ?s :p ?o } }"])
def test_what_is_not_understood_has_no_parts(store: ox.Store, text: str) -> None:
    plan = planned(store, text)
    assert not plan.is_parsed
    assert not plan.patterns
    assert not plan.absent
    assert not plan.hints


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?s :p ?o ; :nowhere :lost . ?s a :U }", [":nowhere", ":lost", ":U"]),
        ("SELECT * { VALUES ?s { :a :lost '1'^^xsd:foo } ?s :p ?o FILTER(?o != :gone) }",
         [":lost", ":gone"]),
        ("DESCRIBE :a :lost", [":lost"]),
        ("CONSTRUCT { ?s :made ?o } WHERE { ?s :p ?o }", []),
        ("SELECT * { GRAPH :g3 { ?s :p ?o } }", [":g3"]),
        ("SELECT * { ?s :p*/!(:r) ?o }", [":r"]),
        ("SELECT * { ?s :p (:a 1) }", []),  # rdf:first isn't written
        ("SELECT * { GRAPH ?g { ?s :only ?o } }", []),
        ("SELECT * { ?s :p ?g1 FILTER(?g1 = :g1) }", []),
        ("SELECT * { ?s :only :y }", [":only named", ":y named"]),
        ("SELECT * FROM :g1 { ?s :p ?o ; :q ?v }", [":q other"]),
        ("SELECT * FROM :g7 { ?s :p ?o }", [":g7", ":p other"]),
    ],
)  # fmt: skip
def test_what_is_nowhere(store: ox.Store, text: str, expected: list[str]) -> None:
    found = planned(store, text).absent
    assert [f"{one.written} {one.elsewhere}".strip() for one in found] == expected


def test_a_value_from_elsewhere_may_be_nowhere(store: ox.Store) -> None:
    values = {ox.Variable("s"): ox.NamedNode(E + "lost")}
    (absent,) = planned(store, "SELECT ?s { ?s :p ?o }", substitutions=values).absent
    assert (absent.iri, absent.line) == (E + "lost", 0)


def test_a_graph_of_the_protocol_may_be_nowhere(store: ox.Store) -> None:
    graphs = {"default_graphs": [E + "g1", E + "g7"], "named_graphs": []}
    absent = planned(store, "SELECT ?s { ?s :p ?o }", **graphs).absent
    assert [one.iri for one in absent] == [E + "g7"]


def test_measures_a_run(store: ox.Store) -> None:
    since = time.monotonic()
    assert measure(run(store, "SELECT * { ?s ?p ?o }"), since).rows == 5
    graph = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert measure(run(store, graph), since).rows == 3  # a triple is in two
    found = measure(run(store, "ASK { ?s ?p 7 }"), since)
    assert (found.rows, found.boolean, found.is_empty) == (None, False, True)
    assert 0 < found.seconds < 60
    with pytest.raises(TooManyRowsError):
        measure(run(store, "SELECT * { ?s ?p ?o }"), since, most=4)


def notes(store: ox.Store, text: str) -> list[str]:
    return list(notes_on_empty(planned(store, text), str))[1:]


def test_notes_say_where_to_ask(store: ox.Store) -> None:
    assert notes(store, "SELECT * {\n ?s :only ?o }") == [
        "Line 2: :only is in named graphs only: ask for it in GRAPH ?g { … }.",
        "Line 2: no triple has ?s :only ?o",
    ]
    assert notes(store, "SELECT * FROM :g1 { ?s :q ?o }")[0] == (
        "Line 1: :q is only in graphs that are not asked."
    )
    assert notes(store, "SELECT * { GRAPH :g1 { ?s :q ?o } }") == [
        "Line 1: no triple in GRAPH :g1 has ?s :q ?o"
    ]


def test_notes_are_few(store: ox.Store) -> None:
    found = notes(store, "SELECT * {\n" + "\n".join(f":a :p {n} ." for n in range(50)) + "}")
    assert len(found) == 6
    assert found[-1] == "45 more patterns have no match."
