r"""Tab-separated tables as a stream of rows, with a finding for each thing that is wrong.

The format: UTF-8, one row a line, cells separated by tabs, header in row 1, no quoting.
``|`` separates values in a cell; a backslash escapes three things: ``\|``, ``\\`` and ``\"``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tzgraph.errors import Finding, Severity
from tzgraph.parsing import open_regular
from tzgraph.read.characters import look_alikes, named, unseen

__all__ = ["FindingSink", "Row", "Salvage", "rows", "split_values"]

#: Takes findings as they are met.
FindingSink = Callable[[Finding], None]
#: A row number (1 is the header) and its cells.
Row = tuple[int, list[str]]

#: Bytes that a line may have.
_LONGEST = 64_000_000
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPES = {"|": "|", "\\": "\\", '"': '"'}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_VALUE = re.compile(r"((?:[^|\\]|\\.?)*)(?:\||$)", re.DOTALL)


def split_values(cell: str) -> list[str]:
    r"""Split a cell into its values, unescaped and stripped; empty ones are left out.

    :raises ValueError: for a backslash that escapes nothing known

    >>> split_values(r"HER2|a\|b |")
    ['HER2', 'a|b']
    """
    if "\\" not in cell:
        if "|" not in cell:
            value = cell.strip()
            return [value] if value else []
        parts = cell.split("|")
        return [value for part in parts if (value := part.strip())]
    raw = [match.group(1) for match in _VALUE.finditer(cell)]
    return [value for part in raw if (value := _unescape(part).strip())]


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        try:
            return _ESCAPES[match.group(1)]
        except KeyError:
            raise ValueError(match.group(0)) from None

    return _ESCAPE.sub(replace, text)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.readline(_LONGEST + 1), b"")


@dataclass
class Salvage:
    """What was left out of a table of which all that can be read is wanted.

    :ivar cells: numbers of the rows that lost a cell
    :ivar rows: the rows that were left out: number, and the cells in which they are cut up
    """

    cells: set[int] = field(default_factory=set)
    rows: dict[int, list[str]] = field(default_factory=dict)


def rows(
    path: Path, report: FindingSink, *, lenient: bool = False, salvage: Salvage | None = None
) -> Iterator[Row]:
    """Give the rows of a table; rows that can't be used are reported and left out.

    Line ends may be LF or CRLF (a warning); a byte order mark is skipped. Every row has to have
    as many cells as the header.

    :param path: the table
    :param report: takes a finding for each thing that is wrong
    :param lenient: give broken rows too, as far as they can be split (to learn their ids)
    :param salvage: told what of a row below the header can't be used, which is a warning then: a
        cell is left empty, quotes that a spreadsheet put around a cell are taken off it
    """
    return _Lexer(path.name, report, lenient, salvage).rows(path)


class _Lexer:
    """State of reading one table: its width, and whether CRLF was reported."""

    def __init__(
        self, name: str, report: FindingSink, lenient: bool, salvage: Salvage | None
    ) -> None:
        self.name = name
        self.report = report
        self.lenient = lenient
        self.salvage = salvage
        self.width = 0
        self.crlf = False

    def finding(self, code: str, message: str, hint: str, **more: Any) -> None:
        severity = more.pop("severity", Severity.VIOLATION)
        if self.salvaging(more.get("row")) and code != "too-large":
            severity, more["unreadable"] = Severity.WARNING, False
        self.report(Finding(severity, code, message, hint, self.name, **more))

    def salvaging(self, row: int | None) -> bool:
        """Whether as much of a row is wanted as can be read."""
        return self.salvage is not None and row is not None and row > 1

    def rows(self, path: Path) -> Iterator[Row]:
        number = 0
        try:
            with open_regular(path) as stream:
                for number, raw in enumerate(_lines(stream), 1):
                    if len(raw) > _LONGEST:
                        self.finding(
                            "too-large",
                            f"The line has more than {_LONGEST:,} bytes.",
                            "Check that the file is a table; what follows was not read.",
                            row=number,
                            unreadable=True,
                        )
                        return
                    if number == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
                        self.decode(number, raw)
                        return  # UTF-16: nothing that follows could be told apart
                    if number == 1 and b"\r" in raw.rstrip(b"\r\n"):
                        self.finding(
                            "cr-lines",
                            "Lines end in CR alone.",
                            "Save the file with LF line ends.",
                            unreadable=True,
                        )
                        return
                    cells = self.row(number, raw)
                    if cells is not None:
                        yield number, cells
        except OSError as error:
            self.finding(
                "unreadable-file",
                f"The file can't be read: {error.strerror}.",
                "Check that it is a file, no folder, pipe or device, and may be read.",
                unreadable=True,
            )
            return
        if number == 0:
            self.finding(
                "empty-file",
                "The file is empty.",
                "Give it a header row, or remove it.",
                unreadable=True,
            )

    def row(self, number: int, raw: bytes) -> list[str] | None:
        """Cells of a line, or ``None`` if the line can't be used."""
        body = raw.removesuffix(b"\n")
        if number == 1:
            body = body.removeprefix(b"\xef\xbb\xbf")
        if body.endswith(b"\r"):
            body = body[:-1]
            self.crlf_met(number)
        line = self.decode(number, body)
        if line is None:
            return None
        if not line.strip() and number == 1:
            self.finding(
                "blank-header",
                "The first row is blank, but the header has to stand there.",
                "Remove the row, or the file.",
                row=number,
                unreadable=True,
            )
            return None
        if not line.strip():
            self.finding(
                "blank-row",
                "The row is blank.",
                "Remove it.",
                row=number,
                severity=Severity.WARNING,
            )
            return None
        cells = line.split("\t")
        usable = self.clean(number, line, cells)
        if number == 1:
            self.width = len(cells)
        elif self.width and len(cells) != self.width:
            self.finding(
                "row-width",
                f"The row has {len(cells)} cells, the header has {self.width}.",
                "Put one tab between cells, also around empty ones.",
                row=number,
            )
            usable = False
            if self.salvage is not None:
                self.salvage.rows[number] = cells
        return cells if usable or self.lenient else None

    def deceiving(self, number: int, cells: list[str]) -> None:
        """Warn of characters that aren't what they look like."""
        for column, cell in enumerate(cells, 1):
            if cell.isascii():
                continue
            if hidden := unseen(cell):
                self.finding(
                    "invisible-character",
                    f"The cell contains what can't be seen: {', '.join(map(named, hidden))}.",
                    "Remove it, so that equal names are equal and read as they are shown.",
                    row=number,
                    column=column,
                    severity=Severity.WARNING,
                )
            if strange := look_alikes(cell):
                self.finding(
                    "look-alike-character",
                    f"A word is Latin but for {', '.join(map(named, strange))}.",
                    "Write the Latin letter, if it was meant.",
                    row=number,
                    column=column,
                    severity=Severity.WARNING,
                )

    def crlf_met(self, number: int) -> None:
        if self.crlf:
            return
        self.crlf = True
        self.finding(
            "crlf",
            "Lines end in CR LF.",
            "They are read as if they ended in LF; save the file with LF.",
            row=number,
            severity=Severity.WARNING,
        )

    def decode(self, number: int, body: bytes) -> str | None:
        try:
            line = body.decode("utf-8")
        except UnicodeDecodeError as error:
            self.undecodable(number, body[: error.start].count(b"\t") + 1, body[error.start])
            if self.lenient:
                return body.decode("utf-8", "replace")
            if self.salvage is None or number == 1:
                return None
            line = self.decodable_cells(number, body, self.salvage)
        return (
            line if unicodedata.is_normalized("NFC", line) else unicodedata.normalize("NFC", line)
        )

    def undecodable(self, number: int, column: int, byte: int) -> None:
        self.finding(
            "bad-utf-8",
            f"Byte 0x{byte:02x} is not UTF-8.",
            "Save the file as UTF-8 (not UTF-16 or Latin-1).",
            row=number,
            column=column,
            unreadable=True,
        )

    def decodable_cells(self, number: int, body: bytes, salvage: Salvage) -> str:
        """Give a line without the cells that are not UTF-8."""
        cells = []
        for cell in body.split(b"\t"):
            try:
                cells.append(cell.decode("utf-8"))
            except UnicodeDecodeError:
                cells.append("")
        salvage.cells.add(number)
        return "\t".join(cells)

    def clean(self, number: int, line: str, cells: list[str]) -> bool:
        """Report quotes and control characters; say whether the row can be used all the same."""
        if not line.isascii():
            self.deceiving(number, cells)
        if '"' not in line and not _CONTROL.search(line):
            return True
        usable = True
        for column, cell in enumerate(cells, 1):
            text = cell.strip()
            if text.startswith('"') or (text.endswith('"') and not text.endswith('\\"')):
                code, message = "stray-quote", "The cell begins or ends with a double quote."
                hint = 'Cells are not quoted here: remove the quotes, or write \\" for a real one.'
            elif control := _CONTROL.search(cell):
                code = "control-character"
                message = f"The cell contains a control character, {named(control[0])}."
                hint = "Remove it."
            else:
                continue
            self.finding(code, message, hint, row=number, column=column)
            if self.salvage is None or number == 1:
                usable = False
            elif code == "stray-quote":
                cells[column - 1] = _unquoted(text)
            else:
                cells[column - 1] = ""
                self.salvage.cells.add(number)
        return usable


def _unquoted(text: str) -> str:
    r"""Give a cell that begins or ends with a quote as it is meant.

    >>> _unquoted('"so-called ""targeted"" drugs"'), _unquoted('a "targeted" drug: "herceptin"')
    ('so-called "targeted" drugs', 'a "targeted" drug: "herceptin"')
    """
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        within = text[1:-1].replace('""', "\0")
        if '"' not in within:  # as spreadsheets write it
            return within.replace("\0", '"')
    return text
