import pytest

from tzgraph.link.names.matching import Aliases, is_acronym, keys
from tzgraph.link.ontology.kinds import EntityKind

ALIASES = Aliases.of(
    {
        "erbb2": ("ERBB2", "HER2", "neu", "receptor tyrosine-protein kinase erbB-2"),
        "tgfb1": ("TGF-beta 1", "TGF-beta", "transforming growth factor beta 1", "TGFB1"),
        "emt": ("epithelial-mesenchymal transition", "EMT"),
    }
)


def shared(one: str, other: str, kind: EntityKind) -> float:
    """The weight of the best key that two names share, 0 if there is none."""
    ours, theirs = keys(one, kind, ALIASES), keys(other, None, ALIASES)
    return max((ours[k].weight * theirs[k].weight for k in ours.keys() & theirs.keys()), default=0)


@pytest.mark.parametrize(
    ("kind", "ours", "theirs"),
    [
        (EntityKind.PROTEIN, "TGF-beta 1", "TGF-β1"),
        (EntityKind.PROTEIN, "PI3K-alpha", "PI3Kα"),
        (EntityKind.PROTEIN, "IGF-1R", "IGF1R"),
        (EntityKind.PROTEIN, "HER2", "HER2 (human)"),
        (EntityKind.DISEASE, "tumours of the oesophagus", "Tumor of the Esophagus"),
        (EntityKind.DISEASE, "gastro-oesophageal cancer", "gastroesophageal cancers"),
        (EntityKind.DISEASE, "brain metastases", "brain metastasis"),
        (EntityKind.DISEASE, "gastric carcinoma", "Carcinoma, Gastric"),
        (EntityKind.DISEASE, "gastric carcinoma", "Gastric Carcinoma, NOS"),
        (EntityKind.DISEASE, "breast cancer", "Malignant Breast Neoplasm"),
        (EntityKind.DISEASE, "HER2-positive breast carcinoma", "ERBB2 Positive Breast Carcinoma"),
        (EntityKind.DISEASE, "HER2+ breast cancer", "HER2/neu-positive breast cancer"),
        (EntityKind.DISEASE, "HER2+ breast cancer", "HER-2 positive breast cancer"),
        (EntityKind.PROCESS, "ERBB2 signalling", "Signaling by ERBB2"),
        (EntityKind.PROCESS, "ERBB2 signalling", "HER2 signaling pathway"),
        (
            EntityKind.PROCESS,
            "TGF-beta signalling",
            "transforming growth factor beta receptor signaling",
        ),
        (EntityKind.PROCESS, "cell signalling", "cell signal transduction"),
        (
            EntityKind.PROCESS,
            "epithelial-mesenchymal transition",
            "epithelial to mesenchymal transition",
        ),
        (EntityKind.PROCESS, "TGF-β in EMT", "TGFB1 in epithelial-mesenchymal transition"),
        (EntityKind.CELL, "regulatory T cell", "T-Lymphocytes, Regulatory"),
        (EntityKind.CELL, "CD8-positive T cell", "CD8+ T cells"),
        (EntityKind.DRUG, "trastuzumab emtansine", "ado-trastuzumab emtansine"),
        (EntityKind.DRUG, "trastuzumab deruxtecan", "Fam-Trastuzumab Deruxtecan-nxki"),
        (EntityKind.DRUG, "trastuzumab", "trastuzumab-anns"),
        (EntityKind.DRUG, "trastuzumab", "Trastuzumab-dkst"),
        (EntityKind.DRUG, "lapatinib", "LAPATINIB DITOSYLATE"),
        (EntityKind.DRUG, "irinotecan", "Irinotecan Hydrochloride Hydrate"),
        (EntityKind.GENE, "ERBB2", "ERBB2 Gene"),
        (EntityKind.ALTERATION, "PIK3CA mutation", "PIK3CA Gene Mutation"),
        (EntityKind.BIOMARKER, "HER2-negative status", "HER2-negative"),
        (EntityKind.DISEASE, "gastroesophageal cancer", "Oesophagogastric cancer"),
        (EntityKind.DISEASE, "digestive system cancer", "Malignant neoplasms of digestive organs"),
        (EntityKind.PROCESS, "fatty acid synthesis", "fatty acid biosynthetic process"),
        (EntityKind.PROCESS, "fatty acid synthesis", "fatty acid biosynthetic pathway"),
        (EntityKind.PROCESS, "dependent cellular cytotoxicity", "Dependent Cell Cytotoxicity"),
        (EntityKind.DRUG, "phosphatidylinositol 3-kinase drug", "Phosphoinositide-3 Kinase Drugs"),
        (EntityKind.DRUG, "lipase inhibitor", "EC 3.1.1.3 (lipase) inhibitor"),
    ],
)  # fmt: skip
def test_names_of_one_thing_share_a_key(kind: EntityKind, ours: str, theirs: str) -> None:
    assert shared(ours, theirs, kind) > 0.75


@pytest.mark.parametrize(
    ("kind", "ours", "theirs"),
    [
        (
            EntityKind.PROCESS,
            "epithelial-mesenchymal transition",
            "mesenchymal to epithelial transition",
        ),
        (EntityKind.PROCESS, "ERBB2 signalling", "Signaling by ERBB4"),
        (EntityKind.DRUG, "trastuzumab", "trastuzumab emtansine"),
        (EntityKind.DRUG, "tegafur", "tegafur-uracil"),
        (EntityKind.DISEASE, "gastric carcinoma", "gastric cancer"),
        (EntityKind.GENE, "ERBB2", "ERBB3"),
        (EntityKind.DISEASE, "HER2-positive breast cancer", "HER2-negative breast cancer"),
    ],
)
def test_names_of_different_things_share_none(kind: EntityKind, ours: str, theirs: str) -> None:
    assert shared(ours, theirs, kind) == 0


def test_the_less_was_changed_the_more_a_key_weighs() -> None:
    same = shared("lapatinib", "Lapatinib", EntityKind.DRUG)
    prefix = shared("trastuzumab emtansine", "ado-trastuzumab emtansine", EntityKind.DRUG)
    salt = shared("lapatinib", "lapatinib ditosylate", EntityKind.DRUG)
    assert same == 1 > prefix > salt


def test_a_suffix_is_left_out_only_behind_a_stem_of_biologicals() -> None:
    assert "trastuzumab" in keys("trastuzumab-qyyp", EntityKind.DRUG)
    assert "vitamin" not in keys("vitamin-free", EntityKind.DRUG)


def test_a_name_of_two_molecules_is_no_alias() -> None:
    aliases = Aliases.of({"a": ("CAF", "one"), "b": ("CAF", "two")})
    assert aliases.apply(("caf", "cell")) == ("caf", "cell")
    assert aliases.apply(("one", "cell")) != ("one", "cell")


def test_words_are_no_acronyms() -> None:
    assert [is_acronym(n) for n in ("EMT", "S-1", "MDSC", "angiogenesis", "Perjeta")] == [
        True, True, True, False, False,
    ]  # fmt: skip
