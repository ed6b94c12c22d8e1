"""Where the engine's syntax errors are.

Oxigraph's places are behind the real ones, because each keyword that it tries counts as read before
it is compared (``ASK {?s ?p }`` is wrong at column 12, and Oxigraph says 13). So a text that does
not parse is parsed once more with wide gaps between its tokens, where a keyword tried at a token
ends before the next token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.tokens import Token, TokenKind, line_and_column, tokenize, tokens_of

__all__ = ["syntax_error"]

_PLACE = re.compile(r"error at (\d+):(\d+): expected (.*)", re.DOTALL)
#: Wider than the longest keyword, ENCODE_FOR_URI.
_WIDE = " " * 24
_SEPARATE = frozenset("{}()[];,")


def syntax_error(
    text: str,
    parse: Callable[[str], object],
    message: str,
    instead: Mapping[int, str] | None = None,
) -> QuerySyntaxError:
    """Give the error for a text that the engine can't parse, at the token where it is wrong.

    :param text: the query or update
    :param parse: parses a text with the same tokens
    :param message: what the engine said of the text
    :param instead: tokens to parse in the place of those that begin there, as with wide gaps a text
        may parse, and be run
    """
    tokens = tokens_of(text)
    spread, starts = _spread(text, instead or {})
    try:
        parse(spread)
    except SyntaxError as error:
        found = _PLACE.match(str(error.msg))
    except (OSError, RuntimeError, ValueError):
        found = None
    else:
        found = None
    if found is None:
        found = _PLACE.match(message)
        line, column = (int(found[1]), int(found[2])) if found else (1, 1)
        return QuerySyntaxError("it can't be parsed here.", line, column)
    offset = _offset(spread, int(found[1]), int(found[2]))
    token: Token | None = None
    for start, candidate in zip(starts, tokens, strict=True):
        if start <= offset:
            token = candidate
    reason = _reason(found[3])
    if token is None or offset >= starts[-1] + len(tokens[-1].text) + len(_WIDE):
        line, column = line_and_column(text, len(text.rstrip()))
        return QuerySyntaxError(reason or "the text ends too early.", line, column)
    shown = token.text if len(token.text) <= 40 else token.text[:40] + "…"
    line, column = line_and_column(text, token.start)
    said = f"{reason[:-1]}: {shown}" if reason else f"{shown!r} can't stand here."
    return QuerySyntaxError(said, line, column)


def _reason(expected: str) -> str:
    """Give what the engine says, where it is a sentence and no list of what it tried."""
    telling = re.search(r"\b[A-Z][A-Za-z]+(?: [A-Za-z]{2,})+(?: [A-Za-z]+)*", expected)
    return f"{telling[0]}." if telling else ""


def _spread(text: str, instead: Mapping[int, str]) -> tuple[str, list[int]]:
    """Put wide gaps between tokens, and say where each one went."""
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for token in tokenize(text):
        gap = _WIDE if token.kind is TokenKind.SPACE or token.text in _SEPARATE else ""
        starts_at = length + (len(gap) if token.kind is not TokenKind.SPACE else 0)
        if token.kind is TokenKind.SPACE:
            parts.append(gap)
        else:
            parts.extend((gap, instead.get(token.start, token.text), gap))
            starts.append(starts_at)
        length += sum(map(len, parts[-3:])) if token.kind is not TokenKind.SPACE else len(gap)
    return "".join(parts) + 2 * _WIDE, starts


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1
