"""Each kind of axiom gives what owlrl derives from it, no more and no less."""

from __future__ import annotations

import pytest

from tests.reason.graphs import by_owlrl, facts, parse, reasoned

#: Name → axioms and facts, and what has to follow at least (owlrl says what follows in all).
CASES = {
    "domain": (":p rdfs:domain :C . :a :p :b .", {("a", "a", "C")}),
    "domain, intersection": (
        ":p rdfs:domain [ owl:intersectionOf ( :C :D ) ] . :a :p :b .",
        {("a", "a", "C"), ("a", "a", "D")},
    ),
    "range": (":p rdfs:range :C . :a :p :b .", {("b", "a", "C")}),
    "subclass": (":C rdfs:subClassOf :D . :D rdfs:subClassOf :F . :a a :C .", {("a", "a", "F")}),
    "subclass, cycle": (
        ":C rdfs:subClassOf :D . :D rdfs:subClassOf :C . :a a :C . :b a :D .",
        {("a", "a", "D"), ("b", "a", "C")},
    ),
    "equivalent classes": (
        ":C owl:equivalentClass :D . :a a :C . :b a :D .",
        {("a", "a", "D"), ("b", "a", "C")},
    ),
    "intersection": (
        ":C owl:equivalentClass [ owl:intersectionOf ( :D :F ) ] ."
        " :a a :D , :F . :b a :D . :c a :C .",
        {("a", "a", "C"), ("c", "a", "D"), ("c", "a", "F")},
    ),
    "intersection with owl:Thing": (
        ":C owl:equivalentClass [ owl:intersectionOf ( :D owl:Thing ) ] . :a a :D , owl:Thing .",
        {("a", "a", "C")},
    ),
    "hasValue": (
        ":C owl:equivalentClass [ owl:onProperty :p ; owl:hasValue :v ] ."
        " :a :p :v . :b :p :w . :c a :C .",
        {("a", "a", "C"), ("c", "p", "v")},
    ),
    "hasValue of a literal": (
        ':C owl:equivalentClass [ owl:onProperty :d ; owl:hasValue "x" ] .'
        ' :d a owl:DatatypeProperty . :a :d "x" . :b :d "y" . :c a :C .',
        {("a", "a", "C"), ("c", "d", '"x"')},
    ),
    "hasValue right": (
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue :v ] . :a a :C .",
        {("a", "p", "v")},
    ),
    "someValuesFrom left": (
        "[ owl:onProperty :p ; owl:someValuesFrom :D ] rdfs:subClassOf :C ."
        " :a :p :b . :b a :D . :c :p :d .",
        {("a", "a", "C")},
    ),
    "someValuesFrom owl:Thing left": (
        "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :C ."
        " :b a owl:Thing . :a :p :b .",
        {("a", "a", "C")},
    ),
    "someValuesFrom of an inverse": (
        "[ owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom :D ] rdfs:subClassOf :C ."
        " :b :p :a . :b a :D . :c :p :a .",
        {("a", "a", "C")},
    ),
    "union left": (
        "[ owl:unionOf ( :D :F ) ] rdfs:subClassOf :C . :a a :D . :b a :F .",
        {("a", "a", "C"), ("b", "a", "C")},
    ),
    "union, equivalent": (
        ":C owl:equivalentClass [ owl:unionOf ( :D :F ) ] . :a a :D . :b a :F . :c a :C .",
        {("a", "a", "C"), ("b", "a", "C")},
    ),
    "nested": (
        ":C owl:equivalentClass [ owl:intersectionOf ( :D"
        " [ owl:onProperty :p ; owl:someValuesFrom"
        " [ owl:unionOf ( :F [ owl:onProperty :q ; owl:hasValue :v ] ) ] ] ) ] ."
        " :a a :D ; :p :b . :b :q :v . :c a :D ; :p :d . :d a :F . :e a :D ; :p :f .",
        {("a", "a", "C"), ("c", "a", "C")},
    ),
    "allValuesFrom right": (
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :D ] ."
        " :a a :C ; :p :b . :c :p :d .",
        {("b", "a", "D")},
    ),
    "allValuesFrom right, nested": (
        ":C rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom"
        " [ owl:onProperty :q ; owl:allValuesFrom :D ] ] . :a a :C ; :p :b . :b :q :c .",
        {("c", "a", "D")},
    ),
    "subproperty": (
        ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r . :a :p :b .",
        {("a", "q", "b"), ("a", "r", "b")},
    ),
    "equivalent properties": (
        ":p owl:equivalentProperty :q . :a :p :b . :c :q :d .",
        {("a", "q", "b"), ("c", "p", "d")},
    ),
    "inverse": (
        ":p owl:inverseOf :q . :a :p :b . :c :q :d .",
        {("b", "q", "a"), ("d", "p", "c")},
    ),
    "symmetric": (":p a owl:SymmetricProperty . :a :p :b .", {("b", "p", "a")}),
    "transitive": (
        ":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :d .",
        {("a", "p", "d")},
    ),
    "transitive, cycle": (
        ":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :a .",
        {("a", "p", "a"), ("b", "p", "b"), ("c", "p", "b")},
    ),
    "transitive and symmetric": (
        ":p a owl:TransitiveProperty , owl:SymmetricProperty . :a :p :b . :b :p :c .",
        {("c", "p", "a"), ("a", "p", "a")},
    ),
    "transitive, with a subproperty": (
        ":p a owl:TransitiveProperty . :q rdfs:subPropertyOf :p . :a :q :b . :b :p :c . :c :q :d .",
        {("a", "p", "d")},
    ),
    "chain of two": (
        ":r owl:propertyChainAxiom ( :p :q ) . :a :p :b . :b :q :c .",
        {("a", "r", "c")},
    ),
    "chain of three": (
        ":r owl:propertyChainAxiom ( :p :q :s ) . :a :p :b . :b :q :c . :c :s :d .",
        {("a", "r", "d")},
    ),
    "chain through a transitive property": (
        ":q a owl:TransitiveProperty . :r owl:propertyChainAxiom ( :p :q ) ."
        " :a :p :b . :b :q :c . :c :q :d .",
        {("a", "r", "d")},
    ),
    "chain into a transitive property": (
        ":r a owl:TransitiveProperty . :r owl:propertyChainAxiom ( :p :q ) ."
        " :a :p :b . :b :q :c . :c :r :d .",
        {("a", "r", "d")},
    ),
    "chain into a link of itself": (
        ":r owl:propertyChainAxiom ( :r :q ) . :a :r :b . :b :q :c . :c :q :d .",
        {("a", "r", "d")},
    ),
    "chain of derived links, with a range": (
        ":r owl:propertyChainAxiom ( :p :q ) ; rdfs:range :C . :s owl:inverseOf :q ."
        " :t rdfs:subPropertyOf :p . :C rdfs:subClassOf :D . :a :t :b . :c :s :b .",
        {("a", "r", "c"), ("c", "a", "D")},
    ),
    "class from a derived property": (
        ":C owl:equivalentClass [ owl:intersectionOf ( :D"
        " [ owl:onProperty :q ; owl:someValuesFrom :F ] ) ] ."
        " :p owl:inverseOf :q . :p rdfs:domain :F . :q rdfs:domain :D . :b :p :a .",
        {("a", "a", "C")},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_follows_is_what_owlrl_derives(name: str) -> None:
    turtle, at_least = CASES[name]
    ours = reasoned(turtle)
    everything = facts(ours.asserted | ours.inferred)
    assert at_least <= ours.new
    assert everything == facts(by_owlrl(parse(turtle)))


@pytest.mark.parametrize("name", CASES)
def test_what_is_inferred_is_new_and_has_no_blank_node(name: str) -> None:
    ours = reasoned(CASES[name][0])
    assert not ours.inferred & ours.asserted
    assert not [triple for triple in ours.inferred if "_:" in str(triple)]


def test_what_follows_is_not_more_than_the_default_graph_holds() -> None:
    ours = reasoned(CASES["chain of three"][0])
    default = {quad.triple for quad in ours.store.quads_for_pattern(None, None, None, None)}
    assert ours.inferred <= default


def _members(datatype: str, *values: str) -> set[str]:
    facts_ = " ".join(f":i{number} :d {value} ." for number, value in enumerate(values))
    found = reasoned(
        f":C owl:equivalentClass [ owl:onProperty :d ; owl:someValuesFrom {datatype} ] ."
        f" :d a owl:DatatypeProperty . {facts_}"
    )
    return {subject for subject, _, obj in found.new if obj == "C"}


@pytest.mark.parametrize(
    ("facet", "members"),
    [
        ("maxExclusive", {"i0"}),
        ("maxInclusive", {"i0", "i1"}),
        ("minInclusive", {"i1", "i2"}),
        ("minExclusive", {"i2"}),
    ],
)
def test_facets_bound_the_numbers(facet: str, members: set[str]) -> None:
    # owlrl knows no facets, so that the members are given here.
    datatype = (
        "[ a rdfs:Datatype ; owl:onDatatype xsd:decimal ;"
        f" owl:withRestrictions ( [ xsd:{facet} 1.0 ] ) ]"
    )
    assert _members(datatype, "0.99", "1.00", "1.01", '"0.5"', "1.0e0") == members


def test_two_facets_make_an_interval() -> None:
    datatype = (
        "[ a rdfs:Datatype ; owl:onDatatype xsd:integer ;"
        " owl:withRestrictions ( [ xsd:minInclusive 2 ] [ xsd:maxExclusive 4 ] ) ]"
    )
    assert _members(datatype, "1", "2", "3", "4", "2.5") == {"i1", "i2"}


@pytest.mark.parametrize(
    ("datatype", "members"),
    [
        ("xsd:decimal", {"i0", "i1"}),
        ("xsd:integer", {"i1"}),
        ("xsd:string", {"i2"}),
        ("xsd:double", {"i3"}),
        ("rdfs:Literal", {"i0", "i1", "i2", "i3"}),
    ],
)
def test_datatypes_hold_the_values_of_narrower_ones(datatype: str, members: set[str]) -> None:
    assert _members(datatype, "0.5", "5", '"x"', "5e0") == members


@pytest.mark.parametrize(
    ("axiom", "said"),
    [
        (":p a owl:FunctionalProperty .", "FunctionalProperty"),
        (":p a owl:InverseFunctionalProperty .", "InverseFunctionalProperty"),
        (":p a owl:ReflexiveProperty .", "ReflexiveProperty"),
        (":p rdfs:domain [ owl:unionOf ( :C :D ) ] .", "p domain ("),
        (":p rdfs:range [ owl:unionOf ( :C :D ) ] .", "p range ("),
        (":C rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] .", "C ⊑"),
        (":C rdfs:subClassOf [ owl:onProperty :p ; owl:minCardinality 1 ] .", "C ⊑"),
        (":C rdfs:subClassOf [ owl:complementOf :D ] .", "C ⊑"),
        (":C owl:complementOf :D .", "complementOf"),
        (":C rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :D ] .", "C ⊑"),
        (":C rdfs:subClassOf [ owl:unionOf ( :D :F ) ] .", "C ⊑"),
        (":C rdfs:subClassOf [ owl:oneOf ( :a :b ) ] .", "C ⊑"),
        (":C rdfs:subClassOf [ owl:intersectionOf ( :D [ owl:complementOf :F ] ) ] .", "right"),
        ("[ owl:onProperty :p ; owl:allValuesFrom :D ] rdfs:subClassOf :C .", "⊑ http"),
        ("[ owl:onProperty :p ; owl:hasSelf true ] rdfs:subClassOf :C .", "⊑ http"),
        ("[ owl:oneOf ( :a :b ) ] rdfs:subClassOf :C .", "⊑ http"),
        ("owl:Thing rdfs:subClassOf :C .", "⊑ http"),
        (":C owl:disjointUnionOf ( :D :F ) .", "disjointUnionOf"),
        (":C owl:hasKey ( :p ) .", "hasKey"),
        (":a owl:sameAs :b .", "sameAs"),
        (":a owl:differentFrom :b .", "differentFrom"),
        ("[] a owl:AllDifferent ; owl:distinctMembers ( :a :b ) .", "AllDifferent"),
        (
            "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :a ;"
            " owl:assertionProperty :p ; owl:targetIndividual :b .",
            "NegativePropertyAssertion",
        ),
        (":p rdfs:subPropertyOf [ owl:inverseOf :q ] .", "anonymous inverse"),
        ("[ owl:complementOf :C ] owl:disjointWith :D .", "disjoint"),
        (
            "[ owl:onProperty :d ; owl:someValuesFrom [ a rdfs:Datatype ; owl:onDatatype"
            ' xsd:string ; owl:withRestrictions ( [ xsd:pattern "a+" ] ) ] ] rdfs:subClassOf :C .',
            "pattern",
        ),
    ],
)
def test_axioms_outside_the_subset_are_listed(axiom: str, said: str) -> None:
    compiled = reasoned(axiom).compiled
    assert any(said in line for line in compiled.unused), compiled.unused


@pytest.mark.parametrize("name", CASES)
def test_axioms_in_the_subset_are_not_listed(name: str) -> None:
    unused = reasoned(CASES[name][0]).compiled.unused
    # Of an equivalence, a union or an existential has no rule on the right.
    assert all(("≡" in line and "⊔" in line) or "∃" in line for line in unused), unused


def test_one_half_of_an_equivalence_is_kept_where_the_other_has_no_rule() -> None:
    ours = reasoned(":C owl:equivalentClass [ owl:unionOf ( :D :F ) ] . :a a :D .")
    assert ours.new == {("a", "a", "C")}
    assert len(ours.compiled.unused) == 1


def test_rules_name_their_owl_rl_rule_and_axiom() -> None:
    rules = reasoned(
        ":p rdfs:domain :C . :p rdfs:range :D . :C rdfs:subClassOf :D . :p rdfs:subPropertyOf :q ."
        " :p owl:inverseOf :i . :t a owl:TransitiveProperty . :s a owl:SymmetricProperty ."
        " :q owl:propertyChainAxiom ( :p :t ) . :C owl:equivalentClass :F ."
        " :q owl:equivalentProperty :r ."
    ).compiled.rules
    assert {rule.name for rule in rules} == {
        *("prp-dom", "prp-rng", "cax-sco", "prp-spo1", "prp-inv1", "prp-inv2", "prp-trp"),
        *("prp-symp", "prp-spo2", "cax-eqc1", "cax-eqc2", "prp-eqp1", "prp-eqp2"),
        *("scm-sco", "scm-spo"),
    }
    assert all(rule.axiom for rule in rules)
    chain = next(rule for rule in rules if rule.name == "prp-spo2")
    assert chain.axiom == "http://example.org/p ∘ http://example.org/t ⊑ http://example.org/q"


def test_superclasses_of_named_classes_are_inferred() -> None:
    ours = reasoned(
        ":C rdfs:subClassOf :D . :D rdfs:subClassOf :F ."
        " :G owl:equivalentClass [ owl:intersectionOf ( :C"
        " [ owl:onProperty :p ; owl:hasValue :v ] ) ] ."
    )
    found = {tuple(str(term) for term in triple) for triple in ours.inferred}
    below = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
    c, d, f, g = (f"<http://example.org/{name}>" for name in "CDFG")
    assert found == {(c, below, f), (g, below, c), (g, below, d), (g, below, f)}
    assert d != f
