"""Have what is in ``GRAPH ?g`` asked of each graph by itself (SPARQL 1.1 Query, section 18.6).

Oxigraph 0.5 puts the variable into the triple patterns, wherever they stand. A subquery hides it,
so what is found in one graph is joined with what is found in another, and counted together; VALUES
leave it without a value, and MINUS compares it. A subquery that shows the variable is right, and so
is a pattern that begins with ``GRAPH ?g {}``, which goes through the graphs. With LATERAL behind it
(SEP-0006) LIMIT holds for each of them. What none of it mends is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.rewrite.edits import Edit, QuerySource
from tzgraph.query.rewrite.scope import certain, named, projected, sure, visible, visible_of
from tzgraph.query.syntax.tree import (
    Bind,
    Expression,
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
    UnionPattern,
    children,
    walk,
)
from tzgraph.query.tokens import line_and_column

__all__ = ["AGGREGATES", "graph_variables", "has_aggregate"]

AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


def graph_variables(source: QuerySource) -> Iterator[Edit]:
    """Rewrite what would be asked of all graphs at once.

    :raises QuerySyntaxError: at a subquery that can't be asked of each graph
    """
    waiting: list[tuple[SyntaxNode, str]] = [(source.query, "")]
    while waiting:
        node, variable = waiting.pop()
        if isinstance(node, NamedPattern):
            if node.keyword == "SERVICE":
                continue
            is_variable = node.name.kind is TermKind.VARIABLE
            variable = node.name.value if is_variable else ""
            if variable and _leaves_open(node.group):
                yield from _opened(node.group, f"GRAPH ?{variable} {{}}")
        elif variable and isinstance(node, GroupPattern) and node.select is not None:
            yield from _shown(source, node, node.select, variable)
        idle = list(_idle(source, node, variable)) if isinstance(node, GroupPattern) else []
        for element in idle:
            # In its place, not nothing, as a dot may stand behind it; {} would go through graphs.
            yield Edit(element.start, element.end, "FILTER(true)")
        gone = {element.start for element in idle}
        inner = (child for child in reversed(children(node)) if child.start not in gone)
        waiting.extend((child, variable) for child in inner)


def _idle(source: QuerySource, group: GroupPattern, variable: str) -> Iterator[Join]:
    """Give each MINUS that takes nothing away, as it shares no variable with what is before it.

    The engine has them share the variable of the GRAPH around them.

    :raises QuerySyntaxError: where it depends on the solution whether they share one
    """
    before: set[str] = set()
    for number, element in enumerate(group.elements):
        if variable and isinstance(element, Join) and element.keyword == "MINUS":
            inner = visible(element.group)
            if inner & source.values.keys():
                continue  # values are put in on both sides
            if not inner & before:
                yield element
            elif not sure(element.group) & certain(group.elements[:number]):
                raise QuerySyntaxError(
                    f"MINUS in GRAPH ?{variable} shares no variable with what is before it that"
                    " surely has a value.",
                    *line_and_column(source.text, element.start),
                    f"Put MINUS behind GRAPH ?{variable} {{ … }}, with a GRAPH ?{variable} of its"
                    " own, or take FILTER NOT EXISTS.",
                )
        before |= visible_of(element)


def _leaves_open(group: GroupPattern) -> bool:
    """Say whether a group may leave the variable of the GRAPH around it without a value."""
    if group.select is not None:
        return True
    if not any(_is_blind(element) for element in group.elements):
        return False
    return not any(isinstance(element, SameSubject) for element in group.elements)


def _opened(group: GroupPattern, beginning: str) -> Iterator[Edit]:
    """Have a group begin with something; a subquery gets a group around it."""
    if group.select is None:
        yield Edit(group.start + 1, group.start + 1, f" {beginning} ")
    else:
        yield Edit(group.start, group.start, f"{{ {beginning} ")
        yield Edit(group.end, group.end, " }")


def _is_blind(element: SyntaxNode) -> bool:
    if isinstance(element, UnionPattern):
        return any(_leaves_open(group) for group in element.groups)
    return isinstance(element, InlineData | NamedPattern)


def _is_elsewhere(group: GroupPattern) -> bool:
    """Say whether a group asks graphs that it names itself, and only those.

    What asks no graph at all, such as ``{}``, the engine asks of each one.
    """
    if group.select is not None:
        return group.select.where is not None and _is_elsewhere(group.select.where)
    patterns = [element for element in group.elements if not isinstance(element, Filter)]
    if not patterns or not isinstance(patterns[0], NamedPattern | InlineData | UnionPattern):
        return False
    return all(map(_is_elsewhere_part, group.elements))


def _is_elsewhere_part(element: SyntaxNode) -> bool:
    match element:
        case NamedPattern():
            return any(isinstance(node, SameSubject) for node in walk(element.group))
        case Filter() | Bind():
            groups = (node for node in walk(element) if isinstance(node, Expression))
            inner = (argument for node in groups for argument in node.arguments)
            return all(_is_elsewhere(one) for one in inner if isinstance(one, GroupPattern))
        case Join():
            return _is_elsewhere(element.group)
        case UnionPattern():
            return all(map(_is_elsewhere, element.groups))
    return isinstance(element, InlineData)


def _shown(
    source: QuerySource, group: GroupPattern, query: ParsedQuery, variable: str
) -> Iterator[Edit]:
    """Have a subquery show a variable."""
    if variable in projected(query):
        return  # it says itself what the variable is to it
    inner = [node for node in walk(query) if node is not query]
    is_elsewhere = _is_elsewhere(group)
    asks = any(isinstance(node, SameSubject) for node in inner)
    if not asks or any(isinstance(n, ParsedQuery) and variable in named(n) for n in inner):
        raise QuerySyntaxError(
            f"a subquery in GRAPH ?{variable} that asks the graph for nothing, or has one in it"
            f" with ?{variable}, can't be asked of each graph.",
            *line_and_column(source.text, query.start),
            f"Put it outside GRAPH ?{variable}, or give the inner variable another name.",
        )
    own = [n for n in inner if isinstance(n, Term) and n.kind is TermKind.VARIABLE]
    if own := [term for term in own if term.value == variable]:
        name = source.fresh()
        yield from (Edit(term.start, term.end, name) for term in own)
    if is_elsewhere:
        return  # the variable is nothing to it
    counts = any(has_aggregate(part) for part in (*query.items, *query.having, *query.order_by))
    if counts and not query.group_by:
        raise QuerySyntaxError(
            f"a subquery in GRAPH ?{variable} is asked of all graphs together, its aggregates too.",
            *line_and_column(source.text, query.start),
            f"Put GRAPH ?{variable} into the subquery, and ?{variable} into its SELECT and its"
            " GROUP BY.",
        )
    if query.limit is not None or query.offset:
        yield Edit(group.start, group.start, f"{{ GRAPH ?{variable} {{}} LATERAL ")
        yield Edit(group.end, group.end, " }")
    if query.star is not None:
        names = sorted({variable, *projected(query)})
        yield Edit(query.star.start, query.star.end, " ".join(f"?{name}" for name in names))
    else:
        place = query.items[0].start
        yield Edit(place, place, f"?{variable} ")
    if query.group_by:
        place = query.group_by[-1].end
        yield Edit(place, place, f" ?{variable}")


def has_aggregate(part: SyntaxNode) -> bool:
    """Say whether an aggregate is called anywhere in a part of a query."""
    return any(isinstance(node, Expression) and node.name in AGGREGATES for node in walk(part))
