"""What names name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.names.graph import CURIES, resolver_of, store_of
from tzgraph.names.index import LONGEST_NAME, NameIndex
from tzgraph.names.resolver import MOST_HITS, MatchedBy, NameResolver


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> NameResolver:
    return resolver_of(store_of(), tmp_path_factory.mktemp("names"))


def found(names: NameResolver, text: str) -> list[tuple[str, str]]:
    return [(CURIES.compact(hit.iri), hit.by.value) for hit in names.search(text)]


@pytest.mark.parametrize(
    ("text", "thing", "by"),
    [
        ("https://w3id.org/tzgraph/id/drug/trastuzumab", "tzdrug:trastuzumab", "iri"),
        ("<https://w3id.org/tzgraph/id/drug/trastuzumab>", "tzdrug:trastuzumab", "iri"),
        ("tzdrug:trastuzumab", "tzdrug:trastuzumab", "iri"),
        ("TZDRUG:trastuzumab", "tzdrug:trastuzumab", "iri"),
        ("tzdrug:Trastuzumab", "tzdrug:trastuzumab", "iri"),
        ("drug/trastuzumab", "tzdrug:trastuzumab", "iri"),
        ("trastuzumab", "tzdrug:trastuzumab", "label"),
        ("  TRASTUZUMAB ", "tzdrug:trastuzumab", "label"),
        ("herceptin®", "tzdrug:trastuzumab", "synonym"),
        ("Herceptin™", "tzdrug:trastuzumab", "synonym"),
        ("ＨＥＲＣＥＰＴＩＮ", "tzdrug:trastuzumab", "synonym"),  # noqa: RUF001 - full width
        ("Hercéptin", "tzdrug:trastuzumab", "synonym"),
        ("herceptn", "tzdrug:trastuzumab", "spelling"),
        ("trastuzumab\u2011deruxtecan", "tzdrug:t-dxd", "label"),
        ("trastuzumabderuxtecan", "tzdrug:t-dxd", "label"),
        ("trastuzimab deruxtecn", "tzdrug:t-dxd", "spelling"),
        ("trastuzumab deruxt", "tzdrug:t-dxd", "words"),
        ("deruxtecan", "tzdrug:t-dxd", "words"),
        ("enhertu", "tzdrug:t-dxd", "synonym"),
        ("TDXD", "tzdrug:t-dxd", "synonym"),
        ("T\u2011DXd", "tzdrug:t-dxd", "synonym"),
        ("trastuzumab deruxtecan (Enhertu)", "tzdrug:t-dxd", "label"),
        ("t-dxd", "tzdrug:t-dxd", "synonym"),
        ("HER-2/neu", "tztarget:her2", "label"),
        ("HER2", "tztarget:her2", "label"),
        ("TGF-beta 1", "tztarget:tgfb1", "label"),
        ("TGFβ1", "tztarget:tgfb1", "label"),
        ("nct01041404", "tztrial:toga", "identifier"),
        ("NCT id: NCT01041404", "tztrial:toga", "identifier"),
        ("P04626", "tztarget:her2", "same elsewhere"),
        ("UniProtKB:P04626", "tztarget:her2", "same elsewhere"),
        ("http://purl.uniprot.org/uniprot/P04626", "tztarget:her2", "same elsewhere"),
        ("L01FD01", "tzdrug:trastuzumab", "like it elsewhere"),
        ("tz:targets", "tz:targets", "iri"),
        ("曲妥珠单抗", "ex:odd", "label"),
        ('odd one "x" <b>', "ex:odd", "label"),
    ],
)
def test_finds_first(names: NameResolver, text: str, thing: str, by: str) -> None:
    assert found(names, text)[0] == (thing, by)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\0",
        "?",
        "-",
        "nameless",
        "carboplatin",
        "cetuximab",
        "pertuzumab",
        "apatinib",
        "oxaliplatin",
        "cisplatin-x",
        "Erbb3",
        "TGF-β2",
        "PIK3CA",
        "trastuzumab duocarmazine",
        "NCT01041405",
        "P04627",
        "HER-2/xyz",
        "tzdrug:nothing",
        "nothing:at-all",
        "drug/nothing",
        "http://[",
        "\ud800",
        "her2\thttp://www.w3.org/2000/01/rdf-schema#label",
        "https://her2\nn",
    ],
)
def test_unknown_is_unknown(names: NameResolver, text: str) -> None:
    assert found(names, text) == []


def test_two_things_share_a_name(names: NameResolver) -> None:
    assert found(names, "erbb2")[:2] == [("tzgene:erbb2", "label"), ("tztarget:her2", "synonym")]
    assert [hit.label for hit in names.named("HER2")] == ["HER2", "ERBB2"]


def test_a_hit_says_what_matched(names: NameResolver) -> None:
    hit = names.search("l01fd01")[0]
    assert (hit.matched, hit.kind, hit.label) == ("atc:L01FD01", "drug", "trastuzumab")
    assert not hit.by.names
    assert list(hit.as_dict()) == ["iri", "label", "kind", "matched", "by", "score"]


def test_words_of_long_names_come_behind_the_name_itself(names: NameResolver) -> None:
    hits = names.search("trastuzumab")
    assert [hit.by for hit in hits] == [MatchedBy.LABEL, MatchedBy.WORDS]
    assert hits[0].score > hits[1].score


def test_hits_are_limited(names: NameResolver) -> None:
    assert len(names.search("trastuzumab", 1)) == 1
    assert len(names.search("t", MOST_HITS + 1)) <= MOST_HITS


def test_long_texts_are_cut(names: NameResolver) -> None:
    assert names.search("x" * 1_000_000) == []
    cut = "trastuzumab" + " " * LONGEST_NAME + "nothing"
    assert found(names, cut)[0] == ("tzdrug:trastuzumab", "label")


def test_kinds(names: NameResolver) -> None:
    kinds = {text: names.search(text)[0].kind for text in ("tz:targets", "tz:Drug", "ex:odd")}
    assert kinds == {"tz:targets": "property", "tz:Drug": "class", "ex:odd": "drug"}


def test_suggestions_for_an_iri_come_from_labels(names: NameResolver) -> None:
    target = names.near_iri("https://w3id.org/tzgraph/ontology#target")
    assert [hit.label for hit in target] == ["targets"]
    slip = names.near_iri("https://w3id.org/tzgraph/id/drug/trastuzumb")
    assert [hit.label for hit in slip] == ["trastuzumab"]
    assert names.near_iri("https://w3id.org/tzgraph/id/drug/T-dxx") == []
    assert names.near_iri("https://w3id.org/tzgraph/id/drug/Herceptin") != []


def test_an_empty_index() -> None:
    names = NameResolver(NameIndex(b""), CURIES)
    assert names.search("trastuzumab") == []


def test_the_same_graph_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        resolver_of(store_of(), tmp_path / name)
    a, b = ((tmp_path / name / "names.tsv").read_bytes() for name in ("a", "b"))
    assert a == b
    assert a.count(b"\n") == len(set(a.splitlines()))
    assert all(line.split(b"\t")[0] in b"bfinw" for line in a.splitlines())
