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

from tzgraph.names.index import NameIndex
from tzgraph.query.rewrite.aggregates import concatenations
from tzgraph.query.rewrite.edits import Accumulator, Edit, QuerySource, apply
from tzgraph.query.rewrite.expressions import blank_nodes, conditions
from tzgraph.query.rewrite.graphs import graph_variables
from tzgraph.query.rewrite.names import names as names_of_things
from tzgraph.query.rewrite.optional import laterals
from tzgraph.query.rewrite.paths import alternatives
from tzgraph.query.rewrite.patterns import patterns
from tzgraph.query.syntax import parse
from tzgraph.terms import Term

__all__ = ["NAMES_REWRITTEN", "Rewritten", "rewrite"]

#: The rewrite without which a query would find nothing.
NAMES_REWRITTEN = "names"

#: What a query has to hold for a rewrite to be tried; what holds it may still need none.
_SIGN = re.compile(
    r"GROUP_CONCAT|OPTIONAL|REGEX|REPLACE|BNODE\s*\(\s*[\"']|GRAPH\s*[?$]"
    r"|jena\.apache\.org/text#|text:query"
    r"|(?:FILTER|HAVING|IF|&&|\|\||!)[\s(]*[?$]\w+\s*(?:[),]|&&|\|\|)"  # a condition
    r"|(?<!\|)\|(?!\|)"  # an alternative
    # A path that is optional or repeats; not SELECT * and COUNT(*).
    r"|(?<!SELECT )(?<!DISTINCT )(?<!REDUCED )(?<!\()[*?](?!\w)",
    re.IGNORECASE,
)
#: The rewrites, by the names that users are told: first those whose outcome others read.
_REWRITES: tuple[Mapping[str, Callable[[QuerySource], Iterator[Edit]]], ...] = (
    {NAMES_REWRITTEN: names_of_things},
    {"graph-by-graph": graph_variables, "xpath-patterns": patterns},
    {
        "blank-node-for-each-solution": blank_nodes,
        "condition-of-string": conditions,
        "group-concat-strings": concatenations,
        "optional-as-lateral": laterals,
        "paths-with-all-solutions": alternatives,
    },
)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A query as the engine gets it.

    :ivar text: the query
    :ivar names: the rewrites that were made, in alphabetical order
    :ivar aggregates: aggregates of our own that the text calls
    :ivar functions: functions of our own that it calls
    """

    text: str
    names: tuple[str, ...] = ()
    aggregates: Mapping[ox.NamedNode, Callable[[], Accumulator]] = field(default_factory=dict)
    functions: Mapping[ox.NamedNode, Callable[..., Term | None]] = field(default_factory=dict)


def rewrite(
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    names: NameIndex | None = None,
) -> Rewritten:
    """Rewrite a query where that is needed.

    The outcome depends on nothing but what is given here.

    :param text: the query, as :func:`tzgraph.query.plain.plain` gives it
    :param prefixes: prefixes that it need not declare
    :param values: what will be put in for variables, as it is written in SPARQL
    :param names: the index of names of the release
    :raises QuerySyntaxError: at a pattern of REGEX or REPLACE that can't be compiled, and at a
        subquery that can't be asked of each graph

    >>> rewrite("SELECT (GROUP_CONCAT(LCASE(?s)) AS ?all) { ?s ?p ?o }").text
    'SELECT (GROUP_CONCAT(STR(LCASE(?s))) AS ?all) { ?s ?p ?o }'
    >>> rewrite("ASK { ?s <x:p>|<x:q> ?o }").names
    ('paths-with-all-solutions',)
    """
    made: list[str] = []
    source = None
    query = parse(text) if _SIGN.search(text) else None
    for rewrites in _REWRITES:
        if query is None:
            break
        known = {**(prefixes or {}), **query.prefixes}
        source = QuerySource(text, query, known, values or {}, names=names)
        edits = {name: list(function(source)) for name, function in rewrites.items()}
        made += [name for name, found in edits.items() if found]
        if any(edits.values()):
            text = apply(text, [edit for found in edits.values() for edit in found])
            query = parse(text)
    if source is None:
        return Rewritten(text)
    return Rewritten(text, tuple(sorted(made)), source.aggregates, source.functions)
