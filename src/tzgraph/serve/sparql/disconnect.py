"""Notice that a client goes away while its answer is made, at next to no cost for quick ones."""

from __future__ import annotations

import asyncio
from types import TracebackType

from starlette.types import Receive

from tzgraph.serve.messages.problems import Refusal, fail

__all__ = ["CancelOnDisconnect"]

#: Seconds after which the connection is watched: most answers are there before, and to watch
#: takes a task of its own.
_GRACE = 0.005


class CancelOnDisconnect:
    """Ends the block that it surrounds when the client goes away first.

    The request's body has to be read already.

    :param receive: gives the messages of the request's connection
    :raises ProblemError: with status 499, from the block, if the client has left

    .. code-block:: python

        with CancelOnDisconnect(receive):
            answer = await engine.query(request)
    """

    __slots__ = ("_before", "_left", "_receive", "_task", "_timer", "_watch")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = False
        self._watch: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        """Begin, in the task that makes the answer."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("there is no task to end")
        self._task, self._before = task, task.cancelling()
        self._timer = task.get_loop().call_later(_GRACE, self._begin)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching; who was ended because the client has left is told so."""
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
        # Also the server may have wanted to end the task, when it stops.
        ended = kind is not None and issubclass(kind, asyncio.CancelledError)
        if self._left and self._task.uncancel() <= self._before and ended:
            raise fail(Refusal.CLIENT_LEFT, "Nobody waits for the answer.") from None

    def _begin(self) -> None:
        self._watch = self._task.get_loop().create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True
        self._task.cancel()
