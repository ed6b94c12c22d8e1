"""The vocabulary of SSSOM: its slots, justifications and predicates.

As of version 1.1 of the standard, https://mapping-commons.github.io/sssom/.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.vocabulary import DCTERMS, OWL, PROV, RDFS, TZ, XSD

__all__ = [
    "EXTENSIONS",
    "JUSTIFICATIONS",
    "NO_TERM",
    "PREDICATES",
    "REQUIRED",
    "SET_SLOTS",
    "SLOTS",
    "SSSOM",
    "Slot",
    "is_broken_address",
]

SSSOM = "https://w3id.org/sssom/"
_PAV = "http://purl.org/pav/"
#: The identifier that says that there is no fitting term.
NO_TERM = "sssom:NoTermFound"


@dataclass(frozen=True, slots=True)
class Slot:
    """A column of a mapping set.

    ``kind`` is ``entity`` (a CURIE), ``iri``, ``text``, ``number`` or ``date``. A propagated slot
    may stand in the metadata and then holds for all rows.
    """

    name: str
    iri: str
    kind: str = "text"
    many: bool = False
    propagated: bool = False


def is_broken_address(text: str) -> bool:
    """Say whether a text that begins as an address of the web is no IRI.

    >>> is_broken_address("http://example.org/ a"), is_broken_address("CC0")
    (True, False)
    """
    if not text.startswith(("http:", "https:")):
        return False
    try:
        ox.NamedNode(text)
    except ValueError:
        return True
    return not text.startswith(("http://", "https://"))


def _slot(name: str, kind: str = "text", flags: str = "", iri: str = "") -> tuple[str, Slot]:
    return name, Slot(name, iri or SSSOM + name, kind, "m" in flags, "p" in flags)


#: Slots of a mapping by name, in the order of the standard, which is that of written files.
SLOTS = dict(
    (
        _slot("record_id", "entity"),
        _slot("subject_id", "entity", iri=OWL + "annotatedSource"),
        _slot("subject_label"),
        _slot("subject_category"),
        _slot("predicate_id", "entity", iri=OWL + "annotatedProperty"),
        _slot("predicate_label"),
        _slot("predicate_modifier"),
        _slot("object_id", "entity", iri=OWL + "annotatedTarget"),
        _slot("object_label"),
        _slot("object_category"),
        _slot("mapping_justification", "entity"),
        _slot("author_id", "entity", "m", _PAV + "authoredBy"),
        _slot("author_label", flags="m"),
        _slot("reviewer_id", "entity", "m"),
        _slot("reviewer_label", flags="m"),
        _slot("creator_id", "entity", "m", DCTERMS + "creator"),
        _slot("creator_label", flags="m"),
        _slot("license", "iri", iri=DCTERMS + "license"),
        _slot("subject_type", flags="p"),
        _slot("subject_source", "entity", "p"),
        _slot("subject_source_version", flags="p"),
        _slot("object_type", flags="p"),
        _slot("object_source", "entity", "p"),
        _slot("object_source_version", flags="p"),
        _slot("predicate_type", flags="p"),
        _slot("mapping_provider", "iri", "p"),
        _slot("mapping_source", "entity"),
        _slot("mapping_cardinality"),
        _slot("cardinality_scope", flags="mp"),
        _slot("mapping_tool", flags="p"),
        _slot("mapping_tool_id", "entity", "p"),
        _slot("mapping_tool_version", flags="p"),
        _slot("mapping_date", "date", "p", DCTERMS + "created"),
        _slot("publication_date", "date", iri=DCTERMS + "issued"),
        _slot("review_date", "date"),
        _slot("confidence", "number"),
        _slot("reviewer_agreement", "number"),
        _slot("curation_rule", "entity", "mp"),
        _slot("curation_rule_text", flags="mp"),
        _slot("subject_match_field", "entity", "mp"),
        _slot("object_match_field", "entity", "mp"),
        _slot("match_string", flags="m"),
        _slot("subject_preprocessing", "entity", "mp"),
        _slot("object_preprocessing", "entity", "mp"),
        _slot("similarity_score", "number"),
        _slot("similarity_measure", flags="p"),
        _slot("see_also", "iri", "m", RDFS + "seeAlso"),
        _slot("issue_tracker_item", "entity"),
        _slot("other"),
        _slot("comment", iri=RDFS + "comment"),
        # No slots of the standard: extensions, which written files define.
        _slot("derived_from", "entity", "m", PROV + "wasDerivedFrom"),
        _slot("checked_at", flags="m", iri=TZ + "checkedAt"),
    )
)

#: Slots that the standard doesn't have, with what they hold.
EXTENSIONS = {"derived_from": XSD + "anyURI", "checked_at": XSD + "string"}

#: Slots of the metadata, in the order of the standard.
SET_SLOTS = (
    "sssom_version",
    "curie_map",
    "mapping_set_id",
    "mapping_set_version",
    "mapping_set_source",
    "mapping_set_title",
    "mapping_set_description",
    "mapping_set_confidence",
    "creator_id",
    "creator_label",
    "license",
    "subject_type",
    "subject_source",
    "subject_source_version",
    "object_type",
    "object_source",
    "object_source_version",
    "predicate_type",
    "mapping_provider",
    "cardinality_scope",
    "mapping_tool",
    "mapping_tool_id",
    "mapping_tool_version",
    "mapping_date",
    "publication_date",
    "subject_match_field",
    "object_match_field",
    "subject_preprocessing",
    "object_preprocessing",
    "similarity_measure",
    "curation_rule",
    "curation_rule_text",
    "see_also",
    "issue_tracker",
    "other",
    "comment",
    "extension_definitions",
)

#: Columns that every file has.
REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")

#: Why a mapping was made.
JUSTIFICATIONS = frozenset(
    f"semapv:{name}"
    for name in (
        "BackgroundKnowledgeBasedMatching",
        "CompositeMatching",
        "InstanceBasedMatching",
        "LexicalMatching",
        "LexicalSimilarityThresholdMatching",
        "LogicalReasoning",
        "ManualMappingCuration",
        "MappingChaining",
        "MappingInversion",
        "MappingReview",
        "SemanticSimilarityThresholdMatching",
        "StructuralMatching",
        "UnspecifiedMatching",
    )
)

#: Predicates of the vocabularies made for mappings; those of others are taken with a warning.
PREDICATES = frozenset(
    (
        "skos:exactMatch",
        "skos:closeMatch",
        "skos:broadMatch",
        "skos:narrowMatch",
        "skos:relatedMatch",
        "skos:mappingRelation",
        "owl:sameAs",
        "owl:equivalentClass",
        "owl:equivalentProperty",
        "rdfs:subClassOf",
        "rdfs:subPropertyOf",
        "rdfs:seeAlso",
        "rdf:type",
        "oboinowl:hasDbXref",
        "semapv:crossSpeciesExactMatch",
        "semapv:crossSpeciesCloseMatch",
        "semapv:crossSpeciesBroadMatch",
        "semapv:crossSpeciesNarrowMatch",
    )
)
