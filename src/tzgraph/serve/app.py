"""The web application: routes, headers, and how errors are answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from tzgraph.errors import TzgraphError, UsageError
from tzgraph.query.library import QueryFile, load_library
from tzgraph.release import Release
from tzgraph.serve.application import Application
from tzgraph.serve.engine.base import Engine
from tzgraph.serve.engine.cache import Cache, CachingEngine
from tzgraph.serve.engine.counts import StateCounts
from tzgraph.serve.engine.explaining import Explaining
from tzgraph.serve.engine.shared import SharedEngine
from tzgraph.serve.engine.threads import InProcessEngine
from tzgraph.serve.isolation import IsolatedEngine, is_supported
from tzgraph.serve.messages.negotiate import wants_html
from tzgraph.serve.messages.problems import Problem, ProblemError, problem_of, problem_response
from tzgraph.serve.middleware.access import AccessMiddleware, RequestMetrics
from tzgraph.serve.middleware.compression import Compression
from tzgraph.serve.middleware.headers import ProtocolHeaders, methods_of
from tzgraph.serve.middleware.response_cache import ResponseCache, ResponseCacheMiddleware
from tzgraph.serve.middleware.whole_files import WholeFiles
from tzgraph.serve.observe.logs import LineWriter
from tzgraph.serve.observe.metrics import Metrics
from tzgraph.serve.observe.record import note
from tzgraph.serve.releases.manager import ReleaseManager
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.releases.updatable import UpdatableRelease
from tzgraph.serve.settings import ServeSettings
from tzgraph.serve.site import (
    about,
    agents,
    audit,
    cells,
    classes,
    code,
    docs,
    explanation,
    home,
    library,
    ontology,
    operations,
    pictures,
    schema,
    search,
    status,
    things,
    void,
)
from tzgraph.serve.site.query_routes import query_routes
from tzgraph.serve.site.result_page import answer_page
from tzgraph.serve.sparql import graph_store, query, update
from tzgraph.serve.state import ServerState
from tzgraph.serve.views.assets import STATIC, bundles
from tzgraph.serve.views.pages import Pages

__all__ = ["create_app"]

_READING = (
    *(query.router, graph_store.reading, explanation.router, library.router),
    # The IRIs of cells are below `/id/`, and other things'.
    *(audit.router, cells.router, things.router),
    *(ontology.router, void.router, operations.router, search.router, schema.router, home.router),
    *(about.router, docs.router, agents.router, code.router, status.router, pictures.router),
    classes.router,
)
_WRITING = (update.router, graph_store.writing, graph_store.direct)


def default_engine(release: Release, settings: ServeSettings) -> Engine:
    """Give the engine that answers in processes of their own, or in threads where it must."""
    if is_supported():
        return IsolatedEngine(release, settings.queries)
    return InProcessEngine(
        release.store(),
        release.manifest.prefixes,
        timeout_s=settings.queries.timeout_s,
        names=release.names().index,
    )


def create_app(
    release: Release,
    *,
    settings: ServeSettings | None = None,
    engine: Callable[[Release, ServeSettings], Engine] = default_engine,
    library: Mapping[str, QueryFile] | None = None,
    directory: Path | None = None,
    log: LineWriter | None = None,
    refused: str = "",
) -> Application:
    """Make the application.

    :param release: what to serve
    :param settings: limits
    :param engine: makes what evaluates queries; called in the server's event loop
    :param library: the query library, by default the one that ships with tzgraph
    :param directory: release folder to look for new releases in, ``None`` to keep this one
    :param log: takes a line for each request
    :param refused: code of what is wrong with the current release of the folder, if this is
        another one
    """
    limits = settings or ServeSettings()
    queries = load_library() if library is None else library
    cache, metrics = Cache(limits.cache_bytes), Metrics()

    async def make(data: Release) -> Service:
        evaluator = CachingEngine(engine(data, limits), cache, data.id)
        await evaluator.start()
        disk = None
        if limits.writes.enabled:
            # Of the release as it was built, as its workers outlive every state.
            built = Release(data.path, data.manifest)
            disk = SharedEngine(IsolatedEngine(built, limits.queries, on_disk=True)).hold()
            try:
                await disk.engine.start()
            except BaseException:  # or the server stops meanwhile
                await evaluator.close()
                raise
        explaining = Explaining(data, timeout_s=limits.queries.timeout_s)
        pages = Pages(data.manifest, queries, limits.max_page_rows)
        counts = StateCounts(data, evaluator)
        names = await asyncio.to_thread(data.names)
        views = await asyncio.to_thread(data.views)
        return Service(data, evaluator, explaining, pages, names, queries, counts, views, disk)

    switch = ReleaseManager(make, cache, metrics, refused)
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
        watching = switch.watching(directory, limits.watch_s)
        if live is not None:
            live.start()
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])  # it closes what it was about to open
            if live is not None:
                await live.close()
            await switch.close()

    app = Application(
        title="tzgraph",
        version=release.manifest.version,
        lifespan=lifespan,
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        # It is served with an entity tag, by `site.home`.
        openapi_url=None,
    )
    app.state.server = ServerState(limits, cache, metrics, switch, answer_page, log, live)
    app.add_routes(_READING)
    app.add_routes(_WRITING, described=limits.writes.enabled)
    app.also_described = partial(query_routes, queries)
    app.mount("/static", WholeFiles(directory=STATIC, unchanging=bundles().values()), name="static")
    app.add_exception_handler(ProblemError, _on_error)
    app.add_exception_handler(TzgraphError, _on_error)
    app.add_exception_handler(HTTPException, _on_error)
    app.add_middleware(Compression)
    app.add_middleware(ProtocolHeaders)
    observer = RequestMetrics(metrics, limits.logs, log)
    app.add_middleware(ResponseCacheMiddleware, responses=ResponseCache(cache))
    app.add_middleware(AccessMiddleware, switch=switch, observer=observer)
    return app


async def _on_error(request: Request, error: Exception) -> Response:
    if isinstance(error, (ProblemError, TzgraphError)):
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
