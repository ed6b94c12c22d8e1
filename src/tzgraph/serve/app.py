"""The web application: routes, headers, and how errors are answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tzgraph.errors import TzgraphError, UsageError
from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.query.library import QueryFile, find_query, load_library
from tzgraph.release import Release
from tzgraph.serve.answering import client_of, send_answer, unless_client_leaves
from tzgraph.serve.description import describe
from tzgraph.serve.engine import Engine, InProcessEngine, Offer
from tzgraph.serve.explaining import Explaining
from tzgraph.serve.explanation import explain_response
from tzgraph.serve.isolation import IsolatedEngine, IsolationSettings, is_supported
from tzgraph.serve.library import listing_route, query_route
from tzgraph.serve.negotiate import choose
from tzgraph.serve.ontology import ontology_route
from tzgraph.serve.openapi import openapi
from tzgraph.serve.pages import ROW_FORMATS, STATIC, Pages
from tzgraph.serve.problems import Problem, ProblemError, problem_of, problem_response
from tzgraph.serve.protocol import (
    HTML,
    ProtocolQuery,
    fail,
    negotiated,
    read_query_request,
    wants_html,
)
from tzgraph.serve.service import Service, service_of
from tzgraph.serve.things import graph_route, source_graph_route, thing_route
from tzgraph.serve.void import void_route

__all__ = ["ServeSettings", "create_app"]

_SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Limits of the server.

    :ivar max_query_bytes: bytes that a query may have
    :ivar max_page_rows: rows that an HTML page of results shows
    :ivar queries: limits of each query
    """

    max_query_bytes: int = 1024 * 1024
    max_page_rows: int = 1000
    queries: IsolationSettings = field(default_factory=IsolationSettings)


class SecurityHeaders:
    """Adds the headers that keep browsers from doing what a page did not intend."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add headers to the answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY.items():
                    headers.setdefault(name, value)
                headers.add_vary_header("Accept")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def default_engine(release: Release, settings: ServeSettings) -> Engine:
    """Give the engine that answers in processes of their own, or in threads where it must."""
    if is_supported():
        return IsolatedEngine(release, settings.queries)
    return InProcessEngine(release.store(), release.manifest.prefixes)


def create_app(
    release: Release,
    *,
    settings: ServeSettings | None = None,
    engine: Callable[[Release, ServeSettings], Engine] = default_engine,
    library: Mapping[str, QueryFile] | None = None,
) -> FastAPI:
    """Make the application.

    :param release: what to serve
    :param settings: limits
    :param engine: makes what evaluates queries; called in the server's event loop
    :param library: the query library, by default the one that ships with tzgraph
    """
    limits = settings or ServeSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        queries = load_library() if library is None else library
        pages = Pages(release.manifest, queries, limits.max_page_rows)
        evaluator = engine(release, limits)
        explaining = Explaining(release, patience=limits.queries.timeout)
        app.state.service = Service(release, evaluator, explaining, pages, queries)
        await evaluator.start()
        try:
            yield
        finally:
            await explaining.close()
            await evaluator.close()

    app = FastAPI(
        title="tzgraph", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.settings = limits
    for path, answer in _ROUTES.items():
        methods = ["GET", "HEAD", "POST"] if answer is _sparql else ["GET", "HEAD"]
        app.add_route(path, answer, methods=methods)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(ProblemError, _on_error)
    app.add_exception_handler(TzgraphError, _on_error)
    app.add_exception_handler(HTTPException, _on_error)
    app.add_exception_handler(Exception, _on_error)
    app.add_middleware(SecurityHeaders)
    return app


async def _home(request: Request) -> Response:
    service = service_of(request)
    name = request.query_params.get("query")
    try:
        chosen = None if name is None else find_query(name, service.library)
    except UsageError as error:
        raise fail(404, "not-found", "Not found", str(error)) from error
    return HTMLResponse(service.pages.home(chosen))


async def _health(request: Request) -> Response:
    manifest = service_of(request).release.manifest
    return JSONResponse({"status": "ok", "release": manifest.id, "triples": manifest.triples})


async def _openapi(request: Request) -> Response:
    service = service_of(request)
    return JSONResponse(openapi(service.release.manifest.version, service.library))


async def _explain(request: Request) -> Response:
    service = service_of(request)
    return await explain_response(request, service.explaining, service.pages, unless_client_leaves)


async def _sparql(request: Request) -> Response:
    service, settings = service_of(request), request.app.state.settings
    query: ProtocolQuery | None = None
    try:
        query = await read_query_request(request, settings.max_query_bytes)
        if query.text is None:
            if request.method == "POST":
                raise fail(400, "usage", "The request is wrong", "There is no query in it.")
            return _describe(request, service)
        return await _answer(request, service, query)
    except (ProblemError, TzgraphError) as error:
        problem = error.problem if isinstance(error, ProblemError) else problem_of(error)
        if problem.status < 500 and wants_html(request):
            page = service.pages.editor(query, problem)
            return HTMLResponse(page, problem.status, headers=dict(problem.headers))
        raise


async def _answer(request: Request, service: Service, query: ProtocolQuery) -> Response:
    accept = request.headers.get("accept")
    wanted = negotiated(query, accept, service.release.manifest)
    as_page = query.format is None and wants_html(request)
    pages = {
        kind.value: Offer(ROW_FORMATS[kind], HTML)
        for kind, offer in (
            (ResultKind.BINDINGS, wanted.bindings),
            (ResultKind.GRAPH, wanted.graph),
        )
        if as_page or (offer is not None and offer.media_type == HTML)
    }
    wanted = replace(
        wanted,
        bindings=pages.get(ResultKind.BINDINGS.value, wanted.bindings),
        graph=pages.get(ResultKind.GRAPH.value, wanted.graph),
    )
    wanted = replace(wanted, client=client_of(request))
    answer = await unless_client_leaves(request, service.engine.query(wanted))
    if answer.offer.media_type == HTML:
        return HTMLResponse(await service.pages.result(query, answer))
    return await send_answer(request, answer)


def _describe(request: Request, service: Service) -> Response:
    formats = {f.media_types[0]: f for f in formats_for(ResultKind.GRAPH, served=True)}
    offers = [*formats, HTML]
    chosen = choose(request.headers.get("accept"), offers)
    if chosen is None:
        problem = Problem(
            406,
            "not-acceptable",
            "No acceptable format",
            "The service description comes in none of the formats asked for.",
            {"available": offers},
        )
        raise ProblemError(problem)
    if chosen == HTML:
        return HTMLResponse(service.pages.editor())
    endpoint = str(request.url.replace(query=None, fragment=None))
    try:
        data = describe(service.release.manifest, endpoint, formats[chosen])
    except ValueError as error:
        raise fail(400, "usage", "The request is wrong", "The Host header is no host.") from error
    return Response(data, media_type=chosen)


async def _on_error(request: Request, error: Exception) -> Response:
    if isinstance(error, ProblemError):
        problem = error.problem
    elif isinstance(error, TzgraphError):
        problem = problem_of(error)
    elif isinstance(error, HTTPException):
        headers = dict(error.headers or {})
        detail = f"{request.method} {request.url.path}: {error.detail}."
        problem = Problem(error.status_code, "http", str(error.detail), detail, headers=headers)
    else:
        problem = Problem(
            500, "internal-error", "Internal error", "The server made a mistake; it is logged."
        )
    if problem.status < 500 and wants_html(request):
        page = service_of(request).pages.error(problem)
        return HTMLResponse(page, problem.status, headers=dict(problem.headers))
    return problem_response(problem)


_ROUTES: Mapping[str, Callable[[Request], Awaitable[Response]]] = {
    "/": _home,
    "/sparql": _sparql,
    "/explain": _explain,
    "/queries": listing_route,
    "/queries/{name}": query_route,
    "/id/{kind}/{slug}": thing_route,
    "/graph/source/{slug}": source_graph_route,
    "/graph/{slug}": graph_route,
    "/ontology": ontology_route,
    "/ontology.{suffix}": ontology_route,
    "/ontology/{version}": ontology_route,
    "/.well-known/void": void_route,
    "/openapi.json": _openapi,
    "/healthz": _health,
}
