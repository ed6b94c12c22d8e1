"""The web application: routes, headers, and how errors are answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from tzgraph.errors import TzgraphError, UsageError
from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.query.library import QueryFile, find_query, load_library
from tzgraph.release import Release
from tzgraph.serve.engine.base import Engine
from tzgraph.serve.engine.cache import Cache, CachingEngine
from tzgraph.serve.engine.explaining import Explaining
from tzgraph.serve.engine.shared import SharedEngine
from tzgraph.serve.engine.threads import InProcessEngine
from tzgraph.serve.isolation import IsolatedEngine, is_supported
from tzgraph.serve.messages.negotiate import HTML, choose, wants_html
from tzgraph.serve.messages.problems import (
    Problem,
    ProblemError,
    fail,
    problem_of,
    problem_response,
)
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.middleware.access import AccessMiddleware, RequestMetrics
from tzgraph.serve.middleware.compression import Compression
from tzgraph.serve.middleware.document_etags import validated
from tzgraph.serve.middleware.headers import ProtocolHeaders, methods_of
from tzgraph.serve.middleware.response_cache import ResponseCache, ResponseCacheMiddleware
from tzgraph.serve.middleware.whole_files import WholeFiles
from tzgraph.serve.observe.logs import LineWriter
from tzgraph.serve.observe.metrics import Metrics
from tzgraph.serve.observe.record import note, note_query
from tzgraph.serve.openapi.document import openapi
from tzgraph.serve.releases.manager import ReleaseManager
from tzgraph.serve.releases.service import ServeSettings, Service, service_of
from tzgraph.serve.releases.updatable import UpdatableRelease
from tzgraph.serve.site.explanation import explain_response
from tzgraph.serve.site.library import listing_route, query_route
from tzgraph.serve.site.ontology import ontology_route
from tzgraph.serve.site.operations import health, live, ready
from tzgraph.serve.site.operations import metrics as show_metrics
from tzgraph.serve.site.things import (
    graph_route,
    import_graph_route,
    source_graph_route,
    thing_route,
)
from tzgraph.serve.site.void import void_route
from tzgraph.serve.sparql.description import describe
from tzgraph.serve.sparql.graph_store import METHODS, SYNTAXES, graph_store_route
from tzgraph.serve.sparql.request import read_query_request
from tzgraph.serve.sparql.response import answer_query, unless_client_leaves
from tzgraph.serve.sparql.update import update_route
from tzgraph.serve.views.pages import STATIC, Pages

__all__ = ["ServeSettings", "create_app"]


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
    directory: Path | None = None,
    log: LineWriter | None = None,
) -> FastAPI:
    """Make the application.

    :param release: what to serve
    :param settings: limits
    :param engine: makes what evaluates queries; called in the server's event loop
    :param library: the query library, by default the one that ships with tzgraph
    :param directory: release folder to look for new releases in, ``None`` to keep this one
    :param log: takes a line for each request
    """
    limits = settings or ServeSettings()
    queries = load_library() if library is None else library
    cache, metrics = Cache(limits.cache_bytes), Metrics()

    async def make(data: Release) -> Service:
        evaluator = CachingEngine(engine(data, limits), cache, data.id)
        await evaluator.start()
        explaining = Explaining(data, patience=limits.queries.timeout)
        pages = Pages(data.manifest, queries, limits.max_page_rows)
        disk = None
        if limits.writes.enabled:
            # Of the release as it was built, as its workers outlive every state.
            built = Release(data.path, data.manifest)
            disk = SharedEngine(IsolatedEngine(built, limits.queries, on_disk=True)).hold()
            await disk.engine.start()
        return Service(data, evaluator, explaining, pages, queries, disk)

    switch = ReleaseManager(make, cache, metrics)
    live: UpdatableRelease | None = None
    if limits.writes.enabled:
        if directory is None or not is_supported():
            raise UsageError(
                "Updates need a release folder and Linux.", "Serve without TZGRAPH_TOKEN."
            )
        live = UpdatableRelease(directory, limits, switch, engine, cache)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await switch.start(release)
        watching = switch.watching(directory, limits.watch)
        if live is not None:
            live.start()
        try:
            yield
        finally:
            watching.cancel()
            if live is not None:
                await live.close()
            await switch.close()

    app = FastAPI(
        title="tzgraph", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.settings, app.state.live = limits, live
    app.state.cache, app.state.metrics, app.state.log = cache, metrics, log
    app.state.answers, observer = ResponseCache(cache), RequestMetrics(metrics, limits.logs, log)
    for path, answer in _ROUTES.items():
        told = answer if path in _UNTAGGED else validated(answer)
        app.add_route(path, told, methods=_METHODS.get(path, ["GET", "HEAD"]))
    app.mount("/static", WholeFiles(directory=STATIC), name="static")
    app.add_exception_handler(ProblemError, _on_error)
    app.add_exception_handler(TzgraphError, _on_error)
    app.add_exception_handler(HTTPException, _on_error)
    app.add_middleware(Compression)
    app.add_middleware(ProtocolHeaders)
    app.add_middleware(ResponseCacheMiddleware)
    app.add_middleware(AccessMiddleware, switch=switch, observer=observer)
    return app


async def _home(request: Request) -> Response:
    service = service_of(request)
    name = request.query_params.get("query")
    try:
        chosen = None if name is None else find_query(name, service.library)
    except UsageError as error:
        raise fail(404, "not-found", "Not found", str(error)) from error
    return HTMLResponse(service.pages.home(chosen))


async def _openapi(request: Request) -> Response:
    service = service_of(request)
    writes: bool = request.app.state.settings.writes.enabled
    return JSONResponse(openapi(service.release.manifest.version, service.library, writes=writes))


async def _explain(request: Request) -> Response:
    service = service_of(request)
    return await explain_response(request, service.explaining, service.pages, unless_client_leaves)


async def _sparql(request: Request) -> Response:
    service, settings = service_of(request), request.app.state.settings
    query: ProtocolQuery | None = None
    try:
        query = await read_query_request(request, settings.max_query_bytes)
        note_query(request.scope, query.text or "")
        if query.text is None:
            if request.method == "POST":
                raise fail(400, "usage", "The request is wrong", "There is no query in it.")
            return _describe(request, service)
        return await answer_query(request, service, query)
    except (ProblemError, TzgraphError) as error:
        problem = error.problem if isinstance(error, ProblemError) else problem_of(error)
        if wants_html(request):
            note(request.scope, problem.code)
            page = service.pages.editor(query, problem)
            return HTMLResponse(page, problem.status, headers=dict(problem.headers))
        raise


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
    settings: ServeSettings = request.app.state.settings
    try:
        data = describe(
            service.release.manifest,
            endpoint,
            formats[chosen],
            inputs=SYNTAXES if settings.writes.enabled else (),
            federated=bool(settings.queries.federation.endpoints),
        )
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
        if error.status_code == 405:
            headers["Allow"] = ", ".join(methods_of(request.scope))
        # HEAD is answered as GET would be, to the byte (RFC 9110, 9.3.2).
        method = "GET" if request.method == "HEAD" else request.method
        detail = f"{method} {request.url.path}: {error.detail}."
        problem = Problem(error.status_code, "http", str(error.detail), detail, headers=headers)
    else:
        raise error
    note(request.scope, problem.code)
    if wants_html(request):
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
    "/graph/import/{slug}": import_graph_route,
    "/graph/{slug}": graph_route,
    "/update": update_route,
    "/graphs": graph_store_route,
    "/graphs/{path:path}": graph_store_route,
    "/ontology": ontology_route,
    "/ontology.{suffix}": ontology_route,
    "/ontology/{version}": ontology_route,
    "/.well-known/void": void_route,
    "/openapi.json": _openapi,
    "/healthz": health,
    "/healthz/live": live,
    "/healthz/ready": ready,
    "/metrics": show_metrics,
}
#: Routes whose answers are new each time, or say themselves how long they hold.
_UNTAGGED = frozenset(
    {"/update", "/graphs", "/graphs/{path:path}", "/metrics"}
    | {"/healthz", "/healthz/live", "/healthz/ready"}
)
_METHODS = {
    "/sparql": ["GET", "HEAD", "POST"],
    "/update": ["POST"],
    "/graphs": METHODS,
    "/graphs/{path:path}": METHODS,
}
