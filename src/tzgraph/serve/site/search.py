"""``/search``, ``/search.json`` and suggestions: things by any of their names.

A browser that is told of ``/opensearch.xml`` searches from its address bar; the script of the pages
suggests by the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from tzgraph.errors import UsageError
from tzgraph.names.lookup import find
from tzgraph.names.resolver import MOST_HITS, Hit, MatchedBy
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.problems import problem_responses
from tzgraph.serve.messages.routes import RequestRoute, content
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.sparql.client import ask_rows, looked_up, sparql
from tzgraph.serve.sparql.payload import fields_once
from tzgraph.serve.views.search_page import Kinds, search_page, suggestions, things_first

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)
_DEFAULT = 20
#: Suggestions for what is being written.
_SUGGESTED = 8
#: How many times as many hits are looked at for them.
_LOOKED_AT = 3
#: Where the things stand in the query for definitions.
_THINGS = "VALUES ?thing {}"
#: Characters of a definition that are shown.
_SHOWN = Window(cell=400)


class SearchHit(BaseModel):
    """A thing that was found."""

    model_config = ConfigDict(extra="forbid")

    iri: str
    label: str
    kind: str = Field(description="What it is, in a word, such as `drug`.")
    matched: str = Field(description="The name, identifier or link by which it was found.")
    by: MatchedBy = Field(description="What that is of the thing.")
    score: float = Field(description="How good the match is, up to 1.")


_Asked = Annotated[
    str,
    Query(
        description="A name, or words of one: label, synonym, brand, acronym, CURIE, id.",
        examples=["herceptn"],
    ),
]
_Limit = Annotated[int, Query(description="Hits at most.", ge=1, le=MOST_HITS)]


def _parameters(q: _Asked, limit: _Limit = _DEFAULT) -> None:
    """Declare the parameters that :func:`_read` reads."""


@router.get(
    "/search.json",
    operation_id="search",
    summary="Things by any of their names",
    description="The best first. An empty list says that the name is unknown.",
    dependencies=[Depends(_parameters)],
    responses={
        200: {**content("The hits.", ["application/json"]), "model": list[SearchHit]},
        **problem_responses(400, 414, 503, 504),
    },
)
async def search_route(request: Request) -> Response:
    """Give the hits as JSON."""
    text, limit = _read(request)
    if not text.strip():
        raise UsageError("Give what is searched for as q.")
    return JSONResponse([hit.as_dict() for hit in await _hits(request, text, limit)])


@router.get("/search", include_in_schema=False)
async def search_route_page(request: Request) -> Response:
    """Give the hits as a page."""
    text, limit = _read(request)
    service = service_of(request)
    hits = await _hits(request, text, limit) if text.strip() else []
    texts = await _definitions(request, service, hits)
    more = None
    if len(hits) == limit:
        wider = "/search?" + urlencode({"q": text, "limit": MOST_HITS})
        more = wider if limit < MOST_HITS else ""
    return HTMLResponse(
        await aside(lambda: search_page(service.pages, _kinds(service), text, hits, texts, more))
    )


@router.get("/search/suggestions", include_in_schema=False)
async def suggestions_route(request: Request) -> Response:
    """Give the best hits as browsers take suggestions while one writes."""
    text, limit = _read(request, _SUGGESTED)
    service, base = service_of(request), _base_of(request)
    hits = await _hits(request, text, min(limit * _LOOKED_AT, MOST_HITS)) if text.strip() else []
    best = things_first(hits)[:limit]
    found = await aside(lambda: suggestions(_kinds(service), text, best, base))
    return JSONResponse(found, media_type="application/x-suggestions+json")


@router.get("/opensearch.xml", include_in_schema=False)
async def opensearch(request: Request) -> Response:
    """Tell browsers how to search here (https://github.com/dewitt/opensearch)."""
    page = service_of(request).pages.render("opensearch.xml", base=_base_of(request))
    return Response(page, media_type="application/opensearchdescription+xml")


def _base_of(request: Request) -> str:
    """Give the address of this server as the client knows it."""
    try:
        return ox.NamedNode(f"{request.url.scheme}://{request.url.netloc}").value
    except ValueError as error:
        raise UsageError("The Host header is no host.") from error


def _kinds(service: Service) -> Kinds:
    return Kinds(service.release.manifest, service.names.index)


async def _definitions(request: Request, service: Service, hits: Sequence[Hit]) -> dict[str, str]:
    """Give what is said of things in a sentence, by IRI."""
    if not hits:
        return {}
    things = " ".join(str(ox.NamedNode(hit.iri)) for hit in hits)
    query = sparql("definitions").replace(_THINGS, f"VALUES ?thing {{ {things} }}")
    rows = await ask_rows(request, service, query, window=_SHOWN)
    texts: dict[str, str] = {}
    for row in rows:
        if isinstance(row["thing"], ox.NamedNode) and isinstance(row["text"], ox.Literal):
            texts.setdefault(row["thing"].value, row["text"].value)
    return texts


async def _hits(request: Request, text: str, limit: int) -> list[Hit]:
    service = service_of(request)
    return await looked_up(request, service, find(service.names, text, limit))


def _read(request: Request, default: int = _DEFAULT) -> tuple[str, int]:
    """Give what is searched for, and how many hits are asked for."""
    given = fields_once(request)
    limit = given.get("limit", str(default)).strip()
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= MOST_HITS):
        detail = f"limit has to be a whole number from 1 to {MOST_HITS}."
        raise UsageError(detail)
    return given.get("q", ""), int(limit)
