"""The engine that gives each query to a worker process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from functools import partial

from tzgraph.errors import UsageError
from tzgraph.names.index import NAMES
from tzgraph.query.formats import ResultKind
from tzgraph.query.run import NeedsFederationError
from tzgraph.release import Release
from tzgraph.serve.engine.base import Answer, EngineStatus, QueryRequest
from tzgraph.serve.engine.ending import give_up
from tzgraph.serve.engine.errors import (
    DeadlineError,
    EngineBusyError,
    EngineFailedError,
    MemoryLimitError,
)
from tzgraph.serve.isolation.channel import KeeperClient
from tzgraph.serve.isolation.ended import Ended
from tzgraph.serve.isolation.federated import FederatedQueries, Workers
from tzgraph.serve.isolation.lanes import Lanes, Ticket, Worker, shape_of
from tzgraph.serve.isolation.machine import fits_in_memory, processors
from tzgraph.serve.isolation.pipe import open_pipe
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
#: Seconds that a worker may take to get ready, and the keeper to say how one ended.
_PATIENCE = 60
_EXIT_STATUS_TIMEOUT = 5
#: Seconds between attempts to make a worker: at first, and at most.
_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
#: Seconds before each attempt to replace a keeper; after the last one the server gives up.
_AGAIN = (0.0, 0.5, 2.0, 5.0, 10.0)
#: Seconds after which a keeper counts as sound, and attempts are counted anew.
_SOUND = 60.0


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
        self.in_memory = not on_disk and fits_in_memory(release, settings.graph_memory_mb)
        self._lanes = Lanes(
            settings.workers or processors(), settings.max_waiting, self._kill, self._fill
        )
        workers = Workers(self._make, self._begin, self._frames, self._kill)
        self._federated = FederatedQueries(settings.federation, settings.max_waiting, workers)
        self._names = iter(range(1, sys.maxsize))
        self._keeper = KeeperClient(self._gone, self._keeper_ended)
        self._keeper_since, self._attempts = 0.0, 0
        #: All workers: those that get ready, those that can be given queries, those that die.
        self._workers: dict[int, Worker] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._making = 0
        self._loaded = False
        self._pause = _PAUSE
        self._warned = False
        self._closed = False
        self.kills: dict[str, int] = {}

    # -- life ------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the keeper and the workers.

        :raises UsageError: if the data can't be loaded
        """
        try:
            await self._federated.start()
            await self._start_keeper()
            await self._make_worker()  # the first one tells whether they can be made at all
        except (OSError, EOFError, UsageError) as error:
            raise UsageError(
                f"The graph in {self._release.path} could not be loaded.", "Build it again."
            ) from error
        finally:
            if not self._lanes.workers:
                await self.close()
        self._fill()

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        self._lanes.close()
        for task in self._tasks:
            task.cancel()
        for worker in list(self._workers.values()):
            self._kill(worker, "closed")
        await self._federated.close()
        await self._keeper.close()

    def status(self) -> EngineStatus:
        """Say how it is now; see :class:`Engine`."""
        lanes, places = self._lanes, self._federated.places
        return EngineStatus(
            len(lanes.workers) + places.taken,
            lanes.busy + places.taken,
            lanes.waiting + places.waiting,
            dict(self.kills),
            self.in_memory,
        )

    async def _start_keeper(self) -> None:
        order = {
            "in_memory": self.in_memory,
            "nquads": "" if self._release.state else str(self._release.nquads),
            "store": str(self._release.store_path),
            "prefixes": dict(self._release.manifest.prefixes),
            "names": str(self._release.path / NAMES),
            "endpoints": [endpoint.iri for endpoint in self._settings.federation.endpoints],
            "max_reply_bytes": self._settings.federation.max_reply_bytes,
            "limits": {
                "memory_mb": self._settings.memory_mb,
                "max_result_bytes": self._settings.max_result_bytes,
                "max_result_rows": self._settings.max_result_rows,
                "files": int(not self.in_memory),
            },
        }
        await self._keeper.start(order)
        self._loaded = True
        self._keeper_since = asyncio.get_running_loop().time()

    def _keeper_ended(self) -> None:
        """Put another keeper, with other workers, in the place of one that was killed."""
        if self._closed:
            return
        self._loaded = False
        if asyncio.get_running_loop().time() - self._keeper_since > _SOUND:
            self._attempts = 0
        for name in list(self._workers):
            self._gone(name, 0)
        self._do(self._replace_keeper())

    async def _replace_keeper(self) -> None:
        while not self._closed:
            ended = Ended(await self._keeper.close())
            if self._attempts >= len(_AGAIN):
                give_up(
                    f"the process that holds the graph ended {ended.how}, and has ended or "
                    f"could not be started {self._attempts + 1} times in a row"
                )
                return
            pause, self._attempts = _AGAIN[self._attempts], self._attempts + 1
            _LOG.error(
                "the process that holds the graph ended %s; attempt %d of %d to replace it",
                *(ended.how, self._attempts, len(_AGAIN)),
            )
            await asyncio.sleep(pause)
            self._keeper = KeeperClient(self._gone, self._keeper_ended)
            with contextlib.suppress(OSError, UsageError):
                await self._start_keeper()
                break
        self._fill()

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _fill(self) -> None:
        """Make workers until there are as many as wanted."""
        alive = sum(not worker.killed for worker in self._lanes.workers.values())
        usable = self._loaded and not self._closed
        while usable and alive + self._making < self._lanes.wanted:
            self._making += 1
            self._do(self._add_worker())

    async def _add_worker(self) -> None:
        """Make a worker; after a failure, such as too many open files, after a pause."""
        try:
            await self._make_worker()
            self._pause = _PAUSE
        except (OSError, EOFError) as error:
            _LOG.warning("a worker could not be made: %s", str(error) or type(error).__name__)
            pause, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE)
            await asyncio.sleep(pause)
        finally:
            self._making -= 1
        self._fill()

    async def _make_worker(self) -> None:
        """Have a worker forked, and take it on when it is ready.

        :raises OSError: if it can't be made, or takes too long
        :raises EOFError: if it ends at once
        """
        worker = await self._make()
        self._lanes.workers[worker.name] = worker
        self._lanes.hand_out()

    async def _make(self, relay: str = "") -> Worker:
        """Have a worker forked, and wait until it is ready.

        :param relay: where it may call other endpoints, or the name of a fetcher
        :raises OSError: if it can't be made, or takes too long
        :raises EOFError: if it ends at once
        """
        ours, theirs = socket.socketpair()
        name = next(self._names)
        self._keeper.fork(name, theirs, relay)
        pipe = await open_pipe(ours)
        worker = self._workers[name] = Worker(name, pipe)
        try:
            async with asyncio.timeout(_PATIENCE):
                _ready, confined = await pipe.frame()
        except BaseException:
            self._kill(worker, "unready")
            raise
        if not confined and not self._warned:
            self._warned = True
            _LOG.warning("workers can't be kept from opening sockets on this machine")
        return worker

    def _gone(self, name: int, ended_by: int, said: str = "") -> None:
        """Take notice that a worker has ended, by a signal or not, and of its last words."""
        ended = Ended(ended_by, said)
        if said:
            _LOG.warning("a process that evaluates queries ended %s: %s", ended.how, said)
        worker = self._workers.pop(name, None)
        if worker is None:
            return
        self._lanes.remove(worker)
        if not worker.ended.done():
            worker.ended.set_result(ended)
        # What it sent before is still to be read, so the connection closes by itself.
        if worker.ticket is None or worker.killed:
            self._drop(worker)
        self._fill()

    def _kill(self, worker: Worker, why: str) -> None:
        if worker.killed:
            return
        worker.killed = why
        self.kills[why] = self.kills.get(why, 0) + 1
        self._lanes.remove(worker)
        self._drop(worker)
        self._keeper.kill(worker.name)
        self._fill()

    def _drop(self, worker: Worker) -> None:
        """Hear no more of a worker; who waits for it finds the end of the stream at once."""
        if worker.deadline is not None:
            worker.deadline.cancel()
        worker.pipe.abort()

    # -- queries ---------------------------------------------------------------------------

    async def query(self, request: QueryRequest) -> Answer:
        """Evaluate a query as far as the first chunk of its result; see :class:`Engine`."""
        loop = asyncio.get_running_loop()
        shorter = 0 < request.timeout_s < self._settings.timeout_s
        asked_s = request.timeout_s if shorter else 0
        until = loop.time() + (asked_s or self._settings.timeout_s)
        ticket = Ticket(request.client, shape_of(request.text))
        attempts = 3
        while True:
            worker = await self._lanes.enter(ticket, until)
            # Also where nobody asks for the next frame, as when the client reads no further.
            worker.deadline = loop.call_at(until, self._kill, worker, "deadline")
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
            self._lanes.begun(worker)
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
            self._drop(worker)
        elif worker.killed or last:
            self._kill(worker, "recycled")
            worker.ticket = None
        else:
            self._lanes.release(worker)

    def _leave(self, worker: Worker, ticket: Ticket) -> None:
        """End a query that nobody waits for any more."""
        if worker.ticket is ticket:
            self._kill(worker, "left")

    def _garbled(self, worker: Worker) -> EngineFailedError:
        self._kill(worker, "garbled")
        _LOG.error("a worker sent what can't be understood")
        return EngineFailedError("The process that evaluated the query failed.", "Try again.")

    async def _exit_error(self, worker: Worker) -> BaseException:
        """Give the error to raise for a worker that ended in the middle of a query."""
        if not worker.killed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EXIT_STATUS_TIMEOUT):
                    await asyncio.shield(worker.ended)
            if not worker.ended.done():
                self._kill(worker, "lost")
            worker.ticket = None
            self._drop(worker)
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
            self.kills["memory"] = self.kills.get("memory", 0) + 1
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
