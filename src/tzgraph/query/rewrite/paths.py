"""Have property paths give all solutions (SPARQL 1.1 Query, sections 18.2.2 and 18.4).

Oxigraph 0.5 gives each solution of ``p|q`` and ``!(p|^q)`` once, where they are unions that keep
duplicates, so that COUNT and SUM are wrong; and ``p*`` and ``p?`` do not meet a constant at one of
their ends that isn't in the graph. What repeats (``*``, ``+``) or is optional (``?``) has each
solution once by definition, and stays as it is.

A union cuts a basic graph pattern in two, and blank nodes can't be on both sides of the cut: they
become variables, which no ``*`` may show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from tzgraph.query.rewrite.edits import Edit, QuerySource
from tzgraph.query.rewrite.scope import projected
from tzgraph.query.syntax.tree import (
    GroupPattern,
    NamedPattern,
    ParsedQuery,
    PropertyPath,
    SameSubject,
    SyntaxNode,
    Term,
    TermKind,
    TriplePattern,
    Verb,
    children,
)

__all__ = [
    "MAX_BRANCHES",
    "UnwritableError",
    "alternatives",
    "may_be_empty",
    "renamed",
    "without_star",
]

#: Parts of unions that a query gets; the engine's planning takes time by their square.
MAX_BRANCHES = 64


class UnwritableError(Exception):
    """A query would get more branches than it may have, or name no column of ``SELECT *``."""


@dataclass(slots=True)
class _Paths:
    """The paths of a query, as they are rewritten."""

    source: QuerySource
    left: int = MAX_BRANCHES
    hides: bool = False
    edits: list[Edit] = field(default_factory=list)

    def pattern(self, statements: list[SameSubject], graph: Term | None) -> None:
        """Rewrite the triples of a group, which may share blank nodes for the engine.

        :param graph: the name of GRAPH around it
        """
        wrong = {id(s) for s in statements if any(map(self.is_wrong, s.triples))}
        if not wrong or not all(statement.plain for statement in statements):
            return
        names = self.blank_nodes(statements, wrong)
        for statement in statements:
            if id(statement) in wrong:
                text = " . ".join(self.triple(t, names, graph) for t in statement.triples)
                self.edits.append(Edit(statement.start, statement.end, text))
            else:
                self.edits += renamed(statement, names)

    def is_wrong(self, triple: TriplePattern) -> bool:
        """Say whether the engine may leave out solutions of a triple."""
        path = triple.verb
        if not isinstance(path, PropertyPath):
            return False
        ends = (triple.subject, triple.object)
        return _forks(path) or (may_be_empty(path) and any(map(self.constant, ends)))

    def constant(self, term: Term) -> str | None:
        """Give what stands at the end of a path if it is known before the query runs."""
        if term.kind is TermKind.VARIABLE:
            return self.source.value_of(term)
        return term.value if term.kind in (TermKind.IRI, TermKind.LITERAL) else None

    def blank_nodes(self, statements: list[SameSubject], wrong: set[int]) -> Mapping[str, str]:
        """Give a variable for each blank node that would be on both sides of a cut."""
        uses: Counter[str] = Counter()
        for statement in statements:
            apart = id(statement) in wrong
            seen: set[str] = set()
            for triple in statement.triples:
                ends = {t.value for t in (triple.subject, triple.object) if _is_blank(t)}
                uses.update(ends if apart else ends - seen)
                if _is_blank(triple.subject) and triple.subject.value == triple.object.value:
                    uses[triple.subject.value] += 1
                seen |= ends
        names = {label: self.source.fresh() for label, count in uses.items() if count > 1}
        self.hides = self.hides or bool(names)
        return names

    def triple(self, triple: TriplePattern, names: Mapping[str, str], graph: Term | None) -> str:
        """Write a triple, as a union where it has to be one."""
        ends = [self.end(term, names) for term in (triple.subject, triple.object)]
        if not self.is_wrong(triple):
            return f"{ends[0]} {_written(self.source, triple.verb)} {ends[1]}"
        groups = []
        for branch, empty in _branches(self.source, triple.verb, self.left):
            groups.append(f"{{ {ends[0]} {branch} {ends[1]} }}")
            if empty and (nothing := self.empty_path(triple, ends, graph)):
                groups.append(nothing)
        self.left -= len(groups)
        if self.left < 0:
            raise UnwritableError
        return " UNION ".join(groups)

    def end(self, term: Term, names: Mapping[str, str]) -> str:
        if term.kind is TermKind.BLANK:
            return names.get(term.value, "[]")
        return self.source.text[term.start : term.end] if term.start < term.end else term.value

    def empty_path(self, triple: TriplePattern, ends: list[str], graph: Term | None) -> str:
        """Give the solution of a path of no length, if a constant is not in the graph."""
        values = [self.constant(term) for term in (triple.subject, triple.object)]
        value = values[0] or values[1]
        if value is None:
            return ""
        given = {
            end: value
            for end, term in zip(ends, (triple.subject, triple.object), strict=True)
            if term.kind is TermKind.VARIABLE or end.startswith("?")
        }
        parts = []
        if graph is not None:
            # The engine doesn't go through the graphs for what asks for no triple.
            parts.append(f"GRAPH {self.source.written(graph)} {{}}")
        if given:
            parts.append(f"VALUES ({' '.join(given)}) {{ ({' '.join(given.values())}) }}")
        if values[0] and values[1]:
            parts.append(f"FILTER(sameTerm({values[0]}, {values[1]}))")
        some, other = self.source.fresh(), self.source.fresh()
        if value[0] not in "\"'" and ":" in value:  # a literal is no subject
            parts.append(f"FILTER NOT EXISTS {{ {value} {some} {other} }}")
        parts.append(f"FILTER NOT EXISTS {{ {some} {other} {value} }}")
        return f"{{ {' '.join(parts)} }}"


def alternatives(source: QuerySource) -> Iterator[Edit]:
    """Rewrite paths that the engine gives too few solutions of.

    A query that would get too large stays as it is, and so does one whose ``*`` stands for nothing.
    """
    paths = _Paths(source)
    waiting: list[tuple[SyntaxNode, Term | None]] = [(source.query, None)]
    stars: list[tuple[SyntaxNode, ParsedQuery]] = []
    try:
        while waiting:
            node, graph = waiting.pop()
            if isinstance(node, NamedPattern) and node.keyword == "SERVICE":
                continue  # the other endpoint is asked what the client wrote
            if isinstance(node, ParsedQuery) and node.star is not None:
                stars.append((node.star, node))
            if isinstance(node, GroupPattern):
                paths.pattern([e for e in node.elements if isinstance(e, SameSubject)], graph)
            inner = node.name if isinstance(node, NamedPattern) else graph
            waiting.extend((child, inner) for child in reversed(children(node)))
        if paths.hides:
            paths.edits += [without_star(star, query) for star, query in stars]
    except UnwritableError:
        return
    yield from paths.edits


def _is_blank(term: Term) -> bool:
    return term.kind is TermKind.BLANK


def renamed(statement: SameSubject, names: Mapping[str, str]) -> Iterator[Edit]:
    """Put variables for blank nodes, those that have one, into triples that stay."""
    ends = {t.start: t for triple in statement.triples for t in (triple.subject, triple.object)}
    for term in ends.values():
        if term.kind is TermKind.BLANK and term.value in names:
            yield Edit(term.start, term.end, names[term.value])


def without_star(star: SyntaxNode, query: ParsedQuery) -> Edit:
    """Name the variables that ``*`` stands for, in the engine's order."""
    names = sorted(projected(query))
    if not names:
        raise UnwritableError
    return Edit(star.start, star.end, " ".join(f"?{name}" for name in names))


def _forks(path: Verb) -> bool:
    """Say whether a path has alternatives that may give a solution twice."""
    if not isinstance(path, PropertyPath):
        return False
    if path.operator == "!":
        return len({isinstance(part, PropertyPath) for part in path.parts}) > 1
    if path.operator in "*+?":
        return False
    return path.operator == "|" or any(map(_forks, path.parts))


def may_be_empty(path: Verb) -> bool:
    """Say whether a path has solutions of no length."""
    if not isinstance(path, PropertyPath):
        return False
    if path.operator in "*?":
        return True
    if path.operator == "|":
        return any(map(may_be_empty, path.parts))
    return path.operator != "!" and all(map(may_be_empty, path.parts))


def _branches(source: QuerySource, path: Verb, most: int) -> list[tuple[str, bool]]:
    """Give paths without alternatives whose union a path is, and which may have no length.

    :raises UnwritableError: if there are more than so many
    """
    if not isinstance(path, PropertyPath) or not _forks(path):
        return [(_written(source, path), may_be_empty(path))]
    if path.operator == "!":
        both = [
            [p for p in path.parts if isinstance(p, PropertyPath) is one] for one in (False, True)
        ]
        texts = (" | ".join(_written(source, part) for part in parts) for parts in both)
        return [(f"!({text})", False) for text in texts]
    parts = [_branches(source, part, most) for part in path.parts]
    if path.operator == "|":
        found = [branch for part in parts for branch in part]
    elif path.operator == "^":
        found = [(f"^({branch})", empty) for branch, empty in parts[0]]
    else:
        count = 1
        for part in parts:
            count *= len(part)
            if count > most:
                raise UnwritableError
        found = [
            ("/".join(f"({branch})" for branch, _ in steps), all(empty for _, empty in steps))
            for steps in product(*parts)
        ]
    if len(found) > most:
        raise UnwritableError
    return found


def _written(source: QuerySource, path: Verb) -> str:
    return path.value if isinstance(path, Term) else source.written(path)
