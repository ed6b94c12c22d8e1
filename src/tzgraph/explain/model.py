"""Explanations as values: trees whose leaves are cells, axioms, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tzgraph.explain.comparison import ClaimComparison
from tzgraph.explain.mentions import Mention
from tzgraph.read.provenance import CellRef

__all__ = ["Explanation", "Origin", "Triple", "TripleStatus"]

#: Terms in N-Triples syntax.
Triple = tuple[str, str, str]


class TripleStatus(StrEnum):
    """How a triple is in the graph."""

    ASSERTED = "asserted"
    INFERRED = "inferred"
    ONTOLOGY = "ontology"
    QUOTED = "quoted"
    #: Worked out by the audit before its rules run, such as the interval of a number.
    PREPARED = "prepared"
    #: Not known to hold; :attr:`Explanation.excluded` says where it is known not to.
    ABSENT = "absent"


@dataclass(frozen=True)
class Origin:
    """Where a triple was stated: the source, the cell if it came from a table, how far to trust it.

    ``recalled`` says that it comes from domain knowledge and was not looked up.
    """

    source: str
    label: str
    cell: CellRef | None = None
    recalled: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The origin for JSON."""
        found: dict[str, Any] = {"source": self.source, "label": self.label}
        if self.cell is not None:
            found |= {
                "cell": self.cell.iri,
                "file": self.cell.file,
                "row": self.cell.row,
                "column": self.cell.column,
            }
        if self.recalled:
            found["recalled"] = True
        return found


@dataclass(frozen=True)
class Explanation:
    """Why a triple is in the graph. Terms are in N-Triples syntax."""

    triple: Triple
    status: TripleStatus
    origins: tuple[Origin, ...] = ()
    rule: str = ""
    title: str = ""
    axiom: str = ""
    premises: tuple[Explanation, ...] = ()
    absent: tuple[str, ...] = ()
    #: Why the triple does not hold; the premise is what holds instead. Empty where it is not known.
    excluded: str = ""
    #: So many more premises there are at least; a rule that counts may rest on very many.
    left_out: int = 0
    mentions: tuple[Mention, ...] = ()
    #: Of a verdict: what was said beside what was reported.
    comparison: ClaimComparison | None = None

    @property
    def holds(self) -> bool:
        """Whether the triple was stated or follows from what was."""
        known = (TripleStatus.ASSERTED, TripleStatus.ONTOLOGY, TripleStatus.PREPARED)
        return self.status in known or bool(self.rule)

    def as_dict(self) -> dict[str, Any]:
        """The tree for JSON."""
        subject, predicate, obj = self.triple
        found: dict[str, Any] = {
            "subject": subject,
            "predicate": predicate,
            "object": obj,
            "status": self.status.value,
        }
        if self.comparison is not None:
            found["comparison"] = self.comparison.as_dict()
        if self.origins:
            found["origins"] = [origin.as_dict() for origin in self.origins]
        if self.rule:
            found |= {"rule": self.rule, "title": self.title, "axiom": self.axiom}
            found["premises"] = [premise.as_dict() for premise in self.premises]
        if self.excluded:
            found["excluded"] = self.excluded
            found["premises"] = [premise.as_dict() for premise in self.premises]
        if self.left_out:
            found["left_out"] = self.left_out
        if self.absent:
            found["absent"] = list(self.absent)
        if self.mentions:
            found["mentions"] = [mention.as_dict() for mention in self.mentions]
        return found
