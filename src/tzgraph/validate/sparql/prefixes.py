"""Prefixes that a SPARQL constraint may use.

https://www.w3.org/TR/shacl/#sparql-prefixes
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tzgraph.validate.sparql.model import bad_shapes
from tzgraph.vocabulary import OWL, SH

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Identifier, Node

__all__ = ["read_prefixes"]


def read_prefixes(graph: Graph, nodes: Iterable[Identifier]) -> dict[str, str]:
    """Give prefix → namespace from ``sh:declare`` of nodes and of what they import.

    :raises InputUnreadableError: if a prefix is declared twice with different namespaces
    """
    from rdflib import URIRef

    found: dict[str, str] = {}
    waiting: list[Node] = list(nodes)
    seen: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        waiting += graph.objects(node, URIRef(OWL + "imports"))
        for declaration in graph.objects(node, URIRef(SH + "declare")):
            prefix = str(graph.value(declaration, URIRef(SH + "prefix")))
            namespace = str(graph.value(declaration, URIRef(SH + "namespace")))
            if found.setdefault(prefix, namespace) != namespace:
                raise bad_shapes(f"the prefix {prefix}: is declared with two namespaces")
    return found
