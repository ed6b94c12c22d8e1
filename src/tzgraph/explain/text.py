"""Explanations as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from tzgraph.audit.model import ClaimPart, Judgement
from tzgraph.audit.report.plain import labelled
from tzgraph.audit.report.words import CITATIONS, SIGNS, decided_by, reason, short_link, visible
from tzgraph.explain.comparison import ClaimComparison
from tzgraph.explain.labels import Labels
from tzgraph.explain.model import Explanation, Origin, Triple, TripleStatus
from tzgraph.explain.steps import ExplainedStep, absent_in_words, steps_of
from tzgraph.read.provenance import CellRef

__all__ = ["as_text", "headline", "place", "unopposed"]

_NOT_CHECKED = "from memory, not checked"


def as_text(
    explanation: Explanation, compact: Callable[[str], str], labels: Labels | None = None
) -> str:
    """Write an explanation as an indented tree, after the comparison if it is of a verdict.

    A part of the tree that stands above already is referred to and not repeated. Control
    characters are made visible, so that data can't steer the terminal.

    :param explanation: the tree
    :param compact: writes a term in N-Triples syntax in a short form
    :param labels: give the tree its words; without, terms stand in their short form
    """
    lines: list[str] = []
    if explanation.comparison is not None:
        lines += [*_comparison(explanation.comparison), ""]
    name = compact if labels is None else partial(_quoted, labels.written)
    title = str if labels is None else labels.in_title
    first, *rest = _Tree(name, title).lines(ExplainedStep((explanation,)), 0)
    lines.append(first)
    if labels is not None:
        lines.append(f"  {' '.join(map(compact, explanation.triple))}")
    lines += rest
    plain = compact if labels is None else labels.written
    for mention in explanation.mentions:
        where = f" · {plain(mention.publication)}" if mention.publication else ""
        lines.append(f"  {mention.relation} {plain(mention.node)}{where}")
    if unopposed(explanation):
        lines.append("  and nothing in this graph speaks against it")
    return "\n".join(map(visible, lines))


def _quoted(name: Callable[[str], str], term: str) -> str:
    """Give a term in words, between quotes where its end could not be seen."""
    words = name(term)
    return f"“{words}”" if any(sign in words for sign in (", ", ": ")) else words


def unopposed(explanation: Explanation) -> bool:
    """Say whether evidence speaks for a statement that holds, and none against it."""
    relations = {mention.relation for mention in explanation.mentions}
    return explanation.holds and "supported by" in relations and "refuted by" not in relations


def place(cell: CellRef) -> str:
    """Give a place as editors understand it.

    >>> place(CellRef("results.tsv", 12, 7))
    'results.tsv:12:7'
    """
    numbers = (str(number) for number in (cell.row, cell.column) if number is not None)
    return ":".join([cell.file, *numbers])


class _Tree:
    """Writes a tree, each part of it once."""

    def __init__(self, name: Callable[[str], str], title: Callable[[str], str]) -> None:
        self._name = name
        self._title = title
        self._shown: dict[Triple, Explanation] = {}

    def lines(self, step: ExplainedStep, depth: int) -> Iterator[str]:
        """Give the lines of triples that are told together, and of what is below them."""
        node, pad = step.first, "  " * depth
        if node.status is TripleStatus.ABSENT:
            if not node.excluded:
                yield f"{pad}{self._sentence(node)}  not known to hold"
                return
            yield f"{pad}{self._sentence(node)}  does not hold: {node.excluded}"
            yield from self._below(node.premises, depth + 1)
            return
        if node.status is TripleStatus.PREPARED:
            facts = ", ".join(self._fact(member) for member in step.members)
            status = f"[prepared by the audit{_prepared(node)}]"
            alone = len(step.members) == 1
            said = self._sentence(node) if alone else f"{self._name(node.triple[0])}: {facts}"
            yield f"{pad}{said}  {status}"
            return
        known = all(self._shown.get(member.triple) == member for member in step.members)
        self._shown.update({member.triple: member for member in step.members})
        status = f"[{node.status.value}{', see above' if known else ''}]"
        if len(step.members) == 1:
            yield f"{pad}{self._sentence(node)}  {status}"
        else:
            yield f"{pad}{self._name(node.triple[0])}  {status}"
            for member in step.members:
                cells = ", ".join(place(o.cell) for o in member.origins if o.cell)
                yield f"{pad}  {self._fact(member)}{f'  ({cells})' if cells else ''}"
        if not known:
            yield from self._why(step, depth)

    def _sentence(self, node: Explanation) -> str:
        return " ".join(map(self._name, node.triple))

    def _fact(self, node: Explanation) -> str:
        return " ".join(map(self._name, node.triple[1:]))

    def _below(self, premises: Iterable[Explanation], depth: int) -> Iterator[str]:
        for step in steps_of(premises):
            yield from self.lines(step, depth)

    def _why(self, step: ExplainedStep, depth: int) -> Iterator[str]:
        node, pad = step.first, "  " * depth
        for origin in node.origins:
            where = f"in {place(origin.cell)} " if origin.cell and len(step.members) == 1 else ""
            recalled = f", {_NOT_CHECKED}" if origin.recalled else ""
            yield f"{pad}  stated {where}by {origin.label}{recalled}"
        if node.rule:
            yield f"{pad}  by rule {node.rule}: {self._title(node.title)}"
        elif node.status is TripleStatus.INFERRED:
            yield f"{pad}  by a rule that was not found again"
        yield from self._below(node.premises, depth + 2)
        if node.left_out:
            yield f"{pad}    and at least {node.left_out} more that are not shown"
        for group in node.absent:
            yield f"{pad}    {absent_in_words(group, self._name)}"


def _prepared(node: Explanation) -> str:
    cells = [_told(origin) for origin in node.origins if origin.cell]
    return f" from {', '.join(cells)}" if cells else ""


def _told(origin: Origin) -> str:
    recalled = f" ({_NOT_CHECKED})" if origin.recalled else ""
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
        _NOT_CHECKED if part.recalled else "",
        ", ".join(map(place, part.cells)),
    ]
    return " · ".join(text for text in texts if text)
