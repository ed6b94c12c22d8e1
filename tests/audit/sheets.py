"""Copies of source tables, changed cell by cell."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tzgraph.audit.collect import collect_audit
from tzgraph.audit.model import Audit, AuditedClaim
from tzgraph.release import Release
from tzgraph.resources import shipped

__all__ = ["Folder", "Row", "claims_of"]

#: Cells by the name of their column.
Row = dict[str, str]
_STATED = (
    *("statedresults", "statedcomparisons", "statedapprovals", "statedfrequencies"),
    *("references", "claims"),
)


def claims_of(release: Release, source: str) -> dict[str, AuditedClaim]:
    """Give the audited claims of a document by name."""
    return {c.name: c for c in audit_of(release, source).claims}


def audit_of(release: Release, source: str) -> Audit:
    """Give the audit of a document."""
    return collect_audit(release.store(), source, release.manifest.id, release.findings())


@dataclass(frozen=True)
class Folder:
    """A folder of tables."""

    path: Path

    @classmethod
    def of_shipped(cls, path: Path) -> Folder:
        """Copy the sources that ship with tzgraph."""
        shutil.copytree(shipped("sources"), path)
        return cls(path)

    def read(self, table: str) -> tuple[list[str], list[list[str]]]:
        """Give the header and the rows of a table."""
        text = (self.path / f"{table}.tsv").read_text(encoding="utf-8")
        head, *rows = [line.split("\t") for line in text.splitlines()]
        return head, rows

    def write(self, table: str, head: list[str], rows: list[list[str]]) -> None:
        """Write a table."""
        self.path.mkdir(parents=True, exist_ok=True)
        text = "".join("\t".join(row) + "\n" for row in [head, *rows])
        (self.path / f"{table}.tsv").write_text(text, encoding="utf-8")

    def edit(self, table: str, change: Callable[[Row], Row | None]) -> None:
        """Change or drop each row of a table."""
        head, rows = self.read(table)
        kept = (change(dict(zip(head, row, strict=True))) for row in rows)
        self.write(table, head, [[row[name] for name in head] for row in kept if row])

    def drop(self, table: str, *ids: str) -> None:
        """Drop the rows whose ids begin with one of these."""
        head, rows = self.read(table)
        left = [row for row in rows if not row[0].startswith(ids)]
        assert len(left) < len(rows), f"{table} has none of {ids}"
        self.write(table, head, left)

    def change(self, table: str, ids: tuple[str, ...], **cells: str) -> None:
        """Fill cells of the rows with these ids; columns of ours by their local names."""
        head, rows = self.read(table)
        assert {row[0] for row in rows} >= set(ids), f"{table} lacks some of {ids}"
        for row in rows:
            if row[0] in ids:
                for name, text in cells.items():
                    row[head.index(f"tz:{name}")] = text
        self.write(table, head, rows)

    def append(self, table: str, *rows: Row) -> None:
        """Add rows to a table that exists; columns that are not named are empty."""
        head, before = self.read(table)
        assert all(set(row) <= set(head) for row in rows), f"{table} has other columns"
        self.write(table, head, [*before, *([row.get(name, "") for name in head] for row in rows)])

    def lines(self, table: str) -> Iterator[tuple[int, str]]:
        """Give the ids of a table with the numbers of their rows."""
        return ((number, row[0]) for number, row in enumerate(self.read(table)[1], 2))

    def quote_again(self, source: str, document: str, prefix: str, *, into: Path) -> Folder:
        """Write a document's claims, as if another document made them.

        :param source: the document's slug; also how its publication is called
        :param document: slug and publication of the other document
        :param prefix: what the ids of the other document's rows begin with
        """
        other = Folder(into)
        for table in _STATED:
            head, rows = self.read(table)
            mine = [row for row in rows if row[head.index("source")] == source]
            renamed = [[_renamed(c, source, document, prefix) for c in row] for row in mine]
            other.write(table, head, renamed)
        for table in ("sources", "publications"):
            head, rows = self.read(table)
            row = next(row for row in rows if row[0] == source)
            row[0] = document
            row[head.index("rdfs:label")] += ", told again"
            other.write(table, head, [row])
        return other


def _renamed(cell: str, source: str, document: str, prefix: str) -> str:
    own, *rest = source.split("-")
    assert rest
    if cell == source:
        return document
    parts = cell.split("|")
    return "|".join(prefix + p if p.startswith(f"{own}-") else p for p in parts)
