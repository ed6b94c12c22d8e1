"""Queries rewritten before the engine sees them, where it would answer wrongly or slowly.

Each rewrite turns parts of a query into edits of its text. What isn't edited stays as it was
written, and a query that nothing in :data:`_SIGNS` is in isn't even parsed. The engine is told of
the new text only: errors, logs and keys of caches speak of the client's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from tzgraph.query.rewrite.aggregates import concatenations
from tzgraph.query.rewrite.edits import Accumulator, Edit, Source, apply
from tzgraph.query.syntax import parse

__all__ = ["Edit", "Rewritten", "rewrite"]

#: What a query has to hold for a rewrite to be tried; what holds it may still need none.
_SIGNS: Mapping[str, str] = {
    "group-concat-strings": "GROUP_CONCAT",
}
_REWRITES: Mapping[str, Callable[[Source], Iterator[Edit]]] = {
    "group-concat-strings": concatenations,
}
_SIGN = re.compile("|".join(_SIGNS.values()), re.IGNORECASE)


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
    text: str, *, prefixes: Mapping[str, str] | None = None, edits: Iterable[Edit] = ()
) -> Rewritten:
    """Rewrite a query where that is needed.

    :param text: the query, as the client sent it
    :param prefixes: prefixes that it need not declare
    :param edits: others to make at the same time, of places that are not rewritten

    >>> rewrite("SELECT (GROUP_CONCAT(?s) AS ?all) { ?s ?p ?o }").text
    'SELECT (GROUP_CONCAT(STR(?s)) AS ?all) { ?s ?p ?o }'
    """
    made: dict[str, list[Edit]] = {}
    aggregates: dict[ox.NamedNode, Callable[[], Accumulator]] = {}
    query = parse(text) if _SIGN.search(text) else None
    if query is not None:
        source = Source(text, query, {**(prefixes or {}), **query.prefixes}, aggregates)
        for name, function in _REWRITES.items():
            if found := list(function(source)):
                made[name] = found
    changes = [*edits, *(edit for found in made.values() for edit in found)]
    return Rewritten(apply(text, changes) if changes else text, tuple(sorted(made)), aggregates)
