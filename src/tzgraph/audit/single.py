"""Judge figures that stand in no table: by the rules of the audit, on a copy of what is reported.

A figure is laid over the copy as a document's claim would be, the rules run, and what they made is
taken away again. So a figure gets the verdict that an audit gives it, and *unverified* where an
audit says so: nothing is contradicted because the graph doesn't know it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.audit.collect import collect_claim
from tzgraph.audit.model import AuditedClaim, ClaimPart
from tzgraph.audit.parts import Describer
from tzgraph.audit.run import run_audit
from tzgraph.errors import UsageError
from tzgraph.read.source import quoted_graphs
from tzgraph.reason import Rule
from tzgraph.resources import own_query
from tzgraph.terms import Term
from tzgraph.vocabulary import ID, RDF, TZ, Graphs

__all__ = ["MOST_QUADS", "FigureJudge", "StatedFigure"]

#: Quads of the largest graph that is copied: the copy is in memory.
MOST_QUADS = 1_000_000
#: Figures that are judged at once.
_MOST = 200
_AUDIT = ox.NamedNode(Graphs.AUDIT)
_TYPE = ox.NamedNode(RDF + "type")
#: The graph of what is asked, as that of a document, and the names of what is in it.
_ASKED = ox.NamedNode(Graphs.SOURCE + "asked")
_NAME = "asked-"


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A figure that somebody states.

    :ivar kind: local name of its class, ``StatedResult`` or ``StatedComparison``
    :ivar values: its values by local name of the property
    """

    kind: str
    values: Mapping[str, Term]


class FigureJudge:
    """Judges figures against what a release reports; threads may share one.

    :param store: of the release
    :param rules: those that the release was built with
    :raises UsageError: if the graph is too large to be copied, or there are no rules of the audit
    """

    def __init__(self, store: ox.Store, rules: Iterable[Rule]) -> None:
        self._rules = [rule for rule in rules if rule.settled]
        if not self._rules:
            raise UsageError("The release has no rules of the audit.", "Build it again.")
        if len(store) > MOST_QUADS:
            raise UsageError(
                f"Figures are checked in graphs of up to {MOST_QUADS:,} statements.",
                "Audit them with `tzgraph audit`, or look at what is reported with a query.",
            )
        self._store = ox.Store()
        self._store.bulk_extend(_reported(store))
        run_audit(self._store, self._rules, ())
        self._before = frozenset(self._audited())
        self._turn = threading.Lock()

    def judge(self, figures: Sequence[StatedFigure]) -> list[AuditedClaim]:
        """Give the audit of each figure, as of a claim that states it alone.

        :raises UsageError: if there are too many at once
        """
        if len(figures) > _MOST:
            raise UsageError(f"{len(figures)} figures are too many at once.", "Name the arm.")
        quads = [quad for number, one in enumerate(figures) for quad in _claimed(number, one)]
        with self._turn:
            try:
                self._store.extend(quads)
                run_audit(self._store, self._rules, [_ASKED.value])
                found = [collect_claim(self._store, _claim(n).value) for n in range(len(figures))]
            finally:
                self._take_away(quads)
        return [claim for claim in found if claim is not None]

    def reported(self, trial: str, endpoint: str) -> list[ClaimPart]:
        """Give the figures that accepted sources report of a trial's endpoint, in words.

        :param trial: its IRI
        :param endpoint: its IRI
        """
        values: dict[ox.Variable, Term] = {
            ox.Variable("trial"): ox.NamedNode(trial),
            ox.Variable("endpoint"): ox.NamedNode(endpoint),
        }
        with self._turn:
            describe = Describer(self._store)
            rows = self._store.query(own_query("audit", "reported"), substitutions=values)
            if not isinstance(rows, ox.QuerySolutions):
                raise TypeError("reported.rq is no SELECT query")
            return [describe.part(figure) for row in rows if (figure := row["figure"])]

    def _audited(self) -> Iterator[ox.Quad]:
        return self._store.quads_for_pattern(None, None, None, _AUDIT)

    def _take_away(self, quads: Iterable[ox.Quad]) -> None:
        made = [quad for quad in self._audited() if quad not in self._before]
        for quad in made:
            self._store.remove(quad)
            self._store.remove(ox.Quad(quad.subject, quad.predicate, quad.object))
        for quad in quads:
            self._store.remove(quad)


def _reported(store: ox.Store) -> Iterator[ox.Quad]:
    """Give the graph without what documents say, what was found about it, and links."""
    left_out = {Graphs.AUDIT, *quoted_graphs(store)}
    said = {
        quad.triple
        for name in left_out
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(name))
    }
    for quad in store:
        name = quad.graph_name
        if not isinstance(name, ox.NamedNode):
            if quad.triple not in said:
                yield quad
        elif name.value not in left_out and not name.value.startswith(
            (Graphs.MAPPINGS, Graphs.IMPORT)
        ):
            yield quad


def _claim(number: int) -> ox.NamedNode:
    return ox.NamedNode(f"{ID}claim/{_NAME}{number}")


def _claimed(number: int, figure: StatedFigure) -> Iterator[ox.Quad]:
    """Give a claim that states a figure, in the graph of what is asked and the default view."""
    claim, node = _claim(number), ox.NamedNode(f"{ID}statedfigure/{_NAME}{number}")
    triples: list[tuple[ox.NamedNode, ox.NamedNode, Term]] = [
        (claim, _TYPE, ox.NamedNode(TZ + "Claim")),
        (claim, ox.NamedNode(TZ + "statesResult"), node),
        (node, _TYPE, ox.NamedNode(TZ + figure.kind)),
        *((node, ox.NamedNode(TZ + name), value) for name, value in figure.values.items()),
    ]
    for triple in triples:
        yield ox.Quad(*triple, _ASKED)
        yield ox.Quad(*triple)
