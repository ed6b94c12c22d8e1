"""Answers compressed with zstd or gzip, for clients that say they take it (RFC 9110, 12.5.3).

A body of known length is compressed whole and gets its new length. One that streams is compressed
chunk by chunk, and the stream's end is written only after the last chunk: what breaks off lacks the
end of the compressed stream as well as that of the chunked encoding.
"""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib
from functools import lru_cache
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tzgraph.serve.messages.negotiate import encoding_quality

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["Compression", "coding_for", "is_worth_it", "smallest", "squeezed"]

#: Shorter bodies stay as they are: they fit into a packet anyway.
_SHORTEST = 1_000
#: Larger pieces are compressed in another thread.
_LARGE = 16 * 1024
#: Of results, level 1 of gzip leaves a tenth already, at a fifth of the time of level 6; level 3 of
#: zstd leaves a quarter less, at a third of its time. Clients need not read windows over 8 MB (RFC
#: 9659); this one's has 2.
_GZIP_LEVEL, _ZSTD_LEVEL = 1, 3
#: Of files that are compressed once: a third less than those.
_BEST_GZIP, _BEST_ZSTD = 9, 19
_GZIP = zlib.MAX_WBITS | 16
_INCOMPRESSIBLE = ("image/png", "image/jpeg", "image/x-icon", "font/")


@lru_cache(maxsize=256)
def coding_for(header: str | None) -> str | None:
    """Give the content coding that a client with this Accept-Encoding likes best, if any.

    >>> coding_for("gzip, br, zstd"), coding_for("zstd;q=0.5, gzip"), coding_for("*")
    ('zstd', 'gzip', 'gzip')
    >>> coding_for("gzip;q=0.5, identity"), coding_for("gzip;q=0"), coding_for(None)
    (None, None, None)
    """
    if not header:
        return None
    # Who takes anything may have been written before there was zstd.
    codings = [coding for coding in _CODINGS if coding == "gzip" or coding in header.lower()]
    weights = {coding: encoding_quality(header, coding) or 0.0 for coding in codings}
    best = max(codings, key=lambda coding: weights[coding])
    least = encoding_quality(header, "identity") or 0.0
    return best if 0 < weights[best] >= least else None


def is_worth_it(body: bytes) -> bool:
    """Say whether a whole body is compressed for those who take it."""
    return len(body) >= _SHORTEST


async def squeezed(body: bytes, coding: str) -> bytes:
    """Give a whole body compressed."""
    return await _squeeze(_CODINGS[coding](), body, last=True)


def smallest(body: bytes, coding: str) -> bytes:
    """Give a whole body compressed as well as can be, which takes long."""
    if coding == "gzip":
        return gzip.compress(body, _BEST_GZIP, mtime=0)
    return zstd.compress(body, _BEST_ZSTD)


async def _squeeze(stream: _Stream, data: bytes, *, last: bool) -> bytes:
    if len(data) > _LARGE:
        return await asyncio.to_thread(stream.take, data, last=last)
    return stream.take(data, last=last)


class _Stream(Protocol):
    def take(self, data: bytes, *, last: bool) -> bytes:
        """Compress data, so that all of it can be read."""
        ...


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP)

    def take(self, data: bytes, *, last: bool) -> bytes:
        begun = self._stream.compress(data)
        return begun + self._stream.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstd.ZstdCompressor(_ZSTD_LEVEL)

    def take(self, data: bytes, *, last: bool) -> bytes:
        return self._stream.compress(
            data, self._stream.FLUSH_FRAME if last else self._stream.FLUSH_BLOCK
        )


#: The content codings, the best one first.
_CODINGS: dict[str, type[_Gzip | _Zstd]] = {"zstd": _Zstd, "gzip": _Gzip}


class Compression:
    """Compresses answers for clients that take it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and compress the answer where that helps."""
        header = Headers(scope=scope).get("accept-encoding") if scope["type"] == "http" else None
        if coding := coding_for(header):
            await self._app(scope, receive, _Compressor(send, scope["http_version"], coding).send)
        else:
            await self._app(scope, receive, send)


class _Compressor:
    """Compresses the answer to one request."""

    def __init__(self, send: Send, version: str, coding: str) -> None:
        self._send = send
        self._old = version == "1.0"
        self._start: Message | None = None
        self._coding = coding
        self._stream = _CODINGS[coding]()
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
        headers["Content-Encoding"] = self._coding
        if (tag := headers.get("etag")) and not tag.startswith("W/"):
            headers["ETag"] = f"W/{tag}"
        if whole:
            headers["Content-Length"] = str(len(squeezed))
        elif length is not None:
            del headers["content-length"]
        await self._send(start)
        await self._send({**message, "body": squeezed})

    async def _squeeze(self, message: Message) -> bytes:
        # What the client has to show early is worth the few bytes that a flush costs.
        last = not message.get("more_body", False)
        return await _squeeze(self._stream, message.get("body", b""), last=last)


def _is_compressible(message: Message) -> bool:
    headers = MutableHeaders(scope=message)
    if message["status"] in (204, 304) or "content-encoding" in headers:
        return False
    return not headers.get("content-type", "").startswith(_INCOMPRESSIBLE)
