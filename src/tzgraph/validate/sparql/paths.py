"""SHACL property paths as SPARQL property paths.

https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tzgraph.validate.sparql.model import Path, bad_shapes
from tzgraph.vocabulary import RDF, SH

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Identifier, Node

__all__ = ["as_identifier", "as_items", "read_path"]

#: Paths of one operand, the sign that SPARQL writes after it, and whether they may stay.
_REPEATS = (("zeroOrMorePath", "*", True), ("oneOrMorePath", "+", False))


def read_path(graph: Graph, node: Identifier, *, nested: bool = False) -> Path:
    """Read the path that a node of the shapes graph stands for.

    :param nested: whether the text will stand within another path
    :raises InputUnreadableError: if the node is no well-formed path
    """
    from rdflib import URIRef

    if isinstance(node, URIRef):
        return Path(node, f"<{node}>", (frozenset({str(node)}),), may_stay=False)
    if (node, URIRef(RDF + "first"), None) in graph:
        return _sequence(graph, node, nested=nested)
    for name in ("inversePath", "alternativePath", *(r[0] for r in _REPEATS), "zeroOrOnePath"):
        inner = graph.value(node, URIRef(SH + name))
        if inner is not None:
            return _operator(graph, node, name, as_identifier(inner), nested=nested)
    raise bad_shapes(f"a sh:path leads to {node.n3()}, which is no path")


def _operator(
    graph: Graph, node: Identifier, name: str, inner: Identifier, *, nested: bool
) -> Path:
    """Read a path that is marked by a property of SHACL."""
    if name == "alternativePath":
        return _alternative(graph, node, inner, nested=nested)
    path = read_path(graph, inner, nested=True)
    if name == "inversePath":
        return Path(node, f"^{path.text}", path.needs, path.may_stay)
    if name == "zeroOrOnePath":
        return Path(node, f"{path.text}?", (), may_stay=True)
    for repeat, sign, stays in _REPEATS:
        if repeat == name:
            needs = () if stays else path.needs
            return Path(node, path.text + sign, needs, stays or path.may_stay)
    raise AssertionError(name)


def _sequence(graph: Graph, node: Identifier, *, nested: bool) -> Path:
    """Read a sequence path, a list of two or more."""
    paths = [read_path(graph, item, nested=True) for item in as_items(graph, node)]
    if len(paths) < 2:
        raise bad_shapes("a sequence path has fewer than two members")
    text = "/".join(path.text for path in paths)
    needs = tuple(group for path in paths for group in path.needs)
    stays = all(path.may_stay for path in paths)
    return Path(node, f"({text})" if nested else text, needs, stays)


def _alternative(graph: Graph, node: Identifier, inner: Identifier, *, nested: bool) -> Path:
    """Read an alternative path, a list of two or more."""
    paths = [read_path(graph, item, nested=True) for item in as_items(graph, inner)]
    if len(paths) < 2:
        raise bad_shapes("an alternative path has fewer than two members")
    text = "|".join(path.text for path in paths)
    # Enough to know of: one of all predicates, unless a branch needs none.
    if all(path.needs for path in paths):
        needs: tuple[frozenset[str], ...] = (
            frozenset().union(*(group for path in paths for group in path.needs)),
        )
    else:
        needs = ()
    stays = any(path.may_stay for path in paths)
    return Path(node, f"({text})" if nested else text, needs, stays)


def as_items(graph: Graph, head: Node) -> list[Identifier]:
    """Give the members of a list.

    :raises InputUnreadableError: if it isn't a well-formed list
    """
    from rdflib import URIRef

    found: list[Identifier] = []
    seen: set[Node] = set()
    while head != URIRef(RDF + "nil"):
        first = list(graph.objects(head, URIRef(RDF + "first")))
        rest = list(graph.objects(head, URIRef(RDF + "rest")))
        if len(first) != 1 or len(rest) != 1 or head in seen:
            raise bad_shapes("a list of the shapes graph is not well formed")
        seen.add(head)
        found.append(as_identifier(first[0]))
        head = rest[0]
    return found


def as_identifier(node: Node) -> Identifier:
    """Narrow a node of a graph to a term, which all nodes of plain RDF are."""
    from rdflib.term import Identifier

    if not isinstance(node, Identifier):
        raise bad_shapes("the shapes graph has something other than IRIs, blank nodes and literals")
    return node
