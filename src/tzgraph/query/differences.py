"""Tell where a query meets what the engine answers otherwise than SPARQL 1.1 has it, in silence.

The differences that remain are on the page ``docs/reference/differences.md``; each one told here
has the fragment of its section there. What is told is seen in the text for certain; what depends on
the data, such as sums of large numbers, is on the page alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from tzgraph.query.rewrite.graphs import AGGREGATES
from tzgraph.query.tokens import Token, TokenKind, tokens_of

__all__ = ["DIFFERENCES", "differences_met"]

#: What is told, by the fragment of its section on the page.
DIFFERENCES = {
    "a-statement-in-two-graphs-of-from-counts-twice": (
        "a statement that stands in two of the graphs of FROM counts twice"
    ),
    "aggregates-in-odd-places": "an aggregate in an aggregate gives no value or a wrong one",
    "literals-come-back-as-values-not-as-they-were-written": (
        "LANG gives small letters only, so a language tag with capitals equals none"
    ),
    "numbers-with-more-than-63-bits-or-more-than-18-digits": (
        "numbers beyond 63 bits or 18 digits give nothing in arithmetic and comparison"
    ),
}
_FROM, _NESTED, _TAG, _NUMBER = DIFFERENCES
_LONG_NUMBER = re.compile("[0-9]{19}")
_CAPITAL_TAG = re.compile(r"""["'][a-z0-9-]*[A-Z][A-Za-z0-9-]*["']""")
_CALL = re.compile(rf"(?:{'|'.join(sorted(AGGREGATES))})\s*[(#]")
#: The largest whole number that the engine has.
_END_OF_INTEGERS = 2**63 - 1
_DIGITS = 18


def differences_met(text: str) -> tuple[str, ...]:
    """Give the fragments of the differences that a query meets, in alphabetical order.

    >>> differences_met("SELECT ?x { ?x ?p ?n FILTER(?n > 99999999999999999999) }")
    ('numbers-with-more-than-63-bits-or-more-than-18-digits',)
    >>> differences_met("SELECT (COUNT(*) AS ?n) { ?s ?p '99999999999999999999' }")
    ()
    """
    if not _may_meet(text, text.upper()):
        return ()
    tokens = tokens_of(text)
    return tuple(sorted(set(_met(tokens))))


def _may_meet(text: str, capitals: str) -> bool:
    """Say quickly of most queries that they meet none; to cut one into tokens takes longer."""
    if _LONG_NUMBER.search(text) or ("LANG" in capitals and _CAPITAL_TAG.search(text)):
        return True
    if not any(map(capitals.__contains__, AGGREGATES)):
        return False
    calls = len(_CALL.findall(capitals))
    return calls > 1 or (calls == 1 and capitals.count("FROM") > 1)


def _met(tokens: Sequence[Token]) -> Iterator[str]:
    if any(token.kind is TokenKind.NUMBER and _is_beyond(token.text) for token in tokens):
        yield _NUMBER
    if _counts_twice(tokens):
        yield _FROM
    if _is_nested(tokens):
        yield _NESTED
    for place in zip(*(tokens[start:] for start in range(6)), strict=False):
        words = [token.text for token in place]
        compares = [words[1], *words[3:5]] in (["(", ")", "="], ["(", ")", "!="])
        has_capital = place[5].kind is TokenKind.STRING and words[5] != words[5].lower()
        if place[0].word == "LANG" and compares and has_capital:
            yield _TAG


def _is_beyond(number: str) -> bool:
    if "e" in number.lower():
        return False  # a double
    whole, _, fraction = number.partition(".")
    if "." not in number:
        return len(whole) > len(str(_END_OF_INTEGERS)) or int(whole or 0) > _END_OF_INTEGERS
    return max(len(whole.lstrip("0")), len(fraction.rstrip("0"))) > _DIGITS


def _counts_twice(tokens: Sequence[Token]) -> bool:
    """Say whether several graphs together are asked, and solutions are counted or summed."""
    froms = sum(
        one.word == "FROM" and other.word != "NAMED" for one, other in itertools.pairwise(tokens)
    )
    return froms > 1 and any(_is_aggregate(*pair) for pair in itertools.pairwise(tokens))


def _is_aggregate(name: Token, opening: Token) -> bool:
    return name.kind is TokenKind.WORD and name.word in AGGREGATES and opening.text == "("


def _is_nested(tokens: Sequence[Token]) -> bool:
    """Say whether an aggregate is called in the parentheses of another one."""
    within: list[bool] = []
    for name, token in itertools.pairwise(tokens):
        if token.kind is TokenKind.OPEN:
            called = _is_aggregate(name, token)
            if called and within and within[-1]:
                return True
            # A subquery in EXISTS has aggregates of its own.
            within.append(token.text == "(" and (called or bool(within and within[-1])))
        elif token.kind is TokenKind.CLOSE:
            del within[-1:]
    return False
