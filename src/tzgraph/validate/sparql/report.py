"""Results as an RDF validation report.

https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tzgraph.vocabulary import RDF, SH

if TYPE_CHECKING:
    from rdflib import BNode, Graph, Literal
    from rdflib.term import Node

    from tzgraph.validate.shacl import ShaclResult
    from tzgraph.validate.sparql.probes import ShapeCheck

__all__ = ["build_report"]


def build_report(
    results: Iterable[tuple[ShaclResult, ShapeCheck, tuple[Literal, ...]]], shapes: Graph
) -> Graph:
    """Give the validation report of results.

    :param results: in order, each with the check that found it and its messages
    :param shapes: the shapes graph, for the structure of paths
    :return: a graph whose blank nodes are named by the order of the results
    """
    from rdflib import BNode, Graph, Literal, URIRef
    from rdflib.namespace import NamespaceManager

    graph = Graph(bind_namespaces="none")
    graph.namespace_manager = NamespaceManager(graph, bind_namespaces="none")
    for prefix, namespace in shapes.namespaces():
        graph.bind(prefix, namespace)
    report = BNode("report")
    graph.add((report, URIRef(RDF + "type"), URIRef(SH + "ValidationReport")))
    count = 0
    for count, (result, check, messages) in enumerate(results, start=1):
        node = BNode(f"result{count:05d}")
        graph.add((report, URIRef(SH + "result"), node))
        described: list[tuple[str, Node | None]] = [
            ("focusNode", result.focus),
            ("value", result.value),
            ("resultPath", _path(result, check, shapes, graph, node)),
            ("resultSeverity", URIRef(check.shape.severity_iri)),
            ("sourceConstraintComponent", URIRef(result.component)),
            ("sourceShape", check.shape.node),
            ("sourceConstraint", _constraint(check, node)),
            *(("resultMessage", message) for message in messages),
        ]
        graph.add((node, URIRef(RDF + "type"), URIRef(SH + "ValidationResult")))
        for name, term in described:
            if term is not None:
                graph.add((node, URIRef(SH + name), term))
    graph.add((report, URIRef(SH + "conforms"), Literal(count == 0)))
    return graph


def _constraint(check: ShapeCheck, node: BNode) -> Node | None:
    """Give the SPARQL constraint of a result; a nameless one gets a name that stays the same."""
    from rdflib import BNode

    if check.sparql is None or not isinstance(check.sparql.node, BNode):
        return None if check.sparql is None else check.sparql.node
    return BNode(f"{node}.constraint")


def _path(
    result: ShaclResult, check: ShapeCheck, shapes: Graph, report: Graph, node: BNode
) -> Node | None:
    """Give the path of a result; a complex one is copied into the report."""
    from rdflib import BNode, URIRef

    if not result.path:
        return None
    path = check.shape.path
    if path is None or isinstance(path.node, URIRef) or result.path != path.text:
        return URIRef(result.path[1:-1])
    names = iter(range(1_000_000))

    def copy(old: Node) -> Node:
        if not isinstance(old, BNode):
            return old
        new = BNode(f"{node}.{next(names)}")
        is_list = (old, URIRef(RDF + "first"), None) in shapes
        for predicate, obj in sorted(shapes.predicate_objects(old)):
            if not is_list or str(predicate).startswith(RDF):
                report.add((new, predicate, copy(obj)))
        return new

    return copy(path.node)
