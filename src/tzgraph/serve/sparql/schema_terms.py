"""The schema of what is served: classes and properties, what they mean and how much there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.curies import Curies
from tzgraph.release import Manifest
from tzgraph.release.void import void_query
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.client import ask_rows, ask_table, sparql
from tzgraph.terms import Term

__all__ = ["schema_of"]

#: Characters of a label or definition.
_LONGEST = 600


@dataclass(slots=True)
class _Counts:
    """How much there is: things by class, triples by property, and by class and property."""

    things: dict[str, int] = field(default_factory=dict)
    triples: dict[str, int] = field(default_factory=dict)
    of_class: dict[str, dict[str, int]] = field(default_factory=dict)


async def schema_of(request: Request, service: Service) -> dict[str, Any]:
    """Give the schema of the state that is served, as ``/schema.json`` has it.

    :raises TzgraphError: if the engine refuses or fails
    """
    terms = await ask_rows(request, service, sparql("schema-terms"), window=Window(cell=_LONGEST))
    counts = _Counts()
    if not service.release.state:
        counts = _as_built(await ask_rows(request, service, sparql("schema-counts")))
    if not counts.of_class:  # nothing was counted, or it has changed since
        names = ("classes", "properties", "class-properties")
        counts = _as_it_is(*[await ask_table(request, service, void_query(n)) for n in names])
    return await aside(lambda: _document(service.release.manifest, terms, counts))


def _as_built(rows: Iterable[Row]) -> _Counts:
    counts = _Counts()
    for row in rows:
        name, triples = _text(row["property"]), int(_text(row["triples"]))
        if "class" not in row:
            counts.triples[name] = triples
            continue
        of = _text(row["class"])
        counts.things[of] = int(_text(row["entities"]))
        counts.of_class.setdefault(of, {})[name] = triples
    return counts


_Table = Sequence[Sequence[Any]]


def _as_it_is(classes: _Table, properties: _Table, of_class: _Table) -> _Counts:
    counts = _Counts()
    for name, number, *_ in (row[1:] for row in classes if row[0] is None):
        counts.things[name.value] = int(number.value)
    for name, number, *_ in (row[1:] for row in properties if row[0] is None):
        counts.triples[name.value] = int(number.value)
    for of, name, number in of_class:
        counts.of_class.setdefault(of.value, {})[name.value] = int(number.value)
    return counts


def _document(manifest: Manifest, rows: Iterable[Row], counts: _Counts) -> dict[str, Any]:
    curies = manifest.curies
    described: dict[str, dict[str, dict[str, Term]]] = {"class": {}, "property": {}}
    for row in rows:
        of = described[_text(row["kind"])].setdefault(_text(row["term"]), {})
        for name in ("label", "definition", "range"):
            # Of several, the first in the alphabet, so that each build gives the same.
            if name in row and (name not in of or _text(row[name]) < _text(of[name])):
                of[name] = row[name]
    spaces = {space: prefix for prefix, space in manifest.prefixes.items()}
    # Of the classes whose things have a prefix, the one that has most of them: the widest.
    kinds = sorted(manifest.kinds.items(), key=lambda kind: (counts.things.get(kind[0], 0), kind))
    classes = []
    for iri in sorted(described["class"].keys() | counts.of_class.keys()):
        term = _term(iri, described["class"].get(iri, {}), curies)
        of_it = sorted(counts.of_class.get(iri, {}).items())
        properties = {_name(name, curies): number for name, number in of_it}
        classes.append({**term, "count": counts.things.get(iri, 0), "properties": properties})
    return {
        "prefixes": dict(sorted(manifest.prefixes.items())),
        "kinds": {spaces[base]: _name(iri, curies) for iri, base in kinds if base in spaces},
        "classes": classes,
        "properties": [
            {
                **_term(iri, described["property"].get(iri, {}), curies),
                "count": counts.triples.get(iri, 0),
            }
            for iri in sorted(described["property"].keys() | counts.triples.keys())
        ],
    }


def _term(iri: str, said: Mapping[str, Term], curies: Curies) -> dict[str, Any]:
    found = {"iri": iri, "name": _name(iri, curies)}
    for name, term in said.items():
        is_iri = isinstance(term, ox.NamedNode)
        found[name] = _name(_text(term), curies) if is_iri else _text(term)
    return found


def _name(iri: str, curies: Curies) -> str:
    """Give an IRI as a query writes it."""
    return curies.prefixed_name(iri) or f"<{iri}>"


def _text(term: Term) -> str:
    return "" if isinstance(term, ox.Triple) else term.value
