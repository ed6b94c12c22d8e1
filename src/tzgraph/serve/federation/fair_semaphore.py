"""A few places for queries that call other endpoints, which clients take in turns."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict

from tzgraph.serve.engine.errors import EngineBusyError

__all__ = ["FairSemaphore"]


class FairSemaphore:
    """Lets a few in at a time, clients in turn.

    :param most: how many
    :param waiting: how many may wait

    >>> async def two() -> int:
    ...     places = FairSemaphore(1, 1)
    ...     await places.acquire("a", 1.0)
    ...     places.release("a")
    ...     await places.acquire("b", 1.0)
    ...     return places.taken
    >>> asyncio.run(two())
    1
    """

    def __init__(self, most: int, waiting: int) -> None:
        self._most = most
        self._most_waiting = waiting
        self._inside: Counter[str] = Counter()
        self._queues: OrderedDict[str, list[asyncio.Future[None]]] = OrderedDict()

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._inside.total()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._queues.values()))

    async def acquire(self, client: str, until: float) -> None:
        """Wait for a place; who gets one has to release it.

        :param until: time of the event loop at which to give up
        :raises EngineBusyError: if too many wait, or the wait takes too long
        """
        if self.taken < self._most and not self._queues:
            self._inside[client] += 1
            return
        if self.waiting >= self._most_waiting:
            raise _busy(f"{self.waiting} queries that call other endpoints wait (TZGRAPH_QUEUE).")
        turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, []).append(turn)
        try:
            async with asyncio.timeout_at(until):
                await turn
        except BaseException as error:
            self._forget(client, turn)
            # Its turn may have come in the very moment in which it gave up.
            if turn.done() and not turn.cancelled():
                self.release(client)
            if isinstance(error, TimeoutError):
                why = f"All {self._most} places for queries that call other endpoints are taken."
                raise _busy(why) from None
            raise

    def release(self, client: str) -> None:
        """Give a place back; it goes to the client that has fewest, first come first served."""
        self._inside[client] -= 1
        self._inside += Counter()  # without those that have none
        while self._queues and self.taken < self._most:
            following = min(self._queues, key=lambda name: self._inside[name])
            turn = self._queues[following][0]
            self._forget(following, turn)
            if not turn.done():
                self._inside[following] += 1
                turn.set_result(None)

    def _forget(self, client: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(client, [])
        if turn in queue:
            queue.remove(turn)
        if not queue:
            self._queues.pop(client, None)


def _busy(why: str) -> EngineBusyError:
    return EngineBusyError(f"The server is busy: {why}", "Try again later.")
