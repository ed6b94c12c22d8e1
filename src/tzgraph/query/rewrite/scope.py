"""Which variables a part of a query gives values to (SPARQL 1.1 Query, section 18.2.1)."""

from __future__ import annotations

from tzgraph.query.syntax.tree import (
    Bind,
    Element,
    GroupPattern,
    InlineData,
    Join,
    NamedPattern,
    ParsedQuery,
    SameSubject,
    SyntaxNode,
    Term,
    TermKind,
    UnionPattern,
    walk,
)

__all__ = ["certain", "named", "projected", "sure", "visible", "visible_of"]


def named(node: SyntaxNode) -> set[str]:
    """Give the variables that stand anywhere in a part, in subqueries and EXISTS too."""
    found = (term for term in walk(node) if isinstance(term, Term))
    return {term.value for term in found if term.kind is TermKind.VARIABLE}


def projected(query: ParsedQuery) -> set[str]:
    """Give the variables that a subquery has values for outside."""
    if query.star is None:
        return {item.variable.value for item in query.items if item.variable is not None}
    given = {term.value for term in query.values.variables} if query.values else set()
    return given | visible(query.where) if query.where else given


def visible(group: GroupPattern) -> set[str]:
    """Give the variables that are in scope behind a group, which ``*`` stands for."""
    if group.select is not None:
        return projected(group.select)
    found: set[str] = set()
    for element in group.elements:
        found |= visible_of(element)
    return found


def visible_of(element: Element) -> set[str]:
    """Give the variables that an element of a group brings into scope."""
    match element:
        case SameSubject():
            return named(element)
        case Bind():
            return {element.variable.value}
        case InlineData():
            return {term.value for term in element.variables}
        case Join() if element.keyword != "MINUS":
            return visible(element.group)
        case NamedPattern():
            name = {element.name.value} if element.name.kind is TermKind.VARIABLE else set()
            return name | visible(element.group)
        case UnionPattern():
            return set().union(*map(visible, element.groups))
    return set()


def sure(group: GroupPattern) -> set[str]:
    """Give the variables that have a value in each solution of a group, as :func:`certain` does."""
    query = group.select
    if query is None:
        return certain(group.elements)
    return certain(query.where.elements) & projected(query) if query.where else set()


def certain(elements: tuple[Element, ...]) -> set[str]:
    """Give the variables that have a value in each solution of what stands one behind the other.

    The answer is that of a look at the text: a variable that isn't in it may have one, too.
    """
    found: set[str] = set()
    for element in elements:
        match element:
            case SameSubject():
                if element.plain:
                    found |= named(element)
            case InlineData():
                found |= {t.value for t in element.variables} - element.undefined
            case NamedPattern() if element.keyword == "GRAPH" and element.group.select is None:
                # Around what asks for no triple, the engine does not go through the graphs.
                found |= certain(element.group.elements)
            case UnionPattern():
                parts = [certain(group.elements) for group in element.groups if not group.select]
                if len(parts) == len(element.groups):
                    found |= set.intersection(*parts)
            case _:
                pass
    return found
