"""Run a SPARQL update on a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from tzgraph.errors import QueryError, TzgraphError, UsageError
from tzgraph.literals import LiteralChanges
from tzgraph.query.functions import Functions, with_unknown
from tzgraph.query.guard import QueryTooComplexError, check_update
from tzgraph.query.rewrite import Rewritten
from tzgraph.query.rewrite.names import TEXT_QUERY
from tzgraph.query.rewrite.updates import rewrite_update
from tzgraph.query.run import REPORT
from tzgraph.query.syntax.strings import iri_of
from tzgraph.query.syntax.tree import Term, TermKind
from tzgraph.query.syntax_errors import syntax_error
from tzgraph.query.tokens import Token, TokenKind, decode_escapes, tokenize
from tzgraph.query.written import (
    FUNCTIONS,
    changes_written,
    check_written,
    declared_in,
    with_own_functions,
)

__all__ = ["run_update", "with_dataset"]


#: A text in capitals without any of it doesn't name ``text:query``.
_TEXT_SIGNS = ("JENA.APACHE.ORG", "TEXT:QUERY", "\\U")


def run_update(
    store: ox.Store,
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    base: str | None = None,
    using: Sequence[str] = (),
    using_named: Sequence[str] = (),
    strict: bool = False,
) -> LiteralChanges:
    """Run an update, whole or not at all.

    :param store: what to change
    :param text: a SPARQL 1.1 update, of any number of operations
    :param prefixes: prefixes that the update need not declare
    :param base: what relative IRIs are relative to where the update has no BASE
    :param using: IRIs of the graphs that together are the default graph of WHERE clauses
    :param using_named: IRIs of the graphs that GRAPH sees in WHERE clauses
    :param strict: refuse literals that will not come back as they are written
    :return: those literals
    :raises QueryError: if the update can't be parsed (then with ``line`` and ``column``) or run
    :raises FederationDeniedError: if it asks for another server
    :raises Rdf12QueryError: if it has anything of RDF 1.2
    :raises LiteralsChangeError: if it is to be strict, and there are such literals
    :raises UsageError: if it names graphs itself where the caller names them
    :raises OSError: if the store can't write; what it holds is not to be relied on then

    >>> store = ox.Store()
    >>> run_update(store, "INSERT DATA { <x:s> <x:p> 1, 2.50 }").count
    1
    >>> len(store)
    2
    """
    tokens = check_update(text)
    known = prefixes or {}
    _refuse_text_query(text, tokens, known, base or "")
    check_written(text, tokens, known)
    changes = changes_written(text, tokens, known, base)
    if strict:
        changes.refuse()
    rewritten, tokens = _rewritten(text, tokens, known)
    whole = with_own_functions(rewritten.text, tokens)
    if using or using_named:
        whole = with_dataset(whole, using, using_named)

    def change(functions: Functions) -> None:
        store.update(
            whole,
            base_iri=base,
            prefixes=dict(known),
            custom_functions=dict(functions),
            custom_aggregate_functions=dict(rewritten.aggregates) or None,
        )

    try:
        with_unknown(change, {**FUNCTIONS, **rewritten.functions})
    except SyntaxError as error:
        message = str(error.msg)

        def parse(spread: str) -> None:
            ox.Store().update(spread, base_iri=base, prefixes=dict(known))
            if rewritten.names:
                raise TzgraphError(
                    f"The update can't be parsed as it was rewritten: {message}.", REPORT
                )

        raise syntax_error(text, parse, message) from error
    except (RuntimeError, ValueError) as error:
        raise QueryError(f"The update can't be run: {error}.") from error
    return changes


def _refuse_text_query(
    text: str, tokens: Sequence[Token], prefixes: Mapping[str, str], base: str
) -> None:
    """Refuse to look for names: the writer has no index, so it would find nothing, unsaid."""
    capitals = text.upper()
    if not any(map(capitals.__contains__, _TEXT_SIGNS)):
        return
    named = TEXT_QUERY.removesuffix("query") in text
    known = dict(prefixes)
    for word, name, token in zip((None, None, *tokens), (None, *tokens), tokens, strict=False):
        term = Term(token.start, token.end, TermKind.IRI, decode_escapes(token.text))
        if token.kind is TokenKind.PREFIXED:
            named = named or iri_of(term, known) == TEXT_QUERY
        elif token.kind is TokenKind.IRI:
            iri = iri_of(term, {}, base)
            named = named or iri == TEXT_QUERY
            if name is not None and name.word == "BASE":
                base = iri or base
            elif word is not None and name is not None and word.word == "PREFIX":
                known[name.text[:-1]] = iri or ""
    if named:
        raise QueryError(
            "Updates can't find things by words (text:query).", "Ask for them by a query before."
        )


def _rewritten(
    text: str, tokens: list[Token], prefixes: Mapping[str, str]
) -> tuple[Rewritten, list[Token]]:
    """Give an update whose patterns mean what they mean in queries, and its tokens.

    One that would be too complex stays as it is.
    """
    rewritten = rewrite_update(text, tokens, {**prefixes, **declared_in(tokens)})
    if rewritten.names:
        try:
            return rewritten, check_update(rewritten.text)
        except QueryTooComplexError:
            pass
    return Rewritten(text), tokens


def with_dataset(text: str, using: Sequence[str], using_named: Sequence[str]) -> str:
    """Give the update with USING clauses before each WHERE (SPARQL 1.1 Protocol, 2.2.3).

    :raises UsageError: if the update has USING, USING NAMED or WITH itself, or a name is no IRI
    """
    try:
        clauses = [f"USING {ox.NamedNode(iri)}" for iri in using]
        clauses += [f"USING NAMED {ox.NamedNode(iri)}" for iri in using_named]
    except ValueError as error:
        raise UsageError(f"The name of a graph is no absolute IRI: {error}.") from error
    inserted = "\n".join(["", *clauses, ""])
    parts: list[str] = []
    end = depth = 0
    previous: Token | None = None
    shorthand = False
    for token in tokenize(text):
        if token.kind is TokenKind.SPACE:
            continue
        if not depth and token.kind is TokenKind.WORD:
            if token.word in ("USING", "WITH"):
                raise UsageError(
                    f"The update has {token.word}, and the request names graphs as well.",
                    "Name them in one place (SPARQL 1.1 Protocol, 2.2.3).",
                )
            if token.word == "WHERE":
                # DELETE WHERE {…} takes no USING; it is short for DELETE {…} WHERE {…}.
                shorthand = previous is not None and previous.word == "DELETE"
                parts.append(text[end : token.start])
                end = token.start
                if not shorthand:
                    parts.append(inserted)
        depth += (token.kind is TokenKind.OPEN) - (token.kind is TokenKind.CLOSE)
        if shorthand and not depth and token.kind is TokenKind.CLOSE:
            stop = token.start + len(token.text)
            pattern = text[end:stop].lstrip()[len("WHERE") :]
            parts.append(f"{pattern}{inserted}WHERE{pattern}")
            end, shorthand = stop, False
        previous = token
    return "".join([*parts, text[end:]])
