"""Count the rows of a result while the engine writes it.

The engine writes bindings by itself and does not say how many. So the bytes are looked at: TSV has
a line for each row, XML an element, and neither of the two signs can be part of a value. JSON has
an object for each row, and what separates two objects may also stand in a string; there the strings
are left out wherever it matters. Triples come one by one, as do the rows of CSV.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO, Protocol, TypeVar

import pyoxigraph as ox

from tzgraph.errors import QueryError

__all__ = ["CountedOutput", "TooManyRowsError", "at_most"]

_T = TypeVar("_T")
#: Between two rows, the second of which has a value; a string may end in the same signs, and then
#: a comma or a brace follows.
_SEPARATOR = b'},{"'
#: A quote behind a backslash begins none, so one without an end is looked at once.
_STRING = re.compile(rb'"(?<!\\")(?:[^"\\]|\\.)*+"', re.DOTALL)
#: Bytes that wait for the end of a row.
_WAITING = 1 << 20


class TooManyRowsError(QueryError):
    """The result has more rows than it may have."""

    code = "result-too-many-rows"
    status = 507
    title = "The result has too many rows"


def _too_many(most: int) -> TooManyRowsError:
    return TooManyRowsError(
        f"The result has more than {most:,} rows.",
        "Ask for less, with LIMIT and OFFSET; the server sets the limit with TZGRAPH_RESULT_ROWS.",
    )


def at_most(rows: Iterable[_T], most: int) -> Iterator[_T]:
    """Give rows up to a number.

    :raises TooManyRowsError: while it is read, if there are more

    >>> list(at_most("abc", 3))
    ['a', 'b', 'c']
    """
    left = iter(rows)
    return chain(islice(left, most), _none(left, most))


def _none(left: Iterator[_T], most: int) -> Iterator[_T]:
    for _row in left:
        raise _too_many(most)
    yield from ()


class _Counter(Protocol):
    def feed(self, data: bytes) -> int:
        """Take what comes next, and give the number of rows of which it is sure."""
        ...

    def finish(self) -> int:
        """Give the number of rows."""
        ...


class CountedOutput:
    """Passes bindings on as they are written, and counts their rows.

    :param output: where to
    :param form: JSON, XML or TSV
    :param most: rows that there may be
    """

    def __init__(self, output: IO[bytes], form: ox.QueryResultsFormat, most: int) -> None:
        self._output = output
        self._most = most
        self._counter: _Counter = _JsonRows()
        if form == ox.QueryResultsFormat.TSV:
            self._counter = _Signs(b"\n", -1)  # the first line has the names
        elif form == ox.QueryResultsFormat.XML:
            self._counter = _Signs(b"<result>")

    def write(self, data: bytes) -> int:
        """Take bytes from the serialiser.

        :raises TooManyRowsError: if they hold a row too many
        """
        if self._counter.feed(data) > self._most:
            raise _too_many(self._most)
        return self._output.write(data)

    def flush(self) -> None:
        """Do nothing: what was passed on is not complete before it is counted."""

    def finish(self) -> None:
        """Count to the end.

        :raises TooManyRowsError: if there were too many rows
        """
        if self._counter.finish() > self._most:
            raise _too_many(self._most)


class _Signs:
    """Counts rows by a sign that each of them has once."""

    def __init__(self, sign: bytes, rows: int = 0) -> None:
        self._sign = sign
        self._rows = rows
        self._before = b""

    def feed(self, data: bytes) -> int:
        overlap = len(self._sign) - 1
        if overlap:
            self._rows += (self._before + data[:overlap]).count(self._sign)
            self._before = (self._before + data[-overlap:])[-overlap:]
        self._rows += data.count(self._sign)
        return self._rows

    def finish(self) -> int:
        return self._rows


class _JsonRows:
    """Counts the objects that Oxigraph writes into ``bindings``, without gaps between signs."""

    def __init__(self) -> None:
        self._rows = 0
        #: From a place that is in no string on.
        self._waiting = bytearray()
        self._patience = _WAITING

    def feed(self, data: bytes) -> int:
        searched = max(0, len(self._waiting) - len(_SEPARATOR))
        self._waiting += data
        end = self._waiting.rfind(_SEPARATOR, searched, -1)
        while end >= 0 and self._waiting[end + len(_SEPARATOR)] in b",}":
            end = self._waiting.rfind(_SEPARATOR, searched, end)
        if end >= 0:
            self._take(end)
        elif len(self._waiting) > self._patience:
            self._strip()
        return self._rows

    def finish(self) -> int:
        self._strip()
        return self._rows

    def _take(self, end: int) -> None:
        """Count the separators up to the last one that surely is one, which is not counted yet."""
        waiting = self._waiting
        # The first row has no separator before it, and an empty one none that is sure.
        if not self._rows or waiting.find(b"},{}", 0, end + 1) >= 0:
            self._rows += self._objects(_STRING.sub(b"", waiting[:end]))
        else:
            found = waiting.count(_SEPARATOR, 0, end)
            found -= waiting.count(_SEPARATOR + b",", 0, end)
            self._rows += found - waiting.count(_SEPARATOR + b"}", 0, end)
        del waiting[:end]
        self._patience = _WAITING

    def _strip(self) -> None:
        """Count without the strings, and keep one that has not ended."""
        bare = _STRING.sub(b"", self._waiting)
        open_string = bare.find(b'"')
        end = len(bare) if open_string < 0 else open_string
        self._rows += self._objects(bare[:end])
        self._waiting = bytearray(bare[-2:] if open_string < 0 else bare[open_string:])
        self._patience = max(_WAITING, 2 * len(self._waiting))

    @staticmethod
    def _objects(bare: bytes | bytearray) -> int:
        return bare.count(b"},{") + bare.count(b":[{")
