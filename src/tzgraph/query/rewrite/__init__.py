"""Queries rewritten before the engine sees them, where it would answer wrongly or slowly.

Each rewrite turns parts of a query into edits of its text. What isn't edited stays as it was
written, and a query without a sign that it needs a rewrite isn't even parsed. The engine is told of
the new text only: errors, logs and keys of caches speak of the client's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from tzgraph.query.rewrite.aggregates import concatenations
from tzgraph.query.rewrite.edits import Accumulator, Edit, QuerySource, apply
from tzgraph.query.rewrite.optional import laterals
from tzgraph.query.rewrite.paths import alternatives
from tzgraph.query.rewrite.patterns import patterns
from tzgraph.query.syntax import parse

__all__ = ["Rewritten", "rewrite"]

#: What a query has to hold for a rewrite to be tried; what holds it may still need none.
_SIGN = re.compile(
    "GROUP_CONCAT|OPTIONAL|REGEX|REPLACE"
    r"|(?<!\|)\|(?!\|)"  # an alternative
    # A path that is optional or repeats; not SELECT * and COUNT(*).
    r"|(?<!SELECT )(?<!DISTINCT )(?<!REDUCED )(?<!\()[*?](?!\w)",
    re.IGNORECASE,
)
#: The rewrites, by the names that users are told.
_REWRITES: Mapping[str, Callable[[QuerySource], Iterator[Edit]]] = {
    "group-concat-strings": concatenations,
    "optional-as-lateral": laterals,
    "paths-with-all-solutions": alternatives,
    "xpath-patterns": patterns,
}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A query as the engine gets it.

    :ivar text: the query
    :ivar names: the rewrites that were made, in alphabetical order
    :ivar aggregates: aggregates of our own that the text calls
    """

    text: str
    names: tuple[str, ...] = ()
    aggregates: Mapping[ox.NamedNode, Callable[[], Accumulator]] = field(default_factory=dict)


def rewrite(
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
) -> Rewritten:
    """Rewrite a query where that is needed.

    The outcome depends on nothing but what is given here.

    :param text: the query, as :func:`tzgraph.query.plain.plain` gives it
    :param prefixes: prefixes that it need not declare
    :param values: what will be put in for variables, as it is written in SPARQL
    :raises QuerySyntaxError: at a pattern of REGEX or REPLACE that can't be compiled

    >>> rewrite("SELECT (GROUP_CONCAT(?s) AS ?all) { ?s ?p ?o }").text
    'SELECT (GROUP_CONCAT(STR(?s)) AS ?all) { ?s ?p ?o }'
    >>> rewrite("ASK { ?s <x:p>|<x:q> ?o }").names
    ('paths-with-all-solutions',)
    """
    query = parse(text) if _SIGN.search(text) else None
    if query is None:
        return Rewritten(text)
    source = QuerySource(text, query, {**(prefixes or {}), **query.prefixes}, values or {})
    made = {name: list(function(source)) for name, function in _REWRITES.items()}
    names = tuple(name for name, edits in made.items() if edits)
    edits = [edit for edits in made.values() for edit in edits]
    return Rewritten(apply(text, edits) if edits else text, names, source.aggregates)
