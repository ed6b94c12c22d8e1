"""A mapping and a set of them, as SSSOM has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from tzgraph.errors import Finding

__all__ = ["FIELDS", "MappingSet", "SssomMapping"]


@dataclass(frozen=True, slots=True)
class SssomMapping:
    """A link from a subject to an object, and why it was made.

    Ids are CURIEs. ``line`` is where it stands in its file; ``other`` holds the slots that have no
    field here, by name, as written.
    """

    subject_id: str
    predicate_id: str
    object_id: str
    mapping_justification: str
    subject_label: str = ""
    object_label: str = ""
    author_id: tuple[str, ...] = ()
    confidence: float | None = None
    subject_source: str = ""
    subject_source_version: str = ""
    object_source: str = ""
    object_source_version: str = ""
    predicate_modifier: str = ""
    derived_from: tuple[str, ...] = ()
    mapping_tool: str = ""
    match_string: str = ""
    comment: str = ""
    line: int | None = None
    other: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What no two mappings of a set may share."""
        return (
            self.subject_id,
            self.object_id,
            self.predicate_id,
            self.predicate_modifier,
            self.mapping_justification,
        )

    def text(self, slot: str) -> str:
        """Give the value of a slot as a cell holds it, empty if it has none.

        >>> SssomMapping("a:1", "skos:exactMatch", "b:2", "", confidence=0.9).text("confidence")
        '0.9'
        """
        value = getattr(self, slot) if slot in FIELDS else self.other.get(slot, "")
        if isinstance(value, tuple):
            return "|".join(part.replace("|", "\\|") for part in value)
        if isinstance(value, float):
            return f"{value:g}"
        return value or ""


#: Slots that have a field of their own.
FIELDS = frozenset(f.name for f in fields(SssomMapping)) - {"line", "other"}


@dataclass(frozen=True, slots=True)
class MappingSet:
    """A file of mappings: its name, its metadata, the usable mappings, and what is wrong."""

    source: str
    metadata: Mapping[str, object] = field(default_factory=dict)
    mappings: tuple[SssomMapping, ...] = ()
    findings: tuple[Finding, ...] = ()
    #: Columns by slot, counted from 1.
    columns: Mapping[str, int] = field(default_factory=dict)
