"""Answers compressed with gzip, for clients that say they take it (RFC 9110, 12.5.3).

A body of known length is compressed whole and gets its new length. One that streams is compressed
chunk by chunk, and the stream's end is written only after the last chunk: what breaks off lacks the
end of the gzip stream as well as that of the chunked encoding.
"""

from __future__ import annotations

import asyncio
import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tzgraph.serve.negotiate import encoding_quality

__all__ = ["Compression", "is_worth_it", "squeezed", "takes_gzip"]

#: Shorter bodies stay as they are: they fit into a packet anyway.
_SHORTEST = 1_000
#: Larger pieces are compressed in another thread.
_LARGE = 16 * 1024
#: Of results, level 1 leaves a tenth already, at a fifth of the time of level 6.
_LEVEL = 1
_GZIP = zlib.MAX_WBITS | 16
_INCOMPRESSIBLE = ("image/png", "image/jpeg", "image/x-icon", "font/")


def takes_gzip(header: str | None) -> bool:
    """Say whether a client that sends this Accept-Encoding would rather have gzip than nothing.

    >>> takes_gzip("gzip, br"), takes_gzip("gzip;q=0.5, identity"), takes_gzip("gzip;q=0")
    (True, False, False)
    """
    if not header:
        return False
    gzip = encoding_quality(header, "gzip") or 0.0
    return gzip > 0 and gzip >= (encoding_quality(header, "identity") or 0.0)


def is_worth_it(body: bytes) -> bool:
    """Say whether a whole body is compressed for those who take it."""
    return len(body) >= _SHORTEST


async def squeezed(body: bytes) -> bytes:
    """Give a whole body compressed."""
    gzip = zlib.compressobj(_LEVEL, wbits=_GZIP)
    if len(body) > _LARGE:
        begun = await asyncio.to_thread(gzip.compress, body)
    else:
        begun = gzip.compress(body)
    return begun + gzip.flush()


class Compression:
    """Compresses answers for clients that take gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and compress the answer where that helps."""
        header = Headers(scope=scope).get("accept-encoding") if scope["type"] == "http" else None
        if takes_gzip(header):
            await self._app(scope, receive, _Compressor(send, scope["http_version"]).send)
        else:
            await self._app(scope, receive, send)


class _Compressor:
    """Compresses the answer to one request."""

    def __init__(self, send: Send, version: str) -> None:
        self._send = send
        self._old = version == "1.0"
        self._start: Message | None = None
        self._gzip = zlib.compressobj(_LEVEL, wbits=_GZIP)
        self._passes = False

    async def send(self, message: Message) -> None:
        """Take a message of the application."""
        if message["type"] == "http.response.start":
            self._start, self._passes = message, not _is_compressible(message)
            if self._passes:
                await self._send(message)
        elif self._passes or message["type"] != "http.response.body":
            await self._send(message)
        elif self._start is not None:
            await self._begin(self._start, message)
        else:
            await self._send({**message, "body": await self._squeeze(message)})

    async def _begin(self, start: Message, message: Message) -> None:
        """Send the head, now that it is known whether the body comes in one piece."""
        self._start = None
        headers = MutableHeaders(scope=start)
        body, more = message.get("body", b""), message.get("more_body", False)
        length = headers.get("content-length")
        whole = not more and length == str(len(body))
        # Without a length, a body that breaks off would look complete in HTTP/1.0.
        if (length is not None and int(length) < _SHORTEST) or (self._old and not whole):
            self._passes = True
            await self._send(start)
            await self._send(message)
            return
        squeezed = await self._squeeze(message)
        headers["Content-Encoding"] = "gzip"
        if (tag := headers.get("etag")) and not tag.startswith("W/"):
            headers["ETag"] = f"W/{tag}"
        if whole:
            headers["Content-Length"] = str(len(squeezed))
        elif length is not None:
            del headers["content-length"]
        await self._send(start)
        await self._send({**message, "body": squeezed})

    async def _squeeze(self, message: Message) -> bytes:
        body, more = message.get("body", b""), message.get("more_body", False)
        if len(body) > _LARGE:
            squeezed = await asyncio.to_thread(self._gzip.compress, body)
        else:
            squeezed = self._gzip.compress(body)
        # What the client has to show early is worth the few bytes that a flush costs.
        return squeezed + self._gzip.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)


def _is_compressible(message: Message) -> bool:
    headers = MutableHeaders(scope=message)
    if message["status"] in (204, 304) or "content-encoding" in headers:
        return False
    return not headers.get("content-type", "").startswith(_INCOMPRESSIBLE)
