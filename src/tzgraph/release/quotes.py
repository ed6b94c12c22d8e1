"""Claims as nodes of the default view, and findings on what is only quoted made warnings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tzgraph.errors import Severity
from tzgraph.read.provenance import CellRef
from tzgraph.resources import own_query
from tzgraph.vocabulary import PROV, RDF, RDFS, TZ, Graphs

if TYPE_CHECKING:
    from tzgraph.validate import Located

__all__ = ["downgrade_quoted_findings", "show_claims"]

#: Quads held in memory at once.
_BATCH = 50_000
#: As the results of shapes write their path.
_LABEL = f"<{RDFS}label>"
_PROVENANCE = ox.NamedNode(Graphs.PROVENANCE)


def show_claims(store: ox.Store) -> None:
    """Put claims, as nodes, into the default view; what they state stays in its graph."""
    claims = store.query(own_query("release", "claims"))
    if isinstance(claims, ox.QuerySolutions):
        # The query sees the store as it was when it began, whatever is added meanwhile.
        quads = (ox.Quad(claim[0], claim[1], claim[2]) for claim in claims)
        while batch := list(islice(quads, _BATCH)):
            store.extend(batch)


def downgrade_quoted_findings(
    found: Iterable[Located], store: ox.Store, quoted: Collection[str]
) -> tuple[list[Located], set[str]]:
    """Make violations in rows of secondary sources warnings: what is quoted can spoil nothing.

    :param found: what the shapes found
    :param quoted: names of the graphs of secondary sources
    :return: the findings, and the things that something is wrong with
    """
    located: list[Located] = []
    damaged: set[str] = set()
    for one in found:
        finding = one.finding
        thing = _quoted_thing(finding.file, finding.row, store, quoted)
        if thing and finding.severity is Severity.VIOLATION:
            # Labels are not compared, and of a claim only what it states is.
            if one.result.path != _LABEL and not _is_claim(thing, store):
                damaged.add(thing)
            downgraded = replace(finding, severity=Severity.WARNING)
            located.append(one._replace(finding=downgraded))
        else:
            located.append(one)
    return located, damaged


def _quoted_thing(
    file: str, row: int | None, store: ox.Store, quoted: Collection[str]
) -> str | None:
    """The thing that a row of a secondary source describes."""
    if row is None:
        return None
    place = ox.NamedNode(CellRef(file, row).iri)
    source = ox.NamedNode(PROV + "hadPrimarySource")
    links = store.quads_for_pattern(place, source, None, _PROVENANCE)
    if not any(str(q.object)[1:-1] in quoted for q in links):
        return None
    things = store.quads_for_pattern(place, ox.NamedNode(RDF + "subject"), None, _PROVENANCE)
    return next((str(q.object)[1:-1] for q in things), None)


def _is_claim(thing: str, store: ox.Store) -> bool:
    kind, claim = ox.NamedNode(RDF + "type"), ox.NamedNode(TZ + "Claim")
    return any(True for _q in store.quads_for_pattern(ox.NamedNode(thing), kind, claim, None))
