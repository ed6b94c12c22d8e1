"""Tools that run SPARQL: of the agent's own, or of the query library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyoxigraph as ox
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from tzgraph.query.binding import bind
from tzgraph.query.library import QueryFile, find_query
from tzgraph.query.named import name_things
from tzgraph.query.plan import advice_on, sums_up
from tzgraph.query.services import declared_prefixes
from tzgraph.query.tokens import TokenKind, tokens_of
from tzgraph.serve.agents.answers import (
    LibraryAnswer,
    LibraryEntry,
    LibraryParameter,
    QueryAnswer,
    StatementLayer,
    UsedProperty,
)
from tzgraph.serve.agents.asking import (
    ask_about,
    known_as,
    layer_of,
    source_notes,
    things_in,
    value_entry,
)
from tzgraph.serve.engine.base import Offer, QueryRequest, Window
from tzgraph.serve.engine.errors import DeadlineError
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.engine.rows import CELL, ROWS, ResultTable, is_cut, read_rows
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.sparql.client import looked_up
from tzgraph.serve.sparql.planned import notes_on
from tzgraph.serve.sparql.response import client_of, read_all

__all__ = [
    "MOST_ROWS",
    "LibraryArguments",
    "LibraryQueryArguments",
    "QueryArguments",
    "library_query",
    "list_queries",
    "query",
]

#: Rows that an answer may have, and bytes of them.
MOST_ROWS = 1000
_BYTES = 256 * 1024
#: IRIs of a query of which it is looked up whether they are properties.
_MOST_PROPERTIES = 50


class QueryArguments(BaseModel):
    """A query of the agent's own."""

    model_config = ConfigDict(extra="forbid")

    sparql: str = Field(
        description="A SPARQL 1.1 query. Prefixes of the graph need not be declared.",
        min_length=1,
    )
    limit: int = Field(
        default=100, description="Rows at most; `more` tells of others.", ge=1, le=MOST_ROWS
    )


class LibraryQueryArguments(BaseModel):
    """A query of the library, with values."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="Name of the query, see list_queries.", max_length=200)
    parameters: dict[str, str] = Field(
        default={}, description="Values by name of the parameter; things by any of their names."
    )
    limit: int = Field(
        default=100, description="Rows at most; `more` tells of others.", ge=1, le=MOST_ROWS
    )


class LibraryArguments(BaseModel):
    """Which queries are listed."""

    model_config = ConfigDict(extra="forbid")

    tag: str = Field(default="", description="Only queries with this tag.", max_length=200)


async def query(request: Request, asked: QueryArguments) -> QueryAnswer:
    """Run a query.

    :raises QueryError: if it is refused, can't be read or fails
    """
    return await _answer(request, service_of(request), QueryRequest(asked.sparql), asked.limit)


async def library_query(request: Request, asked: LibraryQueryArguments) -> QueryAnswer:
    """Run a query of the library.

    :raises UsageError: if there is no such query, or values are wrong
    """
    service = service_of(request)
    manifest = service.release.manifest
    found = find_query(asked.name, service.library)
    lookup = name_things(found, asked.parameters, manifest.kinds, service.names)
    values = await looked_up(request, service, lookup)
    terms = bind(found, values, manifest.curies, manifest.kinds)
    given = tuple((variable.value, term) for variable, term in terms.items())
    return await _answer(
        request, service, QueryRequest(found.text, substitutions=given), asked.limit
    )


async def list_queries(request: Request, asked: LibraryArguments) -> LibraryAnswer:
    """List the queries of the library."""
    service = service_of(request)
    tag = asked.tag.strip()
    found = [one for one in service.library.values() if not tag or tag in one.tags]
    notes = []
    if tag and not found:
        tags = sorted({tag for one in service.library.values() for tag in one.tags})
        notes.append(f"No query has the tag “{tag}”; there are {', '.join(tags)}.")
    return LibraryAnswer(
        release=service.release.id, notes=notes, queries=[library_entry(one) for one in found]
    )


def library_entry(found: QueryFile) -> LibraryEntry:
    """Describe a query of the library."""
    return LibraryEntry(
        name=found.name,
        title=found.title,
        description=found.description,
        tags=list(found.tags),
        parameters=[
            LibraryParameter(
                name=one.name,
                type=one.type,
                required=one.is_required,
                default=one.default,
                description=one.explanation,
            )
            for one in found.parameters
        ],
    )


async def _answer(
    request: Request, service: Service, asked: QueryRequest, limit: int
) -> QueryAnswer:
    offer = Offer(ROWS, "", Window(limit=limit, cell=CELL, bytes=_BYTES))
    wanted = replace(asked, bindings=offer, graph=offer, client=client_of(request))
    prefixes = service.release.manifest.prefixes
    try:
        data = await read_all(await service.engine.query(wanted))
    except DeadlineError as error:
        values = {name: str(term) for name, term in wanted.substitutions}
        advice = await aside(lambda: advice_on(wanted.text, values, prefixes))
        error.hint = f"{advice} {error.hint}".strip()
        raise
    table = await aside(lambda: read_rows(data))
    is_empty = not table.boolean and not table.rows
    notes = list(_limits(table))
    if is_empty or (len(table.rows) == 1 and await aside(lambda: sums_up(wanted.text))):
        notes += [note.text for note in await notes_on(request, service, wanted, is_empty)]
    things, more = await things_in(request, service, (term for row in table.rows for term in row))
    labels = {thing.iri: thing.label for thing in things}
    return QueryAnswer(
        release=service.release.id,
        notes=[*notes, *more],
        columns=list(table.titles),
        rows=[
            {
                title: value_entry(service, term, labels)
                for title, term in zip(table.titles, row, strict=True)
                if term is not None
            }
            for row in table.rows
        ],
        more=table.more,
        boolean=table.boolean,
        things=things,
        sources=source_notes(service, {graph for thing in things for graph in thing.sources}),
        properties=await _properties(request, service, wanted.text),
    )


def _limits(table: ResultTable) -> Iterator[str]:
    """Say what was cut off."""
    if table.more:
        yield (
            f"Only the first {len(table.rows)} rows are here, and more follow: narrow the query,"
            " count them, or page with ORDER BY, LIMIT and OFFSET."
        )
    if any(term is not None and is_cut(term) for row in table.rows for term in row):
        yield f"Values of more than {CELL:,} characters are cut; they end with …."
    if table.columns > len(table.titles):
        yield f"{table.columns - len(table.titles)} columns are left out."


async def _properties(request: Request, service: Service, text: str) -> list[UsedProperty]:
    """Give the properties that a query names, with the layers in which each is stated."""
    iris = await aside(lambda: _iris_in(service, text))
    if not iris:
        return []
    found: dict[str, set[StatementLayer]] = {}
    for row in await ask_about(request, service, "layers", "property", iris):
        used, graph = row.get("property"), row.get("graph")
        if isinstance(used, ox.NamedNode) and isinstance(graph, ox.NamedNode):
            found.setdefault(used.value, set()).add(layer_of(service, graph.value))
    return [
        UsedProperty(property=known_as(service, iri).name, layers=sorted(found[iri]))
        for iri in iris
        if iri in found
    ]


def _iris_in(service: Service, text: str) -> list[str]:
    """Give the IRIs that stand in a query, each once."""
    tokens = tokens_of(text)
    prefixes = declared_prefixes(tokens, service.release.manifest.prefixes)
    found: dict[str, None] = {}
    for token in tokens:
        iri = ""
        if token.kind is TokenKind.IRI:
            iri = token.text[1:-1]
        elif token.kind is TokenKind.PREFIXED:
            prefix, _, local = token.text.partition(":")
            iri = prefixes[prefix] + local if local and prefix in prefixes else ""
        try:
            if iri:
                found.setdefault(ox.NamedNode(iri).value)
        except ValueError:
            continue
    return list(found)[:_MOST_PROPERTIES]
