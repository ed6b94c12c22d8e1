"""What makes a query slow, as far as its text alone says it for certain."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from tzgraph.query.rewrite.edits import QuerySource
from tzgraph.query.rewrite.graphs import has_aggregate
from tzgraph.query.rewrite.optional import not_looked_up
from tzgraph.query.rewrite.paths import may_be_empty
from tzgraph.query.rewrite.scope import named, visible_of
from tzgraph.query.syntax.tree import (
    Bind,
    Element,
    Filter,
    GroupPattern,
    InlineData,
    Join,
    NamedPattern,
    ParsedQuery,
    SameSubject,
    SyntaxNode,
    Term,
    TermKind,
    TriplePattern,
    UnionPattern,
    walk,
    walk_here,
)
from tzgraph.query.tokens import line_and_column

__all__ = ["MAX_HINTS", "QueryHint", "hints_for"]

#: Hints that are given for a query.
MAX_HINTS = 5


@dataclass(frozen=True, slots=True)
class QueryHint:
    """What would make a query quicker.

    :ivar code: what kind of thing it is
    :ivar message: what it is and what to do, in a sentence or two
    :ivar start: where it stands, as an offset in characters
    """

    code: str
    message: str
    start: int


def hints_for(
    query: ParsedQuery,
    text: str,
    values: Mapping[str, str] | None = None,
    prefixes: Mapping[str, str] | None = None,
) -> list[QueryHint]:
    """Give what makes a query slow, in the order of the text, at most :data:`MAX_HINTS`.

    :param text: the text that it was parsed from
    :param values: what is known to be the value of variables, as it is written
    :param prefixes: prefixes that it need not declare

    >>> from tzgraph.query.syntax import parse
    >>> text = "SELECT * { ?a <x:p> ?b . ?c <x:q> ?d } ORDER BY ?a"
    >>> [hint.code for hint in hints_for(parse(text), text)]
    ['cartesian-product', 'order-without-limit']
    """
    if query.where is None:
        return []
    seen = _Seen.of(query, values or {})
    source = QuerySource(text, query, {**(prefixes or {}), **query.prefixes}, values or {})
    found = [
        *islice(_products(query, text, seen), MAX_HINTS),
        *islice(_open_paths(query.where, text, seen), MAX_HINTS),
        *islice(_optional_parts(source), MAX_HINTS),
    ]
    if query.form == "SELECT" and query.order_by and query.limit is None:
        first = query.order_by[0]
        found.append(
            QueryHint(
                "order-without-limit",
                "ORDER BY without LIMIT: all solutions are found and sorted before the first one"
                " is given. Add LIMIT, or leave ORDER BY out.",
                first.start,
            )
        )
    return sorted(found, key=lambda hint: hint.start)[:MAX_HINTS]


@dataclass(slots=True)
class _Seen:
    """Where the variables of a query stand.

    :ivar values: those that have a value from elsewhere
    :ivar places: the first and the last offset of each
    :ivar patterns: how often each stands in the pattern of the query
    """

    values: Mapping[str, str]
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    patterns: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, query: ParsedQuery, values: Mapping[str, str]) -> _Seen:
        found = cls(values)
        for node in walk(query):
            if isinstance(node, Term) and node.kind is TermKind.VARIABLE:
                first, last = found.places.get(node.value, (node.start, node.start))
                found.places[node.value] = min(first, node.start), max(last, node.start)
        for node in walk(query.where) if query.where else ():
            if isinstance(node, Term) and node.kind is TermKind.VARIABLE:
                found.patterns[node.value] = found.patterns.get(node.value, 0) + 1
        return found

    def is_outside(self, name: str, group: GroupPattern) -> bool:
        first, last = self.places.get(name, (group.start, group.start))
        return first < group.start or last >= group.end


def _optional_parts(source: QuerySource) -> Iterator[QueryHint]:
    """Find what is optional and not rewritten, and say why."""
    for element, why in not_looked_up(source):
        line, column = line_and_column(source.text, element.start)
        yield QueryHint(
            "optional-as-a-whole",
            f"Line {line}, column {column}: this OPTIONAL is not rewritten to be looked up for each"
            f" solution before it, {why}.",
            element.start,
        )


# -- patterns that share no variable ---------------------------------------------------------------


def _products(query: ParsedQuery, text: str, seen: _Seen) -> Iterator[QueryHint]:
    """Find groups of which one part is joined to the other by no variable."""
    roots: dict[int, ParsedQuery] = {}
    for node in walk_here(query):
        if isinstance(node, ParsedQuery) and node.where is not None:
            roots[id(node.where)] = node
        if isinstance(node, GroupPattern) and node.select is None:
            second = _unjoined(node, seen, roots.get(id(node)))
            if second is not None:
                yield QueryHint("cartesian-product", _product(second, text, seen), second.start)


def _product(second: SyntaxNode, text: str, seen: _Seen) -> str:
    names = sorted(_names(second, seen))
    start = second.start
    if isinstance(second, TriplePattern) and text[second.subject.end : start].isspace():
        start = second.subject.start  # the span of a triple begins behind its subject
    line, column = line_and_column(text, start)
    return (
        f"Line {line}, column {column}: nothing before it in its group has a variable in common"
        f" with this part ({', '.join(f'?{name}' for name in names[:5])}), so each solution of the"
        " one is combined with each of the other. Join them by a variable, or ask two queries."
    )


def _unjoined(group: GroupPattern, seen: _Seen, query: ParsedQuery | None) -> SyntaxNode | None:
    """Give the first part of a group that shares no variable with what stands before it.

    :param query: the query or subquery of which it is the pattern; any other group is joined to
        what stands around it
    """
    sets = _Sets()
    if query is not None and query.values is not None:
        sets.join(["", *(term.value for term in query.values.variables)])
    parts: list[tuple[SyntaxNode, str]] = []
    for element in group.elements:
        for part in _parts(element):
            names = _names(part, seen)
            if not names:
                continue
            key = sets.join(names)
            if query is None and any(seen.is_outside(name, group) for name in names):
                sets.join([key, ""])  # joined to the rest of the query
            if not _is_single(part):
                parts.append((part, key))
    return next((part for part, key in parts if not sets.same(key, parts[0][1])), None)


class _Sets:
    """Sets of names that are joined to each other, by a member of each (union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def find(self, name: str) -> str:
        while (above := self._above.setdefault(name, name)) != name:
            self._above[name] = self._above[above]
            name = above
        return name

    def join(self, names: Collection[str]) -> str:
        first, *others = map(self.find, names)
        for other in others:
            self._above[other] = first
        return first

    def same(self, one: str, other: str) -> bool:
        return self.find(one) == self.find(other)


def _parts(element: Element) -> Iterator[SyntaxNode]:
    """Give what of an element is joined with the rest of its group."""
    match element:
        case SameSubject():
            yield from element.triples if element.plain else (element,)
        case Join():
            if element.keyword != "MINUS":
                yield element
        case Bind() | InlineData() | NamedPattern() | UnionPattern():
            yield element


def _names(part: SyntaxNode, seen: _Seen) -> set[str]:
    """Give the variables and blank nodes that join a part to others."""
    if isinstance(part, Bind):
        found = named(part)
    elif isinstance(part, TriplePattern):
        blank = {t.value for t in (part.subject, part.object) if t.kind is TermKind.BLANK}
        found = named(part) | {f"_:{name}" for name in blank}
    elif isinstance(part, SameSubject | InlineData | Join | NamedPattern | UnionPattern):
        found = visible_of(part)
    else:
        found = set()
    return found - set(seen.values)


def _is_single(part: SyntaxNode) -> bool:
    """Say whether a part has one solution at most, or only adds to those of others."""
    match part:
        case Bind():
            return True
        case InlineData():
            return part.rows <= 1
        case Join():
            return _has_one(part.group)
        case UnionPattern():
            return len(part.groups) == 1 and _has_one(part.groups[0])
    return isinstance(part, Filter)


def _has_one(group: GroupPattern) -> bool:
    if group.select is None:
        return all(map(_is_single, group.elements))
    select = group.select
    is_grouped = bool(select.group_by) or not any(map(has_aggregate, select.items))
    return select.limit in (0, 1) or not is_grouped


# -- paths with two open ends ----------------------------------------------------------------------


def _open_paths(where: GroupPattern, text: str, seen: _Seen) -> Iterator[QueryHint]:
    """Find paths that lead from everything to itself, as nothing else says where they begin."""
    for node in walk_here(where):
        if not isinstance(node, TriplePattern) or not may_be_empty(node.verb):
            continue
        if all(_is_open(end, seen) for end in (node.subject, node.object)):
            line, column = line_and_column(text, node.verb.start)
            path = " ".join(text[node.verb.start : node.verb.end].split())
            yield QueryHint(
                "open-path",
                f"Line {line}, column {column}: both ends of {path[:100]} are open, so it begins at"
                " everything in the graph, and leads from each thing to itself as well. Give one"
                " end, or write + for * if no step at all is not meant.",
                node.verb.start,
            )


def _is_open(end: Term, seen: _Seen) -> bool:
    if end.kind is TermKind.VARIABLE:
        return end.value not in seen.values and seen.patterns.get(end.value) == 1
    return False
