"""The engine that gives each query to a worker process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tzgraph.errors import TzgraphError, UsageError
from tzgraph.query.formats import ResultKind
from tzgraph.release import Release
from tzgraph.serve.engine import (
    Answer,
    DeadlineError,
    EngineFailedError,
    MemoryLimitError,
    QueryRequest,
)
from tzgraph.serve.isolation.lanes import Lanes, Ticket, Worker, shape_of
from tzgraph.serve.isolation.wire import HEADER, Frame, decode_error, encode_request, pack

__all__ = ["IsolatedEngine", "IsolationSettings", "fits_in_memory", "is_supported"]

_LOG = logging.getLogger(__name__)
#: Bytes in memory for each byte of N-Quads, measured at 1 M quads; on the safe side.
_MEMORY_PER_BYTE = 4
#: Seconds that the keeper may take to load.
_PATIENCE = 600
_KEEPER = "tzgraph.serve.isolation.keeper"
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class IsolationSettings:
    """Limits of queries.

    :ivar timeout: seconds from a query's arrival to the end of its answer
    :ivar memory: megabytes that a query may take
    :ivar result_bytes: bytes that a result may have
    :ivar workers: processes for long queries; one more is kept for quick ones
    :ivar queue: queries that may wait
    :ivar budget: megabytes that the graph may take in memory; a larger one is read from disk
    """

    timeout: float = 30
    memory: int = 256
    result_bytes: int = 1024 * _MB
    workers: int = 2
    queue: int = 500
    budget: int = 2048


def is_supported() -> bool:
    """Say whether this machine has what isolation needs."""
    return sys.platform == "linux" and hasattr(os, "fork")


class IsolatedEngine:
    """Evaluates each query in a worker process.

    :param release: the data
    :param settings: limits
    """

    def __init__(self, release: Release, settings: IsolationSettings) -> None:
        self._release = release
        self._settings = settings
        self.in_memory = fits_in_memory(release.nquads, settings.budget)
        self._lanes = Lanes(settings.workers, settings.queue, self._kill)
        self._names = iter(range(1, sys.maxsize))
        self._keeper: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._opening: set[asyncio.Task[None]] = set()
        self._closed = False
        self.kills: dict[str, int] = {}

    # -- life ------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the keeper and the workers.

        :raises UsageError: if the keeper can't load the data
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._keeper = subprocess.Popen(  # noqa: S603 - our own program, no input in it
                [sys.executable, "-m", _KEEPER, str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._control = ours
        order = {
            "in_memory": self.in_memory,
            "nquads": str(self._release.nquads),
            "store": str(self._release.path / "store"),
            "prefixes": dict(self._release.manifest.prefixes),
            "limits": {
                "memory": self._settings.memory,
                "bytes": self._settings.result_bytes,
                "files": int(not self.in_memory),
            },
        }
        ours.sendall(json.dumps(order).encode())
        loop = asyncio.get_running_loop()
        ours.setblocking(False)
        try:
            async with asyncio.timeout(_PATIENCE):
                told = await loop.sock_recv(ours, 1 << 16)
        except TimeoutError:
            told = b""
        if not told:
            raise UsageError(
                f"The graph in {self._release.path} could not be loaded.", "Build it again."
            )
        loop.add_reader(ours, self._hear)
        await asyncio.gather(*(self._add_worker() for _ in range(self._settings.workers + 1)))

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()  # the keeper ends, and its workers with it
        for worker in self._lanes.workers.values():
            worker.writer.close()
        for task in self._opening:
            task.cancel()
        if self._keeper is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._keeper.wait, 5)
            if self._keeper.poll() is None:
                self._keeper.kill()
                self._keeper.wait()

    async def _add_worker(self) -> None:
        if self._control is None or self._closed:
            return
        ours, theirs = socket.socketpair()
        name = next(self._names)
        with theirs:
            socket.send_fds(self._control, [json.dumps({"fork": name}).encode()], [theirs.fileno()])
        reader, writer = await asyncio.open_connection(sock=ours)
        worker = Worker(name, reader, writer)
        self._lanes.workers[name] = worker
        self._lanes.hand_out()

    def _hear(self) -> None:
        """Take what the keeper says: a worker has ended."""
        if self._control is None:
            return
        try:
            packet = self._control.recv(1 << 16)
        except BlockingIOError:
            return
        if not packet:
            asyncio.get_running_loop().remove_reader(self._control)
            if not self._closed:
                _LOG.critical("the process that holds the graph has ended")
                signal.raise_signal(signal.SIGTERM)
            return
        told: dict[str, Any] = json.loads(packet)
        worker = self._lanes.workers.get(int(told["gone"]))
        if worker is None:
            return
        self._lanes.remove(worker)
        if not worker.ended.done():
            worker.ended.set_result(int(told["signal"]))
        worker.writer.close()
        if not self._closed:
            task = asyncio.ensure_future(self._add_worker())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _kill(self, worker: Worker, why: str) -> None:
        if not worker.killed and self._control is not None:
            worker.killed = why
            self.kills[why] = self.kills.get(why, 0) + 1
            with contextlib.suppress(OSError):
                self._control.send(json.dumps({"kill": worker.name}).encode())

    # -- queries ---------------------------------------------------------------------------

    async def query(self, request: QueryRequest) -> Answer:
        """Evaluate a query as far as the first chunk of its result; see :class:`Engine`."""
        until = asyncio.get_running_loop().time() + self._settings.timeout
        ticket = Ticket(request.client, shape_of(request.text))
        data = pack(Frame.REQUEST, encode_request(request))
        while True:
            worker = await self._lanes.enter(ticket, until)
            try:
                kind, first = await self._begin(worker, data, until)
            except _PreemptedError:
                continue
            leave = partial(self._leave, worker, ticket)
            return Answer(kind, request.offer(kind), self._frames(worker, first, until), leave)

    async def _begin(
        self, worker: Worker, data: bytes, until: float
    ) -> tuple[ResultKind, tuple[Frame, bytes]]:
        """Send a query and wait for the first part of its result."""
        ticket = worker.ticket
        try:
            worker.writer.write(data)
            _begun, payload = await self._frame(worker, until)
            kind = ResultKind(payload.decode())
            first = await self._frame(worker, until)
            self._lanes.begun(worker)
        except TzgraphError:
            raise
        except BaseException:
            self._leave(worker, ticket)
            raise
        return kind, first

    async def _frame(self, worker: Worker, until: float) -> tuple[Frame, bytes]:
        """Read the next frame.

        :raises TzgraphError: what the worker says is wrong, or what ended it
        """
        try:
            async with asyncio.timeout_at(until):
                kind, length = HEADER.unpack(await worker.reader.readexactly(HEADER.size))
                payload = await worker.reader.readexactly(length)
        except TimeoutError:
            self._kill(worker, "deadline")
            raise self._too_late() from None
        except (asyncio.IncompleteReadError, OSError):
            raise await self._why_ended(worker) from None
        if kind == Frame.ERROR:
            self._lanes.release(worker)
            raise decode_error(payload)
        return Frame(kind), payload

    async def _frames(
        self, worker: Worker, first: tuple[Frame, bytes], until: float
    ) -> AsyncIterator[bytes]:
        ticket = worker.ticket
        frame, payload = first
        try:
            while frame is not Frame.END:
                yield payload
                frame, payload = await self._frame(worker, until)
            self._lanes.release(worker)
        finally:
            self._leave(worker, ticket)

    def _leave(self, worker: Worker, ticket: Ticket | None) -> None:
        """End a query that nobody waits for any more."""
        if ticket is not None and worker.ticket is ticket and not worker.ended.done():
            self._kill(worker, "left")

    async def _why_ended(self, worker: Worker) -> BaseException:
        """Say why a worker ended in the middle of a query."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.shield(worker.ended)
        if worker.killed == "preempted" and not worker.streaming:
            return _PreemptedError()
        if worker.killed == "deadline":
            return self._too_late()
        if worker.ended.done() and worker.ended.result() == signal.SIGABRT:
            self.kills["memory"] = self.kills.get("memory", 0) + 1
            return MemoryLimitError(
                f"The query needs more than {self._settings.memory} MB.",
                "Ask for less at a time; the server sets the limit with TZGRAPH_QUERY_MEMORY.",
            )
        return EngineFailedError("The process that evaluated the query ended.", "Try again.")

    def _too_late(self) -> DeadlineError:
        return DeadlineError(
            f"The query took longer than {self._settings.timeout:g} s.",
            "Ask for less at a time; the server sets the limit with TZGRAPH_QUERY_TIMEOUT.",
        )


class _PreemptedError(Exception):
    """The query lost its worker to others and has to begin again."""


def fits_in_memory(nquads: Path, budget: int) -> bool:
    """Say whether a graph takes no more memory than it may.

    :param nquads: the graph as N-Quads
    :param budget: megabytes
    """
    return nquads.is_file() and nquads.stat().st_size * _MEMORY_PER_BYTE <= budget * _MB
