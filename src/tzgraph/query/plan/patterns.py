"""What a query asks its data for: triple patterns, and the IRIs in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tzgraph.query.rewrite.names import TEXT_QUERY
from tzgraph.query.syntax.strings import iri_of, iris_of_values
from tzgraph.query.syntax.tree import (
    Expression,
    InlineData,
    NamedPattern,
    ParsedQuery,
    PropertyPath,
    SyntaxNode,
    Term,
    TermKind,
    TriplePattern,
    Verb,
    children,
)
from tzgraph.vocabulary import RDF

__all__ = ["Asked", "AskedIri", "AskedPattern", "IriRole", "asked_by", "shown", "steps_of"]

_TYPES = ("a", "rdf:type", f"<{RDF}type>")
_GAP = " "


class IriRole(StrEnum):
    """What an IRI is in a query."""

    PREDICATE = "predicate"
    CLASS = "class"
    TERM = "term"
    GRAPH = "graph"
    DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class AskedPattern:
    """A triple pattern or a path, and the name that GRAPH gives around it, if there is one."""

    triple: TriplePattern
    graph: Term | None


@dataclass(frozen=True, slots=True)
class AskedIri:
    """An IRI that a query has.

    :ivar written: as it is written
    :ivar start: where it stands first, as an offset in characters
    :ivar roles: what it is there and elsewhere
    :ivar in_default: whether a triple with it is asked of the default graph
    """

    written: str
    start: int
    roles: frozenset[IriRole]
    in_default: bool


@dataclass(slots=True)
class Asked:
    """What a query asks for, in the order of the text, without what it asks other endpoints for.

    :ivar patterns: its patterns, those in EXISTS and subqueries too
    :ivar iris: its IRIs by how they are written, but for names of functions and datatypes
    """

    patterns: list[AskedPattern] = field(default_factory=list)
    iris: dict[str, AskedIri] = field(default_factory=dict)

    def add(self, term: SyntaxNode, role: IriRole, *, in_default: bool = False) -> None:
        """Take notice of a term if it is an IRI that the text has.

        :param in_default: whether a triple with it is asked of the default graph
        """
        if not isinstance(term, Term) or term.kind is not TermKind.IRI or term.start == term.end:
            return
        first = self.iris.get(term.value)
        if first is None:
            roles = frozenset({role})
            self.iris[term.value] = AskedIri(term.value, term.start, roles, in_default)
        elif role not in first.roles or (in_default and not first.in_default):
            self.iris[term.value] = replace(
                first, roles=first.roles | {role}, in_default=in_default or first.in_default
            )


def asked_by(  # noqa: C901  (a table, by class)
    query: ParsedQuery, text: str, prefixes: Mapping[str, str] | None = None
) -> Asked:
    """Give what a query asks for.

    :param text: the text that it was parsed from
    :param prefixes: prefixes that it need not declare

    >>> from tzgraph.query.syntax import parse
    >>> text = "SELECT * { ?s a <x:C> GRAPH ?g { ?s <x:p> 1 } SERVICE <x:e> { ?s <x:q> 2 } }"
    >>> found = asked_by(parse(text), text)
    >>> len(found.patterns), list(found.iris)
    (2, ['a', '<x:C>', '<x:p>'])
    """
    found = Asked()
    known = {**(prefixes or {}), **query.prefixes}
    waiting: list[tuple[SyntaxNode, Term | None]] = [(query, None)]
    while waiting:
        node, graph = waiting.pop()
        inner: tuple[SyntaxNode, ...] = children(node)
        match node:
            case NamedPattern() if node.keyword == "SERVICE":
                continue
            case NamedPattern():
                found.add(node.name, IriRole.GRAPH)
                graph, inner = node.name, (node.group,)
            case TriplePattern():
                verb = node.verb
                if not isinstance(verb, Term) or iri_of(verb, known, query.base) != TEXT_QUERY:
                    _add_pattern(found, node, graph)
                inner = ()  # what looks for names asks for no such triple
            case Expression():
                inner = node.arguments
            case InlineData():
                for term in iris_of_values(node, text):
                    found.add(term, IriRole.TERM)
                inner = ()
            case ParsedQuery():
                for name in (*node.datasets, *node.named_datasets):
                    found.add(name, IriRole.DATASET)
                inner = _without_template(node)
            case Term():
                found.add(node, IriRole.TERM)
        waiting += [(one, graph) for one in reversed(inner)]
    return found


def _without_template(query: ParsedQuery) -> tuple[SyntaxNode, ...]:
    """Give the parts of a query that ask for something."""
    where = (query.where,) if query.where else ()
    behind = (*query.group_by, *query.having, *query.order_by)
    return (*query.items, *where, *behind, *((query.values,) if query.values else ()))


def _add_pattern(found: Asked, triple: TriplePattern, graph: Term | None) -> None:
    found.patterns.append(AskedPattern(triple, graph))
    is_type = isinstance(triple.verb, Term) and triple.verb.value in _TYPES
    in_default = graph is None
    found.add(triple.subject, IriRole.TERM, in_default=in_default)
    for step in steps_of(triple.verb, negated=True):
        found.add(step, IriRole.PREDICATE, in_default=in_default)
    role = IriRole.CLASS if is_type else IriRole.TERM
    found.add(triple.object, role, in_default=in_default)


def steps_of(verb: Verb, *, negated: bool = False) -> Iterator[Term]:
    """Give the predicates of a path, in the order of the text.

    :param negated: whether those are wanted as well that it may not go along
    """
    waiting: list[Verb] = [verb]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Term):
            yield one
        elif negated or one.operator != "!":
            waiting += reversed(one.parts)


def shown(triple: TriplePattern, text: str) -> str:
    """Give a pattern as it is written, with one blank between its parts.

    >>> from tzgraph.query.syntax import parse
    >>> text = "ASK { [ <x:p> 1 ;  <x:q>/<x:r>  ?o ] <x:s> ?v }"
    >>> [shown(one.triple, text) for one in asked_by(parse(text), text).patterns]
    ['[] <x:p> 1', '[] <x:q>/<x:r> ?o', '[] <x:s> ?v']
    """
    return _GAP.join(_written(part, text) for part in (triple.subject, triple.verb, triple.object))


def _written(part: Verb, text: str) -> str:
    if isinstance(part, PropertyPath):
        return _GAP.join(text[part.start : part.end].split())
    if part.kind is TermKind.VARIABLE:
        return f"?{part.value}"
    if part.kind is TermKind.BLANK and not part.value.startswith("_:"):
        return "[]"  # also what stands for a list or an annotation
    if part.kind is TermKind.TRIPLE:
        return "<<…>>"
    return part.value
