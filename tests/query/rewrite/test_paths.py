"""Property paths that the engine gives too few solutions of.

The numbers of solutions are Jena ARQ's (5.6) but for that of VALUES, which is the W3C suite's.
"""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.rewrite.graphs import GRAPHS, NODES, PROLOGUE, answer, store_of
from tests.query.rewrite.path_definition import Definition
from tzgraph.query.rewrite import rewrite
from tzgraph.query.rewrite.paths import MAX_BRANCHES
from tzgraph.query.run import run
from tzgraph.query.syntax import parse
from tzgraph.query.syntax.tree import SameSubject
from tzgraph.terms import Term

DATA = """PREFIX : <http://e/> INSERT DATA {
  :a :p :b , "x"@en , 1 . :b :p :c . :c :p :a . :a :q :b . :b :q "x"@en .
  GRAPH :g { :a :p :b ; :q :b } GRAPH :h { :c :p :d } }"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.update(DATA)
    return store


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("?s :p|:q ?o", 7),
        ("?s (:q|:p) ?o", 7),
        ("?s ^(:p|:q) ?o", 7),
        (":a :p|:q|:p ?o", 7),
        ("?s :p|:q :b", 2),
        (":a :p|:q :b", 2),
        ("?s (:p|:q)/:p ?o", 6),
        ("?s :p/(:p|:q) ?o", 7),
        ("?s (:p|:q)/(:p|:q) ?o", 9),
        ("?s :p/^(:p|:q) ?o", 7),
        ("?s !(:z|^:z) ?o", 14),
        (":a !(:z|^:z) ?o", 5),
        # Nothing is there twice by definition.
        ("?s (:p|:q)? ?o", 11),
        ("?s (:p|:q)+ ?o", 15),
        ("?s (:p|:q)* ?o", 17),
        ("?s !(:z|:y) ?o", 7),
        # With other triples, lists and blank nodes.
        ("?s :p|:q ?o , ?o2 ; :p ?x", 53),
        ("?x :q ?y . ?s :p|:q ?x . ?x :p ?z", 5),
        ("[] :p|:q ?o", 7),
        ("[ :p|:q ?o ] :p ?x", 15),
        ("[ :p|:q ?o ]", 7),
        ("_:x :p|:q ?o . _:x :q ?y", 6),
        ("_:x :q ?y . _:x :p|:q _:x . ?a :p ?b", 0),
        ("?s :p|:q [ :q ?x ]", 3),
        ("?s :p|:q _:o . FILTER(?x > 0 || true) _:o :p ?x", 6),
        ("GRAPH :g { ?s :p|:q ?o }", 2),
        ("GRAPH ?g { ?s :p|:q ?o }", 3),
        ("?s :q ?o FILTER EXISTS { ?s :p|:q ?o }", 2),
        ("{ SELECT * { ?s :p|:q ?o } }", 7),
        ("?s :q ?o OPTIONAL { ?o :p|:q ?x }", 3),
        ("?s :q ?o MINUS { ?o :p|:q ?x }", 1),
    ],
)
def test_alternatives_keep_duplicates(store: ox.Store, pattern: str, count: int) -> None:
    found = answer(store, f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    assert found == {(f'"{count}"^^<{integer}>',): 1}


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        (":z :p* ?o", 1),
        (":z :p? ?o", 1),
        ("?o :p* :z", 1),
        ("?o :p? 'z'", 1),
        ("?o :p* 'z'@en", 1),
        ("?o :p* 7", 1),
        ("'z' :p* ?o", 1),
        (":z :p* :z", 1),
        (":z :p? :y", 0),
        (":z :p* :a", 0),
        (":z :p*/:q* ?o", 1),
        (":z :p/:q* ?o", 0),
        (":z (:p?)+ ?o", 1),
        (":z ^(:p*) ?o", 1),
        (":z :p|:q* ?o", 1),
        (":z :p*|:q* ?o", 2),
        (":z (:p|:q)* ?o", 1),
        (":z :p* []", 1),
        (":z :p* _:o . _:o :q ?x", 0),
        (":z :p* _:o . :y :p* _:o", 0),
        (":a :p* ?o", 5),
        (":a :p? ?o", 4),
        (":a :p* :a", 1),
        (":a :p*/:p* ?o", 17),
        ("VALUES ?o { :z :y } :z :p* ?o", 1),
        ("?o :p :b . :a :p* ?o", 1),
        ("GRAPH :g { :z :p* ?o }", 1),
        ("GRAPH ?g { :z :p* ?o }", 2),
        ("GRAPH ?g { :a :p* ?o }", 3),
        ("GRAPH :none { :z :p* ?o }", 0),
        ("?a :q ?b OPTIONAL { :z :p* ?o }", 2),
        ("?a :q ?b FILTER EXISTS { :z :p* :z }", 2),
        ("?a :q ?b FILTER NOT EXISTS { :z :p* ?o }", 0),
        ("FILTER EXISTS { GRAPH :none { :z :p* :z } }", 0),
        # Ends that are found, or known from elsewhere, have to be in the graph.
        ("?s :p* ?o", 17),
        ("VALUES ?s { :z } ?s :p* ?o", 0),
        ("?x :p* ?x", 5),
    ],
)
def test_a_path_of_no_length_meets_its_constants(store: ox.Store, pattern: str, count: int) -> None:
    found = answer(store, f"SELECT * {{ {pattern} }}")
    assert not isinstance(found, bool)
    assert found.total() == count, found


def test_what_is_found_is_the_constant(store: ox.Store) -> None:
    assert answer(store, "SELECT * { GRAPH ?g { :z :p* ?o } }") == {
        ("<http://e/g>", "<http://e/z>"): 1,
        ("<http://e/h>", "<http://e/z>"): 1,
    }
    assert answer(store, "ASK { :z :p* :z }") is True
    assert answer(store, "ASK { :z :p* :y }") is False


def test_values_of_parameters_are_constants(store: ox.Store) -> None:
    z = {ox.Variable("s"): ox.NamedNode("http://e/z")}
    for path in (":p*", ":p?", ":p*/:q*"):
        query = f"SELECT ?s ?o {{ ?s {path} ?o }}"
        assert answer(store, query, substitutions=z) == {("<http://e/z>", "<http://e/z>"): 1}
    both = z | {ox.Variable("o"): ox.NamedNode("http://e/y")}
    assert answer(store, "SELECT ?s ?o { ?s :p* ?o }", substitutions=both) == {}
    one = {ox.Variable("s"): ox.NamedNode("http://e/a")}
    found = answer(store, "SELECT ?s ?o { ?s :p* ?o }", substitutions=one)
    assert not isinstance(found, bool)
    assert found.total() == 5


def columns(query: str) -> list[str]:
    result = run(ox.Store(), PROLOGUE + query)
    assert isinstance(result, ox.QuerySolutions)
    return [variable.value for variable in result.variables]


def test_variables_of_our_own_are_not_shown() -> None:
    assert columns("SELECT * { [ :p|:q ?o ] :p ?x . _:y :p ?_1 }") == ["_1", "o", "x"]
    inner = "SELECT ?o { { SELECT * { [ :p|:q ?o ] :p ?x } } } "
    assert columns(inner) == ["o"]
    assert columns("SELECT DISTINCT * { _:x :p|:q ?o . _:x :p ?_2 }") == ["_2", "o"]


def test_describe_everything_does_not_describe_blank_nodes(store: ox.Store) -> None:
    query = PROLOGUE + "DESCRIBE * { [ :p|:q ?o ] :q :b FILTER(?o = 1) }"
    assert list(run(store, query)) == []  # type: ignore[arg-type]


def test_a_query_with_nothing_to_show_stays_as_it_is() -> None:
    assert rewrite("SELECT * { [ <x:p>|<x:q> [ <x:r> [] ] ] }").names == ()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s { ?s <x:p>* ?o }",
        "SELECT ?s { ?s (<x:p>|<x:q>)+ ?o }",
        "SELECT ?s { ?s <x:p>/<x:q> ?o . <x:a> <x:p>+ ?o }",
        "SELECT (COUNT(*) AS ?n) (2 * 3 AS ?m) { ?s !(<x:p>|<x:q>) ?o }",
        "SELECT * { ?s ?p '|' } # |",
        # The other endpoint is asked what the client wrote.
        "SELECT * { SERVICE <x:e> { ?s <x:p>|<x:q> ?o . <x:z> <x:p>* ?o } }",
    ],
)
def test_what_is_right_is_left_alone(query: str) -> None:
    assert rewrite(query).text == query
    assert rewrite(query).names == ()


def test_a_query_does_not_get_too_large() -> None:
    def ask(count: int) -> str:
        return f"ASK {{ ?s {'|'.join(f'<x:{number}>' for number in range(count))} ?o }}"

    assert rewrite(ask(MAX_BRANCHES)).text.count("UNION") == MAX_BRANCHES - 1
    assert rewrite(ask(MAX_BRANCHES + 1)).names == ()
    steps = "/".join(["(<x:a>|<x:b>)"] * 40)
    assert rewrite(f"ASK {{ ?s {steps} ?o }}").names == ()
    many = " . ".join(f"?s{number} <x:a>|<x:b> ?o" for number in range(MAX_BRANCHES))
    assert "paths-with-all-solutions" not in rewrite(f"ASK {{ {many} }}").names


def test_the_rest_stays_as_it_was_written() -> None:
    text = "SELECT ?o { # a|b\n  ?s a <x:T> ;\n <x:r> 1 .\n  ?s <x:p>|<x:q>  ?o . }"
    found = rewrite(text)
    assert found.text == text.replace("?s <x:p>|<x:q>  ?o", "{ ?s <x:p> ?o } UNION { ?s <x:q> ?o }")


# --- random paths, against definitions ---

NAMES = st.sampled_from([":p", ":q", ":r"])
ONE = st.tuples(st.sampled_from(["", "^"]), NAMES).map("".join)
PATHS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("({0[0]}|{0[1]})".format),
        st.tuples(inner, inner).map("({0[0]}/{0[1]})".format),
        inner.map("(^{})".format),
        inner.map("({})?".format),
        inner.map("({})*".format),
        inner.map("({})+".format),
        st.lists(ONE, min_size=1, max_size=3).map(lambda names: f"!({'|'.join(names)})"),
    ),
    max_leaves=5,
)
ENDS = st.sampled_from(["?s", "?o", ":a", ":z", "'x'@en", "'z'"])


VALUES: dict[str, Term] = {
    ":a": NODES[0],
    ":z": ox.NamedNode("http://e/z"),
    "'x'@en": ox.Literal("x", language="en"),
    "'z'": ox.Literal("z"),
}


@settings(max_examples=400, deadline=None)
@given(quads=GRAPHS, path=PATHS, start=ENDS, end=ENDS)
def test_random_paths_have_the_solutions_of_the_definition(
    quads: list[ox.Quad], path: str, start: str, end: str
) -> None:
    query = parse(f"ASK {{ ?s {path} ?o }}")
    assert query is not None
    assert query.where is not None
    (statement,) = query.where.elements
    assert isinstance(statement, SameSubject)
    ends: list[Term] = [VALUES[one] for one in (start, end) if one in VALUES]
    expected: Counter[tuple[str, ...]] = Counter()
    for pair in Definition(quads, ends).pairs(statement.triples[0].verb):
        fits = all(VALUES.get(e, t) == t for e, t in zip((start, end), pair, strict=True))
        if fits and (start != end or pair[0] == pair[1]):
            row = {e: str(t) for e, t in zip((start, end), pair, strict=True) if e not in VALUES}
            expected[tuple(row[name] for name in sorted(row))] += 1
    found = answer(store_of(quads), f"SELECT * {{ {start} {path} {end} }}")
    assert found == expected


@settings(max_examples=150, deadline=None)
@given(quads=GRAPHS, path=PATHS, start=ENDS, end=ENDS)
def test_random_paths_are_the_same_in_a_named_graph(
    quads: list[ox.Quad], path: str, start: str, end: str
) -> None:
    store = store_of(quads)
    for number in "12":
        graph = ox.NamedNode(f"http://e/g{number}")
        store.extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in quads)
    if not quads:
        return  # an empty graph is none
    pattern = f"{start} {path} {end}"
    alone = answer(store, f"SELECT * {{ {pattern} }}")
    assert not isinstance(alone, bool)
    assert answer(store, f"SELECT * {{ GRAPH :g1 {{ {pattern} }} }}") == alone
    both = answer(store, f"SELECT * {{ GRAPH ?g {{ {pattern} }} }}")
    assert not isinstance(both, bool)
    assert both.total() == 2 * alone.total()


def test_star_stands_for_what_values_give_at_the_end(store: ox.Store) -> None:
    query = f"{PROLOGUE}SELECT * {{ _:a :p|:q ?x . _:a :q ?y }} VALUES ?z {{ 1 2 }}"
    result = run(store, query)
    assert isinstance(result, ox.QuerySolutions)
    assert [variable.value for variable in result.variables] == ["x", "y", "z"]
    assert {str(row["z"].value) for row in result} == {"1", "2"}


def test_a_parameter_has_no_value_in_a_subquery_that_does_not_show_it(store: ox.Store) -> None:
    given = {ox.Variable("s"): ox.NamedNode("http://e/nowhere")}
    for shown, count in (("?x", 0), ("?s ?x", 1)):
        query = f"{PROLOGUE}SELECT ?s ?x {{ {{ SELECT {shown} {{ ?s :none*|:none ?x }} }} }}"
        result = run(store, query, substitutions=given)
        assert isinstance(result, ox.QuerySolutions)
        found = {str(row["x"]) for row in result}
        assert ("<http://e/nowhere>" in found) == bool(count)
