"""Parts of the page of a thing that are made of queries: tables, and what documents say of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote_plus

import pyoxigraph as ox

from tzgraph.audit.model import AuditedClaim, Verdict
from tzgraph.audit.report.words import CITATIONS
from tzgraph.pageviews import Panel
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.views.claim_card import claim_card
from tzgraph.serve.views.digits import Digits
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.thing import ThingDescription
from tzgraph.serve.views.thing_values import ValueMaker
from tzgraph.serve.views.trial_figures import TrialFigures, figures_of
from tzgraph.serve.views.trial_page import (
    arms_panel,
    comparisons_panel,
    design_panel,
    results_panel,
)
from tzgraph.vocabulary import TZ

__all__ = ["PANEL_QUERIES", "Panels"]

#: The query in ``sparql/`` that gives the rows of a panel.
PANEL_QUERIES: Mapping[Panel, str] = {
    Panel.CLAIMS: "thing-claims",
    Panel.CLAIM_CARD: "claim-neighbours",
    Panel.TRIAL_DESIGN: "trial-reports",
    Panel.TRIAL_ARMS: "trial-arms",
    Panel.TRIAL_RESULTS: "trial-figures",
    Panel.MAPPING_SETS: "graph-mapping-sets",
    Panel.GRAPH_CLASSES: "graph-classes",
    Panel.GRAPH_PROPERTIES: "graph-properties",
}
#: Claims that are shown at once.
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class FactTable:
    """A table of facts about the thing."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class QuotedClaim:
    """A claim about the thing, as a document makes it."""

    shown: Shown
    text: str
    verdict: Verdict
    provisional: bool
    citation: str
    document: Shown | None


@dataclass(frozen=True, slots=True)
class Claims:
    """What documents say of the thing: the worst verdicts first.

    :ivar audit: where the audit has them, empty if it does not find claims by such a thing
    """

    claims: tuple[QuotedClaim, ...]
    audit: str = ""
    shown: int = _SHOWN
    kind: str = "claims"


@dataclass(frozen=True)
class Panels:
    """Makes the panels of the page of one thing.

    :ivar thing: what the page is of
    :ivar rows: what the queries of the panels gave
    :ivar maker: makes the values
    :ivar digits: how figures are written
    :ivar claim: the audit of the thing, if that is a claim
    """

    thing: ThingDescription
    rows: Mapping[Panel, Sequence[Row]]
    maker: ValueMaker
    digits: Digits
    claim: AuditedClaim | None = None

    def panel(self, panel: Panel) -> object | None:
        """Give what a panel shows, ``None`` if there is nothing to show."""
        rows, maker = self.rows.get(panel, ()), self.maker
        if panel is Panel.CLAIMS:
            return _claims(rows, maker, self.thing)
        if panel is Panel.CLAIM_CARD:
            return self.claim and claim_card(self.claim, rows, maker.named, maker.explain)
        if panel is Panel.TRIAL_DESIGN:
            return design_panel(self.thing, rows, self._figures, maker)
        if panel is Panel.TRIAL_ARMS:
            return arms_panel(rows, maker)
        if panel is Panel.TRIAL_RESULTS:
            return results_panel(self._figures, maker)
        if panel is Panel.TRIAL_COMPARISONS:
            return comparisons_panel(self._figures, maker)
        return _table(rows, maker)

    @cached_property
    def _figures(self) -> TrialFigures:
        primary = self.thing.values(TZ + "primaryEndpoint")
        iris = [term.value for term in primary if isinstance(term, ox.NamedNode)]
        return figures_of(self.rows.get(Panel.TRIAL_RESULTS, ()), self.digits, iris)


def _claims(rows: Sequence[Row], maker: ValueMaker, thing: ThingDescription) -> Claims | None:
    found: dict[str, QuotedClaim] = {}
    for row in rows:
        claim = row.get("claim")
        verdict = _verdict(row, "verdict")
        if claim is None or verdict is None:
            continue
        citation = _verdict(row, "citation")
        document = row.get("document")
        found.setdefault(
            str(claim),
            QuotedClaim(
                maker.named(claim, _labels(row, "claimLabel")),
                _text(row, "text"),
                verdict,
                _text(row, "provisional") == "true",
                CITATIONS[citation] if citation else "",
                None if document is None else maker.named(document, _labels(row, "documentLabel")),
            ),
        )
    order = list(Verdict)
    ordered = sorted(found.values(), key=lambda claim: order.index(claim.verdict))
    if not ordered:
        return None
    audited = not {TZ + "Publication", TZ + "TrialArm"} & set(thing.types)
    path = f"/audit?about={quote_plus(thing.node.value)}" if audited else ""
    return Claims(tuple(ordered), path)


def _verdict(row: Row, name: str) -> Verdict | None:
    word = _text(row, name).removeprefix(TZ)
    return Verdict(word) if word in list(Verdict) else None


def _table(rows: Sequence[Row], maker: ValueMaker) -> FactTable | None:
    """Give a table of rows, in which ``?xLabel`` is what is shown of ``?x``."""
    seen = {name for row in rows for name in row} - {"thing"}
    columns = [name for name in _in_order(rows) if name in seen and name[-5:] != "Label"]
    if not columns:
        return None

    def cell(row: Row, name: str) -> Shown:
        term = row.get(name)
        return Shown("") if term is None else maker.named(term, _labels(row, name + "Label"))

    cells = tuple(tuple(cell(row, name) for name in columns) for row in rows)
    return FactTable(tuple(map(_heading, columns)), cells)


def _labels(row: Row, name: str) -> list[ox.Literal]:
    label = row.get(name)
    return [label] if isinstance(label, ox.Literal) else []


def _text(row: Row, name: str) -> str:
    term = row.get(name)
    return term.value if isinstance(term, ox.Literal | ox.NamedNode) else ""


def _heading(name: str) -> str:
    """Give the name of a variable in words.

    >>> _heading("hazardRatio")
    'hazard ratio'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _in_order(rows: Sequence[Row]) -> list[str]:
    """Give the names of all columns, each after those that stand before it in a row."""
    names: list[str] = []
    for row in rows:
        place = 0
        for name in row:
            if name in names:
                place = names.index(name) + 1
            else:
                names.insert(place, name)
                place += 1
    return names
