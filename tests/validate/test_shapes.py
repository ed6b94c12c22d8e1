"""Each shape finds what it is for, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.term import Node

from tests.validate.engines import DATA, ontology, shapes, store_of
from tests.validate.examples import Case, changed, conforming, read_cases, short
from tzgraph.resources import shipped
from tzgraph.validate import ShaclEngine, ShaclResult, check_with
from tzgraph.vocabulary import TZ, Graphs

SHAPES_NS = "https://w3id.org/tzgraph/shapes#"
CASES = read_cases()
#: Operands of other shapes, which report nothing themselves.
HELPERS = {"OwnIri", "ForeignIri"}


def check(graph: Graph, engine: ShaclEngine = ShaclEngine.SPARQL) -> Sequence[ShaclResult]:
    store = store_of(graph, ontology())
    return check_with(engine, store, (DATA,), shapes(), Graphs.ONTOLOGY).report.results


def reporting_shapes() -> dict[str, URIRef]:
    """The shapes that have targets, by local name."""
    found = {
        subject
        for predicate in (SH.targetClass, SH.targetSubjectsOf, SH.targetNode, SH.targetObjectsOf)
        for subject in shapes().subjects(predicate)
    }
    return {str(s).removeprefix(SHAPES_NS): s for s in found if isinstance(s, URIRef)}


def test_conforming_graph_has_no_results() -> None:
    for engine in ShaclEngine.SPARQL, ShaclEngine.PYSHACL:
        assert list(check(conforming(), engine)) == []


def test_evidence_states_no_property_that_rules_derive() -> None:
    """The shape lists them, as a check of data does not see annotations of the ontology."""
    (query,) = shapes().objects(URIRef(SHAPES_NS + "Evidence-derived-query"), SH.select)
    derived = set(ontology().subjects(URIRef(TZ + "notInTables"), Literal(True)))
    listed = {URIRef(TZ + name) for name in re.findall(r"tz:(\w+)", str(query))}
    assert listed == derived | {URIRef(TZ + "candidateFor")}


def test_conforming_graph_uses_every_class_with_ids_and_every_property() -> None:
    graph, onto = conforming(), ontology()
    used = set(graph.predicates()) | {URIRef(TZ + "candidateFor")}
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        assert set(properties(kind)) - used == set()
    types = {
        c
        for t in graph.objects(None, RDF.type)
        for c in onto.transitive_objects(t, RDFS.subClassOf)
    }
    assert set(onto.subjects(URIRef(TZ + "idKind"))) - types == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_failing_example(case: Case) -> None:
    expect(case, ShaclEngine.SPARQL)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=str(case), marks=() if number % 25 == 0 else pytest.mark.slow)
        for number, case in enumerate(CASES)
    ],
)
def test_failing_example_with_pyshacl(case: Case) -> None:
    expect(case, ShaclEngine.PYSHACL)


def expect(case: Case, engine: ShaclEngine) -> None:
    """Check that an engine finds in an example what it is there for, and nothing else."""
    results = check(changed(conforming(), case.changes), engine)
    found = {
        (r.shape.removeprefix(SHAPES_NS), "_:b" if isinstance(r.focus, BNode) else short(r.focus))
        for r in results
    }
    assert found == {(case.shape, case.focus), *case.others}
    main = [r for r in results if r.shape == SHAPES_NS + case.shape]
    assert {(short(r.path), r.severity.value) for r in main} == {(case.path, case.severity)}
    assert all(r.message for r in results)


def test_every_shape_has_a_failing_example() -> None:
    assert {case.shape for case in CASES} == set(reporting_shapes())


def test_every_shape_has_name_message_and_severity() -> None:
    graph = shapes()
    named = {s for t in (SH.NodeShape, SH.PropertyShape) for s in graph.subjects(RDF.type, t)}
    assert {str(s).removeprefix(SHAPES_NS) for s in named} == set(reporting_shapes()) | HELPERS
    for shape in named:
        assert isinstance(shape, URIRef)
        assert str(shape).startswith(SHAPES_NS)
        for predicate in (SH.name, SH.message):
            (text,) = graph.objects(shape, predicate)
            assert str(text).strip(), shape
        (message,) = graph.objects(shape, SH.message)
        assert str(message).count(". ") >= 1, f"{shape} does not say what to do"
        (severity,) = graph.objects(shape, SH.severity)
        assert severity in (SH.Violation, SH.Warning)


def test_names_and_messages_are_not_shared() -> None:
    graph = shapes()
    names = [str(o) for o in graph.objects(None, SH.name)]
    assert len(names) == len(set(names))


def test_absence_is_a_warning_unless_the_row_says_nothing_without_it() -> None:
    meaningless = {
        "Evidence-subject-absent",
        "Evidence-predicate-absent",
        "Evidence-object-absent",
        "Evidence-publication-absent",
        "OutcomeResult-arm-absent",
        "unit-absent",
        "StatedResult-number-absent",
        "StatedComparison-finding-absent",
        "CitedReference-entry-absent",
    }
    for name, shape in reporting_shapes().items():
        if name.endswith("-absent"):
            expected = SH.Violation if name in meaningless else SH.Warning
            assert shapes().value(shape, SH.severity) == expected, name


def test_only_core_and_sparql_constraints_are_used() -> None:
    assert not set(shapes().predicates()) & {SH.target, SH.rule, SH.js, SH.validator}


def test_every_database_prefix_has_a_shape_for_its_identifiers() -> None:
    vocabularies = {"dcterms", "faldo", "foaf", "owl", "prov", "rdf", "rdfs", "sh", "skos", "vann"}
    vocabularies |= {"void", "xsd", "tz", "tzgraph", "tzimport", "tzmapping", "tzmappingset"}
    vocabularies |= {"pav", "semapv", "sssom"}
    prefixes = json.loads((shipped("ontology") / "prefixes.json").read_text("utf-8"))["@context"]
    names = [name for name in reporting_shapes() if name.startswith("identifier-")]
    found = {name.removeprefix("identifier-") for name in names}
    assert found == set(prefixes) - vocabularies
    for prefix in found:
        shape = URIRef(f"{SHAPES_NS}identifier-{prefix}")
        choice = shapes().value(shape, SH["or"])
        assert choice is not None
        _, form = shapes().items(choice)
        pattern = re.sub(r"\[(.)\]", r"\1", str(shapes().value(form, SH.pattern)))
        assert pattern.startswith("^" + prefixes[prefix]), prefix


def classes(graph: Graph, node: object) -> frozenset[str]:
    """The classes of a domain or range, or of ``sh:class`` and ``sh:or`` of a shape."""
    assert isinstance(node, URIRef | BNode)
    if isinstance(node, URIRef) and (node, SH.severity, None) not in graph:
        return frozenset({str(node)})
    one = {str(o) for o in graph.objects(node, SH["class"])}
    for union in graph.objects(node, OWL.unionOf):
        one |= {str(item) for item in graph.items(union)}
    for choice in graph.objects(node, SH["or"]):
        for item in graph.items(choice):
            one |= {str(o) for o in graph.objects(item, SH["class"])}
    return frozenset(one)


def properties(kind: URIRef) -> list[URIRef]:
    """The properties that tables may give: the shapes see no others."""
    found = {p for p in ontology().subjects(RDF.type, kind) if str(p).startswith(TZ)}
    found -= set(ontology().subjects(URIRef(TZ + "notInTables")))
    return sorted(p for p in found if isinstance(p, URIRef))


def test_every_domain_is_checked() -> None:
    """No property stands on a thing of another class: inference would type the mistake away."""
    derived = {TZ + "candidateFor"}
    for prop in [*properties(OWL.ObjectProperty), *properties(OWL.DatatypeProperty)]:
        domains = list(ontology().objects(prop, RDFS.domain))
        if not domains or str(prop) in derived:
            continue
        checked = {
            classes(shapes(), s)
            for s in shapes().subjects(SH.targetSubjectsOf, prop)
            if (s, SH.path, None) not in shapes()
        }
        assert checked == {classes(ontology(), d) for d in domains}, prop


def test_every_range_is_checked() -> None:
    derived = {TZ + name for name in ("candidateFor", "resultOf", "armOf", "comparisonOf")}
    for prop in properties(OWL.ObjectProperty):
        ranges = {classes(ontology(), r) for r in ontology().objects(prop, RDFS.range)}
        if not ranges or str(prop) in derived:
            continue
        checked = {classes(shapes(), s) for s in shapes().subjects(SH.path, prop)} - {frozenset()}
        if str(prop) == TZ + "endpoint":  # units are checked by the kind of endpoint
            checked -= {frozenset({TZ + f"{kind}Endpoint"}) for kind in ("Time", "Proportion")}
        if str(prop) == TZ + "subtypeOf":  # "of the same sort": stricter than the range
            assert frozenset().union(*checked) == next(iter(ranges))
        else:
            assert checked == ranges, prop


def test_every_datatype_is_checked() -> None:
    for prop in properties(OWL.DatatypeProperty):
        ranges = set(ontology().objects(prop, RDFS.range))
        checked = {
            d for s in shapes().subjects(SH.path, prop) for d in shapes().objects(s, SH.datatype)
        }
        assert checked == ranges, prop


def test_every_functional_property_has_at_most_one_value() -> None:
    for prop in properties(OWL.FunctionalProperty):
        counts = {
            int(str(c))
            for s in shapes().subjects(SH.path, prop)
            for c in shapes().objects(s, SH.maxCount)
        }
        assert 1 in counts, prop


def test_every_class_with_ids_needs_a_label() -> None:
    targets = set(shapes().objects(URIRef(SHAPES_NS + "label-absent"), SH.targetClass))
    for node in ontology().subjects(URIRef(TZ + "idKind")):
        assert targets & set(ontology().transitive_objects(node, RDFS.subClassOf)), node


def id_shape(node: Node) -> URIRef:
    """The shape for the ids of a class, whose namespace may be another's, such as PROV's."""
    return URIRef(f"{SHAPES_NS}{re.split('[#/]', str(node))[-1]}-id")


def test_every_class_with_ids_has_a_shape_for_them_that_takes_no_blank_node() -> None:
    for node in ontology().subjects(URIRef(TZ + "idKind")):
        shape = id_shape(node)
        if (shape, None, None) not in shapes():  # a subclass: its superclass has the shape
            above = [c for c in ontology().transitive_objects(node, RDFS.subClassOf) if c]
            assert any((id_shape(c), None, None) in shapes() for c in above), node
            continue
        assert shapes().value(shape, SH.nodeKind) == SH.IRI, node
        assert shapes().value(shape, SH.targetClass) == node
