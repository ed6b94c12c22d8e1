"""Tables of terms, as databases publish their vocabularies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tzgraph.errors import DataError
from tzgraph.link.identifiers.normal_form import curie_of
from tzgraph.link.ontology.model import Ontology, Scope
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


def terms(found: Ontology) -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Label, parents and taxa of each term, by CURIEs."""
    return {
        curie_of(iri): (term.label, tuple(map(curie_of, term.parents)), term.taxa)
        for iri, term in found.terms.items()
    }


def test_interactions_tell_of_genes_and_of_drugs(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "gene_claim_name\tgene_concept_id\tgene_name\tinteraction_type\tdrug_claim_name\t"
        "drug_concept_id\tdrug_name\n"
        "HER2\thgnc:3430\tERBB2\tinhibitor\tHERCEPTIN\trxcui:224905\tTRASTUZUMAB\n"
        "ERBB2\thgnc:3430\tERBB2\tinhibitor\tTYKERB\tchembl:CHEMBL554\tLAPATINIB\n"
        "X\t\t\t\tY\tchembl:CHEMBL554\tLAPATINIB\n",
    )
    assert terms(found) == {
        "hgnc:3430": ("ERBB2", (), ()),
        "rxnorm:224905": ("TRASTUZUMAB", (), ()),
        "chembl.compound:CHEMBL554": ("LAPATINIB", (), ()),
    }
    assert found.statements == 3
    assert [(f.code, f.row) for f in found.findings] == [("no-id", 4)]


def test_evidence_tells_of_all_that_it_numbers(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "gene\tentrez_id\tvariant\tdisease\tdoid\tdrugs\tvariant_id\tvariant_civic_url\n"
        "ERBB2\t2064\tAmplification\tBreast Cancer\t1612\tTrastuzumab\t306\thttps://x.org/1\n"
        "KIT\t3815\tAmplification\tBreast Cancer\t1612\tImatinib\t307\thttps://x.org/2\n",
    )
    assert {curie: label for curie, (label, _, _) in terms(found).items()} == {
        "ncbigene:2064": "ERBB2",
        "ncbigene:3815": "KIT",
        "doid:1612": "Breast Cancer",
        "civic.vid:306": "ERBB2 Amplification",
        "civic.vid:307": "KIT Amplification",
    }
    assert found.findings == ()


def test_numbers_get_the_prefix_of_the_address_beside_them(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "gene_id\tgene_civic_url\tname\tentrez_id\tdescription\n"
        "20\thttps://civic.genome.wustl.edu/links/genes/20\tERBB2\t2064\ta gene\n",
    )
    (term,) = found.terms.values()
    assert (curie_of(term.iri), term.label, term.xrefs) == (
        "civic.gid:20",
        "ERBB2",
        ("ncbigene:2064",),
    )


@pytest.mark.parametrize(
    ("columns", "cells", "expected"),
    [
        ("Name;UniProt Accessions;Type;Organism", "erbB-2;P04626;SINGLE;Homo sapiens", "target"),
        ("Name;Synonyms;Type;Max Phase;Smiles", "LAPATINIB;GW;Small molecule;4.0;C", "compound"),
    ],
)
def test_chembl_tables_tell_compounds_from_targets(
    tmp_path: Path, columns: str, cells: str, expected: str
) -> None:
    found = read(tmp_path, f"ChEMBL ID;{columns}\nCHEMBL1824;{cells}\n", "x.csv")
    assert set(terms(found)) == {f"chembl.{expected}:CHEMBL1824"}


def test_gene_sets_are_read_as_their_pathways(tmp_path: Path) -> None:
    reactome = read(
        tmp_path,
        "Signaling by ERBB2\tR-HSA-1227986\tERBB2\tGRB2\nAutophagy\tR-HSA-9612973\tATG5\n",
        "x.gmt",
    )
    assert terms(reactome) == {
        "reactome:R-HSA-1227986": ("Signaling by ERBB2", (), ()),
        "reactome:R-HSA-9612973": ("Autophagy", (), ()),
    }
    wiki = read(
        tmp_path,
        "ErbB signaling%WikiPathways_20240110%WP673%Homo sapiens\t"
        "https://www.wikipathways.org/instance/WP673\t5601\t2066\n"
        "Il-1%WikiPathways_20240110%WP38%Mus musculus\thttp://example.org/WP38\t16176\n",
        "x.gmt",
    )
    assert terms(wiki) == {
        "wikipathways:WP673": ("ErbB signaling", (), ("ncbitaxon:9606",)),
        "wikipathways:WP38": ("Il-1", (), ("ncbitaxon:10090",)),
    }


def test_gene_sets_of_no_pathway_are_refused(tmp_path: Path) -> None:
    text = "SET_A\thttps://example.org/geneset/SET_A\tERBB2\nSET_B\tna\tGRB2\n"
    with pytest.raises(DataError, match="violation") as caught:
        read(tmp_path, text, "x.gmt")
    assert caught.value.findings[0].code == "no-term-columns"


def test_pathways_with_their_species(tmp_path: Path) -> None:
    text = "R-BTA-73843\tPRPP biosynthesis\tBos taurus\nR-HSA-1227986\tERBB2\tHomo sapiens\n"
    found = terms(read(tmp_path, text, "ReactomePathways.txt"))
    assert found["reactome:R-HSA-1227986"] == ("ERBB2", (), ("ncbitaxon:9606",))


@pytest.mark.parametrize("second", ["<http://example.org/Thesaurus.owl#C4911>", "Gastric_Cancer"])
def test_the_flat_file_of_ncit(tmp_path: Path, second: str) -> None:
    text = (
        f"C4911\t{second}\tC3387|C9292\tGastric Carcinoma|Carcinoma of Stomach\tA def\t\t\tT\n"
        "C3387\tx\t\tNeoplasm\t\t\tRetired_Concept\tT\n"
    )
    found = read(tmp_path, text, "Thesaurus.txt")
    term = found.terms["http://purl.obolibrary.org/obo/NCIT_C4911"]
    assert (term.label, term.definition, term.deprecated) == ("Gastric Carcinoma", "A def", False)
    assert [s.text for s in term.synonyms] == ["Carcinoma of Stomach"]
    assert list(map(curie_of, term.parents)) == ["ncit:C3387", "ncit:C9292"]
    assert found.terms["http://purl.obolibrary.org/obo/NCIT_C3387"].deprecated


def test_the_table_of_oncotree(tmp_path: Path) -> None:
    text = (
        "level_1\tlevel_2\tlevel_3\tmetamaintype\tmetanci\tmetaumls\n"
        "Breast (BREAST)\tInvasive Carcinoma (BRCA)\tDuctal (mixed) (IDC)\tBC\tC4194\tC1134719\n"
        "Breast (BREAST)\tSarcoma (PBS)\t\tBS\tC5190\t\n"
    )
    found = read(tmp_path, text, "oncotree.txt")
    assert terms(found) == {
        "oncotree:BREAST": ("Breast", (), ()),
        "oncotree:BRCA": ("Invasive Carcinoma", ("oncotree:BREAST",), ()),
        "oncotree:IDC": ("Ductal (mixed)", ("oncotree:BRCA",), ()),
        "oncotree:PBS": ("Sarcoma", ("oncotree:BREAST",), ()),
    }
    references = {t.label: t.xrefs for t in found.terms.values() if t.xrefs}
    assert references == {
        "Ductal (mixed)": ("ncit:C4194", "umls:C1134719"),
        "Sarcoma": ("ncit:C5190",),
    }
    assert found.findings == ()


def test_a_header_may_stand_behind_a_comment_sign(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "# made today\n#tax_id\tGeneID\tSymbol\tLocusTag\tSynonyms\tdbXrefs\n"
        "9606\t2064\tERBB2\t-\tHER2|NEU\tMIM:164870|HGNC:HGNC:3430\n"
        "10090\t13866\tErbb2\t-\t-\t-\n",
        "x.gene_info",
    )
    assert terms(found) == {
        "ncbigene:2064": ("ERBB2", (), ("ncbitaxon:9606",)),
        "ncbigene:13866": ("Erbb2", (), ("ncbitaxon:10090",)),
    }
    human, mouse = found.terms.values()
    assert [s.text for s in human.synonyms] == ["HER2", "NEU"]
    assert (human.xrefs, human.line) == (("omim:164870", "hgnc:3430"), 3)
    assert (mouse.synonyms, mouse.xrefs) == ((), ())
    plain = read(tmp_path, "#id\tname\nMONDO:0004950\tgastric carcinoma\n")
    assert [t.label for t in plain.terms.values()] == ["gastric carcinoma"]
    assert plain.findings == ()


def test_signs_for_nothing_are_no_ids(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "concept_id\tgene_name\nNULL\tX\nNA\tY\nhgnc:3430\tERBB2\n-\tZ\n",
    )
    assert set(terms(found)) == {"hgnc:3430"}
    assert [(f.code, f.row) for f in found.findings] == [("no-id", 2), ("no-id", 3), ("no-id", 5)]


def test_synonyms_of_symbols_are_listed_with_commas(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "HGNC ID\tApproved Symbol\tSynonyms\n3430\tERBB2\tNEU, HER-2\n",
        "hgnc.txt",
    )
    (term,) = found.terms.values()
    assert [s.text for s in term.synonyms] == ["NEU", "HER-2"]


def test_ids_of_no_known_vocabulary_get_the_name_of_the_file(tmp_path: Path) -> None:
    text = "Ligand ID,Name,Type\n5082,trastuzumab,Antibody\n5060,TGF&beta;<sub>1</sub>,Peptide\n"
    found = read(tmp_path, text, "My ligands.csv")
    assert {iri: term.label for iri, term in found.terms.items()} == {
        "my-ligands:5082": "trastuzumab",
        "my-ligands:5060": "TGFβ1",
    }
    assert found.terms["my-ligands:5082"].types == ("Antibody",)
    (finding,) = found.findings
    assert (finding.code, "5082" in finding.message) == ("no-prefix", True)


@pytest.mark.parametrize(("name", "prefix"), [("go.tsv", "file-go:"), ("+++.tsv", "file-:")])
def test_the_name_of_the_file_is_never_taken_for_a_known_prefix(
    tmp_path: Path, name: str, prefix: str
) -> None:
    found = read(tmp_path, "id\tname\nx1\ta\n", name)
    assert list(found.terms) == [f"{prefix}x1"]


def test_a_column_of_codes(tmp_path: Path) -> None:
    found = read(tmp_path, "atc_code,atc_name,ddd\nL01FD01,trastuzumab,NA\n", "who.csv")
    (term,) = found.terms.values()
    assert (curie_of(term.iri), term.label) == ("atc:L01FD01", "trastuzumab")


def test_a_comment_in_quotes_and_what_a_row_is_about(tmp_path: Path) -> None:
    header = "Family id,Family name,Target id,Target name,Synonyms,HGNC id,HGNC symbol,HGNC name"
    found = read(
        tmp_path,
        f'"# Version: 2024.1"\n{header}\n'
        "320,ErbB family,1797,EGF receptor,HER1|mENA,3236,EGFR,epidermal growth factor receptor\n"
        "320,ErbB family,2019,erb-b2,,3430,ERBB2,erb-b2 receptor tyrosine kinase 2\n",
        "targets.csv",
    )
    assert found.terms["targets:1797"].label == "EGF receptor"
    assert {s.text for s in found.terms["targets:1797"].synonyms} == {"HER1", "mENA", "EGFR"}
    assert "http://identifiers.org/hgnc/3236" in found.terms
    assert not any("320" in iri for iri in found.terms)
    assert found.partial


def test_a_cell_in_quotes_may_hold_line_ends(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        'drugbank_id\tname\tdescription\nDB00001\ta\t"One.\r\rTwo, ""so"" it is.\nThree."\n'
        'DB00002\tb\t"no end\nDB00003\tc\td\n',
    )
    assert [curie_of(iri) for iri in found.terms] == [
        "drugbank:DB00001",
        "drugbank:DB00002",
        "drugbank:DB00003",
    ]
    (first, *_) = found.terms.values()
    assert first.definition == 'One.  Two, "so" it is. Three.'


def test_a_quote_that_never_ends_is_a_sign(tmp_path: Path) -> None:
    rows = "".join(f"DB{n:05}\tn{n}\td\n" for n in range(2, 300))
    found = read(tmp_path, f'drugbank_id\tname\tdescription\nDB00001\ta\t"x\n{rows}')
    assert len(found.terms) == 299


def test_no_row_is_lost_behind_those_looked_at_first(tmp_path: Path) -> None:
    rows = "".join(f"DB{n:05}\tn{n}\n" for n in range(200))
    assert len(read(tmp_path, f"drugbank_id\tname\n{rows}").terms) == 200


def test_one_property_a_row(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "subject_id\tsource_language\ttranslation_language\tpredicate_id\tsource_value\t"
        "translation_value\n"
        "HP:0000002\ten\tfr\tIAO:0000115\tDeviation.\tÉcart.\n"
        "HP:0000002\ten\tfr\trdfs:label\tAbnormality of body height\tAnomalie de la taille\n"
        "HP:0000003\ten\tfr\tex:other\tx\ty\n"
        "HP:0000004\tfr\ten\trdfs:label\tx\ty\n",
    )
    (term,) = found.terms.values()
    assert (curie_of(term.iri), term.label, term.definition) == (
        "hp:0000002",
        "Abnormality of body height",
        "Deviation.",
    )
    assert found.partial
