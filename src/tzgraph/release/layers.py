"""Reported is kept apart from quoted: evidence of the editors needs a primary source.

A shape finds what rests on secondary publications. Shapes don't see which source a row names, so
what is asked here is the rest: a row of the editors' own (role ``Curation``) whose publications are
of no known kind could be a review that nobody called one, and a pass for it would be a habit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyoxigraph as ox

from tzgraph.errors import Finding, Severity
from tzgraph.read.lookup import CellLookup
from tzgraph.resources import own_query
from tzgraph.vocabulary import TZ

__all__ = ["unsupported_evidence"]

_REPORTED_IN = ox.NamedNode(TZ + "reportedIn")


def unsupported_evidence(store: ox.Store, compact: Callable[[str], str]) -> Iterator[Finding]:
    """Give a violation for each piece of the editors' evidence without a known primary source.

    :param store: the sources, read, with graphs ``metadata`` and ``provenance``
    :param compact: writes an IRI in short
    """
    found = store.query(own_query("release", "unsupported"))
    if not isinstance(found, ox.QuerySolutions):
        return
    publications: dict[ox.NamedNode, list[str]] = {}
    for row in found:
        evidence, publication = row["evidence"], row["publication"]
        if isinstance(evidence, ox.NamedNode) and isinstance(publication, ox.NamedNode):
            publications.setdefault(evidence, []).append(compact(publication.value))
    places = CellLookup(store)
    for evidence, names in publications.items():
        cells = places.cells(evidence, _REPORTED_IN)
        place = cells[0] if cells else places.home(evidence)
        yield Finding(
            Severity.VIOLATION,
            "no-primary-source",
            f"{compact(evidence.value)} is the editors' own (its source is a curation), and of no "
            f"publication that it names is it known to be primary: {', '.join(names)}.",
            "Fill tz:publicationKind of the publication, or state what a review says as a claim.",
            place.file if place else "",
            place.row if place else None,
            place.column if place else None,
        )
