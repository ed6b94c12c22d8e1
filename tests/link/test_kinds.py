from pathlib import Path

import pytest

from tests.link.small import obo
from tzgraph.link.identifiers.normal_form import curie_of
from tzgraph.link.ontology.kinds import EntityKind, KindFinder, head_kind
from tzgraph.link.ontology.model import Ontology, OntologyTerm
from tzgraph.link.ontology.species import species_of
from tzgraph.link.read import read_ontology


def kind_of(ontology: Ontology, local: str) -> EntityKind:
    term = next(t for iri, t in ontology.terms.items() if iri.endswith(local))
    return KindFinder(ontology, curie_of).kind(term)


def test_a_prefix_of_one_kind_tells(tmp_path: Path) -> None:
    ontology = obo(tmp_path, "id: MONDO:0005105|name: anything")
    assert kind_of(ontology, "0005105") is EntityKind.DISEASE


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Stomach cancer", EntityKind.DISEASE),
        ("Neoplasm of the breast", EntityKind.DISEASE),
        ("Carcinomas", EntityKind.DISEASE),
        ("Abnormality of body height", EntityKind.PHENOTYPE),
        ("", EntityKind.PHENOTYPE),
    ],
)
def test_phenotypes_that_are_tumours_are_diseases(
    tmp_path: Path, label: str, kind: EntityKind
) -> None:
    assert kind_of(obo(tmp_path, f"id: HP:0000002|name: {label}"), "0000002") is kind


def test_the_nearest_known_ancestor_tells(tmp_path: Path) -> None:
    ontology = obo(
        tmp_path,
        "id: NCIT:C12219|name: Anatomic Structure, System, or Substance",
        "id: NCIT:C12508|name: Cell|is_a: NCIT:C12219",
        "id: NCIT:C1|name: Alpha|is_a: NCIT:C12508",
        "id: NCIT:C2|name: Beta|is_a: NCIT:C12219",
    )
    assert kind_of(ontology, "C1") is EntityKind.CELL
    assert kind_of(ontology, "C2") is EntityKind.ANATOMY


def test_the_word_that_ends_the_label_of_an_ancestor_tells(tmp_path: Path) -> None:
    ontology = obo(
        tmp_path, "id: NEW:1|name: malignant neoplasm", "id: NEW:2|name: Xyz|is_a: NEW:1"
    )
    assert kind_of(ontology, "2") is EntityKind.DISEASE


def test_the_genus_of_the_definition_tells(tmp_path: Path) -> None:
    ontology = obo(tmp_path, 'id: NEW:1|name: Xyz|def: "A cell that does something." []')
    assert kind_of(ontology, "1") is EntityKind.CELL


def test_the_title_tells_at_last(tmp_path: Path) -> None:
    assert kind_of(obo(tmp_path, "id: NEW:1|name: Xyz", title="Gene list"), "1") is EntityKind.GENE
    assert kind_of(obo(tmp_path, "id: NEW:1|name: Xyz"), "1") is EntityKind.UNKNOWN


def test_cycles_end(tmp_path: Path) -> None:
    ontology = obo(tmp_path, "id: NEW:1|name: Xyz|is_a: NEW:2", "id: NEW:2|name: Abc|is_a: NEW:1")
    assert kind_of(ontology, "1") is EntityKind.UNKNOWN


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("carcinoma of the stomach", EntityKind.DISEASE),
        ("ERBB2 Gene", EntityKind.GENE),
        ("in situ hybridisation", EntityKind.ASSAY),
        ("cell population proliferation", EntityKind.PROCESS),
        ("A cell that bears CD8", EntityKind.CELL),
        ("lipoma", EntityKind.DISEASE),
        ("stroma", EntityKind.UNKNOWN),
        ("", EntityKind.UNKNOWN),
    ],
)
def test_the_head_of_a_name(name: str, kind: EntityKind) -> None:
    assert head_kind(name) is kind


@pytest.mark.parametrize(
    ("curie", "label", "species"),
    [
        ("reactome:R-HSA-1227986", "", {"NCBITaxon:9606"}),
        ("reactome:R-MMU-1227986", "", {"NCBITaxon:10090"}),
        ("ensembl:ENSG00000141736", "", {"NCBITaxon:9606"}),
        ("ensembl:ENSMUSG00000062312", "", {"NCBITaxon:10090"}),
        ("mgi:95410", "", {"NCBITaxon:10090"}),
        ("pr:1", "ErbB2 (mouse)", {"NCBITaxon:10090"}),
        ("go:0001837", "epithelial to mesenchymal transition", set()),
    ],
)
def test_species(curie: str, label: str, species: set[str]) -> None:
    assert species_of(OntologyTerm("x", label, "class"), curie) == species


def test_taxa_of_the_term_come_first() -> None:
    term = OntologyTerm("x", "a (mouse)", "class", taxa=("ncbitaxon:9606",))
    assert species_of(term, None) == {"NCBITaxon:9606"}


def test_the_class_of_an_individual_tells(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(
        "@prefix : <http://example.org/x#> . @prefix bp: <http://example.org/level3.owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        ":p a bp:Protein ; rdfs:label 'PTEN' . :g a bp:GeneProduct ; rdfs:label 'KRAS' .\n"
        ":w a bp:Pathway ; rdfs:label 'ERBB2 events' .\n"
        ":c a :K , owl:NamedIndividual ; rdfs:label 'Xyz' .\n"
        ":K a owl:Class ; rdfs:label 'T cell' .\n"
    )
    found = read_ontology(path)
    assert kind_of(found, "#p") is EntityKind.PROTEIN
    assert kind_of(found, "#w") is EntityKind.PROCESS
    assert kind_of(found, "#c") is EntityKind.CELL
    assert found.terms["http://example.org/x#g"].types == (
        "http://example.org/level3.owl#GeneProduct",
    )
