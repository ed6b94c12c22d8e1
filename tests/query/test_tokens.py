"""Tokens of strings, closed and not."""

from __future__ import annotations

import pytest

from tzgraph.query.guard import ServiceRefusedError, check
from tzgraph.query.tokens import TokenKind, tokenize


@pytest.mark.parametrize(
    "text",
    ['"""a"b""c"""', "'''a'b''c'''", r'"""\""""', '""', "''", '"a\\"b"', "'a\\'b'", '"""\n"""'],
)
def test_a_string_is_one_token(text: str) -> None:
    found = list(tokenize(f"{text} a"))
    assert [token.text for token in found] == [text, " ", "a"]
    assert found[0].kind is TokenKind.STRING


@pytest.mark.parametrize("quote", ['"', "'"])
def test_three_quotes_that_are_never_closed_are_two_strings(quote: str) -> None:
    text = f"{quote * 3}a{quote} b {quote * 2} c {quote}{quote}\\{quote}d{quote}"
    pieces = [token.text for token in tokenize(text) if token.kind is not TokenKind.SPACE]
    assert pieces[:5] == [quote * 2, f"{quote}a{quote}", "b", quote * 2, "c"]


def test_three_quotes_of_the_other_kind_still_open_a_string() -> None:
    text = "\"\"\"a\" '''b'''"
    assert [token.text for token in tokenize(text)] == ['""', '"a"', " ", "'''b'''"]


def test_nothing_behind_a_string_without_end_is_cut() -> None:
    assert [token.text for token in tokenize("a 'b { c")] == ["a", " ", "'b { c"]


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { VALUES ?a { """b" } SERVICE <http://e.org/> {} }',
        "SELECT * { ?a ?b ?c FILTER(?a<?b&&'>' = ?c) SERVICE#x y\n<http://e.org/>#z\n{} }",
        "PREFIX e:<http://e.org/> SELECT * { SERVICE e:a#b c\n{} }",
    ],
)
def test_services_behind_odd_strings_and_comments_are_seen(query: str) -> None:
    with pytest.raises(ServiceRefusedError):
        check(query)
