"""Vocabularies as tables (TSV or CSV): a row is a term, or one of several about it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from tzgraph.errors import DataError
from tzgraph.link import curies
from tzgraph.link.model import Scope, Synonym
from tzgraph.link.read.columns import Columns, columns_of, prefix_for
from tzgraph.link.read.draft import DraftOntology, DraftTerm
from tzgraph.link.read.lines import lines
from tzgraph.link.read.source import Source, unusable

__all__ = ["read_table"]

_Row = tuple[int, list[str]]
#: Rows that are looked at to tell what the identifiers are.
_SAMPLE = 50
_BARE_ID = re.compile(r"[A-Za-z]{1,6}[:_]?\d{3,}")
_ALTERNATIVES = re.compile(r"\s\(([^()]+(?:\([^()]*\)[^()]*)*)\)(?=\s|$)")
_ENZYME = re.compile(r",?\s*\(?\bEC \d+(?:\.[\dn-]+)*\)?$")
_SHORT = re.compile(r"(.+), ([A-Z][\w-]*(?: \d+)?)")
_OBSOLETE = ("true", "1", "yes", "obsolete", "deprecated", "withdrawn")
_CELL_LIMIT = 10_000_000


def read_table(source: Source, draft: DraftOntology) -> int:
    """Read a table whose header names a column of identifiers and one of names.

    Columns of synonyms, definitions, parents, cross-references, species and status are used where
    there are some. Several rows about one id are put together.

    :return: number of rows
    :raises DataError: if there are no such columns, or the file is a mapping set
    """
    rows = _rows(source, draft)
    header = next(rows, (1, []))[1]
    if {"subject_id", "predicate_id", "object_id"} <= set(header):
        raise unusable(
            source.name,
            "mapping-set",
            "The file is a mapping set (SSSOM), no vocabulary.",
            "Mapping sets are given in another place than ontologies; see the command's help.",
            row=1,
        )
    columns = columns_of(header)
    sample = [row for row, _ in zip(rows, range(_SAMPLE), strict=False)]
    if columns is None:
        columns = _headless([(1, header), *sample])
        if columns is None:
            raise _no_columns(source, header)
        hint = "The first column was taken for ids, the second for names, the third for synonyms."
        draft.warn("no-header", "The table has no header.", hint, 1)
        sample.insert(0, (1, header))
    given = header[columns.id] if columns.id < len(header) else ""
    columns.prefix = prefix_for(
        given, source.name, (_cell(cells, columns.id) for _, cells in sample)
    )
    reader = _Reader(draft, columns, len(header))
    for number, cells in _chain(sample, rows):
        reader.row(number, cells)
    return reader.count


def _chain(first: Sequence[_Row], rest: Iterator[_Row]) -> Iterator[_Row]:
    yield from first
    yield from rest


def _no_columns(source: Source, header: Sequence[str]) -> DataError:
    shown = ", ".join(f"“{name[:40]}”" for name in header[:6])
    return unusable(
        source.name,
        "no-term-columns",
        f"The table has no column of ids and names; its first row is {shown}.",
        "Give it a header such as: id, name, synonyms, definition, parents.",
        row=1,
    )


def _headless(rows: Sequence[_Row]) -> Columns | None:
    """Take a table without header for ids, names and synonyms if its first cells are all ids."""
    if len(rows) < 2 or any(len(cells) < 2 for _, cells in rows):
        return None
    if not all(
        _BARE_ID.fullmatch(cells[0]) and not _BARE_ID.fullmatch(cells[1]) for _, cells in rows
    ):
        return None
    return Columns(id=0, labels=[1], exact=[2] if len(rows[0][1]) > 2 else [])


def _rows(source: Source, draft: DraftOntology) -> Iterator[_Row]:
    """Give the rows that aren't blank or comments before the header, and their lines."""
    numbered = lines(source, draft)
    first: tuple[int, str] | None = None
    for number, text in numbered:
        if text.strip() and not text.startswith("#"):
            first = (number, text)
            break
    if first is None:
        return
    if "\t" in first[1]:
        yield first[0], _tab_cells(first[1])
        yield from ((n, _tab_cells(text)) for n, text in numbered if text.strip())
    else:
        delimiter = max(",;|", key=first[1].count)
        yield from _csv_rows(first, numbered, delimiter)


def _tab_cells(text: str) -> list[str]:
    """The cells of a line; quotes around a whole cell are taken off."""
    return [
        cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
        for cell in (part.strip() for part in text.split("\t"))
    ]


def _csv_rows(
    first: tuple[int, str], rest: Iterator[tuple[int, str]], delimiter: str
) -> Iterator[_Row]:
    place = [first[0]]

    def texts() -> Iterator[str]:
        yield first[1] + "\n"
        for number, text in rest:
            place[0] = number
            yield text + "\n"

    csv.field_size_limit(_CELL_LIMIT)
    for cells in csv.reader(texts(), delimiter=delimiter):
        if any(cells):
            yield place[0], [cell.strip() for cell in cells]


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


class _Reader:
    def __init__(self, draft: DraftOntology, columns: Columns, width: int) -> None:
        self.draft = draft
        self.columns = columns
        self.width = width
        self.count = 0

    def row(self, number: int, cells: list[str]) -> None:
        """Take a row."""
        draft, columns = self.draft, self.columns
        if len(cells) > self.width and any(cells[self.width :]):
            draft.warn(
                "row-width",
                f"The row has {len(cells)} cells, the header has {self.width}.",
                "It was left out.",
                number,
            )
            return
        written = _cell(cells, columns.id)
        if not written:
            draft.warn("no-id", "The row has no id.", "It was left out.", number)
            return
        if written.lower() == "id":  # the second row of a ROBOT template
            return
        self.count += 1
        iri = self.iri(written)
        term = draft.term(iri)
        self.check(written, term, number, cells)
        term.kind, term.line = "class", term.line or number
        self.names(term, cells)
        if (text := _cell(cells, columns.definition)) and not term.definitions:
            term.definitions.append(text)
        term.parents += [self.iri(text) for text in _split(_cell(cells, columns.parents))]
        term.xrefs += [draft.ids.curie(text) for text in _split(_cell(cells, columns.xrefs))]
        for column, prefix in columns.databases.items():
            term.xrefs += [
                draft.ids.curie(f"{prefix}:{t}") for t in _split(_cell(cells, column), ",")
            ]
        term.taxa += [
            t for text in _split(_cell(cells, columns.taxon)) if (t := draft.ids.taxon(text))
        ]
        words = _cell(cells, columns.status).lower().split()
        term.deprecated = term.deprecated or any(word in _OBSOLETE for word in words)
        for old in _split(_cell(cells, columns.alternatives)):
            draft.alternatives.setdefault(self.iri(old), iri)

    def iri(self, text: str) -> str:
        """The IRI of an identifier, which may lack its prefix."""
        if "::" in text:  # as Hetionet writes kinds of nodes
            text = text.partition("::")[2]
        if ":" not in text and self.columns.prefix:
            text = f"{self.columns.prefix}:{text}"
        elif (
            "_" in text
            and ":" not in text
            and (found := curies.normalise(text.replace("_", ":", 1)))
        ):
            text = found
        return self.draft.ids.iri(text)

    def check(self, written: str, term: DraftTerm, number: int, cells: Sequence[str]) -> None:
        if term.line is None:
            return
        label = _cell(cells, self.columns.labels[0])
        if label and term.labels and term.labels[0][0] != label:
            self.draft.warn(
                "duplicate-term",
                f"{written} is “{term.labels[0][0]}” in line {term.line}.",
                "The first name was taken, the other as a synonym.",
                number,
            )
            term.synonyms.append(Synonym(label, Scope.EXACT))

    def names(self, term: DraftTerm, cells: Sequence[str]) -> None:
        columns = self.columns
        texts = [text for column in columns.labels if (text := _cell(cells, column))]
        first, more = _main(texts[0]) if texts else ("", [])
        if first and not term.labels:
            term.labels.append((first, ""))
        for text in texts[1:]:
            name, others = _main(text)
            more += [name, *others]
        for column in columns.exact:
            more += _split(_cell(cells, column))
        term.synonyms += [Synonym(text, Scope.EXACT) for text in more if text != first]
        for column in columns.related:
            symbols = _split(_cell(cells, column), " " if column in columns.spaced else ", ")
            term.synonyms += [Synonym(text, Scope.RELATED) for text in symbols if text != first]


def _main(text: str) -> tuple[str, list[str]]:
    """A name and the others that UniProt puts after it in brackets.

    >>> _main("Receptor protein (EC 2.7.10.1) (Gene 19 protein, MLN 19) (p185erbB2)")
    ('Receptor protein', ['Gene 19 protein', 'MLN 19', 'p185erbB2'])
    """
    others = _ALTERNATIVES.findall(text)
    if len(others) < 2 or not text.endswith(")"):
        return text, []
    names: list[str] = []
    for other in others:
        name = _ENZYME.sub("", other)
        short = _SHORT.fullmatch(name)
        names += [*short.groups()] if short else [name]
    return _ENZYME.sub("", _ALTERNATIVES.sub("", text).strip()), [name for name in names if name]


def _split(cell: str, also: str = "") -> list[str]:
    """The values of a cell, separated by a bar or semicolons, or by another sign, if given."""
    if not cell:
        return []
    for separator in ("|", ";", also):
        if separator and separator in cell:
            return [part for piece in cell.split(separator) if (part := piece.strip())]
    return [cell]
