"""``/graphs``: the SPARQL 1.1 Graph Store HTTP Protocol.

A graph is named by ``?graph=IRI`` or ``?default`` (indirectly), or by the URL of the request itself
below ``/graphs/`` (directly). Writing acts on the named graph alone: what the default graph holds
beside it was put there by the build, and stays.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from tzgraph.errors import UsageError
from tzgraph.query.formats import ResultKind
from tzgraph.serve.engine.errors import NoGraphError
from tzgraph.serve.messages.etag import matches
from tzgraph.serve.messages.problems import ProblemError, Refusal, fail, problem_responses
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.messages.routes import Absent, RequestRoute, Responses
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.bearer import SHOWS_TOKEN, demand_token
from tzgraph.serve.sparql.client import ask_rows
from tzgraph.serve.sparql.declared import LIMITS, Graph, body, results
from tzgraph.serve.sparql.multipart import MULTIPART, read_parts
from tzgraph.serve.sparql.payload import (
    charset_of,
    read_body,
    read_fields,
    refuse_encoded,
)
from tzgraph.serve.sparql.response import answer_query, tag_of, wanted_of
from tzgraph.serve.sparql.update import is_strict, told_of_literals, writer_of
from tzgraph.serve.state import state_of
from tzgraph.serve.updates import GraphWrite
from tzgraph.serve.updates.orders import GraphPayload

__all__ = ["SYNTAXES", "direct", "reading", "writing"]

_ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
#: Syntaxes that hold triples.
SYNTAXES = (
    ox.RdfFormat.TURTLE,
    ox.RdfFormat.N_TRIPLES,
    ox.RdfFormat.RDF_XML,
    ox.RdfFormat.JSON_LD,
    ox.RdfFormat.N3,
)
#: Routes that give graphs, that change them, and that take graphs by their own URL.
reading, writing, direct = (
    APIRouter(route_class=RequestRoute, default_response_class=Response) for _ in range(3)
)


def _graph(
    graph: Annotated[Graph | Absent, Query(description="IRI of the graph.")] = None,
    default: Annotated[
        str | Absent,
        Query(
            description="The default graph, in place of `graph`.", json_schema_extra={"enum": [""]}
        ),
    ] = None,
) -> None:
    """Declare the name of the graph."""


_BODY = body(
    {
        **{syntax.media_type: {"schema": {"type": "string"}} for syntax in SYNTAXES},
        MULTIPART: {"schema": {"type": "object"}},
    }
)


@reading.get(
    "/graphs",
    operation_id="graph-get",
    summary="A graph (SPARQL 1.1 Graph Store HTTP Protocol)",
    dependencies=[Depends(_graph)],
    responses={**results(ResultKind.GRAPH), **problem_responses(400, 404, 406, *LIMITS)},
)
@direct.get("/graphs/{path:path}", include_in_schema=False)
async def give_graph(request: Request) -> Response:
    """Give a graph in the format that the header Accept asks for."""
    return await _give(request, _named(request))


_WRITTEN: Responses = {
    201: {"description": "Done; the graph was not there before."},
    204: {"description": "Done; whoever asks next sees it."},
    **problem_responses(400, 401, 412, 413, 415, *LIMITS),
}


@writing.put(
    "/graphs",
    operation_id="graph-put",
    summary="Replace a graph",
    status_code=204,
    dependencies=[SHOWS_TOKEN, Depends(_graph)],
    openapi_extra=_BODY,
    responses=_WRITTEN,
)
@writing.post(
    "/graphs",
    operation_id="graph-post",
    summary="Add to a graph; without a name, make one",
    status_code=204,
    dependencies=[SHOWS_TOKEN, Depends(_graph)],
    openapi_extra=_BODY,
    responses=_WRITTEN,
)
@writing.delete(
    "/graphs",
    operation_id="graph-delete",
    summary="Delete a graph",
    status_code=204,
    dependencies=[SHOWS_TOKEN, Depends(_graph)],
    responses={204: _WRITTEN[204], **problem_responses(400, 401, 404, 412, *LIMITS)},
)
@direct.api_route("/graphs/{path:path}", methods=["DELETE", "POST", "PUT"], include_in_schema=False)
async def write_graph(request: Request) -> Response:
    """Carried out whole or not at all; kept when it is answered."""
    settings = state_of(request).settings.writes
    demand_token(request, settings.shared_token)
    minted = request.method == "POST" and not _names(request)
    if request.method == "PUT" and "content-range" in request.headers:
        # Else a part would replace the whole (RFC 9110, 14.5).
        raise UsageError("A graph can't be put in part.")
    graph = f"{_url(request)}/{uuid.uuid4()}" if minted else _named(request)
    parts: tuple[GraphPayload, ...] = ()
    if request.method != "DELETE":
        body = await _body(request, settings.max_body_bytes)
        parts = await asyncio.to_thread(_parts, request, body)
    base = graph if graph is not None else _url(request)
    conditions = () if minted else _conditions(request, graph)
    order = GraphWrite(request.method, graph, base, parts, conditions, is_strict(request))
    outcome = await writer_of(request).carry_out(order)
    headers = {"Cache-Control": "no-store", **told_of_literals(request, outcome)}
    if outcome.existed:
        return Response(status_code=204, headers=headers)
    if minted:
        headers["Location"] = str(graph)
    return Response(status_code=201, headers=headers)


async def _give(request: Request, graph: str | None) -> Response:
    service = service_of(request)
    if graph is None:
        return await answer_query(request, service, ProtocolQuery(_ALL))
    name = ox.NamedNode(graph)
    if not await ask_rows(request, service, f"SELECT (1 AS ?is) {{ GRAPH {name} {{}} }}"):
        raise NoGraphError(f"There is no graph {name}.")
    return await answer_query(request, service, ProtocolQuery(_ALL, (graph,), ()))


def _conditions(request: Request, graph: str | None) -> tuple[str, ...]:
    """Give what the client makes a condition of a change (RFC 9110, 13.1).

    Tags are weak here, and If-Match wants a strong one, so that no tag in it fits.
    """
    conditions = []
    if (wanted := request.headers.get("if-match")) is not None:
        conditions.append("exists" if wanted.strip() == "*" else "never")
    if (unwanted := request.headers.get("if-none-match")) is not None:
        if unwanted.strip() == "*":
            conditions.append("absent")
        elif matches(unwanted, _tag(request, graph)):
            conditions.append("never")
    return tuple(conditions)


def _tag(request: Request, graph: str | None) -> str:
    """Give the tag that GET would give the graph, empty if it would give no graph."""
    dataset = (None, None) if graph is None else ((graph,), ())
    service = service_of(request)
    try:
        return tag_of(service, wanted_of(request, service, ProtocolQuery(_ALL, *dataset)))
    except ProblemError:
        return ""


def _names(request: Request) -> list[str | None]:
    """Give the graphs that a request names, ``None`` for the default graph."""
    fields = read_fields(request.scope["query_string"])
    names = [value if name == "graph" else None for name, value in fields if name in _PARAMETERS]
    return [*names, _url(request)] if "path" in request.path_params else names


_PARAMETERS = frozenset({"graph", "default"})


def _named(request: Request) -> str | None:
    names = _names(request)
    if len(names) != 1:
        count = "more than one graph" if names else "no graph"
        raise UsageError(
            f"It names {count}. Name one by ?graph=IRI, by ?default, or by a URL below /graphs/.",
        )
    try:
        return None if names[0] is None else ox.NamedNode(names[0]).value
    except ValueError as error:
        detail = f"The name of the graph is no absolute IRI: {error}."
        raise UsageError(detail) from error


def _url(request: Request) -> str:
    return str(request.url.replace(query=None, fragment=None)).rstrip("/")


async def _body(request: Request, limit: int) -> bytes:
    refuse_encoded(request)
    return await read_body(request, limit)


def _parts(request: Request, body: bytes) -> tuple[GraphPayload, ...]:
    """Give the data of a request: its body, or the parts of a form."""
    header = request.headers.get("content-type", "")
    if header.partition(";")[0].strip().lower() != MULTIPART:
        return (GraphPayload(_syntax(header), body),)
    return tuple(GraphPayload(_syntax(kind), data) for kind, data in read_parts(header, body))


def _syntax(header: str) -> str:
    media_type, _, parameters = header.partition(";")
    media_type = media_type.strip().lower()
    form = ox.RdfFormat.from_media_type(media_type) if media_type else None
    if form not in SYNTAXES:
        offers = [syntax.media_type for syntax in SYNTAXES]
        sent = f"in one of {', '.join(offers)}, not as {header or 'nothing'!r}"
        raise fail(Refusal.MEDIA_TYPE, f"Triples are sent {sent}.", accepted=offers)
    if charset_of(parameters) not in ("utf-8", "ascii"):
        raise fail(Refusal.CHARSET, "Send it as UTF-8.")
    return media_type
