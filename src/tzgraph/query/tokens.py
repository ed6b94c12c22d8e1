r"""Cut a query into tokens, at least as widely as the engine does.

The grammar is that of SPARQL 1.1, section 19.8, and of the SPARQL 1.2 additions that Oxigraph
knows (``<<( )>>``, ``{| |}``). Where the engine is stricter, what is a token here is a syntax
error there, which is safe: names may contain any character beyond ASCII, strings any escape.
A codepoint escape outside strings and IRIs counts as the character it stands for, although
Oxigraph 0.5 takes ``\u0053ERVICE`` for a syntax error.

Whether ``<`` opens an IRI or compares depends on the grammar: ``?a<?b&&'>'`` holds a comparison
and a string, although ``<?b&&'>`` could be an IRI. It compares only directly inside the
parentheses of an expression and behind an operand, so the brackets are followed to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

__all__ = [
    "Token",
    "TokenKind",
    "decode_escapes",
    "line_and_column",
    "tokenize",
    "tokens_of",
]

_HEX4, _HEX8 = r"\\u[0-9A-Fa-f]{4}", r"\\U[0-9A-Fa-f]{8}"
_START = rf"(?:[A-Za-z_]|[^\x00-\x7f]|{_HEX4}|{_HEX8})"
_CHAR = rf"(?:[A-Za-z0-9_-]|[^\x00-\x7f]|{_HEX4}|{_HEX8})"
# Atomic and, for prefixes, bounded: matching must stay linear on hostile input.
_NAME = rf"{_START}(?>(?:{_CHAR}|\.++(?={_CHAR})){{0,255}})"
_LOCAL_CHAR = rf"(?:{_CHAR}|:|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?#@%])"
_IRI = r"<[^<>\"{}|^`\x00-\x20]*+>"

_TOKEN = re.compile(
    rf"""
      (?P<SPACE>(?>(?:[ \t\r\n]|\#[^\r\n]*+)+))
    | (?P<STRING>\"(?>(?:[^\"\\\r\n]|\\.)*)\" | '(?>(?:[^'\\\r\n]|\\.)*)')
    | (?P<IRI>{_IRI})
    | (?P<VARIABLE>[?$](?:{_CHAR})+)
    | (?P<BLANK>_:(?>(?:{_CHAR}|\.++(?={_CHAR}))+))
    | (?P<PREFIXED>(?:{_NAME})?:(?>(?:{_LOCAL_CHAR}|\.++(?={_LOCAL_CHAR}))*))
    | (?P<LANGUAGE>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--(?:ltr|rtl))?)
    | (?P<NUMBER>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<WORD>{_START}(?>(?:{_CHAR})*))
    | (?P<OPEN><<\(|\{{\||<<|[{{(\[])
    | (?P<CLOSE>\)>>|\|\}}|>>|[}})\]])
    | (?P<PUNCTUATION>[.;,])
    | (?P<OPERATOR>\^\^|&&|\|\||<=|>=|!=|[=<>!+\-*/|^?~])
    # A string that never ends: nothing behind it can be parsed.
    | (?P<OTHER>[\"'].*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
#: Strings in three quotes, by the empty string that they seem to begin with.
_LONG = {
    '""': re.compile(r'"""(?>(?:"{0,2}(?:[^"\\]|\\.))*)"""', re.DOTALL),
    "''": re.compile(r"'''(?>(?:'{0,2}(?:[^'\\]|\\.))*)'''", re.DOTALL),
}
_ESCAPE = re.compile(f"{_HEX4}|{_HEX8}")

#: Words before a function's name, after which its parentheses hold an expression.
_BEFORE_FUNCTION = frozenset({"FILTER", "HAVING", "BY", "ASC", "DESC"})
#: Words that are no operator or function: parentheses behind them hold a list.
_BEFORE_LIST = frozenset({"A", "TRUE", "FALSE", "UNDEF"})


class TokenKind(Enum):
    """What a token is. ``OTHER`` is a character that can't stand where it stands."""

    SPACE = "SPACE"
    STRING = "STRING"
    IRI = "IRI"
    VARIABLE = "VARIABLE"
    BLANK = "BLANK"
    PREFIXED = "PREFIXED"
    LANGUAGE = "LANGUAGE"
    NUMBER = "NUMBER"
    WORD = "WORD"
    OPEN = "OPEN"
    CLOSE = "CLOSE"
    PUNCTUATION = "PUNCTUATION"
    OPERATOR = "OPERATOR"
    OTHER = "OTHER"


_OPERANDS = frozenset(
    {
        TokenKind.STRING,
        TokenKind.IRI,
        TokenKind.VARIABLE,
        TokenKind.PREFIXED,
        TokenKind.LANGUAGE,
        TokenKind.NUMBER,
        TokenKind.BLANK,
    }
)
_KINDS = {kind.value: kind for kind in TokenKind}


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it starts, as an offset in characters.

    ``doubtful`` marks a ``<`` that another reading of the query would take differently, with
    consequences for what follows.
    """

    kind: TokenKind
    text: str
    start: int
    doubtful: bool = False

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """The token in capitals, codepoint escapes resolved, to compare keywords."""
        return decode_escapes(self.text).upper()


def decode_escapes(text: str) -> str:
    r"""Replace codepoint escapes by what they stand for (SPARQL 1.1, section 19.2).

    >>> decode_escapes(r"\u0053ERVICE")
    'SERVICE'
    """
    return _ESCAPE.sub(_decoded, text)


def _decoded(match: re.Match[str]) -> str:
    code = int(match[0][2:], 16)
    valid = code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if valid else match[0]


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    r"""Give line and column of an offset, both counted from 1.

    >>> line_and_column("a\nbc", 3)
    (2, 2)
    """
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def tokenize(text: str, start: int = 0, *, inside: str = "") -> Iterator[Token]:
    """Give the tokens of a query, white space and comments included.

    :param text: the query
    :param start: where to begin
    :param inside: what encloses the beginning: ``(`` if it is an expression in parentheses, which
        makes a ``<`` at the very beginning a comparison, ``list`` if it is another list

    >>> [token.text for token in tokenize("ASK{?s a ex:b}")]
    ['ASK', '{', '?s', ' ', 'a', ' ', 'ex:b', '}']
    """
    brackets = [inside] if inside else []
    last, before = None, None
    #: Three quotes of this kind open no string any more: where one has no end, no later one has.
    unclosed: set[str] = set()
    position = start
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:  # pragma: no cover  (OTHER matches any character)
            return
        kind = _KINDS[match.lastgroup or "OTHER"]
        value, doubtful = match[0], False
        if value in _LONG and value not in unclosed and text.startswith(value[0], match.end()):
            if whole := _LONG[value].match(text, position):
                value = whole[0]
            else:
                unclosed.add(value)
        if kind is TokenKind.IRI and brackets:
            first = position == start and inside == "("
            comparison = first or (_behind_operand(brackets, last) and brackets[-1] == "(")
            # Only a quote or a hash makes what follows look different in the other reading.
            doubtful = _behind_operand(brackets, last) and ("'" in value or "#" in value)
            if comparison:
                value = "<=" if text.startswith("<=", position) else "<"
                kind = TokenKind.OPERATOR
        token = Token(kind, value, position, doubtful)
        yield token
        position = token.end
        if kind is TokenKind.SPACE:
            continue
        if kind is TokenKind.OPEN:
            brackets.append(_bracket(value, brackets, last, before))
        elif kind is TokenKind.CLOSE and brackets:
            brackets.pop()
        last, before = token, last


def tokens_of(text: str) -> list[Token]:
    """Give the tokens of a query, but for white space and comments.

    >>> [token.text for token in tokens_of("ASK {} # nothing")]
    ['ASK', '{', '}']
    """
    return [token for token in tokenize(text) if token.kind is not TokenKind.SPACE]


def _behind_operand(brackets: list[str], last: Token | None) -> bool:
    """Say whether a ``<`` here is directly in parentheses and behind a complete operand."""
    if last is None or not brackets or brackets[-1] not in ("(", "list"):
        return False
    return last.kind in _OPERANDS or last.text == ")" or last.word in ("TRUE", "FALSE")


def _bracket(value: str, brackets: list[str], last: Token | None, before: Token | None) -> str:
    """Tell parentheses of an expression, ``(``, from those of a collection or row, ``list``."""
    if value != "(" or not brackets:
        return value
    if brackets[-1] in ("(", "list"):
        return brackets[-1]
    if last is None or last.kind is TokenKind.WORD:
        return "(" if last is None or last.word not in _BEFORE_LIST else "list"
    called = last.kind in (TokenKind.IRI, TokenKind.PREFIXED) and before is not None
    return "(" if called and before is not None and before.word in _BEFORE_FUNCTION else "list"
