"""The client side of the writer: hand it orders, publish, show readers the result."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tzgraph.errors import TzgraphError
from tzgraph.release import Release
from tzgraph.release.updates import Updates
from tzgraph.serve.engine.errors import (
    DeadlineError,
    DiskFailedError,
    DiskFullError,
    EngineBusyError,
    EngineFailedError,
    MemoryLimitError,
    WriterEndedError,
)
from tzgraph.serve.isolation.wire import Frame, decode_error
from tzgraph.serve.settings import WriteSettings
from tzgraph.serve.updates.orders import Order, OrderOutcome, encode_order
from tzgraph.serve.updates.process import ProcessEndedError, WriterProcess

__all__ = ["Writer"]

_LOG = logging.getLogger(__name__)
#: Orders that are published together, if they wait together.
_TOGETHER = 100
#: Seconds that the writer may take to get ready, and to publish.
_PATIENCE = 60
#: What no other writer could do better.
_OF_DISK = (DiskFailedError, DiskFullError)


@dataclass(eq=False)
class _Pending:
    """An order that somebody waits for."""

    order: bytes
    until: float
    done: asyncio.Future[OrderOutcome]
    outcome: OrderOutcome = field(default_factory=OrderOutcome)


class _MovedError(Exception):
    """Another release has become the current one."""


class Writer:
    """Carries out orders one after the other, each whole or not at all.

    An order is done when its state is on the disk and new requests see it. A writer that is
    killed, by its deadline or from outside, loses what was not published; the orders that it had
    carried out are carried out again by its successor.

    :param root: the release folder
    :param settings: limits
    :param release: gives the release that is served
    :param show: makes a state of that release the one that new requests see
    :param follow: makes the current release of the folder the one that is served
    """

    def __init__(
        self,
        root: Path,
        settings: WriteSettings,
        *,
        release: Callable[[], Release],
        show: Callable[[Release], Awaitable[None]],
        follow: Callable[[], Awaitable[None]],
    ) -> None:
        self._root = root
        self._settings = settings
        self._release = release
        self._show = show
        self._follow = follow
        self._waiting: deque[_Pending] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._process: WriterProcess | None = None
        #: Whether orders are being carried out.
        self.busy = False
        self.kills: dict[str, int] = {}
        #: How many orders ended in which way, ``ok`` or the code of an error.
        self.outcomes: Counter[str] = Counter({"ok": 0})
        #: Seconds that they took, with waiting.
        self.seconds = 0.0

    @property
    def waiting(self) -> int:
        """How many orders wait."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to take orders."""
        self._task = asyncio.ensure_future(self._run())

    async def close(self) -> None:
        """Take no more orders; those that wait are refused."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._end()
        while self._waiting:
            _fail(self._waiting.popleft(), EngineBusyError("The server stops.", "Try again later."))

    async def carry_out(self, order: Order) -> OrderOutcome:
        """Carry out an order, and wait until new requests see what it did.

        :raises QueryError: if it can't be carried out; nothing is changed then
        :raises EngineBusyError: if too many wait, or another server writes
        :raises DeadlineError: if it takes too long; nothing is changed then
        """
        if len(self._waiting) >= self._settings.max_waiting:
            self.outcomes[EngineBusyError.code] += 1
            raise EngineBusyError(
                f"{self._settings.max_waiting} updates wait already (TZGRAPH_QUEUE).",
                "Try again later.",
            )
        loop = asyncio.get_running_loop()
        until = loop.time() + self._settings.timeout_s
        pending = _Pending(encode_order(order), until, loop.create_future())
        began = loop.time()

        def count(done: asyncio.Future[OrderOutcome]) -> None:
            error = done.exception() if not done.cancelled() else None
            self.outcomes[getattr(error, "code", "ok")] += 1
            self.seconds += loop.time() - began

        pending.done.add_done_callback(count)
        self._waiting.append(pending)
        self._wake.set()
        # Not cancelled when the client leaves: it was accepted, and goes on.
        return await asyncio.shield(pending.done)

    async def _run(self) -> None:
        with contextlib.suppress(TzgraphError, ProcessEndedError, OSError):
            await self._ready()  # so that the first update need not wait for it
        while True:
            await self._wake.wait()
            self._wake.clear()
            self.busy = True
            while self._waiting:
                batch = [self._waiting.popleft()]
                while self._waiting and len(batch) < _TOGETHER:
                    batch.append(self._waiting.popleft())
                try:
                    await self._do(batch)
                except TzgraphError as error:
                    if type(error) is not EngineBusyError:
                        _LOG.error("updates failed: %s", error)
                    self._end()
                    for pending in batch:
                        _fail(pending, error)
                except Exception:
                    _LOG.exception("updates failed")
                    self._end()
                    failed = EngineFailedError("The server failed on this update.", "Try again.")
                    for pending in batch:
                        _fail(pending, failed)
            self.busy = False

    async def _do(self, batch: list[_Pending]) -> None:
        """Carry out orders, publish what they did, and tell those who wait."""
        attempts = 3
        while batch := [pending for pending in batch if not pending.done.done()]:
            try:
                process = await self._ready()
                applied = [p for p in batch if await self._apply(process, p)]
                if not applied:
                    return
                await self._publish(process)
            except _MovedError:
                self._end()
                await self._follow()
                continue
            except ProcessEndedError:
                self._end()
                # Unless the order that was to blame is out of the way.
                attempts -= not any(pending.done.done() for pending in batch)
                if not attempts:
                    raise WriterEndedError(
                        "The process that carries out updates was started three times and ended"
                        " each time; nothing has changed.",
                        "Try again later; whoever runs the server finds more in its log.",
                    ) from None
                continue
            served = self._release()
            updates = Updates(self._root, served.manifest.id)
            state, lease = await asyncio.to_thread(updates.lease)
            shown = Release(served.path, served.manifest, state, lease)
            await self._show(shown)
            # The state of those before it holds what came later as well.
            applied[-1].outcome = replace(applied[-1].outcome, state=shown.id)
            for pending in applied:
                if not pending.done.done():
                    pending.done.set_result(pending.outcome)
            return

    async def _ready(self) -> WriterProcess:
        """Give a writer for the release that is served.

        :raises ProcessEndedError: if it ends before it is ready
        :raises TzgraphError: if it says why it can't begin
        """
        served = self._release()
        process = self._process
        if process is not None and process.release == served.manifest.id:
            return process
        self._end()
        process = WriterProcess(served.manifest.id)
        order = {
            "root": str(self._root),
            "release": served.manifest.id,
            "prefixes": dict(served.manifest.prefixes),
            "memory_mb": self._settings.memory_mb,
        }
        try:
            async with asyncio.timeout(_PATIENCE):
                frame, said = await process.start(order)
            if frame is Frame.ERROR:
                error = decode_error(said)
                known = isinstance(error, (*_OF_DISK, EngineFailedError))
                raise error if known else EngineBusyError(str(error))
        except TimeoutError:
            process.kill()
            raise ProcessEndedError from None
        except BaseException:
            process.kill()
            raise
        self._process = process
        return process

    async def _apply(self, process: WriterProcess, pending: _Pending) -> bool:
        """Carry out an order; say whether that worked. If not, who waits for it is told why."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(pending.until):
                frame, said = await process.ask(pending.order)
        except TimeoutError:
            late = loop.time() - pending.until + self._settings.timeout_s
            _fail(
                pending,
                DeadlineError(
                    f"The update was not done within {self._settings.timeout_s:g} s; nothing has "
                    "changed.",
                    "Change less at a time; the server sets the limit with TZGRAPH_QUERY_TIMEOUT.",
                ),
            )
            self._count("deadline")
            _LOG.info("an update was given up after %.1f s", late)
            raise ProcessEndedError from None
        except ProcessEndedError:
            if (await process.ended()).lacked_memory:
                self._count("memory")
                _fail(
                    pending,
                    MemoryLimitError(
                        f"The update needs more than {self._settings.memory_mb} MB; nothing has "
                        "changed.",
                        "Change less at a time; the server sets the limit with "
                        "TZGRAPH_UPDATE_MEMORY.",
                    ),
                )
            raise
        if frame is Frame.ERROR:
            error = decode_error(said)
            if isinstance(error, _OF_DISK):
                raise error  # what was carried out before can't be kept either
            _fail(pending, error)
            if isinstance(error, EngineFailedError):
                raise ProcessEndedError  # it may have done a part of it
            return False
        pending.outcome = OrderOutcome(**json.loads(said))
        return True

    async def _publish(self, process: WriterProcess) -> None:
        """Have what was carried out made the current state.

        :raises _MovedError: if that is another release's by now
        :raises ProcessEndedError: if it was not
        """
        try:
            async with asyncio.timeout(_PATIENCE):
                frame, said = await process.ask(b"")
            failed: Exception | None = decode_error(said) if frame is Frame.ERROR else None
        except (TimeoutError, ProcessEndedError):
            failed = ProcessEndedError()
        if failed is not None:
            self._end()
            # It may have failed behind the moment that counts.
            if Updates(self._root, process.release).current() not in (process.state, ""):
                return
            raise failed if isinstance(failed, _OF_DISK) else ProcessEndedError
        answer = json.loads(said)
        if answer.get("moved"):
            raise _MovedError
        process.state = answer["state"]

    def _count(self, why: str) -> None:
        self.kills[why] = self.kills.get(why, 0) + 1

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()


def _fail(pending: _Pending, error: BaseException) -> None:
    if not pending.done.done():
        pending.done.set_exception(error)
        pending.done.exception()  # it may be that nobody waits any more
