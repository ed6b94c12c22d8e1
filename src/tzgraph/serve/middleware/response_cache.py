"""Whole answers that were given before, kept for those who send the same request again.

An answer to a GET request that is repeated byte for byte is sent without reading the query, and as
it was sent before, compressed if it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tzgraph.serve.engine.cache import Cache
from tzgraph.serve.messages.etag import matches
from tzgraph.serve.releases.service import service_in

__all__ = ["CachedResponse", "ResponseCache", "ResponseCacheMiddleware"]

#: Bytes of a URL's parameters; answers to longer ones are not kept.
_LONGEST = 16 * 1024
#: Headers of a 200 that a 304 does not repeat (RFC 9110, 15.4.5).
_OF_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})

#: What an answer depends on: release, path and parameters; Host, Accept and Accept-Encoding.
Key = tuple[str, str, bytes, bytes | None, bytes | None, bytes | None]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """An answer that came in one piece.

    :ivar headers: those that do not differ from one time to the next
    :ivar tag: the entity tag
    """

    headers: Headers
    tag: str
    body: bytes


class ResponseCache:
    """Keeps whole answers in a cache."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def find(self, key: Key) -> CachedResponse | None:
        """Give an answer that was kept."""
        if not self._cache.limit or len(key[2]) > _LONGEST:
            return None
        found = self._cache.get(key, "answer")
        return found if isinstance(found, CachedResponse) else None

    def keep(self, key: Key, headers: Headers, body: bytes) -> None:
        """Keep an answer if it is whole, and has an ETag that begins with the release's id."""
        if not self._cache.limit or len(key[2]) > _LONGEST:
            return
        named = dict(headers)
        tag = named.get(b"etag", b"").decode("latin-1")
        whole = named.get(b"content-length") == str(len(body)).encode()
        if whole and tag.startswith(f'W/"{key[0]}-'):
            size = len(body) + sum(len(name) + len(value) for name, value in headers)
            size += sum(len(part) for part in key if part)
            self._cache.put(key, CachedResponse(headers, tag, body), size)


class ResponseCacheMiddleware:
    """Answers GET requests that are the same, byte for byte, as earlier ones.

    :param responses: keeps them
    """

    def __init__(self, app: ASGIApp, *, responses: ResponseCache) -> None:
        self._app = app
        self._responses = responses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request from the cache, or pass it on and keep the answer."""
        kept = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not kept or scope["http_version"] == "1.0":
            await self._app(scope, receive, send)
            return
        sent = dict(scope["headers"])
        key = (
            *(service_in(scope).release.id, scope["path"], scope["query_string"]),
            *(sent.get(b"host"), sent.get(b"accept"), sent.get(b"accept-encoding")),
        )
        found = self._responses.find(key)
        if found is not None:
            await _send(found, sent.get(b"if-none-match"), send)
        else:
            await self._app(scope, receive, _Recorder(send, self._responses, key).send)


async def _send(found: CachedResponse, named: bytes | None, send: Send) -> None:
    headers = found.headers
    given = "" if named is None else named.decode("latin-1")
    if given.strip() == "*" or matches(given, found.tag):
        headers = [header for header in headers if header[0] not in _OF_BODY]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    # A copy, as who sends it may add to it.
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
    await send({"type": "http.response.body", "body": found.body})


class _Recorder:
    """Keeps an answer that comes in one piece while it passes."""

    def __init__(self, send: Send, answers: ResponseCache, key: Key) -> None:
        self._send = send
        self._answers = answers
        self._key = key
        self._headers: Headers | None = None

    async def send(self, message: Message) -> None:
        """Pass a message of the application on."""
        if message["type"] == "http.response.start":
            self._headers = list(message["headers"]) if message["status"] == 200 else None
        elif self._headers is not None:
            if not message.get("more_body", False):
                self._answers.keep(self._key, self._headers, message.get("body", b""))
            self._headers = None
        await self._send(message)
