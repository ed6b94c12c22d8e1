"""Routes for those who run the server: health and metrics."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from tzgraph.serve.messages.problems import Refusal, fail, problem_responses
from tzgraph.serve.messages.routes import Absent, content
from tzgraph.serve.observe.metrics import CONTENT_TYPE, render
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.state import state_of

__all__ = ["Health", "router"]

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """What is served."""

    status: Literal["ok", "fallback"] = "ok"
    refused: str | Absent = None
    release: str
    state: str
    updates: int
    triples_as_built: int
    triples: int | Absent = None


class Liveness(BaseModel):
    """That the event loop turns."""

    status: Literal["live"] = "live"


class Readiness(BaseModel):
    """That queries can be answered."""

    status: Literal["ready"] = "ready"


@router.get(
    "/healthz",
    operation_id="healthz",
    summary="Status, release, state and number of triples",
    response_model_exclude_none=True,
)
async def health(request: Request) -> Health:
    """Say what is served.

    A state that updates made is counted when somebody first asks; where that takes longer than
    they should wait, or is not possible, the number of triples is left out. The status is
    ``fallback`` while the current release of the folder is refused and another one is served.
    """
    service = service_of(request)
    release, manifest = service.release, service.release.manifest
    counts = await service.counts.soon()
    refused = state_of(request).switch.refused
    return Health(
        status="fallback" if refused else "ok",
        refused=refused or None,
        release=manifest.id,
        state=release.id,
        updates=release.changes,
        triples_as_built=manifest.triples,
        triples=None if counts is None else counts.triples,
    )


@router.get("/healthz/live", operation_id="live", summary="Whether the server runs")
async def live() -> Liveness:
    """Liveness: the event loop responds."""
    return Liveness()


@router.get(
    "/healthz/ready",
    operation_id="ready",
    summary="Whether queries can be answered",
    responses=problem_responses(503),
)
async def ready(request: Request) -> Readiness:
    """Say whether there is a worker, busy or not."""
    if not service_of(request).engine.status().workers:
        detail = "No worker is there to evaluate queries."
        raise fail(Refusal.NOT_READY, detail, {"Retry-After": "1"})
    return Readiness()


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Metrics, in the text format of Prometheus",
    response_class=Response,
    responses={200: content("The metrics.", ["text/plain"])},
)
async def metrics(request: Request) -> Response:
    """Give the metrics."""
    state, service = state_of(request), service_of(request)
    dropped = state.log.dropped if state.log is not None else 0
    counts = await service.counts.soon()
    text = render(
        *(state.metrics, service.engine.status(), state.cache, service.release),
        None if counts is None else counts.triples,
        dropped,
        state.live.writer if state.live is not None else None,
        fallback=bool(state.switch.refused),
    )
    return Response(text, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})
