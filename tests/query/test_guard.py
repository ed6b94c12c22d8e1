"""Federation is refused before the engine sees it, whatever it is dressed up as."""

from __future__ import annotations

from contextlib import suppress

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tzgraph.errors import FederationDeniedError, QueryError
from tzgraph.query import guard
from tzgraph.query.guard import MAX_DEPTH, MAX_OPERATORS, QueryTooComplexError, check
from tzgraph.query.redirection import redirections
from tzgraph.query.rewrite.edits import apply
from tzgraph.query.tokens import tokenize

REFUSED = [
    "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "ASK { service silent<http://127.0.0.1:9/>{} }",
    "ASK { SeRvIcE ?x {} }",
    "ASK { ?s ?p trueSERVICE<http://127.0.0.1:9/>{} }",
    "ASK { ?s ?p 1.SERVICE ?x {} }",
    "ASK { ?s ?p 1e3SERVICE ?x {} }",
    "ASK { ?s ?p 'x'SERVICE ?x {} }",
    "ASK { ?s ?p 'x'@en--ltrSERVICE ?x {} }",
    "ASK { SERVICEx:y{} }",
    "ASK { SERVICE:y{} }",
    "ASK { ?s ?p ?o service:x {} }",
    "ASK { SERVICESILENT<http://127.0.0.1:9/>{} }",
    "ASK { \\u0053ERVICE <http://127.0.0.1:9/> {} }",
    "ASK { \\U00000053\\u0065rvice <http://127.0.0.1:9/> {} }",
    'ASK { ?s ?p "a\\u0022 . SERVICE <http://127.0.0.1:9/> {} #" }',
    "ASK {} # \\u000A SERVICE <http://127.0.0.1:9/> {}",
    "ASK {}#x\rSERVICE ?x {}",
    # A less-than sign that looks like the start of an IRI with a quote or a comment in it
    "ASK { FILTER(?a<?b&&'>'!=1) SERVICE<http://127.0.0.1:9/>{} FILTER('x'='x') }",
    "ASK { FILTER(?a<?b#>\n) SERVICE<http://127.0.0.1:9/>{} }",
    "ASK { FILTER x:f(?a<?b&&'>'!=1) SERVICE<http://127.0.0.1:9/>{} FILTER('x'='x') }",
    "ASK { FILTERx:f(?a<?b&&'>'!=1) SERVICE<http://127.0.0.1:9/>{} FILTER('x'='x') }",
    "ASK { BIND((1<?b&&'>'!=1) AS ?x) SERVICE<http://127.0.0.1:9/>{} FILTER('x'='x') }",
    "LOAD <http://127.0.0.1:9/>",
    "INSERT DATA {} ; load silent <http://127.0.0.1:9/>",
]

PASSED = [
    "ASK { ?service ?p $service, $SERVICE, ?load }",
    "ASK { ?s ex:service service:x . service:y ?p _:service , _:SERVICE }",
    "ASK { ?s <http://x/SERVICE> <SERVICE>, 'SERVICE', \"service\"@service }",
    'ASK { ?s ?p \'\'\'SERVICE <http://x> { \' \n } \'\'\', """SERVICE ?x { \\""""""" }',
    "ASK {} # SERVICE <http://x> {}",
    "# SERVICE <http://x> {\nASK {}",
    "PREFIX service: <http://x/> SELECT ?a FROM service:x { GRAPH service:z { ?a ?b ?c } }",
    "DESCRIBE service:x { ?s ?p service:x }",
    "ASK { ?s ex:SERVICE\\-x ?o ; ex:a.service ?p }",
    "ASK { VALUES (?x ?y) { (<http://x#a> <http://x#SERVICE>) } }",
    'ASK { ?s ?p "say \\u0022service\\u0022 now" }',
    "ASK { ?s ?p 'it\\'s a SERVICE <x> {' }",
    "ASK { ?s load:x ?load }",
]


@pytest.mark.parametrize("query", REFUSED)
def test_refused(query: str) -> None:
    """SERVICE and LOAD are refused with their place."""
    with pytest.raises(FederationDeniedError) as raised:
        check(query)
    assert getattr(raised.value, "line", 0) >= 1
    assert getattr(raised.value, "column", 0) >= 1


@pytest.mark.parametrize("query", PASSED)
def test_passed(query: str) -> None:
    """The word in names, strings, IRIs and comments is nothing to refuse."""
    check(query)


def test_place() -> None:
    """The message names line and column of the keyword."""
    with pytest.raises(FederationDeniedError, match=r"Line 2, column 3: SERVICE"):
        check("ASK {\n  SERVICE ?x {} }")


PREFIXES = {"x": "http://127.0.0.1:9/", "": "http://127.0.0.1:9/", "service": "http://s/"}
SENTINEL = "not allowed for HTTP"


def calls_out(query: str, says: str = "") -> bool:
    """Say whether the engine would call a server for a query.

    :param says: words with which the engine is kept from it
    """
    store = ox.Store()
    node = ox.NamedNode("http://x/a")
    store.add(ox.Quad(node, node, node))
    try:
        result = store.query(query, prefixes=PREFIXES)
        if isinstance(result, ox.QuerySolutions):
            list(result)
    except OSError as error:
        return says in str(error)
    except (SyntaxError, RuntimeError, ValueError):
        return False
    return False


PIECES = st.sampled_from(
    [
        "SERVICE",
        "service ",
        "x:y",
        ":z",
        "<http://127.0.0.1:9/>",
        "{",
        "}",
        "{}",
        "(",
        ")",
        "<",
        ">",
        "'",
        '"',
        "'''",
        '"""',
        "\\",
        "#",
        "\n",
        "\r",
        " ",
        ".",
        ";",
        ",",
        "?s",
        "?o",
        "?s ?p ?o",
        "FILTER(",
        "FILTER ",
        "BIND(1 AS ?b)",
        "true",
        "1",
        "1.",
        "'x'",
        '"x"',
        "@en",
        "--ltr",
        "^^",
        "x:f(",
        "&&",
        "||",
        "=",
        "!=",
        "_:b",
        "SILENT",
        "GRAPH ",
        "OPTIONAL",
        "UNION",
        "a",
        "\\u0053",
        "VALUES ?x",
        "<<",
        ">>",
        "[]",
        "()",
        "\\u0027",
        "'>'",
        "<?b",
        "/",
        "*",
        "^",
        "VALUES(?x ?y)",
    ]
)


@given(st.lists(PIECES, max_size=14), st.lists(PIECES, max_size=8))
@settings(max_examples=1500)
def test_nothing_slips_through(before: list[str], after: list[str]) -> None:
    """What the guard passes never makes the engine call a server."""
    service = "SERVICE<http://127.0.0.1:9/>{}"
    for query in (
        "ASK{" + "".join(before) + service + "".join(after) + "}",
        "ASK{FILTER(?s<?o" + "".join(before) + ")" + service + "".join(after) + "}",
    ):
        if calls_out(query):
            with pytest.raises(FederationDeniedError):
                check(query)


ENDPOINT = "http://127.0.0.1:9/"


@given(st.lists(PIECES, max_size=14), st.lists(PIECES, max_size=8), st.booleans())
@settings(max_examples=1500)
def test_only_what_was_redirected_is_called(
    before: list[str], after: list[str], comparison: bool
) -> None:
    """Where an endpoint is listed, the engine calls what was put in its place, or nothing."""
    service = " SERVICE <http://127.0.0.1:9/> {}"
    inner = f"FILTER(?s<?o{''.join(before)})" if comparison else "".join(before)
    query = "ASK{" + inner + service + "".join(after) + "}"
    with suppress(QueryError):
        calls = check(query, endpoints=[ENDPOINT], prefixes=PREFIXES).calls
        redirected = apply(query, redirections(calls, [ENDPOINT], "nowhere:x"))
        assert not calls_out(redirected, SENTINEL)


def test_plain_calls_pass() -> None:
    query = (
        "BASE <http://b/> PREFIX e: <http://127.0.0.1:9/>\nASK {\n service\nsilent # x\n e: {}"
        " SERVICE <http://127.0.0.1:9/>{} . SERVICE x: { SERVICE <http://127.0.0.1:9/> {} } }"
    )
    assert [c.endpoint for c in check(query, endpoints=[ENDPOINT], prefixes=PREFIXES).calls] == (
        [ENDPOINT] * 4
    )
    calls = check(query, endpoints=[ENDPOINT], prefixes=PREFIXES).calls
    redirected = apply(query, redirections(calls, [ENDPOINT], "http://relay/"))
    assert [redirected.count(f"<http://relay/0/{n}") for n in range(4)] == [1, 1, 1, 0]
    assert redirected.count("<http://relay/0/0/silent>") == 1
    assert redirected.count("127.0.0.1") == 1
    # A prefix of the prologue hides one that is known.
    with pytest.raises(FederationDeniedError, match="not on the list"):
        check(
            "PREFIX x: <http://y/> ASK { SERVICE x: {} }", endpoints=[ENDPOINT], prefixes=PREFIXES
        )


def test_engine_does_call() -> None:
    """The engine federates without a guard, so that the tests above test something."""
    assert calls_out("ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    assert calls_out("ASK { ?s ?p ?o . SERVICEx:y{} }")
    assert calls_out("ASK { FILTER(1<2&&'>'!=1) SERVICE<http://127.0.0.1:9/>{} FILTER('x'='x') }")


def test_engine_takes_escapes_in_strings_and_iris_only() -> None:
    """If a later engine reads escapes in keywords, this shows it; the guard reads them already."""
    with pytest.raises(SyntaxError):
        ox.Store().query("\\u0041SK {}")


@given(st.text(max_size=80))
@settings(max_examples=300)
def test_tokens_make_up_the_text(text: str) -> None:
    """No character is lost or taken twice."""
    assert "".join(token.text for token in tokenize(text)) == text


def _outcome(text: str) -> object:
    try:
        return check(text)
    except QueryError as error:
        return type(error), str(error)


@given(
    st.sampled_from(["", "PREFIX a: <x:a> ", "#c\nBASE<x:b>PREFIX : <x:>\n", "BASE <x:> a "]),
    st.sampled_from(["SELECT ", "ask{", "SELECT:a", "ASK-x", "INSERT DATA", "SELECT(", "LOAD"]),
    st.lists(PIECES, max_size=12),
)
@settings(max_examples=300)
def test_shortcut_lets_pass_what_the_long_way_does(start: str, form: str, rest: list[str]) -> None:
    """A plain query gets the same answer whether or not it is cut into tokens."""
    text = start + form + "".join(rest)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "_trivially_safe", lambda _text: None)
        expected = _outcome(text)
    assert _outcome(text) == expected


@pytest.mark.parametrize("text", ["ASK " + "(" * 201 + ")" * 201, "ASK {" + "." * 2_600 + "}"])
def test_shortcut_knows_the_limits(text: str) -> None:
    """Brackets and length send a query the long way, where it is refused."""
    with pytest.raises(QueryError):
        check(text)


def test_limits() -> None:
    """Nesting and length are refused before they crash the engine; what is below passes."""
    check("ASK " + "{" * MAX_DEPTH + "}" * MAX_DEPTH)
    check("ASK { VALUES ?x { " + "<http://x/y> " * 20_000 + "} }")
    for query in (
        "ASK " + "{" * (MAX_DEPTH + 1),
        "ASK { FILTER(" + "!" * MAX_OPERATORS + "true) }",
        "ASK { ?s " + "x:a/" * MAX_OPERATORS + "x:a ?o }",
    ):
        with pytest.raises(QueryError):
            check(query)


@pytest.mark.parametrize(
    "query",
    [
        "DESCRIBE " + "<x:a> " * 4_000,
        "DESCRIBE ?x " + "<x:a> " * 4_000 + " { ?x ?y ?z }",
        "ASK { ?s <x:p> (" + " 1" * 6_000 + ") }",
        "ASK { (" + "(1) " * 6_000 + ") <x:p> ?o }",
        "ASK { ?s <x:p> ?o" + " , ?o" * 16_000 + " }",
        "ASK { [ <x:p> 1" + ", 1" * 16_000 + " ] <x:q> 1 }",
        "ASK { FILTER(?o) . ?s <x:p> (" + " 1" * 6_000 + ") }",
    ],
)
def test_lists_that_are_patterns_to_the_engine_are_counted(query: str) -> None:
    """The engine ends the process at some thousands, as it recurses."""
    with pytest.raises(QueryTooComplexError):
        check(query)


@pytest.mark.parametrize(
    "query",
    [
        "ASK { VALUES ?x { " + "1 " * 20_000 + "} }",
        "ASK { VALUES (?x ?y) { " + "(1 2) " * 2_000 + "} }",
        "ASK { ?s ?p ?o FILTER(?o NOT IN (1" + ", 1" * 20_000 + ")) }",
        "SELECT (CONCAT('a'" + ", 'b'" * 20_000 + ") AS ?x) {}",
        "ASK { FILTER <x:f>(1" + ", 1" * 20_000 + ") }",
        "ASK { BIND(<x:f>(1" + ", 1" * 20_000 + ") AS ?x) }",
    ],
)
def test_lists_of_values_are_not_counted(query: str) -> None:
    check(query)


@pytest.mark.parametrize(
    "piece",
    ['"', "'", "<", "a.", '"""\\', '"\\', ".", "a...", "(?a<b#", "(?a<b#>", "(?a<'b>", "\\u0041"],
)
def test_hostile_repetition_ends(piece: str) -> None:
    """Repetition of anything is read in linear time; quadratic, this would run for minutes."""
    text = "ASK {" + piece * (200_000 // len(piece))
    assert "".join(token.text for token in tokenize(text)) == text
    with suppress(QueryError):
        check(text)
