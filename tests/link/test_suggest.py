from pathlib import Path

import pytest

from tests.link.small import mapping, obo, sets, thing
from tzgraph.link.graph.things import Thing
from tzgraph.link.ontology.kinds import EntityKind
from tzgraph.link.ontology.model import Ontology
from tzgraph.link.sssom.reader import MappingSet, read_sssom
from tzgraph.link.suggest import Suggestion, SuggestOptions, suggest_links
from tzgraph.link.suggest.output import as_sssom

EMT = thing("tzprocess:emt", EntityKind.PROCESS, "epithelial-mesenchymal transition", "EMT")
ADCC = thing(
    "tzprocess:adcc", EntityKind.PROCESS, "antibody-dependent cellular cytotoxicity", "ADCC"
)
GENE = thing("tzgene:erbb2", EntityKind.GENE, "ERBB2", "HER2", "NEU")
TARGET = thing("tztarget:her2", EntityKind.PROTEIN, "HER2", "ErbB2", "neu", symbol="ERBB2")
PATHWAY = thing("tzpathway:erbb2-signalling", EntityKind.PROCESS, "ERBB2 signalling")
DRUG = thing("tzdrug:trastuzumab", EntityKind.DRUG, "trastuzumab", "Herceptin")
BREAST = thing(
    "tzdisease:her2-positive-breast-cancer",
    EntityKind.DISEASE,
    "HER2-positive breast carcinoma",
    exact=["mondo:0006244"],
)


def suggest(
    things: list[Thing],
    *ontologies: Ontology,
    sets: tuple[MappingSet, ...] = (),
    min_score: float = 0.75,
    linked: bool = False,
) -> list[Suggestion]:
    return suggest_links(things, ontologies, sets, SuggestOptions(min_score, linked))


def pairs(found: list[Suggestion]) -> list[tuple[str, str, str]]:
    return [(s.subject_id, s.predicate_id, s.object_id) for s in found]


def test_a_process_is_linked_to_no_gene_of_that_alias(tmp_path: Path) -> None:
    genes = obo(
        tmp_path,
        'id: hgnc:6171|name: ITK|synonym: "EMT" EXACT []',
        'id: hgnc:10967|name: SLC22A3|synonym: "EMT" EXACT []',
        'id: NEW:1|name: EMT|def: "A gene that encodes something." []',
    )
    assert suggest([EMT], genes, min_score=0) == []


def test_a_process_is_linked_to_no_disease_of_that_synonym(tmp_path: Path) -> None:
    diseases = obo(
        tmp_path, 'id: MONDO:0011429|name: hereditary carcinoma|synonym: "ADCC" EXACT []'
    )
    assert suggest([ADCC], diseases, min_score=0) == []


def test_an_acronym_alone_is_not_enough(tmp_path: Path) -> None:
    other = obo(tmp_path, 'id: GO:0000001|name: something else|synonym: "ADCC" EXACT []')
    assert suggest([ADCC], other) == []
    (found,) = suggest([ADCC], other, min_score=0.3)
    assert "an acronym may stand for many things" in found.reasons[0]


def test_of_several_species_only_that_of_ours(tmp_path: Path) -> None:
    targets = obo(
        tmp_path,
        "id: chembl.target:CHEMBL1824|name: HER2|relationship: RO:0002162 NCBITaxon:9606",
        "id: chembl.target:CHEMBL5465552|name: HER2|relationship: RO:0002162 NCBITaxon:10090",
        "id: chembl.target:CHEMBL3848|name: HER2|relationship: RO:0002162 NCBITaxon:10116",
        "id: reactome:R-HSA-1227986|name: Signaling by ERBB2",
        "id: reactome:R-MMU-1227986|name: Signaling by ERBB2",
    )
    assert pairs(suggest([GENE, TARGET, PATHWAY], targets)) == [
        ("tzpathway:erbb2-signalling", "skos:exactMatch", "reactome:R-HSA-1227986"),
        ("tztarget:her2", "skos:exactMatch", "chembl.target:CHEMBL1824"),
    ]


def test_terms_that_can_not_be_told_apart_are_scored_down(tmp_path: Path) -> None:
    twins = obo(
        tmp_path, "id: drugbank:DB1|name: trastuzumab", "id: drugbank:DB2|name: Trastuzumab"
    )
    assert suggest([DRUG], twins) == []
    found = suggest([DRUG], twins, min_score=0.5)
    assert {s.object_id for s in found} == {"drugbank:DB1", "drugbank:DB2"}
    assert "as good a match: drugbank:DB2" in found[0].notes


def test_a_label_beats_a_synonym(tmp_path: Path) -> None:
    genes = obo(
        tmp_path, "id: hgnc:3430|name: ERBB2", 'id: hgnc:1|name: XY|synonym: "NEU" EXACT []'
    )
    assert pairs(suggest([GENE], genes)) == [("tzgene:erbb2", "skos:exactMatch", "hgnc:3430")]


def test_an_obsolete_term_is_never_suggested_but_its_replacement(tmp_path: Path) -> None:
    bare = thing("tzdisease:x", EntityKind.DISEASE, *BREAST.names)
    efo = obo(
        tmp_path,
        "id: EFO:1000294|name: obsolete HER2 Positive Breast Carcinoma|is_obsolete: true"
        "|replaced_by: MONDO:0006244",
    )
    (found,) = suggest([bare], efo)
    assert found.object_id == "mondo:0006244"
    assert found.notes == ("replaces the obsolete efo:1000294",)
    lone = obo(tmp_path, "id: EFO:1|name: HER2 Positive Breast Carcinoma|is_obsolete: true")
    assert suggest([bare], lone, min_score=0) == []


def test_a_newer_file_makes_a_term_of_an_older_one_obsolete(tmp_path: Path) -> None:
    bare = thing("tzdisease:x", EntityKind.DISEASE, *BREAST.names)
    old = obo(tmp_path, "id: EFO:1000294|name: HER2 Positive Breast Carcinoma", name="old.obo")
    new = obo(
        tmp_path,
        "id: EFO:1000294|name: obsolete HER2 Positive Breast Carcinoma|is_obsolete: true"
        "|replaced_by: EFO:2",
        "id: EFO:2|name: HER2-positive breast carcinoma",
        name="new.obo",
    )
    for files in ((old, new), (new, old)):
        assert {s.object_id for s in suggest([bare], *files, min_score=0)} == {"efo:2"}


def test_replacements_in_a_circle_end(tmp_path: Path) -> None:
    circle = obo(
        tmp_path,
        "id: EFO:1|name: trastuzumab|is_obsolete: true|replaced_by: EFO:2",
        "id: EFO:2|name: trastuzumab|is_obsolete: true|replaced_by: EFO:1",
    )
    assert suggest([DRUG], circle, min_score=0) == []


def test_a_shared_identifier_is_a_reason(tmp_path: Path) -> None:
    linked = thing("tzgene:erbb2", EntityKind.GENE, "ERBB2", exact=["ncbigene:2064"])
    other = obo(tmp_path, "id: civic.gid:20|name: something|xref: NCBIGene:2064")
    (found,) = suggest([linked], other)
    assert found.object_id == "civic.gid:20"
    assert found.justification == "semapv:BackgroundKnowledgeBasedMatching"
    assert found.derived_from == ("ncbigene:2064",)
    # A protein's identifier on a gene is about what the gene encodes.
    protein = thing("tztarget:her2", EntityKind.PROTEIN, "HER2", exact=["ncbigene:2064"])
    assert suggest([protein], other) == []


def test_mappings_are_chained(tmp_path: Path) -> None:
    ncit = obo(tmp_path, "id: NCIT:C53556|name: another name|is_a: NCIT:C2991")
    mondo = sets(mapping("mondo:0006244", "doid:0060079"), mapping("doid:0060079", "ncit:C53556"))
    found = suggest([BREAST], ncit, sets=(mondo,))
    assert [s.object_id for s in found] == ["doid:0060079", "ncit:C53556"]
    chained = found[1]
    assert chained.justification == "semapv:MappingChaining"
    assert chained.derived_from == ("mondo:0006244", "doid:0060079")
    assert "mondo:0006244 = doid:0060079 (other.sssom.tsv)" in chained.reasons[0]
    assert "no file tells whether the term exists and is in use" in found[0].notes
    assert 0.75 < found[0].score < 0.95


def test_a_denied_mapping_is_not_chained() -> None:
    mondo = sets(
        mapping("mondo:0006244", "doid:1"), mapping("mondo:0006244", "doid:1", modifier="Not")
    )
    assert suggest([BREAST], sets=(mondo,), min_score=0) == []


def test_a_thing_with_a_link_is_left_alone_unless_asked(tmp_path: Path) -> None:
    mondo = obo(tmp_path, "id: MONDO:0006244|name: HER2 positive breast carcinoma")
    assert suggest([BREAST], mondo, min_score=0) == []
    assert len(suggest([BREAST], mondo, linked=True)) == 1


def test_only_a_broader_term_is_never_an_exact_match(tmp_path: Path) -> None:
    gastric = thing("tzdisease:gc", EntityKind.DISEASE, "gastric carcinoma")
    positive = thing(
        "tzdisease:her2-gc",
        EntityKind.DISEASE,
        "HER2-positive gastric carcinoma",
        broader=["tzdisease:gc"],
    )
    mondo = obo(tmp_path, "id: MONDO:0004950|name: gastric carcinoma")
    assert pairs(suggest([gastric, positive], mondo)) == [
        ("tzdisease:gc", "skos:exactMatch", "mondo:0004950"),
        ("tzdisease:her2-gc", "skos:broadMatch", "mondo:0004950"),
    ]
    by_name = suggest([positive], mondo)
    assert pairs(by_name) == [("tzdisease:her2-gc", "skos:broadMatch", "mondo:0004950")]
    assert by_name[0].score < 0.9
    (guessed,) = suggest(
        [thing("tzdisease:dgc", EntityKind.DISEASE, "diffuse gastric carcinoma")], mondo
    )
    assert guessed.score < 0.8


def test_a_wider_kind_of_tumour_is_broader(tmp_path: Path) -> None:
    gastric = thing("tzdisease:gc", EntityKind.DISEASE, "gastric cancer")
    positive = thing(
        "tzdisease:h", EntityKind.DISEASE, "HER2+ disease of a kind", broader=["tzdisease:gc"]
    )
    both = obo(
        tmp_path, "id: MESH:D013274|name: Gastric Neoplasms", "id: XA:1|name: Gastric Tumor, NOS"
    )
    assert pairs(suggest([gastric, positive], both)) == [
        ("tzdisease:gc", "skos:broadMatch", "mesh:D013274"),
        ("tzdisease:h", "skos:broadMatch", "mesh:D013274"),
    ]
    nearer = obo(tmp_path, "id: DOID:1|name: gastric neoplasm", "id: DOID:2|name: gastric cancer")
    assert pairs(suggest([gastric], nearer)) == [("tzdisease:gc", "skos:exactMatch", "doid:2")]


def test_a_synonym_is_no_wider_kind(tmp_path: Path) -> None:
    metastasis = thing("tzdisease:bm", EntityKind.DISEASE, "brain metastasis")
    assert not suggest(
        [metastasis], obo(tmp_path, 'id: DOID:1|name: brain cancer|synonym: "brain tumor" EXACT []')
    )
    assert suggest([metastasis], obo(tmp_path, "id: DOID:2|name: brain tumor"))


@pytest.mark.parametrize("word", ["metastatic", "secondary"])
def test_what_has_spread_into_a_place_is_no_cancer_of_it(tmp_path: Path, word: str) -> None:
    spread = thing("tzdisease:bm", EntityKind.DISEASE, f"{word} malignant neoplasm in the brain")
    assert not suggest([spread], obo(tmp_path, "id: ICD10:C71|name: Malignant neoplasm in brain"))


def test_a_term_and_one_above_it_of_the_same_label_are_both_right(tmp_path: Path) -> None:
    breast = thing("tzdisease:bc", EntityKind.DISEASE, "breast cancer")
    block = "id: ICD10:C50-C50|name: Malignant neoplasm of breast"
    category = "id: ICD10:C50|name: Malignant neoplasm of breast"
    assert len(suggest([breast], obo(tmp_path, block, f"{category}|is_a: ICD10:C50-C50"))) == 2
    assert not suggest([breast], obo(tmp_path, block, category))


def test_a_name_less_its_tail_is_broader(tmp_path: Path) -> None:
    axis = thing("tzdrugclass:a", EntityKind.DRUG, "immune checkpoint inhibitors of the PD-1 axis")
    drugs = obo(tmp_path, "id: CHEBI:1|name: immune checkpoint inhibitor")
    assert pairs(suggest([axis], drugs)) == [("tzdrugclass:a", "skos:broadMatch", "chebi:1")]


def test_what_stops_a_synthase_stops_the_synthesis(tmp_path: Path) -> None:
    fasn = thing("tzdrugclass:f", EntityKind.DRUG, "fatty acid synthase inhibitors")
    broader = "id: CHEBI:1|name: fatty acid synthesis inhibitor"
    assert pairs(suggest([fasn], obo(tmp_path, broader))) == [
        ("tzdrugclass:f", "skos:broadMatch", "chebi:1")
    ]
    role = "id: CHEBI:2|name: EC 2.3.1.85 (fatty acid synthase) inhibitor"
    assert pairs(suggest([fasn], obo(tmp_path, broader, role))) == [
        ("tzdrugclass:f", "skos:exactMatch", "chebi:2")
    ]


def test_what_binds_to_a_receptor_is_not_the_receptor(tmp_path: Path) -> None:
    ligand = thing("tztarget:egf", EntityKind.PROTEIN, "EGF", "epidermal growth factor")
    receptor = thing("tztarget:her2", EntityKind.PROTEIN, "ErbB-2", "receptor kinase ErbB-2")
    found = obo(tmp_path, "id: XA:1|name: EGF receptor", "id: XA:2|name: Receptor, ErbB-2")
    assert [s[0] for s in pairs(suggest([ligand, receptor], found, min_score=0.6))] == [
        "tztarget:her2"
    ]


def test_a_salt_is_narrower_and_beaten_by_the_drug_itself(tmp_path: Path) -> None:
    lapatinib = thing("tzdrug:lapatinib", EntityKind.DRUG, "lapatinib")
    salt = "id: chembl.compound:CHEMBL1201179|name: LAPATINIB DITOSYLATE"
    (only,) = suggest([lapatinib], obo(tmp_path, salt))
    assert only.predicate_id == "skos:narrowMatch"
    both = obo(tmp_path, salt, "id: chembl.compound:CHEMBL554|name: LAPATINIB")
    assert pairs(suggest([lapatinib], both)) == [
        ("tzdrug:lapatinib", "skos:exactMatch", "chembl.compound:CHEMBL554")
    ]


def test_a_code_of_a_classification_is_broader(tmp_path: Path) -> None:
    atc = obo(tmp_path, "id: atc:L01FD01|name: trastuzumab")
    assert pairs(suggest([DRUG], atc)) == [("tzdrug:trastuzumab", "skos:broadMatch", "atc:L01FD01")]


@pytest.mark.parametrize(
    ("scope", "predicate"), [("BROAD", "skos:narrowMatch"), ("NARROW", "skos:broadMatch")]
)
def test_the_scope_of_a_synonym_makes_the_predicate(
    tmp_path: Path, scope: str, predicate: str
) -> None:
    terms = obo(tmp_path, f'id: GO:0000001|name: abc|synonym: "ERBB2 signaling" {scope} []')
    (found,) = suggest([PATHWAY], terms, min_score=0.5)
    assert found.predicate_id == predicate


def test_a_trial_is_not_what_its_acronym_means(tmp_path: Path) -> None:
    trial = thing("tztrial:logic", EntityKind.TRIAL, "LOGiC")
    assert suggest([trial], obo(tmp_path, "id: MESH:D008128|name: Logic"), min_score=0) == []


def test_the_order_of_files_and_things_does_not_matter(tmp_path: Path) -> None:
    one = obo(tmp_path, "id: hgnc:3430|name: ERBB2", name="one.obo")
    two = obo(tmp_path, "id: drugbank:DB00072|name: Trastuzumab", name="two.obo")
    forth = suggest([GENE, DRUG], one, two)
    back = suggest([DRUG, GENE], two, one)
    assert forth == back
    assert len(forth) == 2


def test_vocabularies_without_a_prefix_are_kept_apart_and_get_one(tmp_path: Path) -> None:
    one = obo(tmp_path, "id: XA:1|name: trastuzumab", name="one.obo")
    two = obo(tmp_path, "id: XB:1|name: trastuzumab", name="two.obo")
    found = suggest([DRUG], one, two)
    assert len(found) == 2
    path = tmp_path / "review.sssom.tsv"
    path.write_text(as_sssom(found) + "\n", encoding="utf-8")
    back = read_sssom(path)
    assert not back.findings
    assert {m.object_id for m in back.mappings} == {"XA:1", "XB:1"}


def test_genes_and_proteins_of_all_species_are_broader(tmp_path: Path) -> None:
    found = obo(
        tmp_path,
        "id: PR:000002082|name: HER2",
        "id: PR:P04626|name: HER2|relationship: RO:0002160 NCBITaxon:9606",
    )
    assert pairs(suggest([TARGET], found, min_score=0.6)) == [
        ("tztarget:her2", "skos:broadMatch", "pr:000002082"),
        ("tztarget:her2", "skos:exactMatch", "pr:P04626"),
    ]
    mesh = obo(
        tmp_path, "id: MESH:D018734|name: Genes, ERBB2", "id: MESH:D000068878|name: Trastuzumab"
    )
    assert pairs(suggest([GENE, DRUG], mesh)) == [
        ("tzdrug:trastuzumab", "skos:exactMatch", "mesh:D000068878"),
        ("tzgene:erbb2", "skos:broadMatch", "mesh:D018734"),
    ]


def test_one_of_two_alternatives_is_not_broader_than_both(tmp_path: Path) -> None:
    either = thing(
        "tzdrugclass:pd1-pdl1", EntityKind.DRUG, "PD-1 or PD-L1 immune checkpoint inhibitors"
    )
    cancers = thing(
        "tzdisease:x", EntityKind.DISEASE, "gastric and gastroesophageal junction adenocarcinoma"
    )
    found = obo(
        tmp_path,
        "id: NEW:1|name: PD-L1 immune checkpoint inhibitor",
        "id: NEW:2|name: gastroesophageal junction adenocarcinoma",
    )
    assert suggest([either, cancers], found, min_score=0.3) == []
