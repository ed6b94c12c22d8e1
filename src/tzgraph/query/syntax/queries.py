"""Parse groups and queries (SPARQL 1.1 Query, rules 1 to 28 and 53 to 69)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from tzgraph.query.syntax.cursor import Cursor, UnparsedError
from tzgraph.query.syntax.expressions import constraint, expression
from tzgraph.query.syntax.strings import resolved
from tzgraph.query.syntax.terms import iri, literal, starts_statement, statement, term, variable
from tzgraph.query.syntax.tree import (
    Bind,
    Element,
    Filter,
    GroupPattern,
    InlineData,
    Item,
    Join,
    NamedPattern,
    ParsedQuery,
    SameSubject,
    SyntaxNode,
    Term,
    TermKind,
    UnionPattern,
)
from tzgraph.query.tokens import TokenKind

__all__ = ["MAX_LENGTH", "parse"]

#: Characters of a query that is parsed; a longer one runs as it is.
MAX_LENGTH = 2_000_000
_ORDERS = ("ASC", "DESC")
_T = TypeVar("_T")


def parse(text: str, base: str = "") -> ParsedQuery | None:
    """Parse a query.

    The text is read once. What nests as deeply as :mod:`tzgraph.query.guard` lets pass fits the
    stack of Python.

    :param text: the query, without codepoint escapes outside strings and IRIs
    :param base: what relative IRIs are relative to where it has no BASE
    :return: ``None`` if it is no query that is understood here, or too long

    >>> parse("SELECT ?s { ?s ?p 1 } LIMIT 3").limit
    3
    >>> parse("SELECT ?s { ?s ?p") is None
    True
    """
    if len(text) > MAX_LENGTH:
        return None
    try:
        cursor = Cursor(text, _group)
        found = _whole(cursor, base)
        if cursor.next.text:
            return None
    except (UnparsedError, RecursionError):
        return None
    return found


def _whole(cursor: Cursor, base: str) -> ParsedQuery:
    prefixes = {}
    while word := cursor.accept_word("BASE", "PREFIX", "VERSION"):
        if word == "VERSION":
            cursor.expect_kind(TokenKind.STRING)
            continue
        prefix = cursor.expect_kind(TokenKind.PREFIXED).text if word == "PREFIX" else ":"
        name = cursor.expect_kind(TokenKind.IRI).text[1:-1]
        if not prefix.endswith(":"):
            cursor.fail()
        name = resolved(name, base) or name
        if word == "BASE":
            base = name
        else:
            prefixes[prefix[:-1]] = name
    form = cursor.word
    if form not in _FORMS:
        cursor.fail()
    return replace(_FORMS[form](cursor), start=0, base=base, prefixes=prefixes)


def _select(cursor: Cursor) -> ParsedQuery:
    start = cursor.take().start
    distinct = cursor.accept_word("DISTINCT", "REDUCED")
    star, items = _projection(cursor, _column)
    default, named = _datasets(cursor)
    cursor.accept_word("WHERE")
    where = _group(cursor)
    found = ParsedQuery(
        start, 0, "SELECT", where, items, star, distinct, datasets=default, named_datasets=named
    )
    return _modified(cursor, found)


def _ask(cursor: Cursor) -> ParsedQuery:
    start = cursor.take().start
    default, named = _datasets(cursor)
    cursor.accept_word("WHERE")
    found = ParsedQuery(start, 0, "ASK", _group(cursor), datasets=default, named_datasets=named)
    return _modified(cursor, found)


def _describe(cursor: Cursor) -> ParsedQuery:
    start = cursor.take().start
    star, items = _projection(cursor, _described)
    default, named = _datasets(cursor)
    has_pattern = bool(cursor.accept_word("WHERE")) or cursor.next.text == "{"
    where = _group(cursor) if has_pattern else None
    found = ParsedQuery(
        start, 0, "DESCRIBE", where, items, star, datasets=default, named_datasets=named
    )
    return _modified(cursor, found)


def _construct(cursor: Cursor) -> ParsedQuery:
    start = cursor.take().start
    if cursor.next.text == "{":
        template = _template(cursor)
        default, named = _datasets(cursor)
        cursor.accept_word("WHERE")
        where = _group(cursor)
    else:
        default, named = _datasets(cursor)
        cursor.expect_word("WHERE")
        begin = cursor.start
        template = _template(cursor)
        where = GroupPattern(begin, cursor.end, template)
    found = ParsedQuery(
        start, 0, "CONSTRUCT", where, template=template, datasets=default, named_datasets=named
    )
    return _modified(cursor, found)


_FORMS: dict[str, Callable[[Cursor], ParsedQuery]] = {
    "SELECT": _select,
    "ASK": _ask,
    "DESCRIBE": _describe,
    "CONSTRUCT": _construct,
}


def _projection(
    cursor: Cursor, item: Callable[[Cursor], Item | None]
) -> tuple[SyntaxNode | None, tuple[Item, ...]]:
    if cursor.next.text == "*":
        star = cursor.take()
        return SyntaxNode(star.start, star.end), ()
    items = []
    while found := item(cursor):
        items.append(found)
    if not items:
        cursor.fail()
    return None, tuple(items)


def _column(cursor: Cursor) -> Item | None:
    start = cursor.start
    if cursor.next.kind is TokenKind.VARIABLE:
        found = variable(cursor)
        return Item(start, cursor.end, found, found)
    if not cursor.accept("("):
        return None
    value = expression(cursor)
    cursor.expect_word("AS")
    name = variable(cursor)
    cursor.expect(")")
    return Item(start, cursor.end, value, name)


def _described(cursor: Cursor) -> Item | None:
    if cursor.next.kind not in (TokenKind.VARIABLE, TokenKind.IRI, TokenKind.PREFIXED):
        return None
    found = term(cursor)
    return Item(found.start, found.end, found)


def _datasets(cursor: Cursor) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Parse FROM and FROM NAMED, and give the IRIs of the one and of the other."""
    default: list[Term] = []
    named: list[Term] = []
    while cursor.accept_word("FROM"):
        found = named if cursor.accept_word("NAMED") else default
        found.append(iri(cursor))
    return tuple(default), tuple(named)


def _template(cursor: Cursor) -> tuple[SameSubject, ...]:
    cursor.expect("{")
    found = []
    while not cursor.accept("}"):
        found.append(statement(cursor, paths=False))
        if not cursor.accept(".") and cursor.next.text != "}":
            cursor.fail()
    return tuple(found)


def _modified(cursor: Cursor, query: ParsedQuery) -> ParsedQuery:
    """Parse what may stand behind the pattern of a query."""
    group_by: tuple[Item, ...] = ()
    having: tuple[SyntaxNode, ...] = ()
    order_by: tuple[Item, ...] = ()
    if cursor.accept_word("GROUP"):
        cursor.expect_word("BY")
        group_by = _many(cursor, _group_condition)
    if cursor.accept_word("HAVING"):
        having = _many(cursor, constraint)
    if cursor.accept_word("ORDER"):
        cursor.expect_word("BY")
        order_by = _many(cursor, _order_condition)
    numbers = {"LIMIT": -1, "OFFSET": 0}
    while word := cursor.accept_word(*numbers):
        number = cursor.expect_kind(TokenKind.NUMBER).text
        if not number.isdecimal() or len(number) > 20:
            cursor.fail()
        numbers[word] = int(number)
    values = _values(cursor) if cursor.word == "VALUES" else None
    return replace(
        query,
        end=cursor.end,
        group_by=group_by,
        having=having,
        order_by=order_by,
        limit=None if numbers["LIMIT"] < 0 else numbers["LIMIT"],
        offset=numbers["OFFSET"],
        values=values,
    )


def _many(cursor: Cursor, one: Callable[[Cursor], _T]) -> tuple[_T, ...]:
    found = [one(cursor)]
    while _starts_condition(cursor):
        found.append(one(cursor))
    return tuple(found)


def _starts_condition(cursor: Cursor) -> bool:
    token = cursor.next
    if token.kind is TokenKind.WORD and cursor.word not in ("HAVING", "VALUES"):
        return cursor.ahead().text == "(" or cursor.word in ("EXISTS", "NOT", *_ORDERS)
    return token.text == "(" or token.kind in (
        TokenKind.VARIABLE,
        TokenKind.IRI,
        TokenKind.PREFIXED,
    )


def _group_condition(cursor: Cursor) -> Item:
    start = cursor.start
    if cursor.next.kind is TokenKind.VARIABLE:
        found = variable(cursor)
        return Item(start, cursor.end, found)
    if not cursor.accept("("):
        value = constraint(cursor)
        return Item(start, cursor.end, value)
    value = expression(cursor)
    name = variable(cursor) if cursor.accept_word("AS") else None
    cursor.expect(")")
    return Item(start, cursor.end, value, name)


def _order_condition(cursor: Cursor) -> Item:
    start = cursor.start
    ordered = cursor.accept_word(*_ORDERS)
    if cursor.next.kind is TokenKind.VARIABLE and not ordered:
        found: SyntaxNode = variable(cursor)
    else:
        found = constraint(cursor)
    return Item(start, cursor.end, found)


def _group(cursor: Cursor) -> GroupPattern:
    """Parse what stands in braces."""
    start = cursor.expect("{").start
    if cursor.word == "SELECT":
        select = _select(cursor)
        cursor.expect("}")
        return GroupPattern(start, cursor.end, (), select)
    elements: list[Element] = []
    while not cursor.accept("}"):
        if (parser := _PATTERNS.get(cursor.word)) is not None:
            elements.append(parser(cursor))
            cursor.accept(".")
        elif cursor.next.text == "{":
            elements.append(_union(cursor))
            cursor.accept(".")
        else:
            elements.append(statement(cursor, paths=True))
            if not cursor.accept(".") and starts_statement(cursor):
                cursor.fail()
    return GroupPattern(start, cursor.end, tuple(elements))


def _union(cursor: Cursor) -> UnionPattern:
    start = cursor.start
    groups = [_group(cursor)]
    while cursor.accept_word("UNION"):
        groups.append(_group(cursor))
    return UnionPattern(start, cursor.end, tuple(groups))


def _join(cursor: Cursor) -> Join:
    start, keyword = cursor.start, cursor.take().text.upper()
    group = _group(cursor)
    return Join(start, cursor.end, keyword, group)


def _graph(cursor: Cursor) -> NamedPattern:
    start, keyword = cursor.start, cursor.take().text.upper()
    if keyword == "SERVICE":
        cursor.accept_word("SILENT")
    name = term(cursor)
    if name.kind not in (TermKind.VARIABLE, TermKind.IRI):
        cursor.fail()
    group = _group(cursor)
    return NamedPattern(start, cursor.end, keyword, name, group)


def _filter(cursor: Cursor) -> Filter:
    start = cursor.take().start
    condition = constraint(cursor)
    return Filter(start, cursor.end, condition)


def _bind(cursor: Cursor) -> Bind:
    start = cursor.take().start
    cursor.expect("(")
    value = expression(cursor)
    cursor.expect_word("AS")
    name = variable(cursor)
    cursor.expect(")")
    return Bind(start, cursor.end, value, name)


def _values(cursor: Cursor) -> InlineData:
    start = cursor.take().start
    variables: list[Term] = []
    is_list = cursor.accept("(")
    while cursor.next.kind is TokenKind.VARIABLE and (is_list or not variables):
        variables.append(variable(cursor))
    if is_list:
        cursor.expect(")")
    elif not variables:
        cursor.fail()
    cursor.expect("{")
    rows = 0
    undefined: set[str] = set()
    while not cursor.accept("}"):
        if is_list:
            cursor.expect("(")
        for name in variables:
            if not _value(cursor):
                undefined.add(name.value)
        if is_list:
            cursor.expect(")")
        rows += 1
    return InlineData(start, cursor.end, tuple(variables), rows, frozenset(undefined))


def _value(cursor: Cursor) -> bool:
    """Parse a value, and say whether there is one."""
    if cursor.accept_word("UNDEF"):
        return False
    if cursor.next.kind in (TokenKind.IRI, TokenKind.PREFIXED):
        cursor.index += 1
    elif cursor.accept("<<("):
        for _ in range(3):
            if not cursor.accept("a"):
                _value(cursor)
        cursor.expect(")>>")
    else:
        literal(cursor)
    return True


_PATTERNS: dict[str, Callable[[Cursor], Element]] = {
    "OPTIONAL": _join,
    "MINUS": _join,
    "LATERAL": _join,
    "GRAPH": _graph,
    "SERVICE": _graph,
    "FILTER": _filter,
    "BIND": _bind,
    "VALUES": _values,
}
