"""``/status`` and ``/api``: what is served and how it was checked; the routes as a page."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.errors import DamagedReleaseError, Finding
from tzgraph.release import Release
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.routes import RequestRoute
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.state import state_of
from tzgraph.serve.views.api_page import api_page

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, include_in_schema=False)
#: Findings that the page lists.
_MOST_FINDINGS = 500


@router.get("/api")
async def api(request: Request) -> Response:
    """Give the OpenAPI document as a page."""
    pages = service_of(request).pages
    return HTMLResponse(await aside(lambda: api_page(pages, request.app.openapi())))


@router.get("/status")
async def status(request: Request) -> Response:
    """Give what is served, what queries may take, and what the build found."""
    service, state = service_of(request), state_of(request)
    counts = await service.counts.soon()

    def write() -> str:
        findings = _findings(service.release)
        kinds = Counter((f.severity.value, f.code) for f in findings or ())
        return service.pages.render(
            "status.html",
            release=service.release,
            refused=state.switch.refused,
            triples=None if counts is None else counts.triples,
            engine=service.engine.status(),
            limits=state.settings.queries,
            writes=state.settings.writes.enabled,
            findings=None if findings is None else findings[:_MOST_FINDINGS],
            number=len(findings or ()),
            kinds=sorted(kinds.items(), key=lambda one: (-one[1], one[0])),
        )

    return HTMLResponse(await aside(write), headers={"Cache-Control": "no-store"})


def _findings(release: Release) -> list[Finding] | None:
    """Give what the build found, ``None`` if that can't be read."""
    try:
        return release.findings()
    except (DamagedReleaseError, OSError):
        return None
