"""Rows of source files, rebuilt from what a store keeps of them: their statements and places.

A release has no copy of its source files. Graph ``provenance`` knows which thing a row describes,
whose row it is, and which property a column states (:mod:`tzgraph.read.rows`); what the row says
of the thing stands in the graph of its source. So a row can be told again but for what states
nothing: the column of the source, columns whose header begins with ``#``, and the order of several
values in one cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.read.lookup import CellLookup
from tzgraph.read.provenance import CellRef, cell_base, parse_cell_iri
from tzgraph.vocabulary import PROV, RDF, TZ, Graphs

__all__ = ["RebuiltCell", "RebuiltRow", "SourceTable", "TableColumn", "source_files"]

_PROVENANCE = ox.NamedNode(Graphs.PROVENANCE)
_TYPE = ox.NamedNode(RDF + "type")
_SUBJECT = ox.NamedNode(RDF + "subject")
_PREDICATE = ox.NamedNode(RDF + "predicate")
_OBJECT = ox.NamedNode(RDF + "object")
_INVERSE = ox.NamedNode(TZ + "readsInverse")
_PRIMARY = ox.NamedNode(PROV + "hadPrimarySource")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column that states something; ``inverse`` says that the thing of the row is the object."""

    number: int
    property: ox.NamedNode
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class RebuiltCell:
    """What a cell states: nothing if it is empty.

    :ivar verbatim: the digits as written, where the store has the number otherwise
    :ivar recalled: whether it comes from domain knowledge and was not looked up
    """

    column: TableColumn
    statements: tuple[ox.Triple, ...] = ()
    verbatim: str | None = None
    recalled: bool = False

    @property
    def values(self) -> tuple[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, ...]:
        """The ends of the statements that the cell gives."""
        inverse = self.column.inverse
        return tuple(s.subject if inverse else s.object for s in self.statements)


@dataclass(frozen=True, slots=True)
class RebuiltRow:
    """A row: the thing that it describes, the graph of whose row it is, and its cells."""

    number: int
    thing: ox.NamedNode
    graph: ox.NamedNode
    cells: tuple[RebuiltCell, ...]

    def cell(self, column: int) -> RebuiltCell | None:
        """Give the cell in a column, ``None`` if the column states nothing."""
        return next((cell for cell in self.cells if cell.column.number == column), None)


class SourceTable:
    """A table of the sources, as far as a store keeps it.

    :param store: of a release
    :param file: the name as in the IRIs of cells, such as ``mappings/mesh.sssom.tsv``; no file is
        opened
    :ivar columns: those that state something, in order; empty if there is no such table
    """

    def __init__(self, store: ox.Store, file: str) -> None:
        self._store = store
        self._base = cell_base(file)
        self._places = CellLookup(store)
        self.file = file
        self.columns = tuple(self._columns())

    def _columns(self) -> Iterator[TableColumn]:
        number, missing = 1, 0
        # A table has few columns in a row that state nothing, and no index leads to the last one.
        while missing < _GAP:
            node = ox.NamedNode(f"{self._base}#col={number}")
            found = [
                TableColumn(number, quad.object, link == _INVERSE)
                for link in (_PREDICATE, _INVERSE)
                for quad in self._store.quads_for_pattern(node, link, None, _PROVENANCE)
                if isinstance(quad.object, ox.NamedNode)
            ]
            yield from found[:1]
            missing = 0 if found else missing + 1
            number += 1

    def class_of(self) -> ox.NamedNode | None:
        """Give the class that the first column states of each thing."""
        node = ox.NamedNode(f"{self._base}#col=1")
        quads = self._store.quads_for_pattern(node, _OBJECT, None, _PROVENANCE)
        return next((q.object for q in quads if isinstance(q.object, ox.NamedNode)), None)

    def row(self, number: int) -> RebuiltRow | None:
        """Give a row, ``None`` if nothing comes from a row of this number."""
        node = ox.NamedNode(f"{self._base}#row={number}")
        thing, graph = (self._end(node, link) for link in (_SUBJECT, _PRIMARY))
        if thing is None or graph is None:
            return None
        cells = tuple(self._cell(number, column, thing, graph) for column in self.columns)
        return RebuiltRow(number, thing, graph, cells)

    def rows(self, first: int, most: int) -> Iterator[RebuiltRow]:
        """Give rows from a number on, up to so many, over gaps that are not too wide."""
        number, missing, given = max(first, 2), 0, 0
        while given < most and missing < _GAP:
            row = self.row(number)
            if row is not None:
                given += 1
                yield row
            missing = 0 if row is not None else missing + 1
            number += 1

    def before(self, number: int, most: int) -> list[RebuiltRow]:
        """Give the rows in front of one, up to so many."""
        found: list[RebuiltRow] = []
        for earlier in range(number - 1, max(number - 1 - _GAP, 1), -1):
            row = self.row(earlier) if len(found) < most else None
            if row is not None:
                found.insert(0, row)
        return found

    def _end(self, node: ox.NamedNode, link: ox.NamedNode) -> ox.NamedNode | None:
        quads = self._store.quads_for_pattern(node, link, None, _PROVENANCE)
        return next((q.object for q in quads if isinstance(q.object, ox.NamedNode)), None)

    def _cell(
        self, number: int, column: TableColumn, thing: ox.NamedNode, graph: ox.NamedNode
    ) -> RebuiltCell:
        start, end = (None, thing) if column.inverse else (thing, None)
        quads = (
            quad
            for name in (graph, ox.NamedNode(Graphs.METADATA))
            for quad in self._store.quads_for_pattern(start, column.property, end, name)
        )
        triples = {quad.triple for quad in quads}
        if column.property == _TYPE and not column.inverse:
            # The first column states the class of the table, another one further classes.
            own, first = self.class_of(), column.number == 1
            triples = {t for t in triples if (t.object == own) == first}
        place = CellRef(self.file, number, column.number)
        return RebuiltCell(
            column,
            tuple(sorted(triples, key=str)),
            self._places.verbatim(place),
            bool(triples) and self._places.recalled(place, column.property, graph),
        )


#: Numbers in a row without a column, or without a row, after which none is looked for.
_GAP = 100


def source_files(store: ox.Store) -> list[str]:
    """Give the names of the tables that statements of a store come from."""
    quads = store.quads_for_pattern(None, _PREDICATE, None, _PROVENANCE)
    return sorted({parse_cell_iri(str(quad.subject)[1:-1]).file for quad in quads})
