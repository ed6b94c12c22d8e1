"""What a check of mappings gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from tzgraph.errors import Finding, Severity
from tzgraph.link.sssom.reader import SssomMapping

__all__ = ["CheckReport", "CheckedLink", "LinkProblem", "LinkStatus"]


class LinkStatus(StrEnum):
    """What may be said of a mapping; the order is that of reports."""

    MISSING = "missing"
    OBSOLETE = "obsolete"
    BAD_ID = "wrong identifier pattern"
    OTHER_SPECIES = "other species"
    TWO_TERMS = "two terms"
    TWO_THINGS = "two things"
    OTHER_KIND = "other kind"
    CONTRADICTION = "contradiction"
    LABEL = "label differs"
    NOT_CHECKED = "not checked"
    OK = "ok"


#: What makes a mapping wrong, whoever is right about the rest.
_VIOLATIONS = frozenset(
    {
        LinkStatus.MISSING,
        LinkStatus.OBSOLETE,
        LinkStatus.BAD_ID,
        LinkStatus.OTHER_SPECIES,
        LinkStatus.TWO_TERMS,
        LinkStatus.TWO_THINGS,
    }
)


@dataclass(frozen=True, slots=True)
class LinkProblem:
    """One thing that is wrong with a mapping; ``replacement`` is a CURIE to use instead."""

    status: LinkStatus
    message: str
    hint: str = ""
    replacement: str = ""

    @property
    def severity(self) -> Severity:
        """Whether the mapping is wrong, or someone should have a look."""
        return Severity.VIOLATION if self.status in _VIOLATIONS else Severity.WARNING


@dataclass(frozen=True, slots=True)
class CheckedLink:
    """A mapping, what is wrong with it, and the file that its object was found in."""

    mapping: SssomMapping
    problems: tuple[LinkProblem, ...]
    found_in: str = ""
    term_label: str = ""
    in_scope: bool = True

    @property
    def status(self) -> LinkStatus:
        """The worst that may be said."""
        if self.problems:
            order = list(LinkStatus)
            return min((p.status for p in self.problems), key=order.index)
        return LinkStatus.OK if self.in_scope else LinkStatus.NOT_CHECKED


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All mappings checked, and what was wrong with the files themselves.

    ``findings`` are those of the files: of the mapping sets given, and of the ontologies.
    """

    checked: tuple[CheckedLink, ...]
    source: str = "graph"
    findings: tuple[Finding, ...] = field(default=())

    @property
    def counts(self) -> dict[LinkStatus, int]:
        """How many mappings have each status, those that none has left out."""
        counted = Counter(one.status for one in self.checked)
        return {status: counted[status] for status in LinkStatus if counted[status]}

    def exit_code(self, *, strict: bool = False) -> int:
        """0 if nothing is wrong, else 1; with ``strict`` warnings count, too.

        Warnings of files that were read don't.
        """
        problems = [p.severity for one in self.checked for p in one.problems]
        bad = Severity.VIOLATION in problems or (strict and bool(problems))
        return int(bad or any(f.severity is Severity.VIOLATION for f in self.findings))
