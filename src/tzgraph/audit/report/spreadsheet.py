"""An audit as CSV: one row for each claim."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from tzgraph.audit.model import Audit, AuditedClaim, ClaimPart
from tzgraph.audit.report.words import decided_by, places, reason, reported

__all__ = ["COLUMNS", "write_csv"]

#: The titles of the columns. Several values in a cell are separated by ``" | "``.
COLUMNS = (
    "claim",
    "name",
    "locator",
    "kind",
    "text",
    "states",
    "reported",
    "verdict",
    "provisional",
    "decided_by",
    "reason",
    "checked_against",
    "citation_verdict",
    "cites",
)


def write_csv(audit: Audit) -> str:
    r"""Write an audit as CSV, a row for each claim: CR LF, values as they are, as queries do.

    ``reported`` is what the primary source says, ``checked_against`` the IRIs and rows it comes
    from. No value is changed to keep a spreadsheet from reading it as a formula, as the CSV of
    queries does not either: import the columns as text.

    >>> from tzgraph.audit.model import AuditedDocument
    >>> write_csv(Audit(AuditedDocument("", "", ""), release="1"))[:20]
    'claim,name,locator,k'
    """
    output = StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(claim) for claim in audit.claims)
    return output.getvalue()


def _row(claim: AuditedClaim) -> tuple[str, ...]:
    parts = reported(claim)
    return (
        claim.iri,
        claim.name,
        claim.locator,
        claim.kind,
        claim.text,
        _join(_said(part) for part in claim.states),
        _join(_said(part) for part in parts),
        claim.verdict.value,
        "true" if claim.provisional else "false",
        _join(decided_by(judgement) for judgement in claim.deciding),
        _join(reason(judgement) for judgement in claim.deciding),
        _join(" ".join((part.iri, *places([part]))).strip() for part in parts),
        claim.citation_verdict.value if claim.citation_verdict else "",
        _join(claim.cites),
    )


def _said(part: ClaimPart) -> str:
    return f"{part.text} ({part.about})" if part.about else part.text


def _join(texts: Iterable[str]) -> str:
    return " | ".join(texts)
