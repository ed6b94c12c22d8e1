r"""Patterns of REGEX and REPLACE as XPath reads them (XPath and XQuery Functions, section 5.6.1).

Oxigraph 0.5 hands them to Rust's ``regex``, which reads some otherwise and has no answer where a
pattern is wrong: the cell is empty, the row is gone. Patterns that stand in the query are
translated; one that can't be compiled is told. What other engines take beyond XPath (``\b``,
``(?:``) is left as it is, and so is a pattern that only a row knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NoReturn

import pyoxigraph as ox

from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.rewrite.edits import Edit, QuerySource
from tzgraph.query.syntax.strings import quoted, string_of
from tzgraph.query.syntax.tree import Expression, SyntaxNode
from tzgraph.query.tokens import line_and_column

__all__ = ["patterns", "replacement", "translated"]

#: NameStartChar and what NameChar has besides (XML 1.0, 5th edition, rules 4 and 4a).
_INITIAL = (
    r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}"
    r"\x{200C}-\x{200D}\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}"
    r"\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}"
)
_NAME = _INITIAL + r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}"
_CLASSES = {
    r"\i": f"[{_INITIAL}]",
    r"\I": f"[^{_INITIAL}]",
    r"\c": f"[{_NAME}]",
    r"\C": f"[^{_NAME}]",
    r"\s": r"[\x20\t\n\r]",  # not the other blanks of Unicode
    r"\S": r"[^\x20\t\n\r]",
}
_PIECE = re.compile(r"\\.|\[\^?|--|-\[|\]|\(\?|&&|~~|.", re.DOTALL)
#: What may follow ``(?``: flags, which other engines take as well, and groups that aren't kept.
_AFTER_QUESTION = re.compile(r"[imsx-]*[:)]")
#: A group has four digits at most; what else follows stands for itself.
_REPLACED = re.compile(r"\\.?|\$[0-9]{0,4}|[^\\$]+", re.DOTALL)
_BLANK = " \t\r\n"


class _WrongError(Exception):
    """A pattern or replacement is wrong, with what is wrong and what to do."""


def patterns(source: QuerySource) -> Iterator[Edit]:
    """Rewrite the patterns and replacements that stand in a query.

    :raises QuerySyntaxError: at one that can't be compiled
    """
    for call in source.nodes:
        if isinstance(call, Expression) and call.name in ("REGEX", "REPLACE"):
            most = 3 if call.name == "REGEX" else 4
            if most - 1 <= len(call.arguments) <= most:
                yield from _call(source, call, most)


def _call(source: QuerySource, call: Expression, most: int) -> Iterator[Edit]:
    flags = "" if len(call.arguments) < most else string_of(call.arguments[-1])
    if flags is None:
        return
    if wrong := set(flags) - set("smixq"):
        hint = "Flags are s, m, i, x and q."
        _refuse(source, call.arguments[-1], f"there is no flag {min(wrong)!r}.", hint)
    if "q" in flags:  # nothing means more than itself, in the replacement too
        text = string_of(call.arguments[2]) if call.name == "REPLACE" else None
        if text is not None:
            yield from _instead(call.arguments[2], text, text.replace("$", "$$"))
        return
    try:
        place = call.arguments[1]
        pattern, groups = string_of(place), None
        if pattern is not None:
            new, groups = translated(pattern, expanded="x" in flags)
            if not _compiles(new, flags.replace("x", "")):
                raise _WrongError("the pattern can't be compiled.")
            yield from _instead(place, pattern, new)
            yield from _instead(call.arguments[-1], flags, flags.replace("x", ""))
        place = call.arguments[2] if call.name == "REPLACE" else place
        given = string_of(place)
        if given is not None and call.name == "REPLACE":
            yield from _instead(place, given, replacement(given, groups))
    except _WrongError as error:
        _refuse(source, place, str(error), _HINT)


_HINT = (
    "Patterns and replacements are those of XPath: escape what is meant as it is, as in 'a\\\\.b'"
    " and '\\\\$'; $1 is what a group has matched."
)


def _refuse(source: QuerySource, node: SyntaxNode, message: str, hint: str) -> NoReturn:
    raise QuerySyntaxError(message, *line_and_column(source.text, node.start), hint)


def _instead(node: SyntaxNode, before: str, text: str) -> Iterator[Edit]:
    if text != before:
        yield Edit(node.start, node.end, quoted(text))


def translated(pattern: str, *, expanded: bool = False) -> tuple[str, int]:
    r"""Give a pattern of XPath as Rust's ``regex`` reads it, and how many groups it has.

    :param expanded: whether blanks outside classes count for nothing
    :raises _WrongError: at what can't be translated

    >>> translated(r"[a-z-[aeiou]](\.)")
    ('[a-z--[aeiou]](\\.)', 1)
    """
    parts: list[str] = []
    depth = groups = 0
    for match in _PIECE.finditer(pattern):
        piece = match[0]
        if piece in _CLASSES:
            parts.append(_CLASSES[piece])
        elif piece[0] == "\\" and piece[1:].isdecimal() and piece != "\\0":
            raise _WrongError("a reference to what a group has matched can't be evaluated.")
        elif piece == "(?" and not depth and not _AFTER_QUESTION.match(pattern, match.end()):
            begun = pattern[match.start() : match.start() + 4]
            raise _WrongError(
                f"{begun} begins nothing: groups have no names, and nothing looks ahead or back."
            )
        elif depth and piece in ("[", "[^", "--"):
            raise _WrongError(f"{piece} means nothing within brackets; escape it if it is meant.")
        elif depth and piece == "-[":
            parts.append("--[")
            depth += 1
        elif depth and piece in ("&&", "~~"):
            parts.append(f"\\{piece[0]}\\{piece[0]}")  # intersection and the like in Rust
        elif piece == "-[":
            parts.append("-[")
            depth += 1
        else:
            depth += (piece[0] == "[") - (piece == "]" and depth > 0)
            groups += piece == "(" and not depth
            if not (expanded and not depth and piece in _BLANK):
                parts.append(piece)
    return "".join(parts), groups


def replacement(text: str, groups: int | None) -> str:
    r"""Give a replacement of XPath as Rust's ``regex`` reads it.

    :param groups: how many the pattern has, if that is known
    :raises _WrongError: if it is none

    >>> replacement(r"\$$1c$23", 3)
    '$$${1}c${2}3'
    """
    parts: list[str] = []
    for piece in _REPLACED.findall(text):
        if piece[0] == "\\":
            if piece not in ("\\\\", "\\$"):
                raise _WrongError(f"{piece} says nothing in a replacement.")
            parts.append("\\" if piece == "\\\\" else "$$")
        elif piece == "$":
            raise _WrongError("a $ in a replacement has no number of a group behind it.")
        elif piece[0] == "$":
            digits = piece[1:]
            while len(digits) > 1 and int(digits) > (groups or 0):
                digits = digits[:-1]
            parts.append(f"${{{digits}}}{piece[1 + len(digits) :]}")
        else:
            parts.append(piece)
    return "".join(parts)


@lru_cache(maxsize=256)
def _compiles(pattern: str, flags: str) -> bool:
    """Say whether the engine can make something of a pattern."""
    query = f"SELECT (REGEX('', {quoted(pattern)}, '{flags}') AS ?x) {{}}"
    result = ox.Store().query(query)
    assert isinstance(result, ox.QuerySolutions)  # noqa: S101  (it is a SELECT)
    return next(result)["x"] is not None
