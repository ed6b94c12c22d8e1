"""How deep brackets are nested, in the syntaxes in which that may end a process.

Oxigraph's parsers call themselves for each triple term within a triple term: some 15,000 levels
end the process. JSON-LD takes memory with the square of its depth.
Lists, blank nodes, formulae, reified triples and annotations may be nested in any depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tzgraph.errors import UnsafeDataError

__all__ = ["JSON", "MAX_JSON_DEPTH", "MAX_TERM_DEPTH", "TURTLE", "Grammar", "Nesting"]

#: Triple terms within triple terms; as many as queries and updates may have brackets in brackets.
MAX_TERM_DEPTH = 200
#: Arrays and objects within each other.
MAX_JSON_DEPTH = 250


@dataclass(frozen=True)
class Grammar:
    """What tells brackets from what only looks like them.

    :ivar plain: what is passed over
    :ivar token: a bracket, or what opens a text, an IRI or a comment
    :ivar longest: bytes of the longest token
    :ivar opening: brackets that open
    :ivar closing: brackets that close
    :ivar quoted: by what opens it, what a text, IRI or comment goes on with, and what ends it
    :ivar limit: levels that pass
    :ivar what: what is nested, for the message
    """

    plain: re.Pattern[bytes]
    token: re.Pattern[bytes]
    longest: int
    opening: frozenset[bytes]
    closing: frozenset[bytes]
    quoted: dict[bytes, tuple[re.Pattern[bytes], re.Pattern[bytes]]]
    limit: int
    what: str


def _quoted(inside: bytes, end: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    return re.compile(rb"(?:%s|\\.)*+" % inside, re.DOTALL), re.compile(end)


#: Turtle, TriG, N-Triples and N-Quads. What is whole in a piece is passed over at once.
TURTLE = Grammar(
    plain=re.compile(
        rb"(?:[^<>\"'#\\]++|<(?!<)[^>\\]*+>|\"(?!\")[^\"\\]*+\"|#[^\r\n]*+(?=[\r\n]))*+"
    ),
    token=re.compile(rb"<<|>>|\"\"\"|'''|[<>\"'#]|\\.", re.DOTALL),
    longest=3,
    opening=frozenset([b"<<"]),
    closing=frozenset([b">>"]),
    quoted={
        b"<": _quoted(rb"[^>\\]++", rb">"),
        b"#": (re.compile(rb"[^\r\n]*+"), re.compile(rb"[\r\n]")),
        b'"': _quoted(rb"[^\"\\]++", rb"\""),
        b"'": _quoted(rb"[^'\\]++", rb"'"),
        b'"""': _quoted(rb"[^\"\\]++|\"{1,2}+(?=[^\"])", rb"\"\"\""),
        b"'''": _quoted(rb"[^'\\]++|'{1,2}+(?=[^'])", rb"'''"),
    },
    limit=MAX_TERM_DEPTH,
    what="triple terms",
)
JSON = Grammar(
    plain=re.compile(rb"(?:[^\[\]{}\"]++|\"(?:[^\"\\]++|\\.)*+\")*+", re.DOTALL),
    token=re.compile(rb"[\[\]{}\"]"),
    longest=1,
    opening=frozenset([b"[", b"{"]),
    closing=frozenset([b"]", b"}"]),
    quoted={b'"': _quoted(rb"[^\"\\]++", rb"\"")},
    limit=MAX_JSON_DEPTH,
    what="arrays and objects",
)


class Nesting:
    """Counts brackets in data that come in pieces, in time linear in their length.

    :param grammar: of which syntax they are
    """

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

    def feed(self, piece: bytes) -> None:
        """Look at the next piece.

        :raises UnsafeDataError: where they are nested too deeply
        """
        data = self._held + piece
        at = 0
        while True:
            after = self._within(data, at) if self._inside else self._token(data, at)
            if after is None:
                break
            at = after
        # What is held stays short, so nothing is looked at many times.
        self._held = data[self._stop :]
        self._line += data.count(b"\n", 0, self._stop)

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
            if self._depth > grammar.limit:
                raise self._too_deep(data, self._stop)
        elif found in grammar.closing:
            self._depth -= self._depth > 0
        return token.end()

    def _too_deep(self, data: bytes, at: int) -> UnsafeDataError:
        before = data[:at]
        start = before.rfind(b"\n") + 1
        return UnsafeDataError(
            "too-deep",
            f"More than {self._grammar.limit} {self._grammar.what} are nested in each other.",
            "No data need that; don't trust them.",
            self._line + before.count(b"\n"),
            # Of a line that began in an earlier piece only what is left of it is counted.
            len(before[start:].decode("utf-8", "replace")) + 1,
        )
