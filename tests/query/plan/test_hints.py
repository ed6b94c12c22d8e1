"""What makes a query slow, as its text says it: never said of one that it isn't true of."""

from __future__ import annotations

import pytest

from tzgraph.query.guard import MAX_OPERATORS
from tzgraph.query.plan import advice_on
from tzgraph.query.plan.hints import MAX_HINTS, QueryHint, hints_for
from tzgraph.query.syntax import parse


def hints(where: str, before: str = "SELECT *", behind: str = "") -> list[QueryHint]:
    text = f"PREFIX : <http://e/> {before} {{ {where} }} {behind}"
    query = parse(text)
    assert query is not None
    return hints_for(query, text)


def codes(where: str, before: str = "SELECT *", behind: str = "") -> list[str]:
    return [hint.code for hint in hints(where, before, behind)]


@pytest.mark.parametrize(
    "where",
    [
        "?a :p ?b . ?c :q ?d",
        "?a :p ?b . :x :q ?d",
        ":x :p ?a ; :q ?b",
        "[] :p ?a . [] :q ?b",
        "{ ?a :p ?b } { ?c :q ?d }",
        "?a :p ?b { ?c :q ?d } UNION { ?e :q ?f }",
        "?a :p ?b OPTIONAL { ?c :q ?d }",
        "?a :p ?b GRAPH :g { ?c :q ?d }",
        "?a :p ?b VALUES ?c { 1 2 }",
        "?a :p ?b { SELECT ?c { ?c :q ?d } LIMIT 10 }",
        "?a :p ?b . ?c :q ?d FILTER(?a = ?c)",
        "?a :p ?b . ?b :q ?c . ?d :p ?e . ?e :q ?f",
        "?x :p ?y OPTIONAL { { SELECT * { ?a :p ?b . ?c :q ?d } } }",
    ],
)
def test_products(where: str) -> None:
    assert "cartesian-product" in codes(where)


@pytest.mark.parametrize(
    "where",
    [
        "?a :p ?b . ?b :q ?c . ?c :r ?d",
        "?a :p ?b . ?d :p ?c . ?b :q ?d",  # joined later
        "?a :p ?b . :x :q :y",
        "[ :p ?a ] :q ?b",
        "_:x :p ?a . _:x :q ?b",
        "?a :p (?b ?c)",
        "?a :p ?b BIND(?b AS ?c) ?c :q ?d",
        "?a :p ?b BIND(1 AS ?c)",
        "?a :p ?b VALUES ?c { 1 }",
        "?a :p ?b VALUES (?a ?c) { (:x 1) } ?c :q ?d",
        "{ ?a :p ?b } UNION { ?c :q ?d }",
        "?a :p ?b MINUS { ?c :q ?d }",
        "?a :p ?b FILTER EXISTS { ?a :q ?c . ?b :q ?d }",  # joined by what is outside
        "?a :p ?b OPTIONAL { ?a :q ?c . ?b :q ?d }",
        "?a :p ?b . ?c :q ?b OPTIONAL { { SELECT ?a { ?a :r ?z } } ?c :q ?d }",
        "?a :p ?b { SELECT (COUNT(*) AS ?n) { ?c :q ?d } }",
        "?a :p ?b { SELECT ?c { ?c :q ?d } LIMIT 1 }",
        "?a :p ?b SERVICE <x:y> { ?a :q ?c . ?a :r ?b }",
        "GRAPH ?g { ?a :p ?b } GRAPH ?g { ?c :p ?d }",
        "?a :p ?b { BIND(1 AS ?c) }",
    ],
)
def test_no_products(where: str) -> None:
    assert "cartesian-product" not in codes(where)


def test_values_join() -> None:
    assert codes("?a :p ?b . ?c :q ?d", behind="VALUES (?a ?c) { (1 2) (3 4) }") == []
    text = "SELECT ?a ?c { ?a <x:p> ?b . ?c <x:q> ?d }"
    query = parse(text)
    assert query is not None
    assert [hint.code for hint in hints_for(query, text)] == ["cartesian-product"]
    assert hints_for(query, text, {"c": "<x:c>", "d": "<x:d>"}) == []


@pytest.mark.parametrize(
    "path", [":p*", ":p?", "(:p/:q)*", ":p*/:q?", "^(:p*)", ":p|:q*", "(:p?)+"]
)
def test_open_paths(path: str) -> None:
    assert codes(f"?a {path} ?b") == ["open-path"]
    assert codes(f"?a {path} ?b . ?b :p ?c") == []
    assert codes(f":a {path} ?b") == []
    assert codes(f"?a {path} ?b VALUES ?a {{ :x :y }}") == []


@pytest.mark.parametrize("path", [":p+", ":p/:q*", "^:p", "!:p", ":p|:q"])
def test_other_paths_are_not_open(path: str) -> None:
    assert codes(f"?a {path} ?b") == []


def test_order_without_limit() -> None:
    assert codes("?a :p ?b", behind="ORDER BY ?a") == ["order-without-limit"]
    assert codes("?a :p ?b", behind="ORDER BY ?a LIMIT 5") == []
    assert codes("?a :p ?b", "ASK") == []


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("?a :p ?b OPTIONAL { ?b :q ?c . ?c :r ?d }", "no pattern before it"),
        (":a :p ?b OPTIONAL { ?b :q ?c { ?c :r ?d } }", "more in it than triples"),
        (":a :p ?b OPTIONAL { ?b :q* ?c . ?c :r ?d }", "more in it than triples"),
        (":a :p ?b OPTIONAL { ?b :q ?c . ?c :r ?d }", ""),
        ("?a :p ?b OPTIONAL { ?b :q ?c FILTER(?c > 1) }", ""),
        ("?a :p ?b OPTIONAL { }", ""),
    ],
)
def test_optional_parts_that_are_not_rewritten(where: str, why: str) -> None:
    found = [hint.message for hint in hints(where) if hint.code == "optional-as-a-whole"]
    assert len(found) == bool(why)
    assert why in "".join(found)


def test_hints_are_few_and_in_the_order_of_the_text() -> None:
    where = " ".join(f"{{ ?a{n} :p ?b{n} . ?c{n} :q ?d{n} }} UNION" for n in range(20)) + " {}"
    found = hints(where)
    assert len(found) == MAX_HINTS
    assert [hint.start for hint in found] == sorted(hint.start for hint in found)


def test_advice_names_the_place() -> None:
    advice = advice_on("SELECT *\n{ ?a ?p ?b .\n  ?c ?q ?d }")
    assert advice.startswith("Line 3, column 3: nothing before it")
    assert "?c, ?d, ?q" in advice


@pytest.mark.parametrize("text", ["", "nonsense", "SELECT * { ?s", "DESCRIBE <x:y>", "ASK {}"])
def test_no_advice_where_nothing_is_known(text: str) -> None:
    assert advice_on(text) == ""


def test_advice_on_the_largest_queries() -> None:
    many = " ".join(f"?a{n} <x:p> ?b{n} ." for n in range(MAX_OPERATORS // 2))
    assert advice_on(f"SELECT * {{ {many} }}")
    deep = "{" * 190 + "?a <x:p> ?b" + "}" * 190
    assert advice_on(f"SELECT * {{ {deep} }}") == ""
