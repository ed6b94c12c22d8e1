"""``/map/…``: pictures made of the graph, each with its table, its query and itself as SVG."""

from __future__ import annotations

import pyoxigraph as ox
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.links import SLUG
from tzgraph.serve.messages.problems import Refusal, fail
from tzgraph.serve.messages.routes import RequestRoute
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.client import ask_rows, sparql
from tzgraph.serve.sparql.payload import fields_once
from tzgraph.serve.views.pictures.mechanisms import (
    mechanism_map,
    mechanism_page,
    mechanism_picture,
)
from tzgraph.serve.views.pictures.protein import protein_map, protein_page, protein_picture
from tzgraph.serve.views.pictures.ratios import FACETS, RatioRows, ratios_page
from tzgraph.vocabulary import ID

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, include_in_schema=False)
#: A picture by itself has its style in it.
_PICTURE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " frame-ancestors 'none'"
}


@router.get("/map/trials")
async def ratios(request: Request) -> Response:
    """Give the hazard ratios of trials, those that fit the parameters."""
    service, given = service_of(request), fields_once(request)
    names = ("map-ratios", "map-ratio-trials", "map-ratio-digits")
    rows = RatioRows(*[await ask_rows(request, service, sparql(name)) for name in names])
    chosen = {name: given.get(name, "").strip() for name in FACETS}
    text = sparql(names[0])
    return HTMLResponse(await aside(lambda: ratios_page(service.pages, rows, chosen, text)))


@router.get("/map/mechanisms")
@router.get("/map/mechanisms.svg")
async def mechanisms(request: Request) -> Response:
    """Give what mechanisms of resistance act on, and what is set against them."""
    service, text = service_of(request), sparql("map-mechanisms")
    rows = await ask_rows(request, service, text)
    found = await aside(lambda: mechanism_map(service.pages, rows))
    if not request.url.path.endswith(".svg"):
        return HTMLResponse(await aside(lambda: mechanism_page(service.pages, found, text)))
    if not found.is_drawn:
        raise fail(Refusal.NOT_FOUND, "There is nothing to draw, or too much; see the table.")
    picture = await aside(lambda: mechanism_picture(service.pages, found))
    return Response(picture, headers=_PICTURE, media_type="image/svg+xml")


@router.get("/map/{slug}")
async def protein(request: Request) -> Response:
    """Give a protein to scale, as a page or, with ``.svg`` at the end, the picture alone."""
    service = service_of(request)
    slug: str = request.path_params["slug"]
    alone = slug.endswith(".svg")
    slug = slug.removesuffix(".svg")
    node = ox.NamedNode(f"{ID}target/{slug}") if SLUG.match(slug) else None
    parts = (
        []
        if node is None
        else await ask_rows(request, service, sparql("map-protein"), {"protein": node})
    )
    if node is None or not parts:
        detail = f"The graph knows no domains, epitopes or forms of a protein {slug!r}."
        raise fail(Refusal.NOT_FOUND, detail)
    fates = await ask_rows(request, service, sparql("map-fates"), {"protein": node})
    known = service.names.index.thing(node.value)
    name = known[1] if known and known[1] else slug

    def write() -> str:
        found = protein_map(service.pages, node, name, parts, fates)
        if alone:
            return protein_picture(service.pages, found)
        return protein_page(service.pages, found, slug, sparql("map-protein"))

    text = await aside(write)
    if alone:
        return Response(text, headers=_PICTURE, media_type="image/svg+xml")
    return HTMLResponse(text)
