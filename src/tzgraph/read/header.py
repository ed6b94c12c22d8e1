"""The header row of a table: what it describes and what each column says."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tzgraph.curies import IriError
from tzgraph.errors import Finding, Severity
from tzgraph.read.table import FindingSink, rows
from tzgraph.schema import PropertyInfo, Schema
from tzgraph.vocabulary import RDF, TZ

__all__ = ["SOURCE", "Column", "Header", "read_header"]

#: Header of the column that names the source of a row.
SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its number (from 1), its property, and whether it is read backwards (``^p``)."""

    number: int
    info: PropertyInfo
    inverse: bool = False


@dataclass(frozen=True)
class Header:
    """What a table describes: class of its things, base of their IRIs, columns.

    ``source`` is ``None`` if the table has no such column; ``complete`` says that every column
    can be used. A header that isn't complete has been reported, and serves to check the rest.
    """

    class_iri: str
    base: str
    columns: tuple[Column, ...]
    source: int | None
    complete: bool = True

    def position(self, property_iri: str) -> int | None:
        """Give the number of the column with this property, read forwards."""
        return next(
            (c.number for c in self.columns if c.info.iri == property_iri and not c.inverse), None
        )

    @staticmethod
    def cell(cells: list[str], number: int | None) -> str:
        """Give the stripped text of a cell, empty if the row has no such column."""
        return cells[number - 1].strip() if number is not None and number <= len(cells) else ""

    def slug(self, cells: list[str]) -> str:
        """Give the local id of a row."""
        return cells[0].strip()


#: Unknown columns of a table for which what may be meant is looked for, a millisecond each.
_GUESSES = 50


def read_header(path: Path, schema: Schema, report: FindingSink) -> Header | None:
    """Read the header row of a table.

    :return: the header, or ``None`` if the table can't be used (which is reported)
    """
    first = next(iter(rows(path, lambda _finding: None)), None)
    if first is None or first[0] != 1:
        # The second pass would report why; without a header there is none, so it is done here.
        for _ in rows(path, report):
            pass
        return None
    names = [name.strip() for name in first[1]]
    header = _HeaderReader(path.name, schema, report).header(names)
    if header is None:
        for _ in rows(path, report):
            pass
    return header


class _HeaderReader:
    def __init__(self, file: str, schema: Schema, report: FindingSink) -> None:
        self.file = file
        self.schema = schema
        self.report = report
        self.complete = True
        self.guesses = _GUESSES

    def fail(self, code: str, message: str, hint: str, column: int | None = None) -> None:
        self.complete = False
        self.report(
            Finding(Severity.VIOLATION, code, message, hint, self.file, 1, column, unreadable=True)
        )

    def header(self, names: list[str]) -> Header | None:
        class_iri, base = self.described(names[0])
        seen: dict[str, int] = {}
        columns: dict[tuple[str, bool], Column] = {}
        for number, name in enumerate(names[1:], 2):
            if name in seen:
                self.duplicate(number, name, seen[name])
                continue
            seen[name] = number
            if name == SOURCE or name.startswith("#"):
                continue
            column = self.column(number, name)
            if column is None:
                continue
            earlier = columns.setdefault((column.info.iri, column.inverse), column)
            if earlier is not column:
                self.duplicate(number, name, earlier.number)
        if SOURCE not in seen:
            self.fail(
                "missing-column",
                f"There is no column “{SOURCE}”.",
                "Add it: each row names the source of what it says, an id of sources.tsv.",
            )
        if not class_iri:
            return None
        # What the ends of a statement hold depends on rdf:predicate, so they are read last.
        ends = (RDF + "subject", RDF + "object")
        ordered = sorted(columns.values(), key=lambda column: column.info.iri in ends)
        return Header(class_iri, base, tuple(ordered), seen.get(SOURCE), self.complete)

    def duplicate(self, number: int, name: str, earlier: int) -> None:
        self.fail(
            "duplicate-column",
            f"What column “{name}” says, column {earlier} says, too.",
            "Merge the two.",
            number,
        )

    def described(self, name: str) -> tuple[str, str]:
        """The class that heads the first column, and the base of its ids."""
        iri = self.expand(name, 1)
        info = self.schema.classes.get(iri or "")
        if info is None or info.base is None:
            pool = {
                "tz:" + iri.removeprefix(TZ) for iri in self.schema.id_bases if iri.startswith(TZ)
            }
            near = get_close_matches(name, sorted(pool), 1)
            self.fail(
                "missing-column",
                f"The first column is headed “{name}”, which is no class with ids of its own.",
                f"Did you mean “{near[0]}”?" if near else "Head it by a class such as tz:Drug.",
                1,
            )
            return "", ""
        return info.iri, info.base

    def column(self, number: int, name: str) -> Column | None:
        inverse = name.startswith("^")
        plain = name.removeprefix("^")
        iri = self.schema.property_by_label(plain) or self.expand(plain, number)
        info = self.schema.properties.get(iri or "")
        if info is None:
            if iri is not None or ":" not in plain:
                self.unknown(number, plain)
            return None
        if inverse and info.datatype is not None:
            self.fail(
                "inverse-literal",
                f"“{name}” reads backwards a property of text or numbers.",
                "Only properties between things can be read backwards.",
                number,
            )
            return None
        return Column(number, info, inverse)

    def expand(self, name: str, number: int) -> str | None:
        try:
            return self.schema.curies.iri(name)
        except IriError as error:
            if error.code != "no-iri":
                self.fail(error.code, error.message, error.hint, number)
            return None

    def unknown(self, number: int, name: str) -> None:
        near: list[str] = []
        if self.guesses:
            self.guesses -= 1
            pool = [
                "tz:" + iri.removeprefix(TZ) for iri in self.schema.properties if iri.startswith(TZ)
            ]
            pool += [info.label for info in self.schema.properties.values()]
            near = get_close_matches(name, pool, 1) or get_close_matches("tz:" + name, pool, 1)
        self.fail(
            "unknown-column",
            f"“{name}” is no property of the ontology.",
            f"Did you mean “{near[0]}”?"
            if near
            else "Declare it in the ontology, or begin the header with # to leave the column out.",
            number,
        )
