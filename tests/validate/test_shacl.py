"""What a check gives, apart from the shapes: results, report, context of the ontology."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH

from tests.validate.examples import changed, conforming, short
from tzgraph.errors import InputUnreadableError, Severity
from tzgraph.resources import shipped
from tzgraph.validate import check_graph, load_shapes, report_rdf, validate_graph
from tzgraph.validate.shacl import _parsed, path_text
from tzgraph.vocabulary import ID, TZ

PREFIX = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:x:> . "


def test_result_says_all_there_is_to_say(shapes: Graph, ontology: Graph) -> None:
    graph = changed(conforming(), ('trial/t1 tz:nctId = "NCT1"',))
    (result,) = validate_graph(graph, shapes, ontology)
    assert result.focus == URIRef(ID + "trial/t1")
    assert result.path == f"<{TZ}nctId>"
    assert result.value == Literal("NCT1")
    assert result.severity is Severity.VIOLATION
    assert "NCT and eight digits" in result.message
    assert result.shape == "https://w3id.org/tzgraph/shapes#Trial-nctId"
    assert result.component == str(SH.PatternConstraintComponent)
    assert result.used == ()


def test_result_without_path_names_the_properties_that_chose_the_node(
    shapes: Graph, ontology: Graph
) -> None:
    graph = changed(conforming(), ("trial/t1 tz:treats + disease/gastric",))
    (result,) = validate_graph(graph, shapes, ontology)
    assert result.path == ""
    assert result.used == (TZ + "treats",)


def test_a_second_check_parses_no_query_again(shapes: Graph, ontology: Graph) -> None:
    validate_graph(conforming(), shapes, ontology)
    parsed = _parsed.cache_info().misses
    assert parsed > 0
    validate_graph(conforming(), shapes, ontology)
    assert _parsed.cache_info().misses == parsed


def test_data_is_as_it_was_after_a_check(shapes: Graph, ontology: Graph) -> None:
    graph = conforming()
    graph.add((URIRef(TZ + "Month"), RDF.type, URIRef(TZ + "Unit")))
    before = set(graph)
    check_graph(graph, shapes, ontology)
    assert set(graph) == before


def test_data_is_as_it_was_after_shapes_that_cannot_be_evaluated(ontology: Graph) -> None:
    bad = Graph().parse(
        data=PREFIX + ":s a sh:PropertyShape ; sh:targetNode :x ; sh:path :p ; sh:minCount 1, 2 ."
    )
    graph = conforming()
    before = set(graph)
    with pytest.raises(InputUnreadableError, match="The shapes can't be evaluated"):
        check_graph(graph, bad, ontology)
    assert set(graph) == before


def test_subclasses_and_terms_come_from_the_ontology_only_for_the_check(
    shapes: Graph, ontology: Graph
) -> None:
    without = validate_graph(conforming(), shapes, Graph())
    assert {short(str(r.focus)) for r in without} >= {"result/os", "evidence/ev"}
    assert validate_graph(conforming(), shapes, ontology) == []


def test_results_and_report_have_one_order(shapes: Graph, ontology: Graph) -> None:
    changes = (
        'trial/t1 tz:nctId = "NCT1"',
        "arm/a tz:regimen = _",
        "regimen/old tz:placeboFor = _",
        "arm/b tz:hasResult + result/os",
        "choice/c1 tz:option = drug/chemo",
    )
    one = check_graph(changed(conforming(), changes), shapes, ontology)
    backwards = Graph()
    for triple in sorted(changed(conforming(), changes), reverse=True):
        backwards.add(triple)
    other = check_graph(backwards, load_shapes(shipped("shapes")), ontology)
    assert len(one.results) == 5
    assert list(one.results) == sorted(one.results, key=lambda r: r.sort_key)
    assert one.results == other.results
    for rdf_format in ("turtle", "nt", "xml"):
        assert report_rdf(one, rdf_format) == report_rdf(other, rdf_format)


def test_report_is_a_shacl_validation_report(shapes: Graph, ontology: Graph) -> None:
    graph = changed(conforming(), ("arm/b tz:hasResult + result/os",))
    report = check_graph(graph, shapes, ontology)
    parsed = Graph().parse(data=report_rdf(report, "turtle"))
    (node,) = parsed.subjects(RDF.type, SH.ValidationReport)
    assert parsed.value(node, SH.conforms) == Literal(False)
    (result,) = parsed.objects(node, SH.result)
    assert parsed.value(result, SH.focusNode) == URIRef(ID + "result/os")
    path = parsed.value(result, SH.resultPath)
    assert isinstance(path, BNode)
    assert path_text(parsed, path) == report.results[0].path == (f"^<{TZ}hasResult>|<{TZ}resultOf>")


def test_report_of_a_conforming_graph(shapes: Graph, ontology: Graph) -> None:
    report = check_graph(conforming(), shapes, ontology)
    (node,) = report.graph.subjects(RDF.type, SH.ValidationReport)
    assert report.graph.value(node, SH.conforms) == Literal(True)
    assert report.results == ()


def test_warnings_are_told_from_violations(shapes: Graph, ontology: Graph) -> None:
    warning = check_graph(changed(conforming(), ("arm/a tz:regimen = _",)), shapes, ontology)
    assert [result.severity for result in warning.results] == [Severity.WARNING]
    bad = check_graph(changed(conforming(), ("arm/a tz:dose = 5",)), shapes, ontology)
    assert [result.severity for result in bad.results] == [Severity.VIOLATION]


@pytest.mark.parametrize(
    ("shacl", "sparql"),
    [
        (":a", "<urn:x:a>"),
        ("[ sh:inversePath :a ]", "^<urn:x:a>"),
        ("( :a :b )", "<urn:x:a>/<urn:x:b>"),
        ("[ sh:inversePath ( :a :b ) ]", "^(<urn:x:a>/<urn:x:b>)"),
        ("[ sh:zeroOrMorePath [ sh:alternativePath ( :a :b ) ] ]", "(<urn:x:a>|<urn:x:b>)*"),
        ("[ sh:oneOrMorePath :a ]", "<urn:x:a>+"),
        ("[ sh:zeroOrOnePath :a ]", "<urn:x:a>?"),
        ("[ sh:alternativePath ( ( :a :b ) :c ) ]", "(<urn:x:a>/<urn:x:b>)|<urn:x:c>"),
    ],
)
def test_paths_in_sparql_syntax(shacl: str, sparql: str) -> None:
    graph = Graph().parse(data=f"{PREFIX} :s sh:path {shacl} .")
    (path,) = graph.objects(URIRef("urn:x:s"), SH.path)
    assert path_text(graph, path) == sparql


def test_shapes_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputUnreadableError, match="no shapes"):
        load_shapes(tmp_path)
    (tmp_path / "a.ttl").write_text("this is not Turtle", encoding="utf-8")
    with pytest.raises(InputUnreadableError, match=r"a\.ttl"):
        load_shapes(tmp_path)
    (tmp_path / "a.ttl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputUnreadableError, match=r"a\.ttl"):
        load_shapes(tmp_path)
