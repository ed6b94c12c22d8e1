"""A check as table, JSON and SSSOM."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tzgraph.link.check.model import CheckedLink, CheckReport, LinkStatus
from tzgraph.link.identifiers.normal_form import prefix_of
from tzgraph.link.sssom.columns import columns
from tzgraph.link.sssom.reader import MappingSet, SssomMapping, write_sssom

__all__ = ["FORMATS", "summary"]


def summary(report: CheckReport) -> str:
    """Say in a line or two how many mappings are what, and for which no file was given."""
    counts = ", ".join(f"{count} {status}" for status, count in report.counts.items())
    total = len(report.checked)
    text = f"{total} mapping{'s' if total != 1 else ''}: {counts or 'nothing to check'}"
    without = Counter(
        prefix_of(c.mapping.object_id) for c in report.checked if c.status is LinkStatus.NOT_CHECKED
    )
    if without and not any(c.in_scope for c in report.checked):
        return f"{text}\nWithout ontologies only identifiers and doubles are checked: name files."
    if without:
        names = ", ".join(f"{prefix} {count}" for prefix, count in sorted(without.items()))
        text += f"\nNo file given of: {names}"
    return text


def as_table(reports: Sequence[CheckReport]) -> str:
    """Give the problems of each set as a table, and the summary below it."""
    return "\n".join(map(_table, reports))


def _table(report: CheckReport) -> str:
    rows = [
        (
            problem.status.value,
            one.mapping.subject_id,
            one.mapping.predicate_id,
            one.mapping.object_id,
            f"{problem.message} {problem.hint}".strip(),
        )
        for one in report.checked
        for problem in one.problems
    ]
    rows.sort(key=lambda row: (list(LinkStatus).index(LinkStatus(row[0])), row))
    table = columns(("status", "subject", "predicate", "object", "what"), rows) if rows else ""
    return f"{table}\n\n{summary(report)}" if table else summary(report)


def as_json(reports: Sequence[CheckReport]) -> str:
    """Give all mappings with what is wrong with each; of several sets a list."""
    told = [
        {
            "source": report.source,
            "counts": {status.value: count for status, count in report.counts.items()},
            "mappings": [_record(one) for one in report.checked],
            "findings": [finding.as_dict() for finding in report.findings],
        }
        for report in reports
    ]
    return json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False, indent=2)


def _record(one: CheckedLink) -> dict[str, object]:
    mapping = one.mapping
    return {
        "subject_id": mapping.subject_id,
        "subject_label": mapping.subject_label,
        "predicate_id": mapping.predicate_id,
        "object_id": mapping.object_id,
        "object_label": mapping.object_label,
        "line": mapping.line,
        "status": one.status.value,
        "found_in": one.found_in,
        "term_label": one.term_label,
        "problems": [
            {
                "status": problem.status.value,
                "severity": problem.severity.value,
                "message": problem.message,
                "hint": problem.hint,
                "replacement": problem.replacement,
            }
            for problem in one.problems
        ],
    }


def as_sssom(reports: Sequence[CheckReport]) -> str:
    """Give all mappings as SSSOM, with what was found in the comment of each."""
    mappings: dict[tuple[str, ...], SssomMapping] = {}
    for one in (one for report in reports for one in report.checked):
        told = [f"{p.status.value}: {p.message} {p.hint}".strip() for p in one.problems]
        comment = "; ".join([*told] or [one.status.value])
        label = one.mapping.object_label or one.term_label
        made = replace(one.mapping, comment=comment, object_label=label)
        mappings.setdefault(made.key, made)  # two sets may say the same
    metadata: dict[str, object] = {
        "mapping_set_id": "https://w3id.org/tzgraph/check",
        "mapping_set_title": "Mappings as checked by tzgraph",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    stream = io.StringIO()
    write_sssom(MappingSet("check", metadata, tuple(mappings.values())), stream)
    return stream.getvalue().rstrip("\n")


#: Writers by the name of their format.
FORMATS: Mapping[str, Callable[[Sequence[CheckReport]], str]] = {
    "table": as_table,
    "json": as_json,
    "sssom": as_sssom,
}
