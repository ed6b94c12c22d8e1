"""Things by words of their names, in SPARQL."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.names.graph import CURIES, PREFIXES, index_of, store_of
from tzgraph.errors import QueryError
from tzgraph.names.index import NameIndex
from tzgraph.query.rewrite import rewrite
from tzgraph.query.run import run
from tzgraph.query.update import run_update

TEXT = "PREFIX text: <http://jena.apache.org/text#> "
ASKED = '?x text:query "trastuzumab"'


@pytest.fixture
def store() -> ox.Store:
    return store_of()


@pytest.fixture
def names(store: ox.Store, tmp_path: Path) -> NameIndex:
    return index_of(store, tmp_path)


def found(store: ox.Store, names: NameIndex | None, text: str) -> list[str]:
    """Give what a query finds as ``?x``, in alphabetical order."""
    result = run(store, TEXT + text, prefixes=PREFIXES, names=names)
    assert isinstance(result, ox.QuerySolutions)
    terms = [row["x"] for row in result]
    return sorted(CURIES.compact(term.value) for term in terms if isinstance(term, ox.NamedNode))


BOTH = ["tzdrug:t-dxd", "tzdrug:trastuzumab"]
REST = ["tzdrug:cisplatin", "tzdrug:lapatinib", "tzdrug:nameless"]


@pytest.mark.parametrize(
    ("pattern", "things"),
    [
        (ASKED, BOTH),
        (f"{ASKED} .", BOTH),
        (f"{ASKED} ; a tz:Drug ; rdfs:label ?l .", BOTH),
        ("?x a tz:Drug ; text:query '''trastuzumab''' ; rdfs:label ?l", BOTH),
        ("?x a tz:Drug , tz:Drug ; text:query 'trastuzumab'", BOTH),
        (f"?x a tz:Drug . {ASKED} . FILTER(isIRI(?x))", BOTH),
        (f"{{ {ASKED} }} UNION {{ ?x text:query 'ToGA' }}", [*BOTH, "tztrial:toga"]),
        (f"?x a tz:Drug FILTER EXISTS {{ {ASKED} }}", BOTH),
        (f"?x a tz:Drug OPTIONAL {{ {ASKED} BIND(1 AS ?y) }} FILTER(BOUND(?y))", BOTH),
        (f"?x a tz:Drug FILTER NOT EXISTS {{ {ASKED} }} FILTER(?x != ex:odd)", REST),
        (f"?x a tz:Drug MINUS {{ {ASKED} }} FILTER(?x != ex:odd)", REST),
        (f"{{ SELECT ?x {{ {ASKED} }} }}", BOTH),
        (f"{ASKED} . ?x text:query 'deruxtecan'", BOTH[:1]),
        ("?x text:query 'herceptin' ; rdfs:label|skos:altLabel ?l", BOTH[1:] * 2),
        ("?x <http://jena.apache.org/text#query> 'herceptin'", BOTH[1:]),
        ("?x text:query 'HER2'", ["tzgene:erbb2", "tztarget:her2"]),
        ("?x text:query 'trastu'", BOTH),
        ("?x text:query 'NCT01041404'", ["tztrial:toga"]),
        ("?x text:query '\"odd'", ["ex:odd"]),
    ],
)
def test_finds(store: ox.Store, names: NameIndex, pattern: str, things: list[str]) -> None:
    assert found(store, names, f"SELECT ?x {{ {pattern} }}") == things


@pytest.mark.parametrize(
    "words",
    [
        "herceptn",  # no guess is taken for an answer
        "P04626",  # a link is no name
        "cetuximab",
        "herceptin OR kadcyla",  # Lucene's operators are words
        "",
    ],
)
@pytest.mark.parametrize("pattern", ["{}", "?d a tz:Drug MINUS {{ {} }}", "OPTIONAL {{ {} }}"])
def test_words_that_nothing_has_are_unknown_rather_than_no_rows(
    store: ox.Store, names: NameIndex, words: str, pattern: str
) -> None:
    asked = pattern.format(f"?x text:query '{words}'")
    with pytest.raises(QueryError, match=f"{words or 'An empty text'}.* is unknown") as caught:
        found(store, names, f"SELECT ?x {{ {asked} }}")
    assert caught.value.code == "unknown-name"


def test_no_columns_are_added(store: ox.Store, names: NameIndex) -> None:
    result = run(store, f"{TEXT}SELECT * {{ {ASKED} }}", names=names)
    assert isinstance(result, ox.QuerySolutions)
    assert [variable.value for variable in result.variables] == ["x"]


def test_in_a_graph_its_names_are_found(store: ox.Store, names: NameIndex) -> None:
    store.update(
        "INSERT DATA { GRAPH <x:g> { <https://w3id.org/tzgraph/id/drug/trastuzumab>"
        ' <http://www.w3.org/2000/01/rdf-schema#label> "trastuzumab"@en } }'
    )
    query = f"{TEXT}SELECT ?g ?x {{ GRAPH ?g {{ {ASKED} }} }}"
    result = run(store, query, names=names)
    assert isinstance(result, ox.QuerySolutions)
    assert [str(row["g"]) for row in result] == ["<x:g>"]


def test_names_that_updates_removed_are_not_found(store: ox.Store, names: NameIndex) -> None:
    drug = PREFIXES["tzdrug"]
    store.update(f"DELETE WHERE {{ <{drug}trastuzumab> ?p ?o }}")
    assert found(store, names, f"SELECT ?x {{ {ASKED} }}") == BOTH[:1]


@pytest.mark.parametrize(
    "pattern",
    [
        "?x text:query ?words",
        "?x text:query ('trastuzumab' 10)",
        "(?x ?score) text:query 'trastuzumab'",
        "tzdrug:trastuzumab text:query 'trastuzumab'",
        "[] text:query 'trastuzumab'",
        "?x text:query 'a' , 'b'",
        "?x text:query 'a' ; text:query 'b'",
        "?x text:query 'a'@en",
        "?x (text:query|rdfs:label) 'a'",
        "?x text:query 'a' ; tz:targets [ rdfs:label 'HER2' ]",
        "?x ?p 'trastuzumab' VALUES ?p { rdfs:label text:query }",
        "VALUES ?p { <http://jena.apache.org/text#query> } ?x ?p 'trastuzumab'",
    ],
)
def test_what_can_not_be_answered_is_refused(
    store: ox.Store, names: NameIndex, pattern: str
) -> None:
    with pytest.raises(QueryError, match="Line 1, column") as caught:
        found(store, names, f"SELECT ?x {{ {pattern} }}")
    assert caught.value.code == "query-syntax"


def test_in_a_pattern_that_is_the_template_it_is_refused(store: ox.Store, names: NameIndex) -> None:
    with pytest.raises(QueryError, match="the template, too") as caught:
        run(store, f"{TEXT}CONSTRUCT WHERE {{ {ASKED} }}", names=names)
    assert caught.value.code == "query-syntax"


def test_without_an_index_it_is_refused(store: ox.Store) -> None:
    with pytest.raises(QueryError, match="no index of names"):
        found(store, None, f"SELECT ?x {{ {ASKED} }}")


def test_what_others_are_sent_is_left_alone(names: NameIndex) -> None:
    query = f"{TEXT}SELECT * {{ SERVICE <http://example.org/> {{ {ASKED} }} }}"
    assert rewrite(query, names=names).text == query


def test_templates_are_left_alone(store: ox.Store, names: NameIndex) -> None:
    query = f"{TEXT}CONSTRUCT {{ ?x text:query 'said' }} WHERE {{ {ASKED} }}"
    result = run(store, query, names=names)
    assert isinstance(result, ox.QueryTriples)
    assert len(list(result)) == 2


#: Prologue and name of the property, which the parser resolves.
SPELLINGS = [
    ("BASE <http://jena.apache.org/>", "<text#query>"),
    ("BASE <http://jena.apache.org/a/b>", "<../text#query>"),
    ("BASE <http://jena.apache.org/text>", "<#query>"),
    ("BASE <http://jena.apache.org/> BASE <text>", "<#query>"),
    ("BASE <http://jena.apache.org/> PREFIX t: <text#> BASE <http://x/>", "t:query"),
    ("BASE <http://x/>", "<//jena.apache.org/text#query>"),
    ("PREFIX j: <http://jena.apache.org/>", r"j:text\#query"),
    ("", r"<http://jena.apache.org/te\u0078t#query>"),
    (r"PREFIX t: <http://jena.apache\u002Eorg/te\u0078t#>", "t:query"),
    (r"BASE <http://jena\U0000002Eapache.org/>", "<text#query>"),
]


@pytest.mark.parametrize(("prologue", "name"), SPELLINGS)
def test_however_the_property_is_written(
    store: ox.Store, names: NameIndex, prologue: str, name: str
) -> None:
    where = f"{{ ?x {name} 'trastuzumab' }}"
    result = run(store, f"{prologue} SELECT ?x {where}", names=names)
    assert isinstance(result, ox.QuerySolutions)
    assert len(list(result)) == len(BOTH)
    with pytest.raises(QueryError, match=r"can't be parsed|text:query"):
        run_update(store, f"{prologue} INSERT {{ ?x <http://x/p> 1 }} WHERE {where}")


def test_what_the_caller_says_that_it_is_relative_to(store: ox.Store, names: NameIndex) -> None:
    query, base = f"SELECT ?x {{ {ASKED.replace('text:query', '<#query>')} }}", "http://e/text"
    result = run(store, query, names=names, base=base)
    assert not list(result)  # type: ignore[arg-type]
    base = "http://jena.apache.org/text"
    result = run(store, f"PREFIX j: <http://jena.apache.org/> {query}", names=names, base=base)
    assert len(list(result)) == len(BOTH)  # type: ignore[arg-type]


@pytest.mark.parametrize("before", [TEXT, "INSERT DATA { <x:s> <x:p> 'some' } ; " + TEXT])
def test_in_an_update_it_is_refused(store: ox.Store, before: str) -> None:
    update = f"{before}INSERT {{ ?x <x:p> 1 }} WHERE {{ {ASKED} }}"
    with pytest.raises(QueryError, match="text:query"):
        run_update(store, update)
