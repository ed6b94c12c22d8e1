"""Results that were asked for before, kept as long as there is room for them.

A release never changes, so what is kept under its id never goes out of date. Two layers share the
room. :class:`CachingEngine` keeps what the engine gives, whoever asks and in whatever way.
:mod:`tzgraph.serve.middleware.response_cache` keeps whole answers to requests. Only complete
results are kept.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass, replace

from tzgraph.query.formats import ResultKind
from tzgraph.serve.engine.base import Answer, Engine, EngineStatus, Offer, QueryRequest
from tzgraph.serve.engine.digest import digest_of, is_stable

__all__ = ["Cache", "CachingEngine"]

#: One result may take such a part of the room.
_PART = 16
#: Bytes that an entry takes beside its body, about.
_OVERHEAD = 1_000


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
        if not self._cache.limit or request.task or not is_stable(request.text):
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
