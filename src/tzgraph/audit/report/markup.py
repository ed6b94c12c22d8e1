"""An audit as Markdown (CommonMark, with the tables of GitHub)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tzgraph.audit.model import Audit, AuditedClaim, ClaimPart, Judgement, Verdict
from tzgraph.audit.report.forest import forests, ratio_text
from tzgraph.audit.report.words import (
    CITATIONS,
    HALVES,
    MEANINGS,
    PROVISIONAL,
    SIGNS,
    citation_judgements,
    claims_with,
    content_judgements,
    decided_by,
    one_line,
    places,
    plural,
    reason,
    reported,
    short_link,
    web_address,
    without_reference,
)

__all__ = ["described", "escape_md", "write_markdown"]

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~]")
_AT_START = re.compile(r"^(?:[#+=-]|\d+(?=[.)](?:\s|$)))")


def write_markdown(audit: Audit) -> str:
    """Write an audit as Markdown: summary, contradicted and imprecise claims, then all of them.

    >>> from tzgraph.audit.model import AuditedDocument
    >>> write_markdown(Audit(AuditedDocument("", "", "A review"), release="1")).splitlines()[0]
    '# Audit: A review'
    """
    blocks = [
        *_header(audit),
        *_summary(audit),
        *_decided(audit, Verdict.CONTRADICTED),
        *_decided(audit, Verdict.IMPRECISE),
        *_references(audit),
        *_disagreements(audit),
        *_ratios(audit),
        *_sections(audit),
        *_findings(audit),
    ]
    return "\n\n".join(blocks) + "\n"


def escape_md(text: str) -> str:
    r"""Give a text on one line in which nothing is markup.

    >>> escape_md("a|b *c* <script> R&D")
    'a\\|b \\*c\\* \\<script\\> R&amp;D'
    >>> escape_md("1. first")
    '1\\. first'
    """
    safe = _SPECIAL.sub(r"\\\g<0>", one_line(text).replace("&", "&amp;"))
    start = _AT_START.match(safe)
    if start is None:
        return safe
    end = start.end()
    if safe[0].isdigit():
        return f"{safe[:end]}\\{safe[end:]}"
    return f"\\{safe}"


def _header(audit: Audit) -> Iterator[str]:
    document = audit.document
    yield f"# Audit: {escape_md(document.label or document.iri)}"
    if document.citation:
        yield escape_md(document.citation)
    yield f"Release {escape_md(audit.release)} of tzgraph."


def _summary(audit: Audit) -> Iterator[str]:
    yield "## Summary"
    if not audit.claims:
        yield "The release holds no claims of this document."
        return
    counts = audit.count()
    meanings = (
        (f"{SIGNS[v]} **{v.value}**", str(counts[v]), MEANINGS[v].replace("|", "\\|"))
        for v in Verdict
    )
    yield _table(("Verdict", "Claims", "Meaning"), meanings)
    provisional = sum(claim.provisional for claim in audit.claims)
    notes = [
        (provisional, f"provisional: {PROVISIONAL}"),
        (len(without_reference(audit)), "with a reference that does not bear the claim out."),
        (audit.unstructured, "in words only, which no rule can judge."),
        (sum(claim.disputed for claim in audit.claims), "on which a curator and a rule differ."),
    ]
    lines = [f"- {plural(count, 'claim')} {text}" for count, text in notes if count]
    if lines:
        yield "\n".join(lines)
    rows = (
        (escape_md(section or "no section"), *(str(audit.count(section)[v]) for v in Verdict))
        for section in audit.sections
    )
    yield _table(("Section", *(v.value for v in Verdict)), rows)


def _decided(audit: Audit, verdict: Verdict) -> Iterator[str]:
    claims = claims_with(audit, verdict)
    if claims:
        yield f"## {verdict.value}"
    for claim in claims:
        provisional = " (provisional)" if claim.provisional else ""
        yield f"### {escape_md(claim.name)}{provisional}"
        yield "\n".join(_card(claim))


def _card(claim: AuditedClaim) -> Iterator[str]:
    yield f"- **The document says:** {escape_md(claim.text)}"
    for part in claim.states:
        yield f"  - {described(part)}"
    for part in reported(claim):
        yield f"- **The primary source reports:** {described(part)}"
    for judgement in content_judgements(claim):
        other = judgement.verdict is not claim.verdict
        yield f"- **{'But' if other else 'Why'}:** {_why(judgement, other)}"
    if claim.cites:
        verdict = claim.citation_verdict
        judged = f" ({CITATIONS[verdict]})" if verdict else ""
        yield f"- **Cites:** {'; '.join(map(escape_md, claim.cites))}{judged}"


def _references(audit: Audit) -> Iterator[str]:
    claims = without_reference(audit)
    if not claims:
        return
    yield "## References that do not bear the claim out"
    rows = (
        (
            escape_md(claim.name),
            escape_md(claim.text),
            "; ".join(map(escape_md, claim.cites)) or "–",
            CITATIONS[claim.citation_verdict] if claim.citation_verdict else "",
            " ".join(_why(j, False) for j in citation_judgements(claim)),
        )
        for claim in claims
    )
    yield _table(("Claim", "The document says", "Cites", "Reference", "Why"), rows)


def _disagreements(audit: Audit) -> Iterator[str]:
    for heading, within in HALVES:
        pairs = [pair for pair in audit.disagreements if pair.within == within]
        if pairs:
            yield f"## {heading}"
            rows = ((described(pair.one), described(pair.other)) for pair in pairs)
            one, other = ("place", "place") if within else ("source", "source")
            yield _table((f"One {one}", f"Another {other}"), rows)


def _ratios(audit: Audit) -> Iterator[str]:
    plots = forests(audit.ratios)
    if plots:
        yield "## Hazard ratios in the primary sources"
    for plot in plots:
        yield f"### {escape_md(plot.endpoint)}"
        rows = (
            (
                escape_md(row.name),
                escape_md(row.detail),
                ratio_text(row) + (" (recalled)" if row.part.recalled else ""),
                _publication(row.part),
                ", ".join(map(escape_md, places([row.part]))),
            )
            for row in plot.rows
        )
        yield _table(("Trial", "Comparison", "Ratio (95 % CI)", "Source", "Row"), rows)


def _sections(audit: Audit) -> Iterator[str]:
    if audit.claims:
        yield "## Every claim, section by section"
    for section in audit.sections:
        yield f"### {escape_md(section or 'No section')}"
        rows = (_row(claim) for claim in audit.claims if claim.locator == section)
        yield _table(("Claim", "The document says", "Verdict", "What it rests on"), rows)


def _row(claim: AuditedClaim) -> tuple[str, ...]:
    provisional = ", provisional" if claim.provisional else ""
    rests = [described(part) for part in reported(claim)]
    rests += [_why(j, j.verdict is not claim.verdict) for j in content_judgements(claim)]
    verdict = f"{SIGNS[claim.verdict]} {claim.verdict.value}{provisional}"
    return (escape_md(claim.name), escape_md(claim.text), verdict, " — ".join(rests) or "–")


def _findings(audit: Audit) -> Iterator[str]:
    if audit.findings:
        yield "## What is wrong in the tables"
        yield "\n".join(f"- {escape_md(str(finding))}" for finding in audit.findings)


def described(part: ClaimPart) -> str:
    """Give what a part says, of what, and who says so where."""
    source = part.source if part.source != part.publication else ""
    texts = [
        f"**{escape_md(part.text)}**" if part.text else "",
        escape_md(part.about),
        _publication(part),
    ]
    texts += [
        escape_md(source),
        "*recalled*" if part.recalled else "",
        ", ".join(map(escape_md, places([part]))),
    ]
    return " · ".join(text for text in texts if text)


def _publication(part: ClaimPart) -> str:
    if not part.link:
        return escape_md(part.publication)
    short = escape_md(short_link(part.link))
    if web_address(part.link):
        address = re.sub(r"[\s<>|\\]", lambda found: f"%{ord(found[0]):02X}", part.link)
        short = f"[{short}](<{address}>)"
    return f"{escape_md(part.publication)} ({short})" if part.publication else short


def _why(judgement: Judgement, other: bool) -> str:
    verdict = f"{judgement.verdict.value.lower()}. " if other else ""
    return f"{verdict}{escape_md(reason(judgement))} *{escape_md(decided_by(judgement))}*".strip()


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = tuple(titles)
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
