"""RDF 1.2 gets into no graph by an update, and out of none by a query."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.rdf12 import Rdf12QueryError
from tzgraph.query.run import run
from tzgraph.query.update import run_update

PREFIXES = {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}
MADE = [
    "TRIPLE(<x:a>, <x:b>, 1)",
    "triple (<x:a>, <x:b>, 1)",
    r"tr\u0069ple(<x:a>, <x:b>, 1)",
    "STRLANGDIR('a', 'en', 'ltr')",
    "<<( <x:a> <x:b> 1 )>>",
    "'a'@en--rtl",
    "IF(true, TRIPLE # a comment\n(<x:a>, <x:b>, 1), 2)",
]
UPDATES = [
    ("INSERT DATA {\n<< <x:a> <x:b> <x:c> >> <x:d> 'me' }", (2, 1)),
    ("INSERT DATA { <x:a> <x:b> <<( <x:a> <x:b> <x:c> )>> }", (1, 27)),
    ("INSERT DATA { <x:a> <x:b> '<<' .\n <x:a> <x:b> 'é'@en--ltr }", (2, 20)),
    ("INSERT DATA { <x:a> <x:b> 1 ~ <x:r> }", (1, 29)),
    ("INSERT DATA { <x:a> <x:b> 1 ~}", (1, 29)),
    ("INSERT DATA { <x:a> <x:b> 1 {| <x:r> 2 |} }", (1, 29)),
    ("CLEAR ALL ; INSERT DATA { GRAPH <x:g> { <x:a> <x:b> 1 ~ } }", (1, 55)),
    (r"INSERT DATA { <x:\u0061> <x:b> '~' , 1 ~ }", (1, 40)),
    ("INSERT DATA { <x:a> <x:b> 'SERVICE', 1 ~ }", (1, 40)),
    ("INSERT { << ?s ?p ?o >> <x:d> 'me' } WHERE { ?s ?p ?o }", (1, 10)),
    ("INSERT { ?s ?p ?o {| <x:d> 'me' |} } WHERE { ?s ?p ?o }", (1, 19)),
    ("INSERT { <x:a> <x:b> ?t } WHERE { VALUES ?t { <<( <x:a> <x:b> 1 )>> } }", (1, 47)),
    ("INSERT { <x:a> <x:b> ?t } WHERE { <x:r> rdf:reifies ?t FILTER(?t = <<( <x:a> <x:b> 1 )>>) }",
     (1, 68)),
    ("INSERT {<x:a> <x:b> ?t} WHERE {SELECT (SAMPLE(DISTINCTTRIPLE(?a, ?a, ?a)) AS ?t) {}}", None),
    ("DELETE { ?s ?p ?o } INSERT { ?s ?p 1 ~ } WHERE { ?s ?p ?o }", (1, 38)),
    *(
        (f"INSERT {{ <x:a> <x:b> ?t }} WHERE {{ BIND({made} AS ?t) }}", None)
        for made in MADE
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place"), UPDATES)
def test_an_update_that_would_write_it_changes_nothing(
    text: str, place: tuple[int, int] | None
) -> None:
    store = ox.Store()
    store.update("INSERT DATA { <x:r> <x:p> 1 }")
    with pytest.raises(Rdf12QueryError) as caught:
        run_update(store, text, prefixes=PREFIXES)
    assert place in (None, (caught.value.line, caught.value.column))
    assert (caught.value.code, caught.value.status) == ("rdf12", 400)
    assert len(store) == 1


@pytest.mark.parametrize(
    "text",
    [
        *(f"SELECT ({made} AS ?t) {{}}" for made in MADE),
        *(f"CONSTRUCT {{ <x:a> <x:b> ?t }} WHERE {{ BIND({made} AS ?t) }}" for made in MADE),
        "CONSTRUCT { <a:a> <a:b> <<( <a:s> <a:p> <a:o> )>> } WHERE {}",
        "CONSTRUCT { <a:a> <a:b> 1 ~ <x:r> } WHERE {}",
        "CONSTRUCT { <a:a> <a:b> 1 {| <x:r> 1 |} } WHERE {}",
        "SELECT * { VALUES ?t { <<( <x:a> <x:b> 1 )>> } }",
        "SELECT * { VALUES ?t { 'a'@en--ltr } }",
        "SELECT * { << ?s ?p ?o >> ?q ?r }",
        "ASK { ?s ?p ?o ~ ?r }",
        # Read in another way, the string ends, and what follows is none.
        "SELECT (?a<?b&&'>' AS ?x) { BIND(TRIPLE(?s, ?s, ?s) AS ?t) FILTER(?c > 'x') }",
    ],
)
def test_a_query_that_would_give_it_is_refused(text: str) -> None:
    with pytest.raises(Rdf12QueryError):
        run(ox.Store(), text)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT * { ?s ?p ?o FILTER(isTRIPLE(?o) || !CONTAINS(STR(?o), '<<( ~ TRIPLE(')) }", 1),
        ("SELECT (LANGDIR(?o) AS ?d) { ?s ?p ?o FILTER(!hasLANGDIR(?o)) } # ~ {| 'a'@en--ltr", 1),
        ("PREFIX e: <http://e/~me/> SELECT * { ?s ?p ?o MINUS { ?s e:TRIPLE e:a--ltr } }", 1),
        (r"PREFIX e: <http://e/> SELECT * { ?s ?p ?o MINUS { ?s e:\~a 'en--ltr' } }", 1),
        ("SELECT ?TRIPLE { ?TRIPLE ?p ?o FILTER(?o < 3 && ?o > 0) }", 1),
        ("VERSION '1.2' SELECT * { ?s ?p ?o }", 1),
    ],
)
def test_what_only_looks_like_it_is_answered(text: str, rows: int) -> None:
    store = ox.Store()
    store.update("INSERT DATA { <x:a> <x:b> 1 }")
    result = run(store, text)
    assert isinstance(result, ox.QuerySolutions)
    assert len(list(result)) == rows


def test_data_may_speak_of_it() -> None:
    store = ox.Store()
    text = (
        r"""INSERT DATA { <x:a~> <x:b--ltr> "<< ~ {| TRIPLE(", '''"@en--ltr ~''', "\"@en--rtl" }"""
    )
    run_update(store, text)
    assert len(store) == 3


@pytest.mark.parametrize("datatype", ["langString", "dirLangString"])
@pytest.mark.parametrize(
    "made",
    [
        "STRDT('a', rdf:%s)",
        "STRDT('a', IRI(CONCAT(STR(rdf:), '%s')))",
        "sTrDt('a', IRI(CONCAT(STR(rdf:), '%s')))",
        "IF(true, COALESCE(STRDT ('a', rdf:%s), 1/0), 1)",
    ],
)
def test_no_computed_datatype_makes_what_nobody_reads(made: str, datatype: str) -> None:
    """Oxigraph stores such literals, and its parsers refuse them when they come back."""
    store = ox.Store()
    call = made % datatype
    run_update(
        store,
        f"INSERT {{ <x:a> <x:b> ?t, ?u }} WHERE {{ BIND({call} AS ?t) "
        "BIND(STRDT('1', <x:d>) AS ?u) }",
        prefixes=PREFIXES,
    )
    assert [str(quad.object) for quad in store] == ['"1"^^<x:d>']


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA {\n<x:a> <x:b> 'a'^^rdf:langString }",
        f"INSERT DATA {{\n<x:a> <x:b> 'a'^^<{PREFIXES['rdf']}dirLang\\u0053tring> }}",
        f"PREFIX r: <{PREFIXES['rdf']}> INSERT DATA {{\n<x:a> <x:b> ''^^r:langString }}",
        "INSERT { ?s ?p ?t } WHERE {\n?s ?p ?o BIND('a'^^rdf:dirLangString AS ?t) }",
    ],
)
def test_no_written_datatype_either(text: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        run_update(ox.Store(), text, prefixes=PREFIXES)
    assert caught.value.line == 2
    assert "language tag" in caught.value.message


def test_strdt_is_as_ever_otherwise() -> None:
    store = ox.Store()
    run_update(
        store,
        "INSERT { <x:a> ?dt ?v } WHERE { VALUES (?t ?dt) { ('7' <http://www.w3.org/2001/XMLSchema#integer>)"
        " ('7'@en <x:d>) (7 <x:d>) (<x:i> <x:d>) ('7' '7') } BIND(STRDT(?t, ?dt) AS ?v) }",
    )
    assert [str(quad.object) for quad in store] == [
        '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'
    ]
