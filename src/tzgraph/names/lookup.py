"""Names held against the graph as it is now: it may have changed since its index was made.

What has to be asked is yielded as SPARQL, and the rows are sent back, so that one piece of code
serves the command line, which has the store, and the server, which has an engine
(:func:`answered` is the way of the former).

The index is that of the release as it was built. After updates a name is given only where the
state still has it; names that updates added are found as they are written, in English or without a
language, until the next build.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

import pyoxigraph as ox

from tzgraph.curies import Curies, IriError
from tzgraph.errors import UnknownNameError, UsageError
from tzgraph.names.index import IDENTIFIERS, LABEL, LABELS, LONGEST_NAME
from tzgraph.names.resolver import Hit, MatchedBy, NameResolver, best, kind_of_match
from tzgraph.terms import Term
from tzgraph.vocabulary import ID

__all__ = ["Lookup", "Row", "answered", "find", "meant", "occurs", "suggestion", "thing_named"]

_T = TypeVar("_T")
Row: TypeAlias = Mapping[str, Term]
#: Yields SELECT queries, takes their rows, and returns what was looked up.
Lookup: TypeAlias = Generator[str, Sequence[Row], _T]

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
#: Things that are told apart where a name is that of several.
_MOST_CHOICES = 20
#: Things of a class that are listed where nothing is near, if there are no more.
_LISTED = 20
#: Ways of a triple through which an IRI is in the graph.
_ANYWHERE = ("{0} ?p ?o", "?s {0} ?o", "?s ?p {0}")
_DESCRIBED = _ANYWHERE[:1]


def answered(lookup: Lookup[_T], store: ox.Store) -> _T:
    """Look something up in a store.

    :raises UnknownNameError: what the lookup raises
    """
    rows: Sequence[Row] | None = None
    while True:
        try:
            text = next(lookup) if rows is None else lookup.send(rows)
        except StopIteration as end:
            found: _T = end.value
            return found
        result = store.query(text)
        if not isinstance(result, ox.QuerySolutions):
            raise TypeError(f"no SELECT query: {text}")
        names = [variable.value for variable in result.variables]
        rows = [
            {name: term for name, term in zip(names, row, strict=True) if term is not None}
            for row in result
        ]


def find(names: NameResolver, text: str, limit: int = 20) -> Lookup[list[Hit]]:
    """Look up what a text may mean, see :meth:`NameResolver.search`."""
    hits = names.search(text, limit)
    if names.updated:
        hits = yield from _now(hits, text)
    return hits[:limit]


def thing_named(
    names: NameResolver,
    text: str,
    *,
    base: str = "",
    of_class: str = "",
    kind: str = "",
    anywhere: bool = False,
) -> Lookup[str]:
    """Look up the one thing that a text names, and give its IRI.

    :param text: an IRI, a CURIE, a local id, or any name
    :param base: what local ids are put behind
    :param of_class: IRI of the class that the thing is of, if it is found by a name
    :param kind: what the thing is, in a word, if it is found by a name
    :param anywhere: whether an IRI may also be one that nothing is said of, but that is used
    :raises UnknownNameError: if it names nothing, or several things
    :raises UsageError: if it looks like an IRI or a CURIE and is none
    """
    text = text.strip()
    iri, why = _as_written(names.curies, text, base)
    if iri and (yield from occurs(iri, anywhere=anywhere)):
        return iri
    hits = [hit for hit in names.named(text) if hit.by.names]
    if names.updated:
        hits = [hit for hit in (yield from _now(hits, text)) if hit.by.names]
    hits = [hit for hit in hits if kind in ("", hit.kind)]
    fitting = (yield from _of_class(hits, of_class)) if of_class else hits
    if len(fitting) == 1:
        return fitting[0].iri
    compact = names.curies.compact
    if fitting:
        listed = ", ".join(suggestion(hit, compact) for hit in fitting[:_MOST_CHOICES])
        raise UnknownNameError(
            f"“{text}” names {len(fitting)} things: {listed}.",
            "Write one of them.",
            [hit.iri for hit in fitting[:_MOST_CHOICES]],
        )
    if hits:
        raise UnknownNameError(
            f"“{text}” names {suggestion(hits[0], compact)}, which is no {compact(of_class)}.",
            *(yield from _advice(names, text, "", of_class, kind)),
        )
    said = f"“{text[:LONGEST_NAME]}” is unknown: nothing in the graph has this name."
    if iri and ":" in text:
        said = f"{iri} is unknown: it is described nowhere in the graph."
    if why is not None:
        raise UsageError(why.message, why.hint)
    raise UnknownNameError(said, *(yield from _advice(names, text, iri, of_class, kind)))


def meant(names: NameResolver, text: str, iri: str = "", of_class: str = "") -> Lookup[list[Hit]]:
    """Look up what may be meant by a name that is unknown, by labels and synonyms alone.

    :param iri: the IRI that it stands for, if it is one
    :param of_class: IRI of the class of which they have to be
    """
    hits = names.near_iri(iri) if iri else []
    hits = hits or [hit for hit in names.named(text) if hit.by is MatchedBy.LIKE]
    hits = hits or names.near(text)
    if names.updated:
        hits = yield from _now(hits)
    return (yield from _of_class(hits, of_class)) if of_class else hits


def occurs(iri: str, *, anywhere: bool = True) -> Lookup[bool]:
    """Look up whether an IRI is in the graph, in the default view or in a named graph.

    :param anywhere: in any place of a triple, not as its subject only
    """
    node = str(ox.NamedNode(iri))
    ways = [way.format(node) for way in (_ANYWHERE if anywhere else _DESCRIBED)]
    groups = [group for way in ways for group in (f"{{ {way} }}", f"{{ GRAPH ?g {{ {way} }} }}")]
    rows = yield f"SELECT (1 AS ?found) {{ {' UNION '.join(groups)} }} LIMIT 1"
    return bool(rows)


def suggestion(hit: Hit, compact: Callable[[str], str]) -> str:
    """Say what a hit is: CURIE, label and kind."""
    return f"{compact(hit.iri)} ({', '.join(filter(None, (hit.label, hit.kind)))})"


def _as_written(curies: Curies, text: str, base: str) -> tuple[str, IriError | None]:
    """Give the IRI that a text is, if any, or else why it is none though it looks like one."""
    if base and _SLUG.match(text):
        return base + text, None
    if re.fullmatch(r"[a-z][a-z0-9-]*/[A-Za-z0-9._-]+", text):
        return ID + text, None
    try:
        return curies.iri(text), None
    except IriError as error:
        return "", None if error.code == "no-iri" else error


def _advice(
    names: NameResolver, text: str, iri: str, of_class: str, kind: str
) -> Lookup[tuple[str, Sequence[str]]]:
    """Look up what is said to whom has written an unknown name, and the IRIs in it."""
    hits = yield from meant(names, text, iri, of_class)
    hits = [hit for hit in hits if kind in ("", hit.kind)]
    if hits:
        said = " or ".join(suggestion(hit, names.curies.compact) for hit in hits[:3])
        return f"Did you mean {said}?", [hit.iri for hit in hits[:3]]
    if of_class:
        rows = yield f"SELECT DISTINCT ?thing {{ ?thing a <{of_class}> }} LIMIT {_LISTED + 1}"
        things = {row["thing"].value for row in rows if isinstance(row["thing"], ox.NamedNode)}
        if len(things) <= _LISTED and things:
            return f"There are {', '.join(sorted(map(names.curies.compact, things)))}.", ()
    return "`tzgraph search` and /search find things by words of their names.", ()


def _of_class(hits: Sequence[Hit], of_class: str) -> Lookup[list[Hit]]:
    """Leave out what is not of a class."""
    if not hits:
        return []
    node = str(ox.NamedNode(of_class))
    groups = [
        f"{{ {ox.NamedNode(hit.iri)} a {node} BIND({number} AS ?n) }}"
        for number, hit in enumerate(hits)
    ]
    rows = yield f"SELECT ?n {{ {' UNION '.join(groups)} }}"
    left = {int(row["n"].value) for row in rows if isinstance(row["n"], ox.Literal)}
    return [hit for number, hit in enumerate(hits) if number in left]


def _now(hits: Sequence[Hit], text: str = "") -> Lookup[list[Hit]]:
    """Leave out what the state of the graph has no more, and add what has just this name in it.

    :param text: a name, empty to add nothing
    """
    groups = []
    for number, hit in enumerate(hits):
        node = ox.NamedNode(hit.iri)
        held = f"{node} {ox.NamedNode(hit.prop)} {hit.value}" if hit.prop else f"{node} ?p ?o"
        label = f"OPTIONAL {{ {node} <{LABEL}> ?label }}"
        groups.append(f"{{ {{ {held} }} BIND({number} AS ?n) {label} }}")
    if text:
        name = text.strip()[:LONGEST_NAME]
        for value in (ox.Literal(name), ox.Literal(name, language="en")):
            groups += [
                f"{{ ?thing <{prop}> {value} BIND(<{prop}> AS ?prop)"
                f" OPTIONAL {{ ?thing <{LABEL}> ?label }} }}"
                for prop in (*LABELS, *IDENTIFIERS)
            ]
    if not groups:
        return []
    rows = yield f"SELECT DISTINCT ?n ?thing ?prop ?label {{ {' UNION '.join(groups)} }}"
    return best([*_held(hits, rows), *_added(rows, text)])


def _held(hits: Sequence[Hit], rows: Iterable[Row]) -> Iterator[Hit]:
    for row in rows:
        number, label = row.get("n"), row.get("label")
        if isinstance(number, ox.Literal):
            hit = hits[int(number.value)]
            yield replace(hit, label=label.value) if isinstance(label, ox.Literal) else hit


def _added(rows: Iterable[Row], text: str) -> Iterator[Hit]:
    for row in rows:
        thing, prop, label = row.get("thing"), row.get("prop"), row.get("label")
        if isinstance(thing, ox.NamedNode) and isinstance(prop, ox.NamedNode):
            by, score = kind_of_match(prop.value)
            named = label.value if isinstance(label, ox.Literal) else thing.value
            kind = thing.value.removeprefix(ID).partition("/")[0] if ID in thing.value else ""
            yield Hit(thing.value, named, kind, text.strip(), by, score, prop.value)
