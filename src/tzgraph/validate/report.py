"""Write findings down: as lines for people, as JSON for programs, as an RDF validation report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tzgraph.errors import Finding, Severity
from tzgraph.validate.locate import Located

if TYPE_CHECKING:
    from tzgraph.validate.shacl import ShaclReport

__all__ = ["as_json", "as_text", "report_rdf"]


def as_text(findings: Iterable[Finding | Located]) -> str:
    """Give one line for each finding, in order of place, and a last line that counts them.

    >>> print(as_text([Finding(Severity.WARNING, "x", "No label.", file="a.tsv", row=2)]))
    a.tsv:2: warning x: No label.
    0 violations, 1 warning.
    """
    plain = sorted((_finding(item) for item in findings), key=lambda finding: finding.sort_key)
    bad = sum(finding.severity is Severity.VIOLATION for finding in plain)
    total = f"{_count(bad, 'violation')}, {_count(len(plain) - bad, 'warning')}."
    return "\n".join([*(str(finding) for finding in plain), total])


def as_json(findings: Iterable[Finding | Located]) -> str:
    """Give a JSON list with an object for each finding, in order of place.

    Each object has ``severity``, ``code``, ``message``, ``hint``, ``file``, ``row`` and
    ``column``; what is not known is ``""`` or ``null``. Findings of shapes also have ``focus``,
    ``path`` and ``shape``.
    """
    ordered = sorted(findings, key=lambda item: _finding(item).sort_key)
    return json.dumps([_as_object(item) for item in ordered], ensure_ascii=False, indent=2)


def report_rdf(report: ShaclReport, rdf_format: str = "turtle") -> str:
    """Give the SHACL validation report in an RDF format of rdflib (``turtle``, ``xml``, …).

    The same report gives the same text; lines of N-Triples are sorted.
    """
    text = report.graph.serialize(format=rdf_format)
    if rdf_format in ("nt", "nt11", "ntriples"):
        return "".join(sorted(text.splitlines(keepends=True)))
    return text


def _finding(item: Finding | Located) -> Finding:
    """Give the finding itself."""
    return item.finding if isinstance(item, Located) else item


def _as_object(item: Finding | Located) -> dict[str, str | int | None]:
    """Give the JSON object of one finding."""
    found = _finding(item).as_dict()
    if isinstance(item, Located):
        found["focus"] = str(item.result.focus)
        found["path"] = item.result.path
        found["shape"] = item.result.shape
    return found


def _count(number: int, noun: str) -> str:
    """Give a number with its noun.

    >>> _count(2, "warning")
    '2 warnings'
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
