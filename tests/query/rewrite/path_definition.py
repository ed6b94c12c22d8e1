"""Solutions of property paths as SPARQL 1.1 Query, section 18.4, defines them, the slow way."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from tzgraph.query.syntax.tree import PropertyPath, Term, Verb
from tzgraph.terms import Term as RdfTerm

Pairs = list[tuple[RdfTerm, RdfTerm]]


class Definition:
    """A graph.

    :param quads: what is in it
    :param ends: constants at the ends of paths, which paths of no length meet in any case
    """

    def __init__(self, quads: list[ox.Quad], ends: Iterable[RdfTerm]) -> None:
        self.triples: list[tuple[RdfTerm, str, RdfTerm]] = [
            (quad.subject, quad.predicate.value, quad.object) for quad in quads
        ]
        ours = [term for s, _, o in self.triples for term in (s, o)]
        self.nodes = list(dict.fromkeys([*ours, *ends]))

    def pairs(self, path: Verb) -> Pairs:
        """What a path leads from and to, each as often as it does."""
        if isinstance(path, Term):
            return [(s, o) for s, p, o in self.triples if p == _name(path)]
        parts = [self.pairs(part) for part in path.parts] if path.operator != "!" else []
        match path.operator:
            case "!":
                return self.others(path, inverse=False) + self.others(path, inverse=True)
            case "|":
                return [pair for part in parts for pair in part]
            case "^":
                return _inverse(parts[0])
            case "/":
                found = parts[0]
                for part in parts[1:]:
                    found = _joined(found, part)
                return found
        start = [] if path.operator == "+" else [(node, node) for node in self.nodes]
        reached = dict.fromkeys(start + parts[0])
        while path.operator != "?":
            count = len(reached)
            reached |= dict.fromkeys(_joined(list(reached), parts[0]))
            if len(reached) == count:
                break
        return list(reached)

    def others(self, path: PropertyPath, *, inverse: bool) -> Pairs:
        """Triples with none of the names, in one direction."""
        parts = [part for part in path.parts if isinstance(part, PropertyPath) is inverse]
        names = {_name(part.parts[0] if isinstance(part, PropertyPath) else part) for part in parts}
        found = [(s, o) for s, p, o in self.triples if p not in names] if names else []
        return _inverse(found) if inverse else found


def _name(term: Verb) -> str:
    assert isinstance(term, Term)
    return "http://e/" + term.value[1:]


def _inverse(pairs: Pairs) -> Pairs:
    return [(o, s) for s, o in pairs]


def _joined(first: Pairs, second: Pairs) -> Pairs:
    return [(s, o) for s, middle in first for other, o in second if middle == other]
