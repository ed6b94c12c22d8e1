"""``/``, ``/openapi.json`` and the icon: what can be asked, for people and for programs."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tzgraph.errors import QueryError
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.routes import RequestRoute
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.sparql.client import ask_rows, sparql
from tzgraph.serve.views.home_page import DOORS, VERDICTS, HomeFacts, home_page
from tzgraph.vocabulary import ID

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, include_in_schema=False)
#: What the page shows of the rows of an example, of which the first counts.
_SHOWN = Window(limit=1, cell=400)


@router.get("/")
async def home(request: Request) -> Response:
    """Give the first page; with the name of a query, lead to the editor with it in."""
    service = service_of(request)
    name = request.query_params.get("query")
    if name is not None:
        return RedirectResponse("/sparql?" + urlencode({"library": name}), 308)
    facts = await _facts(request, service)
    page = await aside(lambda: home_page(service.pages, service.library, facts))
    # Not to be kept where it says that something is not counted, or does not say all.
    whole = facts.counts is not None and facts.is_whole
    return HTMLResponse(page, headers={} if whole else {"Cache-Control": "no-store"})


async def _facts(request: Request, service: Service) -> HomeFacts:
    """Ask for what the page shows; it is there without it, too, where the engine is busy."""
    counts = await service.counts.soon()
    try:
        examples = [
            await ask_rows(request, service, sparql(door.example), window=_SHOWN) for door in DOORS
        ]
        verdicts = await ask_rows(request, service, sparql(VERDICTS))
    except QueryError:
        return HomeFacts(counts=counts, is_whole=False)
    drawn = "/map/her2" if service.names.index.thing(f"{ID}target/her2") else ""
    return HomeFacts(examples, verdicts, counts, drawn=drawn)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Give the OpenAPI document."""
    return JSONResponse(await aside(request.app.openapi))


@router.get("/favicon.ico")
async def favicon(_request: Request) -> Response:
    """Lead those who guess to the icon that pages name."""
    return RedirectResponse("/static/favicon.svg", 308)
