"""Which cell a statement came from, looked up in graph ``provenance`` of a store."""

from __future__ import annotations

from functools import cached_property

import pyoxigraph as ox

from tzgraph.read.provenance import CellRef, parse_cell_iri
from tzgraph.terms import Term
from tzgraph.vocabulary import OWL, PROV, RDF, TZ, Graphs

__all__ = ["CellLookup"]

_PROVENANCE = ox.NamedNode(Graphs.PROVENANCE)
_SUBJECT = ox.NamedNode(RDF + "subject")
_PREDICATE = ox.NamedNode(RDF + "predicate")
_OBJECT = ox.NamedNode(RDF + "object")
_INVERSE = ox.NamedNode(TZ + "readsInverse")
_PRIMARY = ox.NamedNode(PROV + "hadPrimarySource")
_VALUE = ox.NamedNode(RDF + "value")
_CHECK_STATUS = ox.NamedNode(TZ + "checkStatus")
_RECALLED = ox.NamedNode(TZ + "Recalled")
_RECALLED_PROPERTY = ox.NamedNode(TZ + "recalledProperty")
_DIRECTION = ox.NamedNode(TZ + "direction")
_SUPPORTS = ox.NamedNode(TZ + "Supports")
_SOURCE = ox.NamedNode(OWL + "annotatedSource")
_PROPERTY = ox.NamedNode(OWL + "annotatedProperty")
_TARGET = ox.NamedNode(OWL + "annotatedTarget")


class CellLookup:
    """Finds the cells of statements, things and columns.

    :param store: holds graph ``provenance`` as :mod:`tzgraph.read.rows` describes it
    """

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        #: The rows of the thing that was asked about last: often its properties follow, one by one.
        self._last: tuple[Term, list[tuple[CellRef, ox.NamedNode]]] | None = None

    @cached_property
    def _columns(self) -> dict[tuple[str, str, bool], list[int]]:
        """Columns by file, property and direction, in order."""
        found: dict[tuple[str, str, bool], list[int]] = {}
        for predicate, inverse in ((_PREDICATE, False), (_INVERSE, True)):
            for quad in self._store.quads_for_pattern(None, predicate, None, _PROVENANCE):
                place = parse_cell_iri(str(quad.subject)[1:-1])
                if place.column is not None:
                    key = (place.file, str(quad.object), inverse)
                    found[key] = sorted([*found.get(key, []), place.column])
        return found

    @cached_property
    def _classes(self) -> dict[str, Term]:
        """The class that the first column of a file states, by file."""
        found = {}
        for quad in self._store.quads_for_pattern(None, _OBJECT, None, _PROVENANCE):
            place = parse_cell_iri(str(quad.subject)[1:-1])
            found[place.file] = quad.object
        return found

    def rows(self, thing: Term) -> list[tuple[CellRef, ox.NamedNode]]:
        """Give the rows that describe a thing, each with the graph of its source."""
        if isinstance(thing, ox.Literal | ox.Triple):
            return []
        last = self._last
        if last is not None and last[0] == thing:
            return last[1]
        found = []
        for quad in self._store.quads_for_pattern(None, _SUBJECT, thing, _PROVENANCE):
            for link in self._store.quads_for_pattern(quad.subject, _PRIMARY, None, _PROVENANCE):
                if isinstance(link.object, ox.NamedNode):
                    found.append((parse_cell_iri(str(quad.subject)[1:-1]), link.object))
        found.sort(key=lambda pair: pair[0].sort_key)
        self._last = thing, found
        return found

    def cells(
        self, subject: Term, predicate: ox.NamedNode, obj: Term | None = None
    ) -> list[CellRef]:
        """Give the cells that state a triple, or any triple with this subject and predicate."""
        return [cell for cell, _graph in self.stated(subject, predicate, obj)]

    def stated(
        self, subject: Term, predicate: ox.NamedNode, obj: Term | None = None
    ) -> list[tuple[CellRef, ox.NamedNode]]:
        """Give the cells that state a triple, each with the graph of its source."""
        found = self._forward(subject, predicate, obj)
        if obj is not None:
            found += self._backward(subject, predicate, obj)
            found += self._by_evidence(subject, predicate, obj)
            found += self._by_mapping(subject, predicate, obj)
        return sorted(set(found), key=lambda pair: pair[0].sort_key)

    def _forward(
        self, subject: Term, predicate: ox.NamedNode, obj: Term | None
    ) -> list[tuple[CellRef, ox.NamedNode]]:
        found = []
        for row, graph in self.rows(subject):
            columns = self._columns.get((row.file, str(predicate), False), [])
            if not columns or (obj and not self._holds(subject, predicate, obj, graph)):
                continue
            found.append((CellRef(row.file, row.row, self._choose(columns, row.file, obj)), graph))
        return found

    def _choose(self, columns: list[int], file: str, obj: Term | None) -> int:
        """Of two columns for ``rdf:type``, the first states the class of the table."""
        other = obj is not None and obj != self._classes.get(file)
        return columns[-1] if other else columns[0]

    def _backward(
        self, subject: Term, predicate: ox.NamedNode, obj: Term
    ) -> list[tuple[CellRef, ox.NamedNode]]:
        found = []
        for row, graph in self.rows(obj):
            columns = self._columns.get((row.file, str(predicate), True), [])
            if columns and self._holds(subject, predicate, obj, graph):
                found.append((CellRef(row.file, row.row, columns[0]), graph))
        return found

    def _by_evidence(
        self, subject: Term, predicate: ox.NamedNode, obj: Term
    ) -> list[tuple[CellRef, ox.NamedNode]]:
        """Cells of evidence rows that assert the statement they support."""
        found = []
        for quad in self._store.quads_for_pattern(None, _OBJECT, obj, None):
            node, graph = quad.subject, quad.graph_name
            if not isinstance(graph, ox.NamedNode) or isinstance(node, ox.Triple):
                continue
            is_about = (
                ox.Quad(node, _SUBJECT, subject, graph) in self._store
                and ox.Quad(node, _PREDICATE, predicate, graph) in self._store
                and ox.Quad(node, _DIRECTION, _SUPPORTS, graph) in self._store
            )
            if is_about and self._holds(subject, predicate, obj, graph):
                found += self._forward(node, _OBJECT, obj)
        return found

    def _by_mapping(
        self, subject: Term, predicate: ox.NamedNode, obj: Term
    ) -> list[tuple[CellRef, ox.NamedNode]]:
        """Cells of the objects of mappings that state the link."""
        if isinstance(subject, ox.Literal):
            return []
        found = []
        for quad in self._store.quads_for_pattern(None, _TARGET, obj, None):
            record, graph = quad.subject, quad.graph_name
            is_about = (
                ox.Quad(record, _SOURCE, subject, graph) in self._store
                and ox.Quad(record, _PROPERTY, predicate, graph) in self._store
                and ox.Quad(subject, predicate, obj, graph) in self._store
            )
            if is_about:
                found += self._forward(record, _TARGET, obj)
        return found

    def _holds(
        self, subject: Term, predicate: ox.NamedNode, obj: Term, graph: ox.NamedNode
    ) -> bool:
        if isinstance(subject, ox.Literal):
            return False
        graphs = (graph, ox.NamedNode(Graphs.METADATA))
        return any(ox.Quad(subject, predicate, obj, name) in self._store for name in graphs)

    def home(self, thing: Term) -> CellRef | None:
        """Give the id cell of the first row that describes a thing, or ``None``."""
        return next((CellRef(row.file, row.row, 1) for row, _graph in self.rows(thing)), None)

    def column_of(self, file: str, predicate: ox.NamedNode) -> int | None:
        """Give the number of the column of a file with this property, or ``None``."""
        found = [self._columns.get((file, str(predicate), inverse)) for inverse in (False, True)]
        return next((columns[-1] for columns in found if columns), None)

    def described(self, cell: CellRef) -> ox.NamedNode | None:
        """Give the thing that the row of a cell describes."""
        row = ox.NamedNode(CellRef(cell.file, cell.row).iri)
        quads = self._store.quads_for_pattern(row, _SUBJECT, None, _PROVENANCE)
        return next((q.object for q in quads if isinstance(q.object, ox.NamedNode)), None)

    def recalled(self, cell: CellRef, predicate: ox.NamedNode, graph: ox.NamedNode) -> bool:
        """Say whether what a cell states was recalled and not looked up."""
        thing = self.described(cell)
        if thing is None:
            return False
        marks = ((_CHECK_STATUS, _RECALLED), (_RECALLED_PROPERTY, predicate))
        return any(ox.Quad(thing, mark, value, graph) in self._store for mark, value in marks)

    def verbatim(self, cell: CellRef) -> str | None:
        """Give the text of a cell where the store writes its number differently."""
        node = ox.NamedNode(cell.iri)
        quads = self._store.quads_for_pattern(node, _VALUE, None, _PROVENANCE)
        return next((q.object.value for q in quads if isinstance(q.object, ox.Literal)), None)
