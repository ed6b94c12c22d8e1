"""What is known of the statements about a thing: evidence for and against, and what is recalled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyoxigraph as ox

from tzgraph.serve.engine.rows import Row
from tzgraph.serve.views.thing import Statement
from tzgraph.terms import Term
from tzgraph.vocabulary import TZ

__all__ = ["EvidenceNote", "Notes", "notes_of"]

_REFUTES = ox.NamedNode(TZ + "Refutes")
#: Property, other end, and whether the thing is the object.
_Key = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class EvidenceNote:
    """A piece of evidence on a statement.

    :ivar node: the evidence
    :ivar label: what it is called
    :ivar refutes: whether it speaks against the statement
    :ivar level: how strong it is, in words
    :ivar publication: who reports it
    :ivar published: what the publication is called
    :ivar recalled: whether it is from memory
    """

    node: Term
    label: str
    refutes: bool
    level: str
    publication: Term | None
    published: str
    recalled: bool


@dataclass(slots=True)
class Notes:
    """The evidence and what is from memory, by statement."""

    evidence: dict[_Key, list[EvidenceNote]] = field(default_factory=dict)
    refuted: dict[_Key, Statement] = field(default_factory=dict)
    #: Graph, other end (empty: the thing) and property (empty: all), of what is from memory.
    recalled: set[tuple[str, str, str]] = field(default_factory=set)

    def of(self, statement: Statement, *, inverse: bool) -> list[EvidenceNote]:
        """Give the evidence on a statement."""
        return self.evidence.get(key_of(statement, inverse=inverse), [])

    def is_recalled(self, statement: Statement, *, inverse: bool) -> bool:
        """Say whether a statement is from memory, wherever it is stated or by its evidence."""
        supporting = [e for e in self.of(statement, inverse=inverse) if not e.refutes]
        if supporting:
            return all(e.recalled for e in supporting)
        end = str(statement.other) if inverse else ""
        name = statement.property.value
        stating = [
            (graph, end, name) in self.recalled or (graph, end, "") in self.recalled
            for graph in statement.graphs
        ]
        return bool(stating) and all(stating)

    @property
    def whole(self) -> bool:
        """Whether some row on the thing itself is from memory."""
        return any(not end and not name for _, end, name in self.recalled)


def key_of(statement: Statement, *, inverse: bool) -> _Key:
    """Give what tells a statement about a thing from others."""
    return statement.property.value, str(statement.other), inverse


def notes_of(rows: Iterable[Row]) -> Notes:
    """Read the rows of ``thing-notes.rq``."""
    notes = Notes()
    seen: dict[tuple[_Key, str], bool] = {}
    for row in rows:
        inverse, name, other = _text(row, "way") == "in", row.get("property"), row.get("other")
        if _text(row, "kind") == "recalled":
            end = str(other) if inverse else ""
            property_name = name.value if isinstance(name, ox.NamedNode) else ""
            notes.recalled.add((_text(row, "graph"), end, property_name))
            continue
        node = row.get("evidence")
        if not isinstance(name, ox.NamedNode) or other is None or node is None:
            continue
        key = (name.value, str(other), inverse)
        if seen.setdefault((key, str(node)), False):
            continue
        seen[key, str(node)] = True
        note = EvidenceNote(
            node,
            _text(row, "evidenceLabel"),
            row.get("direction") == _REFUTES,
            _text(row, "level"),
            row.get("publication"),
            _text(row, "publicationLabel"),
            "recalled" in row,
        )
        notes.evidence.setdefault(key, []).append(note)
        statement = Statement(name, other)
        for column, values in (("name", statement.names), ("otherLabel", statement.labels)):
            if column in row:
                values.append(row[column])
        notes.refuted.setdefault(key, statement)
    for key in [k for k, found in notes.evidence.items() if not all(e.refutes for e in found)]:
        del notes.refuted[key]
    return notes


def _text(row: Row, name: str) -> str:
    term = row.get(name)
    return term.value if isinstance(term, ox.Literal | ox.NamedNode) else ""
