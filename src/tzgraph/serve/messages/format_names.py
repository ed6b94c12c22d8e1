"""Formats by the names that clients give them in a parameter, here and with other endpoints.

Fuseki takes ``format``, ``output`` and ``results`` with short names, Virtuoso ``format`` with media
types; SPARQLWrapper sends all three. A name may stand for one format of bindings and one of graphs,
such as ``json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from tzgraph.query.formats import FORMATS
from tzgraph.serve.messages.negotiate import HTML

__all__ = ["FORMAT_NAMES", "PAGE", "formats_called"]

#: Names in one value.
_MOST = 20
#: What asks for a page.
PAGE = "html"
#: The names that are told to who gives another one.
FORMAT_NAMES = (*(form.name for form in FORMATS if form.media_types), PAGE)
#: Names in use elsewhere; none of what they stand for has them here.
_ELSEWHERE = {
    "turtle": ("ttl", "n3", "text/n3", "text/rdf+n3"),
    "ntriples": ("nt", "n-triples", "text/plain", "text/ntriples"),
    "rdfxml": ("rdf", "rdf+xml", "rdf/xml", "rdf-xml"),
    "jsonld": ("json-ld", "ld+json", "application/x-json+ld"),
    "nquads": ("nq", "n-quads", "text/x-nquads"),
    "trig": ("application/x-trig",),
    "json": ("sparql-results+json", "srj"),
    "xml": ("sparql-results+xml", "srx"),
    PAGE: (HTML, "application/xhtml+xml"),
}


def _names() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {name: (name,) for name in FORMAT_NAMES}
    for form in FORMATS:
        for media_type in form.media_types:
            found[media_type] = (*found.get(media_type, ()), form.name)
    for name, others in _ELSEWHERE.items():
        found |= dict.fromkeys(others, (name,))
    # For graphs these are what they are as suffixes of the library's queries.
    return {**found, "json": ("json", "jsonld"), "xml": ("xml", "rdfxml"), "auto": (), "": ()}


_NAMES = _names()


def formats_called(name: str) -> tuple[str, ...]:
    """Give the names of formats that a client means; none if it leaves the choice.

    :param name: in any case, or several with commas between them, as SPARQLWrapper has it for
        JSON-LD, of which the first counts that is known; a ``+`` that came as a blank, since it was
        not percent-encoded, is one
    :raises ValueError: if there is no such format, with those that there are

    >>> formats_called("text/csv"), formats_called("JSON"), formats_called("auto")
    (('csv',), ('json', 'jsonld'), ())
    """
    names = [part.strip().lower().replace(" ", "+") for part in name.split(",", _MOST)[:_MOST]]
    for written in names:
        if written in _NAMES:
            return _NAMES[written]
    written = names[0]
    near = get_close_matches(written[:40], FORMAT_NAMES, n=1)
    shown = name if len(name) <= 40 else name[:40] + "…"
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ValueError(f"there is no format {shown!r}.{hint} Formats: {', '.join(FORMAT_NAMES)}.")
