"""What the audit makes ready for its rules, and what it writes where."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tests.audit.figures import DOCUMENT, REPORT, add, audit_rules, quoting
from tests.reason.graphs import E
from tzgraph.audit.run import run_audit
from tzgraph.reason.domain import parse_rule
from tzgraph.vocabulary import DCTERMS, ID, RDF, RDFS, SKOS, TZ, XSD, Graphs

_AUDIT = ox.NamedNode(Graphs.AUDIT)
_VIEW = ox.DefaultGraph()
_FIGURE = "tz:resultOf :arm ; tz:endpoint :survival ; tz:unit tz:Month"
_WORLD = f"""
:arm tz:armOf :trial . :itt tz:populationOf :trial .
:reported a tz:OutcomeResult ; {_FIGURE} ; tz:population :itt ; tz:value 13.8 .
"""
_COMPLETE = """
:complete a tz:CompletenessStatement ; tz:completeForTrial :trial ; tz:completeEndpoint :survival ;
  tz:completeAsOf "2026-04-21"^^<http://www.w3.org/2001/XMLSchema#date> .
"""


def _store(said: str = "13.8", *, complete: bool = True) -> ox.Store:
    store = quoting(f":said a tz:StatedResult ; {_FIGURE} ; tz:value {said} .")
    add(store, ":claim a tz:Claim ; tz:statesResult :said .", DOCUMENT, _VIEW)
    add(store, _WORLD + (_COMPLETE if complete else ""), REPORT, _VIEW)
    return store


def _run(store: ox.Store, damaged: frozenset[str] = frozenset()) -> int:
    return run_audit(store, audit_rules(), [DOCUMENT.value], damaged)


def _objects(store: ox.Store, name: str, predicate: str) -> set[str]:
    node = ox.NamedNode(name if ":" in name else E + name)
    link = ox.NamedNode(predicate if ":" in predicate else TZ + predicate)
    found: list[set[str]] = []
    for graph in (_VIEW, _AUDIT):
        quads = store.quads_for_pattern(node, link, None, graph)
        found.append({str(q.object).strip('"<>').removeprefix(E).removeprefix(TZ) for q in quads})
    assert found[0] == found[1], "the view and the graph audit have the same"
    return found[0]


@pytest.mark.parametrize(
    ("said", "verdict"), [("13.8", "Supported"), ("14", "Supported"), ("15.8", "Contradicted")]
)
def test_a_claim_gets_an_assessment_and_a_verdict(said: str, verdict: str) -> None:
    store = _store(said)
    assert _run(store) == 1
    assert _objects(store, "claim", "verdict") == {verdict}
    rule = "figure-borne-out" if verdict == "Supported" else "figure-differs"
    node = f"{ID}assessment/claim-{rule}"
    assert _objects(store, node, "checkedAgainst") == {"reported"}
    assert _objects(store, node, "byRule") == {f"{ID}rule/{rule}"}


def test_what_is_not_known_in_full_is_not_contradicted() -> None:
    store = _store("15.8", complete=False)
    _run(store)
    assert _objects(store, "claim", "verdict") == {"Unverified"}
    node = f"{ID}assessment/claim-another-figure-known"
    assert _objects(store, node, "checkedAgainst") == {"reported"}
    assert _objects(store, node, "leavesOpen") == {"said"}


def test_a_document_that_states_completeness_states_nothing() -> None:
    store = _store("15.8", complete=False)
    add(store, _COMPLETE, DOCUMENT)
    _run(store)
    assert _objects(store, "complete", "reportedBy") == set()
    assert _objects(store, "claim", "verdict") == {"Unverified"}


@pytest.mark.parametrize(("date", "verdict"), [("2026", "Contradicted"), ("2027", "Unverified")])
def test_a_document_later_than_what_is_known_is_not_contradicted(date: str, verdict: str) -> None:
    store = _store("15.8")
    value = ox.Literal(date, datatype=ox.NamedNode(XSD + "gYear"))
    link, metadata = ox.NamedNode(DCTERMS + "date"), ox.NamedNode(Graphs.METADATA)
    store.add(ox.Quad(DOCUMENT, link, value, metadata))
    _run(store)
    assert _objects(store, "claim", "verdict") == {verdict}


def test_who_gives_a_figure_is_told() -> None:
    store = _store()
    _run(store)
    assert _objects(store, "said", "quotedFrom") == {DOCUMENT.value}
    assert _objects(store, "said", "reportedBy") == set()
    assert _objects(store, "reported", "reportedBy") == {REPORT.value}
    assert _objects(store, "reported", "quotedFrom") == set()


def test_what_a_document_says_does_not_come_into_the_view() -> None:
    store = _store()
    _run(store)
    value = ox.NamedNode(TZ + "value")
    assert not list(store.quads_for_pattern(ox.NamedNode(E + "said"), value, None, _VIEW))


def test_a_document_that_describes_results_reports_none() -> None:
    # A result in the graph of a document is no report, whatever its class.
    store = _store("15.8")
    add(
        store,
        f":lie a tz:OutcomeResult ; {_FIGURE} ; tz:population :itt ; tz:value 15.8 .",
        DOCUMENT,
    )
    _run(store)
    assert _objects(store, "lie", "reportedBy") == set()
    assert _objects(store, "claim", "verdict") == {"Contradicted"}


@pytest.mark.parametrize("figure", ["said", "reported"])
def test_a_damaged_figure_is_not_compared(figure: str) -> None:
    store = _store()
    _run(store, frozenset({E + figure}))
    assert _objects(store, "claim", "verdict") == {"Unverified"}
    # The claim says that its figure could not be read, and not that no source has it.
    rule = "row-not-read" if figure == "said" else "no-primary-source"
    assert {r for r in ("row-not-read", "no-primary-source") if _judged(store, r)} == {rule}


def _judged(store: ox.Store, rule: str) -> bool:
    return bool(_objects(store, f"{ID}assessment/claim-{rule}", "leavesOpen"))


def test_a_damaged_claim_is_not_judged_as_unstructured() -> None:
    store = ox.Store()
    add(store, ":claim a tz:Claim .", DOCUMENT, _VIEW)
    _run(store, frozenset({E + "claim", E + "other"}))
    assert _objects(store, "claim", "damaged") == {
        'true"^^<http://www.w3.org/2001/XMLSchema#boolean'
    }
    assert _objects(store, f"{ID}assessment/claim-row-not-read", "leavesOpen") == {"claim"}
    assert _objects(store, f"{ID}assessment/claim-not-structured", "leavesOpen") == set()


def test_a_damaged_claim_is_never_supported() -> None:
    store = _store()
    _run(store, frozenset({E + "claim"}))
    assert _objects(store, "claim", "verdict") == {"Unverified"}


def test_rules_that_assess_are_described() -> None:
    store = _store()
    _run(store)
    rules = {r.name: r for r in audit_rules()}
    described = {
        str(q.subject)[1:-1].removeprefix(f"{ID}rule/")
        for q in store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), None, _AUDIT)
        if q.object == ox.NamedNode(TZ + "AuditRule")
    }
    assert described == {
        n for n, r in rules.items() if any("assessedAs" in p.predicate for p in r.head)
    }
    rule = rules["figure-differs"]
    assert _objects(store, f"{ID}rule/figure-differs", RDFS + "label") == {f'{rule.title}"@en'}
    assert _objects(store, f"{ID}rule/figure-differs", SKOS + "definition") == {f'{rule.axiom}"@en'}


def test_a_curators_assessment_stands_in_the_audit_and_before_those_of_rules() -> None:
    store = _store()
    judged = (
        ":judged a tz:Assessment ; tz:assesses :claim ; tz:aspect tz:Content ;"
        " tz:assessedAs tz:Imprecise ; <http://www.w3.org/ns/prov#wasAttributedTo> :me ."
    )
    add(store, judged, REPORT, _VIEW)
    assert _run(store) == 2
    assert _objects(store, "judged", "assessedAs") == {"Imprecise"}
    assert _objects(store, "claim", "verdict") == {"Imprecise"}


def test_a_curators_assessment_in_a_document_counts_for_nothing() -> None:
    store = _store()
    judged = (
        ":judged a tz:Assessment ; tz:assesses :claim ; tz:aspect tz:Content ;"
        " tz:assessedAs tz:Contradicted ; <http://www.w3.org/ns/prov#wasAttributedTo> :them ."
    )
    add(store, judged, DOCUMENT)
    assert _run(store) == 1
    assert _objects(store, "claim", "verdict") == {"Supported"}


def test_without_claims_there_is_nothing_to_assess() -> None:
    assert _run(ox.Store()) == 0


def test_rules_of_ones_own_can_be_run() -> None:
    rule = parse_rule(
        "doubtful",
        "#+ title: All is doubtful\n#+ description: On principle.\n"
        f"PREFIX tz: <{TZ}>\n"
        "CONSTRUCT { ?claim tz:verdict tz:Imprecise } WHERE { ?claim a tz:Claim }",
    )
    store = _store()
    assert run_audit(store, [rule], [DOCUMENT.value]) == 0
    assert _objects(store, "claim", "verdict") == {"Imprecise"}
