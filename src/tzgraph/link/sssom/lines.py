"""The lines of an SSSOM file: metadata behind ``#``, then rows; with findings on the file itself.

The standard's TSV quotes cells as CSV does (https://mapping-commons.github.io/sssom/tsv/), unlike
the project's own tables, so their reader is another one. A cell can't hold a line break.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tzgraph.errors import DataError, Finding, InputUnreadableError, Severity
from tzgraph.link.read.source import Source

__all__ = ["Lines", "Reporter", "read_lines"]

_BOM = b"\xef\xbb\xbf"
_HTML = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<body")


@dataclass(frozen=True)
class Reporter:
    """Makes findings on one file and hands them on."""

    file: str
    take: Callable[[Finding], None]

    def violation(
        self, code: str, message: str, hint: str, row: int | None = None, column: int | None = None
    ) -> None:
        """Report what makes a row useless."""
        self._report(Severity.VIOLATION, code, message, hint, row, column)

    def warning(
        self, code: str, message: str, hint: str, row: int | None = None, column: int | None = None
    ) -> None:
        """Report what can be lived with."""
        self._report(Severity.WARNING, code, message, hint, row, column)

    def unreadable(
        self, code: str, message: str, hint: str, row: int | None = None, column: int | None = None
    ) -> None:
        """Report what makes the file useless."""
        self._report(Severity.VIOLATION, code, message, hint, row, column, unreadable=True)

    def _report(
        self,
        severity: Severity,
        code: str,
        message: str,
        hint: str,
        row: int | None,
        column: int | None,
        *,
        unreadable: bool = False,
    ) -> None:
        self.take(Finding(severity, code, message, hint, self.file, row, column, unreadable))


@dataclass
class Lines:
    """A file in parts: metadata by line number, header, and rows by line number."""

    metadata: list[tuple[int, str]] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    header_line: int = 0
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def read_lines(path: Path, report: Reporter) -> Lines:
    """Read a file as far as its lines can be told apart.

    :param path: the file
    :param report: takes findings; after an unreadable one the result is empty
    """
    found = Lines()
    data = _bytes(path, report)
    if data is not None and _usable(data, report):
        for number, text in _lines(data, report):
            _sort_in(number, text, found, report)
        if not found.header:
            report.unreadable(
                "empty-file", "The file has no header.", "Give it a header row, or remove it."
            )
    return found


def _bytes(path: Path, report: Reporter) -> bytes | None:
    """The file, unpacked if it is packed; nothing if it can't be read."""
    try:
        return Source(path).whole()
    except InputUnreadableError as error:
        report.unreadable(
            "unreadable-file",
            f"The file can't be read: {getattr(error.__cause__, 'strerror', error.message)}.",
            "Check that it is a file and may be read.",
        )
    except DataError as error:
        for finding in error.findings:
            report.unreadable(finding.code, finding.message, finding.hint)
    return None


def _usable(data: bytes, report: Reporter) -> bool:
    """Whether this may be a table at all."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        report.unreadable("bad-utf-8", "The file is UTF-16.", "Save the file as UTF-8.", 1, 1)
        return False
    if data.removeprefix(_BOM).lstrip().lower().startswith(_HTML):
        report.unreadable(
            "html-file",
            "The file is a web page (HTML or XML) and no table.",
            "Download the raw file: the address given was that of a page that shows it.",
            1,
        )
        return False
    return True


def _lines(data: bytes, report: Reporter) -> Iterator[tuple[int, str]]:
    """Lines without their ends; what their ends show is reported once."""
    if data.startswith(_BOM):
        report.warning(
            "byte-order-mark",
            "The file begins with a byte order mark.",
            "It is skipped; save the file as UTF-8 without it.",
            1,
        )
        data = data.removeprefix(_BOM)
    ends: Counter[str] = Counter()
    first: dict[str, int] = {}
    for number, raw in enumerate(data.splitlines(keepends=True), 1):
        body = raw.rstrip(b"\r\n")
        end = {b"\n": "LF", b"\r\n": "CR LF", b"\r": "CR"}.get(raw[len(body) :], "")
        if end:
            ends[end] += 1
            first.setdefault(end, number)
        try:
            yield number, body.decode("utf-8")
        except UnicodeDecodeError as error:
            report.violation(
                "bad-utf-8",
                f"Byte 0x{body[error.start]:02x} is not UTF-8.",
                "Save the file as UTF-8 (not Latin-1).",
                number,
                body[: error.start].count(b"\t") + 1,
            )
    _report_ends(ends, first, report)


def _report_ends(ends: Counter[str], first: dict[str, int], report: Reporter) -> None:
    if len(ends) > 1:
        counted = ", ".join(f"{name} ({ends[name]})" for name in sorted(ends))
        odd = min(ends, key=lambda name: (ends[name], name))
        report.warning(
            "mixed-line-ends",
            f"Lines end in different ways: {counted}.",
            "They are read alike; save the file with LF.",
            first[odd],
        )
    elif ends and "LF" not in ends:
        name = next(iter(ends))
        code = "crlf" if name == "CR LF" else "cr-lines"
        report.warning(
            code, f"Lines end in {name}.", "They are read as if they ended in LF.", first[name]
        )


def _sort_in(number: int, text: str, found: Lines, report: Reporter) -> None:
    """Put a line where it belongs."""
    if text.startswith("#") and not found.header:
        found.metadata.append((number, text[1:]))
    elif not text.strip():
        if found.header:
            report.warning("blank-row", "The row is blank.", "Remove it.", number)
    else:
        cells = _cells(number, text, report)
        if cells is not None and not found.header:
            found.header, found.header_line = [cell.strip() for cell in cells], number
        elif cells is not None:
            found.rows.append((number, cells))


def _cells(number: int, text: str, report: Reporter) -> list[str] | None:
    if '"' not in text:
        return text.split("\t")
    try:
        return next(csv.reader([text], delimiter="\t", strict=True))
    except csv.Error as error:
        column = next(n for n, c in enumerate(text.split("\t"), 1) if '"' in c)
        report.violation(
            "stray-quote",
            f"Quotes don't match: {error}.",
            'Put a cell that holds one into double quotes, and write "" for each inside.',
            number,
            column,
        )
        return None
