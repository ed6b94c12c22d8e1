"""``/``, ``/openapi.json`` and the icon: what can be asked, for people and for programs."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tzgraph.errors import UsageError
from tzgraph.query.library import find_query
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.problems import Refusal, fail
from tzgraph.serve.messages.routes import RequestRoute
from tzgraph.serve.releases.service import service_of

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, include_in_schema=False)


@router.get("/")
async def home(request: Request) -> Response:
    """Give the first page, with a query of the library in its form if one is named."""
    service = service_of(request)
    name = request.query_params.get("query")
    try:
        chosen = None if name is None else find_query(name, service.library)
    except UsageError as error:
        raise fail(Refusal.NOT_FOUND, str(error)) from error
    counts = await service.counts.soon()
    page = service.pages.home(counts, chosen)
    # Not to be kept where it says that something is not counted yet.
    return HTMLResponse(page, headers={} if counts else {"Cache-Control": "no-store"})


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Give the OpenAPI document."""
    return JSONResponse(await aside(request.app.openapi))


@router.get("/favicon.ico")
async def favicon(_request: Request) -> Response:
    """Lead those who guess to the icon that pages name."""
    return RedirectResponse("/static/favicon.svg", 308)
