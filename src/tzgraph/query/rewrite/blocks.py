"""Have patterns of many triples planned in parts, in a time that grows with their number.

Oxigraph 0.5 plans a join of n triples in a time that grows with the fourth power of n: 250 objects
behind commas take 10 seconds, 500 take 3 minutes. So such a pattern is cut into blocks, each looked
up for the solutions of those before it (``LATERAL``, SEP-0006), which is the same for triples and
for paths that do not lead from everything to itself. The first block begins at a constant, and each
triple follows one that it has a variable in common with, where that can be.

What is cut has no blank nodes on both sides: they become variables, which no ``*`` may show.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tzgraph.query.rewrite.edits import Edit, QuerySource
from tzgraph.query.rewrite.optional import is_narrow
from tzgraph.query.rewrite.paths import UnwritableError, may_be_empty, renamed, without_star
from tzgraph.query.syntax.tree import (
    Filter,
    GroupPattern,
    ParsedQuery,
    PropertyPath,
    SameSubject,
    Term,
    TermKind,
    TriplePattern,
    Verb,
)

__all__ = ["BLOCK", "MAX_TOGETHER", "in_blocks", "is_large"]

#: Triples of a pattern that the engine may plan as one: 60 take 30 ms.
MAX_TOGETHER = 60
#: Triples of a block.
BLOCK = 20


_IRI = re.compile(r"<[^<> ]*+>")
#: What stands between triples, or parts of a path; and a list of which each member is two triples.
_BETWEEN = ",;./["
_LIST = re.compile(rf"\((?:\s*+[^\s()?]++\s++){{{MAX_TOGETHER // 2}}}")


def is_large(text: str) -> bool:
    """Say quickly of most queries that they have no pattern of too many triples."""
    if len(text) < 4 * MAX_TOGETHER:
        return False
    bare = _IRI.sub("", text)
    between = sum(map(bare.count, _BETWEEN))
    return between >= MAX_TOGETHER or _LIST.search(bare) is not None


@dataclass(frozen=True, slots=True)
class _Step:
    """A triple as it will be written.

    :ivar text: it
    :ivar names: the variables of its ends, and of its verb
    :ivar size: triples that it is for the engine
    :ivar narrow: whether few solutions are to be expected
    """

    text: str
    names: frozenset[str]
    size: int
    narrow: bool


def in_blocks(source: QuerySource) -> Iterator[Edit]:
    """Cut patterns of too many triples; a query whose ``*`` stands for nothing stays as it is."""
    query = source.query
    short = query.where if query.form == "CONSTRUCT" else None
    edits: list[Edit] = []
    hides = False
    for group in source.nodes:
        if not isinstance(group, GroupPattern) or not group.elements:
            continue
        if short is group and query.template == group.elements:
            continue  # the template is the pattern
        for statements in _runs(group):
            if sum(_size(triple.verb) for s in statements for triple in s.triples) > MAX_TOGETHER:
                made, variables = _cut(source, statements)
                edits += made
                hides = hides or variables
    if hides:
        stars = (n for n in source.nodes if isinstance(n, ParsedQuery))
        try:
            edits += [without_star(q.star, q) for q in stars if q.star is not None]
        except UnwritableError:
            return
    yield from edits


def _runs(group: GroupPattern) -> Iterator[list[SameSubject]]:
    """Give the triples of a group that stand together, but for filters: in any order."""
    run: list[SameSubject] = []
    for element in group.elements:
        if isinstance(element, SameSubject):
            run.append(element)
        elif not isinstance(element, Filter):
            yield run
            run = []
    yield run


def _cut(source: QuerySource, statements: Sequence[SameSubject]) -> tuple[list[Edit], bool]:
    """Write triples in blocks, and say whether there are new variables."""
    moved = [s for s in statements if s.plain and all(map(_may_be_looked_up, s.triples))]
    if not moved:
        return [], False
    uses = Counter(
        term.value
        for statement in statements
        for triple in statement.triples
        for term in (triple.subject, triple.object)
        if term.kind is TermKind.BLANK
    )
    names = {label: source.fresh() for label, count in uses.items() if count > 1}
    steps: list[_Step] = []
    for statement in moved:
        for triple in statement.triples:
            steps += _steps(source, triple, names)
    text = " LATERAL ".join(f"{{ {' . '.join(block)} }}" for block in _cut_up(steps))
    edits = [Edit(moved[0].start, moved[0].end, text)]
    # In its place, not nothing, as a dot may stand behind it.
    edits += [Edit(one.start, one.end, "FILTER(true)") for one in moved[1:]]
    for statement in statements:
        if statement not in moved:
            edits += renamed(statement, names)
    return edits, bool(names) or any(_size(t.verb) > BLOCK for s in moved for t in s.triples)


def _cut_up(steps: Sequence[_Step]) -> Iterator[list[str]]:
    block: list[str] = []
    size = 0
    for step in _ordered(steps):
        if block and size + step.size > BLOCK:
            yield block
            block, size = [], 0
        block.append(step.text)
        size += step.size
    yield block


def _ordered(steps: Sequence[_Step]) -> Iterator[_Step]:
    """Give steps so that each has a variable of one before it, narrow ones first."""
    by_name: dict[str, list[int]] = {}
    for number, step in enumerate(steps):
        for name in step.names:
            by_name.setdefault(name, []).append(number)
    # Those that share no variable yet come after all that do.
    waiting = [(True, not step.narrow, number) for number, step in enumerate(steps)]
    heapq.heapify(waiting)
    given: set[int] = set()
    while waiting:
        *_, number = heapq.heappop(waiting)
        if number in given:
            continue
        given.add(number)
        yield steps[number]
        for name in steps[number].names:
            for other in by_name.pop(name, ()):
                heapq.heappush(waiting, (False, not steps[other].narrow, other))


def _steps(source: QuerySource, triple: TriplePattern, names: Mapping[str, str]) -> Iterator[_Step]:
    """Write a triple; a sequence that is longer than a block becomes several."""
    ends = [_end(source, term, names) for term in (triple.subject, triple.object)]
    verb, narrow = triple.verb, is_narrow(source, triple)
    if not isinstance(verb, PropertyPath) or verb.operator != "/" or _size(verb) <= BLOCK:
        yield _step(source, ends[0], [verb], ends[1], narrow)
        return
    parts, subject = list(verb.parts), ends[0]
    while parts:
        taken, parts = parts[:BLOCK], parts[BLOCK:]
        following = source.fresh() if parts else ends[1]
        yield _step(source, subject, taken, following, narrow)
        subject = following


def _step(
    source: QuerySource, subject: str, verbs: Sequence[Verb], value: str, narrow: bool
) -> _Step:
    path = "/".join(_written(source, verb) for verb in verbs)
    variables = (name[1:] for name in (subject, path, value) if name[0] in "?$")
    size = sum(map(_size, verbs))
    return _Step(f"{subject} {path} {value}", frozenset(variables), size, narrow)


def _end(source: QuerySource, term: Term, names: Mapping[str, str]) -> str:
    if term.kind is TermKind.BLANK:
        return names.get(term.value, "[]")
    return source.written(term) if term.start < term.end else term.value


def _written(source: QuerySource, verb: Verb) -> str:
    return verb.value if isinstance(verb, Term) and verb.start == verb.end else source.written(verb)


def _size(verb: Verb) -> int:
    """Give how many triples a triple is for the engine."""
    if isinstance(verb, PropertyPath) and verb.operator in "/^":
        return sum(map(_size, verb.parts))
    return 1


def _may_be_looked_up(triple: TriplePattern) -> bool:
    """Say whether a triple has the same solutions if those of its ends are put in.

    What ``!`` leaves out is found as often as the engine likes; a path of no length leads from each
    thing of the graph to itself, and from what is put in although it isn't in the graph.
    """
    return not _negates(triple.verb) and not may_be_empty(triple.verb)


def _negates(verb: Verb) -> bool:
    if not isinstance(verb, PropertyPath):
        return False
    return verb.operator == "!" or any(map(_negates, verb.parts))
