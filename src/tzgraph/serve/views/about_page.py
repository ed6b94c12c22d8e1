"""``/about``: the licence of the data, how to cite it, what is in it and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.names.index import NameIndex, slug_of
from tzgraph.release import Manifest
from tzgraph.serve.engine.counts import Counts
from tzgraph.serve.messages.links import local_path
from tzgraph.serve.views.pages import Pages, source_title

__all__ = ["about_page", "licence_name"]

_CREATIVE = re.compile(
    r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)/?"
)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of the table of sources.

    :ivar path: where its page is, empty if it has none
    :ivar role: what kind of source it is, in words
    :ivar licence: its address, may be empty
    :ivar licence_title: what people call it
    """

    title: str
    iri: str
    path: str
    role: str
    licence: str
    licence_title: str


def about_page(pages: Pages, manifest: Manifest, names: NameIndex, counts: Counts | None) -> str:
    """Give the page; threads may call this.

    :param names: labels of classes and roles
    :param counts: how much there is, ``None`` as long as nobody knows
    """
    sizes = counts.classes.items() if counts is not None else ()
    classes = [
        (_label(names, iri), pages.cell(ox.NamedNode(iri)), count)
        for iri, count in sorted(sizes, key=lambda c: (-c[1], c[0]))
    ]
    sources = [
        _source(source, names)
        for source in manifest.sources
        if not (counts and _is_gone(source.get("graph", ""), manifest, counts))
    ]
    return pages.render("about.html", counts=counts, classes=classes, sources=sources)


def licence_name(iri: str) -> str:
    """Give what people call a licence: a name, or else its address.

    >>> licence_name("https://creativecommons.org/licenses/by-sa/4.0/"), licence_name("urn:x")
    ('CC BY-SA 4.0', 'urn:x')
    >>> licence_name("https://creativecommons.org/publicdomain/zero/1.0/")
    'CC0 1.0'
    """
    match = _CREATIVE.fullmatch(iri)
    if match is None:
        return iri.removeprefix("https://www.").removeprefix("https://")
    kind, name, version = match.groups()
    return f"CC0 {version}" if kind == "publicdomain" else f"CC {name.upper()} {version}"


def _is_gone(graph: str, manifest: Manifest, counts: Counts) -> bool:
    """Whether updates removed a graph; not each source that is named has one."""
    return graph in manifest.graphs and graph not in counts.graphs


def _source(source: Mapping[str, str], names: NameIndex) -> SourceRow:
    """Give what the page shows of a source, whichever of it the manifest has."""
    iri = source.get("graph") or ""
    role = source.get("role") or ""
    licence = source.get("license") or ""
    return SourceRow(
        source_title(source),
        iri,
        local_path(iri) or "",
        _label(names, role) if role else "",
        licence,
        licence_name(licence),
    )


def _label(names: NameIndex, iri: str) -> str:
    """Give the label of a term, or else what its IRI ends with."""
    known = names.thing(iri)
    return known[1] if known and known[1] else slug_of(iri)
