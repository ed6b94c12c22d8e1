"""Spellings that SPARQL allows and the engine doesn't."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzgraph.errors import FederationDeniedError, QueryError
from tzgraph.query.guard import QuerySyntaxError, QueryTooComplexError, ServiceRefusedError
from tzgraph.query.plain import plain
from tzgraph.query.run import run
from tzgraph.query.tokens import line_and_column
from tzgraph.serve.engine.digest import is_stable


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"ASK { ?\u0061 ?p ?o }", "ASK { ?a ?p ?o }"),
        (r"\u0041SK { }", "ASK { }"),
        (r"ASK { FILTER(STR(\u0022x\u0022) = 'x') }", "ASK { FILTER(STR(\"x\") = 'x') }"),
        (
            r"PREFIX \U00000065: <x:> ASK { e\u003Aa ?p _:\u0062 }",
            "PREFIX e: <x:> ASK { e:a ?p _:b }",
        ),
        (r"ASK { ?s ?p 'a'\u0040en }", "ASK { ?s ?p 'a'@en }"),
        ("ASK { FILTER(TRUE && False || tRuE) }", "ASK { FILTER(true && false || true) }"),
    ],
)
def test_spellings_are_resolved(text: str, read: str) -> None:
    assert plain(text).text == read
    run(ox.Store(), text, prefixes={"e": "x:"})


@pytest.mark.parametrize(
    "text",
    [
        r"ASK { ?s ?p '\u0027 } #', <x:\u0061>, '''\u0027''' }",
        "PREFIX TRUE: <x:> ASK { ?TRUE TRUE:False _:TRUE . ?s ?p 'TRUE'@TRUE } # TRUE \\u0041",
        "ASK { ?s ?p true, false }",
        r"ASK { ?s ?p \uD800, \u00, \uZZZZ }",
        "ASK { ?s ?p 'never closed \\u0027 ",
    ],
)
def test_the_rest_stays(text: str) -> None:
    assert plain(text).text == text


def test_an_escape_in_a_comment_does_not_end_it() -> None:
    text = "ASK { } # \\u000a { TRUE"
    assert plain(text).text == text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ASK {\\u0020?s ?p }", (1, 18)),
        ("ASK {\n ?\\u0061 ?p\n ?\\u0062 ?c \\u007d", (3, 10)),
        ("ASK { FILTER(TRUE) ?n >> 3 }", (1, 23)),
        ("ASK { ?s ?p \\u0021 }", (1, 13)),
    ],
)
def test_errors_are_placed_in_the_clients_text(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        run(ox.Store(), text)
    assert (raised.value.line, raised.value.column) == place
    assert str(raised.value).startswith(f"Line {place[0]}, column {place[1]}: ")


@pytest.mark.parametrize(
    "text",
    [
        r"ASK { \u0053ERVICE <http://e.org/> { } }",
        r"ASK { S\u0045RVICE <http://e.org/> \u007b } }",
        "ASK {\\u0020TRUESERVICE <http://e.org/> { } }",
        r"ASK { ?s ?p \u0022x\u0022 SERVICE\u0020<http://e.org/> { } }",
    ],
)
def test_the_guard_sees_what_the_engine_sees(text: str) -> None:
    with pytest.raises(FederationDeniedError):
        run(ox.Store(), text)


def test_a_refusal_is_placed_in_the_clients_text() -> None:
    text = "ASK { ?s ?p \\u0022SERVICE <x:y> {\\u0022 . SERVICE <x:y> {} }"
    with pytest.raises(ServiceRefusedError):
        run(ox.Store(), text)


def test_what_would_crash_the_engine_is_refused_in_escapes() -> None:
    with pytest.raises(QueryTooComplexError):
        run(ox.Store(), "ASK " + "\\u007b" * 3000)


def test_what_is_never_the_same_is_never_stable_in_escapes() -> None:
    assert not is_stable(r"SELECT (RAND\u0028) AS ?x) {}")
    assert not is_stable(r"SELECT (\u0052AND() AS ?x) {}")
    assert is_stable(r"SELECT ('RAND\u0028)' AS ?x) {}")


PIECES = st.lists(
    st.sampled_from(["TRUE", "\\u0061", "\\u0022", "\n", "'a'", " ", "?s", "é", "{", "<x:a>"]),
    max_size=12,
)


@given(PIECES)
def test_places_are_those_of_the_clients_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    read = plain(text)
    if not read.changes:
        for offset in range(len(text)):
            place = line_and_column(read.text, offset)
            assert read.place(*place) == place
    for start, client_start, _, _ in read.changes:
        place = read.place(*line_and_column(read.text, start))
        assert place == line_and_column(text, client_start)


@given(PIECES)
def test_what_is_read_is_run(pieces: list[str]) -> None:
    text = f"ASK {{ FILTER({''.join(pieces)}) }}"
    try:
        expected = bool(ox.Store().query(plain(text).text))
    except (SyntaxError, RuntimeError, ValueError):
        expected = None
    try:
        found = bool(run(ox.Store(), text))
    except QueryError:
        found = None
    assert found == expected
