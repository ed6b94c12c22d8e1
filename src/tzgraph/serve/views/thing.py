"""What the graph says of a thing, read from the rows of ``sparql/thing.rq``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from tzgraph.serve.engine.rows import Row
from tzgraph.terms import Term
from tzgraph.vocabulary import OWL, RDF, RDFS

__all__ = [
    "INDIVIDUAL",
    "MOST_ABOUT",
    "MOST_REFERRING",
    "Statement",
    "ThingDescription",
    "thing_of",
]

#: Statements with the thing as subject and as object that are given; as in ``thing.rq``.
MOST_ABOUT, MOST_REFERRING = 5000, 1000
#: The type of all things, which says nothing of one.
INDIVIDUAL = ox.NamedNode(OWL + "NamedIndividual")
_LABEL = ox.NamedNode(RDFS + "label")


@dataclass(slots=True)
class Statement:
    """A triple with the thing at one of its ends.

    :ivar property: its predicate
    :ivar other: what stands at the other end
    :ivar graphs: names of the graphs that state it
    :ivar names: labels of the predicate
    :ivar labels: labels of what stands at the other end
    :ivar recorded: labels that records of a link to another ontology give it
    :ivar record: IRI of such a record, may be empty
    """

    property: ox.NamedNode
    other: Term
    graphs: list[str] = field(default_factory=list)
    names: list[Term] = field(default_factory=list)
    labels: list[Term] = field(default_factory=list)
    recorded: list[Term] = field(default_factory=list)
    record: str = ""


@dataclass(frozen=True, slots=True)
class ThingDescription:
    """A thing with what is said of it.

    :ivar node: its permanent IRI
    :ivar about: statements with it as subject
    :ivar referring: statements with it as object
    :ivar is_cut: whether there are more than these
    """

    node: ox.NamedNode
    about: tuple[Statement, ...]
    referring: tuple[Statement, ...]
    is_cut: bool = False

    def values(self, *properties: str) -> list[Term]:
        """Give what the thing has under properties, in the order of these."""
        return [s.other for name in properties for s in self.about if s.property.value == name]

    def text(self, name: str) -> str:
        """Give the one literal that the thing has under a property, empty if there is none."""
        found = [term.value for term in self.values(name) if isinstance(term, ox.Literal)]
        return found[0] if len(found) == 1 else ""

    @property
    def types(self) -> list[str]:
        """IRIs of its classes; that it is an individual at all is no class."""
        types = [t.value for t in self.values(RDF + "type") if isinstance(t, ox.NamedNode)]
        return [iri for iri in types if iri != INDIVIDUAL.value]

    @property
    def is_removed(self) -> bool:
        """Whether nothing but a note of its removal is left of it."""
        deprecated = any(
            isinstance(term, ox.Literal) and term.value in ("true", "1")
            for term in self.values(OWL + "deprecated")
        )
        return deprecated and not self.types

    def triples(self) -> Iterator[ox.Triple]:
        """Give its description: what is said of it and with it, and labels of the others."""
        for statement in self.about:
            yield ox.Triple(self.node, statement.property, statement.other)
            yield from _labels(statement)
        for statement in self.referring:
            if isinstance(statement.other, ox.NamedNode | ox.BlankNode):
                yield ox.Triple(statement.other, statement.property, self.node)
                yield from _labels(statement)


def thing_of(node: ox.NamedNode, rows: Iterable[Row], *, more: bool = False) -> ThingDescription:
    """Put rows together to a thing.

    :param more: whether there are rows behind these
    """
    found: dict[str, dict[tuple[str, str], Statement]] = {"out": {}, "in": {}}
    for row in rows:
        way, predicate, other = row["way"], row["property"], row["other"]
        if not (isinstance(way, ox.Literal) and isinstance(predicate, ox.NamedNode)):
            continue
        key = (predicate.value, str(other))
        statement = found[way.value].setdefault(key, Statement(predicate, other))
        graph = row.get("graph")
        if isinstance(graph, ox.NamedNode) and graph.value not in statement.graphs:
            statement.graphs.append(graph.value)
        record = row.get("record")
        if isinstance(record, ox.NamedNode):
            statement.record = record.value
        for column, values in (
            ("name", statement.names),
            ("label", statement.labels),
            ("recorded", statement.recorded),
        ):
            if column in row and row[column] not in values:
                values.append(row[column])
    about, referring = (tuple(statements.values()) for statements in found.values())
    return ThingDescription(
        node,
        about[:MOST_ABOUT],
        referring[:MOST_REFERRING],
        is_cut=more or len(about) > MOST_ABOUT or len(referring) > MOST_REFERRING,
    )


def _labels(statement: Statement) -> Iterator[ox.Triple]:
    if isinstance(statement.other, ox.NamedNode):
        for label in statement.labels:
            yield ox.Triple(statement.other, _LABEL, label)
