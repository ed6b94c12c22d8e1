"""Have the WHERE of updates mean what it means in queries.

Only patterns behind WHERE are rewritten. ``DELETE WHERE`` has nothing that is: its pattern is a
template as well, of triples alone (SPARQL 1.1 Update, section 3.1.3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from tzgraph.query.guard import QuerySyntaxError, move_place
from tzgraph.query.rewrite import Rewritten, rewrite
from tzgraph.query.rewrite.edits import Accumulator, Edit, apply
from tzgraph.query.tokens import Token, TokenKind, line_and_column
from tzgraph.terms import Term

__all__ = ["rewrite_update"]

#: A query with the pattern alone is this and the pattern.
_FORM = "ASK "


def rewrite_update(text: str, tokens: Sequence[Token], prefixes: Mapping[str, str]) -> Rewritten:
    """Give an update as the engine is to get it.

    :param text: the update
    :param tokens: what :func:`tzgraph.query.guard.check_update` gave for it
    :param prefixes: all that hold in it
    :raises QuerySyntaxError: at a pattern of REGEX or REPLACE that can't be compiled, and at a
        subquery that can't be asked of each graph

    >>> from tzgraph.query.guard import check_update
    >>> text = "INSERT { ?s <x:all> ?o } WHERE { ?s <x:p>|<x:q> ?o }"
    >>> rewrite_update(text, check_update(text), {}).names
    ('paths-with-all-solutions',)
    """
    edits: list[Edit] = []
    names: set[str] = set()
    aggregates: dict[ox.NamedNode, Callable[[], Accumulator]] = {}
    functions: dict[ox.NamedNode, Callable[..., Term | None]] = {}
    for start, end in _patterns(tokens):
        try:
            pattern = rewrite(_FORM + text[start:end], prefixes=prefixes)
        except QuerySyntaxError as error:
            _place(error, text, start)
            raise
        if pattern.names:
            edits.append(Edit(start, end, pattern.text[len(_FORM) :]))
            names.update(pattern.names)
            aggregates.update(pattern.aggregates)
            functions.update(pattern.functions)
    if not edits:
        return Rewritten(text)
    return Rewritten(apply(text, edits), tuple(sorted(names)), aggregates, functions)


def _patterns(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Give where each pattern behind WHERE begins and ends, with its brackets."""
    depth = start = 0
    before = previous = ""
    inside = False
    for token in tokens:
        if token.kind is TokenKind.OPEN:
            if not depth and previous == "WHERE" and before != "DELETE":
                start, inside = token.start, True
            depth += 1
        elif token.kind is TokenKind.CLOSE:
            depth -= 1
            if inside and not depth:
                yield start, token.end
                inside = False
        before, previous = previous, token.word if token.kind is TokenKind.WORD else ""


def _place(error: QuerySyntaxError, text: str, start: int) -> None:
    """Have an error about a pattern say where in the update it is."""
    line, column = line_and_column(text, start)
    in_line = column - 1 - len(_FORM) if error.line == 1 else 0
    move_place(error, line + error.line - 1, error.column + in_line)
