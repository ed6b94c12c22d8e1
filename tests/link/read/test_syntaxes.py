"""One small ontology in every syntax: whatever it is written in, the same is read."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pyhornedowl
import pyoxigraph as ox
import pytest

from tzgraph.link.ontology.model import Definition, Ontology, OntologyTerm, Relation, Scope, Synonym
from tzgraph.link.read import read_ontology

OBO = "http://purl.obolibrary.org/obo/"
TURTLE = """
@prefix : <http://purl.obolibrary.org/obo/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix efo: <http://www.ebi.ac.uk/efo/> .

<http://purl.obolibrary.org/obo/x.owl> a owl:Ontology ;
  owl:versionIRI <http://purl.obolibrary.org/obo/x/releases/2026-02-03/x.owl> ;
  owl:versionInfo "2026-02-03" ; dcterms:title "Example" ;
  dcterms:license <https://creativecommons.org/licenses/by/4.0/> .

:BFO_0000050 a owl:ObjectProperty ; rdfs:label "part of" .
:RO_0002162 a owl:ObjectProperty .
:IAO_0000115 a owl:AnnotationProperty . :IAO_0100001 a owl:AnnotationProperty .
:IAO_0000118 a owl:AnnotationProperty . efo:alternative_term a owl:AnnotationProperty .
oio:hasDbXref a owl:AnnotationProperty . oio:hasExactSynonym a owl:AnnotationProperty .
oio:hasBroadSynonym a owl:AnnotationProperty . oio:consider a owl:AnnotationProperty .
oio:source a owl:AnnotationProperty . skos:exactMatch a owl:AnnotationProperty .
skos:altLabel a owl:AnnotationProperty .
:NCBITaxon_9606 a owl:Class .

:MONDO_1 a owl:Class ; rdfs:label "disease" .
:UBERON_1 a owl:Class ; rdfs:label "stomach"@en , "Magen"@de .
:MONDO_2 a owl:Class ; rdfs:label "gastric cancer" ; :IAO_0000115 "A cancer." ;
  oio:hasExactSynonym "stomach cancer" ; oio:hasBroadSynonym "gastric tumour" ;
  :IAO_0000118 "gastric ca" ; efo:alternative_term "cancer of stomach" ; skos:altLabel "GC"@en ;
  oio:hasDbXref "DOID:10534" , "UMLS_CUI:C0024623" ; skos:exactMatch :NCIT_C9331 ;
  rdfs:subClassOf :MONDO_1 ,
    [ a owl:Restriction ; owl:onProperty :BFO_0000050 ; owl:someValuesFrom :UBERON_1 ] ,
    [ a owl:Restriction ; owl:onProperty :RO_0002162 ; owl:someValuesFrom :NCBITaxon_9606 ] ;
  owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( :MONDO_1
    [ a owl:Restriction ; owl:onProperty :BFO_0000050 ; owl:someValuesFrom :UBERON_1 ] ) ] .
:MONDO_3 a owl:Class ; rdfs:label "obsolete x" ; owl:deprecated true ;
  :IAO_0100001 "MONDO:2" ; oio:consider :MONDO_1 .
[] a owl:Axiom ; owl:annotatedSource :MONDO_2 ; owl:annotatedProperty oio:hasDbXref ;
  owl:annotatedTarget "DOID:10534" ; oio:source "MONDO:equivalentTo" .
"""
GASTRIC = OntologyTerm(
    iri=OBO + "MONDO_2",
    label="gastric cancer",
    kind="class",
    labels=("gastric cancer",),
    synonyms=(
        Synonym("GC", Scope.EXACT, "en"),
        Synonym("cancer of stomach", Scope.EXACT),
        Synonym("gastric ca", Scope.EXACT),
        Synonym("gastric tumour", Scope.BROAD),
        Synonym("stomach cancer", Scope.EXACT),
    ),
    definition="A cancer.",
    parents=(OBO + "MONDO_1",),
    xrefs=("doid:10534", "umls:C0024623"),
    exact=(OBO + "DOID_10534", OBO + "NCIT_C9331"),
    taxa=("ncbitaxon:9606",),
)


def sorted_term(term: OntologyTerm) -> OntologyTerm:
    """Give a term with what has no order in order."""
    return OntologyTerm(
        iri=term.iri,
        label=term.label,
        kind=term.kind,
        labels=term.labels,
        synonyms=tuple(sorted(term.synonyms, key=lambda s: s.text)),
        definition=term.definition,
        parents=tuple(sorted(term.parents)),
        xrefs=tuple(sorted(term.xrefs)),
        exact=tuple(sorted(term.exact)),
        taxa=term.taxa,
    )


def rdf(form: ox.RdfFormat) -> bytes:
    quads = list(ox.parse(TURTLE, format=ox.RdfFormat.TURTLE))
    prefixes = {"owl": "http://www.w3.org/2002/07/owl#"}
    made = ox.serialize([q.triple for q in quads], format=form, prefixes=prefixes)
    assert made is not None
    return made


def owl(form: str) -> bytes:
    ontology = pyhornedowl.open_ontology_from_string(rdf(ox.RdfFormat.RDF_XML).decode(), "rdf")
    return str(ontology.save_to_string(form)).encode()  # type: ignore[arg-type]  # a name of one


WRITTEN: dict[str, Callable[[], bytes]] = {
    "turtle": TURTLE.encode,
    "rdfxml": lambda: rdf(ox.RdfFormat.RDF_XML),
    "nquads": lambda: rdf(ox.RdfFormat.N_TRIPLES),
    "jsonld": lambda: rdf(ox.RdfFormat.JSON_LD),
    "owlxml": lambda: owl("owx"),
    "functional": lambda: owl("ofn"),
    "manchester": lambda: owl("omn"),
}


@pytest.mark.parametrize("syntax", WRITTEN)
def test_the_same_is_read_whatever_the_syntax(tmp_path: Path, syntax: str) -> None:
    path = tmp_path / "x.owl"
    path.write_bytes(WRITTEN[syntax]())
    check(read_ontology(path), syntax)


def check(found: Ontology, syntax: str) -> None:
    assert found.syntax == syntax
    assert found.findings == ()
    assert (found.iri, found.version, found.date, found.title, found.licence) == (
        OBO + "x.owl",
        "2026-02-03",
        "2026-02-03",
        "Example",
        "https://creativecommons.org/licenses/by/4.0/",
    )
    assert sorted_term(found.terms[OBO + "MONDO_2"]) == GASTRIC
    stomach = found.terms[OBO + "UBERON_1"]
    assert (stomach.label, set(stomach.labels)) == ("stomach", {"stomach", "Magen"})
    old = found.terms[OBO + "MONDO_3"]
    assert (old.deprecated, old.replaced_by, old.consider) == (
        True,
        (OBO + "MONDO_2",),
        (OBO + "MONDO_1",),
    )
    part = Relation(OBO + "BFO_0000050", OBO + "UBERON_1")
    assert found.relations == {OBO + "MONDO_2": (part,)}
    assert found.definitions == {OBO + "MONDO_2": (Definition((OBO + "MONDO_1",), (part,)),)}
    assert found.terms[OBO + "BFO_0000050"].kind == "property"


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_what_is_packed_is_unpacked_whatever_the_suffix(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "x.owl"
    path.write_bytes(pack(TURTLE.encode()))
    check(read_ontology(path), "turtle")


@pytest.mark.parametrize(
    ("name", "said"),
    [("x.obo", ".obo"), ("x.ttl.gz", ".gz"), ("x.json", ".json"), ("x.rdf", ".rdf")],
)
def test_a_wrong_suffix_is_told_and_the_content_read(tmp_path: Path, name: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(TURTLE)
    found = read_ontology(path)
    assert OBO + "MONDO_2" in found.terms
    assert [f.code for f in found.findings] == ["wrong-suffix"]
    assert f"The suffix is {said}" in found.findings[0].message


def test_skos_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix : <http://e.org/> .\n"
        ":s a skos:ConceptScheme . :a a skos:Concept ; skos:prefLabel 'A'@en, 'B'@fr ;\n"
        "skos:broader :b ; skos:hiddenLabel 'aa' . :b a skos:Concept ; skos:prefLabel 'b' ;\n"
        "skos:narrower :c ; skos:definition 'that' . :c a skos:Concept ; skos:prefLabel 'c' ."
    )
    terms = read_ontology(path).terms
    assert set(terms) == {"http://e.org/a", "http://e.org/b", "http://e.org/c"}
    assert terms["http://e.org/a"].label == "A"
    assert terms["http://e.org/a"].parents == ("http://e.org/b",)
    assert terms["http://e.org/c"].parents == ("http://e.org/b",)
    assert terms["http://e.org/b"].definition == "that"
    assert terms["http://e.org/a"].synonyms == (Synonym("aa", Scope.RELATED),)


def test_an_expression_that_is_not_understood_defines_nothing(tmp_path: Path) -> None:
    """What is left of a definition without a part that was dropped would be another class."""
    path = tmp_path / "x.ttl"
    path.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix : <http://e.org/> .\n"
        ":a a owl:Class ; owl:equivalentClass [ owl:intersectionOf ( :b\n"
        " [ a owl:Restriction ; owl:onProperty :p ; owl:allValuesFrom :c ] ) ] .\n"
        ":b a owl:Class . :c a owl:Class ."
    )
    found = read_ontology(path)
    assert found.definitions == {}
    assert found.terms["http://e.org/a"].parents == ("http://e.org/b",), "that does follow"


def test_expressions_may_be_deep_or_lead_back_to_themselves(tmp_path: Path) -> None:
    head = TURTLE.partition("\n\n")[0] + " :A a owl:Class ; owl:equivalentClass "
    deep = ":B0"
    for number in range(3000):
        deep = f"[ owl:intersectionOf ( {deep} :B{number + 1} ) ]"
    path = tmp_path / "x.ttl"
    path.write_text(f"{head}{deep} .\n")
    term = read_ontology(path).terms[OBO + "A"]
    assert term.parents == tuple(f"{OBO}B{number}" for number in range(3001))
    path.write_text(
        f"{head}_:x . _:x owl:intersectionOf ( :B _:y ) . _:y owl:intersectionOf ( :C _:x _:y ) .\n"
    )
    assert read_ontology(path).terms[OBO + "A"].parents == (OBO + "B", OBO + "C")


def test_a_term_is_called_by_its_official_identifier(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(
        "@prefix dc: <http://purl.org/dc/elements/1.1/> . @prefix e: <http://example.org/> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix wiki: <https://identifiers.org/wikipathways/> .\n"
        "e:p1_r2 a e:Pathway ; rdfs:label 'one' ; dc:identifier wiki:WP673 .\n"
        "e:p3 a e:Pathway ; rdfs:label 'three' ; rdfs:subClassOf e:p1_r2 ;\n"
        "  dc:identifier <https://identifiers.org/wikipathways/WP4172/WP4172> .\n"
    )
    found = read_ontology(path).terms
    assert {iri: term.label for iri, term in found.items()} == {
        "https://identifiers.org/wikipathways/WP673": "one",
        "http://example.org/p3": "three",
    }
    assert found["http://example.org/p3"].parents == ("https://identifiers.org/wikipathways/WP673",)
