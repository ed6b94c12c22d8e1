"""Results that were asked for before, kept as long as there is room for them.

A release never changes, so what is kept under its id never goes out of date. Two layers share the
room. :class:`CachingEngine` keeps what the engine gives, whoever asks and in whatever way.
:class:`CachedAnswers` keeps whole answers to GET requests, compressed if they were: one that is
repeated byte for byte is answered without reading the query. Only complete results are kept.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass, replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tzgraph.query.formats import ResultKind
from tzgraph.serve.engine import Answer, Engine, EngineStatus, Offer, QueryRequest
from tzgraph.serve.etag import digest_of, is_stable, matches
from tzgraph.serve.service import service_in

__all__ = ["Cache", "CachedAnswers", "CachingEngine"]

#: One result may take such a part of the room.
_PART = 16
#: Bytes that an entry takes beside its body, about.
_OVERHEAD = 1_000
#: Bytes of a URL's parameters; longer ones are not kept.
_LONGEST = 16 * 1024
#: Headers of a 200 that a 304 repeats (RFC 9110, 15.4.5), and those of all answers.
_OF_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})


@dataclass(frozen=True, slots=True)
class _Entry:
    value: object
    size: int


class Cache:
    """Keeps values up to a number of bytes; what was not used for longest goes first.

    :param limit: bytes, 0 to keep nothing

    >>> cache = Cache(100_000)
    >>> cache.put("a", "result", 6)
    >>> cache.get("a", "some layer"), cache.hits["some layer"]
    ('result', 1)
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self.hits: Counter[str] = Counter()
        self.misses: Counter[str] = Counter()
        self.evicted = 0
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def __len__(self) -> int:
        """Give the number of values."""
        return len(self._entries)

    def room_for(self, size: int) -> bool:
        """Say whether something of that many bytes is kept."""
        return size + _OVERHEAD <= self.limit // _PART

    def get(self, key: Hashable, layer: str) -> object | None:
        """Give a value, or ``None``, and count which of the two.

        :param layer: under which name it is counted
        """
        entry = self._entries.get(key)
        if entry is None:
            self.misses[layer] += 1
            return None
        self._entries.move_to_end(key)
        self.hits[layer] += 1
        return entry.value

    def put(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value if it is small enough, in the place of those used longest ago."""
        if not self.room_for(size):
            return
        self._forget(key)
        self._entries[key] = _Entry(value, size + _OVERHEAD)
        self.bytes += size + _OVERHEAD
        while self.bytes > self.limit:
            self._forget(next(iter(self._entries)))
            self.evicted += 1

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.bytes = 0

    def _forget(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size


@dataclass(frozen=True, slots=True)
class _Result:
    kind: ResultKind
    offer: Offer
    body: bytes


@dataclass(frozen=True, slots=True)
class _Whole:
    headers: list[tuple[bytes, bytes]]
    tag: str
    body: bytes


class CachingEngine:
    """Asks another engine for what it has not in the cache.

    :param engine: the other engine
    :param cache: where results are kept
    :param release: the id of the release that the other engine answers from
    """

    def __init__(self, engine: Engine, cache: Cache, release: str) -> None:
        self._engine = engine
        self._cache = cache
        self._release = release

    async def start(self) -> None:
        """Start the other engine."""
        await self._engine.start()

    async def close(self) -> None:
        """Close the other engine."""
        await self._engine.close()

    def status(self) -> EngineStatus:
        """Say how the other engine is."""
        return self._engine.status()

    async def query(self, request: QueryRequest) -> Answer:
        """Give a result from the cache, or from the other engine; see :class:`Engine`."""
        if not self._cache.limit or not is_stable(request.text):
            return await self._engine.query(request)
        key = (self._release, digest_of(request))
        found = self._cache.get(key, "result")
        if isinstance(found, _Result):
            chunks = _one(found.body)
            return Answer(found.kind, found.offer, chunks, lambda: None, body=found.body)
        answer = await self._engine.query(request)
        return replace(answer, chunks=self._keep(key, answer))

    async def _keep(self, key: Hashable, answer: Answer) -> AsyncIterator[bytes]:
        """Pass chunks on, and keep them when the last one has passed."""
        kept: bytearray | None = bytearray()
        async for chunk in answer.chunks:
            if kept is not None:
                kept += chunk
                if not self._cache.room_for(len(kept)):
                    kept = None
            yield chunk
        if kept is not None:
            result = _Result(answer.kind, answer.offer, bytes(kept))
            self._cache.put(key, result, len(kept))


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body


class CachedAnswers:
    """Answers GET requests that are the same, byte for byte, as earlier ones.

    Kept are answers with an ETag that begins with the release's id, and come in one piece.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request from the cache, or pass it on and keep the answer."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        cache: Cache = scope["app"].state.cache
        whole_url = scope["path"], scope["query_string"]
        plain = scope["http_version"] == "1.0" or len(whole_url[1]) > _LONGEST
        if plain or not cache.limit:
            await self._app(scope, receive, send)
            return
        sent = dict(scope["headers"])
        asked = (sent.get(b"host"), sent.get(b"accept"), sent.get(b"accept-encoding"))
        release = service_in(scope).release.id
        key = (release, *whole_url, *asked)
        found = cache.get(key, "answer")
        if isinstance(found, _Whole):
            await _send(found, sent.get(b"if-none-match"), send)
        else:
            recorder = _Recorder(send, cache, key, f'W/"{release}-')
            await self._app(scope, receive, recorder.send)


async def _send(found: _Whole, named: bytes | None, send: Send) -> None:
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

    def __init__(
        self, send: Send, cache: Cache, key: tuple[str | bytes | None, ...], tag: str
    ) -> None:
        self._send = send
        self._cache = cache
        self._key = key
        self._tag = tag
        self._headers: list[tuple[bytes, bytes]] | None = None

    async def send(self, message: Message) -> None:
        """Pass a message of the application on."""
        if message["type"] == "http.response.start":
            self._headers = list(message["headers"]) if message["status"] == 200 else None
        elif self._headers is not None:
            self._keep(self._headers, message)
            self._headers = None
        await self._send(message)

    def _keep(self, headers: list[tuple[bytes, bytes]], message: Message) -> None:
        named, body = dict(headers), message.get("body", b"")
        tag = named.get(b"etag", b"").decode("latin-1")
        whole = named.get(b"content-length") == str(len(body)).encode()
        if whole and tag.startswith(self._tag) and not message.get("more_body", False):
            size = len(body) + sum(len(name) + len(value) for name, value in headers)
            size += sum(len(part) for part in self._key if part)
            self._cache.put(self._key, _Whole(headers, tag, body), size)
