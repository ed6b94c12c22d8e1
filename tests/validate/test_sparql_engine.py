"""What shapes as SPARQL do beyond the examples: random shapes, odd terms, and what is refused."""

from __future__ import annotations

import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import SH, XSD

from tests.validate.engines import DATA, both, parse_shapes, store_of
from tzgraph.errors import InputUnreadableError
from tzgraph.release.build import BuildOptions, check_sources
from tzgraph.resources import shipped
from tzgraph.validate import ShaclEngine, check_store, check_with, load_shapes
from tzgraph.validate.sparql import UntranslatableShapesError, check_quads
from tzgraph.vocabulary import GRAPH, Graphs

#: Two classes, a subclass, chains and cycles, literals of several types and languages.
SMALL = """
:a a :C ; :p :b , :c , "x"@en , "x"@de , 3 ; :q :b , 5 ; :r "word" .
:b a :D ; :p :c ; :q 2 , "2" ; :s :a .
:c a :E ; :p :a , 7.5 , true ; :r "other"@en , "words"@en .
:d a :C , :D ; :r "" ; :q "2020-01-01"^^xsd:date ; :s "five"^^xsd:integer .
_:e a :C ; :p _:e , :d ; :s 10 .
:D rdfs:subClassOf :C . :E rdfs:subClassOf :D .
"""


def results(data: str, shapes: str) -> set[tuple[str, str, str | None, str]]:
    """Focus node, path, value and component of results, once pySHACL has found the same."""
    store = store_of(parse_shapes(data))
    ours, reference = both(store, parse_shapes(shapes))

    def keys(report: object) -> set[tuple[str, str, str | None, str]]:
        return {
            (
                str(r.focus).removeprefix("urn:x:"),
                r.path.replace("urn:x:", ""),
                None if r.value is None else str(r.value).removeprefix("urn:x:"),
                r.component.removeprefix(str(SH)).removesuffix("ConstraintComponent"),
            )
            for r in report.results  # type: ignore[attr-defined]
        }

    assert keys(ours) == keys(reference)
    return keys(ours)


PATHS = st.sampled_from(
    (
        *(":p", ":q", ":r", "[ sh:inversePath :p ]", "( :p :q )", "( :p [ sh:inversePath :q ] )"),
        "[ sh:alternativePath ( :p :q ) ]",
        "[ sh:zeroOrMorePath :p ]",
        "[ sh:oneOrMorePath :p ]",
        "[ sh:zeroOrOnePath :q ]",
        "( [ sh:zeroOrMorePath :p ] :q )",
    )
)
SIMPLE = st.sampled_from(
    (
        *("sh:class :C", "sh:class :D", "sh:nodeKind sh:IRI", "sh:nodeKind sh:BlankNodeOrLiteral"),
        *("sh:datatype xsd:integer", "sh:datatype rdf:langString", "sh:datatype xsd:string"),
        *("sh:datatype xsd:date", "sh:in ( :a :b 3 )", "sh:in ( )", 'sh:languageIn ( "en" )'),
        *("sh:minLength 2", "sh:maxLength 4", 'sh:pattern "^[a-w]" ; sh:flags "i"'),
        *("sh:hasValue :a", "sh:equals :q", "sh:disjoint :q", "sh:closed true"),
        "sh:closed true ; sh:ignoredProperties ( rdf:type :p )",
    )
)
COUNTS = st.sampled_from(
    (
        *("sh:minCount 1", "sh:minCount 2", "sh:minCount 3", "sh:maxCount 0", "sh:maxCount 1"),
        *("sh:maxCount 2", "sh:uniqueLang true", "sh:minCount 0"),
        "sh:qualifiedValueShape [ sh:class :C ] ; sh:qualifiedMinCount 1",
        "sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMaxCount 1",
        "sh:qualifiedValueShape [ sh:class :D ] ; sh:qualifiedMinCount 2 ; sh:qualifiedMaxCount 2",
    )
)
TARGETS = st.sampled_from(
    (
        *("sh:targetClass :C", "sh:targetClass :E", "sh:targetSubjectsOf :p"),
        *("sh:targetObjectsOf :p", "sh:targetNode :a , :nowhere , 5", "sh:targetClass :None"),
        "sh:targetClass :D ; sh:targetNode :a",
    )
)


def bodies(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What a shape says, with shapes within it."""
    shape = inner.map(lambda body: f"[ {body} ]")
    some = st.lists(shape, min_size=1, max_size=3).map(" ".join)
    return st.one_of(
        shape.map(lambda one: f"sh:not {one}"),
        shape.map(lambda one: f"sh:node {one}"),
        some.map(lambda many: f"sh:or ( {many} )"),
        some.map(lambda many: f"sh:and ( {many} )"),
        some.map(lambda many: f"sh:xone ( {many} )"),
        st.builds(lambda path, body: f"sh:property [ sh:path {path} ; {body} ]", PATHS, inner),
        st.builds(lambda path, body: f"sh:property [ sh:path {path} ; {body} ]", PATHS, COUNTS),
        st.builds(lambda one, two: f"{one} ; {two}", inner, inner).filter(
            lambda body: all(body.count(name) < 2 for name in ONCE)
        ),
    )


ONCE = (
    "sh:in ",
    "sh:languageIn",
    "sh:nodeKind",
    "sh:datatype",
    "sh:minLength",
    "sh:maxLength",
    "sh:pattern",
    "sh:closed",
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(target=TARGETS, body=st.recursive(SIMPLE, bodies, max_leaves=6))
def test_random_shapes_give_the_results_of_pyshacl(target: str, body: str) -> None:
    results(SMALL, f":s a sh:NodeShape ; {target} ; {body} .")


def test_ill_formed_literals_survive_loading_and_are_found() -> None:
    data = (
        ':x :p "01"^^xsd:integer , "a"^^xsd:integer , "2020-02-30"^^xsd:date , "1"^^xsd:boolean .'
    )
    for name, values in {
        "integer": {"2020-02-30", "a", "true"},
        "date": {"1", "2020-02-30", "a", "true"},
        "boolean": {"1", "2020-02-30", "a"},
    }.items():
        shapes = f":s sh:targetNode :x ; sh:property [ sh:path :p ; sh:datatype xsd:{name} ] ."
        store = store_of(parse_shapes(data))
        report = check_store(store, (DATA,), parse_shapes(shapes), Graphs.ONTOLOGY)
        assert {str(r.value) for r in report.results} == values


@pytest.mark.parametrize(
    ("datatype", "well", "ill"),
    [
        ("decimal", ("1", "-1.5", ".5", "+2."), ("1e5", "INF")),
        ("double", ("1", "1e5", "-INF", "NaN", ".5E-3"), ("1e",)),
        ("boolean", ("true", "0"), ("yes", "TRUE")),
        ("date", ("2024-02-29", "-0001-01-01", "2024-01-01Z"), ("2023-02-29", "2024-1-1", "24")),
        ("dateTime", ("2024-01-01T24:00:00", "2024-01-01T10:00:00.5+02:00"), ("2024-01-01",)),
        ("gYear", ("2010", "-0044"), ("10", "2010-01")),
        ("byte", (), ("c",)),
    ],
)
def test_lexical_forms(datatype: str, well: tuple[str, ...], ill: tuple[str, ...]) -> None:
    shapes = parse_shapes(f":s sh:targetObjectsOf :p ; sh:datatype xsd:{datatype} .")
    kind = ox.NamedNode(str(XSD) + datatype)
    node, prop = ox.NamedNode("urn:x:x"), ox.NamedNode("urn:x:p")
    for texts, wanted in ((well, 0), (ill, 1)):
        for text in texts:
            report = check_quads([ox.Quad(node, prop, ox.Literal(text, datatype=kind))], shapes)
            assert len(report.results) == wanted, text


def test_types_derived_from_integer_are_integers_in_the_store() -> None:
    """Oxigraph makes ``"5"^^xsd:byte`` an ``xsd:integer``: a shape that asks for a byte sees it."""
    data = parse_shapes(':x :p "5"^^xsd:byte .')
    shapes = ":s sh:targetNode :x ; sh:property [ sh:path :p ; sh:datatype xsd:byte ] ."
    ours, reference = both(store_of(data), parse_shapes(shapes))
    values = [[r.value for r in report.results] for report in (ours, reference)]
    assert values == [[Literal("5", datatype=XSD.integer)]] * 2


def test_triple_in_two_graphs_counts_once() -> None:
    store = ox.Store()
    node, prop = ox.NamedNode("urn:x:a"), ox.NamedNode("urn:x:p")
    names = (GRAPH + "source/one", GRAPH + "source/two")
    for name in names:
        store.add(ox.Quad(node, prop, ox.Literal("v"), ox.NamedNode(name)))
    shapes = parse_shapes(
        ":s sh:targetNode :a ; sh:property [ sh:path :p ; sh:maxCount 1 ] , "
        "[ sh:path :p ; sh:minCount 2 ] , [ sh:path :p ; sh:maxCount 3 ] ."
    )
    ours, reference = both(store, shapes, names)
    components = [[r.component for r in report.results] for report in (ours, reference)]
    assert components == [[str(SH.MinCountConstraintComponent)]] * 2


def test_scratch_store_on_disk_gives_the_same(tmp_path: Path) -> None:
    store = store_of(parse_shapes(SMALL))
    shapes = parse_shapes(":s sh:targetClass :C ; sh:property [ sh:path :p ; sh:class :C ] .")
    in_memory = check_store(store, (DATA,), shapes, Graphs.ONTOLOGY)
    on_disk = check_store(store, (DATA,), shapes, Graphs.ONTOLOGY, in_memory=0, folder=tmp_path)
    assert on_disk.results == in_memory.results
    assert len(on_disk.results) > 3
    assert list(tmp_path.iterdir()) == []


def test_closed_property_shape_judges_the_value_nodes() -> None:
    store = store_of(parse_shapes(":a :p :b . :b :q 1 ."))
    shapes = parse_shapes(":s sh:targetNode :a ; sh:path :p ; sh:closed true .")
    (result,) = check_store(store, (DATA,), shapes, Graphs.ONTOLOGY).results
    assert (result.focus, result.path, result.value) == (
        URIRef("urn:x:a"),
        "<urn:x:q>",
        Literal(1),
    )
    within = parse_shapes(":t sh:targetNode :a ; sh:not [ sh:path :p ; sh:closed true ] .")
    assert not check_store(store, (DATA,), within, Graphs.ONTOLOGY).results


def test_path_of_length_zero_starts_at_a_node_that_is_not_in_the_data() -> None:
    found = results(
        ":a :p :b .",
        ":s sh:targetNode :nowhere ; sh:property "
        "[ sh:path [ sh:zeroOrMorePath :p ] ; sh:class :C ] .",
    )
    assert found == {("nowhere", "<p>*", "nowhere", "Class")}


def test_more_classes_than_a_query_lists() -> None:
    classes = "".join(
        f":C{n} rdfs:subClassOf :C . :x{n} a :C{n} . :y :p :x{n} . " for n in range(60)
    )
    found = results(
        classes + ":y :p :z .",
        ":s sh:targetClass :C ; sh:nodeKind sh:Literal . "
        ":t sh:targetNode :y ; sh:property [ sh:path :p ; sh:class :C ] .",
    )
    assert len(found) == 61
    assert ("y", "<p>", "z", "Class") in found


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        (':s sh:targetClass :C ; sh:pattern "(?=a)b" .', "pattern"),
        (":s sh:targetClass :C ; sh:node :s .", "recursive"),
        (":s sh:targetClass :C ; sh:js :x .", "sh:js"),
        (":s a sh:NodeShape ; sh:target :x .", "SHACL-AF"),
        (":s sh:targetClass :C ; sh:hasValue [] .", "blank node"),
        (
            ":s sh:targetClass :C ; sh:not [ sh:sparql [ sh:select 'SELECT $this {}' ] ] .",
            "within another shape",
        ),
        (
            ":s sh:targetClass :C ; sh:sparql [ sh:select "
            "'SELECT $this { $this ?p ?o } GROUP BY $this' ] .",
            "GROUP",
        ),
    ],
)
def test_what_has_no_translation_is_said_and_nothing_checked(shape: str, why: str) -> None:
    store = store_of(parse_shapes(SMALL))
    with pytest.raises(UntranslatableShapesError, match=why):
        check_store(store, (DATA,), parse_shapes(shape), Graphs.ONTOLOGY)


@pytest.mark.parametrize(
    "shape",
    [
        ":s sh:targetNode :x ; sh:property [ sh:path :p ; sh:minCount 1 , 2 ] .",
        ":s sh:targetNode :x ; sh:property [ sh:path ( :p ) ; sh:minCount 1 ] .",
        ":s sh:targetNode :x ; sh:minCount 1 .",
        ":s sh:targetNode :x ; sh:in :notalist .",
        ":s sh:targetNode :x ; sh:nodeKind sh:Something .",
        ":s sh:targetNode :x ; sh:property [ sh:path :p ; sh:minCount :one ] .",
        ":s sh:targetNode :x ; sh:sparql [ sh:select 'SELECT $this { ' ] .",
        ":s sh:targetNode :x ; sh:sparql [ sh:message 'no query' ] .",
    ],
)
def test_shapes_that_break_the_rules(shape: str) -> None:
    store = store_of(parse_shapes(SMALL))
    with pytest.raises(InputUnreadableError, match="The shapes can't be evaluated"):
        check_store(store, (DATA,), parse_shapes(shape), Graphs.ONTOLOGY)


def test_untranslatable_shapes_are_given_to_pyshacl_with_a_warning() -> None:
    store = store_of(parse_shapes(":a a :C ; :p 'ab' ."))
    shapes = parse_shapes(":s sh:targetObjectsOf :p ; sh:pattern '(?=x)x' .")
    checked = check_with(ShaclEngine.SPARQL, store, (DATA,), shapes, Graphs.ONTOLOGY)
    assert checked.engine is ShaclEngine.PYSHACL
    assert len(checked.report.results) == 1
    (finding,) = checked.findings
    assert finding.code == "untranslatable-shapes"
    assert "(?=x)x" in finding.message


def test_sparql_constraint_gives_message_path_and_value() -> None:
    store = store_of(parse_shapes(":a a :C ; :p 1 , 5 . :b a :C ; :p 2 ."))
    shapes = parse_shapes(
        ":s a sh:NodeShape ; sh:targetClass :C ; sh:severity sh:Warning ; sh:sparql [ "
        "sh:message 'The value {?value} is above {?top}.'@en ; sh:select "
        "'''SELECT $this (<urn:x:p> AS ?path) ?value ?top WHERE "
        "{ $this <urn:x:p> ?value BIND(4 AS ?top) FILTER(?value > ?top) }''' ] ."
    )
    report = check_store(store, (DATA,), shapes, Graphs.ONTOLOGY)
    (result,) = report.results
    assert (result.focus, result.path, result.value) == (
        URIRef("urn:x:a"),
        "<urn:x:p>",
        Literal(5),
    )
    assert "is above" in result.message
    assert "{" not in result.message
    assert result.severity.value == "warning"


def test_a_query_may_name_its_variables_as_it_likes() -> None:
    """What chooses focus nodes stands in the query, too, and must not meet them."""
    store = store_of(parse_shapes(":a :p 1 ; :q 5 ."))
    shapes = parse_shapes(
        ":s a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:message 'm'@en ; sh:sparql [ sh:select "
        "'SELECT $this ?value WHERE { $this <urn:x:q> ?of , ?any , ?f0 , ?x1 , ?value }' ] ."
    )
    (result,) = check_store(store, (DATA,), shapes, Graphs.ONTOLOGY).results
    assert result.value == Literal(5)


def test_build_and_validate_give_the_same_with_both_engines(tmp_path: Path) -> None:
    found = {}
    for engine in ShaclEngine:
        work = tmp_path / engine.value
        work.mkdir()
        found[engine] = check_sources(work, BuildOptions(engine=engine.value))
    assert found[ShaclEngine.SPARQL].findings == found[ShaclEngine.PYSHACL].findings
    assert found[ShaclEngine.SPARQL].findings
    assert found[ShaclEngine.SPARQL].shacl == found[ShaclEngine.PYSHACL].shacl


def test_shipped_shapes_have_a_translation() -> None:
    report = check_quads([], load_shapes(shipped("shapes")))
    assert report.results == ()
    assert len(report.graph) == 2


def test_report_of_nothing_is_a_graph() -> None:
    assert isinstance(check_quads([], Graph()).graph, Graph)


def test_hub_with_many_values_of_two_properties_is_not_squared() -> None:
    """Each value is looked at once, not once for each value of the target's property."""
    store = ox.Store()
    hub, graph = ox.NamedNode("urn:x:hub"), ox.NamedNode(DATA)
    for number in range(20_000):
        node = ox.NamedNode(f"urn:x:n{number}")
        store.add(ox.Quad(hub, ox.NamedNode("urn:x:p"), node, graph))
        store.add(ox.Quad(hub, ox.NamedNode("urn:x:q"), node, graph))
        store.add(ox.Quad(node, ox.NamedNode("urn:x:r"), hub, graph))
    shapes = parse_shapes(
        ":s sh:targetSubjectsOf :p ; sh:path :q ; sh:nodeKind sh:IRI . "
        ":t sh:targetObjectsOf :r ; sh:path :p ; sh:nodeKind sh:IRI . "
        ":u sh:targetObjectsOf :r ; sh:path [ sh:oneOrMorePath :q ] ; sh:nodeKind sh:IRI ."
    )
    started = time.process_time()
    assert not check_store(store, (DATA,), shapes, Graphs.ONTOLOGY).results
    assert time.process_time() - started < 5
