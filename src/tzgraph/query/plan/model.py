"""What is told of a query and of how it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tzgraph.query.plan.counting import TripleCount
from tzgraph.query.plan.patterns import IriRole

__all__ = ["AbsentIri", "Evaluator", "Measured", "PatternPlan", "PlanPart", "QueryPlan"]

#: What is told of one part, for JSON.
PlanPart = dict[str, object]


@dataclass(frozen=True, slots=True)
class PatternPlan:
    """A pattern and how many triples match it.

    :ivar pattern: as it is written
    :ivar graph: the name that GRAPH gives around it, as written, ``""`` in the default graph
    :ivar line: where it stands in the client's text
    :ivar count: triples that match its constants; of a path ``None``
    :ivar steps: triples with each predicate of a path, whatever stands at their ends
    """

    pattern: str
    graph: str
    line: int
    count: TripleCount | None
    steps: tuple[tuple[str, TripleCount], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no triple matches it."""
        return self.count is not None and self.count.triples == 0

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> PatternPlan:
        """Read what :meth:`as_dict` gave."""
        steps = tuple((step["predicate"], _count(step)) for step in found.get("steps", ()))
        count = None if "steps" in found else _count(found)
        return cls(found["pattern"], found.get("graph", ""), found["line"], count, steps)

    def as_dict(self) -> PlanPart:
        """The pattern for JSON."""
        found: PlanPart = {"pattern": self.pattern, "line": self.line}
        if self.graph:
            found["graph"] = self.graph
        if self.count is not None:
            found |= _counted(self.count)
        else:
            found["steps"] = [{"predicate": name, **_counted(one)} for name, one in self.steps]
        return found


def _count(found: Mapping[str, Any]) -> TripleCount:
    return TripleCount(found["triples"], found["more"])


def _counted(count: TripleCount) -> PlanPart:
    return {"triples": count.triples, "more": count.more}


@dataclass(frozen=True, slots=True)
class AbsentIri:
    """An IRI of a query that does not occur where the query asks for it.

    :ivar iri: the IRI
    :ivar written: as it is written
    :ivar line: where it stands first in the client's text, 0 if it is a value from elsewhere
    :ivar roles: what it is in the query
    :ivar elsewhere: where it does occur: ``named`` in named graphs that are asked, ``other`` in
        graphs that are not asked, ``""`` nowhere
    :ivar nearest: the IRI that is meant, if that is certain
    """

    iri: str
    written: str
    line: int
    roles: frozenset[IriRole]
    elsewhere: str = ""
    nearest: str | None = None

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> AbsentIri:
        """Read what :meth:`as_dict` gave."""
        roles = frozenset(map(IriRole, found["roles"]))
        about = found["iri"], found["written"], found["line"]
        return cls(*about, roles, found["elsewhere"], found.get("nearest"))

    def as_dict(self) -> PlanPart:
        """The IRI for JSON."""
        found: PlanPart = {"iri": self.iri, "written": self.written, "line": self.line}
        found |= {"roles": sorted(self.roles), "elsewhere": self.elsewhere}
        if self.nearest is not None:
            found["nearest"] = self.nearest
        return found


@dataclass(frozen=True, slots=True)
class Evaluator:
    """What answers a query.

    :ivar endpoints: other endpoints that it calls
    :ivar functions: IRIs of the functions that it calls, and whether there is one of that name
    :ivar aggregates: aggregates that are not the engine's own
    """

    endpoints: tuple[str, ...] = ()
    functions: Mapping[str, bool] | None = None
    aggregates: int = 0

    def as_dict(self) -> PlanPart:
        """The evaluator for JSON."""
        functions = self.functions or {}
        return {
            "name": "federated" if self.endpoints else "engine",
            "endpoints": list(self.endpoints),
            "functions": [{"iri": iri, "known": known} for iri, known in functions.items()],
            "aggregates": self.aggregates,
        }


@dataclass(frozen=True, slots=True)
class Measured:
    """How a query ran to its end.

    :ivar seconds: that it took, to find all rows but not to write them
    :ivar rows: solutions or triples; of ASK none
    :ivar boolean: the answer to ASK
    """

    seconds: float
    rows: int | None = None
    boolean: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it has no rows, or ASK the answer no."""
        return self.boolean is False or self.rows == 0

    def as_dict(self) -> PlanPart:
        """The figures for JSON."""
        found: PlanPart = {"seconds": round(self.seconds, 6)}
        return found | ({"rows": self.rows} if self.boolean is None else {"boolean": self.boolean})


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What is known of a query before it is run.

    :ivar form: SELECT, ASK, CONSTRUCT or DESCRIBE, ``""`` if that isn't known
    :ivar is_parsed: whether its parts are known; if not, all that follows from them is missing
    :ivar patterns: its patterns, with their counts
    :ivar left_out: patterns beyond those
    :ivar rewrites: names of the rewrites that are made
    :ivar rewritten: what the engine gets, ``None`` if it gets the client's text
    :ivar evaluator: what answers it
    :ivar hints: what would make it quicker, each with its code
    :ivar absent: its IRIs that don't occur where it asks for them
    :ivar sums_up: whether it has one row whatever there is, as it counts or sums all solutions
    """

    form: str
    is_parsed: bool
    patterns: tuple[PatternPlan, ...] = ()
    left_out: int = 0
    rewrites: tuple[str, ...] = ()
    rewritten: str | None = None
    evaluator: Evaluator = Evaluator()
    hints: tuple[tuple[str, str], ...] = ()
    absent: tuple[AbsentIri, ...] = ()
    sums_up: bool = False

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> QueryPlan:
        """Read what :meth:`as_dict` gave, as far as notes under a result need it."""
        patterns = (PatternPlan.from_dict(one) for one in found["patterns"])
        return cls(
            found["form"],
            found["parsed"],
            tuple(patterns),
            found["left_out"],
            absent=tuple(AbsentIri.from_dict(one) for one in found["absent"]),
            sums_up=found["sums_up"],
        )

    def as_dict(self) -> PlanPart:
        """The plan for JSON."""
        return {
            "form": self.form,
            "parsed": self.is_parsed,
            "patterns": [one.as_dict() for one in self.patterns],
            "left_out": self.left_out,
            "rewrites": list(self.rewrites),
            "rewritten": self.rewritten,
            "evaluator": self.evaluator.as_dict(),
            "hints": [{"code": code, "message": message} for code, message in self.hints],
            "absent": [one.as_dict() for one in self.absent],
            "sums_up": self.sums_up,
        }
