"""Documents about a resource: one for each format, chosen by suffix or by negotiation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.query.formats import Format, ResultKind, format_named, formats_for
from tzgraph.query.xml import graph_bytes
from tzgraph.serve.messages.links import link
from tzgraph.serve.messages.negotiate import HTML, choose
from tzgraph.serve.messages.problems import Refusal, fail, problem_responses
from tzgraph.serve.messages.routes import Responses, content

__all__ = [
    "NEGOTIATED",
    "RDF_TYPES",
    "SUFFIXES",
    "ResourceDocument",
    "choose_document",
    "choose_format",
    "document_responses",
    "split_suffix",
    "write_rdf",
]

#: Names of formats by suffix; the first is what clients get that take anything.
SUFFIXES = {"ttl": "turtle", "nt": "ntriples", "jsonld": "jsonld", "rdf": "rdfxml", "html": "html"}
#: How a document is chosen, for the OpenAPI document.
NEGOTIATED = f"By the header Accept, or by a suffix: .{', .'.join(SUFFIXES)}."
#: Media types of the documents in RDF.
RDF_TYPES = tuple(
    form.media_types[0]
    for form in formats_for(ResultKind.GRAPH, served=True)
    if form.name in SUFFIXES.values()
)


@dataclass(frozen=True, slots=True)
class ResourceDocument:
    """The document to send.

    :ivar path: path of the resource here, without a suffix
    :ivar suffix: suffix of the document's own path
    :ivar media_type: its media type
    :ivar negotiated: whether the client asked for the resource, not for this document
    """

    path: str
    suffix: str
    media_type: str
    negotiated: bool

    @property
    def form(self) -> Format | None:
        """The format for RDF, ``None`` for a page."""
        return None if self.suffix == "html" else format_named(SUFFIXES[self.suffix])

    @property
    def headers(self) -> dict[str, str]:
        """Where the document itself is, if the client did not ask for it."""
        return {"Content-Location": f"{self.path}.{self.suffix}"} if self.negotiated else {}

    def links(self) -> Iterator[str]:
        """Give links to the other documents about the resource."""
        for suffix, media_type in _media_types().items():
            if suffix == "ttl":
                yield link(f"{self.path}.ttl", "describedby", type=media_type)
            if suffix != self.suffix:
                yield link(f"{self.path}.{suffix}", "alternate", type=media_type)


def split_suffix(name: str) -> tuple[str, str]:
    """Give a name without the suffix of a format, and the suffix if it has one.

    >>> split_suffix("trastuzumab.ttl"), split_suffix("v1.2"), split_suffix(".ttl")
    (('trastuzumab', 'ttl'), ('v1.2', ''), ('.ttl', ''))
    """
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem and suffix in SUFFIXES else (name, "")


def choose_document(request: Request, path: str, suffix: str) -> ResourceDocument:
    """Choose the document that a request is answered with.

    :param path: path of the resource, without a suffix
    :param suffix: suffix that the client asked for, may be empty
    :raises ProblemError: with status 406 if the client takes none of the formats
    """
    registered = _media_types()
    if suffix:
        return ResourceDocument(path, suffix, registered[suffix], negotiated=False)
    chosen, media_type = _choose(request, path, registered)
    return ResourceDocument(path, chosen, media_type, negotiated=True)


def choose_format(request: Request, what: str) -> tuple[Format, str]:
    """Choose the format of a description that has no page, and its media type.

    Who would rather have a page, such as a browser, gets Turtle, which can be read, too.

    :raises ProblemError: with status 406 if the client takes none of them
    """
    registered = _media_types()
    chosen, media_type = _choose(request, what, registered)
    if chosen == "html":
        chosen, media_type = "ttl", registered["ttl"]
    return format_named(SUFFIXES[chosen]), media_type


def _choose(request: Request, what: str, registered: Mapping[str, str]) -> tuple[str, str]:
    """Give the suffix and media type that the client wants most."""
    offers = {media_type: suffix for suffix, media_type in registered.items()}
    for suffix in registered:
        if suffix != "html":
            for media_type in format_named(SUFFIXES[suffix]).media_types:
                offers.setdefault(media_type, suffix)
    chosen = choose(request.headers.get("accept"), list(offers))
    if chosen is None:
        detail = f"{what} comes in none of the formats that the Accept header asks for."
        raise fail(Refusal.NOT_ACCEPTABLE, detail, available=list(registered.values()))
    return offers[chosen], chosen


def document_responses(*, removed: bool = False) -> Responses:
    """Describe the documents about a resource for the OpenAPI document.

    :param removed: whether the resource may have been removed

    >>> list(document_responses(removed=True))
    [200, 404, 406, 410]
    """
    found: Responses = {200: content("The description.", [*RDF_TYPES, HTML])}
    found |= problem_responses(404, 406)
    if removed:
        found[410] = content("It was removed; what is known of it.", [*RDF_TYPES, HTML])
    return found


def write_rdf(triples: Iterable[ox.Triple], form: Format, prefixes: Mapping[str, str]) -> bytes:
    """Write triples down, each once and in an order that does not depend on the engine's.

    :param prefixes: those that are used are declared
    :raises NotInXmlError: if the format is RDF/XML, which can't hold them
    """
    ordered = sorted(dict.fromkeys(triples), key=str)
    text = "\n".join(map(str, ordered))
    used = {prefix: iri for prefix, iri in prefixes.items() if iri and f"<{iri}" in text}
    return graph_bytes(ordered, form.graph, used)


def _media_types() -> dict[str, str]:
    known = {form.name: form.media_types[0] for form in formats_for(ResultKind.GRAPH, served=True)}
    known["html"] = HTML
    return {suffix: known[name] for suffix, name in SUFFIXES.items()}
