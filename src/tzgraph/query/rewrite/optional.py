"""Have what is in OPTIONAL looked up for each solution before it, where few are to be expected.

Oxigraph 0.5 looks an optional part up for each solution (SEP-0006, ``LATERAL``) where it thinks
that this is cheaper, but takes a pattern of several joins for large even if it begins with a
constant; then it evaluates the optional part as a whole, which took 20 to 150 times as long on a
million triples. Where nothing narrows what comes before, the whole is cheaper by a third at most.

Rewritten is only what is the same by definition: an optional part of triples, sequences and
filters, without a group, EXISTS or a path that repeats in it. For each solution m of what comes
before, those of the part that are compatible with m are those of the part with m's values put in,
and both ways evaluate the filters on the two together.
"""

from __future__ import annotations

from collections.abc import Iterator

from tzgraph.query.rewrite.edits import Edit, QuerySource
from tzgraph.query.syntax.strings import iri_of
from tzgraph.query.syntax.tree import (
    Element,
    Expression,
    Filter,
    GroupPattern,
    InlineData,
    Join,
    PropertyPath,
    SameSubject,
    Term,
    TermKind,
    TriplePattern,
    Verb,
    walk,
)
from tzgraph.vocabulary import RDF

__all__ = ["MAX_ROWS", "is_narrow", "laterals", "not_looked_up"]

#: Rows of VALUES that count as few.
MAX_ROWS = 100
#: Optional parts that the engine may plan together, in a time of the fourth power of their number.
MAX_OPTIONS = 30


def laterals(source: QuerySource) -> Iterator[Edit]:
    """Rewrite each OPTIONAL that may be, and for which few solutions are to be expected."""
    for element, narrowed, many in _joins(source):
        if (narrowed and _is_simple(element)) or (many and _is_same(element)):
            yield Edit(element.start, element.start, "LATERAL { ")
            yield Edit(element.end, element.end, " }")


def not_looked_up(source: QuerySource) -> Iterator[tuple[Join, str]]:
    """Give each OPTIONAL of several patterns that is not rewritten, and why."""
    for element, narrowed, _many in _joins(source):
        if element.keyword != "OPTIONAL" or len(element.group.elements) == 0:
            continue
        if _is_simple(element):
            if not narrowed:
                yield element, "as no pattern before it in its group has a constant at an end"
        elif not _is_single(element):
            yield (
                element,
                "as there is more in it than triples, sequences and filters without EXISTS",
            )


def _joins(source: QuerySource) -> Iterator[tuple[Join, bool, bool]]:
    """Give each OPTIONAL, MINUS and LATERAL.

    :return: with each whether few solutions come before it, and whether it is one of too many
    """
    for node in source.nodes:
        if not isinstance(node, GroupPattern):
            continue
        narrowed = False
        many = sum(isinstance(element, Join) for element in node.elements) > MAX_OPTIONS
        for element in node.elements:
            if isinstance(element, Join):
                yield element, narrowed, many
            narrowed = narrowed or _narrows(source, element)


def _is_single(element: Join) -> bool:
    """Say whether there is no more than one triple, with filters, in what is optional."""
    inner = [one for one in element.group.elements if not isinstance(one, Filter)]
    return (
        len(inner) == 1
        and isinstance(inner[0], SameSubject)
        and inner[0].plain
        and len(inner[0].triples) == 1
    )


def _is_simple(element: Join) -> bool:
    """Say whether an element is an OPTIONAL that may be looked up for each solution, and gains."""
    triples = (t for e in element.group.elements if isinstance(e, SameSubject) for t in e.triples)
    # A single triple is looked up anyway.
    return _is_same(element) and sum(_steps(triple.verb) for triple in triples) > 1


def _is_same(element: Join) -> bool:
    """Say whether an element is an OPTIONAL that may be looked up for each solution."""
    if element.keyword != "OPTIONAL" or element.group.select is not None:
        return False
    for inner in element.group.elements:
        if isinstance(inner, SameSubject):
            if not inner.plain or not all(_is_sequence(triple.verb) for triple in inner.triples):
                return False
        elif not isinstance(inner, Filter) or _has_pattern(inner):
            return False
    return True


def _has_pattern(element: Filter) -> bool:
    return any(isinstance(n, Expression) and n.name.endswith("EXISTS") for n in walk(element))


def _is_sequence(verb: Verb) -> bool:
    if isinstance(verb, Term):
        return True
    return verb.operator in "/^" and all(map(_is_sequence, verb.parts))


def _steps(verb: Verb) -> int:
    return sum(map(_steps, verb.parts)) if isinstance(verb, PropertyPath) else 1


def _narrows(source: QuerySource, element: Element) -> bool:
    """Say whether few solutions are to be expected of an element, and of what is joined to it."""
    if isinstance(element, InlineData):
        return element.rows <= MAX_ROWS
    if not isinstance(element, SameSubject):
        return False
    return any(is_narrow(source, triple) for triple in element.triples)


def is_narrow(source: QuerySource, triple: TriplePattern) -> bool:
    """Say whether a triple has a constant at an end: not a class, which may have many instances."""
    if _is_constant(source, triple.subject):
        return True
    verb = triple.verb
    is_type = isinstance(verb, Term) and iri_of(verb, source.prefixes) == f"{RDF}type"
    return not is_type and _is_constant(source, triple.object)


def _is_constant(source: QuerySource, term: Term) -> bool:
    is_known = term.kind is TermKind.VARIABLE and term.value in source.values
    return is_known or term.kind in (TermKind.IRI, TermKind.LITERAL)
