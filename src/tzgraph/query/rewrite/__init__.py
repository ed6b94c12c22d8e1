"""Queries rewritten before the engine sees them, where it would answer wrongly or slowly.

Each rewrite turns parts of a query into edits of its text. What isn't edited stays as it was
written, and a query without a sign that it needs a rewrite isn't even parsed. The engine is told of
the new text only: errors, logs and keys of caches speak of the client's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from tzgraph.names.index import NameIndex
from tzgraph.query.rewrite.aggregates import concatenations
from tzgraph.query.rewrite.blocks import in_blocks, is_large
from tzgraph.query.rewrite.edits import Accumulator, Edit, QuerySource, apply
from tzgraph.query.rewrite.expressions import blank_nodes, conditions, datatypes, durations
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


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """A rewrite.

    :ivar name: what users are told
    :ivar edits: gives the changes
    :ivar words: a query in capitals holds one of them if it needs the rewrite, or is large if there
        are none
    :ivar sign: what it holds as well; what holds both may still need none
    """

    name: str
    edits: Callable[[QuerySource], Iterator[Edit]]
    words: tuple[str, ...]
    sign: re.Pattern[str] | None = None

    def is_tried(self, capitals: str) -> bool:
        """Say whether a query may need it; most need none, and this takes less than to parse."""
        if not self.words:
            return is_large(capitals)
        if not any(word in capitals for word in self.words):
            return False
        return self.sign is None or self.sign.search(capitals) is not None


#: What is searched in capitals is found in half the time that it takes to ignore case.
_CONDITION = re.compile(r"(?:FILTER|HAVING|IF|&&|\|\||!)[\s(]*[?$]\w+\s*(?:[),]|&&|\|\|)")
#: An alternative, or a path that is optional or repeats: not SELECT * and COUNT(*).
_PATH = re.compile(r"\||[*?](?!\w)(?<!SELECT \*)(?<!DISTINCT \*)(?<!\(\*)")
#: Not the name of a graph, nor an IRI of this very graph, such as most queries have.
_GRAPH = re.compile(r"GRAPH\s*[?$#]")
_PLUS = re.compile(r"\+")
#: All rewrites: first those whose outcome others read, or that say where something is wrong.
_REWRITES = (
    (
        # The property may be written with escapes, or be relative.
        _Rewrite(NAMES_REWRITTEN, names_of_things, ("JENA.APACHE.ORG", "TEXT:QUERY", "\\U")),
        _Rewrite("xpath-patterns", patterns, ("REGEX", "REPLACE")),
    ),
    (_Rewrite("graph-by-graph", graph_variables, ("GRAPH",), _GRAPH),),
    (_Rewrite("patterns-in-blocks", in_blocks, ()),),
    (
        _Rewrite("blank-node-for-each-solution", blank_nodes, ("BNODE",)),
        _Rewrite("dates-and-durations", durations, ("DURATION",), _PLUS),
        _Rewrite("datatype-without-tag", datatypes, ("STRDT",)),
        _Rewrite(
            "condition-of-string",
            conditions,
            ("FILTER", "HAVING", "IF", "&&", "||", "!"),
            _CONDITION,
        ),
        _Rewrite("group-concat-strings", concatenations, ("GROUP_CONCAT",)),
        _Rewrite("optional-as-lateral", laterals, ("OPTIONAL",)),
        _Rewrite("paths-with-all-solutions", alternatives, ("|", "*", "?"), _PATH),
    ),
)


#: Words that alone are a sign, and those that are one with :data:`_CONDITION` only.
_ALONE = tuple({w: None for group in _REWRITES for r in group if r.sign is None for w in r.words})
_OF_CONDITIONS = next(r for group in _REWRITES for r in group if r.sign is _CONDITION).words
#: A ? that begins no variable: found at once where there is none, unlike _PATH.
_BARE = re.compile(r"\?(?!\w)")


def _needs_none(capitals: str) -> bool:
    """Say quickly of most queries that they need no rewrite."""
    for word in _ALONE:
        if word in capitals:
            return False
    if "DURATION" in capitals and "+" in capitals:
        return False
    if ("GRAPH" in capitals and _GRAPH.search(capitals)) or is_large(capitals):
        return False
    paths = "|" in capitals or "*" in capitals or _BARE.search(capitals)
    if paths and _PATH.search(capitals):
        return False
    for word in _OF_CONDITIONS:
        if word in capitals:
            return _CONDITION.search(capitals) is None
    return True


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
    base: str = "",
    values: Mapping[str, str] | None = None,
    names: NameIndex | None = None,
) -> Rewritten:
    """Rewrite a query where that is needed.

    The outcome depends on nothing but what is given here.

    :param text: the query, as :func:`tzgraph.query.plain.plain` gives it
    :param prefixes: prefixes that it need not declare
    :param base: what relative IRIs are relative to where it has no BASE
    :param values: what will be put in for variables, as it is written in SPARQL
    :param names: the index of names of the release
    :raises QuerySyntaxError: at a pattern of REGEX or REPLACE that can't be compiled, and at a
        subquery that can't be asked of each graph

    >>> rewrite("SELECT (GROUP_CONCAT(LCASE(?s)) AS ?all) { ?s ?p ?o }").text
    'SELECT (GROUP_CONCAT(STR(LCASE(?s))) AS ?all) { ?s ?p ?o }'
    >>> rewrite("ASK { ?s <x:p>|<x:q> ?o }").names
    ('paths-with-all-solutions',)
    """
    capitals = text.upper()
    if _needs_none(capitals):
        return Rewritten(text)
    wanted = {r.name for group in _REWRITES for r in group if r.is_tried(capitals)}
    query = parse(text, base) if wanted else None
    if query is None:
        return Rewritten(text)
    made: list[str] = []
    known = {**(prefixes or {}), **query.prefixes}
    source = QuerySource(text, query, known, values or {}, names=names)
    for rewrites in _REWRITES:
        edits = {one.name: list(one.edits(source)) for one in rewrites if one.name in wanted}
        made += [name for name, found in edits.items() if found]
        if any(edits.values()):
            text = apply(text, [edit for found in edits.values() for edit in found])
            query = parse(text, base) if rewrites is not _REWRITES[-1] else None
            if query is None:
                break
            source = replace(source, text=text, query=query)
    return Rewritten(text, tuple(sorted(made)), source.aggregates, source.functions)
