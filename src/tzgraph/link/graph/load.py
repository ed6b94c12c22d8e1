"""Mapping sets in a store: links between terms, and a record of each with what is known of it.

A record is named ``<…/id/mapping/SUBJECT-PREDICATE-OBJECT>`` and described by the RDF terms of
SSSOM's slots. As with tables, graph ``provenance`` names its row and the columns of its slots, so
a link leads to the cell of its object (decision 13).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.errors import Finding, Severity
from tzgraph.link.sssom.reader import MappingSet, SssomMapping, read_sssom
from tzgraph.link.sssom.slots import NO_TERM, SLOTS, SSSOM, Slot, is_broken_address
from tzgraph.read.provenance import cell_base
from tzgraph.terms import Term
from tzgraph.vocabulary import (
    DCTERMS,
    GRAPH,
    ID,
    OWL,
    PROV,
    RDF,
    RDFS,
    XSD,
    Graphs,
)

__all__ = ["MAPPINGS", "LoadedMappings", "load_mapping_sets", "mapping_files", "other_graph"]

#: The folder of mapping sets in that of the ontology.
MAPPINGS = "mappings"
#: Ending of the files.
SUFFIX = ".sssom.tsv"
#: Predicates that are stated; mappings by others stand in the graph as records only.
STATED = tuple(f"skos:{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related"))
_MAPPINGS = ox.NamedNode(Graphs.MAPPINGS)
_PROVENANCE = ox.NamedNode(Graphs.PROVENANCE)
_DEFAULT = ox.DefaultGraph()
_TYPE = ox.NamedNode(RDF + "type")
_RECORD = ID + "mapping/"
_SET = ID + "mappingset/"
_UNSAFE = re.compile(r"[^a-z0-9]+")
_DATATYPES = {"number": XSD + "double", "date": XSD + "date", "text": XSD + "string"}


@dataclass
class LoadedMappings:
    """What loading gave: records and links by file, and what is wrong."""

    records: Counter[str] = field(default_factory=Counter)
    links: int = 0
    #: Mappings of things that the sources don't have.
    left_out: int = 0
    findings: list[Finding] = field(default_factory=list)


def mapping_files(folder: Path) -> dict[str, Path]:
    """Give the mapping sets of a folder by the name that findings and provenance call them."""
    files = sorted(path for path in folder.glob(f"*{SUFFIX}") if not path.name.startswith("."))
    return {f"{folder.name}/{path.name}": path for path in files}


def other_graph(path: Path) -> str:
    """Give the name of the graph of another project's mapping set.

    >>> other_graph(Path("mondo_exactmatch_doid.sssom.tsv"))
    'https://w3id.org/tzgraph/graph/mappings/mondo-exactmatch-doid'
    """
    return f"{GRAPH}mappings/{_slug(path.name.removesuffix('.tsv').removesuffix('.sssom'))}"


def load_mapping_sets(
    store: ox.Store,
    files: Mapping[str, Path],
    known: Curies,
    *,
    own: bool = True,
    strict: bool = True,
) -> LoadedMappings:
    """Read mapping sets and add them to a store.

    :param store: has the things of the sources; gets links and records
    :param files: SSSOM files by name
    :param known: reads CURIEs
    :param own: whether the sets are ours: then they go to graph ``mappings`` and the links to the
        default view, too; those of others get a graph each and are not stated
    :param strict: report mappings of things of ours that the store doesn't have; else leave them
        out, as the shipped sets are for the shipped sources
    """
    loaded = LoadedMappings()
    names: Counter[str] = Counter()
    quads: list[ox.Quad] = []
    stated: dict[tuple[str, str, str], tuple[str, int | None]] = {}
    for name, path in files.items():
        found = read_sssom(path, name, known)
        loaded.findings += found.findings
        fitting = [m for m in found.mappings if _known(m, store, known, name, loaded, strict)]
        kept = [m for m in fitting if not own or _new(m, name, stated, loaded)]
        graph = _MAPPINGS if own else ox.NamedNode(other_graph(path))
        writer = _Writer(found, path, known, graph, names, own=own)
        quads += writer.quads(kept)
        loaded.records[name] = len(kept)
        loaded.links += writer.links
    store.bulk_extend(quads)  # once: each call costs an ingestion
    loaded.findings.sort(key=lambda finding: finding.sort_key)
    return loaded


def _known(
    mapping: SssomMapping,
    store: ox.Store,
    known: Curies,
    name: str,
    loaded: LoadedMappings,
    strict: bool,
) -> bool:
    """Whether the things of ours that a mapping is about are there."""
    for curie in (mapping.subject_id, mapping.object_id):
        iri = known.expand(curie)
        if iri is None or not iri.startswith(ID):
            continue
        described = store.quads_for_pattern(ox.NamedNode(iri), _TYPE, None, _DEFAULT)
        if next(iter(described), None) is None:
            if strict:
                loaded.findings.append(
                    Finding(
                        Severity.VIOLATION,
                        "dangling-id",
                        f"{curie} is described nowhere.",
                        "Describe it in a table, or correct the id.",
                        name,
                        mapping.line,
                    )
                )
            loaded.left_out += 1
            return False
    return True


def _new(
    mapping: SssomMapping,
    name: str,
    stated: dict[tuple[str, str, str], tuple[str, int | None]],
    loaded: LoadedMappings,
) -> bool:
    """Whether no other file of ours has the link; a link has one place."""
    link = (mapping.subject_id, mapping.predicate_id, mapping.object_id)
    earlier = stated.setdefault(link, (name, mapping.line))
    if earlier[0] == name:
        return True
    loaded.findings.append(
        Finding(
            Severity.VIOLATION,
            "duplicate-mapping",
            f"{earlier[0]}, row {earlier[1]}, says the same: {' '.join(link)}.",
            "Remove one: a link has one place.",
            name,
            mapping.line,
        )
    )
    return False


class _Writer:
    """Writes the quads of one set.

    :param names: counts names of records, which have to be unique over all sets
    """

    def __init__(
        self,
        found: MappingSet,
        path: Path,
        known: Curies,
        graph: ox.NamedNode,
        names: Counter[str],
        *,
        own: bool,
    ) -> None:
        self._set = found
        self._known = known
        self._declared = _prefixes(found.metadata)
        self._graph = graph
        self._names = names
        self._own = own
        self._slug = _slug(path.name.removesuffix(".tsv").removesuffix(".sssom"))
        self.node = ox.NamedNode(_SET + self._slug)
        self.links = 0

    def quads(self, mappings: Sequence[SssomMapping]) -> Iterator[ox.Quad]:
        """Give the set, its records, their links, and where they stand."""
        yield from self._about_set()
        yield from self._about_columns()
        for mapping in mappings:
            ends = [self._iri(c) for c in (mapping.subject_id, mapping.object_id)]
            predicate = self._iri(mapping.predicate_id)
            if predicate is None or None in ends:
                continue  # a prefix that only a broken curie_map declares, which is reported
            record = self._name(mapping)
            yield from self._about_record(record, mapping)
            subject, obj = ends
            plain = not mapping.predicate_modifier and mapping.object_id != NO_TERM
            if subject and obj and plain and mapping.predicate_id in STATED:
                self.links += 1
                for graph in (self._graph, _DEFAULT) if self._own else (self._graph,):
                    yield ox.Quad(subject, predicate, obj, graph)

    def _about_record(self, record: ox.NamedNode, mapping: SssomMapping) -> Iterator[ox.Quad]:
        yield ox.Quad(record, _TYPE, ox.NamedNode(SSSOM + "Mapping"), self._graph)
        yield ox.Quad(record, _TYPE, ox.NamedNode(OWL + "Axiom"), self._graph)
        yield ox.Quad(self.node, ox.NamedNode(SSSOM + "mappings"), record, self._graph)
        for slot in SLOTS.values():
            if slot.name != "record_id":
                for term in self._terms(slot, mapping.text(slot.name)):
                    yield ox.Quad(record, ox.NamedNode(slot.iri), term, self._graph)
        row = ox.NamedNode(f"{cell_base(self._set.source)}#row={mapping.line}")
        primary = ox.NamedNode(PROV + "hadPrimarySource")
        yield ox.Quad(row, ox.NamedNode(RDF + "subject"), record, _PROVENANCE)
        yield ox.Quad(row, primary, self._graph, _PROVENANCE)

    def _about_columns(self) -> Iterator[ox.Quad]:
        for name, number in self._set.columns.items():
            if name in SLOTS:
                column = ox.NamedNode(f"{cell_base(self._set.source)}#col={number}")
                predicate = ox.NamedNode(RDF + "predicate")
                yield ox.Quad(column, predicate, ox.NamedNode(SLOTS[name].iri), _PROVENANCE)

    def _about_set(self) -> Iterator[ox.Quad]:
        metadata = self._set.metadata
        yield ox.Quad(self.node, _TYPE, ox.NamedNode(SSSOM + "MappingSet"), self._graph)
        label = str(metadata.get("mapping_set_title") or self._set.source)
        texts = {
            RDFS + "label": label,
            DCTERMS + "description": metadata.get("mapping_set_description"),
        }
        for predicate, text in texts.items():
            if text:
                literal = ox.Literal(str(text), language="en")
                yield ox.Quad(self.node, ox.NamedNode(predicate), literal, self._graph)
        version = metadata.get("mapping_set_version")
        if version:
            literal = ox.Literal(str(version))
            yield ox.Quad(self.node, ox.NamedNode(OWL + "versionInfo"), literal, self._graph)
        licence = _address(str(metadata.get("license") or ""))
        if licence is not None:
            yield ox.Quad(self.node, ox.NamedNode(DCTERMS + "license"), licence, self._graph)

    def _terms(self, slot: Slot, text: str) -> Iterator[Term]:
        """Terms of a slot's value; what is no CURIE of a known prefix is left as text."""
        for part in _parts(text) if slot.many else [text] if text else []:
            node = None
            if slot.kind == "entity":
                node = self._iri(part)
            elif slot.kind == "iri":
                node = _address(part)
            datatype = ox.NamedNode(_DATATYPES.get(slot.kind, XSD + "string"))
            yield node or ox.Literal(part, datatype=datatype)

    def _iri(self, curie: str) -> ox.NamedNode | None:
        prefix, colon, local = curie.partition(":")
        if not colon:
            return None
        iri = self._known.expand(curie)
        if iri is None and prefix in self._declared:
            iri = self._declared[prefix] + local
        try:
            return ox.NamedNode(iri) if iri else None
        except ValueError:
            return None

    def _name(self, mapping: SssomMapping) -> ox.NamedNode:
        """The IRI of a record: from what it says, so that it stays when rows move."""
        given = self._iri(mapping.other.get("record_id", ""))
        if given is not None:
            return given
        parts = (
            "" if self._own else self._slug,
            mapping.subject_id.removeprefix("tz"),
            mapping.predicate_modifier,
            mapping.predicate_id.partition(":")[2].removesuffix("Match"),
            mapping.object_id,
        )
        slug = "-".join(_slug(part) for part in parts if part)
        self._names[slug] += 1
        again = self._names[slug]
        return ox.NamedNode(_RECORD + (slug if again == 1 else f"{slug}-{again}"))


def _address(text: str) -> ox.NamedNode | None:
    """The node of an address of the web, or nothing if a text is none."""
    is_one = text.startswith(("http://", "https://")) and not is_broken_address(text)
    return ox.NamedNode(text) if is_one else None


def _slug(text: str) -> str:
    return _UNSAFE.sub("-", text.lower()).strip("-")


def _parts(text: str) -> list[str]:
    return [part.replace("\\|", "|") for part in re.split(r"(?<!\\)\|", text) if part]


def _prefixes(metadata: Mapping[str, object]) -> dict[str, str]:
    found = metadata.get("curie_map")
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
