"""Refuse RDF 1.2 in queries and updates (decision 18), before the engine sees it.

A graph that holds no triple term and no text with a base direction gives none, unless the text
makes one: in data, templates, patterns and VALUES by the signs of RDF 1.2, in expressions by
``TRIPLE`` and ``STRLANGDIR``. What asks about terms (``isTRIPLE``, ``hasLANGDIR``) makes none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tzgraph.errors import Rdf12Error
from tzgraph.parsing.nesting import TURTLE, Nesting
from tzgraph.parsing.rdf12 import RDF12_HINT
from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.tokens import Token, TokenKind, line_and_column, tokenize

__all__ = ["Rdf12QueryError", "refuse_rdf12", "refuse_rdf12_data"]

_SIGNS = re.compile(r"<<|\{\||~|--(?:ltr|rtl)|TRIPLE|STRLANGDIR|\\u", re.IGNORECASE)
#: As _SIGNS, of a text in capitals; to look for each takes less time than to ignore case.
_CAPITAL_SIGNS = ("<<", "{|", "~", "--LTR", "--RTL", "TRIPLE", "STRLANGDIR", "\\U")
_SIGNS_IN_DATA = ("<<", "{|", "~", "--ltr", "--rtl")
#: As a word may stand behind another one without a gap: DISTINCTTRIPLE(?s, ?p, ?o).
_MAKES = re.compile(r"(?:(?<!IS)TRIPLE|STRLANGDIR)\Z")


class Rdf12QueryError(QuerySyntaxError):
    """A query or update is RDF 1.2 at ``line`` and ``column``, which is refused."""

    code = Rdf12Error.code
    title = Rdf12Error.title

    @classmethod
    def at(cls, text: str, start: int, what: str) -> Rdf12QueryError:
        """Give the error for what begins at an offset."""
        message = f"this is RDF 1.2, which is refused: {what}."
        return cls(message, *line_and_column(text, start), RDF12_HINT)


def refuse_rdf12(text: str, tokens: Iterable[Token] | None = None) -> None:
    """Let a text pass, or refuse it.

    :param text: a query or update
    :param tokens: its tokens, as far as they are to be looked at, all if they are not given
    :raises Rdf12QueryError: at the first sign of RDF 1.2

    >>> refuse_rdf12("SELECT * { ?s ?p ?o FILTER(isTRIPLE(?o) || CONTAINS(?o, '<<(')) }")
    >>> refuse_rdf12("SELECT (TRIPLE(?s, ?p, ?o) AS ?t) { ?s ?p ?o }")
    Traceback (most recent call last):
    ...
    tzgraph.query.rdf12.Rdf12QueryError: Line 1, column 9: this is RDF 1.2, which is refused: \
TRIPLE makes a term of it. Write RDF 1.1: a statement about a statement as a thing of its own, \
with rdf:subject, rdf:predicate and rdf:object; a text without its direction.
    """
    if tokens is None and not any(map(text.upper().__contains__, _CAPITAL_SIGNS)):
        return
    made: Token | None = None
    for token in tokenize(text) if tokens is None else tokens:
        if token.kind is TokenKind.SPACE:
            continue
        if made is not None and token.text == "(":
            raise Rdf12QueryError.at(text, made.start, f"{made.word} makes a term of it")
        made = token if token.kind is TokenKind.WORD and _MAKES.search(token.word) else None
        if what := _sign(token):
            raise Rdf12QueryError.at(text, token.start, what)
        # What follows a doubtful token may be read in two ways, and in one of them be a sign.
        later = _SIGNS.search(text, token.start) if token.doubtful else None
        if later is not None:
            raise Rdf12QueryError.at(text, later.start(), later[0])


def _sign(token: Token) -> str:
    if token.kind is TokenKind.OPEN:
        return TURTLE.refused.get(token.text[:2].encode(), "")
    if token.text == "~" or (token.kind is TokenKind.LANGUAGE and "--" in token.text):
        return TURTLE.refused[token.text[0].replace("@", "--").encode()]
    return ""


def refuse_rdf12_data(text: str, start: int, end: int) -> None:
    """Let data of an update pass, or refuse them; as fast as data in Turtle are looked at.

    :param start: where the data begin in the text
    :param end: where they end
    :raises Rdf12QueryError: at the first sign of RDF 1.2
    """
    data = text[start:end]
    if not any(sign in data for sign in _SIGNS_IN_DATA):
        return
    looked = Nesting(TURTLE)
    try:
        looked.feed(data.encode("utf-8", "surrogatepass"))
        looked.feed(b"")
    except Rdf12Error as error:
        line, column = line_and_column(text, start)
        at = column - 1 if error.line == 1 else 0
        place = (error.line or 1) + line - 1, (error.column or 1) + at
        raise Rdf12QueryError(
            f"{error.message[0].lower()}{error.message[1:]}", *place, RDF12_HINT
        ) from error
