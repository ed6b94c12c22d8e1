"""Parse terms, property paths and triples (SPARQL 1.1 Query, rules 52 to 110 and 125 to 138)."""

from __future__ import annotations

from tzgraph.query.syntax.cursor import Cursor
from tzgraph.query.syntax.tree import PropertyPath, SameSubject, Term, TermKind, TriplePattern, Verb
from tzgraph.query.tokens import Token, TokenKind
from tzgraph.vocabulary import RDF

__all__ = ["iri", "literal", "starts_statement", "statement", "term", "variable"]

_NAMES = (TokenKind.IRI, TokenKind.PREFIXED)
_FIRST, _REST, _NIL = (f"<{RDF}{name}>" for name in ("first", "rest", "nil"))
_MODIFIERS = frozenset("*+?")
_STARTS = frozenset(
    {
        *(TokenKind.VARIABLE, TokenKind.IRI, TokenKind.PREFIXED, TokenKind.BLANK),
        *(TokenKind.STRING, TokenKind.NUMBER),
    }
)
_OPENINGS = frozenset({"(", "[", "<<", "<<(", "+", "-"})
_SIMPLE = {
    TokenKind.VARIABLE: TermKind.VARIABLE,
    TokenKind.IRI: TermKind.IRI,
    TokenKind.PREFIXED: TermKind.IRI,
    TokenKind.BLANK: TermKind.BLANK,
}


class _Triples:
    """The triples of a statement, as they are found."""

    def __init__(self, cursor: Cursor, *, paths: bool) -> None:
        self.cursor = cursor
        self.paths = paths
        self.found: list[TriplePattern] = []
        self.plain = True

    def add(self, subject: Term, verb: Verb, value: Term, start: int) -> None:
        self.found.append(TriplePattern(start, self.cursor.end, subject, verb, value))

    def node(self) -> Term:
        """Parse a term, or what stands for a blank node and its triples."""
        cursor = self.cursor
        if cursor.next.text == "[":
            start = cursor.take().start
            blank = Term(start, start, TermKind.BLANK, f"[]{start}")
            if cursor.next.text != "]":
                self.properties(blank)
            cursor.expect("]")
            return Term(start, cursor.end, TermKind.BLANK, blank.value)
        if cursor.next.text == "(":
            return self.collection()
        if cursor.next.text in ("<<", "<<("):
            return self.triple()
        return term(cursor)

    def collection(self) -> Term:
        """Parse ``(…)``."""
        cursor = self.cursor
        start = cursor.take().start
        if cursor.accept(")"):
            return Term(start, cursor.end, TermKind.IRI, _NIL)
        head = blank = Term(start, start, TermKind.BLANK, f"(){start}")
        first, rest, nil = (
            Term(start, start, TermKind.IRI, name) for name in (_FIRST, _REST, _NIL)
        )
        while True:
            place = cursor.start
            self.add(blank, first, self.node(), place)
            if cursor.accept(")"):
                self.add(blank, rest, nil, place)
                return Term(start, cursor.end, TermKind.BLANK, head.value)
            following = Term(start, start, TermKind.BLANK, f"(){cursor.start}")
            self.add(blank, rest, following, place)
            blank = following

    def triple(self) -> Term:
        """Parse ``<<( … )>>`` or ``<< … >>`` (SPARQL 1.2)."""
        self.plain = False
        cursor = self.cursor
        opening = cursor.take()
        self.node()
        self.verb()
        self.node()
        if opening.text == "<<":
            self.reifier()
        cursor.expect(")>>" if opening.text == "<<(" else ">>")
        return Term(opening.start, cursor.end, TermKind.TRIPLE, "")

    def reifier(self) -> bool:
        """Parse ``~`` and the name behind it, if there are any."""
        cursor = self.cursor
        if not cursor.accept("~"):
            return False
        if cursor.next.kind in _SIMPLE:
            term(cursor)
        elif cursor.accept("["):
            cursor.expect("]")
        return True

    def annotations(self) -> None:
        """Parse what SPARQL 1.2 lets stand behind an object."""
        cursor = self.cursor
        while self.reifier() or cursor.next.text == "{|":
            self.plain = False
            if cursor.next.text == "{|":
                start = cursor.take().start
                self.properties(Term(start, start, TermKind.BLANK, f"{{|{start}"))
                cursor.expect("|}")

    def verb(self) -> Verb:
        cursor = self.cursor
        if cursor.next.kind is TokenKind.VARIABLE:
            return term(cursor)
        return _path(cursor) if self.paths else _predicate(cursor)

    def properties(self, subject: Term) -> None:
        """Parse verbs and objects behind a subject."""
        cursor = self.cursor
        while True:
            start = cursor.start
            verb = self.verb()
            while True:
                self.add(subject, verb, self.node(), start)
                self.annotations()
                if not cursor.accept(","):
                    break
                start = cursor.start
            while cursor.accept(";"):
                pass
            if cursor.tokens[cursor.index - 1].text != ";" or not _starts_verb(cursor):
                return


def statement(cursor: Cursor, *, paths: bool) -> SameSubject:
    """Parse the triples with one subject.

    :param paths: whether property paths may stand in it, as in patterns but not in templates
    :raises UnparsedError: if something else is next
    """
    triples = _Triples(cursor, paths=paths)
    start = cursor.start
    alone = cursor.next.text in ("(", "[", "<<")
    subject = triples.node()
    if _starts_verb(cursor):
        triples.properties(subject)
    elif not alone or (triples.plain and not triples.found):
        cursor.fail()
    return SameSubject(start, cursor.end, tuple(triples.found), triples.plain)


def starts_statement(cursor: Cursor) -> bool:
    """Say whether a statement can begin here."""
    token = cursor.next
    return (
        token.kind in _STARTS
        or (token.kind is not TokenKind.OTHER and token.text in _OPENINGS)
        or cursor.word in ("TRUE", "FALSE")
    )


def term(cursor: Cursor) -> Term:
    """Parse a variable, an IRI, a literal or a label of a blank node.

    :raises UnparsedError: if something else is next
    """
    token = cursor.next
    kind = _SIMPLE.get(token.kind)
    if kind is None:
        return literal(cursor)
    cursor.index += 1
    value = token.text[1:] if kind is TermKind.VARIABLE else token.text
    return Term(token.start, token.end, kind, value)


def variable(cursor: Cursor) -> Term:
    """Parse a variable.

    :raises UnparsedError: if something else is next
    """
    token = cursor.expect_kind(TokenKind.VARIABLE)
    return Term(token.start, token.end, TermKind.VARIABLE, token.text[1:])


def iri(cursor: Cursor) -> Term:
    """Parse an IRI.

    :raises UnparsedError: if something else is next
    """
    return _named(cursor.expect_kind(*_NAMES))


def literal(cursor: Cursor) -> Term:
    """Parse a literal.

    :raises UnparsedError: if something else is next
    """
    start = cursor.start
    if cursor.next.text in ("+", "-"):
        cursor.take()
        cursor.expect_kind(TokenKind.NUMBER)
    elif not cursor.accept_word("TRUE", "FALSE"):
        token = cursor.expect_kind(TokenKind.STRING, TokenKind.NUMBER)
        if token.kind is TokenKind.STRING:
            if cursor.next.kind is TokenKind.LANGUAGE:
                cursor.take()
            elif cursor.accept("^^"):
                iri(cursor)
    return Term(start, cursor.end, TermKind.LITERAL, cursor.text[start : cursor.end])


def _named(token: Token) -> Term:
    return Term(token.start, token.end, TermKind.IRI, token.text)


def _starts_verb(cursor: Cursor) -> bool:
    token = cursor.next
    named = token.kind in (TokenKind.VARIABLE, *_NAMES)
    return named or token.text in ("a", "^", "!", "(")


def _predicate(cursor: Cursor) -> Term:
    token = cursor.next
    return _named(cursor.take()) if token.text == "a" else iri(cursor)


def _path(cursor: Cursor) -> Verb:
    """Parse alternatives of sequences."""
    start = cursor.start
    alternatives: list[Verb] = []
    while True:
        begin = cursor.start
        steps = [_step(cursor)]
        while cursor.accept("/"):
            steps.append(_step(cursor))
        one = steps[0] if len(steps) == 1 else PropertyPath(begin, cursor.end, "/", tuple(steps))
        alternatives.append(one)
        if not cursor.accept("|"):
            break
    if len(alternatives) == 1:
        return alternatives[0]
    return PropertyPath(start, cursor.end, "|", tuple(alternatives))


def _step(cursor: Cursor) -> Verb:
    """Parse one step of a path: an IRI, what it is not, or a path in parentheses."""
    start = cursor.start
    inverse = cursor.accept("^")
    begin = cursor.start
    found: Verb
    if cursor.accept("("):
        inner = _path(cursor)
        cursor.expect(")")
        # The span is that with the parentheses.
        if isinstance(inner, PropertyPath):
            found = PropertyPath(begin, cursor.end, inner.operator, inner.parts)
        else:
            found = Term(begin, cursor.end, inner.kind, inner.value)
    elif cursor.accept("!"):
        found = _negated(cursor, begin)
    else:
        found = _predicate(cursor)
    if cursor.next.text in _MODIFIERS:
        found = PropertyPath(begin, cursor.next.end, cursor.take().text, (found,))
    return PropertyPath(start, cursor.end, "^", (found,)) if inverse else found


def _negated(cursor: Cursor, start: int) -> PropertyPath:
    """Parse what stands behind ``!``."""
    parts: list[Verb] = []
    if cursor.accept("("):
        while not cursor.accept(")"):
            if parts:
                cursor.expect("|")
            parts.append(_negated_one(cursor))
    else:
        parts.append(_negated_one(cursor))
    return PropertyPath(start, cursor.end, "!", tuple(parts))


def _negated_one(cursor: Cursor) -> Verb:
    start = cursor.start
    if cursor.accept("^"):
        return PropertyPath(start, cursor.next.end, "^", (_predicate(cursor),))
    return _predicate(cursor)
