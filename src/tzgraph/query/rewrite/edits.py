"""Changes of a query's text, piece by piece, so that all else stays where and as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import pyoxigraph as ox

from tzgraph.names.index import NameIndex
from tzgraph.query.rewrite.scope import projected
from tzgraph.query.syntax.tree import ParsedQuery, SyntaxNode, walk_here
from tzgraph.query.syntax.tree import Term as SyntaxTerm
from tzgraph.terms import Term

_NUMBERED = re.compile("_[0-9]+")
__all__ = ["Accumulator", "Edit", "QuerySource", "apply"]


class Accumulator(Protocol):
    """What an aggregate makes of the values of a group."""

    def accumulate(self, element: Term) -> None:
        """Take a value."""

    def finish(self) -> Term | None:
        """Give what comes of it, or nothing if it is an error."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Text to put in the place of other text.

    :ivar start: offset of what goes, in the text as it was
    :ivar end: offset behind it; at ``start`` if nothing goes
    :ivar text: what comes
    """

    start: int
    end: int
    text: str


@dataclass
class QuerySource:
    """A query as it is read by what rewrites it.

    :ivar text: the query
    :ivar query: what it is made of
    :ivar prefixes: the prefixes that hold in it
    :ivar values: what is known to be the value of variables, as it is written
    :ivar aggregates: aggregates of our own that the new text calls
    :ivar names: the index of names, if there is one
    :ivar functions: functions of our own that it calls
    """

    text: str
    query: ParsedQuery
    prefixes: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    aggregates: dict[ox.NamedNode, Callable[[], Accumulator]] = field(default_factory=dict)
    names: NameIndex | None = None
    functions: dict[ox.NamedNode, Callable[..., Term | None]] = field(default_factory=dict)
    _names: int = field(default=0)

    def written(self, node: SyntaxNode) -> str:
        """Give a part as it is written."""
        return self.text[node.start : node.end]

    def fresh(self) -> str:
        """Give a variable that the query doesn't have, with its mark."""
        while True:
            self._names += 1
            name = f"_{self._names}"
            if name not in self._taken and name not in self.values:
                return f"?{name}"

    @cached_property
    def _taken(self) -> set[str]:
        """What may be names of variables as :meth:`fresh` makes them."""
        return set(_NUMBERED.findall(self.text))

    def value_of(self, variable: SyntaxTerm) -> str | None:
        """Give what is known to be the value of a variable where it stands, as it is written.

        A subquery that doesn't show a variable has one of its own.
        """
        value = self.values.get(variable.value)
        if value is None or any(
            start <= variable.start < end and variable.value not in shown
            for start, end, shown in self._subqueries
        ):
            return None
        return value

    @cached_property
    def _subqueries(self) -> list[tuple[int, int, set[str]]]:
        """Where each subquery begins and ends, and what it shows."""
        inner = (n for n in self.nodes if isinstance(n, ParsedQuery) and n is not self.query)
        return [(query.start, query.end, projected(query)) for query in inner]

    @cached_property
    def nodes(self) -> list[SyntaxNode]:
        """All parts, each before what is in it, but not what is sent to other endpoints."""
        return list(walk_here(self.query))


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Change a text.

    :param edits: of pieces that don't overlap; those at one place in the order in which what they
        bring is to stand

    >>> apply("a c", [Edit(2, 3, "d"), Edit(0, 0, "("), Edit(1, 1, ")")])
    '(a) d'
    """
    parts, position = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, text[position:]])
