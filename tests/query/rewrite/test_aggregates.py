"""GROUP_CONCAT of what is no string."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings

from tests.query.rewrite.graphs import GRAPHS, PROLOGUE, answer, bare, second, store_of
from tzgraph.query.rewrite import rewrite
from tzgraph.query.run import run


def said(query: str) -> list[str]:
    """The parts of the only cell, sorted."""
    result = run(ox.Store(), PROLOGUE + query)
    assert isinstance(result, ox.QuerySolutions)
    (row,) = result
    cell = row[0]
    assert isinstance(cell, ox.Literal), "no string"
    assert cell.language is None
    return sorted(cell.value.split("|"))


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        (":a :b", ["http://e/a", "http://e/b"]),
        ("1 2.5", ["1", "2.5"]),
        ("'a'@en 'b'@en", ["a", "b"]),
        ("'a' 1 :a true 'x'@de", ["1", "a", "http://e/a", "true", "x"]),
        ("'a' 'a'", ["a", "a"]),
    ],
)
def test_values_of_all_kinds_are_put_together(values: str, parts: list[str]) -> None:
    where = f"VALUES ?x {{ {values} }}"
    assert said(f"SELECT (GROUP_CONCAT(?x; SEPARATOR='|') AS ?y) {{ {where} }}") == parts
    distinct = said(f"SELECT (group_concat(DISTINCT ?x; separator = '''|''') AS ?y) {{ {where} }}")
    assert distinct == sorted(set(parts))


def test_distinct_is_about_values_and_not_about_their_strings() -> None:
    query = (
        "SELECT (GROUP_CONCAT(DISTINCT ?x; SEPARATOR='|') AS ?y) { VALUES ?x { 'a' 'a'@en 'a' } }"
    )
    assert said(query) == ["a", "a"]


@pytest.mark.parametrize("distinct", ["", "DISTINCT "])
def test_the_separator_is_a_space_where_none_is_given(distinct: str) -> None:
    assert said(f"SELECT (GROUP_CONCAT({distinct}?x) AS ?y) {{ VALUES ?x {{ :a 1 }} }}") in (
        ["1 http://e/a"],
        ["http://e/a 1"],
    )
    assert said(f"SELECT (GROUP_CONCAT({distinct}?x; SEPARATOR='') AS ?y) {{ VALUES ?x {{ 1 }} }}")


@pytest.mark.parametrize("distinct", ["", "DISTINCT "])
def test_separators_are_read_with_their_escapes(distinct: str) -> None:
    call = f"GROUP_CONCAT({distinct}?x; SEPARATOR='\\t\\u0022\\\\|')"
    query = f"SELECT ({call} AS ?y) {{ VALUES ?x {{ 1 2 }} }}"
    assert said(query) == ['1\t"\\', "2"] or said(query) == ["1", '2\t"\\']


@pytest.mark.parametrize("distinct", ["", "DISTINCT "])
def test_the_string_of_nothing_is_empty(distinct: str) -> None:
    query = f"SELECT (GROUP_CONCAT({distinct}?x) AS ?y) {{ ?x :p ?z }}"
    assert answer(ox.Store(), query) == bare(ox.Store(), query) == {('""',): 1}


@pytest.mark.parametrize("distinct", ["", "DISTINCT "])
@pytest.mark.parametrize("values", ["1 UNDEF", "'a' UNDEF"])
def test_an_error_in_the_group_is_one_of_the_whole(values: str, distinct: str) -> None:
    query = f"SELECT (GROUP_CONCAT({distinct}?x) AS ?y) {{ VALUES ?x {{ {values} }} }}"
    assert answer(ox.Store(), query) == {("",): 1}


@pytest.mark.parametrize("distinct", ["", "DISTINCT "])
def test_of_a_blank_node_the_label_is_taken(distinct: str) -> None:
    store = ox.Store()
    store.update("INSERT DATA { _:a <x:p> _:a , <x:b> }")
    query = f"SELECT (GROUP_CONCAT({distinct}?o; SEPARATOR='|') AS ?x) {{ ?s ?p ?o }}"
    (row,) = run(store, query)  # type: ignore[misc]
    label = str(next(store.quads_for_pattern(None, None, ox.NamedNode("x:b"))).subject)
    assert sorted(row[0].value.split("|")) == sorted(["x:b", label])


QUERIES = [
    "SELECT ?s (GROUP_CONCAT({0}?o; SEPARATOR='|') AS ?y) {{ ?s ?p ?o }} GROUP BY ?s",
    "SELECT ?s {{ ?s ?p ?o }} GROUP BY ?s HAVING (STRLEN(GROUP_CONCAT({0}?o)) > 12)",
    "SELECT ?s (STRLEN(GROUP_CONCAT({0}?o)) + 1 AS ?n) {{ ?s ?p ?o }} GROUP BY ?s"
    " ORDER BY STRLEN(GROUP_CONCAT({0}?o)) ?s",
    "SELECT ?p ?n {{ {{ SELECT ?p (GROUP_CONCAT({0}?s) AS ?all) {{ ?s ?p ?o }} GROUP BY ?p }}"
    " BIND(STRLEN(?all) AS ?n) }}",
    "SELECT ?s (GROUP_CONCAT({0}IF(isIRI(?o), 1, ?o)) AS ?y) {{ ?s ?p ?o }} GROUP BY ?s",
    "SELECT (GROUP_CONCAT({0}?p; SEPARATOR='') AS ?y) (GROUP_CONCAT({0}?o; SEPARATOR=' ') AS ?z)"
    " {{ ?s ?p ?o }}",
]


def ordered(found: object) -> object:
    """Rows with the characters of each cell in order: groups have none."""
    assert isinstance(found, dict)
    return sorted(tuple("".join(sorted(cell)) for cell in row) for row in found.elements())  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
@pytest.mark.parametrize("distinct", ["", "DISTINCT "])
@settings(max_examples=25)
@given(quads=GRAPHS)
def test_a_second_engine_agrees(query: str, distinct: str, quads: list[ox.Quad]) -> None:
    text, store = query.format(distinct), store_of(quads)
    if quads:  # of nothing, rdflib makes no group
        assert ordered(answer(store, text)) == ordered(second(store, text))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (GROUP_CONCAT(STR(?x)) AS ?y) { ?x ?p ?o }",
        "SELECT (GROUP_CONCAT(DISTINCT STR(?x); SEPARATOR=', ') AS ?y) { ?x ?p ?o }",
        "SELECT ('GROUP_CONCAT(?x)' AS ?y) { ?x ?p ?o } # GROUP_CONCAT(?x)",
    ],
)
def test_what_is_a_string_is_left_alone(query: str) -> None:
    assert rewrite(query).names == ()
    assert rewrite(query).text == query


def test_the_rest_stays_as_it_was_written() -> None:
    text = "SELECT (GROUP_CONCAT( ?x ) AS ?y) # ?x\n{ ?x  ?p\t'GROUP_CONCAT(?x)' }"
    found = rewrite(text)
    assert found.text == text.replace("( ?x )", "( COALESCE(STR(?x), <urn:tzgraph:label>(?x)) )")
    assert found.names == ("group-concat-strings",)
