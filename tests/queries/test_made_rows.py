"""What the library answers of rows that nobody here has seen: no false advice, and a reason."""

from __future__ import annotations

import shutil

import pytest

import tzgraph
from tzgraph.release import BuildOptions, build_release
from tzgraph.resources import shipped

#: Subject, predicate, object and direction of made-up evidence.
_STATEMENTS = [
    ("tzmechanism:r-top1", "tz:confersResistanceTo", "tzdrug:trastuzumab-deruxtecan", "Supports"),
    ("tzmechanism:r-top1", "tz:confersResistanceTo", "tzdrug:trastuzumab-deruxtecan", "Refutes"),
    ("tzmechanism:r-tyms", "tz:confersResistanceTo", "tzdrug:fluorouracil", "Supports"),
    ("tzmechanism:r-amplified", "tz:confersResistanceTo", "tzdrug:trastuzumab", "Supports"),
    ("tzmechanism:r-tail", "tz:confersResistanceTo", "tzdrug:cisplatin", "Supports"),
    ("tzbiomarker:m-marker", "tz:predictsResponseTo", "tzdrug:hlx22", "Refutes"),
]
_EVIDENCE = (
    "tz:Evidence|rdfs:label|rdf:subject|rdf:predicate|rdf:object|tz:direction|"
    "tz:evidenceType|tz:evidenceLevel|tz:reportedIn|source\n"
) + "".join(
    f"m-e{number}|made evidence {number}|{'|'.join(statement)}|"
    "eco:0007121|LevelB|scaltriti-2007|curation\n"
    for number, statement in enumerate(_STATEMENTS)
)
_APPROVALS = (
    "tz:Approval|rdfs:label|tz:approves|tz:approvedFor|tz:authority|tz:year|tz:approvalStatus|"
    "tz:requiresBiomarker|tz:replacesApproval|source\n"
    "m-first|first|hlx22|her2-positive-agc|EU|2024|AcceleratedApproval|m-other||curation\n"
    "m-second|second|hlx22|her2-positive-agc|EU|2025|FullApproval|m-other|m-first|curation\n"
    "m-third|third|gb235|her2-positive-agc|EU|2025|WithdrawnApproval|m-other||curation\n"
)
_TABLES = {
    "variants": """
tz:TargetVariant|rdfs:label|tz:variantOf|tz:hgvsProtein|source
m-cis|made changes in cis|her2|p.[Leu755Ser;Thr798Ile]|curation
m-same|made nothing|her2|p.Leu755=|curation
m-gone|made absence|her2|p.0|curation
m-again|made L755S|her2|p.L755S|curation
m-tail|made change of the tail|her2|p.Ser1100Gly|curation
m-top1|made change of TOP1|top1|p.Asn722Ser|curation
""",
    "mechanisms": """
tz:ResistanceMechanism|rdfs:label|tz:involves|tz:involvesVariant|tz:activates|tz:reportedIn|source
r-top1|more TOP1|tztarget:top1||tztarget:top1|scaltriti-2007|curation
r-tyms|more TYMS|tztarget:tyms||tztarget:tyms|scaltriti-2007|curation
r-amplified|more HER2||tzalteration:erbb2-amplification|tztarget:her2|scaltriti-2007|curation
r-tail|a changed tail||m-tail|tztarget:her2|scaltriti-2007|curation
""",
    "evidence": _EVIDENCE,
    "biomarkers": """
tz:Biomarker|rdfs:label|source
m-marker|made marker|curation
m-other|made other marker|curation
""",
    "approvals": _APPROVALS,
}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> tzgraph.KnowledgeGraph:
    """The shipped tables and the made-up rows, built once."""
    folder = tmp_path_factory.mktemp("made")
    sources = folder / "sources"
    shutil.copytree(shipped("sources"), sources)
    for name, text in _TABLES.items():
        (sources / f"made-{name}.tsv").write_text(text.strip().replace("|", "\t") + "\n", "utf-8")
    build_release(folder / "build", BuildOptions(sources=sources))
    return tzgraph.open(folder / "build")


def _end(term: object) -> str:
    return str(term or "").rsplit("/", 1)[-1]


def _reasons(graph: tzgraph.KnowledgeGraph, key: str, value: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in graph.rows("what-cannot-be-concluded"):
        if _end(row.get(key)) == value:
            found.setdefault(_end(row["drug"]), set()).add(str(row["reason"]))
    return found


def test_neither_a_payload_nor_what_is_like_a_failed_drug_is_a_candidate(
    graph: tzgraph.KnowledgeGraph,
) -> None:
    by = {_end(row["mechanism"]) for row in graph.rows("candidate-strategies")}
    assert not by & {"r-top1", "r-tyms", "r-tail"}
    alike = {"a drug like it is reported to fail: what both have in common may be the reason"}
    assert _reasons(graph, "mechanism", "r-top1")["irinotecan"] == alike
    assert _reasons(graph, "mechanism", "r-tyms") == {"capecitabine": alike, "tegafur": alike}
    against = graph.rows("after-progression", drug="trastuzumab-deruxtecan")
    (row,) = [row for row in against if _end(row["mechanism"]) == "r-top1"]
    assert (row.get("option"), row["contested"]) == (None, "yes")


def test_an_amplified_target_leaves_inhibitors_and_says_of_others_why_not(
    graph: tzgraph.KnowledgeGraph,
) -> None:
    rows = graph.rows("candidate-strategies")
    found = {_end(r["candidate"]) for r in rows if _end(r["mechanism"]) == "r-amplified"}
    assert found == {
        *("lapatinib", "tucatinib", "poziotinib", "neratinib", "her2-kinase-inhibitor")
    }
    reasons = _reasons(graph, "mechanism", "r-amplified")
    more = "there is more of the protein: whether the drug works then is not known without evidence"
    assert reasons["gb235"] == {more}
    assert not any("where in the protein" in text for texts in reasons.values() for text in texts)


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        ("m-cis", "the row holds several changes, and rules read one: give each a row of its own"),
        ("m-same", "the notation says that nothing is changed"),
        ("m-gone", "the notation tells no site: whether and how the protein is made is not known"),
    ],
)
def test_a_notation_without_a_conclusion_says_why(
    graph: tzgraph.KnowledgeGraph, variant: str, reason: str
) -> None:
    found = _reasons(graph, "variant", variant)
    assert {"lapatinib", "trastuzumab", "zanidatamab"} <= set(found)
    assert all(texts == {reason} for texts in found.values())


def test_a_changed_tail_is_the_reason_and_not_a_missing_mechanism(
    graph: tzgraph.KnowledgeGraph,
) -> None:
    found = _reasons(graph, "mechanism", "r-tail")
    assert found["lapatinib"] == {
        "the part of the protein that signals is changed: only evidence counts"
    }


def test_the_same_change_under_another_id_has_the_evidence(graph: tzgraph.KnowledgeGraph) -> None:
    told = {
        (_end(row["drug"]), str(row["reported"]))
        for row in graph.rows("drugs-under-variant", variant="m-again")
        if row.get("reported")
    }
    assert told == {("lapatinib", "resistance"), ("neratinib", "counters it")}


def test_a_prediction_is_told_of_its_form_only(graph: tzgraph.KnowledgeGraph) -> None:
    """HLX22 loses its epitope in 648-CTF, not in 611-CTF of the same family."""
    for form, expected in (("611-ctf", None), ("648-ctf", "Weak")):
        rows = graph.rows("drugs-under-variant", variant=form)
        assert {row.get("grade") for row in rows if _end(row["drug"]) == "hlx22"} == {expected}
        if expected is None:
            assert "hlx22" in _reasons(graph, "variant", form)


def test_a_change_of_the_target_of_a_payload_is_one_of_its_conjugate(
    graph: tzgraph.KnowledgeGraph,
) -> None:
    drugs = {_end(row["drug"]) for row in graph.rows("drugs-under-variant", variant="m-top1")}
    assert drugs == {"irinotecan", "trastuzumab-deruxtecan"}
    assert set(_reasons(graph, "variant", "m-top1")) == {"irinotecan"}


def test_a_conjugate_beside_one_that_fails_has_a_reason(graph: tzgraph.KnowledgeGraph) -> None:
    (texts,) = {frozenset(t) for t in _reasons(graph, "mechanism", "rm-abcc1-efflux").values()}
    assert "no rule looks at the efflux of payloads" in "".join(texts)


def test_approvals_that_ended_are_told(graph: tzgraph.KnowledgeGraph) -> None:
    rows = graph.rows("approved-options", disease="her2-positive-agc", authority="EU")
    standing = {
        (_end(row["drug"]), row["date"], row["standing"])
        for row in rows
        if _end(row["drug"]) in ("hlx22", "gb235")
    }
    assert standing == {
        ("hlx22", "2024", "replaced: see the later approval"),
        ("hlx22", "2025", "not known to be withdrawn or replaced"),
        ("gb235", "2025", "withdrawn: no option"),
    }
    found = {
        (_end(row["what"]), row["found"])
        for row in graph.rows("options-for-biomarker", biomarker="m-other")
    }
    assert found == {
        ("m-first", "approval, replaced"),
        ("m-second", "approval"),
        ("m-third", "approval, withdrawn"),
    }


def test_evidence_against_a_marker_is_told(graph: tzgraph.KnowledgeGraph) -> None:
    (row,) = graph.rows("options-for-biomarker", biomarker="m-marker")
    assert row["found"] == "is reported not to predict response"


def test_no_query_repeats_a_row(graph: tzgraph.KnowledgeGraph) -> None:
    for name in ("benefit-by-biomarker", "approved-options", "what-cannot-be-concluded"):
        rows = [tuple(sorted(row.items())) for row in graph.rows(name)]
        assert len(rows) == len(set(rows)), name
