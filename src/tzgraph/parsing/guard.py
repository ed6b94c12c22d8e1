"""One guard before all parsers of RDF, at every door: files, the graph store, links, imports."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import IO, Protocol

import pyoxigraph as ox

from tzgraph.parsing.nesting import JSON, TURTLE, Nesting
from tzgraph.parsing.xml import XmlGuard

__all__ = ["check", "check_xml", "guarded", "parse_rdf"]

#: Bytes that are looked at in one go.
_PIECE = 1 << 18
_TERSE = (
    ox.RdfFormat.TURTLE,
    ox.RdfFormat.TRIG,
    ox.RdfFormat.N_TRIPLES,
    ox.RdfFormat.N_QUADS,
)


class _Guard(Protocol):
    def feed(self, piece: bytes) -> None:
        """Look at the next piece."""


class _Terms:
    """Counts nesting of triple terms, once there are so many that they may be nested too deeply.

    Hardly a file has any; so to look for them is all that most files cost.

    :param again: opens the same data from their beginning
    """

    def __init__(self, again: Callable[[], IO[bytes]]) -> None:
        self._again = again
        self._left = TURTLE.limit
        self._last = b""
        self._given = 0
        self._nesting: Nesting | None = None

    def feed(self, piece: bytes) -> None:
        if self._nesting is not None:
            self._nesting.feed(piece)
            return
        self._given += len(piece)
        self._left -= (self._last + piece).count(b"<<")
        self._last = b"<" if piece.endswith(b"<") else b""
        if self._left < 0:
            self._nesting = Nesting(TURTLE)
            with self._again() as stream:
                for earlier in _pieces(stream, self._given):
                    self._nesting.feed(earlier)


def _pieces(stream: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (piece := stream.read(min(length, _PIECE))):
        length -= len(piece)
        yield piece


def guarded(opened: Callable[[], IO[bytes]], form: ox.RdfFormat) -> IO[bytes]:
    """Open RDF as a stream that breaks off with an error before a parser would crash.

    :param opened: opens the data from their beginning; it may be called twice
    :param form: the syntax that the parser will read
    :return: a stream, whose reader has to be ready for
        :class:`~tzgraph.errors.UnsafeDataError`: at nesting (triple terms, arrays and objects,
        elements) that would end the process, at entities that grow, and at XML that is not
        well-formed

    >>> import io, pyoxigraph as ox
    >>> data = io.BytesIO(b"<x:s> <x:p> <<( <x:s> <x:p> 1 )>> .")
    >>> with guarded(lambda: data, ox.RdfFormat.TURTLE) as stream:
    ...     len(list(ox.parse(stream, format=ox.RdfFormat.TURTLE)))
    1
    """
    guard: _Guard
    if form in _TERSE:
        guard = _Terms(opened)
    elif form == ox.RdfFormat.RDF_XML:
        guard = XmlGuard()
    elif form == ox.RdfFormat.JSON_LD:
        guard = Nesting(JSON)
    else:  # N3, which has no triple terms; formulae, lists and blank nodes may be of any depth
        return opened()
    return io.BufferedReader(_Guarded(opened(), guard), _PIECE)


class _Guarded(io.RawIOBase):
    """Shows a guard what it gives."""

    def __init__(self, raw: IO[bytes], guard: _Guard) -> None:
        super().__init__()
        self._raw = raw
        self._guard = guard

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def close(self) -> None:
        """Close what is beneath."""
        self._raw.close()
        super().close()

    # typeshed asks for any buffer; io gives these two.
    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill a buffer with what the guard lets pass."""
        piece = self._raw.read(len(buffer))
        self._guard.feed(piece)
        buffer[: len(piece)] = piece
        return len(piece)


def check(data: bytes, form: ox.RdfFormat) -> None:
    """Look at data without parsing them.

    :raises UnsafeDataError: as :func:`guarded` says

    >>> check(b"[" * 300, ox.RdfFormat.JSON_LD)
    Traceback (most recent call last):
    ...
    tzgraph.errors.UnsafeDataError: More than 250 arrays and objects are nested in each other. \
No data need that; don't trust them.
    """
    _read_all(guarded(lambda: io.BytesIO(data), form))


def check_xml(stream: IO[bytes]) -> None:
    """Look at XML of any kind.

    :param stream: the data, which are read to the end
    :raises UnsafeDataError: as :func:`guarded` says
    """
    _read_all(io.BufferedReader(_Guarded(stream, XmlGuard()), _PIECE))


def _read_all(stream: IO[bytes]) -> None:
    with stream:
        while stream.read(_PIECE):
            pass


def parse_rdf(
    opened: Callable[[], IO[bytes]] | bytes,
    form: ox.RdfFormat,
    *,
    base: str | None = None,
    lenient: bool = False,
    rename_blank_nodes: bool = False,
) -> Iterator[ox.Quad]:
    """Parse RDF from files and clients, which are not trusted.

    :param opened: the data, or what opens them
    :param form: their syntax
    :raises SyntaxError: if they break a rule of the syntax
    :raises UnsafeDataError: as :func:`guarded` says
    """
    data = opened
    again = (lambda: io.BytesIO(data)) if isinstance(data, bytes) else data
    with guarded(again, form) as stream:
        yield from ox.parse(
            stream,
            format=form,
            base_iri=base,
            lenient=lenient,
            rename_blank_nodes=rename_blank_nodes,
        )
