"""What may be wrong with the terms of an ontology as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tzgraph.link.ontology.model import OntologyTerm
from tzgraph.vocabulary import OWL, RDFS

__all__ = ["check_hierarchy", "cycles"]

#: Members of a cycle that are named.
_NAMED = 6


def check_hierarchy(terms: Mapping[str, OntologyTerm], warn: Callable[..., None]) -> None:
    """Warn of cycles among parents, of parents that nothing describes, and of lost replacements.

    :param terms: by IRI
    :param warn: takes code, message, hint, line and the IRI of what it is about
    """
    for cycle in cycles({iri: term.parents for iri, term in terms.items()}):
        shown = " → ".join([*cycle[:_NAMED], *(["…"] if len(cycle) > _NAMED else []), cycle[0]])
        warn(
            "is-a-cycle",
            f"Each of these {len(cycle)} terms is a kind of the next: {shown}."
            if len(cycle) > 1
            else f"{cycle[0]} is given as a kind of itself.",
            "A query for subclasses takes them for one; tell the ontology's makers.",
            min((line for iri in cycle if (line := terms[iri].line)), default=None),
            cycle[0],
        )
    for iri, term in terms.items():
        for parent in term.parents:
            if parent not in terms and not parent.startswith((OWL, RDFS)):
                warn(
                    "dangling-parent",
                    f"The parent {parent} of {iri} is described nowhere in the file.",
                    "The hierarchy ends there; a complete file may be needed.",
                    term.line,
                    iri,
                )


def cycles(parents: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """Give the groups of nodes that lead to each other, each beginning with its least.

    By Tarjan's algorithm (SIAM J. Comput. 1972), without recursion.

    >>> cycles({"a": ("b",), "b": ("c",), "c": ("a",), "d": ("d",), "e": ("a",)})
    [['a', 'b', 'c'], ['d']]
    """
    return sorted(_oriented(group, parents) for group in _components(parents))


def _oriented(group: set[str], parents: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Order a group along its edges, as far as one walk goes."""
    walk = [min(group)]
    met = set(walk)
    while step := next((p for p in sorted(parents[walk[-1]]) if p in group and p not in met), None):
        walk.append(step)
        met.add(step)
    return [*walk, *sorted(group - met)]


def _components(parents: Mapping[str, tuple[str, ...]]) -> Iterator[set[str]]:
    search = _Search(parents)
    for root in parents:
        if root not in search.index:
            yield from search.run(root)


class _Search:
    """State of the search: the order in which nodes were met, and how far back each leads."""

    def __init__(self, parents: Mapping[str, tuple[str, ...]]) -> None:
        self.parents = parents
        self.index: dict[str, int] = {}
        self.low: dict[str, int] = {}
        self.stack: list[str] = []
        self.open: set[str] = set()
        self.work: list[tuple[str, Iterator[str]]] = []

    def enter(self, node: str) -> None:
        self.index[node] = self.low[node] = len(self.index)
        self.stack.append(node)
        self.open.add(node)
        self.work.append((node, iter(self.parents[node])))

    def run(self, root: str) -> Iterator[set[str]]:
        """Give the groups that can be reached from a node."""
        self.enter(root)
        while self.work:
            node, rest = self.work[-1]
            for other in rest:
                if other in self.parents and other not in self.index:
                    self.enter(other)
                    break
                if other in self.open:
                    self.low[node] = min(self.low[node], self.index[other])
            else:
                yield from self.leave(node)

    def leave(self, node: str) -> Iterator[set[str]]:
        self.work.pop()
        if self.work:
            above = self.work[-1][0]
            self.low[above] = min(self.low[above], self.low[node])
        if self.low[node] == self.index[node]:
            group = {node}
            while (member := self.stack.pop()) != node:
                group.add(member)
            self.open -= group
            if len(group) > 1 or node in self.parents[node]:
                yield group
