"""Tools that find things by their names, and say what is known of one."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from tzgraph.names.lookup import find, thing_named
from tzgraph.names.resolver import MOST_HITS, Hit
from tzgraph.serve.agents.answers import (
    DescribeAnswer,
    FoundThing,
    SearchAnswer,
    StatementEntry,
    StatementLayer,
)
from tzgraph.serve.agents.asking import (
    checked_word,
    known_as,
    layer_of,
    source_notes,
    value_entry,
)
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.rows import CELL
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.sparql.client import ask_rows, looked_up, sparql
from tzgraph.serve.views.thing import Statement, thing_of
from tzgraph.terms import Term
from tzgraph.vocabulary import RDF, RDFS, TZ

__all__ = ["DescribeArguments", "SearchArguments", "describe", "search"]


class SearchArguments(BaseModel):
    """What is searched for."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        description="A name, or words of one: label, synonym, brand, acronym, CURIE, id.",
        min_length=1,
        max_length=500,
    )
    kind: str = Field(
        default="", description="Only things of this kind, such as drug or trial.", max_length=100
    )
    limit: int = Field(default=20, ge=1, le=MOST_HITS)


class DescribeArguments(BaseModel):
    """Which thing is described."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        description="Any name of the thing: IRI, CURIE, label, synonym or brand.",
        min_length=1,
        max_length=2000,
    )
    limit: int = Field(default=150, description="Statements each way.", ge=1, le=1000)


async def search(request: Request, asked: SearchArguments) -> SearchAnswer:
    """Find things by any of their names."""
    service = service_of(request)
    wanted = asked.kind.strip().casefold()
    limit = MOST_HITS if wanted else asked.limit
    hits = await looked_up(request, service, find(service.names, asked.text, limit))
    kinds = sorted({hit.kind for hit in hits})
    fitting = [hit for hit in hits if not wanted or hit.kind.casefold() == wanted][: asked.limit]
    notes = []
    if not hits:
        notes.append(f"“{asked.text}” is unknown: nothing in the graph has such a name.")
    elif not fitting:
        notes.append(f"Nothing of kind “{asked.kind}” has this name; there are {', '.join(kinds)}.")
    if fitting and not any(hit.by.names for hit in fitting):
        notes.append("No name is just this; the hits are only near to it.")
    return SearchAnswer(
        release=service.release.id, notes=notes, hits=[_found(service, hit) for hit in fitting]
    )


def _found(service: Service, hit: Hit) -> FoundThing:
    name = service.release.manifest.curies.compact(hit.iri)
    return FoundThing.model_validate({**hit.as_dict(), "name": name})


async def describe(request: Request, asked: DescribeArguments) -> DescribeAnswer:
    """Say what the graph states of a thing, and who states it.

    :raises UnknownNameError: if the name is that of nothing, or of several things
    """
    service = service_of(request)
    lookup = thing_named(service.names, asked.name, anywhere=True)
    node = ox.NamedNode(await looked_up(request, service, lookup))
    rows = await ask_rows(
        request, service, sparql("thing"), {"thing": node}, window=Window(cell=CELL)
    )
    thing = thing_of(node, rows)
    labels = {
        statement.other.value: _english(statement.labels)
        for statement in (*thing.about, *thing.referring)
        if isinstance(statement.other, ox.NamedNode)
    }
    recalled = {
        term.value
        for term in thing.values(TZ + "recalledProperty")
        if isinstance(term, ox.NamedNode)
    }
    checked = next(iter(thing.values(TZ + "checkStatus")), None)
    said = [one for one in thing.about if one.property.value != RDF + "type"]
    about, referring = said[: asked.limit], thing.referring[: asked.limit]
    notes = []
    if len(about) < len(said):
        notes.append(f"{len(said) - len(about)} more statements of the thing are left out.")
    if len(referring) < len(thing.referring):
        left = len(thing.referring) - len(referring)
        notes.append(f"{left} more statements with it as object are left out.")
    if thing.is_cut:
        notes.append("There are more statements than are counted here: ask for them with query.")
    if thing.is_removed:
        notes.append("The thing was removed; isReplacedBy says what took its place, if anything.")
    graphs = {graph for statement in (*about, *referring) for graph in statement.graphs}
    return DescribeAnswer(
        release=service.release.id,
        notes=notes,
        thing=known_as(service, node.value, _english(thing.values(RDFS + "label"))),
        kinds=[known_as(service, iri, labels.get(iri)) for iri in thing.types],
        checked=checked_word(checked),
        statements=[
            _entry(service, one, labels, recalled=one.property.value in recalled or None)
            for one in about
        ],
        referring=[_entry(service, one, labels) for one in referring],
        sources=source_notes(service, graphs),
    )


def _entry(
    service: Service,
    statement: Statement,
    labels: dict[str, str | None],
    recalled: bool | None = None,
) -> StatementEntry:
    layers = sorted({layer_of(service, graph) for graph in statement.graphs})
    if len(layers) > 1 and StatementLayer.PREDICTED in layers:
        layers.remove(
            StatementLayer.PREDICTED
        )  # what is reported needs no rule, though one derives it, too
    return StatementEntry(
        property=known_as(service, statement.property.value, _english(statement.names)),
        value=value_entry(service, statement.other, labels),
        layers=layers,
        sources=sorted(statement.graphs),
        recalled=recalled,
    )


def _english(terms: Iterable[Term]) -> str | None:
    """Give the English text among some, or one without a language."""
    texts = [term for term in terms if isinstance(term, ox.Literal)]
    english = [text.value for text in texts if text.language in ("en", None)]
    return next(iter(english), None)
