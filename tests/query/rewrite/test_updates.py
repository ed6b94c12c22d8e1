"""The WHERE of an update means what it means in a query."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tzgraph.query.guard import QuerySyntaxError, check_update
from tzgraph.query.rewrite.updates import rewrite_update
from tzgraph.query.run import run
from tzgraph.query.update import run_update

DATA = """
PREFIX : <http://e/>
INSERT DATA {
  :a :p :b, 1, "x"@en ; :q :b . :b :r "x"@en, "y"@de .
  GRAPH :g { :a :p :c . :c :p :d } GRAPH :h { :a :p :e, :f }
}
"""
PREFIX = "PREFIX : <http://e/> "
#: Patterns that bind ?s and ?o, and that the bare engine takes in another way.
PATTERNS = {
    "concatenated": "{ SELECT ?s (GROUP_CONCAT(?v; separator=',') AS ?o) { :a :p ?v . "
    "BIND(:a AS ?s) } GROUP BY ?s }",
    "distinct": "{ SELECT ?s (GROUP_CONCAT(DISTINCT ?v; separator='; ') AS ?o) "
    "{ ?s :p|:q ?v } GROUP BY ?s }",
    "counted": "{ SELECT ?s (COUNT(*) AS ?o) { ?s :p|:q ?v } GROUP BY ?s }",
    "of no length": "BIND(:z AS ?s) :nowhere :p* ?o",
    "condition": "?s :r ?o FILTER(?o)",
    "unknown function": "?s :p ?o FILTER(COALESCE(<x:no>(?o), true))",
    "pattern": r"?s :r ?o FILTER(REGEX(?o, '[a-z-[y]]'))",
    "in each graph": "GRAPH ?g { { SELECT ?s (COUNT(*) AS ?o) { ?s :p ?v } GROUP BY ?s } }",
}


def store_of(data: str = DATA) -> ox.Store:
    store = ox.Store()
    store.update(data)
    return store


def written(update: str, store: ox.Store) -> set[tuple[str, str]]:
    run_update(store, update)
    found = store.quads_for_pattern(None, ox.NamedNode("http://e/found"), None)
    return {(str(quad.subject), str(quad.object)) for quad in found}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_writes_what_the_query_gives(pattern: str) -> None:
    result = run(store_of(), f"{PREFIX} SELECT ?s ?o {{ {pattern} }}")
    assert isinstance(result, ox.QuerySolutions)
    asked = {(str(row["s"]), str(row["o"])) for row in result}
    assert asked
    assert written(f"{PREFIX} INSERT {{ ?s :found ?o }} WHERE {{ {pattern} }}", store_of()) == asked


def test_each_operation_has_its_own_separator() -> None:
    update = PREFIX + " ; ".join(
        f"INSERT {{ :a :found ?o }} WHERE {{ SELECT (GROUP_CONCAT(DISTINCT ?v; separator='{sign}')"
        " AS ?o) { :a :q|:q ?v } }"
        for sign in ("+", "-")
    )
    store = store_of("PREFIX : <http://e/> INSERT DATA { :a :q 1, 2 }")
    values = {value for _, value in written(update, store)}
    assert {value.strip('"').replace("2", "1") for value in values} == {"1+1", "1-1"}


def test_deletes_by_a_pattern_and_leaves_templates_as_they_are() -> None:
    store = store_of()
    update = f"{PREFIX} DELETE {{ ?s :p ?o }} INSERT {{ ?s :found ?o }} WHERE {{ ?s :p|:q ?o }}"
    assert ("<http://e/a>", "<http://e/b>") in written(update, store)
    assert not list(
        store.quads_for_pattern(None, ox.NamedNode("http://e/p"), None, ox.DefaultGraph())
    )


@pytest.mark.parametrize(
    "update",
    [
        "DELETE WHERE { ?s <x:p> ?o }",
        "INSERT DATA { <x:s> <x:p> 'WHERE { ?s <x:p>|<x:q> ?o }' }",
        "INSERT { ?s <x:p> 'a' } WHERE { ?s <x:p> ?o } # WHERE { ?s <x:p>|<x:q> ?o }",
        "CLEAR ALL",
        "",
        "WHERE",
        "WHERE {",
        "} WHERE { ?s <x:p>|<x:q> ?o",
    ],
)
def test_leaves_what_needs_no_rewrite(update: str) -> None:
    assert rewrite_update(update, check_update(update), {}).text == update


def test_says_where_in_the_update_a_pattern_does_not_compile() -> None:
    update = "INSERT { ?s <x:p> 1 }\nWHERE { ?s <x:p> ?o\n FILTER(REGEX(?o, '(')) }"
    with pytest.raises(QuerySyntaxError) as told:
        run_update(ox.Store(), update)
    assert (told.value.line, told.value.column) == (3, update.splitlines()[2].index("'(") + 1)
    one_line = update.replace("\n", " ")
    with pytest.raises(QuerySyntaxError) as told:
        run_update(ox.Store(), one_line)
    assert (told.value.line, told.value.column) == (1, one_line.index("'(") + 1)


def test_what_is_wrong_in_a_rewritten_update_is_told_in_the_client_s_text() -> None:
    update = "INSERT { ?s <x:p> 1 } WHERE { ?s <x:p>|<x:q> ?o } ; INSERT { ?s ?p } WHERE {}"
    with pytest.raises(QuerySyntaxError) as told:
        run_update(ox.Store(), update)
    assert (told.value.line, told.value.column) == (1, update.index("} WHERE {}") + 1)


def test_nothing_changes_where_one_operation_fails() -> None:
    store = store_of()
    before = set(store)
    where = "?s :p ?o FILTER(REGEX(?o, '['))"
    with pytest.raises(QuerySyntaxError):
        run_update(store, f"{PREFIX} CLEAR ALL ; INSERT {{ ?s :p 1 }} WHERE {{ {where} }}")
    assert set(store) == before
