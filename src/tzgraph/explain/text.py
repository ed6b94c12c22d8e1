"""Explanations as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tzgraph.audit.model import ClaimPart, Judgement
from tzgraph.audit.report.plain import labelled
from tzgraph.audit.report.words import CITATIONS, SIGNS, decided_by, reason, short_link, visible
from tzgraph.explain.comparison import ClaimComparison
from tzgraph.explain.model import Explanation, Origin, Triple, TripleStatus
from tzgraph.read.provenance import CellRef

__all__ = ["as_text", "headline", "place"]

_IRI = re.compile(r"<[^<>\s]*>")


def as_text(explanation: Explanation, compact: Callable[[str], str]) -> str:
    """Write an explanation as an indented tree, after the comparison if it is of a verdict.

    A part of the tree that stands above already is referred to and not repeated. Control
    characters are made visible, so that data can't steer the terminal.

    :param explanation: the tree
    :param compact: writes a term in N-Triples syntax in a short form
    """
    lines: list[str] = []
    if explanation.comparison is not None:
        lines += [*_comparison(explanation.comparison), ""]
    lines += _Tree(compact).lines(explanation, 0)
    for mention in explanation.mentions:
        where = f" ({compact(mention.publication)})" if mention.publication else ""
        lines.append(f"  {mention.relation} {compact(mention.node)}{where}")
    return "\n".join(map(visible, lines))


def place(cell: CellRef) -> str:
    """Give a place as editors understand it.

    >>> place(CellRef("results.tsv", 12, 7))
    'results.tsv:12:7'
    """
    numbers = (str(number) for number in (cell.row, cell.column) if number is not None)
    return ":".join([cell.file, *numbers])


class _Tree:
    """Writes a tree, each part of it once."""

    def __init__(self, compact: Callable[[str], str]) -> None:
        self._compact = compact
        self._shown: dict[Triple, Explanation] = {}

    def lines(self, node: Explanation, depth: int) -> Iterator[str]:
        """Give the lines of a node and what is below it."""
        pad = "  " * depth
        triple = " ".join(self._compact(term) for term in node.triple)
        if node.status is TripleStatus.ABSENT:
            if not node.excluded:
                yield f"{pad}{triple}  not known to hold"
                return
            yield f"{pad}{triple}  does not hold: {node.excluded}"
            for premise in node.premises:
                yield from self.lines(premise, depth + 1)
        elif node.status is TripleStatus.PREPARED:
            yield f"{pad}{triple}  [prepared by the audit{_prepared(node)}]"
        elif self._shown.get(node.triple) == node:
            yield f"{pad}{triple}  [{node.status.value}, see above]"
        else:
            self._shown[node.triple] = node
            yield f"{pad}{triple}  [{node.status.value}]"
            yield from self._why(node, depth)

    def _why(self, node: Explanation, depth: int) -> Iterator[str]:
        pad = "  " * depth
        for origin in node.origins:
            where = f"{place(origin.cell)}  <{origin.cell.iri}>" if origin.cell else origin.source
            yield f"{pad}  stated in {where}"
            yield f"{pad}    by {origin.label}{', recalled' if origin.recalled else ''}"
        if node.rule:
            yield f"{pad}  by rule {node.rule}: {node.title}"
        elif node.status is TripleStatus.INFERRED:
            yield f"{pad}  by a rule that was not found again"
        for premise in node.premises:
            yield from self.lines(premise, depth + 2)
        if node.left_out:
            yield f"{pad}    and at least {node.left_out} more that are not shown"
        for group in node.absent:
            short = _IRI.sub(lambda match: self._compact(match.group()), group)
            yield f"{pad}    and there is no: {short}"


def _prepared(node: Explanation) -> str:
    cells = [_told(origin) for origin in node.origins if origin.cell]
    return f" from {', '.join(cells)}" if cells else ""


def _told(origin: Origin) -> str:
    recalled = " (recalled)" if origin.recalled else ""
    return (place(origin.cell) if origin.cell else origin.source) + recalled


def headline(comparison: ClaimComparison) -> str:
    """Give the verdict in a line: sign, verdict, claim and where it stands."""
    claim = comparison.claim
    verdict = f"{SIGNS[comparison.verdict]} {comparison.verdict.value.upper()}"
    verdict += ", provisional" if comparison.provisional else ""
    if comparison.aspect == "Citation":
        verdict += f": {CITATIONS[comparison.verdict]}"
    locator = f"section {claim.locator}" if claim.locator[:1].isdigit() else claim.locator
    cells = ", ".join(map(place, claim.cells))
    return " · ".join(text for text in (verdict, claim.name, claim.kind, locator, cells) if text)


def _comparison(comparison: ClaimComparison) -> Iterator[str]:
    claim = comparison.claim
    yield headline(comparison)
    yield from labelled("says", claim.text)
    for part in comparison.stated:
        yield from labelled("states", _part(part))
    if comparison.aspect == "Citation" and claim.cites:
        yield from labelled("cites", "; ".join(claim.cites))
    for judgement in comparison.judgements:
        yield from _judgement(judgement, comparison)
    if not comparison.judgements:
        open_ = "no assessment decides it" if claim.structured else "in words only, for no rule"
        yield from labelled("open", open_)


def _judgement(judgement: Judgement, comparison: ClaimComparison) -> Iterator[str]:
    for part in judgement.checked_against:
        yield from labelled("reported", _part(part))
        if part.pages:
            yield from labelled("seen at", " ".join(part.pages))
    about = comparison.part_judged(judgement)
    words = [
        f"on “{about}”" if about else "",
        judgement.verdict.value.lower() if judgement.verdict is not comparison.verdict else "",
        decided_by(judgement) + (" (provisional)" if judgement.provisional else ""),
    ]
    text = f"{', '.join(filter(None, words))}: {reason(judgement)}"
    yield from labelled("but" if comparison.differs(judgement) else "why", text.removesuffix(": "))
    if judgement.pages:
        yield from labelled("seen at", " ".join(judgement.pages))


def _part(part: ClaimPart) -> str:
    short = short_link(part.link)
    publication = f"{part.publication} ({short})" if part.publication and short else ""
    texts = [
        part.text,
        part.about,
        publication or part.publication or short,
        part.source if part.source != part.publication else "",
        "recalled, not looked up" if part.recalled else "",
        ", ".join(map(place, part.cells)),
    ]
    return " · ".join(text for text in texts if text)
