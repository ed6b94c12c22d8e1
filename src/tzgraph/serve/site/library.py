"""``/queries``: the query library as an API, and as pages with forms.

Values reach a query as terms, by the same code as on the command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from tzgraph.errors import TzgraphError, UsageError
from tzgraph.query.binding import ParameterError, bind
from tzgraph.query.formats import FORMATS, ResultKind, formats_for
from tzgraph.query.library import QueryFile, find_query
from tzgraph.query.named import name_things
from tzgraph.serve.engine.base import Answer, Offer, QueryRequest, Window
from tzgraph.serve.engine.errors import NotAcceptableError
from tzgraph.serve.engine.paging import DEFAULT_ROWS, MOST_ROWS, split_part
from tzgraph.serve.engine.rows import ROWS
from tzgraph.serve.messages.format_names import formats_called
from tzgraph.serve.messages.links import link, link_header
from tzgraph.serve.messages.negotiate import HTML, choose
from tzgraph.serve.messages.problems import (
    ProblemError,
    Refusal,
    fail,
    problem_of,
    problem_responses,
)
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.messages.routes import Absent, RequestRoute, content
from tzgraph.serve.messages.view import BOTH, LABELS, VIEW, RowsView, read_view
from tzgraph.serve.observe.record import note
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.site.library_page import ShownQuery, form_page, rows_page
from tzgraph.serve.sparql.client import looked_up
from tzgraph.serve.sparql.payload import fields_once, read_fields
from tzgraph.serve.sparql.request import negotiated
from tzgraph.serve.sparql.response import (
    client_of,
    page_window,
    read_all,
    send_answer,
    unless_client_leaves,
)
from tzgraph.serve.views.query_list import is_about, list_page

__all__ = ["MOST_OFFSET", "RESERVED", "SUFFIXES", "QueryList", "query_route", "router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)
#: Parameters of every query of the library; no query may have one of that name.
RESERVED = ("limit", "offset", "format")
#: Names of formats, for bindings and for graphs, by suffix; most are for one of them.
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "json": ("json", "jsonld"),
    "csv": ("csv",),
    "tsv": ("tsv",),
    "xml": ("xml", "rdfxml"),
    "ttl": ("turtle",),
    "nt": ("ntriples",),
    "jsonld": ("jsonld",),
    "rdf": ("rdfxml",),
    "html": ("html",),
}
_JSON = "application/json"
_NUMBER = re.compile(r"[0-9]{1,10}\Z")
#: Rows that can be left out.
MOST_OFFSET = 10**9


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked: values as written, the window if one is, formats by name, a page's view."""

    query: QueryFile
    values: Mapping[str, str]
    limit: int | None
    offset: int
    formats: tuple[str, ...]
    suffix: str
    view: RowsView | None

    @property
    def is_page(self) -> bool:
        """Whether a page is asked for."""
        return self.view is not None


class QueryParameter(BaseModel):
    """A parameter of a query; values are written as text."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    type: str
    required: bool = Field(validation_alias="is_required")
    default: str | None
    description: str = Field(validation_alias="explanation")


def _path_of(name: str) -> str:
    return f"/queries/{name}"


class QueryEntry(BaseModel):
    """A query of the library."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: str
    description: str
    tags: list[str]
    href: Annotated[str, AfterValidator(_path_of)] = Field(validation_alias="name")
    parameters: list[QueryParameter]


class QueryList(BaseModel):
    """The query library."""

    queries: list[QueryEntry]


def _listed(
    tag: Annotated[str | Absent, Query(description="Only queries with this tag.")] = None,
    q: Annotated[
        str | Absent, Query(description="Only queries that have these words, in any place.")
    ] = None,
) -> None:
    """Declare what the list can be cut to."""


@router.get(
    "/queries",
    operation_id="queries",
    summary="The query library, with parameters",
    dependencies=[Depends(_listed)],
    responses={
        200: {**content("The queries.", [_JSON, HTML]), "model": QueryList},
        **problem_responses(400, 406, 414),
    },
)
async def listing_route(request: Request) -> Response:
    """Give the list, for programs or as a page, or of it what has a tag or some words."""
    service = service_of(request)
    chosen = choose(request.headers.get("accept"), [_JSON, HTML])
    if chosen is None:
        detail = "The list of queries comes in none of the formats that the Accept header asks for."
        raise fail(Refusal.NOT_ACCEPTABLE, detail, available=[_JSON, HTML])
    given = fields_once(request, ("tag", "q"))
    tag, text = given.get("tag", ""), given.get("q", "")
    found = [q for q in service.library.values() if is_about(q, tag, text)]
    headers = link_header([link("/openapi.json", "service-desc", type=_JSON)])
    if chosen == HTML:
        page = list_page(service.pages, service.library.values(), found, tag, text)
        return HTMLResponse(page, headers=headers)
    listed = QueryList.model_validate({"queries": found})
    return JSONResponse(listed.model_dump(), headers=headers)


@router.get("/queries/{name}", include_in_schema=False)
async def query_route(request: Request) -> Response:
    """Answer a query of the library; :func:`query_routes` describes each of them."""
    service = service_of(request)
    name, _, suffix = request.path_params["name"].partition(".")
    try:
        query = find_query(name, service.library)
    except UsageError as error:
        raise fail(Refusal.NOT_FOUND, error.message) from error
    if "." in request.path_params["name"] and suffix not in SUFFIXES:
        detail = f"Queries have no format .{suffix}; there are {', '.join(SUFFIXES)}."
        raise fail(Refusal.NOT_FOUND, detail)
    given: dict[str, str] = {}
    page = suffix == "html" or (not suffix and _prefers_page(request))
    try:
        given = fields_once(request, twice=_twice)
        asked = _read(query, given, suffix, page=page)
        page = asked.is_page
        if page and _waits_for_values(query, given):
            return HTMLResponse(await form_page(request, service, query, given))
        return await _answer(request, service, asked)
    except (ProblemError, TzgraphError) as error:
        problem = problem_of(error)
        if page and problem.status != Refusal.CLIENT_LEFT.value[0]:
            note(request.scope, problem.code)
            text = await form_page(request, service, query, given, problem)
            return HTMLResponse(text, problem.status, headers=dict(problem.headers))
        raise


async def _answer(request: Request, service: Service, asked: _Asked) -> Response:
    manifest = service.release.manifest
    values: Mapping[str, str] = asked.values
    if values:
        lookup = name_things(asked.query, values, manifest.kinds, service.names)
        values = await looked_up(request, service, lookup)
    terms = bind(asked.query, values, manifest.curies, manifest.kinds)
    wanted = _wanted(request, asked, service)
    text = asked.query.text
    terms_given = tuple((variable.value, term) for variable, term in terms.items())
    wanted = replace(wanted, text=text, substitutions=terms_given, client=client_of(request))
    is_cut = asked.is_page or asked.limit is not None or asked.offset > 0
    limit = asked.limit or (service.pages.max_rows if asked.is_page else DEFAULT_ROWS)
    if is_cut and wanted.bindings is not None:
        whole = Window(asked.offset, limit)
        window = page_window(asked.offset, limit) if asked.is_page else whole
        wanted = replace(wanted, bindings=replace(wanted.bindings, window=window))
    try:
        answer = await unless_client_leaves(request, service.engine.query(wanted))
    except NotAcceptableError as error:
        if not asked.suffix:
            raise
        offers = ", ".join(_suffixes_for(error.kind))
        detail = f"{asked.query.name} has no .{asked.suffix}; there are {offers}."
        raise fail(Refusal.NOT_FOUND, detail) from error
    if not is_cut:
        return await send_answer(request, answer)
    if answer.kind is ResultKind.GRAPH:
        return await _graph(request, service, asked, answer)
    if asked.view is not None:
        shown = ShownQuery(asked.query, asked.values, terms, asked.view, limit)
        text, links = await rows_page(request, service, shown, answer)
        return HTMLResponse(text, headers=_linked(links))
    data = await unless_client_leaves(request, read_all(answer))
    body, more = split_part(data)
    links = _others(request, asked, limit, limit if more else 0)
    return Response(body, headers=_linked(links), media_type=answer.offer.media_type)


def _linked(links: Mapping[str, str]) -> dict[str, str]:
    return link_header(link(path, rel) for rel, path in links.items())


async def _graph(request: Request, service: Service, asked: _Asked, answer: Answer) -> Response:
    """Answer with a graph: it has no rows to cut, and its page only leads to the formats."""
    if asked.limit is not None or asked.offset:
        answer.close()
        wrong = tuple(name for name in ("limit", "offset") if getattr(asked, name))
        raise ParameterError(
            f"Query {asked.query.name!r} gives a graph, which has no rows to count.",
            f"Leave out {' and '.join(wrong)}.",
            wrong,
        )
    if not asked.is_page:
        return await send_answer(request, answer)
    answer.close()
    return HTMLResponse(await form_page(request, service, asked.query, asked.values, is_graph=True))


def _twice(name: str) -> ParameterError:
    return ParameterError(f"Parameter {name!r} is given twice.", "Keep one.", (name,))


def _read(query: QueryFile, given: Mapping[str, str], suffix: str, *, page: bool) -> _Asked:
    """Read what is asked.

    :param page: whether a page is, if no format is named
    """
    limit = _number("limit", given, MOST_ROWS)
    offset = _number("offset", given, MOST_OFFSET) or 0
    if limit == 0:
        raise ParameterError("Parameter 'limit' is 0.", "It has to be at least 1.", ("limit",))
    formats = SUFFIXES.get(suffix, ())
    if not suffix:
        try:
            formats = formats_called(given.get("format", ""))
        except ValueError as error:
            raise ParameterError(f"Parameter 'format': {error}", "", ("format",)) from error
    page = formats == ("html",) or (page and not formats)
    # Only pages know the parameters of a view; with other answers they are none of the query's.
    taken = {*RESERVED, *VIEW} if page else set(RESERVED)
    values = {name: value for name, value in given.items() if name not in taken}
    # Who asks for ids wants to see them.
    view = read_view(given, BOTH if "id" in query.tags else LABELS) if page else None
    return _Asked(query, values, limit, offset, formats, suffix, view)


def _number(name: str, given: Mapping[str, str], most: int) -> int | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and _NUMBER.match(text) and int(text) <= most):
        detail = f"Parameter {name!r}: {text!r} is not a whole number up to {most}."
        raise ParameterError(detail, "", (name,))
    return int(text)


def _waits_for_values(query: QueryFile, given: Mapping[str, str]) -> bool:
    """Whether a page is asked for before any value is: it is the form."""
    return any(parameter.is_required for parameter in query.parameters) and not given


def _prefers_page(request: Request) -> bool:
    every = [media_type for form in FORMATS for media_type in form.media_types]
    return choose(request.headers.get("accept"), [*every, HTML]) == HTML


def _wanted(request: Request, asked: _Asked, service: Service) -> QueryRequest:
    """Give the formats for each kind of result."""
    if asked.is_page:
        return QueryRequest("", bindings=Offer(ROWS, HTML), graph=Offer("ntriples", HTML))
    if not asked.formats:
        accept = request.headers.get("accept")
        return negotiated(ProtocolQuery(""), accept, service.release.manifest)
    offers: dict[ResultKind, Offer] = {}
    for kind in ResultKind:
        for form in formats_for(kind, served=True):
            if form.name in asked.formats:
                offers.setdefault(kind, Offer(form.name, form.media_types[0]))
    return QueryRequest(
        "", bindings=offers.get(ResultKind.BINDINGS), graph=offers.get(ResultKind.GRAPH)
    )


def _suffixes_for(kind: ResultKind) -> list[str]:
    fitting = {form.name for form in formats_for(kind, served=True)}
    return [s for s, names in SUFFIXES.items() if s == "html" or fitting & set(names)]


def _others(request: Request, asked: _Asked, limit: int, given: int) -> dict[str, str]:
    """Give the paths of the windows before and after this one, by relation.

    :param given: rows of this one, 0 if there are none behind it
    """
    found = {}
    if asked.offset:
        found["prev"] = max(0, asked.offset - limit)
    if given:
        found["next"] = asked.offset + given
    same = {name: v for name, v in read_fields(request.scope["query_string"]) if name != "offset"}
    same["limit"] = str(limit)
    path = f"/queries/{request.path_params['name']}"
    return {rel: f"{path}?{urlencode({**same, 'offset': offset})}" for rel, offset in found.items()}
