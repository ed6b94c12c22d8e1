"""``/code``: a query as a program, for who wrote it in the editor."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.errors import UsageError
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.problems import Refusal, fail
from tzgraph.serve.messages.routes import RequestRoute
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.payload import FORM, read_body, read_fields, refuse_encoded, too_long
from tzgraph.serve.state import state_of
from tzgraph.serve.views.snippets import snippets

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, include_in_schema=False)
#: Parameters that a program repeats, beside values of variables.
_ASKED = ("query", "default-graph-uri", "named-graph-uri", "timeout")
#: Characters of a query that the page links back to.
_LINKED = 4_000


@router.get("/code")
@router.post("/code")
async def code_page(request: Request) -> Response:
    """Give the programs; the query is not looked at, and not run."""
    limit = state_of(request).settings.max_query_bytes
    fields = read_fields(request.scope["query_string"])
    if request.method == "POST":
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise fail(Refusal.MEDIA_TYPE, f"It is sent as {FORM}.", {"Accept-Post": FORM})
        refuse_encoded(request)
        fields += read_fields(await read_body(request, 3 * limit))
    asked = [
        (name, value.replace("\r\n", "\n"))
        for name, value in fields
        if name in _ASKED or (name.startswith("$") and value)
    ]
    queries = [value for name, value in asked if name == "query"]
    if len(queries) != 1 or not queries[0].strip():
        raise UsageError("Give one query, as query.")
    if len(queries[0]) > limit:
        raise too_long(limit)
    try:
        endpoint = str(request.url.replace(path="/sparql", query=None, fragment=None))
    except ValueError as error:
        raise UsageError("The Host header is no host.") from error
    back = f"/sparql?{urlencode(asked)}" if len(queries[0]) < _LINKED else ""
    pages = service_of(request).pages
    page = await aside(
        lambda: pages.render("code.html", snippets=snippets(endpoint, asked), back=back)
    )
    return HTMLResponse(page)
