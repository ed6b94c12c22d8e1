r"""A query as it is read: the spellings that SPARQL 1.1 allows and Oxigraph does not, resolved.

These are codepoint escapes outside strings and IRIs (SPARQL 1.1 Query, section 19.2) and TRUE and
FALSE in capitals (section 19.8, note 1). Guard, parser and engine all get this text, so that none
sees what another one doesn't. Escapes in strings and IRIs stay: the engine resolves them, after it
has found where they end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tzgraph.query.tokens import Token, TokenKind, decode_escapes, line_and_column, tokenize

__all__ = ["Plain", "plain"]

_SIGN = re.compile(r"\\[uU]|(?<!\w)(?!true|false)(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])(?!\w)")
_KEPT = frozenset({TokenKind.SPACE, TokenKind.STRING, TokenKind.IRI})


@dataclass(frozen=True, slots=True)
class Plain:
    """A query as it is read.

    :ivar text: the query
    :ivar client_text: the query as the client wrote it
    :ivar changes: where a token begins in the text and in the client's, and how long it is in each,
        for each one that isn't as long as the client's
    """

    text: str
    client_text: str
    changes: tuple[tuple[int, int, int, int], ...] = ()

    def place(self, line: int, column: int) -> tuple[int, int]:
        r"""Give line and column in the client's text for those in this one.

        >>> plain("ASK\\u0020{ ?s }").place(1, 10)
        (1, 15)
        """
        offset = 0
        for _ in range(line - 1):
            offset = self.text.find("\n", offset) + 1
        offset += column - 1
        shift = 0
        for start, client_start, length, client_length in self.changes:
            if offset < start:
                break
            if offset < start + length:
                return line_and_column(self.client_text, client_start)
            shift = client_start + client_length - start - length
        return line_and_column(self.client_text, offset + shift)


def plain(text: str) -> Plain:
    r"""Give a query as it is read.

    >>> plain(r"ASK { FILTER(TRUE) \u003Fs ?p '\u0041' }").text
    "ASK { FILTER(true) ?s ?p '\\u0041' }"
    """
    capitals = text.upper()
    has_sign = "\\U" in capitals or "TRUE" in capitals or "FALSE" in capitals
    if not has_sign or not _SIGN.search(text):
        return Plain(text, text)
    parts: list[str] = []
    changes: list[tuple[int, int, int, int]] = []
    length = 0
    for token, read in _tokens(text):
        if len(read) != len(token.text):
            changes.append((length, token.start, len(read), len(token.text)))
        parts.append(read)
        length += len(read)
    return Plain("".join(parts), text, tuple(changes))


def _tokens(text: str) -> Iterator[tuple[Token, str]]:
    """Give the tokens of a query, and how each is read."""
    for token in tokenize(text):
        read = token.text
        if token.kind is TokenKind.WORD and read.lower() in ("true", "false"):
            read = read.lower()
        elif "\\" in read and token.kind not in _KEPT and read[0] not in "\"'":
            read = decode_escapes(read)
        yield token, read
