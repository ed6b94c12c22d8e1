"""``/sparql``: SPARQL 1.1 Query over HTTP (SPARQL 1.1 Protocol, section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tzgraph.errors import TzgraphError, UsageError
from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.query.library import QueryFile, find_query
from tzgraph.release.void import void_query
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.negotiate import HTML, choose, wants_html
from tzgraph.serve.messages.problems import (
    ProblemError,
    Refusal,
    fail,
    problem_of,
    problem_responses,
)
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.messages.routes import Absent, RequestRoute
from tzgraph.serve.observe.record import note, note_query
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.sparql.choices import choices_for
from tzgraph.serve.sparql.client import ask_rows
from tzgraph.serve.sparql.declared import LIMITS, Graphs, body, form, format_names, results
from tzgraph.serve.sparql.description import describe
from tzgraph.serve.sparql.graph_store import SYNTAXES
from tzgraph.serve.sparql.payload import FORM
from tzgraph.serve.sparql.planned import PLAN_TYPE, explain_query
from tzgraph.serve.sparql.request import DIRECT, SentQuery, query_of, read_sent
from tzgraph.serve.sparql.response import answer_query
from tzgraph.serve.state import state_of

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)
#: Bytes of the parameters of a URL that servers and proxies take everywhere.
_SHARED = 6_000
_EXAMPLE = "SELECT ?drug WHERE { ?drug tz:targets tztarget:her2 }"


def _query(
    query: Annotated[
        str | Absent, Query(description="A SPARQL 1.1 query.", examples=[_EXAMPLE])
    ] = None,
) -> None:
    """Declare the query in the URL."""


def _result(
    default_graphs: Annotated[
        Graphs | Absent,
        Query(alias="default-graph-uri", description="Graphs that together are the default graph."),
    ] = None,
    named_graphs: Annotated[
        Graphs | Absent, Query(alias="named-graph-uri", description="Graphs that GRAPH sees.")
    ] = None,
    format_name: Annotated[str | Absent, format_names(ResultKind)] = None,
    download: Annotated[
        bool | Absent, Query(description="Whether the result is a file to keep.")
    ] = None,
    timeout: Annotated[
        str | Absent,
        Query(
            description="Seconds that the query may take, up to the server's limit; or `500ms`.",
            examples=["10"],
        ),
    ] = None,
    explain: Annotated[
        bool | Absent,
        Query(description="Whether the plan, as JSON, is wanted in place of the result."),
    ] = None,
) -> None:
    """Declare the data set, and what the result is wanted as."""


@router.post(
    "/sparql",
    operation_id="sparql-post",
    summary="SPARQL 1.1 Protocol query, direct or URL-encoded",
    dependencies=[Depends(_result)],
    openapi_extra=body(
        {
            DIRECT: {"schema": {"type": "string"}, "example": _EXAMPLE},
            FORM: form("query", "default-graph-uri", "named-graph-uri", example=_EXAMPLE),
        }
    ),
    responses={
        **results(*ResultKind, more=[PLAN_TYPE]),
        **problem_responses(400, 406, 413, 415, 502, *LIMITS),
    },
)
@router.get(
    "/sparql",
    operation_id="sparql",
    summary="SPARQL 1.1 Protocol query; without a query, service description",
    dependencies=[Depends(_query), Depends(_result)],
    responses={
        **results(*ResultKind, more=[PLAN_TYPE]),
        **problem_responses(400, 406, 414, 502, *LIMITS),
    },
)
# OpenAPI 3.1 has no place for the method; see docs/reference/http.md.
@router.api_route("/sparql", methods=["QUERY"], include_in_schema=False)
async def sparql_route(request: Request) -> Response:
    """Results come in the format that the header Accept, or `format`, asks for."""
    service, settings = service_of(request), state_of(request).settings
    sent: SentQuery | None = None
    query: ProtocolQuery | None = None
    try:
        sent = await read_sent(request, settings.max_query_bytes)
        query = query_of(sent)
        note_query(request.scope, query.text or "")
        if query.text is None:
            if request.method not in ("GET", "HEAD"):
                raise UsageError("There is no query in it.")
            return await _describe(request, service)
        if query.explain:
            return await explain_query(request, service, query)
        if (path := _shareable(request, sent, query)) is not None:
            return RedirectResponse(path, 303)
        return await answer_query(request, service, query)
    except (ProblemError, TzgraphError) as error:
        problem = problem_of(error)
        if wants_html(request):
            note(request.scope, problem.code)
            asked = query or ProtocolQuery(sent.text if sent is not None else None)
            page = await aside(lambda: service.pages.editor(asked, problem))
            return HTMLResponse(page, problem.status, headers=dict(problem.headers))
        raise


def _shareable(request: Request, sent: SentQuery, query: ProtocolQuery) -> str | None:
    """Give the URL of what the form of a page asks for: it can be kept, shared and loaded again.

    :return: ``None`` where it is not a page that is asked for, or where the URL would be too long
    """
    if request.method != "POST" or query.formats or query.download or not wants_html(request):
        return None
    asked = urlencode(
        sent.fields if sent.direct is None else [*sent.fields, ("query", sent.direct)]
    )
    return f"/sparql?{asked}#result" if len(asked) <= _SHARED else None


def _named(request: Request, service: Service) -> QueryFile | None:
    """Give the query of the library that the editor is to begin with, if one is named."""
    name = request.query_params.get("library")
    try:
        return None if name is None else find_query(name, service.library)
    except UsageError as error:
        raise fail(Refusal.NOT_FOUND, str(error)) from error


async def _describe(request: Request, service: Service) -> Response:
    formats = {f.media_types[0]: f for f in formats_for(ResultKind.GRAPH, served=True)}
    offers = [*formats, HTML]
    chosen = choose(request.headers.get("accept"), offers)
    if chosen is None:
        detail = "The service description comes in none of the formats asked for."
        raise fail(Refusal.NOT_ACCEPTABLE, detail, available=offers)
    if chosen == HTML:
        named = _named(request, service)
        choices = await choices_for(request, service, named.parameters if named else ())
        return HTMLResponse(await aside(lambda: service.pages.editor(None, None, named, choices)))
    endpoint = str(request.url.replace(query=None, fragment=None))
    settings, counts = state_of(request).settings, await service.counts.soon()
    graphs: Mapping[str, int | None]
    if counts is not None:
        graphs = counts.graphs
    else:
        graphs = {
            row["graph"].value: None
            for row in await ask_rows(request, service, void_query("graphs"))
            if isinstance(row["graph"], ox.NamedNode)
        }
    try:
        data = describe(
            endpoint,
            None if counts is None else counts.triples,
            graphs,
            formats[chosen],
            inputs=SYNTAXES if settings.writes.enabled else (),
            federated=bool(settings.queries.federation.endpoints),
        )
    except ValueError as error:
        raise UsageError("The Host header is no host.") from error
    return Response(data, media_type=chosen)
