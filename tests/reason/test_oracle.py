"""Random ontologies, and the shipped one, give what owlrl derives."""

from __future__ import annotations

from decimal import Decimal

import pyoxigraph as ox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reason.graphs import (
    accepted_graphs,
    by_owlrl,
    domain_rules,
    facts,
    parse,
    reasoned,
)
from tests.shipped import shipped_release
from tzgraph.vocabulary import OWL, RDF, RDFS, SKOS, TZ, Graphs

_SURVIVAL = TZ + "OverallSurvival"
_CLASSES = st.sampled_from([":A", ":B", ":C", ":D"])
_PROPERTIES = st.sampled_from([":p", ":q", ":r", ":s"])
_THINGS = st.sampled_from([":a", ":b", ":c", ":d"])


def _restriction(prop: str, kind: str, value: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty {prop} ; owl:{kind} {value} ]"


def _combined(kind: str, members: list[str]) -> str:
    return f"[ a owl:Class ; owl:{kind} ( {' '.join(members)} ) ]"


_HAS_VALUE = st.builds(_restriction, _PROPERTIES, st.just("hasValue"), _THINGS)
#: Class expressions that have rules on the left of an axiom.
_LEFT = st.recursive(
    _CLASSES | _HAS_VALUE,
    lambda inner: (
        st.builds(_restriction, _PROPERTIES, st.just("someValuesFrom"), inner)
        | st.builds(
            _combined,
            st.sampled_from(["intersectionOf", "unionOf"]),
            st.lists(inner, min_size=2, max_size=3),
        )
    ),
    max_leaves=4,
)
#: Class expressions that have rules on the right.
_RIGHT = st.recursive(
    _CLASSES | _HAS_VALUE,
    lambda inner: (
        st.builds(_restriction, _PROPERTIES, st.just("allValuesFrom"), inner)
        | st.builds(_combined, st.just("intersectionOf"), st.lists(inner, min_size=2, max_size=2))
    ),
    max_leaves=3,
)
#: Those that have rules on both sides.
_BOTH = st.builds(
    _combined, st.just("intersectionOf"), st.lists(_CLASSES | _HAS_VALUE, min_size=2, max_size=2)
)
_AXIOMS = st.one_of(
    st.builds("{} rdfs:domain {} .".format, _PROPERTIES, _CLASSES),
    st.builds("{} rdfs:range {} .".format, _PROPERTIES, _CLASSES),
    st.builds("{} rdfs:subClassOf {} .".format, _LEFT, _RIGHT),
    st.builds("{} owl:equivalentClass {} .".format, _CLASSES, _CLASSES | _BOTH | _HAS_VALUE),
    st.builds("{} rdfs:subPropertyOf {} .".format, _PROPERTIES, _PROPERTIES),
    st.builds("{} owl:equivalentProperty {} .".format, _PROPERTIES, _PROPERTIES),
    st.builds("{} owl:inverseOf {} .".format, _PROPERTIES, _PROPERTIES),
    st.builds(
        "{} a owl:{}Property .".format, _PROPERTIES, st.sampled_from(["Transitive", "Symmetric"])
    ),
    st.builds(
        lambda prop, links: f"{prop} owl:propertyChainAxiom ( {' '.join(links)} ) .",
        _PROPERTIES,
        st.lists(_PROPERTIES, min_size=2, max_size=3),
    ),
)
_FACTS = st.one_of(
    st.builds("{} {} {} .".format, _THINGS, _PROPERTIES, _THINGS),
    st.builds("{} a {} .".format, _THINGS, _CLASSES),
)


@settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    axioms=st.lists(_AXIOMS, min_size=2, max_size=8),
    stated=st.lists(_FACTS, min_size=2, max_size=7),
)
def test_random_ontologies_give_what_owlrl_derives(axioms: list[str], stated: list[str]) -> None:
    turtle = "\n".join(axioms + stated)
    ours = reasoned(turtle)
    # Axioms left out must not be among those generated: nothing may hide behind `unused`.
    assert ours.compiled.unused == []
    assert facts(ours.asserted | ours.inferred) == facts(by_owlrl(parse(turtle)))
    assert not ours.inferred & ours.asserted
    assert "_:" not in "".join(map(str, ours.inferred))


@settings(max_examples=30, derandomize=True)
@given(
    axioms=st.lists(_AXIOMS, min_size=2, max_size=8),
    stated=st.lists(_FACTS, min_size=2, max_size=7),
    data=st.data(),
)
def test_the_order_of_axioms_and_facts_is_of_no_account(
    axioms: list[str], stated: list[str], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(axioms + stated))
    assert reasoned("\n".join(shuffled)).new == reasoned("\n".join(axioms + stated)).new


def _annotations(store: ox.Store) -> set[ox.NamedNode]:
    return {
        quad.subject
        for quad in store.quads_for_pattern(
            None,
            ox.NamedNode(RDF + "type"),
            ox.NamedNode(OWL + "AnnotationProperty"),
            ox.NamedNode(Graphs.ONTOLOGY),
        )
        if isinstance(quad.subject, ox.NamedNode)
    }


def test_the_shipped_graph_is_what_owlrl_and_the_domain_rules_derive() -> None:
    release = shipped_release()
    store = release.store()
    inferred = [q.triple for q in store.quads_for_pattern(None, None, None, _graph("inferred"))]
    names = [Graphs.ONTOLOGY, *accepted_graphs(release)]
    asserted = [
        q.triple
        for name in names
        for q in store.quads_for_pattern(None, None, None, ox.NamedNode(name))
    ]
    own = {pattern.predicate for rule in domain_rules() for pattern in rule.head}
    by_domain_rules = [triple for triple in inferred if str(triple.predicate) in own]
    assert by_domain_rules
    # Annotations mean nothing, and texts make owlrl slow.
    annotations = _annotations(store)
    meaningful = [
        triple
        for triple in [*asserted, *by_domain_rules]
        if triple.predicate not in annotations
        and not triple.predicate.value.startswith((RDFS + "label", RDFS + "seeAlso", SKOS))
        and triple.predicate.value not in {RDF + n for n in ("subject", "predicate", "object")}
    ]
    # owlrl knows no facets of datatypes, so that this class is filled by hand.
    benefits = _survival_benefits(meaningful)
    assert benefits
    closure = facts(by_owlrl([*meaningful, *benefits]))
    ours = facts([*meaningful, *inferred])
    assert ours - closure == set()
    assert closure - ours == set()


def _survival_benefits(triples: list[ox.Triple]) -> list[ox.Triple]:
    """Comparisons of overall survival whose confidence interval ends below 1."""
    below = {
        t.subject
        for t in triples
        if t.predicate.value == TZ + "ciUpper"
        and isinstance(t.object, ox.Literal)
        and Decimal(t.object.value) < 1
    }
    of_survival = {
        t.subject
        for t in triples
        if t.predicate.value == TZ + "endpoint" and t.object == ox.NamedNode(_SURVIVAL)
    }
    compared = {t.subject for t in triples if t.object == ox.NamedNode(TZ + "Comparison")}
    return [
        ox.Triple(node, ox.NamedNode(RDF + "type"), ox.NamedNode(TZ + "SurvivalBenefit"))
        for node in below & of_survival & compared
    ]


def _graph(name: str) -> ox.NamedNode:
    return ox.NamedNode("https://w3id.org/tzgraph/graph/" + name)


def test_the_shipped_inferred_graph_is_new_and_has_no_blank_node() -> None:
    release = shipped_release()
    store = release.store()
    inferred = {q.triple for q in store.quads_for_pattern(None, None, None, _graph("inferred"))}
    asserted = {
        q.triple
        for name in [Graphs.ONTOLOGY, *accepted_graphs(release)]
        for q in store.quads_for_pattern(None, None, None, ox.NamedNode(name))
    }
    assert len(inferred) > 100
    assert not inferred & asserted
    assert not [triple for triple in inferred if "_:" in str(triple)]
    assert {t.predicate.value for t in inferred} >= {
        RDF + "type",
        RDFS + "subClassOf",
        TZ + "targets",
        TZ + "predictedResistanceTo",
    }
