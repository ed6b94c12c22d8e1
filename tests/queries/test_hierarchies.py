"""Questions that imported hierarchies answer."""

from __future__ import annotations

from pathlib import Path

import pytest

import tzgraph
from tests.shared import need
from tzgraph.link.imports.extract import default_name, linked_terms, module_of, module_quads
from tzgraph.link.imports.registry import write_import
from tzgraph.link.read import read_ontology
from tzgraph.query.named import UnknownThingError
from tzgraph.release import build_release, open_release

OBO = "http://purl.obolibrary.org/obo/"
#: The terms that diseases of the shipped graph are linked to, below terms that none is.
HIERARCHY = """format-version: 1.2
ontology: mondo

[Term]
id: MONDO:0021085
name: gastric neoplasm

[Term]
id: MONDO:0001056
name: gastric cancer
is_a: MONDO:0021085

[Term]
id: MONDO:0004950
name: gastric carcinoma
is_a: MONDO:0001056

[Term]
id: MONDO:0007254
name: breast cancer
"""


def imported(directory: Path, files: list[Path], release: Path) -> tzgraph.KnowledgeGraph:
    """Import files into a copy of a release folder."""
    linked = linked_terms(open_release(release).store())
    for file in files:
        ontology = read_ontology(file)
        name = default_name(ontology)
        lines = module_quads(module_of(ontology, linked), name, "")
        write_import(directory / "imports", name, lines)
    build_release(directory)
    return tzgraph.open(directory)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, shipped_dir: Path) -> tzgraph.KnowledgeGraph:
    folder = tmp_path_factory.mktemp("small")
    (folder / "x.obo").write_text(HIERARCHY)
    return imported(folder / "build", [folder / "x.obo"], shipped_dir)


def trials(graph: tzgraph.KnowledgeGraph, kind: str) -> set[str]:
    return {str(row["trial"]) for row in graph.rows("trials-in-kind-of-disease", kind=kind)}


def test_trials_in_any_kind_of_a_disease(small: tzgraph.KnowledgeGraph, shipped_dir: Path) -> None:
    bare = tzgraph.open(shipped_dir)
    with pytest.raises(UnknownThingError, match="MONDO_0021085 is unknown"):
        trials(bare, "obo:MONDO_0021085")  # nothing of ours is linked to it
    below = trials(small, "obo:MONDO_0021085")
    assert below == trials(small, "obo:MONDO_0001056") == trials(bare, "obo:MONDO_0001056")
    assert any(iri.endswith("/toga") for iri in below)
    breast = trials(small, "obo:MONDO_0007254")
    assert breast
    assert breast.isdisjoint(below)


def test_kinds_of_disease_are_counted(small: tzgraph.KnowledgeGraph, shipped_dir: Path) -> None:
    rows = {row["kind"]: row for row in small.rows("kinds-of-disease")}
    neoplasm = rows[OBO + "MONDO_0021085"]
    assert neoplasm["label"] == "gastric neoplasm"
    assert neoplasm["trials"] == len(trials(small, "obo:MONDO_0021085"))
    bare = {row["kind"] for row in tzgraph.open(shipped_dir).rows("kinds-of-disease")}
    assert set(rows) - bare == {OBO + "MONDO_0021085"}


#: Ontologies of terms: CURIE, label and parent.
KINDS = {
    "cl": (
        ("CL:0000084", "T cell", ""),
        ("CL:0000815", "regulatory T cell", "CL:0000084"),
        ("CL:0000623", "natural killer cell", ""),
    ),
    "go": (
        ("GO:0007165", "signal transduction", ""),
        ("GO:0038128", "ERBB2 signaling pathway", "GO:0007165"),
    ),
    "dto": (
        ("DTO:03300152", "EGFR family", ""),
        ("DTO:03100139", "Receptor tyrosine-protein kinase erbb-2", "DTO:03300152"),
        ("DTO:03100313", "Hepatocyte growth factor receptor", ""),
    ),
}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory, shipped_dir: Path) -> tzgraph.KnowledgeGraph:
    """Cells, processes and proteins below terms that none of ours is linked to."""
    folder = tmp_path_factory.mktemp("kinds")
    for name, terms in KINDS.items():
        text = f"format-version: 1.2\nontology: {name}\n"
        for curie, label, parent in terms:
            text += f"\n[Term]\nid: {curie}\nname: {label}\n"
            text += f"is_a: {parent}\n" if parent else ""
        (folder / f"{name}.obo").write_text(text)
    return imported(folder / "build", sorted(folder.glob("*.obo")), shipped_dir)


@pytest.mark.parametrize(
    ("query", "kind", "found", "other"),
    [
        ("cells-of-kind", "obo:CL_0000084", {"cell": "regulatory-t-cell"}, "nk-cell"),
        ("drugs-on-kind-of-process", "obo:GO_0007165", {"thing": "trastuzumab"}, "rm-autophagy"),
        (
            "drugs-on-kind-of-protein",
            "dto:03300152",
            {"protein": "her2", "drug": "trastuzumab"},
            "met",
        ),
    ],
)
def test_what_is_known_of_any_kind(
    kinds: tzgraph.KnowledgeGraph,
    shipped_dir: Path,
    query: str,
    kind: str,
    found: dict[str, str],
    other: str,
) -> None:
    """The hierarchy brings what is linked below a term, and nothing from beside it."""
    with pytest.raises(UnknownThingError, match="is unknown"):
        tzgraph.open(shipped_dir).rows(query, kind=kind)
    rows = [
        {name: str(value).rsplit("/", 1)[-1] for name, value in row.items()}
        for row in kinds.rows(query, kind=kind)
    ]
    assert any(found.items() <= row.items() for row in rows)
    assert not any(other in row.values() for row in rows)


def test_what_is_above_a_thing_and_who_says_so(small: tzgraph.KnowledgeGraph) -> None:
    rows = small.rows("above-in-ontologies", thing="tzdisease:gastric-carcinoma")
    found = {
        (row["above"], row.get("label")): row.get("graph")
        for row in rows
        if str(row["above"]).startswith(OBO + "MONDO")
    }
    graph = "https://w3id.org/tzgraph/graph/import/mondo"
    assert found == {
        (OBO + "MONDO_0004950", "gastric carcinoma"): graph,
        (OBO + "MONDO_0001056", "gastric cancer"): graph,
        (OBO + "MONDO_0021085", "gastric neoplasm"): graph,
    }


def test_an_import_changes_nothing_else(small: tzgraph.KnowledgeGraph, shipped_dir: Path) -> None:
    """No rule, shape or verdict takes notice: all other graphs are as they were."""
    from tzgraph.vocabulary import Graphs

    bare = tzgraph.open(shipped_dir)
    names = {str(name)[1:-1] for name in bare.store.named_graphs()} - {Graphs.METADATA}
    count = "SELECT (COUNT(*) AS ?n) {{ GRAPH <{}> {{ ?s ?p ?o }} }}"
    for name in sorted(names):
        assert small.rows(count.format(name)) == bare.rows(count.format(name)), name
    for query in ("what-there-is", "sources", "trials-in-disease", "drug-classes"):
        assert small.rows(query) == bare.rows(query)


FILES = (
    "cellxgene/MONDO-ontology-v2025-09-02.json.gz",
    "doid/DO_cancer_slim.owl",
    "cellxgene/EFO-ontology-v3.82.0.json",
)


def test_the_real_hierarchies(tmp_path: Path, shipped_dir: Path) -> None:
    graph = imported(tmp_path / "build", [need(f"data/{name}") for name in FILES], shipped_dir)
    gastric = trials(graph, "obo:MONDO_0021085")
    assert len(gastric) > 10
    cancer = trials(graph, "obo:MONDO_0004992")
    assert gastric < cancer
    assert trials(graph, "obo:DOID_162") >= gastric
    rows = {row["kind"]: row for row in graph.rows("kinds-of-disease")}
    assert rows[OBO + "MONDO_0004992"]["label"] == "cancer"
    names = {str(name)[1:-1].rsplit("/", 1)[-1] for name in graph.store.named_graphs()}
    assert {"mondo", "doid", "efo"} <= names
