"""Candidate strategies: only where an effect opposes the mechanism, never against the evidence."""

from __future__ import annotations

import pytest

from tests.reason.graphs import domain_rules, reasoned
from tests.shipped import shipped_release
from tzgraph.vocabulary import RDF, TZ

_SETTING = """
:mechanism tz:activates :pathway .
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
        # Resistance, asserted or derived, and evidence against.
        ":drug tz:inhibitsTarget :core . :mechanism tz:confersResistanceTo :drug .",
        ":drug tz:inhibitsTarget :core . :e rdf:subject :drug ; rdf:predicate tz:counters ;"
        " rdf:object :mechanism ; tz:direction tz:Refutes .",
    ],
)
def test_nothing_else_does(facts: str) -> None:
    assert _candidates(_SETTING + facts) == set()


def test_evidence_for_is_no_evidence_against() -> None:
    facts = (
        ":drug tz:inhibitsTarget :core . :e rdf:subject :drug ; rdf:predicate tz:counters ;"
        " rdf:object :mechanism ; tz:direction tz:Supports ."
    )
    assert _candidates(_SETTING + facts) == {("drug", "mechanism")}


_FORM = """
:mechanism tz:involvesVariant :form . :form tz:variantOf :protein ; tz:hasRange :formRange .
:formRange tz:rangeOn :protein ; tz:firstResidue 100 ; tz:lastResidue 500 .
:kinase tz:domainOf :protein ; tz:hasRange :kinaseRange .
:kinaseRange tz:rangeOn :protein ; tz:firstResidue 300 ; tz:lastResidue 450 .
:outside tz:domainOf :protein ; tz:hasRange :outsideRange .
:outsideRange tz:rangeOn :protein ; tz:firstResidue 50 ; tz:lastResidue 120 .
:epitope tz:epitopeOf :outside ; tz:hasRange :epitopeRange .
:epitopeRange tz:rangeOn :protein ; tz:firstResidue 60 ; tz:lastResidue 70 .
"""


def test_a_drug_whose_site_the_form_keeps_is_a_candidate_and_one_that_lost_it_is_resisted() -> None:
    facts = (
        ":inhibitor tz:inhibitsTarget :protein ; tz:bindsDomain :kinase ."
        ":antibody tz:inhibitsTarget :protein ; tz:bindsEpitope :epitope ."
        ":other tz:inhibitsTarget :protein ; tz:bindsDomain :outside ."
    )
    found = reasoned(_FORM + facts, domain_rules()).new
    assert {(s, o) for s, p, o in found if p == TZ + "candidateFor"} == {("inhibitor", "mechanism")}
    resisted = {(s, o) for s, p, o in found if p == TZ + "confersResistanceTo"}
    assert resisted == {("mechanism", "antibody")}


def test_derived_resistance_keeps_a_drug_from_being_a_candidate() -> None:
    facts = (
        ":mechanism tz:activates :protein ."
        ":antibody tz:inhibitsTarget :protein ; tz:bindsEpitope :epitope ."
    )
    assert _candidates(_FORM + facts) == set()


def test_shipped_candidates_are_never_resisted_and_never_trastuzumab() -> None:
    store = shipped_release().store()
    pairs = {
        (str(row[0]), str(row[1]))
        for row in store.query(  # type: ignore[union-attr]  # a SELECT gives solutions
            f"SELECT ?drug ?mechanism {{ ?drug <{TZ}candidateFor> ?mechanism }}"
        )
    }
    assert len(pairs) > 10
    assert not any(drug.endswith("/trastuzumab>") for drug, _ in pairs)
    assert not store.query(f"ASK {{ ?d <{TZ}candidateFor> ?m . ?m <{TZ}confersResistanceTo> ?d }}")
