"""Explanations for the server: from one explainer for each release, in threads of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeAlias

from tzgraph.errors import QueryError, TzgraphError
from tzgraph.release import Release
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.serve.engine.base import without_frames
from tzgraph.serve.engine.errors import DeadlineError, EngineBusyError, EngineFailedError

__all__ = ["Explaining", "Work"]

_LOG = logging.getLogger(__name__)


#: Makes an explanation, and calls what it is given before each step.
Work: TypeAlias = Callable[[ReleaseExplainer, Callable[[], None]], bytes]


class _LeftError(Exception):
    """Nobody waits for the explanation any more."""


class Explaining:
    """Runs work that needs the explainer of a release, a few at a time.

    Rules and store are opened when they are needed first, once. An explanation takes milliseconds
    in the shipped graph, and could take minutes in a long chain of a transitive property, so it
    has the deadline of a query, and ends when the client leaves.

    :param release: what to explain
    :param timeout_s: seconds that one may take, with waiting for its turn
    :param threads: explanations that are worked out at the same time
    """

    def __init__(self, release: Release, *, timeout_s: float, threads: int = 2) -> None:
        self._release = release
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tzgraph-explain")
        self._slots = asyncio.Semaphore(threads)
        self._timeout_s = timeout_s
        self._opening = threading.Lock()
        self._explainer: ReleaseExplainer | None = None

    async def run(self, work: Work) -> bytes:
        """Give what the work makes; if the caller is cancelled, it is not begun or ends soon.

        :raises EngineBusyError: if there is no room for it
        :raises DeadlineError: if it takes too long
        :raises TzgraphError: what the work raises
        """
        until, left = time.monotonic() + self._timeout_s, threading.Event()

        def step() -> None:
            if left.is_set():
                raise _LeftError
            if time.monotonic() > until:
                raise DeadlineError(
                    f"The explanation takes more than {self._timeout_s:g} s.",
                    "Explain one of the triples that it may rest on; the server sets the limit "
                    "with TZGRAPH_QUERY_TIMEOUT.",
                )

        try:
            await asyncio.wait_for(self._slots.acquire(), self._timeout_s)
        except TimeoutError as error:
            raise EngineBusyError("All explainers are taken.", "Try again later.") from error
        loop = asyncio.get_running_loop()
        future = self._pool.submit(self._work, work, step)

        def end(_done: Future[bytes]) -> None:
            # Not when the caller is cancelled, but when the thread is free.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._slots.release)

        future.add_done_callback(end)
        try:
            return await asyncio.wrap_future(future)
        finally:
            left.set()

    async def close(self) -> None:
        """Begin nothing more; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, work: Work, step: Callable[[], None]) -> bytes:
        try:
            return work(self._open(), step)
        except _LeftError:
            return b""
        except RecursionError:
            raise QueryError(
                "The explanation is too deep.", "Explain one of the triples that it may rest on."
            ) from None
        except Exception as error:
            if not isinstance(error, TzgraphError):
                _LOG.exception("explaining failed")
            without_frames(error)
            raise error.with_traceback(None) from None
        except BaseException as error:
            # A panic of the engine is no Exception, and would end the server's event loop.
            _LOG.exception("the engine panicked")
            raise EngineFailedError(f"The engine failed on this explanation: {error}.") from None

    def _open(self) -> ReleaseExplainer:
        with self._opening:
            if self._explainer is None:
                try:
                    self._explainer = ReleaseExplainer(self._release, self._release.store())
                except OSError as error:
                    _LOG.error("the release %s can't be read: %s", self._release.path, error)
                    raise EngineFailedError(
                        "The release that is served can't be read.",
                        "Whoever runs the server finds more in its log.",
                    ) from error
            return self._explainer
