"""Suggestions as table, JSON and SSSOM."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence

from tzgraph.link.columns import columns
from tzgraph.link.sssom import MappingSet, SssomMapping, write_sssom
from tzgraph.link.suggest.model import Suggestion

__all__ = ["FORMATS"]


def as_table(suggestions: Sequence[Suggestion]) -> str:
    """Give a line for each suggestion with its best reason, and what speaks against it."""
    rows = [
        (
            f"{one.score:.2f}",
            one.subject_id,
            one.predicate_id,
            one.object_id,
            one.object_label,
            "; ".join([one.reasons[0], *_more(one), *one.notes]),
        )
        for one in suggestions
    ]
    count = f"{len(rows)} suggestion{'s' if len(rows) != 1 else ''}, to be reviewed"
    if not rows:
        return count
    titles = ("score", "subject", "predicate", "object", "label", "why")
    return f"{columns(titles, rows)}\n\n{count}"


def _more(one: Suggestion) -> list[str]:
    more = len(one.reasons) - 1
    return [f"{more} more reason{'s' if more > 1 else ''}"] if more else []


def as_json(suggestions: Sequence[Suggestion]) -> str:
    """Give a list of objects."""
    found = [one.as_dict() for one in suggestions]
    return json.dumps({"suggestions": found}, ensure_ascii=False, indent=2)


def as_sssom(suggestions: Sequence[Suggestion]) -> str:
    """Give a mapping set to be reviewed; the score is the confidence, the reasons the comment."""
    mappings = tuple(
        SssomMapping(
            subject_id=one.subject_id,
            predicate_id=one.predicate_id,
            object_id=one.object_id,
            mapping_justification=one.justification,
            subject_label=one.subject_label,
            object_label=one.object_label,
            confidence=round(one.score, 3),
            object_source_version=one.object_source_version,
            derived_from=one.derived_from,
            mapping_tool="tzgraph link suggest",
            match_string=one.match_string,
            comment="; ".join([*one.reasons, *one.notes]),
        )
        for one in suggestions
    )
    metadata: dict[str, object] = {
        "mapping_set_id": "https://w3id.org/tzgraph/suggestions",
        "mapping_set_title": "Links suggested by tzgraph, not reviewed",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "mapping_tool": "tzgraph link suggest",
    }
    stream = io.StringIO()
    write_sssom(MappingSet("suggestions", metadata, mappings), stream)
    return stream.getvalue().rstrip("\n")


#: Writers by the name of their format.
FORMATS: Mapping[str, Callable[[Sequence[Suggestion]], str]] = {
    "table": as_table,
    "json": as_json,
    "sssom": as_sssom,
}
