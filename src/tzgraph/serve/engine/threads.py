"""An engine that evaluates queries in threads of the server's own process.

It keeps the event loop free, but can't stop a query that runs and produces nothing, so it is used
only where the system has no processes that can be confined (:mod:`tzgraph.serve.isolation`).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import IO, cast

import pyoxigraph as ox

from tzgraph.errors import TzgraphError
from tzgraph.names.index import NameIndex
from tzgraph.query.formats import ResultKind
from tzgraph.serve.engine.base import (
    CHUNK,
    STACK,
    WAITING,
    Answer,
    EngineStatus,
    Offer,
    QueryRequest,
    without_frames,
)
from tzgraph.serve.engine.errors import EngineBusyError, EngineFailedError
from tzgraph.serve.engine.evaluation import EvaluationContext, evaluate

__all__ = ["InProcessEngine"]

_LOG = logging.getLogger(__name__)


class _LeftError(Exception):
    """Nobody waits for the result any more."""


class _Pipe:
    """Carries chunks from a query's thread to the event loop, and holds the thread up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()
        self._room = threading.Semaphore(WAITING)
        self._left = threading.Event()
        self._buffer = bytearray()
        self.begun: asyncio.Future[tuple[ResultKind, Offer]] = loop.create_future()

    # In the query's thread

    def write(self, data: bytes) -> int:
        """Take bytes from the serialiser."""
        if self._left.is_set():
            raise _LeftError
        self._buffer += data
        if len(self._buffer) >= CHUNK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Send what is buffered, when there is room."""
        if not self._buffer:
            return
        self._room.acquire()
        if self._left.is_set():
            raise _LeftError
        self.post(bytes(self._buffer))
        self._buffer.clear()

    def post(self, item: bytes | BaseException | None) -> None:
        """Hand an item to the event loop: a chunk, an error, or ``None`` for the end."""
        # A loop that is closed has nobody left to tell.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)

    # In the event loop

    async def next(self) -> bytes | None:
        """Give the next chunk, or ``None`` at the end."""
        item = await self._queue.get()
        self._room.release()
        if isinstance(item, BaseException):
            raise item
        return item

    def leave(self) -> None:
        """Tell the thread that nobody waits any more."""
        self._left.set()
        self._room.release()


class InProcessEngine:
    """Evaluates and writes each query in one thread of its own, a few at a time.

    :param store: the data
    :param prefixes: prefixes known to every query
    :param timeout_s: seconds that a query waits for a thread
    :param threads: queries that run at the same time
    :param names: the index of names of the release
    """

    def __init__(
        self,
        store: ox.Store,
        prefixes: Mapping[str, str],
        *,
        timeout_s: float,
        threads: int = 8,
        names: NameIndex | None = None,
    ) -> None:
        self._store = store
        self._context = EvaluationContext(dict(prefixes), names)
        self._slots = asyncio.Semaphore(threads)
        self._threads = threads
        self._timeout_s = timeout_s
        self._pipes: set[_Pipe] = set()

    async def start(self) -> None:
        """Do nothing: threads start with their queries."""

    async def query(self, request: QueryRequest) -> Answer:
        """Evaluate a query as far as the first chunk of its result; see :class:`Engine`."""
        try:
            await asyncio.wait_for(self._slots.acquire(), self._timeout_s)
        except TimeoutError as error:
            raise EngineBusyError("All query threads are taken.", "Try again later.") from error
        loop = asyncio.get_running_loop()
        pipe = _Pipe(loop)
        self._pipes.add(pipe)
        _start(lambda: self._work(request, pipe, loop))
        try:
            first = await pipe.next()
        except BaseException:
            self._leave(pipe)
            raise
        # The chunk before the first says what follows; it is set before that chunk is posted.
        kind, offer = pipe.begun.result()
        return Answer(kind, offer, self._chunks(pipe, first), lambda: self._leave(pipe))

    async def close(self) -> None:
        """Tell all queries that nobody waits; threads that compute on end with the process."""
        for pipe in list(self._pipes):
            self._leave(pipe)

    def status(self) -> EngineStatus:
        """Say how it is now; see :class:`Engine`."""
        return EngineStatus(self._threads, min(len(self._pipes), self._threads))

    def _leave(self, pipe: _Pipe) -> None:
        self._pipes.discard(pipe)
        pipe.leave()

    async def _chunks(self, pipe: _Pipe, first: bytes | None) -> AsyncIterator[bytes]:
        try:
            chunk = first
            while chunk is not None:
                yield chunk
                chunk = await pipe.next()
        finally:
            self._leave(pipe)

    def _work(self, request: QueryRequest, pipe: _Pipe, loop: asyncio.AbstractEventLoop) -> None:
        """Run in the query's thread: evaluate and write, both here, as pyoxigraph demands."""

        def begin(kind: ResultKind) -> IO[bytes]:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(pipe.begun.set_result, (kind, request.offer(kind)))
            return cast("IO[bytes]", pipe)

        try:
            evaluate(self._store, request, self._context, begin)
            pipe.flush()
            pipe.post(None)
        except _LeftError:
            pass
        except Exception as error:
            if not isinstance(error, TzgraphError):
                _LOG.exception("the engine failed")
            pipe.post(without_frames(error))
        except BaseException as error:
            # A panic of the engine is no Exception, and would end the server's event loop.
            _LOG.exception("the engine panicked")
            pipe.post(EngineFailedError(f"The engine failed on this query: {error}."))
        finally:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._slots.release)


_STACK_LOCK = threading.Lock()


def _start(work: Callable[[], None]) -> None:
    """Start a thread with a deep stack; nested queries are parsed by recursion."""
    with _STACK_LOCK:
        before = threading.stack_size(STACK)
        try:
            threading.Thread(target=work, name="tzgraph-query", daemon=True).start()
        finally:
            threading.stack_size(before)
