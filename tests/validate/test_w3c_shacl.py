"""The W3C test suite for SHACL, run on shapes as SPARQL.

https://w3c.github.io/data-shapes/data-shapes-test-suite/. The suite is not part of the project,
see :mod:`tests.shared`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, BNode, Graph, URIRef
from rdflib.namespace import SH
from rdflib.term import Identifier, Node

from tests.shared import need
from tzgraph.errors import InputUnreadableError
from tzgraph.interop import as_oxigraph, rdflib_graph
from tzgraph.validate.shacl import path_text
from tzgraph.validate.sparql import UntranslatableShapesError, check_quads

SUITE = need("w3c/data-shapes-test-suite/tests")
pytestmark = pytest.mark.w3c
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
#: What is not translated, and so is left to pySHACL, by test.
UNTRANSLATED = {
    "sparql/component/nodeValidator-001": "SPARQL-based constraint components",
    "sparql/component/optional-001": "SPARQL-based constraint components",
    "sparql/component/propertyValidator-select-001": "SPARQL-based constraint components",
    "sparql/component/validator-001": "SPARQL-based constraint components",
    "sparql/pre-binding/shapesGraph-001": "$shapesGraph, an optional feature of SHACL-SPARQL",
    "sparql/pre-binding/unsupported-sparql-006": "SPARQL-based constraint components",
}
#: Results without the node's name where it is blank: file and report name it differently.
Row = tuple[str, str, str, str, str, str, frozenset[str]]


@dataclass(frozen=True)
class W3cTest:
    """A test of the suite."""

    name: str
    manifest: Path


def all_tests() -> list[W3cTest]:
    files = sorted(p for part in ("core", "sparql") for p in (SUITE / part).rglob("*.ttl"))
    found = [W3cTest(p.relative_to(SUITE).with_suffix("").as_posix(), p) for p in files]
    return [t for t in found if "sht:Validate" in t.manifest.read_text("utf-8")]


def read(path: Path) -> list[ox.Quad]:
    return list(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()))


def shown(node: Node | None) -> str:
    """A term as a store holds it, without the name of a blank node."""
    if node is None or isinstance(node, BNode):
        return "" if node is None else "_:"
    assert isinstance(node, Identifier)
    store = ox.Store()
    some = ox.NamedNode("urn:x")
    store.add(ox.Quad(some, some, as_oxigraph(node)))
    return str(next(iter(store)).object)


def rows(report: Graph, root: Node, wanted: set[Row] | None = None) -> set[Row]:
    """The results of a report; messages only where the suite's report has them."""
    with_messages = wanted is None or any(row[6] for row in wanted)
    found = set()
    for node in report.objects(root, SH.result):
        path = report.value(node, SH.resultPath)
        messages = report.objects(node, SH.resultMessage) if with_messages else ()
        found.add(
            (
                shown(report.value(node, SH.focusNode)),
                "" if path is None else path_text(report, path),
                shown(report.value(node, SH.value)),
                shown(report.value(node, SH.sourceShape)),
                str(report.value(node, SH.sourceConstraintComponent)),
                str(report.value(node, SH.resultSeverity)),
                frozenset(shown(message) for message in messages),
            )
        )
    return found


@pytest.mark.parametrize("test", all_tests(), ids=lambda t: t.name)
def test_w3c(test: W3cTest) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib warns of the suite's ill-formed literals
        _run(test)


def _run(test: W3cTest) -> None:
    manifest = rdflib_graph(read(test.manifest))
    (node,) = manifest.subjects(RDF.type, URIRef(SHT + "Validate"))
    action = manifest.value(node, URIRef(MF + "action"))
    expected = manifest.value(node, URIRef(MF + "result"))
    assert expected is not None
    paths = [
        Path(str(manifest.value(action, URIRef(SHT + name))).removeprefix("file://"))
        for name in ("dataGraph", "shapesGraph")
    ]
    data = read(paths[0])
    shapes = rdflib_graph(data if paths[0] == paths[1] else read(paths[1]))
    quads = (ox.Quad(q.subject, q.predicate, q.object) for q in data)
    if test.name in UNTRANSLATED:
        with pytest.raises(UntranslatableShapesError):
            check_quads(quads, shapes)
    elif expected == URIRef(SHT + "Failure"):
        with pytest.raises(InputUnreadableError, match="can't be evaluated"):
            check_quads(quads, shapes)
    else:
        report = check_quads(quads, shapes)
        (root,) = report.graph.subjects(RDF.type, SH.ValidationReport)
        wanted = rows(manifest, expected)
        assert rows(report.graph, root, wanted) == wanted
        conforms = manifest.value(expected, SH.conforms)
        assert str(report.graph.value(root, SH.conforms)) == str(conforms)


def test_the_suite_is_complete_and_the_list_of_exceptions_current() -> None:
    names = {test.name for test in all_tests()}
    assert len([name for name in names if name.startswith("core/")]) == 98
    assert set(UNTRANSLATED) - names == set()
