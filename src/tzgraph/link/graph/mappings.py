"""The mappings that a release holds, as a mapping set."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from tzgraph.link.graph.things import Thing
from tzgraph.link.identifiers.curies import compress
from tzgraph.link.sssom.reader import MappingSet, SssomMapping
from tzgraph.link.sssom.slots import SSSOM
from tzgraph.vocabulary import OWL, SKOS, Graphs

__all__ = ["graph_mappings"]

_MAPPINGS = ox.NamedNode(Graphs.MAPPINGS)
#: Slots that are read from the records.
_TOLD = ("object_label", "object_source_version", "mapping_justification", "confidence")
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
            told = records.get((thing.iri, link.predicate, link.target), {})
            mappings.append(
                SssomMapping(
                    subject_id=thing.curie,
                    predicate_id=link.predicate,
                    object_id=compress(link.target) or link.target,
                    mapping_justification=told.get("mapping_justification", _BY_HAND),
                    subject_label=thing.label,
                    object_label=told.get("object_label", ""),
                    confidence=float(told["confidence"]) if "confidence" in told else None,
                    object_source_version=told.get("object_source_version", ""),
                )
            )
    return MappingSet("graph", {}, tuple(mappings))


def _records(store: ox.Store) -> dict[tuple[str, str, str], dict[str, str]]:
    """Give what the records tell, by subject, predicate (a CURIE) and object of their mapping."""
    said: dict[str, dict[str, str]] = {}
    for name in ("annotatedSource", "annotatedProperty", "annotatedTarget"):
        for quad in store.quads_for_pattern(None, ox.NamedNode(OWL + name), None, _MAPPINGS):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                said.setdefault(quad.subject.value, {})[name] = quad.object.value
    for name in _TOLD:
        for quad in store.quads_for_pattern(None, ox.NamedNode(SSSOM + name), None, _MAPPINGS):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(
                quad.object, ox.NamedNode | ox.Literal
            ):
                value = quad.object.value
                iri = isinstance(quad.object, ox.NamedNode)
                text = (compress(value) or value) if iri else value
                said.setdefault(quad.subject.value, {})[name] = text
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for _, told in sorted(said.items()):
        ends = (told.get("annotatedSource", ""), told.get("annotatedTarget", ""))
        predicate = told.get("annotatedProperty", "").replace(SKOS, "skos:")
        found.setdefault((ends[0], predicate, ends[1]), told)
    return found
