"""Vocabularies as tables (TSV or CSV): a row is a term, or one of several about it."""

from __future__ import annotations

import csv
import html
import itertools
import re
from collections import deque
from collections.abc import Iterator, Sequence

from tzgraph.errors import DataError
from tzgraph.link.identifiers import curies
from tzgraph.link.ontology.model import Scope, Synonym
from tzgraph.link.read.columns import (
    Columns,
    columns_of,
    main_pair,
    pairs_of,
    part_of_chembl,
    prefix_for,
)
from tzgraph.link.read.draft import DraftOntology, DraftTerm
from tzgraph.link.read.layouts import Arrange, as_it_is, layout_of
from tzgraph.link.read.lines import lines
from tzgraph.link.read.source import Source, unusable

__all__ = ["read_table"]

_Row = tuple[int, list[str]]
#: Rows that are looked at to tell what the identifiers are.
_SAMPLE = 50
_ALTERNATIVES = re.compile(r"\s\(([^()]++(?>(?:\([^()]*+\)[^()]*+)*))\)(?=\s|$)")
_ENZYME = re.compile(r"(?:,|(?<![\s,]))\s*+\(?\bEC \d++(?>(?:\.[\dn-]++)*)\)?$")
_SHORT = re.compile(r"(.+), ([A-Z][\w-]*(?: \d+)?)")
_OBSOLETE = ("true", "1", "yes", "obsolete", "deprecated", "withdrawn", "retired")
#: How databases write that there is nothing, in any column and in that of ids.
_NOTHING = ("-", "NULL", "\\N")
_NO_ID = ("na", "n/a", "none", "nan", "null")
_CELL_LIMIT = 10_000_000
#: Lines that a row of cells with tabs may go over.
_LINES = 100
_ENTITY = re.compile(r"&(?:#\d+|\w+);")
_TAG = re.compile(r"</?(?:sub|sup|i|b|em)>")


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
    sample = list(itertools.islice(rows, _SAMPLE))
    found = _columns(source, header, sample)
    arrange: Arrange = as_it_is
    if not found:
        layout = layout_of([header, *(cells for _, cells in sample)])
        if layout is None:
            raise _no_columns(source, header)
        if not layout.header:
            draft.warn("no-header", "The table has no header.", layout.told, 1)
            sample.insert(0, (1, header))
        arrange, found = layout.arrange, [layout.columns]
        draft.partial = layout.partial
        if not layout.columns.prefix:
            layout.columns.prefix = prefix_for("", source.name, (cells[0] for _, cells in sample))
    for columns in found:
        ids = [_cell(row, columns.id) for _, cells in sample for row in arrange(cells)]
        columns.prefix = columns.prefix or draft.prefix(ids)
    draft.partial = draft.partial or any(columns.paired for columns in found)
    readers = [_Reader(draft, columns) for columns in found]
    count = 0
    for number, cells in _chain(sample, rows):
        if arrange is as_it_is and len(cells) > len(header) and any(cells[len(header) :]):
            draft.warn(
                "row-width",
                f"The row has {len(cells)} cells, the header has {len(header)}.",
                "It was left out.",
                number,
            )
            continue
        told = [reader.row(number, row) for row in arrange(cells) for reader in readers]
        count += any(told)
    return count


def _columns(source: Source, header: list[str], sample: Sequence[_Row]) -> list[Columns]:
    """Give the columns of terms: of one vocabulary, or where a table is about more, of several."""
    whole, pairs = columns_of(header), pairs_of(header)
    for columns in [*([whole] if whole else ()), *pairs]:
        ids = [_cell(cells, columns.id) for _, cells in sample]
        given = header[columns.id]
        columns.prefix = columns.prefix or prefix_for(given, source.name, ids, header)
        if part := part_of_chembl(given, source.name, header if columns is whole else ()):
            columns.meant["chembl"] = part
        columns.told = bool(columns.prefix) or any(":" in text for text in ids)
    if whole and (whole.told or not any(columns.told for columns in pairs)):
        return [whole]
    told = [columns for columns in pairs if columns.told]
    main = main_pair(pairs, header, [cells for _, cells in sample])
    return told if main is None or main in told else [main, *told]


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


def _rows(source: Source, draft: DraftOntology) -> Iterator[_Row]:
    """Give the rows that aren't blank or comments before the header, and their lines."""
    numbered = lines(source, draft)
    first: tuple[int, str] | None = None
    above: tuple[int, str] | None = None
    for number, text in numbered:
        if text.strip() and not text.startswith(("#", '"#')):
            first = (number, text)
            break
        above = (number, text.lstrip('"# '))
    if first is None:
        return
    if above is not None and _heads(above[1], first[1]):
        first, numbered = above, itertools.chain((first,), numbered)
    if "\t" in first[1]:
        yield first[0], _tab_cells(first[1])
        whole = _mended(numbered, first[1].count("\t"))
        yield from ((n, _tab_cells(text)) for n, text in whole if text.strip())
    else:
        delimiter = max(",;|", key=first[1].count)
        yield from _csv_rows(source, first, numbered, delimiter)


def _heads(comment: str, row: str) -> bool:
    """Whether a comment above a row is its header, as in tables of NCBI."""
    above, below = comment.split("\t"), row.split("\t")
    return len(above) == len(below) > 1 and bool(columns_of(above) or pairs_of(above))


def _mended(numbered: Iterator[tuple[int, str]], tabs: int) -> Iterator[tuple[int, str]]:
    """Put together the lines of a row whose cells in quotes hold line ends.

    A quote may also be no more than a sign, so lines are left alone if putting them together
    doesn't make a row.

    :param tabs: how many tabs a row has
    """
    waiting: deque[tuple[int, str]] = deque()
    while True:
        line = waiting.popleft() if waiting else next(numbered, None)
        if line is None:
            return
        number, text = line
        if _open(text):
            seen = [*waiting, *itertools.islice(numbered, _LINES - len(waiting))]
            waiting = deque(seen)
            for count, (_, more) in enumerate(seen, 1):
                text = f"{text} {more}"
                if text.count("\t") >= tabs and not _open(text):
                    if text.count("\t") == tabs:
                        line = (number, text)
                        for _ in range(count):
                            waiting.popleft()
                    break
        yield line


def _open(text: str) -> bool:
    """Whether the last cell of a line begins with a quote that doesn't end."""
    cell = text.rpartition("\t")[2].strip()
    return cell.startswith('"') and cell.count('"') % 2 == 1


def _tab_cells(text: str) -> list[str]:
    """The cells of a line; quotes around a whole cell are taken off."""
    return [
        cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
        for cell in (part.strip() for part in text.split("\t"))
    ]


def _csv_rows(
    source: Source, first: tuple[int, str], rest: Iterator[tuple[int, str]], delimiter: str
) -> Iterator[_Row]:
    place, quotes = first[0], 0

    def texts() -> Iterator[str]:
        nonlocal place, quotes
        for number, text in itertools.chain((first,), rest):
            place, quotes = number, quotes + text.count('"')
            yield text + "\n"

    csv.field_size_limit(_CELL_LIMIT)
    begun = 0
    for cells in csv.reader(texts(), delimiter=delimiter):
        if quotes % 2 and place > begun + 1:
            raise unusable(
                source.name,
                "unclosed-quote",
                "A quote is opened in this row and never closed.",
                "Close it, or fetch the file again; nothing of it was used.",
                begun + 1,
            )
        begun = place
        if any(cells):
            yield place, [cell.strip() for cell in cells]


def _cell(cells: Sequence[str], column: int | None) -> str:
    text = cells[column] if column is not None and column < len(cells) else ""
    if "&" in text or "<" in text:  # some tables are made for web pages
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), _TAG.sub("", text))
    return "" if text in _NOTHING else text


class _Reader:
    def __init__(self, draft: DraftOntology, columns: Columns) -> None:
        self.draft = draft
        self.columns = columns

    def row(self, number: int, cells: list[str]) -> bool:
        """Take a row; whether it tells of a term."""
        draft, columns = self.draft, self.columns
        written = _cell(cells, columns.id)
        if not written or written.lower() in _NO_ID:
            draft.warn("no-id", "The row has no id.", "It was left out.", number)
            return False
        if written.lower() == "id":  # the second row of a ROBOT template
            return False
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
        term.types += _split(_cell(cells, columns.type))
        words = _cell(cells, columns.status).lower().split()
        term.deprecated = term.deprecated or any(word in _OBSOLETE for word in words)
        for old in _split(_cell(cells, columns.alternatives)):
            draft.alternatives.setdefault(self.iri(old), iri)
        return True

    def iri(self, text: str) -> str:
        """The IRI of an identifier, which may lack its prefix."""
        if "::" in text:  # as Hetionet writes kinds of nodes
            text = text.partition("::")[2]
        prefix, colon, local = text.partition(":")
        if colon and prefix in self.columns.meant:
            text = f"{self.columns.meant[prefix]}:{local}"
        if not colon and self.columns.prefix:
            text = f"{self.columns.prefix}:{text}"
        elif (
            "_" in text
            and ":" not in text
            and (found := curies.normalise(text.replace("_", ":", 1)))
        ):
            text = found
        return self.draft.ids.iri(text)

    def labels(self, cells: Sequence[str]) -> list[str]:
        """The texts that name a term, the better first."""
        texts = [text for column in self.columns.labels if (text := _cell(cells, column))]
        whose = _cell(cells, self.columns.whose)
        return [f"{whose} {text}" for text in texts] if whose else texts

    def check(self, written: str, term: DraftTerm, number: int, cells: Sequence[str]) -> None:
        if term.line is None:
            return
        label = next(iter(self.labels(cells)), "")
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
        texts = self.labels(cells)
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
