"""How many triples match a pattern, and whether an IRI occurs: asked of the engine, with bounds."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pyoxigraph as ox

from tzgraph.query.plan.patterns import AskedPattern
from tzgraph.query.syntax.tree import ParsedQuery, Term, TermKind
from tzgraph.query.tokens import TokenKind, tokenize
from tzgraph.vocabulary import RDF

__all__ = ["MAX_COUNT", "Dataset", "TripleCount", "Where"]

#: Triples that are counted of one pattern; of more it is said that there are at least so many.
MAX_COUNT = 100_000
_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_TYPE = f"<{RDF}type>"
_ANYWHERE = "{{ {0} ?p ?o }} UNION {{ ?s {0} ?o }} UNION {{ ?s ?p {0} }}"


@dataclass(frozen=True, slots=True)
class TripleCount:
    """How many triples match.

    :ivar triples: the number, ``None`` if they were not counted
    :ivar more: whether there are more
    """

    triples: int | None
    more: bool = False

    def __str__(self) -> str:
        """Give the number as text."""
        if self.triples is None:
            return "not counted"
        return f"at least {self.triples:,}" if self.more else f"{self.triples:,}"


@dataclass(frozen=True, slots=True)
class Where:
    """Where an IRI occurs.

    :ivar default: in the default graph that is asked
    :ivar named: in a named graph that is asked, or as its name
    :ivar store: anywhere in the store; looked at only if it is in neither
    """

    default: bool
    named: bool
    store: bool


@dataclass(slots=True)
class Dataset:
    """What a query asks: a store, and the graphs of it.

    :ivar store: the store
    :ivar query: the query, whose prologue and dataset hold for what is asked here, too
    :ivar text: its text
    :ivar values: what is known to be the value of variables, as it is written
    :ivar options: prefixes, base and graphs for the engine
    :ivar until: when to stop, in the time of :func:`time.monotonic`
    """

    store: ox.Store
    query: ParsedQuery
    text: str
    values: Mapping[str, str]
    options: Mapping[str, Any]
    until: float
    _counts: dict[str, TripleCount] = field(default_factory=dict)
    _prologue: str = ""
    _from: str = ""

    def __post_init__(self) -> None:
        """Find the prologue."""
        start = next(
            (t.start for t in tokenize(self.text) if _is_form(t.kind, t.text)), len(self.text)
        )
        self._prologue = self.text[:start] + "\n"  # which may end in a comment
        self._from = "".join(
            [
                *(f" FROM {name.value}" for name in self.query.datasets),
                *(f" FROM NAMED {name.value}" for name in self.query.named_datasets),
            ]
        )

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self.until

    def count(self, pattern: AskedPattern, step: Term) -> TripleCount:
        """Count the triples that match a pattern's constants, up to :data:`MAX_COUNT`.

        A variable that stands twice counts as two.

        :param step: the verb; of a path one of its predicates, and then what stands at its ends
            doesn't count
        """
        triple, numbers = pattern.triple, count()

        def written(term: Term) -> str:
            if term.kind is TermKind.VARIABLE:
                return self.values.get(term.value) or f"?v{next(numbers)}"
            return term.value if term.kind.value in ("iri", "literal") else f"?v{next(numbers)}"

        is_triple = step is triple.verb
        start, end = (
            written(term) if is_triple else f"?v{next(numbers)}"
            for term in (triple.subject, triple.object)
        )
        asked = f"{start} {written(step)} {end}"
        if pattern.graph is not None:
            asked = f"GRAPH {written(pattern.graph)} {{ {asked} }}"
        if asked not in self._counts:
            self._counts[asked] = self._count(asked)
        return self._counts[asked]

    def _count(self, pattern: str) -> TripleCount:
        if self.is_over:
            return TripleCount(None)
        limited = f"SELECT (1 AS ?one) {{ {pattern} }} LIMIT {MAX_COUNT + 1}"
        rows = self._rows(f"SELECT (COUNT(*) AS ?n){self._from} {{ {{ {limited} }} }}")
        if not rows or not isinstance(rows[0], ox.Literal):
            return TripleCount(None)
        found = int(rows[0].value)
        return TripleCount(min(found, MAX_COUNT), found > MAX_COUNT)

    def resolved(self, written: Iterable[str]) -> list[str | None]:
        """Give the IRIs that names stand for; ``None`` where that isn't known."""
        names = [_TYPE if name == "a" else name for name in written]
        terms = [f"({name} AS ?i{number})" for number, name in enumerate(names)]
        rows = self._rows(f"SELECT {' '.join(terms)} {{}}") if names else []
        found = [one.value if isinstance(one, ox.NamedNode) else None for one in rows]
        return found if len(found) == len(names) else [None] * len(names)

    def where(self, iri: str) -> Where | None:
        """Say where an IRI occurs, ``None`` if there is no time left to look."""
        if self.is_over:
            return None
        node = ox.NamedNode(iri)
        inner = _ANYWHERE.format(node)
        default = self._ask(inner)
        named = default is False and self._ask(
            f"{{ GRAPH ?g {{ {inner} }} }} UNION {{ GRAPH {node} {{ ?s ?p ?o }} }}"
        )
        if default is None or named is None:
            return None
        return Where(default, named, default or named or self._in_store(node))

    def has_graph(self, name: str) -> bool:
        """Say whether a graph has a triple, be it asked or not."""
        found = self.store.quads_for_pattern(None, None, None, ox.NamedNode(name))
        return next(iter(found), None) is not None

    def _ask(self, pattern: str) -> bool | None:
        found = self._run(f"ASK{self._from} {{ {pattern} }}")
        return bool(found) if isinstance(found, ox.QueryBoolean) else None

    def _in_store(self, node: ox.NamedNode) -> bool:
        ways = ((node, None, None, None), (None, node, None, None), (None, None, node, None))
        return self.has_graph(node.value) or any(
            next(iter(self.store.quads_for_pattern(*way)), None) is not None for way in ways
        )

    def _rows(self, text: str) -> list[object]:
        """Give the first row of a query, empty if the engine gives none."""
        found = self._run(text)
        if not isinstance(found, ox.QuerySolutions):
            return []
        try:
            row = next(iter(found), None)
        except RuntimeError:
            return []
        return [] if row is None else list(row)

    def _run(self, text: str) -> object:
        try:
            return self.store.query(self._prologue + text, **self.options)
        except (RuntimeError, SyntaxError, ValueError, OSError):
            return None  # then nothing is said of it


def _is_form(kind: TokenKind, text: str) -> bool:
    return kind is TokenKind.WORD and text.upper() in _FORMS
