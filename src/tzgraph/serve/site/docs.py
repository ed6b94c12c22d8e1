"""``/docs``: the documentation of this version, as pages, as Markdown, and its pictures."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.problems import Refusal, fail
from tzgraph.serve.messages.routes import RequestRoute
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.views.docs_page import docs_files, docs_page, read_docs

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, include_in_schema=False)
_TYPES = {".md": "text/markdown", ".svg": "image/svg+xml"}
#: A picture has its style in it.
_PICTURE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@router.get("/docs")
@router.get("/docs/{name:path}")
async def docs(request: Request) -> Response:
    """Give a page, or a file by its name."""
    name = request.path_params.get("name", "")
    if (file := docs_files().get(name)) is not None:
        headers = {"Content-Security-Policy": _PICTURE} if file.suffix == ".svg" else {}
        data = await aside(file.read_bytes)
        return Response(data, headers=headers, media_type=_TYPES[file.suffix])
    page = await aside(lambda: read_docs(name))
    if page is None:
        raise fail(Refusal.NOT_FOUND, f"The documentation has no page {name!r}.")
    pages = service_of(request).pages
    return HTMLResponse(await aside(lambda: docs_page(pages, name, page)))
