"""One guard before all parsers of RDF, at every door: files, the graph store, links, imports."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Protocol

import pyoxigraph as ox

from tzgraph.parsing.files import reader_of
from tzgraph.parsing.nesting import JSON, TURTLE, Nesting
from tzgraph.parsing.rdf12 import direction_in_json, is_rdf12, rdf12
from tzgraph.parsing.xml import XmlGuard

__all__ = ["check", "check_xml", "parse_rdf"]

#: Bytes that are looked at in one go.
_PIECE = 1 << 18
_TERSE = (
    ox.RdfFormat.TURTLE,
    ox.RdfFormat.TRIG,
    ox.RdfFormat.N_TRIPLES,
    ox.RdfFormat.N_QUADS,
)


#: What RDF 1.2 can't do without, in Turtle and TriG, and in the formats of lines.
_SIGNS = {
    **dict.fromkeys(_TERSE, (b"<<", b"--ltr", b"--rtl")),
    **dict.fromkeys(
        (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG), (b"<<", b"--ltr", b"--rtl", b"{|", b"~")
    ),
}
_SIGN = 5


class _Guard(Protocol):
    #: Whether what was seen may be RDF 1.2 though the guard let it pass.
    doubtful: bool

    def feed(self, piece: bytes) -> None:
        """Look at the next piece, the last of which is empty."""


class _Any:
    """Lets everything pass."""

    doubtful = False

    def feed(self, piece: bytes) -> None:
        """Do nothing."""


class _Terse:
    """Looks for RDF 1.2 where there are signs of it.

    Hardly a file has any; so to look for them is all that most files cost.

    :param again: opens the same data from their beginning
    :param signs: what to look for
    """

    doubtful = False

    def __init__(self, again: Callable[[], IO[bytes]], signs: Sequence[bytes]) -> None:
        self._again = again
        self._signs = signs
        self._last = b""
        self._given = 0
        self._nesting: Nesting | None = None

    def feed(self, piece: bytes) -> None:
        if self._nesting is not None:
            self._nesting.feed(piece)
            return
        self._given += len(piece)
        data = self._last + piece
        self._last = data[1 - _SIGN :]
        if any(sign in data for sign in self._signs):
            self.doubtful = True
            self._nesting = Nesting(TURTLE)
            with self._again() as stream:
                for earlier in _pieces(stream, self._given):
                    self._nesting.feed(earlier)


def _pieces(stream: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (piece := stream.read(min(length, _PIECE))):
        length -= len(piece)
        yield piece


def _guard(opened: Callable[[], IO[bytes]], form: ox.RdfFormat) -> _Guard:
    if form in _TERSE:
        return _Terse(opened, _SIGNS[form])
    if form == ox.RdfFormat.RDF_XML:
        return XmlGuard(rdf=True)
    if form == ox.RdfFormat.JSON_LD:
        return Nesting(JSON)
    # N3 has nothing of RDF 1.2; formulae, lists and blank nodes may be of any depth.
    return _Any()


def _guarded(raw: IO[bytes], guard: _Guard) -> io.BufferedReader:
    """Show a guard what is read."""

    def read(size: int) -> bytes:
        piece = raw.read(size)
        guard.feed(piece)
        return piece

    return reader_of(raw, read, _PIECE)


def check(data: bytes, form: ox.RdfFormat) -> None:
    """Look at data without parsing them.

    :raises UnsafeDataError: as :func:`parse_rdf` says

    >>> check(b"[" * 300, ox.RdfFormat.JSON_LD)
    Traceback (most recent call last):
    ...
    tzgraph.errors.UnsafeDataError: Line 1, column 251: More than 250 arrays and objects are \
nested in each other. No data need that; don't trust them.
    """
    guard = _guard(lambda: io.BytesIO(data), form)
    _read_all(_guarded(io.BytesIO(data), guard))


def check_xml(stream: IO[bytes]) -> None:
    """Look at XML of any kind.

    :param stream: the data, which are read to the end
    :raises UnsafeDataError: if they are not well-formed, are nested too deeply, or have entities
        that grow
    """
    _read_all(_guarded(stream, XmlGuard()))


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
    """Parse RDF 1.1 from files and clients, which are not trusted.

    :param opened: the data, or what opens them from their beginning; it may be called several times
    :param form: their syntax
    :raises SyntaxError: if they break a rule of the syntax
    :raises UnsafeDataError: at nesting (arrays and objects, elements) that would end the process,
        at entities that grow, and at XML that is not well-formed
    :raises Rdf12Error: at what is of RDF 1.2, with its place where that is known

    >>> list(parse_rdf(b"<x:s> <x:p> <<( <x:s> <x:p> 1 )>> .", ox.RdfFormat.TURTLE))
    Traceback (most recent call last):
    ...
    tzgraph.errors.Rdf12Error: Line 1, column 13: This is RDF 1.2, which is refused: a triple \
term or a reified triple (<<). Write RDF 1.1: a statement about a statement as a thing of its own, \
with rdf:subject, rdf:predicate and rdf:object; a text without its direction.
    """
    data = opened
    again = (lambda: io.BytesIO(data)) if isinstance(data, bytes) else data
    guard = _guard(again, form)
    with _guarded(again(), guard) as stream:
        for quad in ox.parse(
            stream,
            format=form,
            base_iri=base,
            lenient=lenient,
            rename_blank_nodes=rename_blank_nodes,
        ):
            if guard.doubtful and is_rdf12(quad.object):
                place = direction_in_json(again) if form == ox.RdfFormat.JSON_LD else (None, None)
                raise rdf12("a triple term or a text with a base direction", *place)
            yield quad
