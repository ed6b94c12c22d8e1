"""What is asked of each graph by itself.

The answers are Jena ARQ's (5.6), but for those that are refused.
"""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tests.query.rewrite.graphs import PROLOGUE, answer, bare
from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.rewrite import rewrite
from tzgraph.query.run import run
from tzgraph.terms import Term

DATA = """PREFIX : <http://e/> INSERT DATA {
  :a :p :b GRAPH :g { :a :p :b , :c . :b :q 1 } GRAPH :h { :c :p :d . :a :q 2 }
  GRAPH :i { :a :p :b } }"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.update(DATA)
    return store


QUERIES = {
    "GRAPH ?g { { SELECT ?s { ?s :p ?o } } }": 4,
    "GRAPH ?g { SELECT ?s { ?s :p ?o } }": 4,
    "GRAPH ?g { { SELECT DISTINCT ?s { ?s :p ?o } } }": 3,
    "GRAPH ?g { { SELECT * { ?s :p ?o } } ?s :q ?x }": 0,
    "GRAPH ?g { ?s :q ?x { SELECT * { ?s :p ?o } } }": 0,
    "GRAPH ?g { ?s :p ?o { SELECT ?s (COUNT(*) AS ?n) { ?s :p ?x } GROUP BY ?s } }": 4,
    "GRAPH ?g { { SELECT ?s (COUNT(*) AS ?n) { ?s :p ?x } GROUP BY ?s HAVING (COUNT(*) > 1) } }": 1,
    "GRAPH ?g { { SELECT ?o { ?s :p ?o { SELECT ?s { ?s :p ?x } } } } }": 6,
    "GRAPH ?g { ?s :p ?o OPTIONAL { SELECT ?s ?x { ?s :q ?x } } }": 4,
    "GRAPH ?g { ?s :p ?o MINUS { SELECT ?s { ?s :q ?x } } }": 4,
    "GRAPH ?g { ?s :p ?o FILTER EXISTS { SELECT ?s { ?s :q ?x } } }": 0,
    "GRAPH ?g { VALUES ?x { 1 2 } }": 6,
    "GRAPH ?g { VALUES ?x { 1 2 } ?s :q ?x }": 2,
    "GRAPH ?g { { VALUES ?x { 1 } } UNION { ?s :q ?x } }": 5,
    "GRAPH ?g { GRAPH :h { ?s :q ?x } }": 3,
    "GRAPH ?g { }": 3,
    "GRAPH :g { { SELECT ?s { ?s :p ?o } LIMIT 1 } }": 1,
    "GRAPH ?g { { SELECT ?s { GRAPH :h { ?s :p ?o } } } }": 3,
    # LIMIT and OFFSET hold for each graph.
    "GRAPH ?g { { SELECT ?s { ?s :p ?o } ORDER BY ?s LIMIT 1 } }": 3,
    "GRAPH ?g { SELECT ?s { ?s :p ?o } LIMIT 1 }": 3,
    "GRAPH ?g { { SELECT * { ?s :p ?o } OFFSET 1 } }": 1,
    "GRAPH ?g { ?s :p ?o OPTIONAL { SELECT ?s ?x { ?s :q ?x } LIMIT 1 } }": 4,
    "GRAPH ?g { ?s :p ?o FILTER EXISTS { SELECT * { ?o :q ?x } LIMIT 1 } }": 1,
    "GRAPH ?g { ?s :p ?o FILTER NOT EXISTS { SELECT * { ?o :q ?x } LIMIT 1 } }": 3,
    # What asks named graphs alone is the same for each graph.
    "GRAPH ?g { { SELECT ?s { GRAPH :g { ?s :p ?o } } LIMIT 1 } }": 3,
    "GRAPH ?g { { SELECT (COUNT(*) AS ?n) { GRAPH :g { ?s :p ?g } } } }": 3,
    "GRAPH ?g { { SELECT (COUNT(*) AS ?n) { VALUES ?s { :a } GRAPH ?x { ?s :p ?o } } } }": 3,
    "GRAPH ?g { ?s :q ?x { SELECT (COUNT(*) AS ?n) {"
    " GRAPH :g { ?a :p ?b } FILTER EXISTS { GRAPH :h { ?c :p ?d } } } } }": 2,
    "GRAPH ?g { ?s :p ?o MINUS { ?a :q ?b { SELECT ?a { ?a :p ?c } } } }": 4,
    "GRAPH ?g { ?s :p ?o MINUS { ?s :q ?b } MINUS { ?x :p ?y } }": 4,
    "GRAPH ?g { VALUES ?x { :a :b } MINUS { ?x :p ?y } }": 4,
    "GRAPH ?g { MINUS { ?x :p ?y } ?s :p ?o }": 4,
    "GRAPH ?g { MINUS { ?x :p ?y } . ?s :p ?o }": 4,
    # A variable of the subquery's own, which is another one.
    "GRAPH ?g { { SELECT ?s { ?s :p ?g } } }": 4,
    "GRAPH ?g { { SELECT ?s { ?s :p ?o FILTER(!BOUND(?g)) } GROUP BY ?s ?g } }": 3,
    # The subquery says itself what the variable is.
    "GRAPH ?g { { SELECT ?g (COUNT(*) AS ?n) { ?s :p ?o } GROUP BY ?g } }": 3,
}


@pytest.mark.parametrize(("where", "count"), QUERIES.items())
def test_each_graph_is_asked_by_itself(store: ox.Store, where: str, count: int) -> None:
    found = answer(store, f"SELECT * {{ {where} }}")
    assert not isinstance(found, bool)
    assert found.total() == count, found
    if "?g" in where:
        assert answer(store, f"SELECT * {{ {where} FILTER(!BOUND(?g)) }}") == {}


def test_groups_are_counted_in_each_graph(store: ox.Store) -> None:
    count = "{ SELECT ?s (COUNT(*) AS ?n) { ?s :p ?o } GROUP BY ?s }"
    one, two = (f'"{n}"^^<http://www.w3.org/2001/XMLSchema#integer>' for n in (1, 2))
    assert answer(store, f"SELECT ?g ?s ?n {{ GRAPH ?g {{ {count} }} }}") == {
        ("<http://e/g>", two, "<http://e/a>"): 1,
        ("<http://e/h>", one, "<http://e/c>"): 1,
        ("<http://e/i>", one, "<http://e/a>"): 1,
    }


@pytest.mark.parametrize(
    "inner",
    [
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o FILTER EXISTS { GRAPH :h { ?o :q ?x } } }",
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o OPTIONAL { GRAPH :h { ?o :q ?x } } }",
        "SELECT (1 + SUM(?o) AS ?n) { ?s :q ?o }",
    ],
)
def test_what_cannot_be_asked_of_each_graph_is_refused(store: ox.Store, inner: str) -> None:
    text = f"{PROLOGUE} SELECT * {{\n GRAPH ?g {{ {{ {inner} }} }} }}"
    with pytest.raises(QuerySyntaxError, match=r"asked of all graphs together") as raised:
        run(store, text)
    assert (raised.value.line, raised.value.column) == (2, 15)
    # The way round that the hint tells.
    shown = f"SELECT ?g {inner[6:].replace('{', '{ GRAPH ?g {', 1)} }} GROUP BY ?g"
    assert answer(store, f"SELECT * {{ {{ {shown} }} }}") == bare(
        store, f"SELECT * {{ {{ {shown} }} }}"
    )


@pytest.mark.parametrize(
    "where",
    [
        "GRAPH ?g { ?s ?p ?o }",
        "GRAPH ?g { ?s ?p ?o VALUES ?s { <x:a> } }",
        "GRAPH <x:g> { { SELECT ?s { ?s ?p ?o } } VALUES ?s { 1 } }",
        "{ SELECT ?s { GRAPH ?g { ?s ?p ?o } } }",
        "SERVICE <x:y> { GRAPH ?g { { SELECT ?s { ?s ?p ?o } LIMIT 1 } } }",
    ],
)
def test_what_is_right_is_left_alone(where: str) -> None:
    assert rewrite(f"SELECT * {{ {where} }}").names == ()


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        ("{ SELECT (1 AS ?x) {} }", "asks the graph for nothing"),
        ("{ SELECT ?x { BIND(1 AS ?x) } }", "asks the graph for nothing"),
        ("{ SELECT ?s { ?s :p ?o { SELECT ?o { ?o :q ?g } } } }", "has one in it"),
        ("?s :p ?o OPTIONAL { ?o :none ?x } MINUS { ?x :q ?y }", "surely has a value"),
        ("?s :p ?o OPTIONAL { ?o :no ?x } MINUS { { SELECT ?x { ?x :q ?y } } }", "surely has"),
        ("?s :p ?o MINUS { ?z :q ?k OPTIONAL { ?s :none ?l } }", "surely has a value"),
        ("?s :p ?o MINUS { { ?s :q ?k } UNION { ?z :q ?k } }", "surely has a value"),
    ],
)
def test_what_would_be_wrong_is_refused(store: ox.Store, inner: str, message: str) -> None:
    with pytest.raises(QuerySyntaxError, match=message) as raised:
        run(store, f"{PROLOGUE}SELECT * {{ GRAPH ?g {{ {inner} }} }}")
    assert raised.value.column > len("SELECT * {")
    # In a graph that is named nothing is in doubt.
    run(store, f"{PROLOGUE}SELECT * {{ GRAPH :g {{ {inner} }} }}")


def test_a_parameter_is_seen_by_minus(store: ox.Store) -> None:
    for graph in ("?g", ":g"):
        query = f"{PROLOGUE}SELECT ?p ?s {{ GRAPH {graph} {{ ?s :p ?o MINUS {{ ?p :q ?y }} }} }}"
        given: dict[ox.Variable, Term] = {ox.Variable("p"): ox.NamedNode("http://e/b")}
        plain = store.query(query, substitutions=given)
        assert isinstance(plain, ox.QuerySolutions)
        result = run(store, query, substitutions=given)
        assert isinstance(result, ox.QuerySolutions)
        assert len(list(result)) == len(list(plain))
