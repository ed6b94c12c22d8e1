"""Have expressions mean what SPARQL 1.1 says.

Oxigraph 0.5 has no boolean value for strings with a language, where SPARQL 1.1 Query, section
17.2.2, has that of the string; and ``BNODE("x")`` gives one node to all solutions, where section
17.4.2.9 has one for each. A label that is called once is the same as none. Where a label is called
twice, or calculated, the calls of one solution belong together, which can't be said otherwise.
STRDT makes literals of ``rdf:langString`` without a tag, which no parser takes, where SPARQL 1.2
has an error. The engine orders the parts of a sum by itself, and adds no date to a duration that it
has put first; it takes durations away in any case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tzgraph.query.rewrite.edits import Edit, QuerySource
from tzgraph.query.syntax.strings import iri_of, string_of
from tzgraph.query.syntax.tree import Expression, Filter, ParsedQuery, SyntaxNode, Term, TermKind
from tzgraph.query.written import FUNCTIONS, UNTAGGED

__all__ = ["blank_nodes", "conditions", "datatypes", "durations"]

_LOGICAL = frozenset({"&&", "||", "!"})


def conditions(source: QuerySource) -> Iterator[Edit]:
    """Rewrite variables whose boolean value is asked for."""
    for node in source.nodes:
        for part in _conditions(node):
            while isinstance(part, Expression) and part.name == "()":
                part = part.arguments[0]
            if isinstance(part, Term) and part.kind is TermKind.VARIABLE:
                name = source.written(part)
                text = f'IF(LANG({name}) = "", {name}, STR({name}) != "")'
                yield Edit(part.start, part.end, text)


def _conditions(node: SyntaxNode) -> tuple[SyntaxNode, ...]:
    """Give the parts of a node whose boolean values are asked for."""
    if isinstance(node, Filter):
        return (node.condition,)
    if isinstance(node, ParsedQuery):
        return node.having
    if isinstance(node, Expression):
        if node.name in _LOGICAL:
            return node.arguments
        if node.name == "IF":
            return node.arguments[:1]
    return ()


def blank_nodes(source: QuerySource) -> Iterator[Edit]:
    """Rewrite calls of BNODE with a label that no other call has."""
    calls = [n for n in source.nodes if isinstance(n, Expression) and n.name == "BNODE"]
    given = [(call, call.arguments[0]) for call in calls if len(call.arguments) == 1]
    labels = [(call, string_of(argument)) for call, argument in given]
    if any(label is None for _, label in labels):
        return  # it may be any
    counts = Counter(label for _, label in labels)
    for call, label in labels:
        if counts[label] == 1:
            yield Edit(call.start, call.end, "BNODE()")


def datatypes(source: QuerySource) -> Iterator[Edit]:
    """Rewrite calls of STRDT that may make a literal without the tag that it should have."""
    for call in source.nodes:
        if not isinstance(call, Expression) or call.name != "STRDT" or len(call.arguments) != 2:
            continue
        datatype = call.arguments[1]
        iri = iri_of(datatype, source.prefixes) if isinstance(datatype, Term) else None
        if iri is None or iri in UNTAGGED:
            (name,) = FUNCTIONS
            source.functions.update(FUNCTIONS)
            yield Edit(call.start, call.start + len("STRDT"), f" {name}")


def durations(source: QuerySource) -> Iterator[Edit]:
    """Rewrite sums with a duration that is written in them, as differences."""
    for node in reversed(source.nodes):  # what is within comes first where two end at one place
        if not isinstance(node, Expression) or node.name != "+" or len(node.arguments) != 2:
            continue
        left, right = node.arguments
        if _is_duration(source, right):
            yield Edit(left.end, right.start, " - (-")
            yield Edit(right.end, right.end, ")")
        elif _is_duration(source, left):
            yield Edit(left.start, right.start, "")
            yield Edit(right.end, right.end, f" - (-{source.written(left)})")


def _is_duration(source: QuerySource, node: SyntaxNode) -> bool:
    while isinstance(node, Expression) and node.name == "()":
        node = node.arguments[0]
    if not isinstance(node, Term) or node.kind is not TermKind.LITERAL:
        return False
    place = node.start + node.value.rfind("^^") + 2
    datatype = Term(place, node.end, TermKind.IRI, source.text[place : node.end].strip())
    return "^^" in node.value and (iri_of(datatype, source.prefixes) or "").lower().endswith(
        "duration"
    )
