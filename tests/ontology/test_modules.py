"""The ontology's modules are one ontology, and the core stands by itself."""

from __future__ import annotations

import pytest
from rdflib import OWL, RDF, Graph, URIRef

from tests.shipped import ontology_modules

TZ = "https://w3id.org/tzgraph/ontology#"
#: What each module may name beside its own terms; tzgraph.ttl may name all.
NEEDS: dict[str, set[str]] = {
    "core": set(),
    "molecules": {"core"},
    "variants": {"core", "molecules"},
    "clinic": {"core", "molecules"},
    "statements": {"core", "molecules", "clinic"},
}


@pytest.fixture(scope="module")
def modules() -> dict[str, Graph]:
    return ontology_modules()


def _declared(graph: Graph) -> set[str]:
    return {str(s).removeprefix(TZ) for s in graph.subjects(RDF.type) if str(s).startswith(TZ)}


def _named(graph: Graph) -> set[str]:
    terms = {term for triple in graph for term in triple if isinstance(term, URIRef)}
    return {str(term).removeprefix(TZ) for term in terms if str(term).startswith(TZ)}


def test_there_is_one_header_and_nothing_is_imported(modules: dict[str, Graph]) -> None:
    headers = {n: list(g.subjects(RDF.type, OWL.Ontology)) for n, g in modules.items()}
    assert {name: len(found) for name, found in headers.items() if found} == {"tzgraph": 1}
    assert not any((None, OWL.imports, None) in graph for graph in modules.values())


def test_each_term_is_declared_in_one_module(modules: dict[str, Graph]) -> None:
    places: dict[str, list[str]] = {}
    for name, graph in modules.items():
        for term in _declared(graph):
            places.setdefault(term, []).append(name)
    assert {term: found for term, found in places.items() if len(found) != 1} == {}
    assert min(len(_declared(graph)) for graph in modules.values()) > 5


@pytest.mark.parametrize("name", NEEDS)
def test_a_module_names_only_terms_of_those_it_needs(modules: dict[str, Graph], name: str) -> None:
    known = _declared(modules[name]).union(*(_declared(modules[need]) for need in NEEDS[name]))
    assert _named(modules[name]) - known - {TZ} == set()


def test_the_core_names_no_thing_of_the_field(modules: dict[str, Graph]) -> None:
    terms = {str(term) for triple in modules["core"] for term in triple}
    assert not [term for term in terms if term.startswith("https://w3id.org/tzgraph/id/")]
