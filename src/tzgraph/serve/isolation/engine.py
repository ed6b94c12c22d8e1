"""The engine that gives each query to a worker process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from functools import partial

from tzgraph.errors import UsageError
from tzgraph.query.formats import ResultKind
from tzgraph.query.run import NeedsFederationError
from tzgraph.release import Release
from tzgraph.serve.engine.base import Answer, EngineStatus, QueryRequest
from tzgraph.serve.engine.errors import (
    DeadlineError,
    EngineBusyError,
    EngineFailedError,
    MemoryLimitError,
)
from tzgraph.serve.isolation.ended import Ended
from tzgraph.serve.isolation.federated import FederatedQueries, Workers
from tzgraph.serve.isolation.lanes import Ticket, Worker, shape_of
from tzgraph.serve.isolation.pool import WorkerPool
from tzgraph.serve.isolation.wire import (
    LAST,
    Frame,
    decode_error,
    encode_request,
    pack,
)
from tzgraph.serve.settings import IsolationSettings

__all__ = ["IsolatedEngine"]

_LOG = logging.getLogger(__name__)
#: Seconds that the keeper may take to say how a worker ended.
_EXIT_STATUS_TIMEOUT = 5


class IsolatedEngine:
    """Evaluates each query in a worker process.

    :param release: the data
    :param settings: limits
    :param on_disk: read it from disk even if it fits into memory; then requests may name the
        store of another state of the release
    """

    def __init__(
        self, release: Release, settings: IsolationSettings, *, on_disk: bool = False
    ) -> None:
        self._release = release
        self._settings = settings
        self._pool = WorkerPool(release, settings, on_disk=on_disk)
        self.in_memory, self.kills = self._pool.in_memory, self._pool.kills
        workers = Workers(self._pool.make, self._begin, self._frames, self._pool.kill)
        self._federated = FederatedQueries(settings.federation, settings.max_waiting, workers)

    async def start(self) -> None:
        """Start the keeper and the workers.

        :raises UsageError: if the data can't be loaded
        """
        try:
            await self._federated.start()
            await self._pool.start()
        except (OSError, EOFError, UsageError) as error:
            raise UsageError(
                f"The graph in {self._release.path} could not be loaded.", "Build it again."
            ) from error
        finally:
            if not self._pool.lanes.workers:
                await self.close()

    async def close(self) -> None:
        """End all processes."""
        await self._pool.close()
        await self._federated.close()

    def status(self) -> EngineStatus:
        """Say how it is now; see :class:`Engine`."""
        lanes, places = self._pool.lanes, self._federated.places
        return EngineStatus(
            len(lanes.workers) + places.taken,
            lanes.busy + places.taken,
            lanes.waiting + places.waiting,
            dict(self.kills),
            self.in_memory,
        )

    async def query(self, request: QueryRequest) -> Answer:
        """Evaluate a query as far as the first chunk of its result; see :class:`Engine`."""
        loop = asyncio.get_running_loop()
        shorter = 0 < request.timeout_s < self._settings.timeout_s
        asked_s = request.timeout_s if shorter else 0
        until = loop.time() + (asked_s or self._settings.timeout_s)
        ticket = Ticket(request.client, shape_of(request.text))
        attempts = 3
        while True:
            worker = await self._pool.lanes.enter(ticket, until)
            # Also where nobody asks for the next frame, as when the client reads no further.
            worker.deadline = loop.call_at(until, self._pool.kill, worker, "deadline")
            worker.asked_s = asked_s
            try:
                kind, first = await self._begin(worker, request)
                offer = request.offer(kind)
            except NeedsFederationError:
                return await self._federated.query(request, until, asked_s)
            except _PreemptedError:
                continue
            except _LostError:  # it may have been killed from outside
                attempts -= 1
                if not attempts:
                    raise
                continue
            except BaseException:
                self._leave(worker, ticket)
                raise
            leave = partial(self._leave, worker, ticket)
            body = first[1] if first[0] is Frame.WHOLE else None
            return Answer(kind, offer, self._frames(worker, ticket, first), leave, body)

    async def _begin(
        self, worker: Worker, request: QueryRequest
    ) -> tuple[ResultKind, tuple[Frame, bytes]]:
        """Send a query and wait for the first part of its result."""
        worker.pipe.send(pack(Frame.REQUEST, encode_request(request)))
        begun, payload = await self._frame(worker)
        name, _, body = payload.partition(b"\n")
        try:
            kind = ResultKind(name.decode("ascii", "replace"))
        except ValueError:
            raise self._garbled(worker) from None
        if begun is Frame.WHOLE:
            return kind, (begun, body)
        if begun is not Frame.BEGUN:
            raise self._garbled(worker)
        first = await self._frame(worker)
        if worker.killed:  # while the first part was on its way
            raise await self._exit_error(worker)
        if first[0] is not Frame.END:
            self._pool.lanes.begun(worker)
        return kind, first

    async def _frame(self, worker: Worker) -> tuple[Frame, bytes]:
        """Read the next frame; at the last one of a query, take the worker back.

        :raises TzgraphError: what the worker says is wrong, or what ended it
        """
        try:
            number, payload = await worker.pipe.frame()
            frame = Frame(number & ~LAST)
            error = decode_error(payload) if frame is Frame.ERROR else None
        except EOFError:
            raise await self._exit_error(worker) from None
        except ValueError:
            raise self._garbled(worker) from None
        if frame in (Frame.END, Frame.ERROR, Frame.WHOLE):
            self._done(worker, last=bool(number & LAST))
        if error is not None:
            raise error
        return frame, payload

    async def _frames(
        self, worker: Worker, ticket: Ticket, first: tuple[Frame, bytes]
    ) -> AsyncIterator[bytes]:
        frame, payload = first
        if frame is Frame.WHOLE:
            yield payload
            return
        try:
            while frame is Frame.CHUNK:
                yield payload
                frame, payload = await self._frame(worker)
            if frame is not Frame.END:
                raise self._garbled(worker)
        finally:
            self._leave(worker, ticket)

    def _done(self, worker: Worker, *, last: bool) -> None:
        """Take a worker back that has done its query, unless it says that it was its last."""
        if worker.deadline is not None:
            worker.deadline.cancel()
        if worker.ended.done():
            worker.ticket = None
            self._pool.drop(worker)
        elif worker.killed or last:
            self._pool.kill(worker, "recycled")
            worker.ticket = None
        else:
            self._pool.lanes.release(worker)

    def _leave(self, worker: Worker, ticket: Ticket) -> None:
        """End a query that nobody waits for any more."""
        if worker.ticket is ticket:
            self._pool.kill(worker, "left")

    def _garbled(self, worker: Worker) -> EngineFailedError:
        self._pool.kill(worker, "garbled")
        _LOG.error("a worker sent what can't be understood")
        return EngineFailedError("The process that evaluated the query failed.", "Try again.")

    async def _exit_error(self, worker: Worker) -> BaseException:
        """Give the error to raise for a worker that ended in the middle of a query."""
        if not worker.killed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EXIT_STATUS_TIMEOUT):
                    await asyncio.shield(worker.ended)
            if not worker.ended.done():
                self._pool.kill(worker, "lost")
            worker.ticket = None
            self._pool.drop(worker)
        if worker.killed == "preempted":
            return _PreemptedError()
        if worker.killed == "deadline" and worker.asked_s:
            return DeadlineError(
                f"The query took longer than {worker.asked_s:g} s, its own timeout.",
                f"This server gives queries {self._settings.timeout_s:g} s.",
            )
        if worker.killed == "deadline":
            return DeadlineError(
                f"The query took longer than {self._settings.timeout_s:g} s.",
                "Ask for less at a time; the server sets the limit with TZGRAPH_QUERY_TIMEOUT.",
            )
        if worker.killed == "slow":
            return EngineBusyError("The server is busy: others wait.", "Try again later.")
        ended = worker.ended.result() if worker.ended.done() else Ended(0)
        if ended.lacked_memory:
            self._pool.count("memory")
            return MemoryLimitError(
                f"The query needs more than {self._settings.memory_mb} MB.",
                "Ask for less at a time; the server sets the limit with TZGRAPH_QUERY_MEMORY.",
            )
        return (_LostError if ended.from_outside else EngineFailedError)(
            f"The process that evaluated the query ended {ended.how}.",
            "Try again; whoever runs the server finds more in its log, and in the kernel's where"
            " memory was short.",
        )


class _LostError(EngineFailedError):
    """The worker ended, and no limit was the reason."""


class _PreemptedError(Exception):
    """The query lost its worker to others and has to begin again."""
