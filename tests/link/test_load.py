"""Mapping sets in a build: links, records, provenance, and findings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

import tzgraph
from tests.read.tables import Workshop
from tzgraph.errors import DataError
from tzgraph.link.graph.load import other_graph
from tzgraph.release import build_release
from tzgraph.vocabulary import ID, OWL, SKOS, Graphs

_HEAD = (
    "#object_source_version: '3'\n"
    "subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification\tconfidence"
)
_MAPPINGS = ox.NamedNode(Graphs.MAPPINGS)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop.at(tmp_path / "workshop")
    made.table("gears.tsv", "tz:Gear\trdfs:label\tsource", "g1\tSmall gear\tdesk")
    made.widgets(["tz:weight", "tz:drives"], ["w", "5", "g1"])
    return made


def _map(workshop: Workshop, *rows: str, name: str = "ours") -> Path:
    folder = workshop.options.ontology / "mappings"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.sssom.tsv"
    path.write_text("\n".join([_HEAD, *rows, ""]), encoding="utf-8")
    return path


def _row(object_id: str, predicate: str = "skos:exactMatch", subject: str = "tzgear:g1") -> str:
    manual = "semapv:ManualMappingCuration"
    return f"{subject}\t{predicate}\t{object_id}\tA term\t{manual}\t0.9"


def _links(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> set[tuple[str, str]]:
    return {
        (q.predicate.value.removeprefix(SKOS), str(q.object)[1:-1])
        for q in store.quads_for_pattern(ox.NamedNode(ID + "gear/g1"), None, None, graph)
        if q.predicate.value.startswith(SKOS)
    }


def test_a_link_is_stated_and_has_a_record(workshop: Workshop) -> None:
    _map(workshop, _row("mondo:0006244"))
    store = build_release(workshop.root / "build", workshop.options).store()
    link = {("exactMatch", "http://purl.obolibrary.org/obo/MONDO_0006244")}
    assert _links(store, _MAPPINGS) == _links(store, ox.DefaultGraph()) == link
    record = ox.NamedNode(ID + "mapping/gear-g1-exact-mondo-0006244")
    told = {
        q.predicate.value.rsplit("/", 1)[-1].rsplit("#", 1)[-1]: q.object
        for q in store.quads_for_pattern(record, None, None, _MAPPINGS)
    }
    assert told["object_label"] == ox.Literal("A term")
    assert told["object_source_version"] == ox.Literal("3")
    assert float(told["confidence"].value) == 0.9  # type: ignore[union-attr]
    assert told["annotatedSource"] == ox.NamedNode(ID + "gear/g1")
    assert not list(store.quads_for_pattern(record, None, None, ox.DefaultGraph()))
    nodes = (q.subject for q in store.quads_for_pattern(None, None, None, _MAPPINGS))
    assert not [node for node in nodes if isinstance(node, ox.BlankNode)]


def test_a_link_leads_to_the_cell_of_its_object(workshop: Workshop) -> None:
    _map(workshop, _row("mondo:0000001"), _row("mondo:0006244"))
    build_release(workshop.root / "build", workshop.options)
    graph = tzgraph.open(workshop.root / "build")
    explained = graph.explain(
        f"<{ID}gear/g1>",
        f"<{SKOS}exactMatch>",
        "<http://purl.obolibrary.org/obo/MONDO_0006244>",
    )
    (origin,) = explained.origins
    assert origin.cell is not None
    assert (origin.cell.file, origin.cell.row, origin.cell.column) == (
        "mappings/ours.sssom.tsv",
        4,
        3,
    )
    assert origin.source == Graphs.MAPPINGS


def test_what_is_no_link_of_skos_is_a_record_only(workshop: Workshop) -> None:
    path = _map(
        workshop,
        _row("mondo:0006244", "owl:sameAs"),
        _row("sssom:NoTermFound"),
        _row("mondo:0000001"),
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] += "\tpredicate_modifier"
    lines[2:] = [lines[2] + "\t", lines[3] + "\t", lines[4] + "\tNot"]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    store = build_release(workshop.root / "build", workshop.options).store()
    assert _links(store, ox.DefaultGraph()) == set()
    target = ox.NamedNode(OWL + "annotatedTarget")
    assert len(list(store.quads_for_pattern(None, target, None, _MAPPINGS))) == 3
    same = ox.NamedNode(OWL + "sameAs")
    assert not list(store.quads_for_pattern(None, same, None, None))


def test_bad_rows_of_all_files_fail_the_build_at_once(workshop: Workshop) -> None:
    _map(workshop, _row("GO:GO:0001837"), _row("mondo:0006244", subject="tzgear:gone"), name="a")
    _map(workshop, _row("mondo:0006244"), _row("nobody:1"), name="b")
    _map(workshop, _row("mondo:0006244"), name="c")
    with pytest.raises(DataError) as caught:
        build_release(workshop.root / "build", workshop.options)
    assert [(f.place, f.code) for f in caught.value.findings] == [
        ("mappings/a.sssom.tsv:3:3", "doubled-prefix"),
        ("mappings/a.sssom.tsv:4", "dangling-id"),
        ("mappings/b.sssom.tsv:4:3", "unknown-prefix"),
        ("mappings/c.sssom.tsv:3", "duplicate-mapping"),
    ]
    assert not (workshop.root / "build" / "current").exists()


def test_the_set_of_another_project_stands_beside_ours_unstated(workshop: Workshop) -> None:
    _map(workshop, _row("mondo:0006244"))
    theirs = workshop.root / "mondo_exactmatch_doid.sssom.tsv"
    theirs.write_text(
        f"{_HEAD}\n{_row('doid:0060079', subject='MONDO:0006244')}\n", encoding="utf-8"
    )
    options = replace(workshop.options, mappings=(theirs,))
    release = build_release(workshop.root / "build", options)
    store, graph = release.store(), ox.NamedNode(other_graph(theirs))
    mondo = ox.NamedNode("http://purl.obolibrary.org/obo/MONDO_0006244")
    exact = ox.NamedNode(SKOS + "exactMatch")
    assert [q.graph_name for q in store.quads_for_pattern(mondo, exact, None, None)] == [graph]
    record = "mapping/mondo-exactmatch-doid-mondo-0006244-exact-doid-0060079"
    assert list(store.quads_for_pattern(ox.NamedNode(ID + record), None, None, graph))
    assert other_graph(theirs) in release.manifest.graphs


def test_the_shipped_links_need_not_fit_other_sources(tmp_path: Path) -> None:
    made = Workshop.at(tmp_path / "workshop")
    options = replace(made.options, ontology=tzgraph.resources.shipped("ontology"))
    header = "tz:Drug\trdfs:label\tsource"
    made.table("drugs.tsv", header, "trastuzumab\ttrastuzumab\tdesk")
    folder = options.sources
    for path in folder.glob("*.tsv"):
        if path.name not in ("drugs.tsv", "sources.tsv"):
            path.unlink()
    told: list[str] = []
    build_release(tmp_path / "build", options, lambda progress: told.append(progress.detail))
    assert [text for text in told if "of things that the sources don't have are left out" in text]
    graph = tzgraph.open(tmp_path / "build")
    found = graph.rows("SELECT ?o { tzdrug:trastuzumab skos:exactMatch ?o }")
    assert "http://identifiers.org/drugbank/DB00072" in {row["o"] for row in found}


def test_records_of_the_shipped_graph_are_named_by_what_they_say(shipped_dir: Path) -> None:
    graph = tzgraph.open(shipped_dir)
    rows = graph.rows("external-identifiers")
    drugbank = [row for row in rows if row.get("ontology") == "DrugBank open vocabulary"]
    assert [row["label"] for row in drugbank] == ["Trastuzumab"]
    count = graph.rows(
        "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?r) AS ?records) (COUNT(DISTINCT ?l) AS ?links) {"
        " GRAPH tzgraph:mappings { ?r owl:annotatedSource ?s ; owl:annotatedProperty ?p ;"
        " owl:annotatedTarget ?o . ?s ?p ?o } BIND(CONCAT(STR(?s), STR(?p), STR(?o)) AS ?l) }"
    )
    assert len(set(count[0].values())) == 1
    assert json.dumps(count[0]["n"]) == "572"


def test_a_chained_link_names_the_records_that_it_follows_from(shipped_dir: Path) -> None:
    graph = tzgraph.open(shipped_dir)
    rows = graph.rows(
        "SELECT ?r ?from { GRAPH tzgraph:mappings { ?r prov:wasDerivedFrom ?from ;"
        " sssom:mapping_justification semapv:MappingChaining } }"
    )
    ours = {row["from"] for row in rows if not row["from"].startswith(f"{ID}mapping/mondo-")}
    ours = {iri for iri in ours if "/mapping/positive-" not in iri}
    known = {
        row["r"]
        for row in graph.rows("SELECT ?r { GRAPH tzgraph:mappings { ?r a sssom:Mapping } }")
    }
    assert ours
    assert ours <= known
