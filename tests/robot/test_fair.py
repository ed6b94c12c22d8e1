"""What FOOPS! looks for in an ontology's file, as far as it can be seen without a network.

Its tests that ask the Web (does the IRI resolve, in which formats, is the prefix registered) are
the server's (``tests/serve/test_ontology.py``) or wait for the domain. Catalogue:
https://w3id.org/foops/catalogue
"""

from __future__ import annotations

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Namespace, URIRef
from rdflib.namespace import DCTERMS

from tests.shipped import shipped_ontology

TZ = "https://w3id.org/tzgraph/ontology#"
ONTOLOGY = URIRef("https://w3id.org/tzgraph/ontology")
VANN = Namespace("http://purl.org/vocab/vann/")
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
#: What the header says, by the group of FOOPS! that asks for it.
METADATA = {
    "minimal": (DCTERMS.title, DCTERMS.description, DCTERMS.license, OWL.versionIRI),
    "minimal authorship": (DCTERMS.creator, DCTERMS.created),
    "namespace": (VANN.preferredNamespaceUri, VANN.preferredNamespacePrefix),
    "detailed": (DCTERMS.bibliographicCitation, DCTERMS.publisher, OWL.versionInfo),
    "detailed authorship": (DCTERMS.contributor, DCTERMS.modified, DCTERMS.issued),
    "provenance": (DCTERMS.source, OWL.priorVersion),
}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return shipped_ontology()


@pytest.mark.parametrize("group", METADATA)
def test_the_header_has_metadata(graph: Graph, group: str) -> None:
    missing = [p for p in METADATA[group] if graph.value(ONTOLOGY, p) is None]
    assert missing == []


def test_the_version_is_an_iri_of_its_own(graph: Graph) -> None:
    version, prior = graph.value(ONTOLOGY, OWL.versionIRI), graph.value(ONTOLOGY, OWL.priorVersion)
    assert version != ONTOLOGY
    assert str(version) > str(prior)
    assert str(version).startswith(f"{ONTOLOGY}/")


def test_each_term_has_a_label_and_a_definition(graph: Graph) -> None:
    for kind in KINDS:
        for term in graph.subjects(RDF.type, kind):
            if str(term).startswith(TZ):
                assert graph.value(term, RDFS.label), term
                assert graph.value(term, SKOS.definition), term


def test_terms_of_other_vocabularies_are_used_and_have_a_label(graph: Graph) -> None:
    used = {
        term
        for kind in KINDS
        for term in graph.subjects(RDF.type, kind)
        if isinstance(term, URIRef) and not str(term).startswith((TZ, str(OWL.Class)[:-5]))
    }
    spaces = {str(term).rsplit("#", 1)[0].rsplit("/", 1)[0] for term in used}
    assert len(spaces) >= 5
    assert [term for term in used if graph.value(term, RDFS.label) is None] == []
