"""Small ontologies and mapping sets for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tzgraph.link.graph.things import Link, Thing
from tzgraph.link.ontology.kinds import EntityKind
from tzgraph.link.ontology.model import Ontology
from tzgraph.link.read import read_ontology
from tzgraph.link.sssom.reader import MappingSet, SssomMapping

__all__ = ["mapping", "obo", "sets", "thing"]

OBO = "http://purl.obolibrary.org/obo/"


def obo(folder: Path, *terms: str, name: str = "small.obo", title: str = "") -> Ontology:
    """Read an OBO file of terms, each given as its lines separated by ``|``."""
    head = "format-version: 1.2\nontology: small\n"
    if title:
        head += f'property_value: dcterms:title "{title}" xsd:string\n'
    stanzas = ["[Term]\n" + "\n".join(part.strip() for part in term.split("|")) for term in terms]
    path = folder / name
    path.write_text(head + "\n" + "\n\n".join(stanzas) + "\n", encoding="utf-8")
    return read_ontology(path)


def thing(
    curie: str,
    kind: EntityKind,
    *names: str,
    exact: Sequence[str] = (),
    broader: Sequence[str] = (),
    symbol: str = "",
) -> Thing:
    """Make a thing of ours with exact links to CURIEs and things above it."""
    prefix, _, local = curie.partition(":")

    def iri(of: str) -> str:
        return f"https://w3id.org/tzgraph/id/{prefix.removeprefix('tz')}/{of}"

    return Thing(
        iri(local),
        curie,
        kind,
        names,
        tuple(Link("skos:exactMatch", target) for target in exact),
        tuple(iri(one.partition(":")[2]) for one in broader),
        symbol=symbol,
        molecule=iri(local) if kind is EntityKind.GENE else "",
    )


def mapping(
    subject: str, obj: str, predicate: str = "skos:exactMatch", label: str = "", modifier: str = ""
) -> SssomMapping:
    """Make a mapping."""
    return SssomMapping(
        subject,
        predicate,
        obj,
        "semapv:ManualMappingCuration",
        object_label=label,
        predicate_modifier=modifier,
    )


def sets(*mappings: SssomMapping, source: str = "other.sssom.tsv") -> MappingSet:
    """Make a mapping set."""
    return MappingSet(source, {}, mappings)
