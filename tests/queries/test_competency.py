"""The competency questions, with the rows that the facts say they have.

The expected rows were written from the checked facts, as tables with CURIEs; a number is what
the primary report gives.
"""

from __future__ import annotations

import shutil
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest

import tzgraph
from tzgraph.audit.collect import collect_audit
from tzgraph.audit.model import Verdict
from tzgraph.audit.template import write_template
from tzgraph.query.library import load_library
from tzgraph.query.table import write_table
from tzgraph.release import BuildOptions, build_release
from tzgraph.resources import shipped

EXPECTED = Path(__file__).parent / "expected"
#: The regimen under test in JACOB.
JACOB = "tzregimen:pertuzumab-trastuzumab-cisplatin-fluoropyrimidine"


@pytest.fixture(scope="module")
def graph(shipped_dir: Path) -> tzgraph.KnowledgeGraph:
    return tzgraph.open(shipped_dir)


def rows(text: str) -> list[list[str]]:
    """Cells of a table: columns are separated by two blanks or more, as the rule below shows."""
    lines = text.splitlines()
    starts = [0, *(n + 2 for n in range(len(lines[1])) if lines[1][n : n + 2] == "  ")]
    ends = [*starts[1:], None]
    return [
        [line[a:b].strip() for a, b in zip(starts, ends, strict=True)]
        for line in (lines[0], *lines[2:])
    ]


def test_every_query_has_expected_rows() -> None:
    assert {path.stem for path in EXPECTED.glob("*.txt")} == set(load_library())


@pytest.mark.parametrize("path", sorted(EXPECTED.glob("*.txt")), ids=lambda path: path.stem)
def test_rows_are_those_of_the_facts(graph: tzgraph.KnowledgeGraph, path: Path) -> None:
    out = StringIO()
    write_table(graph.query(path.stem), out, graph.release.manifest.curies)
    assert rows(out.getvalue()) == rows(path.read_text(encoding="utf-8"))


def test_a_parameter_changes_the_answer(graph: tzgraph.KnowledgeGraph) -> None:
    on_egfr = {row["drug"] for row in graph.rows("drugs-on-target", target="egfr")}
    assert {iri.rsplit("/", 1)[-1] for iri in on_egfr} == {
        *("lapatinib", "neratinib", "poziotinib"),
    }


def test_a_misquoted_figure_answers_no_query_for_results(graph: tzgraph.KnowledgeGraph) -> None:
    # The review gives 18.2 months of survival for T-DXd, which no primary report does.
    found = graph.query(
        "SELECT ?r { ?arm tz:hasResult ?r . ?r tz:value 18.2 ; tz:endpoint tz:OverallSurvival }"
    )
    assert list(found) == []  # type: ignore[arg-type]  # a SELECT gives solutions
    quoted = graph.rows("SELECT ?g ?r { GRAPH ?g { ?r tz:value 18.2 } }")
    assert [row["g"] for row in quoted] == ["https://w3id.org/tzgraph/graph/source/sun-review"]


@pytest.mark.parametrize(
    ("result", "path"),
    [
        ("her2-ihc-0", {("ihc-0", "her2-negative")}),
        ("her2-ihc-1", {("ihc-1", "her2-negative")}),
        ("her2-ihc-3", {("ihc-3", "her2-positive")}),
        ("erbb2-amplified", {("ish-positive", "her2-positive")}),
        # Plasma supplements tissue and settles nothing.
        ("ctdna-erbb2", {("ctdna-gain", "")}),
        ("tmb", set()),
    ],
)
def test_the_testing_path_ends_where_the_guideline_ends_it(
    graph: tzgraph.KnowledgeGraph, result: str, path: set[tuple[str, str]]
) -> None:
    found = graph.rows("testing-path", result=result)
    assert {(_end(row["outcome"]), _end(row.get("status"))) for row in found} == path


def test_a_drug_that_is_one_of_several_alternatives_is_found(graph: tzgraph.KnowledgeGraph) -> None:
    found = graph.rows("trials-of-drug", drug="irinotecan")
    assert [(_end(row["arm"]), row["role"], row["given"]) for row in found] == [
        ("destiny-gastric01-chemotherapy", "control", "as an alternative"),
        ("kc-wise-placebo", "control", "as an alternative"),
        ("kc-wise-anbenitamab", "tested", "as an alternative"),
    ]
    # Placebo in its place is no drug: the control of JACOB has no pertuzumab.
    arms = {_end(row["arm"]) for row in graph.rows("trials-of-drug", drug="pertuzumab")}
    assert "jacob-pertuzumab" in arms
    assert "jacob-placebo" not in arms


def test_a_wider_disease_has_the_trials_of_its_subtypes(graph: tzgraph.KnowledgeGraph) -> None:
    gastric = {row["trial"] for row in graph.rows("trials-in-disease", disease="gastric-cancer")}
    wider = {
        row["trial"] for row in graph.rows("trials-in-disease", disease="gastroesophageal-cancer")
    }
    assert gastric < wider
    assert {_end(iri) for iri in wider - gastric} == {
        *("aio-lapatinib", "cp-mgah22-05", "herizon-gea-01", "logic"),
        *("innovation", "mskcc-pembrolizumab-trastuzumab", "petrarca"),
    }


def test_a_median_that_was_not_reached_is_a_result(graph: tzgraph.KnowledgeGraph) -> None:
    found = graph.rows("trial-results", trial="hlx22-gc-201")
    assert {_end(row["arm"]) for row in found if _end(row["value"]) == "NotReached"} == {
        "hlx22-gc-201-hlx22-15"
    }


def test_no_strategy_is_refuted_and_a_candidate(graph: tzgraph.KnowledgeGraph) -> None:
    found = graph.rows("resistance-strategies")
    assert found
    assert [row for row in found if row["refuted"] and row["candidate"]] == []


#: Queries that are about documents and their audit, or that count what each source states.
ABOUT_DOCUMENTS = {"audit", "claim", "provenance"}
#: Tables that hold what documents claim, and what curators think of it.
OF_DOCUMENTS = (
    *("claims", "assessments", "references", "statedapprovals", "statedcomparisons"),
    *("statedresults", "withdrawn"),  # some withdrawn evidence lives on as a claim
)


def test_what_documents_claim_answers_no_question_about_the_world(
    graph: tzgraph.KnowledgeGraph, tmp_path: Path
) -> None:
    """Without the tables of claims every other query has the same rows: nothing quoted leaks."""
    shutil.copytree(shipped("sources"), tmp_path / "sources")
    for name in OF_DOCUMENTS:
        (tmp_path / "sources" / f"{name}.tsv").unlink()
    build_release(tmp_path / "build", BuildOptions(sources=tmp_path / "sources"))
    bare = tzgraph.open(tmp_path / "build")
    asked = [q.name for q in load_library().values() if not ABOUT_DOCUMENTS & {*q.tags}]
    assert len(asked) > 20

    def told(one: tzgraph.KnowledgeGraph, name: str) -> list[dict[str, object]]:
        return [row for row in one.rows(name) if row.get("layer") != "quoted"]

    assert {name for name in asked if told(graph, name) != told(bare, name)} == set()


@pytest.fixture(scope="module")
def widened(tmp_path_factory: pytest.TempPathFactory) -> tzgraph.KnowledgeGraph:
    """Give the graph with a second document, and with another report of JACOB as evidence."""
    base = tmp_path_factory.mktemp("widened")
    folder = base / "other-review"
    write_template(folder)
    table = folder / "statedresults.tsv"
    table.write_text(table.read_text("utf-8").replace("\t17.5\t", "\t16.5\t"), "utf-8")
    header = "tz:Evidence rdfs:label rdf:subject rdf:predicate rdf:object tz:direction"
    row = f"again again {JACOB} tz:treats tzdisease:her2-positive-agc Refutes"
    more = (" tz:evidenceLevel tz:reportedIn source", " LevelB tabernero-2023 tabernero-2018")
    lines = (header + more[0], row + more[1])
    text = "".join(line.replace(" ", "\t") + "\n" for line in lines)
    (folder / "evidence.tsv").write_text(text, "utf-8")
    build_release(base / "build", BuildOptions(more=(folder,)))
    return tzgraph.open(base / "build")


def test_sources_that_give_different_figures_disagree(widened: tzgraph.KnowledgeGraph) -> None:
    """The other document has 16.5 months for an arm of JACOB, the review 17.5."""
    (row,) = widened.rows("sources-disagree")
    assert {name: _end(value) for name, value in row.items() if value is not None} == {
        "arm": "jacob-placebo",
        "endpoint": "OverallSurvival",
        "source": "my-review",
        "value": "16.5",
        "unit": "Month",
        "otherSource": "sun-review",
        "otherValue": "17.5",
        "otherUnit": "Month",
    }


def test_a_section_counts_each_claim_once(graph: tzgraph.KnowledgeGraph) -> None:
    found = graph.rows("verdicts-by-section")
    verdicts = ("contradicted", "imprecise", "supported", "unverified")
    assert all(row["claims"] == sum(row[v] for v in verdicts) for row in found)
    stated = Counter(
        str(row["section"])
        for row in graph.rows("SELECT ?section { ?c a tz:Claim ; tz:locator ?section }")
    )
    assert {str(row["section"]): row["claims"] for row in found} == stated


@pytest.mark.parametrize("verdict", ["Contradicted", "Imprecise", "Supported", "Unverified"])
def test_no_claim_is_left_out_of_its_verdict(graph: tzgraph.KnowledgeGraph, verdict: str) -> None:
    listed = {row["claim"] for row in graph.rows("contradicted-claims", verdict=f"tz:{verdict}")}
    found = graph.rows(f"SELECT ?claim {{ ?claim tz:verdict tz:{verdict} }}")
    assert listed == {row["claim"] for row in found}
    assert len(listed) > 10


def test_queries_and_report_tell_the_same(graph: tzgraph.KnowledgeGraph) -> None:
    """The report is written in Python and the queries in SPARQL: they must not drift apart."""
    claims = collect_audit(graph.store, "sun-review").claims
    wrong = (Verdict.CONTRADICTED, Verdict.IMPRECISE)

    def asked(query: str, aspect: str = "") -> set[str]:
        return {
            str(row["claim"]) for row in graph.rows(query) if aspect in str(row.get("aspect", ""))
        }

    assert asked("curator-and-rule", "#Content") == {c.iri for c in claims if c.disputed}
    assert asked("provisional-verdicts") == {c.iri for c in claims if c.provisional}
    assert asked("unsupported-citations") == {c.iri for c in claims if c.citation_verdict in wrong}


def test_studies_are_counted_and_not_reports(
    graph: tzgraph.KnowledgeGraph, widened: tzgraph.KnowledgeGraph
) -> None:
    """Another report of a trial is another piece of evidence, and no other study."""
    about = {"subject": JACOB, "predicate": "tz:treats"}
    assert [len(g.rows("evidence-about", **about)) for g in (graph, widened)] == [1, 2]
    for one in (graph, widened):
        (row,) = one.rows("evidence-balance", **about)
        assert (row["studiesFor"], row["studiesAgainst"], row["asserted"]) == (0, 1, "no")


def test_inference_is_no_study(graph: tzgraph.KnowledgeGraph) -> None:
    about = {"subject": "tzdrug:alpelisib", "predicate": "tz:proposedAgainst"}
    (row,) = graph.rows("evidence-balance", **about)
    assert (row["studiesFor"], row["studiesAgainst"], row["inferences"]) == (0, 0, 1)


def _end(value: object) -> str:
    return str(value or "").rsplit("/", 1)[-1].rsplit("#", 1)[-1]
