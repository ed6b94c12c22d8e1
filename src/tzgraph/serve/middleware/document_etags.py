"""Entity tags for documents: pages, descriptions and lists that are made as a whole.

A result of ``/sparql`` has a tag that says what it is made from
(:mod:`tzgraph.serve.engine.digest`), so that it need not be made again. A document's tag is made
from its bytes: it stays the same in a new release that says the same, and changes with the program
that writes the page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from tzgraph.serve.messages.etag import matches
from tzgraph.serve.sparql.response import AnswerResponse

__all__ = ["validated"]

#: What an answer without a body repeats of the one that has it (RFC 9110, 15.4.5).
_REPEATED = ("content-location", "etag", "cache-control", "link")

_Route = Callable[[Request], Awaitable[Response]]


def validated(route: _Route) -> _Route:
    """Give a route whose documents have entity tags, and are not sent to who has them.

    What says itself how long it holds is left as it is, and so is what streams.
    """

    async def answer(request: Request) -> Response:
        response = await route(request)
        whole = response.status_code == 200 and not isinstance(response, AnswerResponse)
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
