"""Count the rows of a result while the engine writes it.

The engine writes bindings by itself and does not say how many. So the bytes are looked at: TSV has
a line for each row, XML an element, and neither of the two signs can be part of a value. JSON has
an object for each row, and what separates two objects may also stand in a string; there the strings
are left out. Triples come one by one, as do the rows of CSV.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO, Protocol, TypeVar

import pyoxigraph as ox

from tzgraph.errors import QueryError

__all__ = ["CountedOutput", "NoticedOutput", "TooManyRowsError", "at_most"]

_T = TypeVar("_T")


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
        """Take what comes next, and give the number of rows that have begun."""
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
        self._counter = _counter(form)

    def write(self, data: bytes) -> int:
        """Take bytes from the serialiser.

        :raises TooManyRowsError: if they hold a row too many
        """
        if self._counter.feed(data) > self._most:
            raise _too_many(self._most)
        return self._output.write(data)

    def flush(self) -> None:
        """Do nothing: what was passed on is not complete before it is counted."""


class NoticedOutput:
    """Passes bindings on as they are written, and notices whether there is a row.

    :param output: where to
    :param form: JSON, XML, TSV or, as ``None``, CSV
    :ivar has_rows: whether there was one
    """

    def __init__(self, output: IO[bytes], form: ox.QueryResultsFormat | None) -> None:
        self._output = output
        self._counter = _counter(form)
        self.has_rows = False

    def write(self, data: bytes) -> int:
        """Take bytes from the serialiser."""
        self.has_rows = self.has_rows or self._counter.feed(data) > 0
        return self._output.write(data)

    def flush(self) -> None:
        """Do nothing, as :class:`CountedOutput` does."""


def _counter(form: ox.QueryResultsFormat | None) -> _Counter:
    if form == ox.QueryResultsFormat.TSV or form is None:
        return _Signs(b"\n", -1)  # the first line has the names
    return _Signs(b"<result>") if form == ox.QueryResultsFormat.XML else _JsonRows()


class _Signs:
    """Counts rows by a sign that each of them has once."""

    def __init__(self, sign: bytes, rows: int = 0) -> None:
        self._sign = sign
        self._rows = rows
        self._before = b""

    def feed(self, data: bytes) -> int:
        data = self._before + data
        self._rows += data.count(self._sign)
        self._before = data[max(0, len(data) - len(self._sign) + 1) :]
        return self._rows


class _JsonRows:
    """Counts the objects that Oxigraph writes into ``bindings``, without gaps between signs."""

    def __init__(self) -> None:
        self._rows = 0
        #: Whether what comes next is in a string.
        self._inside = 0
        #: A backslash whose sign is still to come.
        self._escape = b""
        #: The last signs outside strings, with which the separator of a row may begin.
        self._before = b""

    def feed(self, data: bytes) -> int:
        data = self._escape + data
        end = len(data) - (len(data) - len(data.rstrip(b"\\"))) % 2
        data, self._escape = data[:end], data[end:]
        if b"\\" in data:
            data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
        parts = data.split(b'"')
        bare = self._before + b"".join(parts[self._inside :: 2])
        self._inside = (self._inside + len(parts) - 1) % 2
        self._rows += bare.count(b"},{") + bare.count(b":[{")
        self._before = bare[-2:]
        return self._rows
