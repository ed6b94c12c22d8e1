"""The keeper and the workers: made, replaced when they end, killed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import Coroutine

from tzgraph.errors import UsageError
from tzgraph.names.index import NAMES
from tzgraph.release import Release
from tzgraph.serve.engine.ending import give_up
from tzgraph.serve.isolation.channel import KeeperClient
from tzgraph.serve.isolation.ended import Ended
from tzgraph.serve.isolation.lanes import Lanes, Worker
from tzgraph.serve.isolation.machine import fits_in_memory, processors
from tzgraph.serve.isolation.pipe import open_pipe
from tzgraph.serve.settings import IsolationSettings

__all__ = ["WorkerPool"]

_LOG = logging.getLogger(__name__)
#: Seconds that a worker may take to get ready.
_PATIENCE = 60
#: Seconds between attempts to make a worker: at first, and at most.
_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
#: Seconds before each attempt to replace a keeper; after the last one the server gives up.
_AGAIN = (0.0, 0.5, 2.0, 5.0, 10.0)
#: Seconds after which a keeper counts as sound, and attempts are counted anew.
_SOUND = 60.0


class WorkerPool:
    """Has workers forked by a keeper, as many as wanted, and knows how each ended.

    :param release: the data that the keeper loads
    :param settings: limits
    :param on_disk: read the data from disk even if they fit into memory
    """

    def __init__(self, release: Release, settings: IsolationSettings, *, on_disk: bool) -> None:
        self._release = release
        self._settings = settings
        self.in_memory = not on_disk and fits_in_memory(release, settings.graph_memory_mb)
        self.lanes = Lanes(
            settings.workers or processors(), settings.max_waiting, self.kill, self._fill
        )
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
        #: How many were killed, by the reason.
        self.kills: dict[str, int] = {}

    async def start(self) -> None:
        """Start the keeper and the workers.

        :raises OSError: if no worker can be made
        :raises EOFError: if the first one ends at once
        :raises UsageError: if the data can't be loaded
        """
        await self._start_keeper()
        await self._make_worker()  # the first one tells whether they can be made at all
        self._fill()

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        self.lanes.close()
        for task in self._tasks:
            task.cancel()
        for worker in list(self._workers.values()):
            self.kill(worker, "closed")
        await self._keeper.close()

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
        alive = sum(not worker.killed for worker in self.lanes.workers.values())
        usable = self._loaded and not self._closed
        while usable and alive + self._making < self.lanes.wanted:
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
        worker = await self.make()
        self.lanes.workers[worker.name] = worker
        self.lanes.hand_out()

    async def make(self, relay: str = "") -> Worker:
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
            self.kill(worker, "unready")
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
        self.lanes.remove(worker)
        if not worker.ended.done():
            worker.ended.set_result(ended)
        # What it sent before is still to be read, so the connection closes by itself.
        if worker.ticket is None or worker.killed:
            self.drop(worker)
        self._fill()

    def kill(self, worker: Worker, why: str) -> None:
        """Kill a worker, for a reason that is counted; once is enough."""
        if worker.killed:
            return
        worker.killed = why
        self.count(why)
        self.lanes.remove(worker)
        self.drop(worker)
        self._keeper.kill(worker.name)
        self._fill()

    def count(self, why: str) -> None:
        """Count a query that lost its worker for a reason."""
        self.kills[why] = self.kills.get(why, 0) + 1

    def drop(self, worker: Worker) -> None:
        """Hear no more of a worker; who waits for it finds the end of the stream at once."""
        if worker.deadline is not None:
            worker.deadline.cancel()
        worker.pipe.abort()
