"""An explanation as its page shows it: a tree of terms, each part of it once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.explain import Explanation, Origin, TripleStatus
from tzgraph.explain.text import place
from tzgraph.terms import Term

__all__ = ["Node", "Shown", "term_in", "tree_of"]

#: A tree of up to so many nodes is open, of a larger one only the upper levels.
_OPEN_NODES, _OPEN_LEVELS = 60, 2
_IRI = re.compile(r"<[^<>\s]*>")


@dataclass(frozen=True, slots=True)
class Shown:
    """A term on a page: what to show, where it leads, and what it is."""

    text: str
    href: str | None = None
    note: str = ""

    @property
    def is_local(self) -> bool:
        """Whether the link leads to a page of this server."""
        return self.href is not None and self.href.startswith("/")


@dataclass(frozen=True, slots=True)
class Node:
    """A triple of the tree and why it holds; ``above`` is the anchor of where that is shown."""

    anchor: str
    terms: tuple[Shown, ...]
    status: str
    origins: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    title: str = ""
    premises: tuple[Node, ...] = ()
    left_out: int = 0
    absent: tuple[str, ...] = ()
    above: str = ""
    is_open: bool = True

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is to be told below the triple."""
        return not (self.origins or self.rule or self.premises)


def tree_of(found: Explanation, show: Callable[[Term], Shown]) -> Node:
    """Give the tree of an explanation.

    :param show: gives a term as pages have it
    """
    return _Tree(show, open_all=_count(found) <= _OPEN_NODES).node(found, 0)


def _absent(found: Explanation) -> str:
    return f"does not hold: {found.excluded}" if found.excluded else "not known to hold"


def _count(node: Explanation) -> int:
    return 1 + sum(map(_count, node.premises))


class _Tree:
    def __init__(self, show: Callable[[Term], Shown], *, open_all: bool) -> None:
        self._show = show
        self._open_all = open_all
        self._above: dict[tuple[str, str, str], tuple[Explanation, str]] = {}
        self._number = 0

    def node(self, found: Explanation, depth: int) -> Node:
        self._number += 1
        anchor = f"step-{self._number}"
        terms = tuple(self._term(term) for term in found.triple)
        status = found.status.value
        earlier = self._above.get(found.triple)
        if earlier is not None and earlier[0] == found:
            return Node(anchor, terms, status, above=earlier[1])
        self._above[found.triple] = found, anchor
        if found.status is TripleStatus.PREPARED:
            status = "prepared by the audit"
        rule = found.rule
        if found.status is TripleStatus.INFERRED and not rule:
            rule = "that was not found again"
        return Node(
            anchor,
            terms,
            _absent(found) if found.status is TripleStatus.ABSENT else status,
            tuple(
                _origin(origin)
                for origin in found.origins
                if origin.cell or found.status is not TripleStatus.PREPARED
            ),
            rule,
            found.title,
            tuple(self.node(premise, depth + 1) for premise in found.premises),
            found.left_out,
            tuple(map(self._pattern, found.absent)),
            is_open=self._open_all or depth < _OPEN_LEVELS,
        )

    def _term(self, term: str) -> Shown:
        read = term_in(term)
        return Shown(term) if read is None else self._show(read)

    def _pattern(self, text: str) -> str:
        return _IRI.sub(lambda match: self._show(ox.NamedNode(match.group()[1:-1])).text, text)


def term_in(term: str) -> Term | None:
    """Give a term in N-Triples syntax as a value, or ``None`` if it can't be one.

    >>> str(term_in("<http://example.org/a>"))
    '<http://example.org/a>'
    """
    try:
        triples = list(ox.parse(f"<x:s> <x:p> {term} .", format=ox.RdfFormat.N_TRIPLES))
    except SyntaxError:
        return None
    found: Term = triples[0].object
    return found


def _origin(origin: Origin) -> tuple[str, str]:
    where = place(origin.cell) if origin.cell else origin.source
    return where, origin.label + (", recalled" if origin.recalled else "")
