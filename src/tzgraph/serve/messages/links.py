"""Links: from permanent IRIs to the paths that describe them here, and headers (RFC 8288)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from tzgraph.read.provenance import CellRef, parse_cell_iri
from tzgraph.vocabulary import GRAPH, ID, TZ

__all__ = ["SLUG", "cell_path", "link", "link_header", "local_path"]

#: A segment of the IRI of a thing or of a graph.
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*\Z")
_CELL = ID + "cell/"
_BASES = ((ID, "/id/", 1), (ID, "/id/", 2), (GRAPH, "/graph/", 1), (GRAPH, "/graph/", 2))


def local_path(iri: str) -> str | None:
    """Give the path at which this server describes what an IRI of ours names.

    >>> local_path("https://w3id.org/tzgraph/id/drug/trastuzumab")
    '/id/drug/trastuzumab'
    >>> local_path("https://w3id.org/tzgraph/id/cell/drugs.tsv#cell=3,2"), local_path("http://x/")
    ('/cell/drugs.tsv?cell=3,2', None)
    >>> local_path("https://w3id.org/tzgraph/ontology#Drug")
    '/ontology#Drug'
    """
    if iri == TZ[:-1]:
        return "/ontology"
    if iri.startswith(TZ) and SLUG.match(term := iri[len(TZ) :]):
        return f"/ontology#{term}"
    if iri.startswith(_CELL):
        return cell_path(parse_cell_iri(iri))
    for base, path, segments in _BASES:
        rest = iri.removeprefix(base)
        if rest != iri:
            parts = rest.split("/")
            if len(parts) == segments and all(map(SLUG.match, parts)):
                return path + rest
    return None


def cell_path(place: CellRef) -> str:
    """Give the path of the page that shows a row, with the place in the parameters.

    Fragments, which the IRIs of places have, don't reach a server.

    >>> cell_path(CellRef("mappings/a b.tsv", 3))
    '/cell/mappings/a%20b.tsv?row=3'
    """
    path = f"/cell/{quote(place.file)}"
    if place.row is None:
        return path
    return (
        f"{path}?row={place.row}"
        if place.column is None
        else (f"{path}?cell={place.row},{place.column}")
    )


def link(target: str, rel: str, **attributes: str) -> str:
    """Give a link for the header ``Link``.

    >>> link("/id/drug/x.ttl", "alternate", type="text/turtle")
    '</id/drug/x.ttl>; rel="alternate"; type="text/turtle"'
    """
    named = "".join(f'; {name}="{_ascii(value)}"' for name, value in attributes.items())
    return f'<{_ascii(target)}>; rel="{rel}"{named}'


def link_header(links: Iterable[str]) -> dict[str, str]:
    """Give the header, if there are links."""
    value = ", ".join(links)
    return {"Link": value} if value else {}


def _ascii(text: str) -> str:
    """Write what can't stand in a header as it stands in URLs."""
    return quote(text, safe="!#$%&'()*+,/:;=?@[]~ ")
