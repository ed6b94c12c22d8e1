"""What a query is made of.

Every node knows where it stands in the text it was parsed from: ``start`` and ``end`` are offsets
in characters. The names are those of SPARQL 1.1 Query, section 19.8, shortened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

__all__ = [
    "Bind",
    "Expression",
    "Filter",
    "GroupPattern",
    "InlineData",
    "Item",
    "Join",
    "NamedPattern",
    "ParsedQuery",
    "PropertyPath",
    "SameSubject",
    "SyntaxNode",
    "Term",
    "TermKind",
    "TriplePattern",
    "UnionPattern",
    "children",
    "walk",
    "walk_here",
]


class TermKind(Enum):
    """What a term is. ``TRIPLE`` is one of the forms of RDF 1.2 that hold a triple."""

    VARIABLE = "variable"
    IRI = "iri"
    LITERAL = "literal"
    BLANK = "blank"
    TRIPLE = "triple"


@dataclass(frozen=True, slots=True)
class SyntaxNode:
    """A part of a query, from ``start`` to before ``end``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term(SyntaxNode):
    """A term or a variable.

    :ivar kind: what it is
    :ivar value: the name of a variable, without its mark; an IRI or a literal as it is written;
        the label of a blank node, and for ``[]``, ``[…]`` and ``(…)`` one of our own, which no
        label of a query can be
    """

    kind: TermKind
    value: str


@dataclass(frozen=True, slots=True)
class PropertyPath(SyntaxNode):
    """A property path that is more than an IRI.

    :ivar operator: one of ``| / ^ * + ? !``
    :ivar parts: what it works on; of ``!`` IRIs and inverse ones
    """

    operator: str
    parts: tuple[Verb, ...]


Verb: TypeAlias = "Term | PropertyPath"


@dataclass(frozen=True, slots=True)
class TriplePattern(SyntaxNode):
    """A triple pattern or path pattern; the span is that of its verb and object, if it has one."""

    subject: Term
    verb: Verb
    object: Term


@dataclass(frozen=True, slots=True)
class SameSubject(SyntaxNode):
    """The triples with one subject, without the dot behind them.

    :ivar triples: all of them, also those that ``[…]`` and ``(…)`` stand for
    :ivar plain: whether the triples are all that it says: no form of RDF 1.2
    """

    triples: tuple[TriplePattern, ...]
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Expression(SyntaxNode):
    """An operator, a call or a pattern in an expression; terms stand for themselves.

    :ivar name: the operator, or the name of the function in capitals; ``EXISTS`` and
        ``NOT EXISTS``, whose only argument is a group; ``()`` around what stands in parentheses
    :ivar arguments: what it works on; of ``COUNT(*)`` none
    :ivar function: the IRI of a function that has one, as it is written
    :ivar distinct: whether an aggregate takes each value once
    :ivar separator: the string between what ``GROUP_CONCAT`` puts together, if there is one
    """

    name: str
    arguments: tuple[SyntaxNode, ...]
    function: Term | None = None
    distinct: bool = False
    separator: Term | None = None


@dataclass(frozen=True, slots=True)
class Filter(SyntaxNode):
    """A FILTER."""

    condition: SyntaxNode


@dataclass(frozen=True, slots=True)
class Bind(SyntaxNode):
    """A BIND."""

    expression: SyntaxNode
    variable: Term


@dataclass(frozen=True, slots=True)
class InlineData(SyntaxNode):
    """VALUES, in a pattern or behind a query.

    :ivar variables: what gets values
    :ivar rows: how many there are
    :ivar undefined: names of the variables that have no value in some row
    """

    variables: tuple[Term, ...]
    rows: int
    undefined: frozenset[str]


@dataclass(frozen=True, slots=True)
class Join(SyntaxNode):
    """OPTIONAL, MINUS or LATERAL, with what it is about."""

    keyword: str
    group: GroupPattern


@dataclass(frozen=True, slots=True)
class NamedPattern(SyntaxNode):
    """GRAPH or SERVICE, with the name and what is asked there.

    :ivar keyword: which of the two
    """

    keyword: str
    name: Term
    group: GroupPattern


@dataclass(frozen=True, slots=True)
class UnionPattern(SyntaxNode):
    """Groups with UNION between them; a single one is a group in a group."""

    groups: tuple[GroupPattern, ...]


Element: TypeAlias = "SameSubject | Filter | Bind | InlineData | Join | NamedPattern | UnionPattern"


@dataclass(frozen=True, slots=True)
class GroupPattern(SyntaxNode):
    """What stands in a pair of braces, in its order.

    :ivar elements: what is in it
    :ivar select: the query that it is instead, in a subquery
    """

    elements: tuple[Element, ...]
    select: ParsedQuery | None = None


@dataclass(frozen=True, slots=True)
class Item(SyntaxNode):
    """A column of SELECT or a part of GROUP BY or ORDER BY.

    :ivar expression: what is calculated; a variable may stand alone
    :ivar variable: what it is called
    """

    expression: SyntaxNode
    variable: Term | None = None


@dataclass(frozen=True, slots=True)
class ParsedQuery(SyntaxNode):
    """A query or a subquery.

    :ivar form: SELECT, ASK, CONSTRUCT or DESCRIBE
    :ivar where: the pattern; DESCRIBE may have none
    :ivar items: columns of SELECT, or what to describe
    :ivar star: where the ``*`` stands that is written instead
    :ivar distinct: DISTINCT or REDUCED, or nothing
    :ivar template: what to construct
    :ivar base: what relative IRIs in it are relative to, or nothing
    :ivar prefixes: prefixes that it declares, with their IRIs
    :ivar datasets: IRIs of FROM
    :ivar named_datasets: IRIs of FROM NAMED
    :ivar limit: of the rows, or none
    :ivar offset: of the first row
    """

    form: str
    where: GroupPattern | None
    items: tuple[Item, ...] = ()
    star: SyntaxNode | None = None
    distinct: str = ""
    template: tuple[SameSubject, ...] = ()
    base: str = ""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    datasets: tuple[Term, ...] = ()
    named_datasets: tuple[Term, ...] = ()
    group_by: tuple[Item, ...] = ()
    having: tuple[SyntaxNode, ...] = ()
    order_by: tuple[Item, ...] = ()
    limit: int | None = None
    offset: int = 0
    values: InlineData | None = None


def children(node: SyntaxNode) -> tuple[SyntaxNode, ...]:
    """Give the nodes that a node is made of, in the order of the text.

    >>> from tzgraph.query.syntax import parse
    >>> query = parse("ASK { ?s ?p ?o }")
    >>> [type(child).__name__ for child in children(query)]
    ['GroupPattern']
    """
    parts = _PARTS.get(type(node))
    return parts(node) if parts is not None else ()


def _of_expression(node: Expression) -> tuple[SyntaxNode, ...]:
    function = (node.function,) if node.function else ()
    separator = (node.separator,) if node.separator else ()
    return (*function, *node.arguments, *separator)


def _of_query(node: ParsedQuery) -> tuple[SyntaxNode, ...]:
    where = (node.where,) if node.where else ()
    values = (node.values,) if node.values else ()
    before = (*node.items, *node.template, *node.datasets, *node.named_datasets)
    behind = (*node.group_by, *node.having, *node.order_by)
    return (*before, *where, *behind, *values)


#: What gives the parts of a node, by its class; those of others are none.
_PARTS: Mapping[type[SyntaxNode], Callable[[Any], tuple[SyntaxNode, ...]]] = {
    Expression: _of_expression,
    TriplePattern: lambda node: (node.subject, node.verb, node.object),
    SameSubject: lambda node: node.triples,
    PropertyPath: lambda node: node.parts,
    GroupPattern: lambda node: (node.select,) if node.select else node.elements,
    Join: lambda node: (node.group,),
    NamedPattern: lambda node: (node.name, node.group),
    UnionPattern: lambda node: node.groups,
    Filter: lambda node: (node.condition,),
    Bind: lambda node: (node.expression, node.variable),
    InlineData: lambda node: node.variables,
    Item: lambda node: (node.expression, *((node.variable,) if node.variable else ())),
    ParsedQuery: _of_query,
}


def walk(node: SyntaxNode) -> Iterator[SyntaxNode]:
    """Give a node and everything in it, each before what is in it.

    >>> from tzgraph.query.syntax import parse
    >>> [term.value for term in walk(parse("ASK { ?s ?p ?o }")) if isinstance(term, Term)]
    ['s', 'p', 'o']
    """
    return _walk(node, services=True)


def walk_here(node: SyntaxNode) -> Iterator[SyntaxNode]:
    """Give a node and everything in it, as :func:`walk`, but not what other endpoints are sent."""
    return _walk(node, services=False)


def _walk(node: SyntaxNode, *, services: bool) -> Iterator[SyntaxNode]:
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if services or not isinstance(current, NamedPattern) or current.keyword != "SERVICE":
            yield current
            waiting.extend(reversed(children(current)))
