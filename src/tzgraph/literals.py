"""Literals that the engine gives back in another way than they were written.

Oxigraph keeps numbers, dates and durations as values: ``"007"^^xsd:integer`` comes back as 7,
``"300"^^xsd:byte`` as the integer 300. Which ones change is asked of the engine itself; what is
here only spares it those that certainly don't (docs/reference/differences.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

import pyoxigraph as ox

from tzgraph.errors import QueryError
from tzgraph.vocabulary import XSD

__all__ = ["LiteralChanges", "LiteralsChangeError"]

#: Literals that are asked about together, and that answers are remembered of.
_TOGETHER, _REMEMBERED = 1_000, 50_000
#: Characters of a literal that are shown.
_SHOWN = 100
_DATE = r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_ZONE = r"(?:Z|[+-](?!00:00)[0-9]{2}:[0-9]{2})?"
#: Datatypes of which the engine keeps values, with the forms that surely come back.
_KEPT: Mapping[str, re.Pattern[str]] = {
    XSD + "boolean": re.compile("true|false"),
    XSD + "integer": re.compile("0|-?[1-9][0-9]*"),
    XSD + "decimal": re.compile(r"0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]"),
    # As many digits as every double tells apart, written without an exponent.
    XSD + "double": re.compile(r"0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,6})\.[0-9]{0,7}[1-9]"),
    XSD + "date": re.compile(_DATE + _ZONE),
    XSD + "dateTime": re.compile(f"{_DATE}T{_TIME}{_ZONE}"),
    **dict.fromkeys(
        (
            XSD + name
            for name in (
                *("float", "time", "dateTimeStamp", "gYear", "gYearMonth", "gMonth", "gMonthDay"),
                *("gDay", "duration", "dayTimeDuration", "yearMonthDuration", "byte", "short"),
                *("int", "long", "unsignedByte", "unsignedShort", "unsignedInt", "unsignedLong"),
                *("positiveInteger", "nonNegativeInteger"),
                *("negativeInteger", "nonPositiveInteger"),
            )
        ),
        re.compile(r"(?!)"),
    ),
}
#: A tag as it stands behind a string in Turtle and SPARQL, with a capital in it.
_TAG = re.compile(
    r"(?<=[\"'])(?<!\\[\"'])@(?=[a-z0-9-]*+[A-Z])[A-Za-z]++"
    r"(?>(?:-[A-Za-z0-9]++)*)(?=[\s;,.)}\]]|\Z)"
)


class LiteralsChangeError(QueryError):
    """Literals would not come back as they were written, and the client wants to be told so."""

    code = "literals-change"
    title = "Literals would not come back as written"


class LiteralChanges:
    """Finds the literals that will not come back as they are.

    >>> changes = LiteralChanges()
    >>> for text in ("7", "007"):
    ...     changes.see(ox.Literal(text, datatype=ox.NamedNode(XSD + "integer")))
    >>> changes.count, changes.first
    (1, ('"007"^^<http://www.w3.org/2001/XMLSchema#integer>', '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'))
    """

    def __init__(self) -> None:
        #: Whether literals change, as far as they were asked about.
        self._known: dict[ox.Literal, bool] = {}
        self._waiting: dict[ox.Literal, int] = {}
        self._tags: set[str] = set()
        self._count = 0
        self._first: tuple[str, str] | None = None

    @property
    def count(self) -> int:
        """How many were met that change, each as often as it was met."""
        self._ask()
        return self._count

    @property
    def first(self) -> tuple[str, str] | None:
        """One of them as it was written, and as it will come back."""
        self._ask()
        return self._first

    def see(self, literal: ox.Literal) -> None:
        """Take notice of a literal that will be stored."""
        if tag := literal.language:
            if len(self._tags) < _TOGETHER:
                self._tags.add(tag)
            return
        kept = _KEPT.get(literal.datatype.value)
        if kept is None or kept.fullmatch(literal.value):
            return
        if (changes := self._known.get(literal)) is not None:
            self._count += changes
            return
        self._waiting[literal] = self._waiting.get(literal, 0) + 1
        if len(self._waiting) >= _TOGETHER:
            self._ask()

    def see_tags(self, text: str, start: int = 0, end: int | None = None) -> None:
        """Take notice of language tags in Turtle or SPARQL: the engine's parser gives small ones.

        :param text: the text, of which the literals were seen
        """
        self._ask()  # so that those of which more changes are told first
        for match in _TAG.finditer(text, start, len(text) if end is None else end):
            # Else it only looks like a tag, in a string.
            if match[0][1:].lower() in self._tags:
                self._count += 1
                self._first = self._first or (f'"…"{match[0]}', f'"…"{match[0].lower()}')

    def _ask(self) -> None:
        """Ask the engine about those that wait, all at once."""
        if not self._waiting:
            return
        asked = f"SELECT ?x {{ VALUES ?x {{ {' '.join(map(str, self._waiting))} }} }}"
        solutions = cast("ox.QuerySolutions", ox.Store().query(asked))
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        for (literal, times), solution in zip(self._waiting.items(), solutions, strict=True):
            stored = solution[0]
            changes = self._known[literal] = stored != literal
            self._count += times if changes else 0
            if changes and self._first is None:
                self._first = str(literal), str(stored)
        self._waiting.clear()

    @property
    def told(self) -> tuple[str, str]:
        """Say in words what will not come back, and what to do."""
        written, stored = self.first or ("", "")
        return (
            f"{self.count:,} literal{'s' * (self.count > 1)} will not come back as written:"
            f" {_short(written)} will be {_short(stored)}.",
            "Write them as the store keeps them, or as strings (docs/reference/differences.md).",
        )

    def refuse(self) -> None:
        """Refuse, if there are any.

        :raises LiteralsChangeError: then
        """
        if self.first is not None:
            message, hint = self.told
            raise LiteralsChangeError(message, f"{hint} Or leave out Prefer: handling=strict.")

    def as_header(self) -> str:
        """Give them as JSON in ASCII, nothing if there are none."""
        if self.first is None:
            return ""
        written, stored = self.first
        told = {"count": self.count, "written": _short(written), "stored": _short(stored)}
        return json.dumps(told)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
