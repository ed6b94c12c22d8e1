"""The shipped mapping sets: well formed, complete, and true to the files that they name."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from io import StringIO
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.link.shared_terms import DATA, origins, terms
from tests.shared import missing
from tzgraph.link.graph.load import load_mapping_sets
from tzgraph.link.identifiers.curies import converter, expand
from tzgraph.link.sssom.mapping import MappingSet, SssomMapping
from tzgraph.link.sssom.reader import read_sssom, write_sssom
from tzgraph.resources import shipped

FILES = sorted((shipped("ontology") / "mappings").glob("*.sssom.tsv"))
#: Links whose identifier was seen in a page and not in one of the files.
_PAGES = "clinicaltrials"

needs_shared = missing("data")
files = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.partition(".")[0])


def _links(path: Path) -> tuple[SssomMapping, ...]:
    return read_sssom(path).mappings


@files
def test_a_shipped_set_is_as_it_would_be_written(path: Path) -> None:
    found = read_sssom(path)
    assert found.findings == ()
    assert found.mappings
    out = StringIO()
    write_sssom(found, out)
    assert out.getvalue() == path.read_text(encoding="utf-8")


@files
def test_every_link_says_what_it_rests_on(path: Path) -> None:
    slug = path.name.partition(".")[0]
    for link in _links(path):
        assert link.author_id == ("tzagent:tzgraph-curators",)
        assert link.confidence is not None
        assert link.other["checked_at"]
        assert link.object_source.startswith("tzsource:")
        assert (link.object_source_version and link.object_label) or slug in (_PAGES, "atc")
        chained = link.mapping_justification == "semapv:MappingChaining"
        assert bool(link.derived_from) is chained


@needs_shared
@files
def test_every_term_is_in_the_file_that_the_link_names(path: Path) -> None:
    """With that very label, and not obsolete there."""
    wrong = []
    for link in _links(path):
        for origin in link.other["checked_at"].split("|"):
            if origin.startswith("http") or path.name.startswith(_PAGES):
                continue
            seen = terms(origins()[origin]).get(link.object_id)
            if seen is None or seen.obsolete or seen.label != link.object_label:
                wrong.append((link.line, link.object_id, link.object_label, seen))
    assert wrong == []


@needs_shared
def test_trials_that_a_file_names_are_linked_by_it() -> None:
    origin = (
        "github:griffithlab/civic-server:"
        "public/downloads/nightly/nightly-ClinicalEvidenceSummaries.tsv"
    )
    text = (DATA / origins()[origin]).read_text(encoding="utf-8")
    links = _links(next(p for p in FILES if p.name.startswith(_PAGES)))
    named = [x.object_id.partition(":")[2] for x in links if x.other["checked_at"] == origin]
    assert sorted(named) == ["NCT01041404", "NCT02564900"]
    assert all(number in text for number in named)


def test_no_thing_is_two_terms_of_one_vocabulary_or_linked_twice() -> None:
    exact: Counter[tuple[str, str]] = Counter()
    every: Counter[tuple[str, str]] = Counter()
    for path in FILES:
        for link in _links(path):
            every[link.subject_id, link.object_id] += 1
            if link.predicate_id == "skos:exactMatch":
                exact[link.subject_id, link.object_id.partition(":")[0]] += 1
    assert [key for key, number in exact.items() if number > 1] == []
    assert [key for key, number in every.items() if number > 1] == []


def test_predicates_are_those_of_the_design() -> None:
    links = [link for path in FILES for link in _links(path)]
    kinds = {(x.subject_id.partition(":")[0], x.object_id.partition(":")[0]) for x in links}
    by_object: dict[str, set[str]] = {}
    for link in links:
        by_object.setdefault(link.object_id.partition(":")[0], set()).add(link.predicate_id)
    assert by_object["uniprot"] == {"skos:exactMatch"}
    assert by_object["atc"] == {"skos:broadMatch"}
    assert ("tzgene", "uniprot") not in kinds
    assert not {k for k in kinds if k[0] == "tztarget" and k[1] in ("hgnc", "ncbigene", "ensembl")}


def test_no_link_is_forced_where_only_something_broader_exists() -> None:
    links = [link for path in FILES for link in _links(path)]
    gastric = [x for x in links if x.subject_id == "tzdisease:her2-positive-agc"]
    assert {x.predicate_id for x in gastric} == {"skos:broadMatch"}
    assert "mondo:0005036" in {x.object_id for x in gastric}
    linked = {(x.subject_id, x.object_id) for x in links}
    traps = {
        ("tzprocess:emt", "hgnc:6171"),
        ("tzprocess:emt", "hgnc:10967"),
        ("tzcelltype:nk-cell", "drugbank:DB15721"),
        ("tztarget:her2", "chembl.target:CHEMBL2311234"),
    }
    assert linked & traps == set()
    assert ("tztarget:her2", "chembl.target:CHEMBL1824") in linked
    assert ("tzdisease:her2-positive-breast-cancer", "efo:1000294") in linked


@needs_shared
def test_chained_links_name_the_mappings_of_others_that_they_rest_on() -> None:
    """The names are those that the records have if the other sets are built beside ours."""
    sets = {
        "mondo-exactmatch-ncit": "mondo/mondo_exactmatch_ncit.sssom.tsv",
        "positive": "biomappings/positive.sssom.tsv",
    }
    derived = {name for path in FILES for link in _links(path) for name in link.derived_from}
    for start, file in sets.items():
        store = ox.Store()
        load_mapping_sets(store, {file: DATA / file}, converter(), own=False)
        wanted = [name for name in derived if name.startswith(f"tzmapping:{start}-")]
        assert wanted
        for name in wanted:
            record = ox.NamedNode(expand(name) or "")
            assert next(iter(store.quads_for_pattern(record, None, None, None)), None), name


@pytest.mark.skipif(shutil.which("sssom") is None, reason="sssom-py is not installed (390 MB)")
@files
def test_sssom_py_finds_the_set_valid(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        ["sssom", "validate", str(path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_set_without_mappings_can_be_written() -> None:
    out = StringIO()
    write_sssom(MappingSet("x", {"license": "x"}), out)
    assert out.getvalue().splitlines()[-1].split("\t")[0] == "subject_id"
