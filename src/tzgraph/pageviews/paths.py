"""Facets and columns of lists: property paths of SHACL, read and written as those of SPARQL.

See https://www.w3.org/TR/shacl/#property-paths and
https://www.w3.org/TR/sparql11-query/#propertypaths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.terms import Term
from tzgraph.vocabulary import RDF, SH

__all__ = ["RESERVED_KEYS", "PathSteps", "key_of_name", "read_path"]

#: Parameters of every list; no facet may have one of these names.
RESERVED_KEYS = ("label", "sort", "limit", "offset", "format")
_REPEATED = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}
#: Steps of a path, and paths within paths; nobody needs more.
_MOST_STEPS, _DEEPEST = 4, 8
_NIL = ox.NamedNode(RDF + "nil")
_Node = ox.NamedNode | ox.BlankNode
_Held = Mapping[_Node, Mapping[str, Sequence[Term]]]
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class PathSteps:
    """A path as read.

    :ivar steps: each in SPARQL
    :ivar properties: IRIs of all its properties; the last is what the values are of
    """

    steps: tuple[str, ...]
    properties: tuple[str, ...]


def key_of_name(name: str) -> str:
    """Give what a facet is called in addresses.

    >>> key_of_name("Primary endpoint"), key_of_name("<->")
    ('primary-endpoint', '')
    """
    return _NO_WORD.sub("-", name.lower()).strip("-")


def read_path(held: _Held, path: Term, wrong: Callable[[str], Exception]) -> PathSteps:
    """Read a path.

    :param held: the values of each node of the file
    :param path: what stands behind ``sh:path``
    :param wrong: gives the error for a mistake, of what is wrong
    :raises Exception: what `wrong` gives
    """
    reader = _Reader(held, wrong)
    steps = tuple(reader.written(one, 0) for one in reader.members(path) or (path,))
    return PathSteps(steps, tuple(reader.properties))


class _Reader:
    """Reads one path, and keeps the properties in it."""

    def __init__(self, held: _Held, wrong: Callable[[str], Exception]) -> None:
        self._held = held
        self._wrong = wrong
        self.properties: list[str] = []

    def written(self, path: Term, depth: int) -> str:
        """Give a path in SPARQL."""
        if isinstance(path, ox.NamedNode):
            self.properties.append(path.value)
            return str(path)
        if not isinstance(path, ox.BlankNode) or depth > _DEEPEST:
            raise self._wrong("has a sh:path that is no property and no path of SHACL")
        if members := self.members(path):
            return f"({'/'.join(self.written(one, depth + 1) for one in members)})"
        for inner in self._values(path, SH + "inversePath"):
            return f"^{self.written(inner, depth + 1)}"
        for inner in self._values(path, SH + "alternativePath"):
            return f"({'|'.join(self.written(one, depth + 1) for one in self.members(inner))})"
        for name, sign in _REPEATED.items():
            for inner in self._values(path, SH + name):
                return f"({self.written(inner, depth + 1)}){sign}"
        raise self._wrong("has a sh:path that is no property and no path of SHACL")

    def members(self, head: Term) -> list[Term]:
        """Give the members of a list, none if it is not one."""
        found: list[Term] = []
        if not isinstance(head, ox.BlankNode) or not self._values(head, RDF + "first"):
            return found
        while head != _NIL:
            first, rest = (self._values(head, RDF + name) for name in ("first", "rest"))
            if len(first) != 1 or len(rest) != 1 or len(found) >= _MOST_STEPS:
                raise self._wrong(f"has a path that is no list of up to {_MOST_STEPS} steps")
            found.append(first[0])
            head = rest[0]
        return found

    def _values(self, node: Term, predicate: str) -> Sequence[Term]:
        return self._held.get(node, {}).get(predicate, ()) if isinstance(node, _Node) else ()
