"""Routes for those who run the server: health and metrics."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tzgraph.serve.messages.problems import fail
from tzgraph.serve.observe.logs import LineWriter
from tzgraph.serve.observe.metrics import CONTENT_TYPE, render
from tzgraph.serve.releases.service import service_of

__all__ = ["health", "live", "metrics", "ready"]


async def health(request: Request) -> Response:
    """Say what is served.

    To count the triples of a state takes too long for a route that is asked every few seconds, so
    their number stands there only for a release that is served as it was built.
    """
    release = service_of(request).release
    said: dict[str, object] = {
        "status": "ok",
        "release": release.manifest.id,
        "state": release.id,
        "updates": release.changes,
        "triples_as_built": release.manifest.triples,
    }
    if not release.changes:
        said["triples"] = release.manifest.triples
    return JSONResponse(said)


async def live(_request: Request) -> Response:
    """Liveness: the event loop responds."""
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> Response:
    """Say whether queries can be answered: whether there is a worker, busy or not."""
    if not service_of(request).engine.status().workers:
        detail = "No worker is there to evaluate queries."
        raise fail(503, "not-ready", "The server is not ready", detail, Retry_After="1")
    return JSONResponse({"status": "ready"})


async def metrics(request: Request) -> Response:
    """Give the metrics."""
    state, service = request.app.state, service_of(request)
    writer: LineWriter | None = state.log
    dropped = writer.dropped if writer is not None else 0
    manifest = service.release.manifest
    changing = state.live.writer if state.live is not None else None
    text = render(state.metrics, service.engine.status(), state.cache, manifest, dropped, changing)
    return Response(text, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})
