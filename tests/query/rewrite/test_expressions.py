"""Conditions and blank nodes."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.rewrite.graphs import PROLOGUE, answer, bare, rows, second
from tzgraph.query.rewrite import rewrite
from tzgraph.query.run import run

VALUES = "VALUES ?x { 'a'@en ''@en 'a' '' 1 0 0.0 true false :a 'x'^^xsd:date UNDEF }"


@pytest.mark.parametrize(
    "condition",
    [
        *("?x", "(?x)", "((?x))", "?x && true", "false || ?x", "!(!?x)", "!(! (?x))", "! ! ?x"),
        *("IF(?x, true, false)", "COALESCE(IF(?x, 1, 0), 0)", "(?x || false) && ?x"),
        *("?x = ?x && ?x", "BOUND(?x) && (?x)"),
    ],
)
def test_strings_with_a_language_are_conditions(condition: str) -> None:
    query = f"SELECT ?x {{ {VALUES} FILTER({condition}) }}"
    expected = [ox.Literal("a", language="en"), ox.Literal("a"), ox.Literal(1), ox.Literal(True)]
    assert answer(ox.Store(), query) == {(str(term),): 1 for term in expected}
    having = f"SELECT ?x {{ {VALUES} }} GROUP BY ?x HAVING ({condition})"
    assert answer(ox.Store(), having) == {(str(term),): 1 for term in expected}


CONDITIONS = st.recursive(
    st.sampled_from(["?x", "?y", "true", "?x = ?y", "BOUND(?y)", "isIRI(?x)"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} && {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} || {two[1]})"),
        inner.map(lambda one: f"(!{one})"),
        st.tuples(inner, inner).map(lambda two: f"IF({two[0]}, {two[1]}, {two[0]})"),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(CONDITIONS)
def test_without_languages_all_stays_as_it_was(condition: str) -> None:
    values = "VALUES ?x { 'a' '' 1 0 true false :a UNDEF } VALUES ?y { 'a' '' 0 UNDEF :b }"
    query = f"SELECT ?x ?y {{ {values} FILTER({condition}) }}"
    assert answer(ox.Store(), query) == bare(ox.Store(), query)


def test_a_second_engine_agrees() -> None:
    query = "SELECT ?x { VALUES ?x { 'a'@en ''@en 'a' '' 1 0 :a } FILTER(?x) }"
    assert answer(ox.Store(), query) == second(ox.Store(), query)


def nodes(query: str) -> list[list[str]]:
    result = run(ox.Store(), PROLOGUE + query)
    assert isinstance(result, ox.QuerySolutions)
    return [[str(row[variable]) for variable in result.variables] for row in result]


def test_each_solution_has_a_blank_node_of_its_own() -> None:
    found = nodes("SELECT (BNODE('a') AS ?a) (bnode ( \"b\" ) AS ?b) { VALUES ?x { 1 2 3 } }")
    assert len({label for row in found for label in row}) == 6
    found = nodes("SELECT ?a (?a AS ?b) { VALUES ?x { 1 2 3 } BIND(BNODE('a') AS ?a) }")
    assert len({label for row in found for label in row}) == 3


@pytest.mark.parametrize(
    "query",
    [
        # Calls with one label belong together.
        "SELECT (BNODE('a') AS ?a) (BNODE(\"a\") AS ?b) { }",
        "SELECT (BNODE('a') AS ?a) (BNODE(?x) AS ?b) { BIND('a' AS ?x) }",
        "SELECT (BNODE() AS ?a) { ?x ?y ?z FILTER(?x != ?z && BOUND(?x) && !isIRI(?z)) }",
        "SELECT * { SERVICE <x:y> { ?s ?p ?o FILTER(?o) BIND(BNODE('a') AS ?b) } }",
    ],
)
def test_the_rest_is_left_alone(query: str) -> None:
    assert rewrite(query).text == query


def test_no_row_is_lost_by_the_engine_alone() -> None:
    """The engine has no condition of such a string, so that the tests above test something."""
    assert rows(ox.Store().query("SELECT ?x { VALUES ?x { 'a'@en } FILTER(?x) }")) == {}


@pytest.mark.parametrize(
    "datatype",
    [
        *("rdf:langString", "rdf:dirLangString", "?tagged", "IRI(CONCAT(STR(rdf:), 'langString'))"),
        r"<http://www.w3.org/1999/02/22-rdf-syntax-ns#lang\u0053tring>",
    ],
)
@pytest.mark.parametrize("call", ["STRDT", "strdt"])
def test_no_literal_lacks_the_tag_that_it_should_have(call: str, datatype: str) -> None:
    prologue = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>"
    pattern = f"VALUES ?tagged {{ rdf:langString }} BIND({call}('x', {datatype}) AS ?x)"
    result = run(ox.Store(), f"{prologue} SELECT ?x {{ {pattern} }}")
    assert isinstance(result, ox.QuerySolutions)
    assert [row["x"] for row in result] == [None]
    assert not list(run(ox.Store(), f"{prologue} CONSTRUCT {{ <x:s> <x:p> ?x }} {{ {pattern} }}"))  # type: ignore[arg-type]


def test_other_datatypes_are_given_as_ever() -> None:
    text = "SELECT (STRDT('7', ?d) AS ?x) (STRDT('7', <x:d>) AS ?y) { VALUES ?d { <x:d> } }"
    result = run(ox.Store(), text)
    assert isinstance(result, ox.QuerySolutions)
    row = next(result)
    assert row["x"] == row["y"] == ox.Literal("7", datatype=ox.NamedNode("x:d"))
    assert rewrite("SELECT (STRDT('7', <x:d>) AS ?x) {}").names == ()


@pytest.mark.parametrize(
    ("sum_of", "expected"),
    [
        ("?d + 'P2D'^^xsd:dayTimeDuration", "2024-03-01T10:00:00Z"),
        ("'P2D'^^xsd:dayTimeDuration + ?d", "2024-03-01T10:00:00Z"),
        ("'P1D'^^xsd:dayTimeDuration + ?d + 'P1D'^^xsd:dayTimeDuration", "2024-03-01T10:00:00Z"),
        ("?d+'P1M'^^xsd:yearMonthDuration", "2024-03-28T10:00:00Z"),
        ("?d + '-P1M'^^xsd:yearMonthDuration", "2024-01-28T10:00:00Z"),
        ("?d + # a month\n (('P1M'^^xsd:yearMonthDuration))", "2024-03-28T10:00:00Z"),
        ("?d + 'P1M1D'^^<http://www.w3.org/2001/XMLSchema#duration>", "2024-03-29T10:00:00Z"),
        ("xsd:date(?d) + 'P1D'^^xsd:dayTimeDuration", "2024-02-29Z"),
        ("xsd:time(?d) + 'PT1H'^^xsd:dayTimeDuration", "11:00:00Z"),
        ("'PT1H'^^xsd:dayTimeDuration + 'PT1H'^^xsd:dayTimeDuration", "PT2H"),
        ("STRLEN('Duration') + 1", "9"),
    ],
)
def test_dates_and_durations_are_added(sum_of: str, expected: str | None) -> None:
    day = "VALUES ?d { '2024-02-28T10:00:00Z'^^xsd:dateTime }"
    result = run(ox.Store(), f"{PROLOGUE} SELECT ({sum_of} AS ?x) {{ {day} }}")
    assert isinstance(result, ox.QuerySolutions)
    term = next(result)["x"]
    assert (term.value if isinstance(term, ox.Literal) else None) == expected
