"""Rewrites together: what one does the other reads, and none goes wrong where another is."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.rewrite.graphs import PROLOGUE, answer, store_of
from tests.query.syntax.test_parser import SHIPPED
from tzgraph.errors import QueryError, TzgraphError
from tzgraph.query.guard import check
from tzgraph.query.rewrite import rewrite
from tzgraph.query.run import run
from tzgraph.query.syntax import parse

ALL = """SELECT ?g ?s (GROUP_CONCAT(DISTINCT ?o; SEPARATOR='|') AS ?all) (BNODE('a') AS ?b) {
  GRAPH ?g { { SELECT * { _:x :p|:q ?o . _:x :p ?v } } { SELECT ?s { ?s :p*/:q? :zz } } }
  :a :p ?s OPTIONAL { ?s :q/:r ?z FILTER(REGEX(STR(?z), '[a-z-[x]]')) } FILTER(?s)
} GROUP BY ?g ?s"""


def test_all_at_once() -> None:
    found = rewrite(PROLOGUE + ALL)
    assert found.names == (
        "blank-node-for-each-solution",
        "condition-of-string",
        "graph-by-graph",
        "group-concat-strings",
        "optional-as-lateral",
        "paths-with-all-solutions",
        "xpath-patterns",
    )
    assert parse(found.text) is not None
    # What our own variables are called is shown nowhere, and the graph's is.
    assert "SELECT ?g ?o ?v {" in found.text
    run(ox.Store(), PROLOGUE + ALL)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_queries_stay_queries(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    found = rewrite(text)
    assert parse(found.text) is not None
    assert rewrite(text).text == found.text
    if not found.names:
        assert found.text == text


def test_a_query_that_gets_too_complex_stays_as_it_is() -> None:
    text = f"ASK {{ <x:a> <x:p>|<x:q> ?o FILTER(1{'+1' * 2490} = 0) }}"
    check(text)
    assert rewrite(text).names == ("paths-with-all-solutions",)
    assert not run(ox.Store(), text)


PIECES = st.lists(
    st.sampled_from(
        [
            *("?s :p ?o .", "?s :p|:q ?x .", ":z :p* ?x .", "_:a :q ?s .", "[ :p|:q ?y ] :r ?s ."),
            *("OPTIONAL { ?s :q ?y . ?y :r ?z }", "OPTIONAL { ?o :p|^:q ?y }", "GRAPH ?g {", "}"),
            *(
                "MINUS { ?s :r ?o }",
                "FILTER(?o)",
                "FILTER(?x && TRUE)",
                "{",
                "UNION",
                "{ ?s ?p ?o }",
            ),
            *("{ SELECT ?s {", "} }", "{ SELECT * {", "VALUES ?x { :a 'a'@en }", "BIND(:a AS ?v)"),
            *(
                "FILTER EXISTS {",
                "FILTER(REGEX(STR(?o), 'x|y'))",
                "?s !(:p|^:q) ?w .",
                "?s :p/:q? 1 .",
            ),
        ]
    ),
    max_size=7,
)

FORMS = st.sampled_from(["SELECT *", "ASK", "SELECT ?s (GROUP_CONCAT(?o) AS ?n)", "DESCRIBE *"])


@settings(max_examples=300, deadline=None)
@given(
    PIECES, st.sampled_from(["SELECT *", "ASK", "SELECT ?s (GROUP_CONCAT(?o) AS ?n)", "DESCRIBE *"])
)
def test_what_the_engine_takes_it_takes_rewritten(pieces: list[str], form: str) -> None:
    text = f"{PROLOGUE} {form} {{ {' '.join(pieces)} }}" + (" GROUP BY ?s" if "(" in form else "")
    try:
        ox.Store().query(text.replace("TRUE", "true"))
    except SyntaxError:
        return
    try:
        run(ox.Store(), text)
    except QueryError as error:
        assert "asked of all graphs together" in str(error)  # noqa: PT017  (the only one)
    except TzgraphError as error:
        raise AssertionError(rewrite(text).text) from error


def test_values_are_read_as_terms() -> None:
    store = store_of([ox.Quad(*(ox.NamedNode(f"http://e/{name}") for name in "apb"))])
    given = {ox.Variable("s"): ox.Literal('"', language="en"), ox.Variable("t"): ox.BlankNode("a")}
    assert answer(
        store, "SELECT ?s ?t ?o { ?s :p* ?o VALUES ?t { UNDEF } }", substitutions=given
    ) == {('"\\""@en', '"\\""@en', "_:a"): 1}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { <https://w3id.org/tzgraph/id/drug/trastuzumab> ?p ?o }",
        "SELECT ?p { GRAPH <https://w3id.org/tzgraph/graph/ontology> { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(LANG(?o) = 'en' && ?s != ?o) }",
    ],
)
def test_what_needs_no_rewrite_is_not_parsed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To parse a lookup takes five times as long as to answer it."""

    def parsed(_text: str) -> None:
        pytest.fail("it was parsed")

    monkeypatch.setattr("tzgraph.query.rewrite.parse", parsed)
    assert rewrite(text).text == text


@pytest.mark.parametrize("graph", ["GRAPH ?g", "graph$g", "Graph#?\n?g", "1GRAPH\n\t?g"])
def test_a_graph_that_is_any_is_seen_however_it_is_written(graph: str) -> None:
    before = "?s ?p " if graph[0] == "1" else ""
    text = f"SELECT * {{ {before}{graph} {{ {{ SELECT ?s {{ ?s ?p ?o }} }} }} }}"
    assert rewrite(text).names == ("graph-by-graph",)
