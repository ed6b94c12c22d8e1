"""An audit as plain text for terminals, 100 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tzgraph.audit.model import Audit, AuditedClaim, ClaimPart, Judgement, Verdict
from tzgraph.audit.report.words import (
    CITATIONS,
    HALVES,
    PROVISIONAL,
    SIGNS,
    citation_judgements,
    content_judgements,
    decided_by,
    one_line,
    places,
    plural,
    reason,
    short_link,
    without_reference,
)

__all__ = ["labelled", "line_width", "write_text"]

_WIDTH: ContextVar[int] = ContextVar("width", default=100)


@contextmanager
def line_width(columns: int | None) -> Iterator[None]:
    """Let texts that are made within have lines of so many columns, and not of 100.

    :param columns: at least 40 are taken; ``None`` leaves it
    """
    token = _WIDTH.set(_WIDTH.get() if columns is None else min(max(columns, 40), _WIDTH.get()))
    try:
        yield
    finally:
        _WIDTH.reset(token)


def write_text(audit: Audit) -> str:
    """Write an audit as text: header, the claims by section, and a summary at the end.

    Lines are up to 100 columns wide; only addresses and words that are longer stick out. Control
    characters are made visible, so that data can't steer the terminal.

    >>> from tzgraph.audit.model import AuditedDocument
    >>> print(write_text(Audit(AuditedDocument("", "", "A review"), release="1")).splitlines()[0])
    A review
    """
    lines = [*_header(audit), ""]
    for section in audit.sections:
        lines += _heading(f"{_section(section)} · {_counts(audit, section)}")
        for claim in audit.claims:
            if claim.locator == section:
                lines += [*_claim(claim), ""]
    if not audit.claims:
        lines += ["There are no claims of this document in the release.", ""]
    lines += _disagreements(audit)
    lines += _findings(audit)
    lines += _summary(audit)
    return "\n".join(lines) + "\n"


def _header(audit: Audit) -> Iterator[str]:
    document = audit.document
    yield from _wrap(document.label or document.iri)
    if document.citation:
        yield from _wrap(document.citation, "  ")
    yield from _wrap(f"Release {audit.release} · {_counts(audit)}")


def _counts(audit: Audit, section: str | None = None) -> str:
    counts = audit.count(section)
    each = [f"{counts[v]} {v.value.lower()}" for v in Verdict if counts[v]]
    return ", ".join([plural(counts.total(), "claim"), *each])


def _section(locator: str) -> str:
    text = one_line(locator) or "No section"
    return f"Section {text}" if text[:1].isdigit() else text


def _claim(claim: AuditedClaim) -> Iterator[str]:
    provisional = ", provisional" if claim.provisional else ""
    disputed = ", curator and rule differ" if claim.disputed else ""
    verdict = f"{SIGNS[claim.verdict]} {claim.verdict.value.upper()}{provisional}{disputed}"
    yield from _wrap(" · ".join(text for text in (verdict, claim.name, claim.kind) if text))
    yield from _wrap(claim.text, "    ")
    for part in claim.states:
        yield from labelled("states", _said(part))
    if claim.left_in_words:
        yield from labelled("in words", f"no rule can judge it: {claim.left_in_words}")
    for judgement in content_judgements(claim):
        yield from _judgement(judgement, judgement.verdict is not claim.verdict)
    if not claim.structured and not content_judgements(claim):
        yield from labelled("open", "in words only, so no rule can judge it")
    if claim.cites:
        yield from labelled("cites", "; ".join(claim.cites))
    if claim.citation_verdict is not None:
        why = " ".join(reason(j) for j in citation_judgements(claim) if reason(j))
        verdict_text = claim.citation_verdict.value.lower()
        text = f"{verdict_text}: the {CITATIONS[claim.citation_verdict]}. {why}"
        yield from labelled("citation", text.strip())


def _judgement(judgement: Judgement, other: bool) -> Iterator[str]:
    for part in judgement.checked_against:
        yield from labelled("source", _said(part))
    verdict = f"{judgement.verdict.value.lower()}, " if other else ""
    provisional = " (provisional)" if judgement.provisional else ""
    text = f"{verdict}{decided_by(judgement)}{provisional}: {reason(judgement)}"
    yield from labelled("but" if other else "why", text.removesuffix(": "))
    if judgement.pages:
        yield from labelled("seen at", " ".join(judgement.pages))


def _said(part: ClaimPart) -> str:
    short = short_link(part.link)
    publication = f"{part.publication} ({short})" if part.publication and short else ""
    source = part.source if part.source != part.publication else ""
    texts = [part.text, part.about, publication or part.publication or short, source]
    texts += ["recalled, not looked up"] if part.recalled else []
    texts += [", ".join(places([part]))]
    return " · ".join(text for text in texts if text)


def _disagreements(audit: Audit) -> Iterator[str]:
    for heading, within in HALVES:
        pairs = [pair for pair in audit.disagreements if pair.within == within]
        if pairs:
            yield from _heading(heading)
        for pair in pairs:
            yield from _wrap(_said(pair.one), "    ", "  - ")
            yield from _wrap(_said(pair.other), "    ", "    ")
        if pairs:
            yield ""


def _findings(audit: Audit) -> Iterator[str]:
    if audit.findings:
        yield from _heading("What is wrong in the tables")
        for finding in audit.findings:
            yield from _wrap(str(finding), "    ", "  ")
        yield ""


def _summary(audit: Audit) -> Iterator[str]:
    counts = audit.count()
    yield from _heading("Summary")
    width = len(str(len(audit.claims)))
    for verdict in Verdict:
        own = [claim for claim in audit.claims if claim.verdict is verdict]
        provisional = sum(claim.provisional for claim in own)
        note = f"  ({provisional} provisional)" if provisional else ""
        yield f"  {SIGNS[verdict]} {verdict.value:<12} {counts[verdict]:>{width}}{note}"
    disputed = sum(claim.disputed for claim in audit.claims)
    notes = [
        (len(without_reference(audit)), "with a reference that does not bear it out"),
        (audit.unstructured, "in words only, which no rule can judge"),
        (disputed, "on which a curator and a rule differ"),
    ]
    for count, text in notes:
        if count:
            yield from _wrap(f"{plural(count, 'claim')} {text}.", "  ", "  ")
    if audit.disagreements:
        yield f"  {plural(len(audit.disagreements), 'disagreement')} of figures for the same."
    if audit.findings:
        yield f"  {plural(len(audit.findings), 'finding')} in the tables."
    if any(claim.provisional for claim in audit.claims):
        yield from _wrap(f"Provisional: {PROVISIONAL}", "  ", "  ")


def _heading(text: str) -> Iterator[str]:
    lines = list(_wrap(text))
    yield from lines
    yield "─" * min(max(map(len, lines)), _WIDTH.get())


def labelled(label: str, text: str) -> Iterable[str]:
    """Give a text with a label before it, in lines of 100 columns.

    >>> list(labelled("why", "It differs."))
    ['    why       It differs.']
    """
    return _wrap(text, " " * 14, f"    {label:<8}  ")


def _wrap(text: str, indent: str = "", first: str | None = None) -> Iterable[str]:
    return textwrap.wrap(
        one_line(text),
        _WIDTH.get(),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [(indent if first is None else first).rstrip()]
