"""The mappings that a release holds, as a mapping set."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from tzgraph.link.curies import compress
from tzgraph.link.slots import SSSOM
from tzgraph.link.sssom import MappingSet, SssomMapping
from tzgraph.link.things import Thing
from tzgraph.vocabulary import OWL, Graphs

__all__ = ["graph_mappings"]

_MAPPINGS = ox.NamedNode(Graphs.MAPPINGS)
#: What a link without a record of its own is justified by: a person wrote it into a table.
_BY_HAND = "semapv:ManualMappingCuration"


def graph_mappings(store: ox.Store, things: Sequence[Thing]) -> MappingSet:
    """Give the links of things as mappings, with what the mapping records say of them.

    :param store: the release's store
    :param things: the things of the release, with their links
    """
    records = _records(store)
    mappings = []
    for thing in things:
        for link in thing.links:
            told = records.get((thing.iri, link.target), {})
            mappings.append(
                SssomMapping(
                    subject_id=thing.curie,
                    predicate_id=link.predicate,
                    object_id=compress(link.target) or link.target,
                    mapping_justification=_BY_HAND,
                    subject_label=thing.label,
                    object_label=told.get("object_label", ""),
                    object_source_version=told.get("object_source_version", ""),
                )
            )
    return MappingSet("graph", {}, tuple(mappings))


def _records(store: ox.Store) -> dict[tuple[str, str], dict[str, str]]:
    """Give labels and versions by the two ends of a mapping."""
    ends: dict[str, list[str]] = {}
    for name in ("annotatedSource", "annotatedTarget"):
        for quad in store.quads_for_pattern(None, ox.NamedNode(OWL + name), None, _MAPPINGS):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                ends.setdefault(quad.subject.value, []).append(quad.object.value)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name in ("object_label", "object_source_version"):
        for quad in store.quads_for_pattern(None, ox.NamedNode(SSSOM + name), None, _MAPPINGS):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                pair = ends.get(quad.subject.value, [])
                if len(pair) == 2:
                    found.setdefault((pair[0], pair[1]), {})[name] = quad.object.value
    return found
