"""Rows of tables, told from the graph, are those of the tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.audit.terms import text_of
from tzgraph.read.rebuilt import SourceTable, source_files
from tzgraph.release import open_release
from tzgraph.resources import shipped
from tzgraph.vocabulary import ID


@pytest.fixture(scope="module")
def store(shipped_dir: Path) -> ox.Store:
    return open_release(shipped_dir).store()


def table_of(name: str) -> list[list[str]]:
    with (shipped("sources") / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("name", ["results.tsv", "claims.tsv", "evidence.tsv", "sources.tsv"])
def test_rows_state_what_the_table_has(store: ox.Store, name: str) -> None:
    """Where the table has a value there is one, with its ids at the end and its digits kept."""
    table, rows = SourceTable(store, name), table_of(name)
    stating = {column.number for column in table.columns}
    assert "source" not in {rows[0][number - 1] for number in stating}
    for number in (2, 3, len(rows)):
        row = table.row(number)
        assert row is not None
        assert row.thing.value.endswith("/" + rows[number - 1][0])
        for cell in row.cells:
            written = rows[number - 1][cell.column.number - 1].strip()
            assert bool(written) == bool(cell.values), (number, cell.column)
            if written and cell.column.number > 1 and cell.verbatim is None:
                ends = {part.rpartition(":")[2].rpartition("/")[2] for part in written.split("|")}
                told = {text_of(v).replace("#", "/").rpartition("/")[2] for v in cell.values}
                assert len(told) == len(ends)


def test_digits_are_kept_as_written(store: ox.Store) -> None:
    rows = table_of("results.tsv")
    kept = [
        (number, cell.column.number, cell.verbatim)
        for number in range(2, len(rows) + 1)
        if (row := SourceTable(store, "results.tsv").row(number))
        for cell in row.cells
        if cell.verbatim
    ]
    assert kept
    for number, column, text in kept[:10]:
        assert rows[number - 1][column - 1] == text


def test_a_column_read_backwards_leads_to_its_subject(store: ox.Store) -> None:
    row = SourceTable(store, "results.tsv").row(2)
    assert row is not None
    cell = row.cell(3)
    assert cell is not None
    assert cell.column.inverse
    assert [text_of(v) for v in cell.values] == [f"{ID}arm/{table_of('results.tsv')[1][2]}"]


def test_what_is_not_there_is_none(store: ox.Store) -> None:
    table = SourceTable(store, "results.tsv")
    assert table.row(1) is None
    assert table.row(100_000) is None
    assert SourceTable(store, "../results.tsv").columns == ()
    assert SourceTable(store, "").columns == ()
    row = table.row(2)
    assert row is not None
    assert row.cell(22) is None


def test_rows_around_one(store: ox.Store) -> None:
    table = SourceTable(store, "drugs.tsv")
    assert [row.number for row in table.before(3, 5)] == [2]
    assert [row.number for row in table.before(8, 3)] == [5, 6, 7]
    assert [row.number for row in table.rows(0, 2)] == [2, 3]
    assert list(table.rows(100_000, 2)) == []
    assert "mappings/mesh.sssom.tsv" in source_files(store)
    # Tables of mappings begin with comments.
    assert next(SourceTable(store, "mappings/mesh.sssom.tsv").rows(2, 1)).number > 10
