"""What several tools need: the engine's rows, names and labels of things, layers of graphs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.errors import TzgraphError
from tzgraph.resources import own_query
from tzgraph.serve.agents.answers import (
    NamedThing,
    RowThing,
    SourceNote,
    StatementLayer,
    ValueEntry,
)
from tzgraph.serve.engine.base import Offer, QueryRequest
from tzgraph.serve.engine.rows import ROWS, Row, read_rows
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.response import client_of, read_all
from tzgraph.terms import Term
from tzgraph.vocabulary import TZ, XSD, Graphs

__all__ = [
    "ask_about",
    "checked_word",
    "known_as",
    "layer_of",
    "rows_about",
    "source_notes",
    "things_in",
    "value_entry",
]

_SECONDARY = TZ + "SecondarySource"
#: Things of a result whose labels and sources are looked up.
_MOST_THINGS = 400
#: Seconds for what an answer can do without.
_PATIENCE = 3.0
_WORDS = {TZ + "Seen": "seen", TZ + "Recalled": "recalled"}


def rows_about(name: str, variable: str, iris: Iterable[str]) -> str:
    """Give one of the queries of this package, asked of some things.

    :param name: its file, in which the variable stands before `UNDEF`
    """
    nodes = " ".join(str(ox.NamedNode(iri)) for iri in iris)
    text = own_query("serve/agents", name)
    return text.replace(f"VALUES ?{variable} {{ UNDEF }}", f"VALUES ?{variable} {{ {nodes} }}")


async def ask_about(
    request: Request, service: Service, name: str, variable: str, iris: Iterable[str]
) -> list[Row]:
    """Give the rows of :func:`rows_about`, none if they take too long."""
    offer = Offer(ROWS, "")
    wanted = QueryRequest(
        rows_about(name, variable, iris),
        bindings=offer,
        client=client_of(request),
        timeout_s=_PATIENCE,
    )
    try:
        table = read_rows(await read_all(await service.engine.query(wanted)))
    except TzgraphError:
        return []  # the answer is there all the same
    return [
        {name: term for name, term in zip(table.titles, row, strict=True) if term is not None}
        for row in table.rows
    ]


def known_as(service: Service, iri: str, label: str | None = None) -> NamedThing:
    """Give a thing as answers name it."""
    return NamedThing(iri=iri, name=service.release.manifest.curies.compact(iri), label=label)


def value_entry(service: Service, term: Term, labels: Mapping[str, str | None]) -> ValueEntry:
    """Give a value as answers have it.

    :param labels: of things, by IRI
    """
    if isinstance(term, ox.NamedNode):
        name = service.release.manifest.curies.compact(term.value)
        return ValueEntry(text=labels.get(term.value) or name, iri=term.value, name=name)
    if isinstance(term, ox.Literal):
        if term.language:
            return ValueEntry(text=term.value, language=term.language)
        if term.datatype.value == XSD + "string":
            return ValueEntry(text=term.value)
        kind = service.release.manifest.curies.compact(term.datatype.value)
        return ValueEntry(text=term.value, datatype=kind)
    return ValueEntry(text=str(term))


def layer_of(service: Service, graph: str) -> StatementLayer:
    """Say what kind of statements a graph holds."""
    if graph == Graphs.INFERRED:
        return StatementLayer.PREDICTED
    if graph == Graphs.AUDIT:
        return StatementLayer.AUDITED
    if not graph.startswith(Graphs.SOURCE):
        return StatementLayer.FRAME
    roles = {s.get("graph"): s.get("role") for s in service.release.manifest.sources}
    return StatementLayer.QUOTED if roles.get(graph) == _SECONDARY else StatementLayer.REPORTED


def source_notes(service: Service, graphs: Iterable[str]) -> list[SourceNote]:
    """Describe graphs, each once, in order."""
    labels = {
        source.get("graph"): source.get("title") or source.get("label")
        for source in service.release.manifest.sources
    }
    return [
        SourceNote(graph=graph, label=labels.get(graph) or graph, layer=layer_of(service, graph))
        for graph in sorted(set(graphs))
    ]


def checked_word(term: Term | None) -> str | None:
    """Say in a word how a thing was checked, if that is known."""
    return _WORDS.get(term.value) if isinstance(term, ox.NamedNode) else None


async def things_in(
    request: Request, service: Service, terms: Iterable[Term | None]
) -> tuple[list[RowThing], list[str]]:
    """Look up the things among some terms: their labels, and who describes them.

    :return: the things, and what is to be said of those that were left out
    """
    iris = list(dict.fromkeys(term.value for term in terms if isinstance(term, ox.NamedNode)))
    asked = iris[:_MOST_THINGS]
    found: dict[str, RowThing] = {}
    rows = await ask_about(request, service, "things", "thing", asked) if asked else []
    for row in rows:
        thing, label, graph = row.get("thing"), row.get("label"), row.get("graph")
        if not isinstance(thing, ox.NamedNode):
            continue
        one = found.setdefault(thing.value, RowThing(**known_as(service, thing.value).model_dump()))
        one.label = label.value if isinstance(label, ox.Literal) else one.label
        one.checked = checked_word(row.get("checked")) or one.checked
        if isinstance(graph, ox.NamedNode) and graph.value.startswith(Graphs.SOURCE):
            layer = layer_of(service, graph.value)
            one.sources = sorted({*one.sources, graph.value})
            one.layers = sorted({*one.layers, layer})
    notes = []
    if len(iris) > len(asked):
        notes.append(f"Labels and sources are given for the first {len(asked)} things only.")
    return [found[iri] for iri in asked if iri in found], notes
