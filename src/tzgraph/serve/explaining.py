"""Explanations for the server: from one explainer for each release, in threads of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from tzgraph.errors import QueryError, TzgraphError
from tzgraph.explain.terms import ReleaseExplainer
from tzgraph.release import Release
from tzgraph.serve.engine import EngineBusyError, without_frames

__all__ = ["Explaining"]

_LOG = logging.getLogger(__name__)


class Explaining:
    """Runs work that needs the explainer of a release, a few at a time.

    Rules and store are opened when they are needed first, once. An explanation takes up to half a
    second, most of it outside the interpreter's lock.

    :param release: what to explain
    :param threads: explanations that are worked out at the same time
    :param patience: seconds that one waits for its turn
    """

    def __init__(self, release: Release, *, threads: int = 2, patience: float = 30) -> None:
        self._release = release
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tzgraph-explain")
        self._slots = asyncio.Semaphore(threads)
        self._patience = patience
        self._opening = threading.Lock()
        self._explainer: ReleaseExplainer | None = None

    async def run(self, work: Callable[[ReleaseExplainer], bytes]) -> bytes:
        """Give what the work makes; if the caller is cancelled, it is not begun or runs out.

        :raises EngineBusyError: if there is no room for it
        :raises TzgraphError: what the work raises
        """
        try:
            await asyncio.wait_for(self._slots.acquire(), self._patience)
        except TimeoutError as error:
            raise EngineBusyError("All explainers are taken.", "Try again later.") from error
        loop = asyncio.get_running_loop()
        future = self._pool.submit(self._work, work)

        def end(_done: Future[bytes]) -> None:
            # Not when the caller is cancelled, but when the thread is free.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._slots.release)

        future.add_done_callback(end)
        return await asyncio.wrap_future(future)

    async def close(self) -> None:
        """Begin nothing more; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, work: Callable[[ReleaseExplainer], bytes]) -> bytes:
        try:
            return work(self._open())
        except Exception as error:
            if not isinstance(error, TzgraphError):
                _LOG.exception("explaining failed")
            without_frames(error)
            raise error.with_traceback(None) from None
        except BaseException as error:
            # A panic of the engine is no Exception, and would end the server's event loop.
            _LOG.exception("the engine panicked")
            raise QueryError(f"The engine failed on this explanation: {error}.") from None

    def _open(self) -> ReleaseExplainer:
        with self._opening:
            if self._explainer is None:
                self._explainer = ReleaseExplainer(self._release, self._release.store())
            return self._explainer
