"""``/update``: SPARQL 1.1 Update over HTTP (SPARQL 1.1 Protocol, section 2.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tzgraph.errors import UsageError
from tzgraph.serve.messages.etag import opaque_tags
from tzgraph.serve.messages.problems import Refusal, fail, problem_responses
from tzgraph.serve.messages.routes import Absent, RequestRoute, content
from tzgraph.serve.observe.record import note_query
from tzgraph.serve.sparql.bearer import SHOWS_TOKEN, demand_token
from tzgraph.serve.sparql.declared import LIMITS, Graphs, body, form
from tzgraph.serve.sparql.payload import (
    FORM,
    charset_of,
    decode_body,
    read_body,
    read_fields,
    refuse_encoded,
)
from tzgraph.serve.sparql.request import UPDATE
from tzgraph.serve.state import state_of
from tzgraph.serve.updates import Update, Writer
from tzgraph.serve.updates.orders import OrderOutcome

__all__ = ["is_strict", "router", "told_of_literals", "writer_of"]

#: Documents that are named to who wants them loaded.
_NAMED = 5
router = APIRouter(route_class=RequestRoute, default_response_class=Response)


def _parameters(
    default_graphs: Annotated[
        Graphs | Absent,
        Query(alias="using-graph-uri", description="Graphs that are the default graph of WHERE."),
    ] = None,
    named_graphs: Annotated[
        Graphs | Absent,
        Query(
            alias="using-named-graph-uri",
            description="Graphs that GRAPH sees, in patterns of WHERE.",
        ),
    ] = None,
) -> None:
    """Declare the data set of the patterns."""


@router.post(
    "/update",
    operation_id="update",
    summary="SPARQL 1.1 Update",
    description="Carried out whole or not at all; kept when it is answered.",
    status_code=204,
    response_description="Done; whoever asks next sees it.",
    dependencies=[SHOWS_TOKEN, Depends(_parameters)],
    openapi_extra=body(
        {
            UPDATE: {"schema": {"type": "string"}},
            FORM: form("update", "using-graph-uri", "using-named-graph-uri"),
        }
    ),
    responses={
        200: content("Done, but for LOAD SILENT, which the text names.", ["text/plain"]),
        **problem_responses(400, 401, 412, 413, 415, *LIMITS),
    },
)
async def update_route(request: Request) -> Response:
    """Carry out an update; when it is answered, new requests see what it changed.

    :raises ProblemError: if the request can't be read, or may not write
    :raises TzgraphError: if the update can't be carried out; nothing has changed then
    """
    settings = state_of(request).settings.writes
    demand_token(request, settings.shared_token)
    update = await _read(request, settings.max_body_bytes)
    note_query(request.scope, update.text)
    update = replace(_conditional(update, request), strict=is_strict(request))
    outcome = await writer_of(request).carry_out(update)
    headers = {"Cache-Control": "no-store"}
    if outcome.state:
        headers["ETag"] = f'"{outcome.state}"'
    headers |= told_of_literals(request, outcome)
    if outcome.not_loaded:
        return PlainTextResponse(_not_loaded(outcome.not_loaded), headers=headers)
    return Response(status_code=204, headers=headers)


def _not_loaded(documents: Sequence[str]) -> str:
    """Say what an update was to load if possible, which it never is."""
    named = ", ".join(document[:200] for document in documents[:_NAMED])
    more = f" and {len(documents) - _NAMED} more" if len(documents) > _NAMED else ""
    return (
        f"Carried out, but for LOAD SILENT of {named}{more}: this server loads nothing from"
        " elsewhere. Send the data themselves, to /graphs or by INSERT DATA.\n"
    )


def _conditional(update: Update, request: Request) -> Update:
    """Give an update with the states that it is for (RFC 9110, 13.1).

    A state's tag is its id, and strong. ``*`` stands for any state, and there is always one.
    """
    if (wanted := request.headers.get("if-match")) is not None and wanted.strip() != "*":
        update = replace(update, only_on=opaque_tags(wanted, strong=True))
    if (unwanted := request.headers.get("if-none-match")) is not None:
        if unwanted.strip() == "*":
            return replace(update, only_on=())
        update = replace(update, not_on=opaque_tags(unwanted))
    return update


def is_strict(request: Request) -> bool:
    """Say whether a client wants nothing done unless it is done as asked (RFC 7240, 4.4)."""
    preferences = ",".join(request.headers.getlist("prefer")).lower().split(",")
    return any(each.partition(";")[0].replace(" ", "") in _STRICT for each in preferences)


_STRICT = ("handling=strict", 'handling="strict"')


def told_of_literals(request: Request, outcome: OrderOutcome) -> dict[str, str]:
    """Give the headers that tell which literals will not come back as they were written."""
    headers = {"Literals-Changed": outcome.changed} if outcome.changed else {}
    return headers | ({"Preference-Applied": "handling=strict"} if is_strict(request) else {})


def writer_of(request: Request) -> Writer:
    """Give what carries out updates."""
    live = state_of(request).live
    if live is None:
        raise RuntimeError("the server was not made for updates")
    return live.writer


async def _read(request: Request, limit: int) -> Update:
    header = request.headers.get("content-type", "")
    media_type, _, parameters = header.partition(";")
    media_type = media_type.strip().lower()
    if media_type not in (FORM, UPDATE):
        raise fail(
            Refusal.MEDIA_TYPE,
            f"An update is posted as {FORM} or as {UPDATE}, not as {header or 'nothing'!r}.",
            {"Accept-Post": f"{FORM}, {UPDATE}"},
        )
    refuse_encoded(request)
    fields = read_fields(request.scope["query_string"])
    if media_type == FORM:
        if fields:
            raise UsageError("The parameters of a form go into its body, not into the URL.")
        charset = charset_of(parameters)
        body = await read_body(request, 3 * limit)
        fields = await asyncio.to_thread(read_fields, body, charset)
        texts = [value for name, value in fields if name == "update"]
    else:
        texts = [decode_body(await read_body(request, limit), charset_of(parameters))]
        if any(name == "update" for name, _ in fields):
            raise UsageError("There is an update in the URL as well.")
    if any(name == "query" for name, _ in fields):
        raise UsageError("There is a query in it; queries go to /sparql.")
    if len(texts) != 1:
        raise UsageError(f"It has {len(texts) or 'no'} parameters named update; one is needed.")
    return Update(
        texts[0],
        tuple(value for name, value in fields if name == "using-graph-uri"),
        tuple(value for name, value in fields if name == "using-named-graph-uri"),
    )
