"""Parse expressions (SPARQL 1.1 Query, rules 110 to 128)."""

from __future__ import annotations

from tzgraph.query.syntax.cursor import Cursor
from tzgraph.query.syntax.terms import iri, literal, term
from tzgraph.query.syntax.tree import Expression, SyntaxNode, Term
from tzgraph.query.tokens import TokenKind

__all__ = ["constraint", "expression"]

_COMPARISONS = frozenset({"=", "!=", "<", ">", "<=", ">="})
#: How strongly operators bind.
_BINDING = {"||": 1, "&&": 2, **dict.fromkeys(_COMPARISONS, 3), "+": 4, "-": 4, "*": 5, "/": 5}
_UNARY = frozenset("!+-")


def expression(cursor: Cursor, least: int = 1) -> SyntaxNode:
    """Parse an expression.

    :param least: how strongly its operators have to bind
    :raises UnparsedError: if something else is next
    """
    start = cursor.start
    left = _operand(cursor)
    while True:
        operator = _operator(cursor)
        binding = _BINDING.get(operator, 3 if operator else 0)
        if binding < least or not operator:
            return left
        cursor.index += 2 if operator == "NOT IN" else 1
        if operator in ("IN", "NOT IN"):
            right = _list(cursor)
        else:
            right = (expression(cursor, binding + 1),)
        left = Expression(start, cursor.end, operator, (left, *right))


def constraint(cursor: Cursor) -> SyntaxNode:
    """Parse what FILTER and HAVING take: parentheses or a call.

    :raises UnparsedError: if something else is next
    """
    found = _primary(cursor)
    if isinstance(found, Term):
        cursor.fail()
    return found


def _operator(cursor: Cursor) -> str:
    token = cursor.next
    if token.kind is TokenKind.OPERATOR and token.text in _BINDING:
        return token.text
    if cursor.word == "IN":
        return "IN"
    if cursor.word == "NOT" and cursor.ahead().text.upper() == "IN":
        return "NOT IN"
    return ""


def _operand(cursor: Cursor) -> SyntaxNode:
    """Parse signs and what is behind them."""
    signs = []
    while cursor.next.text in _UNARY:
        if cursor.next.text != "!" and cursor.ahead().kind is TokenKind.NUMBER:
            break  # of a number
        signs.append(cursor.take())
    found = _primary(cursor)
    for sign in reversed(signs):
        found = Expression(sign.start, cursor.end, sign.text, (found,))
    return found


def _primary(cursor: Cursor) -> SyntaxNode:
    start = cursor.start
    token = cursor.next
    if cursor.accept("("):
        inner = expression(cursor)
        cursor.expect(")")
        return Expression(start, cursor.end, "()", (inner,))
    if token.kind in (TokenKind.IRI, TokenKind.PREFIXED):
        function = iri(cursor)
        return _call(cursor, start, "", function) if cursor.next.text == "(" else function
    if token.kind is TokenKind.WORD:
        return _word(cursor)
    if cursor.accept("<<("):
        parts = (_part(cursor), _part(cursor), _part(cursor))
        cursor.expect(")>>")
        return Expression(start, cursor.end, "TRIPLE", parts)
    return literal(cursor) if token.kind is not TokenKind.VARIABLE else term(cursor)


def _part(cursor: Cursor) -> SyntaxNode:
    """Parse a part of a triple term in an expression."""
    if cursor.next.text == "a":
        token = cursor.take()
        return SyntaxNode(token.start, token.end)
    return _primary(cursor) if cursor.next.text == "<<(" else term(cursor)


def _word(cursor: Cursor) -> SyntaxNode:
    start = cursor.start
    word = cursor.word
    if word in ("TRUE", "FALSE") and cursor.ahead().text != "(":
        return literal(cursor)
    if word == "EXISTS" or (word == "NOT" and cursor.ahead().text.upper() == "EXISTS"):
        cursor.index += 1 if word == "EXISTS" else 2
        group = cursor.group(cursor)
        name = "EXISTS" if word == "EXISTS" else "NOT EXISTS"
        return Expression(start, cursor.end, name, (group,))
    cursor.take()
    return _call(cursor, start, word)


def _list(cursor: Cursor) -> tuple[SyntaxNode, ...]:
    cursor.expect("(")
    found: list[SyntaxNode] = []
    while not cursor.accept(")"):
        if found:
            cursor.expect(",")
        found.append(expression(cursor))
    return tuple(found)


def _call(cursor: Cursor, start: int, name: str, function: Term | None = None) -> Expression:
    """Parse what stands in the parentheses of a function or aggregate."""
    cursor.expect("(")
    distinct = bool(cursor.accept_word("DISTINCT"))
    arguments: list[SyntaxNode] = []
    separator = None
    if not cursor.accept("*"):
        while cursor.next.text not in (")", ";"):
            if arguments:
                cursor.expect(",")
            arguments.append(expression(cursor))
    if cursor.accept(";"):
        cursor.expect_word("SEPARATOR")
        cursor.expect("=")
        separator = literal(cursor)
    cursor.expect(")")
    return Expression(start, cursor.end, name, tuple(arguments), function, distinct, separator)
