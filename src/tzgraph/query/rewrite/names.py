"""Things by words of their names: ``?thing text:query "words"``, as Jena has it.

The engine has no properties that are functions, so the triple becomes the names that the index of
the release has: a union of ``{ ?thing <property> "name" FILTER(SAMETERM(?thing, <thing>)) }``, one
for each thing. As the name is asked for, what updates have removed is not found, and within GRAPH
only what the graph says; as no variable is bound otherwise, EXISTS sees the thing outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from tzgraph.errors import UnknownNameError
from tzgraph.names.index import LONGEST_NAME
from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.rewrite.edits import Edit, QuerySource
from tzgraph.query.syntax.strings import iri_of, iris_of_values, string_of
from tzgraph.query.syntax.tree import (
    GroupPattern,
    InlineData,
    SameSubject,
    SyntaxNode,
    Term,
    TermKind,
    TriplePattern,
    walk,
)
from tzgraph.query.tokens import line_and_column

__all__ = ["TEXT_QUERY", "names"]

#: The property of https://jena.apache.org/documentation/query/text-query.html
TEXT_QUERY = "http://jena.apache.org/text#query"
#: Things that may be found at once; the time to plan a union grows with the square of it.
_MOST_FOUND = 300
_FORM = 'Write ?thing text:query "words", in a statement without brackets.'


class UnknownWordsError(QuerySyntaxError):
    """Nothing has words in its names, which is no reason to answer that nothing is so."""

    code = UnknownNameError.code
    title = UnknownNameError.title


def names(source: QuerySource) -> Iterator[Edit]:
    """Rewrite what looks for things by words.

    :raises QuerySyntaxError: where it can't be, rather than find nothing
    :raises UnknownWordsError: where nothing has the words
    """
    query = source.query
    is_short = query.where is not None and query.template == query.where.elements
    if query.form == "CONSTRUCT" and is_short and _is_asked(source, query):
        _refuse(source, query, "text:query can't stand in a pattern that is the template, too.")
    for group in source.nodes:
        if isinstance(group, InlineData):
            for value in iris_of_values(group, source.text):
                if _is_property(source, value):
                    _refuse(source, value, "text:query can't be the value of a variable.")
        if isinstance(group, GroupPattern):
            for statement in group.elements:
                if isinstance(statement, SameSubject) and _is_asked(source, statement):
                    yield from _statement(source, statement)


def _is_asked(source: QuerySource, node: SyntaxNode) -> bool:
    """Whether the property stands anywhere in a part of a query."""
    terms = (part for part in walk(node) if isinstance(part, Term) and part.kind is TermKind.IRI)
    return any(_is_property(source, term) for term in terms)


def _is_property(source: QuerySource, term: Term) -> bool:
    return iri_of(term, source.prefixes, source.query.base) == TEXT_QUERY


def _statement(source: QuerySource, statement: SameSubject) -> Iterator[Edit]:
    triples = sorted(statement.triples, key=lambda triple: triple.start)
    asking = [number for number, triple in enumerate(triples) if _is_asked(source, triple)]
    here = triples[asking[0]]
    subject = here.subject
    one_subject = {triple.subject.value for triple in triples} == {subject.value}
    is_verb = isinstance(here.verb, Term) and _is_property(source, here.verb)
    words = string_of(here.object)
    if (
        *(len(asking), subject.kind, one_subject, statement.plain, is_verb),
        here.start == here.verb.start,
        words is not None,
    ) != (1, TermKind.VARIABLE, True, True, True, True, True):
        _refuse(source, here, "text:query can't be answered as it stands here.")
    found = _found(source, here, words or "", subject.value)
    if len(triples) == 1:
        yield Edit(statement.start, statement.end, found)
        return
    yield Edit(statement.start, statement.start, f"{found} ")
    if asking[0] == 0:
        yield Edit(here.start, triples[1].start, "")
    else:
        yield Edit(triples[asking[0] - 1].end, here.end, "")


def _found(source: QuerySource, place: TriplePattern, words: str, variable: str) -> str:
    """Give the group that stands for the things found."""
    if source.names is None:
        _refuse(source, place, "There is no index of names here.")
    hits = source.names.matching(words, _MOST_FOUND + 1)
    if len(hits) > _MOST_FOUND:
        _refuse(source, place, f"More than {_MOST_FOUND} things have these words in their names.")
    if not hits:
        _refuse_unknown(source, place, words)
    each = (
        f"{{ ?{variable} <{hit.prop}> {hit.value} FILTER(SAMETERM(?{variable}, <{hit.iri}>)) }}"
        for hit in hits
    )
    return f"{{ {' UNION '.join(each)} }}"


def _refuse_unknown(source: QuerySource, node: SyntaxNode, words: str) -> NoReturn:
    said = f"“{words[:LONGEST_NAME]}”" if words.strip() else "An empty text"
    raise UnknownWordsError(
        f"{said} is unknown: nothing had such words in its names when the graph was built.",
        *line_and_column(source.text, node.start),
        "All words have to be in one name; there are no operators, such as OR. `tzgraph search` and"
        " /search understand slips, and find names as they are written that updates added.",
    )


def _refuse(source: QuerySource, node: SyntaxNode, message: str) -> NoReturn:
    raise QuerySyntaxError(message, *line_and_column(source.text, node.start), _FORM)
