"""REGEX and REPLACE with patterns as XPath has them."""

from __future__ import annotations

from contextlib import suppress

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.rewrite import rewrite
from tzgraph.query.rewrite.patterns import translated
from tzgraph.query.run import run
from tzgraph.query.syntax.strings import quoted


def said(expression: str) -> str:
    result = run(ox.Store(), f"SELECT ({expression} AS ?x) {{}}")
    assert isinstance(result, ox.QuerySolutions)
    term = next(result)["x"]
    assert isinstance(term, ox.Literal)
    return term.value


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "expected"),
    [
        ("b", "^[a-c-[b]]$", "", False),
        ("a", "^[a-c-[b]]$", "", True),
        ("d", "^[a-z-[b-y-[d]]]$", "", True),
        ("e", "^[a-z-[b-y-[d]]]$", "", False),
        ("-", r"^[a-]$", "", True),
        ("x1", r"^\i\c*$", "", True),
        ("1x", r"^\i\c*$", "", False),
        ("é-.·", r"^[\i]\c+$", "", True),
        (" ", r"\C", "", True),
        ("&", "^[a&&b]$", "", True),
        ("~", "^[~~]$", "", True),
        ("ab", "a b # c", "x", False),
        ("ab#c", "a b\n# c", "x", True),
        ("a b", "a[ ]b", "x", True),
        ("A\nB", "a.b", "is", True),
        ("abc", ".", "q", False),
        ("a.c", ".", "q", True),
        ("a[", "[", "q", True),
        ("foo bar", r"\bbar(?:x)?", "", True),
        ("(", r"\(", "", True),
        ("]", r"[\]]", "", True),
        ("\u00a0", r"\s", "", False),
        ("\u00a0", r"^[^\s]$", "", True),
        (" \t\n\r", r"^[\s-[x]]+$", "", True),
        ("\u00a0x", r"^\S[\S]$", "", True),
        ("a--b", "a--b", "", True),
    ],
)
def test_patterns_are_read_as_in_xpath(text: str, pattern: str, flags: str, expected: bool) -> None:
    call = f"REGEX({quoted(text)}, {quoted(pattern)}, {quoted(flags)})"
    assert said(call) == str(expected).lower()
    if not flags:
        assert said(f"REGEX({quoted(text)}, {quoted(pattern)})") == str(expected).lower()


@pytest.mark.parametrize(
    ("text", "pattern", "by", "expected"),
    [
        # Examples of XPath and XQuery Functions, section 5.4.4.
        ("abracadabra", "bra", "*", "a*cada*"),
        ("abracadabra", "a.*a", "*", "*"),
        ("abracadabra", "a.*?a", "*", "*c*bra"),
        ("abracadabra", "a", "", "brcdbr"),
        ("abracadabra", "a(.)", "a$1$1", "abbraccaddabbra"),
        ("AAAA", "A+", "b", "b"),
        ("AAAA", "A+?", "b", "bbbb"),
        ("darted", "^(.*?)d(.*)$", "$1c$2", "carted"),
        ("abc", "b", r"\$", "a$c"),
        ("abc", "b", r"\\", "a\\c"),
        ("abc", "b", r"\\\$1", r"a\$1c"),
        ("abc", "(a)(b)", "$2$1$10", "baa0c"),
        ("abc", "(b)", "[$0]", "a[b]c"),
        ("abc", "b", "$1", "ac"),
        ("abc", "b", "$" + "9" * 5000, "a" + "9" * 4999 + "c"),
        ("abcdefghijklm", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11$1", "kalm"),
        ("a(b", r"[(]([b])\)?", "$1", "ab"),
    ],
)
def test_replacements_are_read_as_in_xpath(text: str, pattern: str, by: str, expected: str) -> None:
    assert said(f"REPLACE({quoted(text)}, {quoted(pattern)}, {quoted(by)})") == expected
    assert said(f"REPLACE({quoted(text)}, {quoted(pattern)}, {quoted(by)}, 'm')") == expected


@pytest.mark.parametrize("by", ["$1", "$", "\\\\", "a$$b"])
def test_with_flag_q_a_replacement_means_itself(by: str) -> None:
    assert said(f"REPLACE('a.b', '.', {quoted(by)}, 'q')") == f"a{by}b"


def test_a_replacement_is_read_where_the_pattern_is_not_known() -> None:
    text = "SELECT ?x { VALUES ?p { '(b)' } BIND(REPLACE('abc', ?p, '\\\\$$1x') AS ?x) }"
    result = run(ox.Store(), text)
    assert isinstance(result, ox.QuerySolutions)
    assert str(next(result)["x"]) == str(ox.Literal("a$bxc"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("REGEX(?x, '[')", "can't be compiled"),
        ("REGEX(?x, 'a**b{')", "can't be compiled"),
        ("REGEX(?x, '(a')", "can't be compiled"),
        ("REGEX(?x, '\\\\p{IsBasicLatin}')", "can't be compiled"),
        ("REGEX(?x, '(.)\\\\1')", "a group has matched"),
        ("REGEX(?x, 'a', 'g')", "no flag 'g'"),
        ("REPLACE(?x, 'a)', 'b')", "can't be compiled"),
        ("REPLACE(?x, 'a', '$')", "no number of a group"),
        ("REPLACE(?x, 'a', '$x')", "no number of a group"),
        ("REPLACE(?x, 'a', '\\\\n')", "says nothing"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(call: str, message: str) -> None:
    text = f"SELECT * {{\n  ?s ?p ?x\n  FILTER(TRUE && {call} ) }}"
    with pytest.raises(QuerySyntaxError, match=message) as raised:
        run(ox.Store(), text)
    assert raised.value.line == 3
    assert raised.value.hint
    argument = call.split(", ")[-1 if "flag" in message or "REPLACE(?x, 'a'," in call else 1]
    assert raised.value.column == text.splitlines()[2].rindex(argument.rstrip(")") or argument) + 1


@pytest.mark.parametrize(
    "query",
    [
        r"ASK { ?s ?p ?x FILTER REGEX(?x, '^a\\.b[^c-d]+\\w$', 'i') }",
        "ASK { ?s ?p ?x FILTER(REPLACE(?x, 'a', 'b') = 'c' || REGEX(?x, ?y)) }",
        "ASK { SERVICE <x:y> { ?s ?p ?x FILTER REGEX(?x, '[') } }",
    ],
)
def test_what_is_right_is_left_alone(query: str) -> None:
    assert rewrite(query).text == query


@given(st.text("ab\\[]()-^&~.*+?|{}$ i", max_size=12))
def test_random_patterns_are_answered_or_refused(pattern: str) -> None:
    with suppress(QuerySyntaxError):
        assert said(f"REGEX('ab', {quoted(pattern)})") in ("true", "false")


@given(st.text("ab.*+?|()^$", max_size=12).filter(lambda text: "(?" not in text))
def test_what_both_read_alike_is_not_translated(pattern: str) -> None:
    assert translated(pattern)[0] == pattern


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("(?<year>[0-9])", "groups have no names"),
        ("(?P<year>[0-9])", "groups have no names"),
        ("(?'year'[0-9])", "groups have no names"),
        ("a(?=b)", "nothing looks ahead"),
        ("a(?!b)", "nothing looks ahead"),
        ("(?<=a)b", "nothing looks ahead or back"),
        ("(?U)a+", "begins nothing"),
        ("[[:alpha:]]", r"\[ means nothing within brackets"),
        ("[a[b]]", r"\[ means nothing within brackets"),
        ("[a[^b]]", r"\[\^ means nothing within brackets"),
        ("[a-z--[aeiou]]", "-- means nothing within brackets"),
    ],
)
@pytest.mark.parametrize("call", ["REGEX(?o, {})", "REPLACE(?o, {}, 'x')"])
def test_what_xpath_has_not_is_told(call: str, pattern: str, what: str) -> None:
    """Rust would take some of it, and count groups otherwise or mean another set."""
    condition = call.format(quoted(pattern))
    with pytest.raises(QuerySyntaxError, match=what):
        run(ox.Store(), f"SELECT * {{ ?s ?p ?o FILTER({condition} = 'x') }}")
