"""``/about``: licence, citation, contents and sources."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.routes import RequestRoute
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.views.about_page import about_page

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, include_in_schema=False)


@router.get("/about")
async def about(request: Request) -> Response:
    """Give the page."""
    service = service_of(request)
    counts = await service.counts.soon()
    manifest, names = service.release.manifest, service.names.index
    page = await aside(lambda: about_page(service.pages, manifest, names, counts))
    # Not to be kept where it says that something is not counted yet.
    return HTMLResponse(page, headers={} if counts else {"Cache-Control": "no-store"})
