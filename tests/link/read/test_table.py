"""Tables of terms, as databases publish their vocabularies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tzgraph.errors import DataError
from tzgraph.link.model import Ontology, Scope
from tzgraph.link.read import read_ontology


def read(tmp_path: Path, text: str, name: str = "x.tsv") -> Ontology:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return read_ontology(path)


def test_genes(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "HGNC ID\tApproved symbol\tApproved name\tStatus\tAlias symbols\tPrevious symbols\t"
        "NCBI Gene ID(supplied by NCBI)\n"
        "HGNC:3430\tERBB2\terb-b2 receptor tyrosine kinase 2\tApproved\tNEU, HER2\tNGL\t2064\n"
        "HGNC:7\tOLD\twithdrawn one\tEntry Withdrawn\t\t\t\n",
    )
    term = found.terms["http://identifiers.org/hgnc/3430"]
    assert (term.label, term.xrefs, term.deprecated, term.line) == (
        "ERBB2",
        ("ncbigene:2064",),
        False,
        2,
    )
    assert {(s.text, s.scope) for s in term.synonyms} == {
        ("erb-b2 receptor tyrosine kinase 2", Scope.EXACT),
        ("NEU", Scope.RELATED),
        ("HER2", Scope.RELATED),
        ("NGL", Scope.RELATED),
    }
    assert found.terms["http://identifiers.org/hgnc/7"].deprecated


def test_drugs_with_cells_in_quotes(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "DrugBank ID,Common name,CAS,Synonyms\r\n"
        'DB00072,Trastuzumab,180288-69-1,"GB221 | a, b"\r\n',
        "x.csv",
    )
    (term,) = found.terms.values()
    assert term.iri == "http://identifiers.org/drugbank/DB00072"
    assert [s.text for s in term.synonyms] == ["GB221", "a, b"]
    assert term.xrefs == ("cas:180288-69-1",)


def test_the_name_of_the_file_tells_what_bare_ids_are(tmp_path: Path) -> None:
    text = "identifier\tname\tparents\tspecies\nR-HSA-2\tb\treactome:R-HSA-1\tNCBITaxon:9606\n"
    found = read(tmp_path, text + "R-HSA-1\ta\t\tNCBITaxon:9606\n", "83-reactome.tsv")
    base = "http://identifiers.org/reactome/"
    term = found.terms[base + "R-HSA-2"]
    assert (term.parents, term.taxa) == ((base + "R-HSA-1",), ("ncbitaxon:9606",))
    assert found.findings == ()


def test_proteins_with_names_in_brackets(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Entry\tProtein names\tOrganism\tGene Names\n"
        "P04626\tReceptor erbB-2, EC 2.7.10.1 (Gene 19 protein, MLN 19) (p185)\t"
        "Homo sapiens (Human)\tERBB2 HER2\n",
    )
    (term,) = found.terms.values()
    assert (term.iri, term.label) == ("http://purl.uniprot.org/uniprot/P04626", "Receptor erbB-2")
    assert [s.text for s in term.synonyms] == ["Gene 19 protein", "MLN 19", "p185", "ERBB2", "HER2"]
    assert term.taxa == ("ncbitaxon:9606",)


def test_a_table_without_header(tmp_path: Path) -> None:
    found = read(tmp_path, "D000001\tCalcimycin\tA|B\nD000002\tTemefos\t\n", "mesh_labels.tsv")
    assert found.terms["http://id.nlm.nih.gov/mesh/D000001"].label == "Calcimycin"
    assert [f.code for f in found.findings] == ["no-header"]


def test_several_rows_of_one_term_are_put_together(tmp_path: Path) -> None:
    text = "id\tlabel\txref\n" + "".join(
        f'"DOID:1"\t"a"\t"{xref}"\n' for xref in ("MESH:D1", "UMLS_CUI:C1")
    )
    found = read(tmp_path, text + '"DOID:1"\t"other"\t""\n')
    (term,) = found.terms.values()
    assert (term.label, term.xrefs) == ("a", ("mesh:D1", "umls:C1"))
    assert [(f.code, f.row) for f in found.findings] == [("duplicate-term", 4)]


@pytest.mark.parametrize(
    ("row", "code"),
    [("\tnameless id", "no-id"), ("DOID:3\tc\t\textra", "row-width")],
)
def test_a_bad_row_is_told_and_left_out(tmp_path: Path, row: str, code: str) -> None:
    found = read(tmp_path, f"id\tname\tsynonyms\nDOID:1\ta\tx\n{row}\nDOID:2\tb\n")
    assert [(f.code, f.row) for f in found.findings] == [(code, 3)]
    assert [t.label for t in found.terms.values()] == ["a", "b"]


def test_an_unknown_prefix_is_told_and_ids_are_left_as_they_are(tmp_path: Path) -> None:
    found = read(tmp_path, "id\tname\nNOBODY:1\ta\n")
    assert list(found.terms) == ["NOBODY:1"]
    assert [f.code for f in found.findings] == ["unknown-prefix"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("gene\tdrug\nA\tB\n", "no-term-columns"),
        ("#curie_map:\n#  a: b\nsubject_id\tpredicate_id\tobject_id\nA:1\tb\tC:2\n", "mapping-set"),
    ],
)
def test_what_is_no_vocabulary_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert [f.code for f in caught.value.findings] == [code]
