"""The page of a row of a source table: its cells by column, one marked, and its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.explain.labels import Labels
from tzgraph.read.provenance import CellRef
from tzgraph.read.rebuilt import RebuiltCell, RebuiltRow, SourceTable, TableColumn
from tzgraph.serve.messages.links import cell_path
from tzgraph.serve.views.explain_page import explain_path
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.pages import Pages
from tzgraph.terms import Term
from tzgraph.vocabulary import RDF, TZ

__all__ = ["RowWindow", "cell_page", "window_data"]

_TYPE = ox.NamedNode(RDF + "type")
_STATUS = ox.NamedNode(TZ + "checkStatus")
_CHECKED_AT = ox.NamedNode(TZ + "checkedAt")


@dataclass(frozen=True, slots=True)
class RowWindow:
    """Rows of a table, one of which may be asked for, and in it a column.

    :ivar more: whether there are rows behind them
    """

    table: SourceTable
    rows: Sequence[RebuiltRow]
    row: RebuiltRow | None = None
    column: int | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value of a cell, and where the statement is explained."""

    shown: Shown
    why: str


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as the page has it."""

    number: int
    name: Shown
    values: tuple[ShownValue, ...]
    verbatim: str
    recalled: bool
    marked: bool
    place: str


def window_data(store: ox.Store, curies: Curies, window: RowWindow) -> dict[str, object]:
    """Give the rows as dictionaries, lists and texts, terms in N-Triples syntax."""
    labels, table = Labels(store, curies), window.table
    of_class = table.class_of()
    found: dict[str, object] = {
        "file": table.file,
        "class": of_class.value if of_class else None,
        "rebuilt_from": "the graph as it is served",
        "columns": [
            {
                "column": column.number,
                "property": column.property.value,
                "label": labels.link(column.property),
                "inverse": column.inverse,
            }
            for column in table.columns
        ],
        "rows": [_row_data(table.file, row, labels) for row in window.rows],
        "more": window.more,
    }
    if window.row is not None:
        place = CellRef(table.file, window.row.number, window.column)
        found |= {"place": place.iri, "row": place.row, "column": place.column}
    return found


def _row_data(file: str, row: RebuiltRow, labels: Labels) -> dict[str, object]:
    return {
        "row": row.number,
        "iri": CellRef(file, row.number).iri,
        "thing": row.thing.value,
        "source": {"graph": row.graph.value, "label": labels.of(row.graph)},
        "cells": [
            {
                "column": cell.column.number,
                "iri": CellRef(file, row.number, cell.column.number).iri,
                "values": [str(value) for value in cell.values],
                **({"verbatim": cell.verbatim} if cell.verbatim is not None else {}),
                **({"recalled": True} if cell.recalled else {}),
            }
            for cell in row.cells
            if cell.statements
        ],
    }


def cell_page(pages: Pages, store: ox.Store, window: RowWindow) -> str:
    """Give the page of a row, or of the first rows of a table; threads may call this."""
    page = _Page(pages, store, window)
    row, table = window.row, window.table
    return pages.render(
        "cell.html",
        file=table.file,
        of_class=page.of_class,
        columns=[page.column(column) for column in table.columns],
        rows=[(r.number, page.row(r), _path(table, r.number), r == row) for r in window.rows],
        row=row,
        cells=page.row(row) if row else (),
        column=window.column,
        marked=page.marked,
        iri=CellRef(table.file, row.number, window.column).iri if row else "",
        thing=page.named(row.thing) if row else None,
        source=page.named(row.graph) if row else None,
        statuses=page.stated(row, _STATUS),
        checked_at=page.stated(row, _CHECKED_AT),
        more=window.more,
        table_path=_path(table),
        twin=_path(table, row.number if row else None, window.column, "json"),
    )


def _path(
    table: SourceTable, row: int | None = None, column: int | None = None, form: str = ""
) -> str:
    path = cell_path(CellRef(table.file, row, column))
    return f"{path}{'&' if '?' in path else '?'}format={form}" if form else path


class _Page:
    def __init__(self, pages: Pages, store: ox.Store, window: RowWindow) -> None:
        self._pages = pages
        self._labels = Labels(store, pages.curies)
        self._window = window
        of_class = window.table.class_of()
        self.of_class = self.named(of_class) if of_class else Shown("thing")

    @property
    def marked(self) -> str:
        """What the column asked for says, in a word: ``""``, ``cell``, ``empty`` or ``unknown``."""
        if self._window.row is None or self._window.column is None:
            return ""
        cell = self._window.row.cell(self._window.column)
        if cell is None:
            return "unknown"
        return "cell" if cell.statements else "empty"

    def named(self, term: Term) -> Shown:
        """Give a term by its label, leading where pages lead."""
        shown = self._pages.cell(term)
        if isinstance(term, ox.NamedNode):
            return Shown(self._labels.of(term), shown.href, self._pages.curies.compact(term.value))
        return shown

    def column(self, column: TableColumn) -> Shown:
        """Give the name of a column."""
        if column.number == 1:
            return Shown("id", None, f"of the thing ({self.of_class.text})")
        shown = self._pages.cell(column.property)
        inverse = " (read backwards)" if column.inverse else ""
        text = "class" if column.property == _TYPE else self._labels.link(column.property)
        return Shown(text + inverse, shown.href, shown.text)

    def row(self, row: RebuiltRow) -> tuple[ShownCell, ...]:
        """Give the cells of a row."""
        return tuple(self._cell(row, cell) for cell in row.cells)

    def _cell(self, row: RebuiltRow, cell: RebuiltCell) -> ShownCell:
        number = cell.column.number
        values = tuple(self._value(row, cell))
        is_asked = self._window.row == row and self._window.column == number
        return ShownCell(
            number,
            self.column(cell.column),
            values,
            cell.verbatim or "",
            cell.recalled,
            is_asked,
            _path(self._window.table, row.number, number),
        )

    def _value(self, row: RebuiltRow, cell: RebuiltCell) -> list[ShownValue]:
        found = []
        for statement, value in zip(cell.statements, cell.values, strict=True):
            why = explain_path(
                self._pages, statement.subject, statement.predicate, statement.object
            )
            if cell.column.number == 1:
                slug = row.thing.value.rsplit("/", 1)[-1]
                shown = self._pages.cell(row.thing)
                found.append(ShownValue(Shown(slug, shown.href, row.thing.value), why))
            else:
                found.append(ShownValue(self.named(value), why))
        return found

    def stated(self, row: RebuiltRow | None, link: ox.NamedNode) -> list[Shown]:
        """Give what a row says of how it was checked."""
        cells = row.cells if row else ()
        return [self.named(v) for c in cells if c.column.property == link for v in c.values]
