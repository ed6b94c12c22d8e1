"""``/search`` and ``/search.json``: things by any of their names, as a page and for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from tzgraph.errors import UsageError
from tzgraph.names.lookup import find
from tzgraph.names.resolver import MOST_HITS, Hit, MatchedBy
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.problems import problem_responses
from tzgraph.serve.messages.routes import RequestRoute, content
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.client import looked_up
from tzgraph.serve.sparql.payload import fields_once

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)
_DEFAULT = 20


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
async def search_page(request: Request) -> Response:
    """Give the hits as a page."""
    text, limit = _read(request)
    hits = await _hits(request, text, limit) if text.strip() else []
    pages = service_of(request).pages
    return HTMLResponse(await aside(lambda: pages.search(text, hits)))


async def _hits(request: Request, text: str, limit: int) -> list[Hit]:
    service = service_of(request)
    return await looked_up(request, service, find(service.names, text, limit))


def _read(request: Request) -> tuple[str, int]:
    """Give what is searched for, and how many hits are asked for."""
    given = fields_once(request)
    limit = given.get("limit", str(_DEFAULT)).strip()
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= MOST_HITS):
        detail = f"limit has to be a whole number from 1 to {MOST_HITS}."
        raise UsageError(detail)
    return given.get("q", ""), int(limit)
