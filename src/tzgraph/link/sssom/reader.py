"""Mapping sets: links between terms with the reason for each, as SSSOM writes them in TSV files.

SSSOM, https://mapping-commons.github.io/sssom/, is a table with metadata in YAML behind ``#`` at
its top, or in a file beside it. CURIEs are brought to the form of
:mod:`tzgraph.link.identifiers.curies`, so that two sets that write ``MONDO:0005146`` and
``mondo:0005146`` can be compared. The package sssom-py brings LinkML and 390 MB, so only a test
uses it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tzgraph.curies import Curies
from tzgraph.errors import Finding
from tzgraph.link.identifiers.curies import converter
from tzgraph.link.read.source import out_of_memory
from tzgraph.link.sssom.entities import Entities
from tzgraph.link.sssom.lines import Lines, Reporter, read_lines
from tzgraph.link.sssom.mapping import FIELDS, MappingSet, SssomMapping
from tzgraph.link.sssom.metadata import read_metadata
from tzgraph.link.sssom.slots import JUSTIFICATIONS, PREDICATES, REQUIRED, SLOTS, is_broken_address
from tzgraph.link.sssom.writer import write_sssom

__all__ = ["MappingSet", "SssomMapping", "read_sssom", "write_sssom"]

_ADDRESSES = frozenset(name for name, slot in SLOTS.items() if slot.kind == "iri")
_MODIFIERS = ("", "Not")
#: Vocabularies whose predicates for mappings are all known.
_OWN = ("skos", "owl", "rdfs", "rdf", "semapv", "sssom")


def read_sssom(path: Path, name: str | None = None, own: Curies | None = None) -> MappingSet:
    """Read a mapping set; what is wrong with it is in its findings, all of it.

    :param path: an SSSOM/TSV file
    :param name: what findings call the file, by default its own name
    :param own: reads CURIEs, by default with the prefixes of the shipped ontology
    """
    findings: list[Finding] = []
    report = Reporter(name or path.name, findings.append)
    try:
        return _read(path, own, report, findings)
    except MemoryError as error:
        raise out_of_memory(report.file) from error


def _read(path: Path, own: Curies | None, report: Reporter, findings: list[Finding]) -> MappingSet:
    lines = read_lines(path, report)
    metadata = read_metadata(path, lines, report)
    columns = _columns(lines, report) if lines.header else {}
    mappings: tuple[SssomMapping, ...] = ()
    if columns:
        entities = Entities(own or converter(), metadata.get("curie_map"), report)
        reader = _RowReader(lines, columns, metadata, entities, report)
        mappings = tuple(_distinct(reader.read(), columns, report))
    findings.sort(key=lambda finding: finding.sort_key)
    return MappingSet(report.file, metadata, mappings, tuple(findings), columns)


# -- header -------------------------------------------------------------------


def _columns(lines: Lines, report: Reporter) -> dict[str, int]:
    """Columns by slot; empty if those that have to be there are not."""
    found: dict[str, int] = {}
    for number, name in enumerate(lines.header, 1):
        if not name:
            report.violation(
                "blank-header", "The column has no header.", "Name its slot.", 1, number
            )
        elif name in found:
            report.violation(
                "duplicate-column",
                f"Columns {found[name]} and {number} are both {name}.",
                "Remove one.",
                lines.header_line,
                number,
            )
        else:
            found[name] = number
    missing = [name for name in REQUIRED if name not in found]
    if not missing:
        return found
    if len(lines.header) == 1:
        hint = "Put one tab between cells: the header has none."
    else:
        hint = "SSSOM wants it; see docs/reference/mappings.md."
    names = ", ".join(missing)
    plural = "columns are" if len(missing) > 1 else "column is"
    report.unreadable("missing-column", f"The {plural} missing: {names}.", hint, lines.header_line)
    return {}


# -- rows ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _RowReader:
    """Turns rows into mappings; one that can't be used is reported and left out."""

    lines: Lines
    columns: Mapping[str, int]
    metadata: Mapping[str, object]
    entities: Entities
    report: Reporter
    #: Predicates of other vocabularies that were reported.
    foreign: set[str] = field(default_factory=set)

    def read(self) -> Iterator[SssomMapping]:
        """Give the mappings of all usable rows."""
        given = {
            name: self.metadata[name]
            for name, slot in SLOTS.items()
            if slot.propagated and name in self.metadata
        }
        common = {
            name: "|".join(map(str, value)) if isinstance(value, list) else str(value)
            for name, value in given.items()
        }
        for number, cells in self.lines.rows:
            if self._wide_enough(number, cells):
                row = {
                    name: cells[column - 1].strip()
                    for name, column in self.columns.items()
                    if cells[column - 1].strip()
                }
                made = self._mapping(number, {**common, **row})
                if made is not None:
                    yield made

    def _wide_enough(self, number: int, cells: list[str]) -> bool:
        width = len(self.lines.header)
        if len(cells) == width:
            return True
        self.report.violation(
            "row-width",
            f"The row has {len(cells)} cells, the header has {width}.",
            "Put one tab between cells, also around empty ones.",
            number,
        )
        return False

    def _mapping(self, number: int, row: Mapping[str, str]) -> SssomMapping | None:
        if "rdfs literal" in (row.get("subject_type"), row.get("object_type")):
            self.report.warning(
                "literal-mapping",
                "The row is about a text and not about a term.",
                "It is left out.",
                number,
            )
            return None
        ends = [self._entity(number, row, name) for name in ("subject_id", "object_id")]
        checks = (self._predicate, self._justification, self._modifier)
        checked = [check(number, row) for check in checks]
        confidence, fine = self._confidence(number, row)
        if None in ends or None in checked or not fine:
            return None
        subject, obj = (end or "" for end in ends)
        predicate, justification, modifier = (text or "" for text in checked)
        made = SssomMapping(
            subject_id=subject,
            predicate_id=predicate,
            object_id=obj,
            mapping_justification=justification,
            predicate_modifier=modifier,
            confidence=confidence,
            author_id=self._many(number, row, "author_id"),
            derived_from=self._many(number, row, "derived_from"),
            line=number,
            other={n: text for n, text in row.items() if n not in FIELDS},
        )
        self._check_addresses(number, row)
        texts: dict[str, Any] = {name: row[name] for name in _TEXTS if name in row}
        return replace(made, **texts)

    def _check_addresses(self, number: int, row: Mapping[str, str]) -> None:
        """Report addresses that are no IRIs; they are kept as texts."""
        for name in _ADDRESSES & row.keys() & self.columns.keys():
            for text in row[name].split("|"):
                if is_broken_address(text.strip()):
                    self.report.violation(
                        "malformed-iri",
                        f"“{text.strip()}” is no IRI.",
                        "Write one such as https://…, with other signs percent-encoded.",
                        number,
                        self.columns[name],
                    )

    def _entity(self, number: int, row: Mapping[str, str], name: str) -> str | None:
        column = self.columns.get(name)
        if name not in row:
            self.report.violation(
                "missing-value", f"{name} is empty.", "Name the term as prefix:id.", number, column
            )
            return None
        return self.entities.read(row[name], number, column)

    def _many(self, number: int, row: Mapping[str, str], name: str) -> tuple[str, ...]:
        parts = [part.strip() for part in row.get(name, "").split("|") if part.strip()]
        column = self.columns.get(name)
        read = (self.entities.read(part, number, column) for part in parts)
        return tuple(found for found in read if found)

    def _predicate(self, number: int, row: Mapping[str, str]) -> str | None:
        found = self._entity(number, row, "predicate_id")
        if found is None or found in PREDICATES:
            return found
        column = self.columns["predicate_id"]
        if found.partition(":")[0] in _OWN:
            near = next((p for p in sorted(PREDICATES) if p.lower() == found.lower()), "")
            hint = f"Write {near}." if near else "Write skos:exactMatch or one of its kin."
            self.report.violation(
                "unknown-predicate", f"There is no predicate {found}.", hint, number, column
            )
            return None
        if found not in self.foreign:
            self.foreign.add(found)
            self.report.warning(
                "unknown-predicate",
                f"{found} is no predicate for mappings that is known here.",
                "It is taken as it is; more programs understand skos:exactMatch and its kin.",
                number,
                column,
            )
        return found

    def _justification(self, number: int, row: Mapping[str, str]) -> str | None:
        column = self.columns["mapping_justification"]
        text = row.get("mapping_justification", "")
        if not text:
            self.report.violation(
                "no-justification",
                "The mapping has no justification.",
                "Say how it was made, such as semapv:ManualMappingCuration.",
                number,
                column,
            )
            return None
        found = self.entities.read(text, number, column)
        if found is None or found in JUSTIFICATIONS:
            return found
        near = next((j for j in sorted(JUSTIFICATIONS) if j.lower() == found.lower()), "")
        self.report.violation(
            "unknown-justification",
            f"{found} is no justification of SSSOM.",
            f"Write {near}." if near else f"Write one of {', '.join(sorted(JUSTIFICATIONS))}.",
            number,
            column,
        )
        return None

    def _modifier(self, number: int, row: Mapping[str, str]) -> str | None:
        text = row.get("predicate_modifier", "")
        if text in _MODIFIERS:
            return text
        self.report.violation(
            "bad-modifier",
            f"predicate_modifier is “{text}”.",
            "It may only be Not, or empty.",
            number,
            self.columns["predicate_modifier"],
        )
        return None

    def _confidence(self, number: int, row: Mapping[str, str]) -> tuple[float | None, bool]:
        """The confidence, and whether the cell could be used."""
        text = row.get("confidence", "")
        if not text:
            return None, True
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if 0 <= value <= 1:
            return value, True
        self.report.violation(
            "bad-confidence",
            f"The confidence is {text}.",
            "Give a number from 0 to 1.",
            number,
            self.columns["confidence"],
        )
        return None, False


_TEXTS = (
    "subject_label",
    "object_label",
    "subject_source",
    "subject_source_version",
    "object_source",
    "object_source_version",
    "mapping_tool",
    "match_string",
    "comment",
)


def _distinct(
    mappings: Iterator[SssomMapping], columns: Mapping[str, int], report: Reporter
) -> Iterator[SssomMapping]:
    """Leave out mappings that were made before."""
    seen: dict[tuple[str, str, str, str, str], int | None] = {}
    for mapping in mappings:
        if mapping.key in seen:
            report.violation(
                "duplicate-mapping",
                f"Row {seen[mapping.key]} says the same: {mapping.subject_id} "
                f"{mapping.predicate_id} {mapping.object_id}.",
                "Remove one, or merge what they say.",
                mapping.line,
                columns["subject_id"],
            )
        else:
            seen[mapping.key] = mapping.line
            yield mapping
