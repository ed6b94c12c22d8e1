import pytest

from tzgraph.link.names.matching import Aliases, is_acronym, keys
from tzgraph.link.ontology.kinds import Kind

ALIASES = Aliases.of(
    {
        "erbb2": ("ERBB2", "HER2", "neu", "receptor tyrosine-protein kinase erbB-2"),
        "tgfb1": ("TGF-beta 1", "TGF-beta", "transforming growth factor beta 1", "TGFB1"),
        "emt": ("epithelial-mesenchymal transition", "EMT"),
    }
)


def shared(one: str, other: str, kind: Kind) -> float:
    """The weight of the best key that two names share, 0 if there is none."""
    ours, theirs = keys(one, kind, ALIASES), keys(other, None, ALIASES)
    return max((ours[k].weight * theirs[k].weight for k in ours.keys() & theirs.keys()), default=0)


@pytest.mark.parametrize(
    ("kind", "ours", "theirs"),
    [
        (Kind.PROTEIN, "TGF-beta 1", "TGF-β1"),
        (Kind.PROTEIN, "PI3K-alpha", "PI3Kα"),
        (Kind.PROTEIN, "IGF-1R", "IGF1R"),
        (Kind.PROTEIN, "HER2", "HER2 (human)"),
        (Kind.DISEASE, "tumours of the oesophagus", "Tumor of the Esophagus"),
        (Kind.DISEASE, "gastro-oesophageal cancer", "gastroesophageal cancers"),
        (Kind.DISEASE, "brain metastases", "brain metastasis"),
        (Kind.DISEASE, "gastric carcinoma", "Carcinoma, Gastric"),
        (Kind.DISEASE, "gastric carcinoma", "Gastric Carcinoma, NOS"),
        (Kind.DISEASE, "breast cancer", "Malignant Breast Neoplasm"),
        (Kind.DISEASE, "HER2-positive breast carcinoma", "ERBB2 Positive Breast Carcinoma"),
        (Kind.DISEASE, "HER2+ breast cancer", "HER2/neu-positive breast cancer"),
        (Kind.DISEASE, "HER2+ breast cancer", "HER-2 positive breast cancer"),
        (Kind.PROCESS, "ERBB2 signalling", "Signaling by ERBB2"),
        (Kind.PROCESS, "ERBB2 signalling", "HER2 signaling pathway"),
        (Kind.PROCESS, "TGF-beta signalling", "transforming growth factor beta receptor signaling"),
        (Kind.PROCESS, "cell signalling", "cell signal transduction"),
        (Kind.PROCESS, "epithelial-mesenchymal transition", "epithelial to mesenchymal transition"),
        (Kind.PROCESS, "TGF-β in EMT", "TGFB1 in epithelial-mesenchymal transition"),
        (Kind.CELL, "regulatory T cell", "T-Lymphocytes, Regulatory"),
        (Kind.CELL, "CD8-positive T cell", "CD8+ T cells"),
        (Kind.DRUG, "trastuzumab emtansine", "ado-trastuzumab emtansine"),
        (Kind.DRUG, "trastuzumab deruxtecan", "Fam-Trastuzumab Deruxtecan-nxki"),
        (Kind.DRUG, "trastuzumab", "trastuzumab-anns"),
        (Kind.DRUG, "trastuzumab", "Trastuzumab-dkst"),
        (Kind.DRUG, "lapatinib", "LAPATINIB DITOSYLATE"),
        (Kind.DRUG, "irinotecan", "Irinotecan Hydrochloride Hydrate"),
        (Kind.GENE, "ERBB2", "ERBB2 Gene"),
        (Kind.ALTERATION, "PIK3CA mutation", "PIK3CA Gene Mutation"),
        (Kind.BIOMARKER, "HER2-negative status", "HER2-negative"),
        (Kind.DISEASE, "gastroesophageal cancer", "Oesophagogastric cancer"),
        (Kind.DISEASE, "digestive system cancer", "Malignant neoplasms of digestive organs"),
        (Kind.PROCESS, "fatty acid synthesis", "fatty acid biosynthetic process"),
        (Kind.PROCESS, "fatty acid synthesis", "fatty acid biosynthetic pathway"),
        (Kind.PROCESS, "dependent cellular cytotoxicity", "Dependent Cell Cytotoxicity"),
        (Kind.DRUG, "phosphatidylinositol 3-kinase drug", "Phosphoinositide-3 Kinase Drugs"),
        (Kind.DRUG, "lipase inhibitor", "EC 3.1.1.3 (lipase) inhibitor"),
    ],
)  # fmt: skip
def test_names_of_one_thing_share_a_key(kind: Kind, ours: str, theirs: str) -> None:
    assert shared(ours, theirs, kind) > 0.75


@pytest.mark.parametrize(
    ("kind", "ours", "theirs"),
    [
        (Kind.PROCESS, "epithelial-mesenchymal transition", "mesenchymal to epithelial transition"),
        (Kind.PROCESS, "ERBB2 signalling", "Signaling by ERBB4"),
        (Kind.DRUG, "trastuzumab", "trastuzumab emtansine"),
        (Kind.DRUG, "tegafur", "tegafur-uracil"),
        (Kind.DISEASE, "gastric carcinoma", "gastric cancer"),
        (Kind.GENE, "ERBB2", "ERBB3"),
        (Kind.DISEASE, "HER2-positive breast cancer", "HER2-negative breast cancer"),
    ],
)
def test_names_of_different_things_share_none(kind: Kind, ours: str, theirs: str) -> None:
    assert shared(ours, theirs, kind) == 0


def test_the_less_was_changed_the_more_a_key_weighs() -> None:
    same = shared("lapatinib", "Lapatinib", Kind.DRUG)
    prefix = shared("trastuzumab emtansine", "ado-trastuzumab emtansine", Kind.DRUG)
    salt = shared("lapatinib", "lapatinib ditosylate", Kind.DRUG)
    assert same == 1 > prefix > salt


def test_a_suffix_is_left_out_only_behind_a_stem_of_biologicals() -> None:
    assert "trastuzumab" in keys("trastuzumab-qyyp", Kind.DRUG)
    assert "vitamin" not in keys("vitamin-free", Kind.DRUG)


def test_a_name_of_two_molecules_is_no_alias() -> None:
    aliases = Aliases.of({"a": ("CAF", "one"), "b": ("CAF", "two")})
    assert aliases.apply(("caf", "cell")) == ("caf", "cell")
    assert aliases.apply(("one", "cell")) != ("one", "cell")


def test_words_are_no_acronyms() -> None:
    assert [is_acronym(n) for n in ("EMT", "S-1", "MDSC", "angiogenesis", "Perjeta")] == [
        True, True, True, False, False,
    ]  # fmt: skip
