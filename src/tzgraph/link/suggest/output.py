"""Suggestions as table, JSON and SSSOM."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping, Sequence

from tzgraph.link.identifiers.normal_form import prefix_of
from tzgraph.link.sssom.columns import columns
from tzgraph.link.sssom.reader import MappingSet, SssomMapping, write_sssom
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
    """Give a mapping set to be reviewed; the score is the confidence, the reasons the comment.

    Vocabularies without a registered prefix get one here, as SSSOM wants CURIEs.
    """
    own = _prefixes(suggestions)
    mappings = tuple(
        SssomMapping(
            subject_id=one.subject_id,
            predicate_id=one.predicate_id,
            object_id=_short(one.object_id, own),
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
        "curie_map": {prefix: namespace for namespace, prefix in own.items()},
    }
    stream = io.StringIO()
    write_sssom(MappingSet("suggestions", metadata, mappings), stream)
    return stream.getvalue().rstrip("\n")


def _prefixes(suggestions: Sequence[Suggestion]) -> dict[str, str]:
    """Make prefixes for the namespaces of terms that have none: that of OBO, or a number."""
    found: dict[str, str] = {}
    for namespace in sorted({prefix_of(s.object_id) for s in suggestions if "://" in s.object_id}):
        name = re.search(r"/obo/([A-Za-z][A-Za-z0-9]*)_$", namespace)
        prefix = name[1] if name else f"ns{len(found) + 1}"
        found[namespace] = prefix if prefix not in found.values() else f"ns{len(found) + 1}"
    return found


def _short(identifier: str, own: Mapping[str, str]) -> str:
    prefix = prefix_of(identifier)
    return f"{own[prefix]}:{identifier[len(prefix) :]}" if prefix in own else identifier


#: Writers by the name of their format.
FORMATS: Mapping[str, Callable[[Sequence[Suggestion]], str]] = {
    "table": as_table,
    "json": as_json,
    "sssom": as_sssom,
}
