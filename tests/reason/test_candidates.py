"""Candidate strategies: only where an effect opposes the mechanism, never against the evidence."""

from __future__ import annotations

import pytest

from tests.reason.graphs import domain_rules, reasoned
from tests.shipped import shipped_release
from tzgraph.vocabulary import RDF, TZ

#: A mechanism that evidence reports, and that begins above the core of a pathway.
_SETTING = """
:mechanism tz:activates :pathway ; tz:establishedBy :report ; tz:beginsAt :start .
:start tz:actsUpstreamOf :core .
:core tz:componentOf :pathway .
:receptor tz:participatesIn :pathway .
"""


def _candidates(turtle: str) -> set[tuple[str, str]]:
    found = reasoned(f"@prefix rdf: <{RDF}> .\n{turtle}", domain_rules()).new
    return {(s, o) for s, p, o in found if p == TZ + "candidateFor"}


@pytest.mark.parametrize(
    "facts",
    [
        ":drug tz:inhibitsTarget :core .",
        ":drug tz:actsAgainst :core .",
        ":drug tz:actsAgainst :pathway .",
        ":drug tz:suppresses :pathway .",
        ":mechanism tz:activates :protein . :drug tz:inhibitsTarget :protein .",
        # Where the mechanism begins, if the protein itself is as it should be.
        ":mechanism tz:beginsAt :core . :drug tz:inhibitsTarget :core .",
    ],
)
def test_an_effect_that_opposes_the_mechanism_makes_a_candidate(facts: str) -> None:
    assert _candidates(_SETTING + facts) == {("drug", "mechanism")}


@pytest.mark.parametrize(
    "facts",
    [
        # A receptor only feeds the pathway: inhibiting it leaves the pathway active.
        ":drug tz:inhibitsTarget :receptor .",
        # Acting on a protein says nothing of the direction.
        ":drug tz:targets :core .",
        ":drug tz:deliversPayloadTo :core .",
        # Opposing what the mechanism does not do, or doing what it does.
        ":drug tz:suppresses :elsewhere .",
        ":drug tz:mediates :pathway .",
        # The mechanism inhibits instead.
        ":other tz:inhibits :protein . :drug tz:inhibitsTarget :protein .",
        # Resistance, reported or predicted, and evidence against, of the drug or of its kin.
        ":drug tz:inhibitsTarget :core . :mechanism tz:confersResistanceTo :drug .",
        ":drug tz:inhibitsTarget :core . :mechanism tz:predictedResistanceTo :drug .",
        ":drug tz:inhibitsTarget :core . :e rdf:subject :drug ; rdf:predicate tz:counters ;"
        " rdf:object :mechanism ; tz:direction tz:Refutes .",
        ":drug tz:inhibitsTarget :core ; tz:memberOf :class . :e rdf:subject :class ;"
        " rdf:predicate tz:counters ; rdf:object :mechanism ; tz:direction tz:Refutes .",
        ":drug tz:actsAgainst :core . :member tz:memberOf :drug ."
        " :mechanism tz:confersResistanceTo :member .",
        ":drug tz:actsAgainst :core . :member tz:memberOf :drug ."
        " :mechanism tz:predictedResistanceTo :member .",
        ":drug tz:inhibitsTarget :core ; a tz:KinaseInhibitor . :other a tz:KinaseInhibitor ;"
        " tz:inhibitsTarget :core . :mechanism tz:confersResistanceTo :other .",
        ":drug tz:inhibitsTarget :core . :part tz:narrowerMechanismOf :mechanism ;"
        " tz:confersResistanceTo :drug .",
        ":drug tz:inhibitsTarget :core . :mechanism tz:narrowerMechanismOf :whole ."
        " :whole tz:confersResistanceTo :drug .",
        # The mechanism changes the protein that the drug, or class, acts on.
        ":drug tz:inhibitsTarget :core ; tz:targets :core . :mechanism tz:restsOnChangeOf :core .",
        ":drug tz:actsAgainst :core . :mechanism tz:restsOnChangeOf :core .",
        # A drug like it fails: an antibody like an antibody, a cytotoxic one like another, one
        # of which nobody says what it is like whatever inhibits the same.
        *(
            f":mechanism tz:activates :p ; tz:confersResistanceTo :other . :drug {kind}"
            f" tz:inhibitsTarget :p . :other {failed} tz:inhibitsTarget :p ."
            for kind, failed in [
                ("a tz:MonoclonalAntibody ;", "a tz:BispecificAntibody ;"),
                ("a tz:CytotoxicDrug ;", "a tz:CytotoxicDrug ;"),
                ("", ""),
                ("", "a tz:MonoclonalAntibody ;"),
                ("a tz:KinaseInhibitor ;", ""),
            ]
        ),
        ":mechanism tz:confersResistanceTo :other . :other a tz:MonoclonalAntibody ;"
        " tz:inhibitsTarget :core . :drug a tz:MonoclonalAntibody ; tz:inhibitsTarget :core .",
        ":mechanism tz:confersResistanceTo :other . :other tz:suppresses :pathway ."
        " :drug tz:suppresses :pathway .",
        # A drug like the members of the class fails.
        ":mechanism tz:confersResistanceTo :other . :other tz:inhibitsTarget :core ."
        " :drug tz:actsAgainst :core . :member tz:memberOf :drug ; tz:inhibitsTarget :core .",
        # An inhibitor like it is reported not to overcome the mechanism.
        ":mechanism tz:activates :p . :drug a tz:KinaseInhibitor ; tz:inhibitsTarget :p ."
        " :other a tz:KinaseInhibitor ; tz:inhibitsTarget :p . :e rdf:subject :other ;"
        " rdf:predicate tz:counters ; rdf:object :mechanism ; tz:direction tz:Refutes .",
        # A payload goes nowhere without its antibody, and a drug like a payload that fails.
        ":mechanism a tz:ResistanceMechanism ; tz:activates :p ."
        " :drug a tz:LinkerPayload ; tz:inhibitsTarget :p .",
        ":mechanism tz:activates :p ; tz:confersResistanceTo :adc . :adc tz:hasComponent :load ."
        " :load a tz:LinkerPayload ; tz:inhibitsTarget :p . :drug tz:inhibitsTarget :p .",
        # It begins somewhere of which nobody says that it comes before.
        ":drug tz:inhibitsTarget :core . :mechanism tz:beginsAt :elsewhere .",
        # What the mechanism does is recalled.
        ":drug tz:inhibitsTarget :core . :mechanism tz:checkStatus tz:Recalled .",
    ],
)
def test_nothing_else_does(facts: str) -> None:
    assert _candidates(_SETTING + facts) == set()


@pytest.mark.parametrize("part", ["; tz:establishedBy :report ", "; tz:beginsAt :start "])
def test_without_evidence_or_a_beginning_there_is_none(part: str) -> None:
    facts = ":drug tz:inhibitsTarget :core ."
    assert _candidates(_SETTING + facts) == {("drug", "mechanism")}
    assert _candidates(_SETTING.replace(part, "") + facts) == set()


@pytest.mark.parametrize(
    ("evidence", "established"),
    [
        ("tz:direction tz:Supports ; tz:evidenceLevel tz:LevelD", True),
        ("tz:direction tz:Refutes ; tz:evidenceLevel tz:LevelB", False),
        ("tz:direction tz:Supports ; tz:evidenceLevel tz:LevelE", False),
        ("tz:direction tz:Supports", False),
        (
            "tz:direction tz:Supports ; tz:evidenceLevel tz:LevelD ;"
            " tz:evidenceType <http://purl.obolibrary.org/obo/ECO_0000305>",
            False,
        ),
    ],
)
def test_evidence_of_resistance_establishes_a_mechanism(evidence: str, established: bool) -> None:
    turtle = (
        f"@prefix rdf: <{RDF}> . :e rdf:subject :m ; rdf:predicate tz:confersResistanceTo ;"
        f" rdf:object :d ; {evidence} ."
    )
    found = reasoned(turtle, domain_rules()).new
    assert (("m", TZ + "establishedBy", "e") in found) == established


def test_evidence_for_is_no_evidence_against() -> None:
    facts = (
        ":drug tz:inhibitsTarget :core . :e rdf:subject :drug ; rdf:predicate tz:counters ;"
        " rdf:object :mechanism ; tz:direction tz:Supports ."
    )
    assert _candidates(_SETTING + facts) == {("drug", "mechanism")}


@pytest.mark.parametrize(
    ("kind", "failed"),
    [("KinaseInhibitor", "MonoclonalAntibody"), ("MonoclonalAntibody", "KinaseInhibitor")],
)
def test_an_antibody_and_a_kinase_inhibitor_are_not_alike(kind: str, failed: str) -> None:
    facts = (
        f":mechanism tz:confersResistanceTo :other . :other a tz:{failed} ;"
        f" tz:inhibitsTarget :core . :drug a tz:{kind} ; tz:inhibitsTarget :core ."
    )
    assert _candidates(_SETTING + facts) == {("drug", "mechanism")}


def test_what_fails_elsewhere_leaves_a_drug_alone() -> None:
    """Evidence that it counters the mechanism outweighs that another inhibitor does not."""
    facts = (
        ":another tz:confersResistanceTo :other . :other tz:inhibitsTarget :core ."
        " :drug tz:inhibitsTarget :core ; tz:counters :mechanism . :e rdf:subject :other ;"
        " rdf:predicate tz:counters ; rdf:object :mechanism ; tz:direction tz:Refutes ."
        " :other a tz:KinaseInhibitor . :drug a tz:KinaseInhibitor ."
        " :mechanism tz:activates :core ."
    )
    assert _candidates(_SETTING + facts) == {("drug", "mechanism")}


def test_shipped_candidates_are_never_resisted_and_never_trastuzumab() -> None:
    store = shipped_release().store()
    pairs = {
        (str(row[0]), str(row[1]))
        for row in store.query(  # type: ignore[union-attr]  # a SELECT gives solutions
            f"SELECT ?drug ?mechanism {{ ?drug <{TZ}candidateFor> ?mechanism }}"
        )
    }
    assert len(pairs) >= 5
    assert not any(drug.endswith("/trastuzumab>") for drug, _ in pairs)
    for predicate in ("confersResistanceTo", "predictedResistanceTo"):
        assert not store.query(f"ASK {{ ?d <{TZ}candidateFor> ?m . ?m <{TZ}{predicate}> ?d }}")
