"""The one way in which the server reaches the engine.

A server holds an :class:`Engine` and knows nothing else of what evaluates queries.
:class:`InProcessEngine` does so in threads of this process: it keeps the event loop free, but
can't stop a query that runs and produces nothing. An engine with worker processes can replace it
without change to the server: requests can be pickled, answers come in chunks, and what goes
wrong before the first chunk is raised by :meth:`Engine.query` and not in the middle of a body.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Protocol, cast

import pyoxigraph as ox

from tzgraph.errors import QueryError, TzgraphError
from tzgraph.query.formats import ResultKind
from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.run import Term, kind_of, run

__all__ = [
    "Answer",
    "ConditionFailedError",
    "DataSyntaxError",
    "DataUnreadableError",
    "DeadlineError",
    "DiskFailedError",
    "DiskFullError",
    "Engine",
    "EngineBusyError",
    "EngineFailedError",
    "EngineStatus",
    "InProcessEngine",
    "MemoryLimitError",
    "NoGraphError",
    "NotAcceptableError",
    "Offer",
    "QueryRequest",
    "ResultTooLargeError",
    "Window",
    "WriterEndedError",
    "without_frames",
]

_LOG = logging.getLogger(__name__)

#: What relative IRIs are relative to: not the host, as it may change while the data stay.
BASE = "https://w3id.org/tzgraph/"
#: Bytes of a chunk, and chunks that may wait for a slow client.
CHUNK = 64 * 1024
WAITING = 4
#: Bytes of stack of a query's thread; only touched pages take memory.
STACK = 256 * 1024 * 1024


class NotAcceptableError(QueryError):
    """The client wants the result in no format that can hold it.

    :param kind: the kind of the result
    """

    code = "not-acceptable"

    def __init__(self, kind: ResultKind) -> None:
        what = "a graph" if kind is ResultKind.GRAPH else "bindings"
        super().__init__(f"The result is {what}, and none of the formats asked for can hold it.")
        self.kind = kind


class EngineBusyError(QueryError):
    """There is no room for the query, and there was none for too long."""

    code = "busy"


class DeadlineError(QueryError):
    """The query took longer than it may."""

    code = "deadline"


class MemoryLimitError(QueryError):
    """The query needed more memory than it may take."""

    code = "memory-limit"


class ResultTooLargeError(QueryError):
    """The result has more bytes than it may have."""

    code = "result-too-large"


class DiskFullError(QueryError):
    """There is no room on the disk for what an update changes."""

    code = "disk-full"


class DiskFailedError(QueryError):
    """The disk failed while an update was carried out."""

    code = "disk-failed"
    exit_code = 3


class WriterEndedError(EngineBusyError):
    """What carries out updates was killed again and again."""

    code = "writer-ended"


class EngineFailedError(QueryError):
    """What evaluated the query died, for no fault of a limit."""

    code = "engine-failed"
    exit_code = 3


class NoGraphError(QueryError):
    """There is no graph of that name."""

    code = "no-graph"


class ConditionFailedError(QueryError):
    """A graph is not as the client makes it a condition of a change."""

    code = "precondition-failed"


class DataSyntaxError(QuerySyntaxError):
    """Data can't be parsed, at ``line`` and ``column``."""

    code = "data-syntax"


class DataUnreadableError(QueryError):
    """Data can't be parsed, and the parser says no place."""

    code = "data-syntax"


@dataclass(frozen=True, slots=True)
class Offer:
    """A format by name, and the media type under which the client wants it."""

    format: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a result are wanted, and how much of each; cut where the query runs.

    :ivar offset: rows to leave out before
    :ivar limit: rows at most, 0 for all
    :ivar cell: characters of a value, 0 for all; see :mod:`tzgraph.serve.rows`
    :ivar bytes: bytes after which no other row is begun, 0 for any number
    """

    offset: int = 0
    limit: int = 0
    cell: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and how its result is to be written.

    :ivar text: the query
    :ivar default_graphs: graphs that together are the default graph, ``None`` to leave it
    :ivar named_graphs: graphs that GRAPH sees, ``None`` to leave them
    :ivar bindings: how to write bindings, ``None`` if the client takes no such format
    :ivar graph: how to write a graph, ``None`` if the client takes no such format
    :ivar substitutions: terms for variables, by name
    :ivar client: who asks, so that nobody takes all the room
    :ivar store: folder of the store to ask, if it is not the one that the engine was made for
    :ivar window: the rows of bindings that are wanted, ``None`` for all
    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    bindings: Offer | None = None
    graph: Offer | None = None
    substitutions: tuple[tuple[str, Term], ...] = ()
    client: str = ""
    store: str = ""
    window: Window | None = None

    def offer(self, kind: ResultKind) -> Offer:
        """Give how to write results of a kind.

        :raises NotAcceptableError: if the client takes no format for them
        """
        offer = self.graph if kind is ResultKind.GRAPH else self.bindings
        if offer is None:
            raise NotAcceptableError(kind)
        return offer


@dataclass(frozen=True, slots=True)
class Answer:
    """A result on its way: what it is, and its bytes.

    :ivar kind: bindings or graph
    :ivar offer: format and media type
    :ivar chunks: the body; it raises if the engine fails, so that a part never looks complete
    :ivar close: ends the query; to be called in any case, may be called again
    :ivar body: the whole body, where it is known from the start
    """

    kind: ResultKind
    offer: Offer
    chunks: AsyncIterator[bytes]
    close: Callable[[], None] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How an engine is at a moment.

    :ivar workers: processes or threads that evaluate queries, or could
    :ivar busy: how many of them have a query
    :ivar waiting: queries that wait for one
    :ivar kills: workers killed so far, by cause
    :ivar in_memory: whether the graph is read from memory
    """

    workers: int
    busy: int
    waiting: int = 0
    kills: Mapping[str, int] = field(default_factory=dict)
    in_memory: bool = False


class Engine(Protocol):
    """What evaluates queries for the server."""

    async def start(self) -> None:
        """Get ready; called once, in the event loop that the queries come from."""
        ...

    async def query(self, request: QueryRequest) -> Answer:
        """Evaluate a query as far as the first chunk of its result.

        If the caller is cancelled the query is given up.

        :raises QueryError: if the query is refused, can't be parsed or fails
        :raises NotAcceptableError: if the client takes no format for this kind of result
        :raises EngineBusyError: if there is no room for it
        """
        ...

    async def close(self) -> None:
        """Give up what runs and release the data."""
        ...

    def status(self) -> EngineStatus:
        """Say how it is now."""
        ...


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
    :param threads: queries that run at the same time
    :param patience: seconds that a query waits for a thread
    """

    def __init__(
        self,
        store: ox.Store,
        prefixes: Mapping[str, str],
        *,
        threads: int = 8,
        patience: float = 30,
    ) -> None:
        self._store = store
        self._prefixes = dict(prefixes)
        self._slots = asyncio.Semaphore(threads)
        self._threads = threads
        self._patience = patience
        self._pipes: set[_Pipe] = set()

    async def start(self) -> None:
        """Do nothing: threads start with their queries."""

    async def query(self, request: QueryRequest) -> Answer:
        """Evaluate a query as far as the first chunk of its result; see :class:`Engine`."""
        try:
            await asyncio.wait_for(self._slots.acquire(), self._patience)
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
        try:
            self._evaluate(request, pipe, loop)
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

    def _evaluate(
        self, request: QueryRequest, pipe: _Pipe, loop: asyncio.AbstractEventLoop
    ) -> None:
        from tzgraph.serve.rows import write_result

        result = run(
            self._store,
            request.text,
            prefixes=self._prefixes,
            substitutions={ox.Variable(name): term for name, term in request.substitutions},
            default_graphs=request.default_graphs,
            named_graphs=request.named_graphs,
            base=BASE,
        )
        kind = kind_of(result)
        offer = request.offer(kind)
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(pipe.begun.set_result, (kind, offer))
        output = cast("IO[bytes]", pipe)
        write_result(result, offer, output, prefixes=self._prefixes, window=request.window)
        pipe.flush()


def without_frames(error: BaseException) -> BaseException:
    """Take the stack off an error: its frames hold results, which may not leave their thread."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


_STACK_LOCK = threading.Lock()


def _start(work: Callable[[], None]) -> None:
    """Start a thread with a deep stack; nested queries are parsed by recursion."""
    with _STACK_LOCK:
        before = threading.stack_size(STACK)
        try:
            threading.Thread(target=work, name="tzgraph-query", daemon=True).start()
        finally:
            threading.stack_size(before)
