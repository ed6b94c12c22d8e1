"""The result formats: one table that the command line and the server both read.

A SELECT or ASK query has *bindings* as its result, a CONSTRUCT or DESCRIBE query a *graph*
(SPARQL 1.1 Query, section 16). The first media type of a format is the registered one; the
others are what clients ask for in practice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

import pyoxigraph as ox

from tzgraph.errors import UsageError

__all__ = ["FORMATS", "Format", "ResultKind", "format_named", "formats_for", "iri_of"]


class ResultKind(StrEnum):
    """What a query gives: bindings (SELECT, ASK) or a graph (CONSTRUCT, DESCRIBE)."""

    BINDINGS = "bindings"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write results down.

    :ivar name: the name on the command line
    :ivar title: the name people know it by
    :ivar media_types: the registered media type, then others that clients use; empty for the
        tables, which are for people only
    :ivar bindings: what writes bindings, if this format can hold them
    :ivar graph: what writes a graph, if this format can hold one
    """

    name: str
    title: str
    media_types: tuple[str, ...]
    bindings: ox.QueryResultsFormat | None = None
    graph: ox.RdfFormat | None = None
    only: ResultKind | None = field(init=False)

    def __post_init__(self) -> None:
        """Note which kind of result the format is for, where it is for one only."""
        both = (self.bindings is None) == (self.graph is None)
        kind = ResultKind.GRAPH if self.graph is not None else ResultKind.BINDINGS
        object.__setattr__(self, "only", None if both else kind)

    def fits(self, kind: ResultKind) -> bool:
        """Say whether the format can hold results of this kind."""
        return self.only is None or self.only is kind

    @property
    def iri(self) -> str | None:
        """The IRI of the format in https://www.w3.org/ns/formats/, or ``None`` for the tables."""
        engine_format = self.bindings or self.graph
        return None if engine_format is None else iri_of(engine_format)


def iri_of(form: ox.RdfFormat | ox.QueryResultsFormat) -> str:
    """Give the IRI of a format in https://www.w3.org/ns/formats/.

    For JSON-LD the engine gives the address of the page about it.

    >>> iri_of(ox.RdfFormat.JSON_LD), iri_of(ox.RdfFormat.TURTLE)
    ('http://www.w3.org/ns/formats/JSON-LD', 'http://www.w3.org/ns/formats/Turtle')
    """
    return form.iri.replace("https://www.w3.org/ns/formats/data/", "http://www.w3.org/ns/formats/")


_BINDINGS = ox.QueryResultsFormat
_GRAPH = ox.RdfFormat

#: All formats. Within a kind the order is the server's preference.
FORMATS: tuple[Format, ...] = (
    Format("table", "text table", ()),
    Format("markdown", "Markdown table", ()),
    Format(
        "json",
        "SPARQL results JSON",
        ("application/sparql-results+json", "application/json"),
        bindings=_BINDINGS.JSON,
    ),
    Format(
        "xml",
        "SPARQL results XML",
        ("application/sparql-results+xml", "application/xml", "text/xml"),
        bindings=_BINDINGS.XML,
    ),
    Format("csv", "CSV", ("text/csv",), bindings=_BINDINGS.CSV),
    Format("tsv", "TSV", ("text/tab-separated-values",), bindings=_BINDINGS.TSV),
    Format("turtle", "Turtle", ("text/turtle", "application/x-turtle"), graph=_GRAPH.TURTLE),
    Format("ntriples", "N-Triples", ("application/n-triples",), graph=_GRAPH.N_TRIPLES),
    Format("rdfxml", "RDF/XML", ("application/rdf+xml", "application/xml"), graph=_GRAPH.RDF_XML),
    Format("jsonld", "JSON-LD", ("application/ld+json", "application/json"), graph=_GRAPH.JSON_LD),
    Format("nquads", "N-Quads", ("application/n-quads",), graph=_GRAPH.N_QUADS),
    Format("trig", "TriG", ("application/trig",), graph=_GRAPH.TRIG),
)


def formats_for(kind: ResultKind, *, served: bool = False) -> Iterator[Format]:
    """Give the formats that fit a kind of result, in order of preference.

    :param kind: bindings or graph
    :param served: leave out formats that have no media type

    >>> [format.name for format in formats_for(ResultKind.BINDINGS, served=True)]
    ['json', 'xml', 'csv', 'tsv']
    """
    return (f for f in FORMATS if f.fits(kind) and (f.media_types or not served))


def format_named(name: str, kind: ResultKind | None = None) -> Format:
    """Give the format of that name.

    :param name: a name of the table, such as ``csv``
    :param kind: the kind of result it has to hold, if that is known
    :raises UsageError: if there is none, or if it can't hold such results

    >>> format_named("turtle").media_types[0]
    'text/turtle'
    """
    found = next((format for format in FORMATS if format.name == name.lower()), None)
    if found is None:
        names = [format.name for format in FORMATS]
        near = get_close_matches(name.lower(), names, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"There is no format {name!r}.", f"{hint}Formats: {', '.join(names)}.")
    if kind is not None and not found.fits(kind):
        what = "a SELECT or ASK" if kind is ResultKind.BINDINGS else "a CONSTRUCT or DESCRIBE"
        fitting = ", ".join(format.name for format in formats_for(kind))
        raise UsageError(
            f"{found.title} can't hold the result of {what} query.", f"Formats that can: {fitting}."
        )
    return found
