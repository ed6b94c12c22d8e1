"""The alignment names terms of others as they are, and terms of ours that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, Graph, URIRef

from tests.shared import missing, need
from tests.shipped import shipped_ontology
from tzgraph.cli.options import module_file
from tzgraph.errors import InputUnreadableError
from tzgraph.ontology_graph import load_ontology, with_modules
from tzgraph.reason import compile_ontology
from tzgraph.resources import shipped

TZ = "https://w3id.org/tzgraph/ontology#"
OBO = "http://purl.obolibrary.org/obo/"
FILES = {
    "data/ro/ro.owl": ox.RdfFormat.RDF_XML,
    "data/so/so.owl": ox.RdfFormat.RDF_XML,
    "data/sio/sio-release.owl": ox.RdfFormat.RDF_XML,
    "data/ogms/ogms.owl": ox.RdfFormat.RDF_XML,
    "data/cto/cto.converted.rdf.owl": ox.RdfFormat.RDF_XML,
    "data/biolink/biolink_model.owl.ttl": ox.RdfFormat.TURTLE,
}
STANZAS = ("data/obi/obi.obo", "data/eco/eco.obo")
MODULE = shipped("ontology") / "optional" / "alignment.ttl"


@pytest.fixture(scope="module")
def alignment() -> Graph:
    return Graph().parse(MODULE)


def _theirs(alignment: Graph) -> set[URIRef]:
    terms = {term for triple in alignment for term in triple if isinstance(term, URIRef)}
    known = (TZ, "http://www.w3.org/")
    return {term for term in terms if not str(term).startswith(known)}


def _stated() -> Iterator[tuple[str, str, str]]:
    """Labels and parents in the files of the ontologies themselves."""
    for name, kind in FILES.items():
        for quad in ox.parse(path=str(need(name)), format=kind):
            predicate = quad.predicate.value
            if predicate in (str(RDFS.label), str(RDFS.subClassOf)):
                yield str(quad.subject).strip("<>"), predicate, getattr(quad.object, "value", "")
    for name in STANZAS:
        iri = ""
        for line in need(name).read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(": ")
            if key == "id":
                iri = OBO + value.replace(":", "_")
            elif key == "name":
                yield iri, str(RDFS.label), value
            elif key == "is_a":
                yield iri, str(RDFS.subClassOf), OBO + value.split(" ")[0].replace(":", "_")


def test_terms_of_ours_are_declared_and_nothing_is_said_of_them_but_links(
    alignment: Graph,
) -> None:
    ontology = shipped_ontology()
    ours = {s for s in alignment.subjects() if str(s).startswith(TZ)}
    new = {s for s in ours if (s, RDF.type, None) in alignment}
    assert {str(term).removeprefix(TZ) for term in new} == {"standForKindsOf", "relatesMembersBy"}
    assert [term for term in ours - new if (term, RDF.type, None) not in ontology] == []
    allowed = {RDFS.subClassOf, RDFS.subPropertyOf, *(URIRef(str(term)) for term in new)}
    used = {p for term in ours - new for p in alignment.predicates(term)}
    assert {p for p in used - allowed if "skos/core#" not in str(p)} == set()


def test_each_term_of_others_is_declared_with_one_label(alignment: Graph) -> None:
    assert len(_theirs(alignment)) > 50
    for term in _theirs(alignment):
        assert len(list(alignment.objects(term, RDFS.label))) == 1, term
        assert len(list(alignment.objects(term, RDF.type))) == 1, term


@missing(*FILES, *STANZAS)
def test_labels_and_parents_of_others_are_those_of_their_files(alignment: Graph) -> None:
    labels: dict[str, set[str]] = {}
    parents: dict[str, set[str]] = {}
    for subject, predicate, value in _stated():
        kept = labels if predicate == str(RDFS.label) else parents
        kept.setdefault(subject, set()).add(value)

    def above(term: str) -> set[str]:
        found: set[str] = set()
        new = {term}
        while new := {up for one in new for up in parents.get(one, set())} - found:
            found |= new
        return found

    for term in sorted(_theirs(alignment), key=str):
        assert str(alignment.value(term, RDFS.label)) in labels.get(str(term), set()), term
        for parent in alignment.objects(term, RDFS.subClassOf):
            assert str(parent) in above(str(term)), (term, parent)


def test_a_module_is_found_by_name_or_path_and_others_are_told(tmp_path: Path) -> None:
    ontology = shipped("ontology")
    assert module_file(ontology, "alignment") == MODULE
    (mine := tmp_path / "mine.ttl").write_text("")
    assert module_file(ontology, str(mine)) == mine
    with pytest.raises(InputUnreadableError, match=re.escape("'nothing'")) as caught:
        module_file(ontology, "nothing")
    assert "alignment" in str(caught.value)


def test_the_module_is_read_only_if_it_is_asked_for() -> None:
    own = load_ontology(shipped("ontology"))
    drug, biolink = ox.NamedNode(TZ + "Drug"), "https://w3id.org/biolink/vocab/Drug"
    for more, expected in (((), False), ((MODULE,), True)):
        graph = with_modules(own, more)
        parents = [
            t.value for t in graph.objects(drug, str(RDFS.subClassOf)) if hasattr(t, "value")
        ]
        assert (biolink in parents) is expected
    rules = [rule.axiom for rule in compile_ontology(with_modules(own, (MODULE,))).rules]
    assert any(biolink in axiom and TZ + "Drug" in axiom for axiom in rules)
