r"""Refuse queries that may not reach the engine: federation, and nesting that would crash it.

Oxigraph answers ``SERVICE`` by calling the server named in the query, so the query has to be
refused before it is parsed (SPARQL 1.1 Federated Query). Oxigraph does not ask for a gap around
keywords, which is why ``trueSERVICE<http://x>{}`` and ``SERVICEx:y{}`` federate, and why
``service:x {`` may do so where a pattern can start, whatever the prefix ``service`` stands for.
Where endpoints are listed that queries may call, a plain ``SERVICE`` of one of them passes, with
whatever that endpoint is to call in turn (:mod:`tzgraph.query.services`), and everything else that
might federate is refused as before.

Nesting overflows the stack of the parser, which ends the process (measured on 8 MB: about 1,000
levels; 2,500 operators in a row are fine, 10,000 are not).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from tzgraph.errors import FederationDeniedError, QueryError
from tzgraph.query.services import Call, declared_prefixes, find_call, with_graphs
from tzgraph.query.tokens import (
    Token,
    TokenKind,
    decode_escapes,
    line_and_column,
    tokenize,
    tokens_of,
)

__all__ = [
    "FLAT",
    "MAX_DEPTH",
    "MAX_OPERATORS",
    "QuerySyntaxError",
    "Survey",
    "check",
    "check_update",
]

#: Brackets in brackets that a query may have.
MAX_DEPTH = 200
#: Keywords, operators and patterns that a query may have; terms are not counted.
MAX_OPERATORS = 2_500

_SERVICE = re.compile(r"(?:TRUE|FALSE)*SERVICE")
_LOAD = re.compile(r"LOAD(?:SILENT)?\Z")
_GAP = r"(?>(?:[ \t\r\n]++|#[^\r\n]*+)*)"
_PATTERN = re.compile(
    rf"(?:true|false)*service{_GAP}(?:silent)?{_GAP}"
    # A # may belong to a name or begin a comment.
    r"(?:[?$][^\s{}<>]++|[?$][^\s{}<>#]++|<[^<>]*+>"
    rf"|[^\s{{}}<>\"':]*+:[^\s{{}}<>\"']*+|[^\s{{}}<>\"':#]*+:[^\s{{}}<>\"'#]*+){_GAP}\{{",
    re.IGNORECASE,
)
#: Words behind which a name before ``{`` is the name of a graph or of what to describe.
_NAMING = frozenset({"GRAPH", "FROM", "NAMED", "DESCRIBE"})
_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
)
_LINE_END = re.compile(r"[\r\n]")
_OPENING = re.compile(_GAP)
_ITEMS = frozenset(
    {
        *(TokenKind.IRI, TokenKind.PREFIXED, TokenKind.VARIABLE, TokenKind.BLANK),
        *(TokenKind.STRING, TokenKind.NUMBER),
    }
)
#: Behind these, and what may stand between, parentheses are no collection.
_BEFORE_PARENTHESES = frozenset({"FILTER", "BIND", "VALUES", "EXISTS", "NOT", "IN"})
_COUNTED = frozenset({TokenKind.WORD, TokenKind.OPERATOR})
#: A query without any of it can't reach other servers, nor hide that it does.
_SUSPECT = ("SERVICE", "LOAD", "\\")
_BRACKETS = ("[", "(", "{", "<<")
_SPACE = r"[ \t\r\n]"
_BEGINNING = re.compile(
    rf"(?>(?:{_SPACE}++|\#[^\r\n]*+"
    rf"|(?:PREFIX{_SPACE}++[A-Za-z0-9_-]*+:|BASE){_SPACE}*+<[^<>\"{{}}|^`\x00-\x20]*+>)*)"
    r"(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![A-Za-z0-9_:-])",
    re.IGNORECASE,
)


#: As _SUSPECT for updates, whose data often speak of payloads and have quotes escaped.
_SUSPECT_UPDATE = re.compile(r"service|(?<![a-z])load|\\u", re.IGNORECASE)
#: Text of data without brackets, one piece of it; to be read with VERBOSE and DOTALL.
FLAT = r"""(?:[^{}"'#<>\\]++|\#[^\r\n]*+|<[^<>"{}|^`\\\x00-\x20]*+>
    |\"{3}(?>(?:"{0,2}(?:[^"\\]|\\.))*)\"{3}|'{3}(?>(?:'{0,2}(?:[^'\\]|\\.))*)'{3}
    |"(?>(?:[^"\\\r\n]|\\.)*)"|'(?>(?:[^'\\\r\n]|\\.)*)')"""
#: Data of an update, down to the graphs in them.
_DATA = re.compile(rf"\{{(?>(?:{FLAT}|\{{(?>{FLAT}*)\}})*)\}}", re.VERBOSE | re.DOTALL)


class QuerySyntaxError(QueryError):
    """A query is refused for what stands at one place in it.

    :param message: what is wrong
    :param line: line of the place, from 1
    :param column: column of the place, from 1
    :param hint: what to do
    """

    code = "query-syntax"
    title = "The query can't be parsed"
    details = ("line", "column")

    def __init__(self, message: str, line: int, column: int, hint: str = "") -> None:
        super().__init__(f"Line {line}, column {column}: {message}", hint)
        self.line = line
        self.column = column


def move_place(error: QuerySyntaxError | ServiceRefusedError, line: int, column: int) -> None:
    """Have an error say another place, as that of the same thing in a larger text."""
    before = f"Line {error.line}, column {error.column}:"
    error.line, error.column = line, column
    error.message = error.message.replace(before, f"Line {line}, column {column}:", 1)
    error.args = (error.message,)


class QueryTooComplexError(QuerySyntaxError):
    """A query nests too deeply or has too many operators for the engine."""

    code = "query-too-complex"
    title = "The query is too complex"


class UpdateRefusedError(QuerySyntaxError):
    """A text is an update where a query is expected."""

    code = "update-refused"
    title = "Updates are not accepted"


#: What to do in the place of what is refused.
_INSTEAD = {
    "SERVICE": "Query the other server by itself and bring the values in with VALUES. "
    "A server lets plain SERVICE through to the endpoints in TZGRAPH_FEDERATION.",
    "LOAD": "Send the data themselves, by INSERT DATA or to a server's /graphs.",
}


class ServiceRefusedError(FederationDeniedError):
    """A query asks for another server, at ``line`` and ``column``.

    :param word: SERVICE or LOAD
    :param why: what is wrong with it where some servers may be called
    """

    details = ("line", "column")

    def __init__(self, word: str, line: int, column: int, why: str = "") -> None:
        super().__init__(
            f"Line {line}, column {column}: {word} is refused: "
            f"{why or 'other servers may not be called'}.",
            _INSTEAD[word],
        )
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a query before it is parsed.

    :ivar form: its form, in capitals, if it has one
    :ivar calls: the other endpoints that it calls
    """

    form: str | None
    calls: tuple[Call, ...] = ()


def check(
    text: str,
    *,
    endpoints: Collection[str] = (),
    prefixes: Mapping[str, str] | None = None,
) -> Survey:
    """Let a query pass, or refuse it.

    :param text: the query, not yet parsed; what is no SPARQL at all passes
    :param endpoints: IRIs of the endpoints that it may call
    :param prefixes: prefixes that the query need not declare
    :return: what was seen on the way
    :raises FederationDeniedError: at LOAD and at SERVICE, unless it stands plainly and calls one of
        the endpoints, with ``line`` and ``column``
    :raises QueryTooComplexError: at nesting or length that would crash the engine
    :raises UpdateRefusedError: if the text is an update

    >>> check("ASK { ?service ?p 'SERVICE' } # SERVICE").form
    'ASK'
    """
    if (form := _trivially_safe(text)) is not None:
        return Survey(form)
    tokens = tokens_of(text)
    calls = _calls(text, tokens, endpoints, prefixes or {})
    _refuse_other_readings(text, tokens, calls)
    form = _form(text, tokens)
    _refuse_crashes(text, tokens)
    return Survey(form, calls)


def check_update(text: str) -> list[Token]:
    """Let an update pass, or refuse it.

    The limit on operators holds for each operation; the engine reads data of any length.

    :param text: the update, not yet parsed; what is no SPARQL at all passes
    :return: its tokens but for space; of data mostly just the brackets
    :raises FederationDeniedError: at SERVICE or LOAD, with ``line`` and ``column``
    :raises QueryTooComplexError: at nesting or length that would crash the engine

    >>> tokens = check_update("INSERT DATA { <x:s> <x:p> 'LOAD <x:y>' } # SERVICE")
    """
    if not _SUSPECT_UPDATE.search(text) and sum(map(text.count, _BRACKETS)) <= MAX_DEPTH:
        # Nothing but length can be wrong, and data may have any: so they are passed over, as to
        # cut them into tokens takes several times as long as to carry them out.
        tokens = list(_without_data(text))
        _refuse_crashes(text, tokens, update=True)
        return tokens
    tokens = tokens_of(text)
    _calls(text, tokens, (), {})
    _refuse_other_readings(text, tokens)
    _refuse_crashes(text, tokens, update=True)
    return tokens


def _without_data(text: str) -> Iterator[Token]:
    r"""Give the tokens of an update, but for space and what INSERT DATA and DELETE DATA hold.

    Data that are not plainly cut by their quotes and brackets are not passed over.

    >>> [token.text for token in _without_data("INSERT DATA {<x:s> <x:p> '}'} ; CLEAR ALL")]
    ['INSERT', 'DATA', '{', '}', ';', 'CLEAR', 'ALL']
    """
    position = 0
    while position < len(text):
        for token in tokenize(text, position):
            position = token.end
            if token.kind is TokenKind.SPACE:
                continue
            yield token
            if token.word == "DATA" and (opening := _OPENING.match(text, position)):
                data = _DATA.match(text, opening.end())
                if data is not None:
                    yield Token(TokenKind.OPEN, "{", opening.end())
                    position = data.end()
                    yield Token(TokenKind.CLOSE, "}", position - 1)
                    break


def _trivially_safe(text: str) -> str | None:
    """Give the form of a query that can be let pass without cutting it into tokens.

    Most queries are short and hold nothing that looks like what is refused, not even in a string;
    to cut them takes longer than to answer them.

    :return: ``None`` if the text has to be looked at more closely
    """
    first = _BEGINNING.match(text)
    if first is None or len(text) > MAX_OPERATORS or not text.isascii():
        return None
    capitals = text.upper()
    if any(map(capitals.__contains__, _SUSPECT)):
        return None
    return first[1].upper() if sum(map(text.count, _BRACKETS)) <= MAX_DEPTH else None


def _calls(
    text: str, tokens: list[Token], endpoints: Collection[str], known: Mapping[str, str]
) -> tuple[Call, ...]:
    """Give the calls of other endpoints that pass, and refuse all others."""
    calls: list[Call] = []
    prefixes = declared_prefixes(tokens, known) if endpoints else {}
    inside = 0
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.WORD and _LOAD.match(token.word):
            raise ServiceRefusedError("LOAD", *line_and_column(text, token.start))
        if token.kind is TokenKind.WORD and _SERVICE.match(token.word):
            # What stands in the pattern of a call is for its endpoint to call.
            listed = endpoints if token.start >= inside else None
            call = find_call(text, tokens, index, listed, prefixes) if endpoints else ""
            if isinstance(call, str):
                raise ServiceRefusedError("SERVICE", *line_and_column(text, token.start), call)
            calls.append(call)
            inside = max(inside, call.pattern[1])
        # SERVICE and a name can stand together without a gap: SERVICEex:endpoint {
        glued = token.kind is TokenKind.PREFIXED and _SERVICE.match(token.word)
        opens = index + 1 < len(tokens) and tokens[index + 1].text == "{"
        named = index > 0 and tokens[index - 1].word in _NAMING
        if glued and opens and not named:
            raise ServiceRefusedError("SERVICE", *line_and_column(text, token.start))
    doubt = next((t for t in tokens if t.doubtful and t.kind is TokenKind.OPERATOR), None)
    if calls and doubt is not None:
        place = line_and_column(text, calls[0].start)
        raise ServiceRefusedError("SERVICE", *place, "a < in the query might open an IRI")
    return with_graphs(tokens, calls) if calls else ()


def _refuse_other_readings(text: str, tokens: list[Token], calls: tuple[Call, ...] = ()) -> None:
    """Refuse a service pattern that shows when the query is cut in another way.

    Two things can be read in two ways: a ``<`` behind an operand, and codepoint escapes in
    strings, which SPARQL 1.1 resolves before everything else and Oxigraph after.

    :param calls: those that pass
    """
    seen = {token.start for token in tokens}
    waiting = [token for token in tokens if token.doubtful]
    line_ends = [match.start() for match in _LINE_END.finditer(text)] if waiting else []
    while waiting:
        doubt = waiting.pop()
        was_iri = doubt.kind is TokenKind.IRI
        start = doubt.start if was_iri else text.index(">", doubt.start) + 1
        if was_iri and _comment_first(doubt.text):
            # Read as a comparison it ends in a comment, so what differs begins on the next line.
            index = bisect_left(line_ends, doubt.start)
            if index == len(line_ends):
                continue
            start = line_ends[index]
        for token in tokenize(text, start, inside="(" if was_iri else "list"):
            if token.start in seen and token.start != doubt.start:
                break
            seen.add(token.start)
            if token.doubtful and token.start != doubt.start:
                waiting.append(token)
            _refuse_pattern(text, text, token)
    decoded = decode_escapes(text) if "\\" in text else text
    if decoded != text and calls:
        _refuse_other_tokens(text, tokens, decoded)
    elif decoded != text:
        for token in tokenize(decoded):
            _refuse_pattern(text, decoded, token)


def _refuse_other_tokens(text: str, tokens: list[Token], decoded: str) -> None:
    """Refuse a query that calls others and has escapes which decide where its tokens are."""
    others = (token for token in tokenize(decoded) if token.kind is not TokenKind.SPACE)
    for one, other in zip_longest(tokens, others):
        same = one and other and (one.kind, one.doubtful) == (other.kind, other.doubtful)
        if not same or decode_escapes(one.text) != other.text:
            place = one.start if one else len(text)
            raise ServiceRefusedError(
                "SERVICE",
                *line_and_column(text, place),
                "a codepoint escape (such as \\u0022) stands here, or before, that makes another"
                " query of this one where escapes are resolved first",
            )


def _comment_first(iri: str) -> bool:
    return "'" not in iri.partition("#")[0]


def _refuse_pattern(text: str, read: str, token: Token) -> None:
    if token.kind in (TokenKind.WORD, TokenKind.PREFIXED) and _PATTERN.match(read, token.start):
        raise ServiceRefusedError("SERVICE", *line_and_column(text, min(token.start, len(text))))


def _form(text: str, tokens: list[Token]) -> str | None:
    """Give the first word behind the prologue if it is a query form."""
    for token in tokens:
        if token.kind is TokenKind.WORD and token.word not in ("PREFIX", "BASE", "VERSION"):
            if token.word in _UPDATES:
                raise UpdateRefusedError(
                    f"{token.word} is an update, and only queries are answered here.",
                    *line_and_column(text, token.start),
                    "Use SELECT, ASK, CONSTRUCT or DESCRIBE; a server takes updates at /update.",
                )
            return token.word if token.word in _FORMS else None
    return None


class _Lists:
    """Tells which items of lists are patterns to the engine, or parts of a union.

    These are objects behind a comma, members of collections, and what DESCRIBE is to describe; not
    values of VALUES, arguments, and values of IN.
    """

    def __init__(self) -> None:
        self._open: list[str] = []
        self._word = ""
        self._before = ""

    def is_pattern(self, token: Token) -> bool:
        """Say whether a token is such an item; each token is to be given, but for space."""
        inside = self._open[-1] if self._open else ""
        found = (
            (token.text == "," and inside in ("{", "["))
            or (token.kind in _ITEMS and inside == "collection")
            or (token.kind in _ITEMS and not self._open and self._word == "DESCRIBE")
        )
        if token.kind is TokenKind.OPEN:
            self._open.append(self._opened(token.text, inside))
        elif token.kind is TokenKind.CLOSE:
            del self._open[-1:]
        if token.kind is TokenKind.WORD:
            self._word = token.word
        elif token.text in (".", ";"):
            self._word = ""
        self._before = "" if token.kind is TokenKind.OPEN else token.kind.value
        return found

    def _opened(self, text: str, inside: str) -> str:
        if (text == "{" and self._word == "VALUES") or inside == "values":
            return "values"
        if text != "(":
            self._word = ""
            return text
        if inside not in ("{", "[", "collection") or self._before == TokenKind.WORD.value:
            return "("
        return "(" if self._word in _BEFORE_PARENTHESES else "collection"


def _refuse_crashes(text: str, tokens: list[Token], *, update: bool = False) -> None:
    depth = operators = 0
    data = False
    lists = _Lists()
    for token in tokens:
        operators += lists.is_pattern(token) and not data
        if token.kind is TokenKind.OPEN:
            depth += 1
            operators += token.text != "(" and not data
        elif token.kind is TokenKind.CLOSE:
            depth -= depth > 0
            data = data and depth > 0
        elif token.kind in _COUNTED or token.text in (".", ";"):
            operators += not data
            if update and not depth:
                operators = 0 if token.text == ";" else operators
                data = token.word == "DATA"
        if depth > MAX_DEPTH:
            raise QueryTooComplexError(
                f"more than {MAX_DEPTH} brackets are open.",
                *line_and_column(text, token.start),
                "Nest less deeply.",
            )
        if operators > MAX_OPERATORS:
            raise QueryTooComplexError(
                f"more than {MAX_OPERATORS} keywords, operators and patterns.",
                *line_and_column(text, token.start),
                "Put lists of values in VALUES or IN, or ask several queries.",
            )
