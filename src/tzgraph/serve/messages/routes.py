"""Routes of FastAPI for documents: pages, descriptions and lists that are made as a whole.

They have entity tags. A result of ``/sparql`` has a tag that says what it is made from
(:mod:`tzgraph.serve.engine.digest`), so that it need not be made again. A document's tag is made
from its bytes: it stays the same in a new release that says the same, and changes with the program
that writes the page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeAlias

from fastapi.routing import APIRoute
from pydantic.json_schema import SkipJsonSchema
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tzgraph.serve.messages.etag import matches

__all__ = ["Absent", "DocumentRoute", "RequestRoute", "Responses", "content"]

#: What may be left out, but is never null.
Absent: TypeAlias = SkipJsonSchema[None]
#: What a route answers, by status, as FastAPI wants to be told.
Responses: TypeAlias = dict[int | str, dict[str, Any]]
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

#: What an answer without a body repeats of the one that has it (RFC 9110, 15.4.5).
_REPEATED = ("content-location", "etag", "cache-control", "link")


def content(description: str, media_types: Iterable[str]) -> dict[str, Any]:
    """Describe an answer that comes in several formats.

    >>> content("A graph.", ["text/turtle"])
    {'description': 'A graph.', 'content': {'text/turtle': {}}}
    """
    return {"description": description, "content": {name: {} for name in media_types}}


class DocumentRoute(APIRoute):
    """A route whose documents have entity tags, and are not sent to who has them.

    What says itself how long it holds is left as it is, and so is what streams.
    """

    def get_route_handler(self) -> _Handler:
        """Give what answers requests."""
        return _tagged(super().get_route_handler())


class RequestRoute(DocumentRoute):
    """A route that reads its request itself; FastAPI only describes its parameters.

    Values are then read by the code that the command line has, which knows drugs and CURIEs, what
    is wrong with them is told in the same words, and a lookup pays for no reading but its own.
    Parameters are declared by ``dependencies``; the endpoint takes the request alone.
    """

    def get_route_handler(self) -> _Handler:
        """Give what answers requests."""
        return _tagged(self.endpoint)


def _tagged(route: Callable[[Request], Awaitable[Response]]) -> _Handler:
    async def answer(request: Request) -> Response:
        response = await route(request)
        whole = response.status_code == 200 and not isinstance(response, StreamingResponse)
        if request.method not in ("GET", "HEAD") or not whole:
            return response
        if "cache-control" in response.headers or "transfer-encoding" in response.headers:
            return response
        digest = hashlib.blake2b(response.body, digest_size=16).hexdigest()
        tag = f'W/"{digest}"'
        response.headers["ETag"], response.headers["Cache-Control"] = tag, "no-cache"
        named = request.headers.get("if-none-match", "")
        if named.strip() != "*" and not matches(named, tag):
            return response
        repeated = [(name, response.headers.getlist(name)) for name in _REPEATED]
        short = Response(status_code=304)
        for name, values in repeated:
            for value in values:
                short.headers.append(name, value)
        return short

    return answer
