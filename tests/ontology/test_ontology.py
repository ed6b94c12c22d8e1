"""The ontology has the terms that others build on, and stays in OWL 2 DL."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from tests.shipped import shipped_ontology
from tzgraph.ontology_graph import load_ontology
from tzgraph.resources import shipped

TZ = Namespace("https://w3id.org/tzgraph/ontology#")
VANN = Namespace("http://purl.org/vocab/vann/")
ONTOLOGY = URIRef("https://w3id.org/tzgraph/ontology")

_CLASSES = """
    Drug DrugClass Target Gene TargetVariant Alteration ProteinDomain Epitope Pathway
    BiologicalProcess CellType Disease Biomarker Assay ResistanceMechanism Regimen Trial TrialArm
    OutcomeResult Comparison Publication Claim Assessment Evidence
"""
_PROPERTIES = """
    targets bindsEpitope epitopeOf encodedBy variantOf alterationOf retainsEpitope
    partlyRetainsEpitope losesEpitope participatesIn subtypeOf involvesVariant affects
    confersResistanceTo counters candidateFor includesDrug hasArm regimen studiesCondition
    lineOfTherapy nctId hasResult endpoint value unit ciLower ciUpper population dataCutoff
    valueStatus comparesArm referenceArm hazardRatio pValue measures statedIn locator cites
    statesResult assesses assessedAs checkedAgainst byRule verdict activates inhibits
"""
TERMS = ["Supported", "Contradicted", "Imprecise", "Unverified", "NotReached"]
#: Subject and object of properties, as Part 1 gives them.
ENDS = {
    "targets": ("Drug", "Target"),
    "bindsEpitope": ("Drug", "Epitope"),
    "epitopeOf": ("Epitope", "ProteinDomain Target"),
    "encodedBy": ("Target", "Gene"),
    "variantOf": ("TargetVariant", "Target"),
    "alterationOf": ("Alteration", "Gene"),
    "retainsEpitope": ("TargetVariant", "Epitope"),
    "partlyRetainsEpitope": ("TargetVariant", "Epitope"),
    "losesEpitope": ("TargetVariant", "Epitope"),
    "participatesIn": ("Target", "Pathway"),
    "subtypeOf": ("Disease Pathway", "Disease Pathway"),
    "involvesVariant": ("ResistanceMechanism", "TargetVariant Alteration"),
    "confersResistanceTo": ("ResistanceMechanism", "Drug"),
    "includesDrug": ("Regimen", "Drug"),
    "hasArm": ("Trial", "TrialArm"),
    "regimen": ("TrialArm", "Regimen"),
    "studiesCondition": ("Trial", "Disease"),
    "hasResult": ("TrialArm", "OutcomeResult"),
    "comparesArm": ("Comparison StatedComparison", "TrialArm"),
    "referenceArm": ("Comparison StatedComparison", "TrialArm"),
    "measures": ("Assay", "Biomarker"),
    "statedIn": ("Claim", "Publication"),
    "assesses": ("Assessment", "Claim"),
    "assessedAs": ("Assessment", "Verdict"),
    "verdict": ("Claim", "Verdict"),
}
#: https://www.w3.org/TR/owl2-syntax/#Datatype_Maps
_DATATYPES = """
    decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger
    long int short byte unsignedLong unsignedInt unsignedShort unsignedByte double float
    string normalizedString token language Name NCName NMTOKEN boolean hexBinary
    base64Binary anyURI dateTime dateTimeStamp
"""
DATATYPE_MAP = {
    *(OWL.real, OWL.rational, RDF.PlainLiteral, RDF.XMLLiteral, RDF.langString, RDFS.Literal),
    *(XSD[name] for name in _DATATYPES.split()),
}
KINDS = {
    OWL.Class: "class",
    OWL.ObjectProperty: "object property",
    OWL.DatatypeProperty: "data property",
    OWL.AnnotationProperty: "annotation property",
    OWL.NamedIndividual: "individual",
}
#: Predicates of the OWL 2 mapping to RDF and annotation properties that are built in.
BUILT_IN = {
    *(RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy, OWL.versionInfo, OWL.deprecated),
}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return shipped_ontology()


def _of_kind(graph: Graph, kind: URIRef) -> set[Node]:
    return set(graph.subjects(RDF.type, kind))


def _kinds(graph: Graph, term: Node) -> set[str]:
    return {
        KINDS[kind]
        for kind in graph.objects(term, RDF.type)
        if isinstance(kind, URIRef) and kind in KINDS
    }


@pytest.mark.parametrize("name", _CLASSES.split())
def test_classes_that_others_build_on_exist(graph: Graph, name: str) -> None:
    assert _kinds(graph, TZ[name]) == {"class"}


@pytest.mark.parametrize("name", _PROPERTIES.split())
def test_properties_that_others_build_on_exist(graph: Graph, name: str) -> None:
    (kind,) = _kinds(graph, TZ[name])
    assert kind.endswith("property")


@pytest.mark.parametrize("name", TERMS)
def test_terms_that_others_build_on_exist(graph: Graph, name: str) -> None:
    assert _kinds(graph, TZ[name]) == {"individual"}


@pytest.mark.parametrize("name", ENDS)
def test_properties_lead_from_and_to_what_they_always_did(graph: Graph, name: str) -> None:
    found = []
    for end in (RDFS.domain, RDFS.range):
        value = graph.value(TZ[name], end)
        union = graph.value(value, OWL.unionOf)
        members = list(Collection(graph, union)) if union is not None else [value]
        found.append({str(member).removeprefix(TZ) for member in members})
    assert found == [set(text.split()) for text in ENDS[name]]


def test_directions_are_kinds_of_affects_and_counters_is_no_candidate(graph: Graph) -> None:
    for name in ("activates", "inhibits"):
        assert (TZ[name], RDFS.subPropertyOf, TZ.affects) in graph
    for one, other in ((TZ.counters, TZ.candidateFor), (TZ.candidateFor, TZ.counters)):
        assert other not in set(graph.transitive_objects(one, RDFS.subPropertyOf))


def test_each_term_has_one_english_label_and_definition(graph: Graph) -> None:
    ours = {s for kind in KINDS for s in _of_kind(graph, kind) if str(s).startswith(TZ)}
    assert len(ours) > 150
    wrong = []
    for term in ours:
        for predicate in (RDFS.label, SKOS.definition):
            texts = list(graph.objects(term, predicate))
            good = len(texts) == 1 and isinstance(texts[0], Literal) and texts[0].language == "en"
            if not good or not str(texts[0]).strip():
                wrong.append((term, predicate))
    assert wrong == []


def test_labels_name_one_term_whatever_the_case_of_letters(graph: Graph) -> None:
    labels = Counter(str(label).lower() for label in graph.objects(None, RDFS.label))
    assert [label for label, number in labels.items() if number > 1] == []


def test_a_class_is_not_defined_by_its_own_name(graph: Graph) -> None:
    """A definition is a genus and what sets the class apart, which its label alone doesn't say."""
    circular = []
    for term in _of_kind(graph, OWL.Class):
        text = str(graph.value(term, SKOS.definition) or "").lower()
        label = str(graph.value(term, RDFS.label)).lower()
        if re.match(rf"(an?|the) ({re.escape(label)})\b", text):
            circular.append(label)
    assert circular == []


def test_most_important_classes_have_examples_and_terms_of_others_as_sources(
    graph: Graph,
) -> None:
    obo = Namespace("http://purl.obolibrary.org/obo/")
    for name in _CLASSES.split():
        assert graph.value(TZ[name], obo.IAO_0000112), name
    assert len(set(graph.subjects(obo.IAO_0000119))) >= 10


def test_terms_are_defined_by_the_ontology_and_the_release_says_so() -> None:
    for subject, kind in load_ontology(shipped("ontology")).pairs(str(RDF.type)):
        if str(kind).strip("<>").startswith(str(OWL)) and str(subject).startswith(f"<{TZ}"):
            stated = load_ontology(shipped("ontology")).objects(subject, str(RDFS.isDefinedBy))
            assert [str(one) for one in stated] == [f"<{ONTOLOGY}>"]
            break
    else:
        raise AssertionError("no term was read")


def test_the_header_is_complete(graph: Graph) -> None:
    assert _of_kind(graph, OWL.Ontology) == {ONTOLOGY}
    version = str(graph.value(ONTOLOGY, OWL.versionInfo))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", version)
    assert graph.value(ONTOLOGY, OWL.versionIRI) == URIRef(f"{ONTOLOGY}/{version}")
    assert "creativecommons.org/licenses/by/4.0" in str(graph.value(ONTOLOGY, DCTERMS.license))
    for predicate in (
        *(DCTERMS.title, DCTERMS.description, DCTERMS.creator, DCTERMS.publisher),
        *(DCTERMS.created, DCTERMS.modified, DCTERMS.bibliographicCitation),
    ):
        assert str(graph.value(ONTOLOGY, predicate) or ""), predicate
    assert version in str(graph.value(ONTOLOGY, DCTERMS.bibliographicCitation))
    assert str(graph.value(ONTOLOGY, VANN.preferredNamespacePrefix)) == "tz"
    assert str(graph.value(ONTOLOGY, VANN.preferredNamespaceUri)) == str(TZ)


def test_nothing_undeclared_is_used(graph: Graph) -> None:
    vocabularies = (str(OWL), str(RDF), str(RDFS), str(XSD))
    declared = {s for kind in KINDS for s in _of_kind(graph, kind)}
    properties = {s for kind in list(KINDS)[1:4] for s in _of_kind(graph, kind)}
    used_properties = {p for p in graph.predicates() if not str(p).startswith(vocabularies)}
    assert used_properties - properties == set()
    used = {
        term
        for triple in graph
        for term in triple
        if isinstance(term, URIRef) and str(term).startswith(TZ)
    } - {URIRef(str(TZ))}
    assert used - declared == set()
    classes = _of_kind(graph, OWL.Class)
    assert {
        t
        for t in graph.objects(None, RDF.type)
        if isinstance(t, URIRef) and not str(t).startswith(vocabularies)
    } <= classes
    for predicate in (RDFS.domain, RDFS.range, RDFS.subClassOf, OWL.disjointWith):
        for term in graph.objects(None, predicate):
            assert isinstance(term, BNode) or term in classes or term in DATATYPE_MAP, term


def test_annotation_properties_are_declared(graph: Graph) -> None:
    annotations = _of_kind(graph, OWL.AnnotationProperty)
    logical = _of_kind(graph, OWL.ObjectProperty) | _of_kind(graph, OWL.DatatypeProperty)
    for predicate in set(graph.predicates()):
        if str(predicate).startswith((str(OWL), str(RDF), str(RDFS), str(XSD))):
            continue
        assert predicate in annotations | logical | BUILT_IN, predicate
    assert not annotations & logical


def test_no_term_is_of_two_kinds(graph: Graph) -> None:
    for kind in KINDS:
        for term in _of_kind(graph, kind):
            if isinstance(term, URIRef):
                assert len(_kinds(graph, term)) == 1, term


def test_data_ranges_use_the_owl_2_datatype_map(graph: Graph) -> None:
    data = _of_kind(graph, OWL.DatatypeProperty)
    ranges = {r for prop in data for r in graph.objects(prop, RDFS.range)}
    ranges |= set(graph.objects(None, OWL.onDatatype))
    assert XSD.decimal in ranges
    assert ranges <= DATATYPE_MAP
    stated = {
        literal.datatype
        for subject, predicate, literal in graph
        if isinstance(literal, Literal)
        and literal.datatype
        and predicate not in _of_kind(graph, OWL.AnnotationProperty) | BUILT_IN
    }
    assert stated <= DATATYPE_MAP


def test_data_properties_have_no_object_characteristics(graph: Graph) -> None:
    data = _of_kind(graph, OWL.DatatypeProperty)
    for kind in ("Transitive", "Symmetric", "Asymmetric", "Irreflexive", "InverseFunctional"):
        assert not data & _of_kind(graph, OWL[kind + "Property"])
    for predicate in (OWL.inverseOf, OWL.propertyChainAxiom):
        assert not data & set(graph.subjects(predicate, None))


# -- global restrictions: https://www.w3.org/TR/owl2-syntax/#Global_Restrictions_on_Axioms_in_OWL_2_DL


def _chains(graph: Graph) -> Iterator[tuple[Node, list[Node]]]:
    for prop, head in graph.subject_objects(OWL.propertyChainAxiom):
        yield prop, list(Collection(graph, head))


def _closed(pairs: set[tuple[Node, Node]]) -> set[tuple[Node, Node]]:
    closed = set(pairs)
    while more := {(a, d) for a, b in closed for c, d in closed if b == c} - closed:
        closed |= more
    return closed


def _hierarchy(graph: Graph) -> set[tuple[Node, Node]]:
    """Pairs of sub- and superproperty, with what inverses imply."""
    inverse = {}
    for one, other in graph.subject_objects(OWL.inverseOf):
        inverse[one], inverse[other] = other, one
    pairs = set(graph.subject_objects(RDFS.subPropertyOf))
    pairs |= {(inverse[a], inverse[b]) for a, b in pairs if a in inverse and b in inverse}
    return _closed(pairs)


def _composite(graph: Graph) -> set[Node]:
    inverse = set(graph.subject_objects(OWL.inverseOf))
    found = _of_kind(graph, OWL.TransitiveProperty) | {prop for prop, _ in _chains(graph)}
    while (
        more := (
            {b for a, b in _hierarchy(graph) if a in found}
            | {b for a, b in inverse if a in found}
            | {a for a, b in inverse if b in found}
        )
        - found
    ):
        found |= more
    return found


def test_composite_properties_are_used_only_where_they_may_be(graph: Graph) -> None:
    composite = _composite(graph)
    assert {TZ.subtypeOf, TZ.targets, TZ.targetedBy, TZ.hasComparison} <= composite
    for kind in ("Functional", "InverseFunctional", "Irreflexive", "Asymmetric"):
        assert not composite & _of_kind(graph, OWL[kind + "Property"]), kind
    disjoint = set(graph.subject_objects(OWL.propertyDisjointWith))
    assert disjoint
    assert not composite & {prop for pair in disjoint for prop in pair}
    for node in graph.subjects(RDF.type, OWL.AllDisjointProperties):
        members = graph.value(node, OWL.members)
        assert members is not None
        assert not composite & set(Collection(graph, members))
    counted = [
        *(OWL.cardinality, OWL.minCardinality, OWL.maxCardinality, OWL.qualifiedCardinality),
        *(OWL.minQualifiedCardinality, OWL.maxQualifiedCardinality, OWL.hasSelf),
    ]
    for predicate in counted:
        for node in graph.subjects(predicate, None):
            assert graph.value(node, OWL.onProperty) not in composite


def _before(graph: Graph) -> set[tuple[Node, Node]]:
    """Pairs of properties of which the first has to come before the second."""
    hierarchy = _hierarchy(graph)
    pairs = {(a, b) for a, b in hierarchy if (b, a) not in hierarchy}
    for prop, links in _chains(graph):
        if links == [prop, prop]:
            continue
        inner = links[1:] if links[0] == prop else links[:-1] if links[-1] == prop else links
        pairs |= {(link, prop) for link in inner}
    inverse = set(graph.subject_objects(OWL.inverseOf))
    same = inverse | {(b, a) for a, b in inverse}
    pairs |= {(c, b) for a, b in pairs for d, c in same if d == a}
    return pairs | {(a, c) for a, b in pairs for d, c in same if d == b}


def test_property_chains_are_regular(graph: Graph) -> None:
    assert len(list(_chains(graph))) >= 4
    assert [pair for pair in _closed(_before(graph)) if pair[0] == pair[1]] == []


def test_blank_nodes_form_trees(graph: Graph) -> None:
    referred = Counter(o for o in graph.objects() if isinstance(o, BNode))
    assert referred
    assert [node for node, number in referred.items() if number > 1] == []
    for node in {s for s in graph.subjects() if isinstance(s, BNode)}:
        above: Node | None = node
        seen = set()
        while isinstance(above, BNode):
            assert above not in seen, "a cycle of blank nodes"
            seen.add(above)
            above = next(iter(graph.subjects(None, above)), None)
        if above is None:  # the root is an axiom of its own
            root = next(n for n in seen if n not in referred)
            if graph.value(root, RDFS.subClassOf) is not None:  # a general class inclusion
                continue
            assert graph.value(root, RDF.type) in {
                *(OWL.AllDisjointClasses, OWL.AllDisjointProperties, OWL.AllDifferent, OWL.Axiom),
            }


def test_prefixes_of_the_turtle_and_of_kinds_are_declared(graph: Graph) -> None:
    from tzgraph.schema import load_schema

    prefixes = load_schema(shipped("ontology")).prefixes
    for path in sorted(shipped("ontology").glob("*.ttl")):
        text = path.read_text(encoding="utf-8")
        declared = dict(re.findall(r"^@prefix (\w+): <([^>]+)>", text, re.MULTILINE))
        assert declared
        assert {name: prefixes.get(name) for name in declared} == declared
    for node, kind in graph.subject_objects(TZ.idKind):
        base = graph.value(node, TZ.idBase) or f"https://w3id.org/tzgraph/id/{kind}/"
        assert prefixes[f"tz{kind}"] == str(base)
