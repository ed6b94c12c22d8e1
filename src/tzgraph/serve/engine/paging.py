"""Windows of the rows of a result, cut where the query runs.

The query itself is not touched: LIMIT and OFFSET in its text would change what a query that has
them means. Each window runs the query again, and ends it when the window is full.
"""

from __future__ import annotations

import io
from typing import IO, cast

import pyoxigraph as ox

from tzgraph.query.formats import Format, ResultKind, format_named
from tzgraph.query.run import Result, serialize
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.errors import ResultTooLargeError

__all__ = ["DEFAULT_ROWS", "MOST_ROWS", "split_part", "write_part"]

#: Rows of a window, and rows that one may have.
DEFAULT_ROWS, MOST_ROWS = 1000, 10_000
_MOST_BYTES = 32 * 1024 * 1024
#: What the first byte says of the rows behind the window.
_MORE, _NO_MORE = b"+", b"-"


class _FullError(Exception):
    """The window has all its rows."""


class _Lines:
    """Keeps the lines of a window of what is written as TSV."""

    def __init__(self, window: Window) -> None:
        self._first, self._last = window.offset + 1, window.offset + window.limit
        self._buffer = bytearray()
        self._seen = self._size = 0
        self.lines: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take bytes from the serialiser.

        :raises _FullError: if there is a row behind the window
        :raises ResultTooLargeError: if the rows are too large to be held
        """
        searched = len(self._buffer)
        self._buffer += data
        while (end := self._buffer.find(b"\n", searched)) >= 0:
            number, self._seen, searched = self._seen, self._seen + 1, 0
            if number > self._last:
                raise _FullError
            if number == 0 or number >= self._first:
                self.lines.append(bytes(self._buffer[:end]))
                self._size += end
            del self._buffer[: end + 1]
        if self._size + len(self._buffer) > _MOST_BYTES:
            raise ResultTooLargeError(
                f"The rows have more than {_MOST_BYTES:,} bytes.", "Ask for fewer with limit."
            )
        return len(data)

    def flush(self) -> None:
        """Do nothing: what was written is looked at at once."""


def write_part(result: Result, form: Format, output: IO[bytes], window: Window, most: int) -> None:
    """Write a window of bindings, behind a byte that :func:`split_part` reads.

    :param form: a format for bindings
    :param most: rows that the whole result may have as far as it is read, 0 for any number
    :raises ResultTooLargeError: if the rows are too large to be held
    """
    if isinstance(result, ox.QueryBoolean):
        output.write(_NO_MORE)
        serialize(result, form, output)
        return
    kept, more = _Lines(window), False
    try:
        tsv = format_named("tsv", ResultKind.BINDINGS)
        serialize(result, tsv, cast("IO[bytes]", kept), most=most)
    except _FullError:
        more = True
    output.write(_MORE if more else _NO_MORE)
    data = b"\n".join([*kept.lines, b""])
    if form.name == "tsv":
        output.write(data)
        return
    try:
        rows = ox.parse_query_results(io.BytesIO(data), format=ox.QueryResultsFormat.TSV)
        serialize(rows, form, output)
    except (SyntaxError, MemoryError) as error:
        raise ResultTooLargeError(
            f"The rows can't be cut: {error}.", "Ask without limit and offset, or as TSV."
        ) from error


def split_part(data: bytes) -> tuple[bytes, bool]:
    """Give what :func:`write_part` wrote of a window, and whether there are rows behind it."""
    return data[1:], data[:1] == _MORE
