"""An explanation as its page shows it: a tree of sentences, each part of it once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.explain import Explanation, Origin, TripleStatus
from tzgraph.explain.labels import Labels
from tzgraph.explain.steps import ExplainedStep, absent_in_words, steps_of
from tzgraph.explain.terms import read_term
from tzgraph.explain.text import place
from tzgraph.serve.messages.links import cell_path
from tzgraph.terms import Term

__all__ = ["Shown", "StatedPlace", "TreeNode", "tree_of"]

#: A tree of up to so many nodes is open, of a larger one only the upper levels.
_OPEN_NODES, _OPEN_LEVELS = 60, 2
_IRI = re.compile(r"<[^<>\s]*>")
#: Signs of how a triple is in the graph, so that colour is never the only one.
_SIGNS = {
    TripleStatus.ASSERTED: "●",
    TripleStatus.ONTOLOGY: "■",
    TripleStatus.INFERRED: "◇",
    TripleStatus.QUOTED: "❝",
    TripleStatus.PREPARED: "◆",
    TripleStatus.ABSENT: "○",
}


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
class StatedPlace:
    """Where something was stated: the cell, if it came from a table, and by whom."""

    text: str
    href: str
    label: str
    recalled: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """What a step says of its subject, and the cells that state it."""

    predicate: Shown
    object: Shown
    cells: tuple[StatedPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class TreeNode:
    """Triples that are told together, and why; ``above`` is the anchor of where that is shown."""

    anchor: str
    subject: Shown
    facts: tuple[Fact, ...]
    status: str
    kind: str
    sign: str
    places: tuple[StatedPlace, ...] = ()
    rule: str = ""
    title: str = ""
    premises: tuple[TreeNode, ...] = ()
    left_out: int = 0
    absent: tuple[tuple[str, str], ...] = ()
    above: str = ""
    is_open: bool = True


def tree_of(found: Explanation, labels: Labels, show: Callable[[Term], Shown]) -> TreeNode:
    """Give the tree of an explanation.

    :param labels: give terms their words
    :param show: gives a term as pages have it: where it leads, and its short form
    """
    tree = _Tree(labels, show, open_all=_count(found) <= _OPEN_NODES)
    return tree.node(ExplainedStep((found,)), 0)


def _absent(found: Explanation) -> str:
    return f"does not hold: {found.excluded}" if found.excluded else "not known to hold"


def _count(node: Explanation) -> int:
    return 1 + sum(map(_count, node.premises))


class _Tree:
    def __init__(self, labels: Labels, show: Callable[[Term], Shown], *, open_all: bool) -> None:
        self._labels = labels
        self._show = show
        self._open_all = open_all
        self._above: dict[tuple[str, str, str], tuple[Explanation, str]] = {}
        self._number = 0

    def node(self, step: ExplainedStep, depth: int) -> TreeNode:
        self._number += 1
        anchor, found = f"step-{self._number}", step.first
        subject, facts = self._term(found.triple[0]), tuple(map(self._fact, step.members))
        kind, sign = found.status.value, _SIGNS[found.status]
        earlier = [self._above.get(member.triple) for member in step.members]
        seen = all(e and e[0] == m for e, m in zip(earlier, step.members, strict=True))
        if seen and earlier[0] is not None:
            return TreeNode(anchor, subject, facts, kind, kind, sign, above=earlier[0][1])
        self._above.update({member.triple: (member, anchor) for member in step.members})
        return TreeNode(
            anchor,
            subject,
            facts,
            self._status(found),
            kind,
            sign,
            tuple(
                _place(origin)
                for origin in found.origins
                if origin.cell or found.status is not TripleStatus.PREPARED
            ),
            found.rule,
            self._labels.in_title(found.title),
            tuple(self.node(premise, depth + 1) for premise in steps_of(found.premises)),
            found.left_out,
            tuple(map(self._pattern, found.absent)),
            is_open=self._open_all or depth < _OPEN_LEVELS,
        )

    @staticmethod
    def _status(found: Explanation) -> str:
        if found.status is TripleStatus.ABSENT:
            return _absent(found)
        if found.status is TripleStatus.PREPARED:
            return "prepared by the audit"
        if found.status is TripleStatus.INFERRED and not found.rule:
            return "inferred, by a rule that was not found again"
        return found.status.value

    def _fact(self, member: Explanation) -> Fact:
        _subject, predicate, end = member.triple
        cells = tuple(_place(origin) for origin in member.origins if origin.cell)
        return Fact(self._term(predicate), self._term(end), cells)

    def _term(self, term: str) -> Shown:
        read = read_term(term)
        if read is None:
            return Shown(term)
        shown = self._show(read)
        if isinstance(read, ox.NamedNode):
            return Shown(self._labels.of(read), shown.href, shown.text)
        return shown

    def _pattern(self, text: str) -> tuple[str, str]:
        """Give what must not be in words, and as the pattern that it is."""
        short = _IRI.sub(lambda match: self._show(ox.NamedNode(match.group()[1:-1])).text, text)
        return absent_in_words(text, self._labels.written), short


def _place(origin: Origin) -> StatedPlace:
    if origin.cell is None:
        return StatedPlace("", "", origin.label, origin.recalled)
    return StatedPlace(place(origin.cell), cell_path(origin.cell), origin.label, origin.recalled)
