"""What annotation properties mean, in the vocabularies that ontologies use."""

from __future__ import annotations

import re
from enum import Enum, auto

from tzgraph.link.ontology.model import Scope
from tzgraph.vocabulary import DCTERMS, OWL, RDFS, SKOS, local_name

__all__ = ["DC", "EFO", "NCIT", "OBO", "OIO", "TAXON_RELATIONS", "Role", "role_of", "scope_of"]

OBO = "http://purl.obolibrary.org/obo/"
OIO = "http://www.geneontology.org/formats/oboInOwl#"
EFO = "http://www.ebi.ac.uk/efo/"
DC = "http://purl.org/dc/elements/1.1/"
_BIOPAX = "http://www.biopax.org/release/biopax-level3.owl#"
_SCHEMA = ("http://schema.org/", "https://schema.org/")
#: NCIt in OWL as its makers publish it, and as the OBO Foundry does.
NCIT = ("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#", OBO + "NCIT_")


class Role(Enum):
    """What a property says of a term."""

    LABEL = auto()
    OTHER_LABEL = auto()  # a label where there is no better one, else an exact synonym
    EXACT = auto()
    BROAD = auto()
    NARROW = auto()
    RELATED = auto()
    DEFINITION = auto()
    DESCRIPTION = auto()  # a definition where there is none
    XREF = auto()
    EXACT_MATCH = auto()
    DEPRECATED = auto()
    STATUS = auto()
    REPLACED_BY = auto()
    CONSIDER = auto()
    TAXON = auto()
    ALTERNATIVE_ID = auto()
    PARENT = auto()
    CHILD = auto()


_SCOPES = {
    Role.EXACT: Scope.EXACT,
    Role.BROAD: Scope.BROAD,
    Role.NARROW: Scope.NARROW,
    Role.RELATED: Scope.RELATED,
}
#: In taxon, only in taxon, present in taxon.
TAXON_RELATIONS = frozenset(OBO + name for name in ("RO_0002162", "RO_0002160", "RO_0002175"))

_ROLES: dict[str, Role] = {
    RDFS + "label": Role.LABEL,
    SKOS + "prefLabel": Role.LABEL,
    _BIOPAX + "displayName": Role.LABEL,
    OBO + "IAO_0000111": Role.OTHER_LABEL,  # editor preferred term
    OBO + "IAO_0000589": Role.OTHER_LABEL,  # OBO Foundry unique label
    DCTERMS + "title": Role.OTHER_LABEL,
    DC + "title": Role.OTHER_LABEL,
    _BIOPAX + "standardName": Role.OTHER_LABEL,
    _BIOPAX + "name": Role.EXACT,
    OIO + "hasExactSynonym": Role.EXACT,
    OIO + "hasBroadSynonym": Role.BROAD,
    OIO + "hasNarrowSynonym": Role.NARROW,
    OIO + "hasRelatedSynonym": Role.RELATED,
    OIO + "hasSynonym": Role.RELATED,
    SKOS + "altLabel": Role.EXACT,
    SKOS + "hiddenLabel": Role.RELATED,
    OBO + "IAO_0000118": Role.EXACT,  # alternative label
    OBO + "OBI_0001847": Role.EXACT,  # ISA alternative term
    OBO + "OBI_0001886": Role.EXACT,  # NIAID GSCID-BRC alternative term
    OBO + "OBI_9991118": Role.EXACT,  # IEDB alternative term
    EFO + "alternative_term": Role.EXACT,
    DCTERMS + "alternative": Role.EXACT,
    OBO + "IAO_0000115": Role.DEFINITION,
    SKOS + "definition": Role.DEFINITION,
    EFO + "definition": Role.DEFINITION,
    DCTERMS + "description": Role.DESCRIPTION,
    DC + "description": Role.DESCRIPTION,
    OIO + "hasDbXref": Role.XREF,
    SKOS + "exactMatch": Role.EXACT_MATCH,
    OWL + "sameAs": Role.EXACT_MATCH,
    OWL + "deprecated": Role.DEPRECATED,
    OBO + "IAO_0100001": Role.REPLACED_BY,
    OIO + "replacedBy": Role.REPLACED_BY,
    DCTERMS + "isReplacedBy": Role.REPLACED_BY,
    OIO + "consider": Role.CONSIDER,
    OIO + "hasAlternativeId": Role.ALTERNATIVE_ID,
    RDFS + "subClassOf": Role.PARENT,
    RDFS + "subPropertyOf": Role.PARENT,
    SKOS + "broader": Role.PARENT,
    SKOS + "narrower": Role.CHILD,
    **dict.fromkeys(TAXON_RELATIONS, Role.TAXON),
    **{base + "name": Role.OTHER_LABEL for base in _SCHEMA},
    **{base + "alternateName": Role.EXACT for base in _SCHEMA},
    **{
        base + name: role
        for base in NCIT
        for name, role in {
            "P90": Role.EXACT,  # FULL_SYN
            "P108": Role.OTHER_LABEL,  # Preferred_Name
            "P107": Role.OTHER_LABEL,  # Display_Name
            "P97": Role.DEFINITION,
            "P325": Role.DESCRIPTION,  # ALT_DEFINITION
            "P310": Role.STATUS,  # Concept_Status
        }.items()
    },
}
#: Names of properties of one's own that say what they are.
_NAMED: tuple[tuple[re.Pattern[str], Role | None], ...] = (
    (re.compile(r"synonym_?type|type_?of_?synonym"), None),
    (re.compile(r"exact_?synonyms?"), Role.EXACT),
    (re.compile(r"broad(er)?_?synonyms?"), Role.BROAD),
    (re.compile(r"narrow(er)?_?synonyms?"), Role.NARROW),
    (re.compile(r"synonyms?$|alias(es)?$"), Role.RELATED),
    (re.compile(r"alt(ernative|ernate)?_?(term|label|name)s?$|(gene_?)?symbol$"), Role.EXACT),
    (re.compile(r"(abbreviation|acronym)s?$"), Role.RELATED),
    (re.compile(r"definition_citation$|db_?xref$"), Role.XREF),
)


def role_of(iri: str) -> Role | None:
    """Give what a property says of a term, by its IRI or, for unknown ones, by its name.

    >>> role_of("http://www.drugtargetontology.org/dto/geneSynonym")
    <Role.RELATED: 6>
    """
    if iri in _ROLES:
        return _ROLES[iri]
    local = local_name(iri).lower()
    return next((role for pattern, role in _NAMED if pattern.search(local)), None)


def scope_of(role: Role) -> Scope | None:
    """Give the scope of the synonyms that a property gives, or ``None`` if it gives none."""
    return _SCOPES.get(role)
