"""Stores of a few figures, with the digits of their cells."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import pyoxigraph as ox

from tests.reason.graphs import E, parse
from tzgraph.audit.quantities import Interval, quantities
from tzgraph.read.provenance import CellRef
from tzgraph.reason import Rule, load_audit_rules, view
from tzgraph.resources import shipped
from tzgraph.vocabulary import PROV, RDF, TZ, Graphs

__all__ = ["DOCUMENT", "REPORT", "add", "audit_rules", "cell", "intervals", "quoting"]

#: Graphs of a document that is quoted, and of an accepted source.
DOCUMENT = ox.NamedNode(Graphs.SOURCE + "document")
REPORT = ox.NamedNode(Graphs.SOURCE + "report")
_PROVENANCE = ox.NamedNode(Graphs.PROVENANCE)
_UNITS = """
tz:Month tz:convertsTo tz:Month ; tz:conversionFactor 1.0 .
tz:Week tz:convertsTo tz:Month ; tz:conversionFactor 0.229979 .
tz:Day tz:convertsTo tz:Month ; tz:conversionFactor 0.032854 .
tz:Year tz:convertsTo tz:Month ; tz:conversionFactor 12.0 .
tz:Percent tz:convertsTo tz:Percent ; tz:conversionFactor 1.0 .
"""


@cache
def audit_rules() -> tuple[Rule, ...]:
    """The rules of the audit that ship with tzgraph, read once."""
    return tuple(load_audit_rules(shipped("ontology") / "audit"))


def add(store: ox.Store, turtle: str, *graphs: ox.NamedNode | ox.DefaultGraph) -> None:
    """Add triples to graphs; to the default view if none is named."""
    for triple in parse(turtle):
        for graph in graphs or (ox.DefaultGraph(),):
            store.add(ox.Quad(triple.subject, triple.predicate, triple.object, graph))


def cell(store: ox.Store, thing: str, name: str, text: str, graph: ox.NamedNode = REPORT) -> None:
    """Say that a number was read from a cell that has these digits."""
    row, column = CellRef("figures.tsv", 2), CellRef("figures.tsv", None, 3)
    node = ox.NamedNode(E + thing)
    for subject, predicate, obj in (
        (row.iri, RDF + "subject", node),
        (row.iri, PROV + "hadPrimarySource", graph),
        (column.iri, RDF + "predicate", ox.NamedNode(TZ + name)),
        (CellRef("figures.tsv", 2, 3).iri, RDF + "value", ox.Literal(text)),
    ):
        place, link = ox.NamedNode(subject), ox.NamedNode(predicate)
        store.add(ox.Quad(place, link, obj, _PROVENANCE))


def quoting(turtle: str) -> ox.Store:
    """Give a store in which a document states figures."""
    store = ox.Store()
    add(store, _UNITS)
    add(store, turtle, DOCUMENT)
    return store


def intervals(store: ox.Store) -> dict[tuple[str, str], tuple[Interval, str]]:
    """Give the quantities of a store: figure and kind, interval and unit."""
    found: dict[str, dict[str, str]] = {}
    for triple in quantities(store, view([DOCUMENT.value])):
        values = found.setdefault(str(triple.subject), {})
        obj = triple.object
        text = obj.value if isinstance(obj, ox.NamedNode | ox.Literal) else ""
        values[triple.predicate.value.removeprefix(TZ)] = text
    return {
        (v["quantityOf"].removeprefix(E), v["quantityKind"].removeprefix(TZ)): (
            Interval(Decimal(v["lowerLimit"]), Decimal(v["upperLimit"])),
            v["limitsIn"].removeprefix(TZ),
        )
        for v in found.values()
    }
