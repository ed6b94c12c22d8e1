"""Brackets and signs that parsers should not meet: nested too deeply, or of RDF 1.2.

JSON-LD takes memory with the square of its depth. Oxigraph's parsers call themselves for each
triple term within a triple term, and some 15,000 levels end the process; triple terms are refused
as RDF 1.2 is (:mod:`tzgraph.parsing.rdf12`). Lists, blank nodes and formulae may be nested in any
depth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tzgraph.errors import UnsafeDataError
from tzgraph.parsing.rdf12 import rdf12

__all__ = ["JSON", "MAX_JSON_DEPTH", "TURTLE", "Grammar", "Nesting"]

#: Arrays and objects within each other.
MAX_JSON_DEPTH = 250


@dataclass(frozen=True)
class Grammar:
    """What tells brackets from what only looks like them.

    :ivar plain: what is passed over
    :ivar token: a bracket, a sign, or what opens a text, an IRI or a comment
    :ivar longest: bytes of the longest token
    :ivar quoted: by what opens it, what a text, IRI or comment goes on with, and what ends it
    :ivar opening: brackets that open
    :ivar closing: brackets that close
    :ivar refused: what signs of RDF 1.2 are, by the end of the token
    """

    plain: re.Pattern[bytes]
    token: re.Pattern[bytes]
    longest: int
    quoted: dict[bytes, tuple[re.Pattern[bytes], re.Pattern[bytes]]]
    opening: frozenset[bytes] = frozenset()
    closing: frozenset[bytes] = frozenset()
    refused: Mapping[bytes, str] = field(default_factory=dict)


def _quoted(inside: bytes, end: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    return re.compile(rb"(?>(?:%s|\\.)*)" % inside, re.DOTALL), re.compile(end)


#: Turtle, TriG, N-Triples and N-Quads. What is whole in a piece is passed over at once.
TURTLE = Grammar(
    plain=re.compile(
        rb"(?>(?:[^<>\"'#\\~{@]++|<(?!<)[^>\\]*+>|\"(?!\")[^\"\\]*+\"|#[^\r\n]*+(?=[\r\n])"
        rb"|@[A-Za-z0-9]++(?>(?:-[A-Za-z0-9]++)*)(?=[^A-Za-z0-9-])|\{(?=[^|]))*)"
    ),
    token=re.compile(rb"<<|\{\|?|@(?:[A-Za-z0-9-]{1,60}--)?|\"\"\"|'''|[<>\"'#~]|\\.", re.DOTALL),
    longest=64,
    quoted={
        b"<": _quoted(rb"[^>\\]++", rb">"),
        b"#": (re.compile(rb"[^\r\n]*+"), re.compile(rb"[\r\n]")),
        b'"': _quoted(rb"[^\"\\]++", rb"\""),
        b"'": _quoted(rb"[^'\\]++", rb"'"),
        b'"""': _quoted(rb"[^\"\\]++|\"{1,2}+(?=[^\"])", rb"\"\"\""),
        b"'''": _quoted(rb"[^'\\]++|'{1,2}+(?=[^'])", rb"'''"),
    },
    refused={
        b"<<": "a triple term or a reified triple (<<)",
        b"{|": "an annotation ({|)",
        b"~": "a reifier (~)",
        b"--": "a text with a base direction (--)",
    },
)
JSON = Grammar(
    plain=re.compile(rb"(?>(?:[^\[\]{}\"]++|\"(?>(?:[^\"\\]++|\\.)*)\")*)", re.DOTALL),
    token=re.compile(rb"[\[\]{}\"]"),
    longest=1,
    opening=frozenset([b"[", b"{"]),
    closing=frozenset([b"]", b"}"]),
    quoted={b'"': _quoted(rb"[^\"\\]++", rb"\"")},
)


class Nesting:
    """Looks for brackets and signs in data that come in pieces, in time linear in their length.

    :param grammar: of which syntax they are
    """

    #: Names of members of JSON may be written in many ways, so they are left to the parser.
    doubtful = True

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._depth = 0
        #: What opened the text, IRI or comment that goes on; empty outside of them.
        self._inside = b""
        #: What may be the beginning of a token.
        self._held = b""
        #: Up to where the data are understood.
        self._stop = 0
        self._line = 1
        #: Characters of that line before what is held.
        self._column = 0

    def feed(self, piece: bytes) -> None:
        """Look at the next piece, the last of which is empty.

        :raises UnsafeDataError: where they are nested too deeply, or of RDF 1.2
        """
        # At the end, what was held is followed by as much as the longest token needs.
        data = self._held + (piece or b" " * self._grammar.longest)
        at = 0
        while True:
            after = self._within(data, at) if self._inside else self._token(data, at)
            if after is None:
                break
            at = after
        # What is held stays short, so nothing is looked at many times.
        self._held = data[self._stop :]
        line, column = self._place(data, self._stop)
        self._line, self._column = line, column - 1

    def _within(self, data: bytes, at: int) -> int | None:
        """Pass over a text, IRI or comment; nothing if it goes on in the next piece."""
        inside, end = self._grammar.quoted[self._inside]
        self._stop = inside.match(data, at).end()  # type: ignore[union-attr]  # it may be empty
        ended = end.match(data, self._stop)
        if ended is None:
            return None
        self._inside = b""
        return ended.end()

    def _token(self, data: bytes, at: int) -> int | None:
        """Take the next token; nothing if that may go on in the next piece."""
        grammar = self._grammar
        self._stop = grammar.plain.match(data, at).end()  # type: ignore[union-attr]  # as above
        if self._stop + grammar.longest > len(data):
            return None
        token = grammar.token.match(data, self._stop)
        if token is None:  # a backslash at the end
            return self._stop + 1
        found = token[0]
        if found in grammar.quoted:
            self._inside = found
        elif found in grammar.opening:
            self._depth += 1
            if self._depth > MAX_JSON_DEPTH:
                raise UnsafeDataError(
                    "too-deep",
                    f"More than {MAX_JSON_DEPTH} arrays and objects are nested in each other.",
                    "No data need that; don't trust them.",
                    *self._place(data, self._stop),
                )
        elif found in grammar.closing:
            self._depth -= self._depth > 0
        elif what := grammar.refused.get(found[-2:]):
            at = self._stop + found.find(b"--") if found.startswith(b"@") else self._stop
            raise rdf12(what, *self._place(data, at))
        return token.end()

    def _place(self, data: bytes, at: int) -> tuple[int, int]:
        start = data.rfind(b"\n", 0, at) + 1
        column = len(data[start:at].decode("utf-8", "replace")) + 1
        return self._line + data.count(b"\n", 0, at), column + (0 if start else self._column)
