"""An audit as a list for an editor: what to ask the author, worst first, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from tzgraph.audit.model import Audit, AuditedClaim, Verdict
from tzgraph.audit.report.markup import described, escape_md
from tzgraph.audit.report.words import (
    claims_with,
    content_judgements,
    decided_by,
    plural,
    reason,
    reported,
    short_link,
)

__all__ = ["write_editors_list"]

#: The verdicts that an editor has to do with, and what there is to do.
_TO_DO = {
    Verdict.CONTRADICTED: "To correct",
    Verdict.IMPRECISE: "To make precise",
    Verdict.UNVERIFIED: "Open: what would decide",
}


def write_editors_list(audit: Audit) -> str:
    """Write what an editor may take up with the author.

    Each entry has the place, the claim in words of the curator, the verdict and who came to it, the
    source with what it reports, and, only where a single number differs from a single report, what
    to write instead. Provisional verdicts say so. Claims that are supported are left out.

    >>> from tzgraph.audit.model import AuditedDocument
    >>> write_editors_list(Audit(AuditedDocument("", "", "A review"), release="1")).splitlines()[0]
    '# For the editor: A review'
    """
    document = audit.document
    counts = audit.count()
    said = ", ".join(f"{counts[verdict]} {verdict.value.lower()}" for verdict in _TO_DO)
    blocks = [
        f"# For the editor: {escape_md(document.label or document.iri)}",
        *([escape_md(document.citation)] if document.citation else []),
        f"Release {escape_md(audit.release)} of tzgraph: {plural(len(audit.claims), 'claim')}, "
        f"{said}.",
    ]
    for verdict, title in _TO_DO.items():
        if claims := claims_with(audit, verdict):
            blocks.append(f"## {title}")
            blocks += ["\n".join(_entry(number, claim)) for number, claim in enumerate(claims, 1)]
    return "\n\n".join(blocks) + "\n"


def _entry(number: int, claim: AuditedClaim) -> Iterator[str]:
    place = escape_md(claim.locator or "no section")
    yield f"{number}. **{place}** ({escape_md(claim.name)}): {escape_md(claim.text)}"
    if claim.left_in_words:
        yield f"   - in words only: {escape_md(claim.left_in_words)}"
    for judgement in content_judgements(claim):
        provisional = ", provisional" if judgement.provisional else ""
        verdict = f"{judgement.verdict.value.lower()}{provisional}, {decided_by(judgement)}"
        yield f"   - {escape_md(verdict)}: {escape_md(reason(judgement))}"
    for part in reported(claim):
        yield f"   - source: {described(part)}"
    if suggestion := _suggestion(claim):
        yield f"   - suggested: {suggestion}"


def _suggestion(claim: AuditedClaim) -> str:
    """What to write instead; nothing if more than one thing could be meant or is only recalled."""
    differences = {d for judgement in claim.deciding for d in judgement.differences}
    parts = reported(claim)
    if claim.provisional or len(differences) != 1 or len(parts) != 1 or parts[0].recalled:
        return ""
    (difference,) = differences
    if claim.verdict is Verdict.UNVERIFIED or not difference.reported:
        return ""
    source = parts[0].publication or short_link(parts[0].link)
    return (
        f"{escape_md(difference.reported)} instead of {escape_md(difference.stated)}"
        f"{f', after {escape_md(source)}' if source else ''}"
    )
