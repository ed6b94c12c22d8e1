"""IRIs of places in source files: rows, columns and cells, with fragments as in RFC 7111."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from tzgraph.vocabulary import ID

__all__ = ["CellRef", "cell_base", "parse_cell_iri"]

_BASE = ID + "cell/"
_PLACE = re.compile(
    r"(?P<file>[^#]+)#(?:row=(?P<row>\d+)|col=(?P<col>\d+)|cell=(?P<r>\d+),(?P<c>\d+))"
)


@dataclass(frozen=True, slots=True)
class CellRef:
    """A place in a source file; rows and columns count from 1, the header is row 1."""

    file: str
    row: int | None = None
    column: int | None = None

    @property
    def sort_key(self) -> tuple[str, int, int]:
        """Order of cells: by file, row and column; a whole file or row goes before its cells."""
        return (self.file, self.row or 0, self.column or 0)

    @property
    def iri(self) -> str:
        """The IRI of the place: a cell, a row, a column or the file.

        >>> CellRef("drugs.tsv", 3, 2).iri
        'https://w3id.org/tzgraph/id/cell/drugs.tsv#cell=3,2'
        """
        base = cell_base(self.file)
        if self.row is not None and self.column is not None:
            return f"{base}#cell={self.row},{self.column}"
        if self.row is not None:
            return f"{base}#row={self.row}"
        return base if self.column is None else f"{base}#col={self.column}"


def cell_base(file: str) -> str:
    """Give the IRI of a source file, to which ``#row=``, ``#col=`` or ``#cell=`` is added.

    >>> cell_base("drugs.tsv")
    'https://w3id.org/tzgraph/id/cell/drugs.tsv'
    """
    return _BASE + quote(file)


def parse_cell_iri(iri: str) -> CellRef:
    """Read the IRI of a row, column, cell or file back.

    >>> parse_cell_iri("https://w3id.org/tzgraph/id/cell/drugs.tsv#col=2")
    CellRef(file='drugs.tsv', row=None, column=2)
    """
    match = _PLACE.fullmatch(iri.removeprefix(_BASE))
    if match is None:
        return CellRef(unquote(iri.removeprefix(_BASE)))
    row, column = match["row"] or match["r"], match["col"] or match["c"]
    return CellRef(
        unquote(match["file"]), int(row) if row else None, int(column) if column else None
    )
