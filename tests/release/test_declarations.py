"""Every thing of the view is declared as an individual, so that OWL tools list it."""

from pathlib import Path

import pytest

import tzgraph
from tzgraph.export import export
from tzgraph.release import open_release

owlready2 = pytest.importorskip("owlready2")

_MEMBERS = "SELECT DISTINCT ?x { ?x a ?class . ?class a owl:Class FILTER(isIRI(?x)) }"
_DECLARED = "SELECT ?x { ?x a owl:NamedIndividual }"


def test_owlready2_finds_each_individual(shipped_dir: Path, tmp_path: Path) -> None:
    graph = tzgraph.open(shipped_dir)
    members = {row["x"] for row in graph.rows(_MEMBERS)}
    assert members == {row["x"] for row in graph.rows(_DECLARED)}
    assert len(members) > 1000
    file = tmp_path / "graph.rdf"
    with file.open("wb") as out:
        export(open_release(shipped_dir), "rdfxml", out)
    ontology = owlready2.get_ontology(file.as_uri()).load()
    assert {individual.iri for individual in ontology.individuals()} == members
