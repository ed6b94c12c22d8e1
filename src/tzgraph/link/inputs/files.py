"""Files given to check or suggest: ontologies and mapping sets, told apart by content."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tzgraph.errors import DataError, Finding, Severity
from tzgraph.link.inputs.closure import references_of
from tzgraph.link.ontology.model import Ontology
from tzgraph.link.read import read_ontology
from tzgraph.link.read.source import Source
from tzgraph.link.sssom.reader import MappingSet, read_sssom

__all__ = ["LinkFiles", "read_link_files"]

#: Characters that are read of a line to see what it is.
_LONGEST = 65_536


@dataclass(frozen=True, slots=True)
class LinkFiles:
    """What was read: ontologies, mapping sets, and what is wrong with the files."""

    ontologies: tuple[Ontology, ...] = ()
    sets: tuple[MappingSet, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the files; parts that can't be used were left out."""
        of_ontologies = (f for one in self.ontologies for f in one.findings)
        return (*of_ontologies, *(f for one in self.sets for f in one.findings))

    def as_sets(self) -> tuple[MappingSet, ...]:
        """The mapping sets, and the cross-references of the ontologies as mapping sets."""
        return (*self.sets, *(references_of(one) for one in self.ontologies))


def read_link_files(paths: Iterable[Path]) -> LinkFiles:
    """Read ontologies and mapping sets, all of them before anything wrong is told.

    :raises InputUnreadableError: if a file can't be opened
    :raises DataError: if files are damaged, or neither an ontology nor a mapping set
    """
    ontologies: list[Ontology] = []
    sets: list[MappingSet] = []
    broken: list[Finding] = []
    for path in dict.fromkeys(paths):
        try:
            if _is_mapping_set(path):
                sets.append(_read_set(path))
            else:
                ontologies.append(read_ontology(path))
        except DataError as error:
            broken += error.findings
    if broken:
        raise DataError(broken)
    return LinkFiles(tuple(ontologies), tuple(sets))


def _is_mapping_set(path: Path) -> bool:
    """Whether the first line that is no comment heads columns of SSSOM."""
    with Source(path).open() as stream:
        # Lines may end in CR alone; a line without an end is no header.
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace")
        first = text.readline(_LONGEST)
        while first and (not first.strip() or first.startswith("#")):
            # The rest of a longer comment belongs to it.
            while first and not first.endswith("\n"):
                first = text.readline(_LONGEST)
            first = text.readline(_LONGEST)
    names = {name.strip().strip('"') for name in re.split(r"[\t,;]", first)}
    return {"subject_id", "object_id"} <= names


def _read_set(path: Path) -> MappingSet:
    """Read a mapping set.

    :raises DataError: if it can't be read as one
    """
    found = read_sssom(path)
    unreadable = [f for f in found.findings if f.unreadable]
    if unreadable:
        raise DataError(unreadable)
    if not found.mappings and any(f.severity is Severity.VIOLATION for f in found.findings):
        raise DataError(found.findings)
    return found
