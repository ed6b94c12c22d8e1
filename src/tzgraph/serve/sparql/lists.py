"""Queries for the list of a class: put together of texts in files, with paths that are declared.

Each is bounded, however large the graph is; see ``COUNTED`` and ``LISTED`` in
:mod:`tzgraph.pageviews.lists`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyoxigraph as ox

from tzgraph.pageviews import ListPath
from tzgraph.pageviews.lists import ListChoice, ListOrder
from tzgraph.serve.sparql.client import sparql
from tzgraph.vocabulary import Graphs

__all__ = [
    "cells_query",
    "facets_query",
    "held_query",
    "properties_query",
    "rows_query",
]

_ANYTHING, _ANY_VALUE = "FILTER(true)", "FILTER(BOUND(?value))"
_CLASS, _PATH, _STATED = "?thing a <class:>", "<path:>", "BIND(false AS ?derived)"
#: A step of which the inferred graph can be asked: one triple.
_PLAIN = re.compile(r"\^?<[^<>]*>\Z")


def facets_query(
    of_class: str,
    facets: Sequence[ListPath],
    choices: Sequence[ListChoice],
    wider: Sequence[str] = (),
) -> str:
    """Give the query for how many things there are, and how many have each value of each facet.

    The choice in a facet itself does not count for its values, so that others can be added to it.

    :param wider: classes that tell no thing of the list from another
    """
    parts = [_of(sparql("list-total"), of_class, choices)]
    for facet in facets:
        others = [choice for choice in choices if choice.facet != facet]
        text = _of(sparql("list-facet"), of_class, others).replace('"facet"', f'"{facet.key}"')
        if facet.is_type:
            same = _all([of_class, *wider])
            text = text.replace(_ANY_VALUE, f"FILTER(?value NOT IN ({same}))")
        parts.append(_along(text, facet))
    return _together("?facet ?value ?things ?inferred ?label", parts)


def rows_query(
    of_class: str, choices: Sequence[ListChoice], order: ListOrder, limit: int, offset: int
) -> str:
    """Give the query for the things of a part of the list."""
    if order.column is None:
        text = _of(sparql("list-rows"), of_class, choices)
        if order.descending:
            text = text.replace("BY LCASE(?label)", "BY DESC(LCASE(?label))")
    else:
        text = _of(sparql("list-sorted"), of_class, choices)
        text = text.replace(_PATH, order.column.sparql)
        if order.descending:
            text = text.replace("(!BOUND(?key)) ?key", "(!BOUND(?key)) DESC(?key)")
    return text.replace("LIMIT 51 OFFSET 0", f"LIMIT {limit} OFFSET {offset}")


def cells_query(things: Sequence[str], columns: Sequence[ListPath]) -> str:
    """Give the query for what things have in columns."""
    values = f"VALUES ?thing {{ {' '.join(map(_iri, things))} }}"
    parts = [
        _along(sparql("list-cells"), column)
        .replace("VALUES ?thing {}", values)
        .replace('"column"', f'"{column.key}"')
        for column in columns
    ]
    return _together("?thing ?column ?value ?label ?derived", parts)


def held_query(of_class: str, facet: ListPath, iris: Sequence[str]) -> str:
    """Give the query for which of some values a thing of a class has."""
    values = f"VALUES ?value {{ {' '.join(map(_iri, iris))} }}"
    text = sparql("list-held").replace("VALUES ?value {}", values)
    return text.replace("<class:>", _iri(of_class)).replace(_PATH, facet.sparql)


def properties_query(of_class: str) -> str:
    """Give the query for what a list can be narrowed by where nobody has declared it."""
    return _of(sparql("list-properties"), of_class, ())


def _of(text: str, of_class: str, choices: Sequence[ListChoice]) -> str:
    """Write which things are meant into a query."""
    meant = [f"?thing a {_iri(of_class)} ."]
    plain = [choice for choice in choices if choice.iris and not choice.missing]
    one = [choice for choice in plain if len(choice.iris) == 1]
    # Patterns where they can be: the engine begins with the rarest, and not with the class.
    for choice in one:
        meant[0] += f" ?thing {choice.facet.sparql} {_iri(choice.iris[0])} ."
    if plain and not one:
        one = plain[:1]
        meant = [f"{meant[0]} ?thing {one[0].facet.sparql} {_iri(iri)} ." for iri in one[0].iris]
    filters = " ".join(_condition(choice) for choice in choices if choice not in one)
    ways = meant[0] if len(meant) == 1 else " UNION ".join(f"{{ {way} }}" for way in meant)
    return text.replace(_CLASS, ways).replace(_ANYTHING, filters)


def _condition(choice: ListChoice) -> str:
    path = choice.facet.sparql
    tests = []
    if choice.iris:
        tests.append(f"EXISTS {{ ?thing {path} ?v FILTER(?v IN ({_all(choice.iris)})) }}")
    if choice.texts:
        texts = ", ".join(str(ox.Literal(text)) for text in choice.texts)
        tests.append(f"EXISTS {{ ?thing {path} ?v FILTER(STR(?v) IN ({texts})) }}")
    if choice.missing:
        tests.append(f"NOT EXISTS {{ ?thing {path} ?v }}")
    return f"FILTER({' || '.join(tests)})"


def _along(text: str, path: ListPath) -> str:
    """Write a path into a query, and how its derived values are known."""
    ways = []
    for number, step in enumerate(path.steps):
        if not _PLAIN.match(step):
            continue
        start, end = path.steps[:number], path.steps[number + 1 :]
        before = f"?thing {'/'.join(start)} ?from . " if start else ""
        after = f" ?to {'/'.join(end)} ?value ." if end else ""
        triple = f"{'?from' if start else '?thing'} {step} {'?to' if end else '?value'}"
        ways.append(f"EXISTS {{ {before}GRAPH {_iri(Graphs.INFERRED)} {{ {triple} }}{after} }}")
    derived = f"BIND({' || '.join(ways)} AS ?derived)" if ways else _STATED
    return text.replace(_STATED, derived).replace(_PATH, path.sparql)


def _together(columns: str, parts: Sequence[str]) -> str:
    """Make one query of several."""
    prefixes, bodies = dict[str, None](), []
    for part in parts:
        lines = [line for line in part.splitlines() if not line.startswith("#")]
        prefixes |= dict.fromkeys(line for line in lines if line.startswith("PREFIX "))
        bodies.append("\n".join(line for line in lines if not line.startswith("PREFIX ")))
    union = " UNION ".join(f"{{ {body} }}" for body in bodies)
    return "\n".join([*prefixes, f"SELECT {columns} WHERE {{ {union} }}"])


def _all(iris: Sequence[str]) -> str:
    return ", ".join(map(_iri, iris))


def _iri(iri: str) -> str:
    return str(ox.NamedNode(iri))
