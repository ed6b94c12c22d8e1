"""What axioms forbid is found, with the thing it is found at."""

from __future__ import annotations

import pytest

from tests.reason.graphs import E, accepted_graphs, domain_rules, reasoned
from tests.shipped import shipped_release
from tzgraph.ontology_graph import load_ontology
from tzgraph.reason import check, compile_ontology
from tzgraph.resources import shipped
from tzgraph.vocabulary import TZ

CASES = {
    "cax-dw": (":C owl:disjointWith :D .", ":a a :C , :D .", ":b a :C . :c a :D ."),
    "cax-dw, of an expression": (
        "[ owl:unionOf ( :C :F ) ] owl:disjointWith :D .",
        ":a a :F , :D .",
        ":b a :C . :c a :D , :G .",
    ),
    "cax-adc": (
        "[] a owl:AllDisjointClasses ; owl:members ( :C :D :F ) .",
        ":a a :F , :D .",
        ":b a :C . :c a :D . :e a :F .",
    ),
    "prp-pdw": (":p owl:propertyDisjointWith :q .", ":a :p :b ; :q :b .", ":b :p :c . :c :q :b ."),
    "prp-adp": (
        "[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) .",
        ":a :r :b ; :q :b .",
        ":b :p :c . :c :q :b .",
    ),
    "prp-irp": (":p a owl:IrreflexiveProperty .", ":a :p :a .", ":b :p :c . :c :p :b ."),
    "cls-nothing2": (":C rdfs:subClassOf owl:Nothing .", ":a a :C .", ":b a :D ."),
}


@pytest.mark.parametrize("name", CASES)
def test_a_planted_inconsistency_is_found(name: str) -> None:
    axiom, bad, good = CASES[name]
    ours = reasoned(axiom + bad + good)
    hits = ours.hits
    assert [(hit.check.name, hit.thing) for hit in hits] == [(name.split(",")[0], f"<{E}a>")]
    assert hits[0].check.axiom
    assert hits[0].check.title
    assert ours.compiled.unused == []


@pytest.mark.parametrize("name", CASES)
def test_sound_data_has_no_hit(name: str) -> None:
    axiom, _bad, good = CASES[name]
    assert reasoned(axiom + good).hits == []


def test_an_asymmetric_property_that_leads_back_hits_both_ends() -> None:
    turtle = ":p a owl:AsymmetricProperty . :a :p :b . :b :p :a . :c :p :a ."
    found = [(hit.check.name, hit.thing) for hit in reasoned(turtle).hits]
    assert found == [("prp-asyp", f"<{E}a>"), ("prp-asyp", f"<{E}b>")]


def test_an_inconsistency_of_inferred_triples_is_found() -> None:
    turtle = ":C owl:disjointWith :D . :p rdfs:domain :C ; rdfs:range :D . :a :p :a ."
    assert [hit.check.name for hit in reasoned(turtle).hits] == ["cax-dw"]


def test_the_shipped_graph_has_no_inconsistency_although_it_is_checked() -> None:
    compiled = compile_ontology(load_ontology(shipped("ontology")))
    names = {one.name for one in compiled.checks}
    assert {"cax-dw", "cax-adc", "prp-pdw", "cls-nothing2"} <= names
    release = shipped_release()
    assert accepted_graphs(release)
    assert check(release.store(), compiled.checks) == []


def test_what_a_document_states_of_arms_is_no_reported_figure_even_among_the_facts() -> None:
    modules = sorted(shipped("ontology").glob("*.ttl"))
    ontology = "".join(path.read_text("utf-8") for path in modules)
    stated = (
        ":t a tz:Trial ; tz:hasArm :a , :b . :a tz:hasResult :reported ."
        ":result a tz:StatedResult ; tz:resultOf :a ; tz:value 13.5 ."
        ":comparison a tz:StatedComparison ; tz:comparesArm :a ; tz:referenceArm :b ."
    )
    found = reasoned(ontology, domain_rules(), extra=stated)
    assert found.hits == []
    assert ("reported", TZ + "resultOf", "a") in found.new
    reported = {s for s, p, o in found.new if p == "a" and o == TZ + "ReportedFigure"}
    assert reported == {"reported"}
