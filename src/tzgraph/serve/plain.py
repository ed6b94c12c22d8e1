"""Recognise plain requests: queries as most programs send them, whole in one packet.

A plain request is a GET or POST of ``/sparql`` in HTTP/1.1 without any header that could make its
answer an unusual one. Everything else is for the parser of HTTP and the layers behind it. Heads are
read by that same parser, so that they can't be read in two ways, and remembered: a program sends
the same one each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httptools
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

__all__ = ["HOST", "Head", "Peer", "PlainRequest", "PlainRequests", "requests_for"]

#: What stands in Host: a name or an address, and a port (RFC 3986, 3.2).
HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]{0,5})?\Z"
)
#: Bytes of a URL's parameters and of a head that are looked at here.
_LONGEST_QUERY, _LONGEST_HEAD = 4_000, 2_000
#: Heads that are remembered.
_REMEMBERED = 1_000
_TARGET = re.compile(rb"(GET|POST) /sparql(?:\?([A-Za-z0-9._~!$&'()*+,;=:@/?%-]*))? HTTP/1\.1\Z")
#: Headers that say nothing, or something that is known here.
_KNOWN = frozenset(
    {b"host", b"accept", b"accept-encoding", b"connection", b"content-length", b"content-type"}
    | {b"x-request-id", b"x-forwarded-for", b"x-forwarded-proto", b"forwarded", b"via"}
    | {b"accept-language", b"authorization", b"cache-control", b"dnt", b"origin", b"pragma"}
    | {b"priority", b"referer", b"traceparent", b"tracestate", b"user-agent", b"x-real-ip"}
    | {b"sec-fetch-dest", b"sec-fetch-mode", b"sec-fetch-site"}
)

#: Address and port of whoever is connected.
Peer = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Head:
    """The headers of a plain request.

    :ivar headers: names in lower case, and values
    :ivar client: address of who asks, which a proxy may have told
    :ivar length: bytes of the body
    :ivar keep_alive: whether the client may go on with the connection
    """

    headers: tuple[tuple[bytes, bytes], ...]
    host: bytes
    accept: bytes | None
    accept_encoding: bytes | None
    request_id: bytes | None
    client: str
    length: int
    keep_alive: bool


@dataclass(frozen=True, slots=True)
class PlainRequest:
    """A plain request.

    :ivar method: ``GET`` or ``POST``
    :ivar query_string: the URL's parameters
    """

    method: str
    query_string: bytes
    head: Head
    body: bytes


class PlainRequests:
    """Tells plain requests from others.

    :param trusted: addresses of proxies that are believed who the client is
    """

    def __init__(self, trusted: Sequence[str]) -> None:
        # uvicorn has types of its own for what ASGI says.
        middleware: Any = ProxyHeadersMiddleware
        self._proxied = middleware(_nothing, trusted_hosts=list(trusted))
        self._head: Callable[[bytes, Peer | None], Head | None]
        self._head = lru_cache(maxsize=_REMEMBERED)(self._read_head)

    def read(self, data: bytes, peer: Peer | None) -> PlainRequest | None:
        """Give the request that a packet is, ``None`` if it is no whole plain one."""
        end, first = data.find(b"\r\n\r\n"), data.find(b"\r\n")
        if not 0 < first < end or end > first + _LONGEST_HEAD or first > _LONGEST_QUERY:
            return None
        target = _TARGET.match(data[:first])
        if target is None:
            return None
        head = self._head(data[first + 2 : end + 4], peer and (peer[0], 0))
        if head is None or len(data) - end - 4 != head.length:
            return None
        if target[1] == b"GET":
            return None if head.length else PlainRequest("GET", target[2] or b"", head, b"")
        return PlainRequest("POST", target[2] or b"", head, data[end + 4 :])

    def _read_head(self, lines: bytes, peer: Peer | None) -> Head | None:
        reader = _HeadReader()
        if not reader.read(lines):
            return None
        headers = dict(reader.headers)
        host = headers.get(b"host")
        plain = len(headers) == len(reader.headers) and headers.keys() <= _KNOWN
        if not plain or host is None or not HOST.match(host):
            return None
        return Head(
            tuple(reader.headers),
            host,
            headers.get(b"accept"),
            headers.get(b"accept-encoding"),
            headers.get(b"x-request-id"),
            self._client(reader.headers, peer),
            int(headers.get(b"content-length", b"0")),
            reader.keep_alive,
        )

    def _client(self, headers: list[tuple[bytes, bytes]], peer: Peer | None) -> str:
        """Give the address of who asks, as the layers find it."""
        scope: Scope = {"type": "http", "client": peer, "headers": headers, "scheme": "http"}
        with suppress(StopIteration):  # nothing in it waits, so it ends at the first step
            self._proxied(scope, _unused, _unused).send(None)
        client: Peer | None = scope["client"]
        return client[0] if client else ""


def requests_for(config: Config) -> PlainRequests:
    """Give what tells plain requests on the connections of a server."""
    said = config.forwarded_allow_ips if config.proxy_headers else []
    names = said.split(",") if isinstance(said, str) else said
    return _requests_for(tuple(name.strip() for name in names))


_requests_for = lru_cache(maxsize=8)(PlainRequests)


class _HeadReader:
    """Collects what the parser of HTTP finds in a head."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.keep_alive = False
        self._complete = False
        self._parser = httptools.HttpRequestParser(self)

    def read(self, lines: bytes) -> bool:
        """Read the lines of a head, and say whether they are all of one."""
        try:
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + lines)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return False
        return self._complete

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        self._complete = not self._parser.should_upgrade()
        self.keep_alive = self._parser.should_keep_alive()


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    pass


async def _unused(*_: object) -> None:
    pass
