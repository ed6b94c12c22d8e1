"""``/mcp``: the graph for agents, as streamable HTTP of the Model Context Protocol.

Each request is answered by itself (the protocol's stateless mode, with JSON for an answer), from
the release that it came to, so that a client which stays connected sees the next release at once.
https://modelcontextprotocol.io/specification/2025-11-25/basic/transports

Pages of other sites could reach a server on this machine through a name that leads to it (DNS
rebinding), so ``Host`` and ``Origin`` have to name this machine or a host of TZGRAPH_MCP_HOSTS.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tzgraph.serve.messages.problems import Refusal, fail
from tzgraph.serve.messages.routes import RequestRoute
from tzgraph.serve.state import state_of

if TYPE_CHECKING:
    from mcp.server import ServerRequestContext

__all__ = ["demand_known_host", "host_of", "router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)
_LOCAL = ("localhost", "127.0.0.1", "::1")
_MISSING = (
    "This server was installed without what agents need: whoever runs it can install the extra"
    " with `pip install 'tzgraph[mcp]'`."
)


@router.post("/mcp", include_in_schema=False)
async def mcp_route(request: Request) -> Response:
    """Answer a message of an agent.

    :raises ProblemError: if it comes under another name than the server's, or the SDK is missing
    """
    limits = state_of(request).settings
    demand_known_host(request, limits.mcp_host_names)
    try:
        # It takes a second, once.
        await asyncio.to_thread(import_module, "tzgraph.serve.agents.protocol")
    except ImportError as error:
        raise fail(Refusal.NOT_FOUND, _MISSING) from error
    return _AgentResponse(limits.max_query_bytes)


class _AgentResponse(Response):
    """Lets the SDK read the request and send the answer.

    :param most: bytes that a message may have
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from tzgraph.serve.agents.protocol import make_server

        manager = StreamableHTTPSessionManager(
            make_server(_request_of),
            json_response=True,
            stateless=True,
            max_request_body_size=self._most,
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)


@asynccontextmanager
async def _request_of(context: ServerRequestContext[Any, Any]) -> AsyncIterator[Request]:
    """Give the HTTP request of a message, without its body, which the SDK has read."""
    request = context.request
    if not isinstance(request, Request):
        raise TypeError("a message came without its request")
    yield Request(request.scope, _nothing_more)


async def _nothing_more() -> dict[str, Any]:
    """Wait: the SDK itself notices when a client leaves."""
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


def demand_known_host(request: Request, hosts: Iterable[str]) -> None:
    """Refuse requests that come under another name, or from a page of another site.

    :param hosts: names that the server has beside those of this machine
    :raises ProblemError: with status 421 or 403
    """
    known = {*_LOCAL, *hosts}
    named = request.headers.get("host", "")
    if host_of(f"//{named}") not in known:
        detail = (
            f"This server does not answer agents as “{named[:100]}”; whoever runs it can allow"
            " the name with TZGRAPH_MCP_HOSTS."
        )
        raise fail(Refusal.OTHER_HOST, detail)
    origin = request.headers.get("origin")
    if origin is not None and host_of(origin) not in known:
        detail = f"Pages of {origin[:100]} may not ask as agents; TZGRAPH_MCP_HOSTS allows more."
        raise fail(Refusal.OTHER_ORIGIN, detail)


def host_of(address: str) -> str:
    """Give the host of an address in lower case, empty if there is none.

    >>> host_of("http://LocalHost:8000"), host_of("//[::1]:80"), host_of("null"), host_of("//[")
    ('localhost', '::1', '', '')
    """
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
