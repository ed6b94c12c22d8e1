"""Explanations do not go in circles, and show the steps of transitivity."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from tests.reason.graphs import E, Triple, parse
from tzgraph.explain import Explainer, Explanation, TripleStatus
from tzgraph.ontology_graph import OntologyGraph
from tzgraph.reason import compile_ontology, materialise
from tzgraph.reason.domain import parse_rule
from tzgraph.reason.rule import Rule
from tzgraph.vocabulary import GRAPH, RDF, Graphs

_SOURCE = ox.NamedNode(GRAPH + "source/made-up")
_QUOTED = ox.NamedNode(GRAPH + "source/quoted")


def _explainer(ontology: str, facts: str, quoted: str = "", *rules: Rule) -> Explainer:
    graph = OntologyGraph(parse(ontology))
    every = [*compile_ontology(graph).rules, *rules]
    store = ox.Store()
    for name in (ox.NamedNode(Graphs.ONTOLOGY), ox.DefaultGraph()):
        store.extend(ox.Quad(q.subject, q.predicate, q.object, name) for q in graph)
    for name in (_SOURCE, ox.DefaultGraph()):
        store.extend(_quads(facts, name))
    store.extend(_quads(quoted, _QUOTED))
    materialise(store, every, Graphs.INFERRED)
    return Explainer(store, every)


def _quads(turtle: str, graph: ox.NamedNode | ox.DefaultGraph) -> list[ox.Quad]:
    return [ox.Quad(t.subject, t.predicate, t.object, graph) for t in parse(turtle)]


def _explain(explainer: Explainer, text: str) -> Explanation:
    subject, predicate, obj = text.split()
    iri = RDF + "type" if predicate == "a" else E + predicate
    return explainer.explain(f"<{E}{subject}>", f"<{iri}>", f"<{E}{obj}>")


def _leaves(node: Explanation) -> Iterator[str]:
    if not node.premises:
        assert node.status in (TripleStatus.ASSERTED, TripleStatus.ONTOLOGY), node.triple
        yield _text(node.triple)
    for premise in node.premises:
        yield from _leaves(premise)


def _text(triple: Triple) -> str:
    return " ".join("a" if RDF in term else term[1:-1].removeprefix(E) for term in triple)


@pytest.mark.parametrize(
    ("ontology", "facts"),
    [
        (":p owl:inverseOf :q .", ":a :p :b ."),
        (":p owl:inverseOf :q . :q owl:inverseOf :p .", ":a :p :b . :b :q :c ."),
        (":p owl:equivalentProperty :q . :q owl:equivalentProperty :r .", ":a :r :b ."),
        (":C owl:equivalentClass :D . :D owl:equivalentClass :F .", ":a a :F ."),
        (":p a owl:SymmetricProperty .", ":a :p :b ."),
        (":p a owl:TransitiveProperty .", ":a :p :b . :b :p :c . :c :p :a . :c :p :d ."),
        (":p a owl:TransitiveProperty , owl:SymmetricProperty .", ":a :p :b . :b :p :c ."),
        (":p a owl:TransitiveProperty . :q rdfs:subPropertyOf :p .", ":a :q :b . :b :q :c ."),
        (
            ":p a owl:TransitiveProperty ; owl:inverseOf :q . :q a owl:TransitiveProperty .",
            ":a :p :b . :c :q :b . :c :p :a .",
        ),
        (
            ":p a owl:TransitiveProperty ; owl:propertyChainAxiom ( :q :r ) .",
            ":a :q :b . :b :r :c . :c :p :d . :d :q :e . :e :r :a .",
        ),
        (
            ":p owl:inverseOf :q ; rdfs:domain :C . :q owl:propertyChainAxiom ( :q :q2 ) ."
            " :q2 owl:inverseOf :p2 . :p2 rdfs:subPropertyOf :p .",
            ":a :q :b . :c :p2 :b . :d :p2 :c .",
        ),
    ],
)
def test_all_that_is_inferred_rests_on_what_is_stated(ontology: str, facts: str) -> None:
    explainer = _explainer(ontology, facts)
    stated = {tuple(map(str, triple)) for triple in parse(facts)}
    inferred = list(
        explainer._store.quads_for_pattern(None, None, None, ox.NamedNode(Graphs.INFERRED))
    )
    assert inferred

    def check(node: Explanation, above: frozenset[Triple]) -> None:
        assert node.triple not in above, "in a circle"
        if node.status is TripleStatus.INFERRED:
            assert node.rule, f"{node.triple} is not explained"
            assert node.premises
            for premise in node.premises:
                check(premise, above | {node.triple})
        else:
            assert node.status is TripleStatus.ONTOLOGY or node.triple in stated

    for quad in inferred:
        check(
            explainer.explain(str(quad.subject), str(quad.predicate), str(quad.object)), frozenset()
        )


def test_a_transitive_triple_shows_its_steps_in_order() -> None:
    explainer = _explainer(
        ":p a owl:TransitiveProperty .", ":a :p :b . :b :p :c . :c :p :d . :b :p :x . :a :p :y ."
    )
    found = _explain(explainer, "a p d")
    assert found.rule == "prp-trp"
    assert [_text(p.triple) for p in found.premises] == ["a p b", "b p c", "c p d"]


def test_a_cycle_shows_the_steps_round_it() -> None:
    explainer = _explainer(":p a owl:TransitiveProperty .", ":a :p :b . :b :p :c . :c :p :a .")
    found = _explain(explainer, "a p a")
    assert [_text(p.triple) for p in found.premises] == ["a p b", "b p c", "c p a"]


def test_steps_that_other_rules_derive_are_explained() -> None:
    explainer = _explainer(
        ":p a owl:TransitiveProperty . :q rdfs:subPropertyOf :p .", ":a :q :b . :b :p :c ."
    )
    found = _explain(explainer, "a p c")
    assert [_text(p.triple) for p in found.premises] == ["a p b", "b p c"]
    assert [p.rule for p in found.premises] == ["prp-spo1", ""]


def test_stated_steps_are_taken_where_there_are_some() -> None:
    explainer = _explainer(
        ":p a owl:TransitiveProperty . :q rdfs:subPropertyOf :p .",
        ":a :p :b . :b :p :c . :c :p :d . :a :q :d2 . :d2 :q :d .",
    )
    assert set(_leaves(_explain(explainer, "a p d"))) == {"a p b", "b p c", "c p d"}


def test_steps_that_are_only_quoted_lead_nowhere() -> None:
    explainer = _explainer(
        ":p a owl:TransitiveProperty .",
        ":a :p :b . :b :p :c . :c :p :d .",
        ":a :p :d0 . :b :p :d .",
    )
    assert set(_leaves(_explain(explainer, "a p d"))) == {"a p b", "b p c", "c p d"}
    assert _explain(explainer, "b p d").status is TripleStatus.INFERRED
    assert set(_leaves(_explain(explainer, "b p d"))) == {"b p c", "c p d"}
    assert _explain(explainer, "a p d0").status is TripleStatus.QUOTED


def test_what_is_stated_is_not_derived() -> None:
    explainer = _explainer(":p rdfs:subPropertyOf :q .", ":a :p :b ; :q :b .")
    found = _explain(explainer, "a q b")
    assert (found.status, found.rule, found.premises) == (TripleStatus.ASSERTED, "", ())
    assert [origin.source for origin in found.origins] == [_SOURCE.value]


def test_a_wrong_first_rule_does_not_hide_a_right_one() -> None:
    # The first rule that fits leads in a circle; the second does not.
    explainer = _explainer(
        ":p owl:inverseOf :q . :r rdfs:subPropertyOf :q .",
        ":b :r :a .",
    )
    found = _explain(explainer, "b q a")
    assert set(_leaves(found)) == {"b r a"}
    assert set(_leaves(_explain(explainer, "a p b"))) == {"b r a"}


def test_what_must_be_absent_is_told() -> None:
    rule = parse_rule(
        "lonely",
        "#+ title: Nobody is near\nPREFIX : <http://example.org/>\n"
        "CONSTRUCT { ?x :is :Lonely } WHERE { ?x :node ?y FILTER NOT EXISTS { ?x :near ?z } }",
    )
    explainer = _explainer("", ":a :node :v . :b :node :v ; :near :a .", "", rule)
    found = _explain(explainer, "a is Lonely")
    assert (found.rule, found.title) == ("lonely", "Nobody is near")
    assert [_text(p.triple) for p in found.premises] == ["a node v"]
    assert found.absent == (f"<{E}a> <{E}near> ?z .",)
    assert found.as_dict()["absent"] == list(found.absent)
    assert _explain(explainer, "b is Lonely").status is TripleStatus.ABSENT


def test_a_class_expression_shows_the_premises_it_needs() -> None:
    explainer = _explainer(
        ":C owl:equivalentClass [ owl:intersectionOf ( :D"
        " [ owl:onProperty :p ; owl:someValuesFrom :F ] ) ] .",
        ":a a :D ; :p :b , :c . :c a :F .",
    )
    found = _explain(explainer, "a a C")
    assert set(_leaves(found)) == {"a a D", "a p c", "c a F"}
    assert found.rule.startswith("cax-eqc2")


def test_a_step_that_rests_on_the_whole_is_gone_round() -> None:
    rule = parse_rule(
        "back",
        "PREFIX : <http://example.org/>\n"
        "CONSTRUCT { ?x :p ?y } WHERE { ?x :s ?z . ?z :p ?y . ?y :last ?v }",
    )
    explainer = _explainer(
        ":p a owl:TransitiveProperty . :r rdfs:subPropertyOf :p .",
        ":a :p :x ; :r :y . :x :s :a . :y :r :c . :c :last :v .",
        "",
        rule,
    )
    # By way of x it is as short, but x leads to c only because a does.
    assert set(_leaves(_explain(explainer, "a p c"))) == {"a r y", "y r c"}


def test_each_step_can_end_the_work() -> None:
    """Among many triples of a transitive property they are many, and each is told."""
    chain = " ".join(f":c{i} :partOf :c{i + 1} ." for i in range(12))
    explainer = _explainer(":partOf a owl:ObjectProperty, owl:TransitiveProperty .", chain)
    terms = (f"<{E}c0>", f"<{E}partOf>", f"<{E}c12>")
    steps: list[int] = []
    whole = explainer.explain(*terms, step=lambda: steps.append(1))
    assert len(whole.premises) == 12
    assert len(steps) > 12
    left = iter(steps[:10])

    def step() -> None:
        if next(left, None) is None:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        explainer.explain(*terms, step=step)
    assert explainer.explain(*terms) == whole
