"""Clients in turn: whoever has fewest comes next, and of those whoever was not served for longest.

By this rule long queries get workers (:mod:`tzgraph.serve.isolation.lanes`), and those that call
other endpoints one of a few places.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

from tzgraph.serve.engine.errors import EngineBusyError

__all__ = ["FairSemaphore", "Turns", "busy"]

_T = TypeVar("_T")


class Turns(Generic[_T]):
    """What clients wait with, in a queue for each.

    >>> turns: Turns[int] = Turns()
    >>> for client, number in (("a", 1), ("a", 2), ("b", 3)):
    ...     turns.add(client, number)
    >>> turns.take(Counter()), turns.take(Counter()), turns.take(Counter(a=1)), len(turns)
    (('a', 1), ('b', 3), ('a', 2), 0)
    """

    def __init__(self) -> None:
        self._queues: OrderedDict[str, list[_T]] = OrderedDict()

    def __len__(self) -> int:
        """How much waits."""
        return sum(map(len, self._queues.values()))

    def __iter__(self) -> Iterator[_T]:
        """All that waits."""
        return (one for queue in self._queues.values() for one in queue)

    def clients(self) -> Iterator[str]:
        """Who waits."""
        return iter(self._queues)

    def add(self, client: str, one: _T) -> None:
        """Put something at the end of a client's queue."""
        self._queues.setdefault(client, []).append(one)

    def discard(self, client: str, one: _T) -> None:
        """Take something out again, if it still waits."""
        queue = self._queues.get(client, [])
        if one in queue:
            queue.remove(one)
            if not queue:
                del self._queues[client]

    def take(self, has: Counter[str]) -> tuple[str, _T]:
        """Take out what comes next; something has to wait.

        :param has: how many clients have already
        """
        client = min(self._queues, key=lambda name: has[name])
        one = self._queues[client][0]
        self._queues.move_to_end(client)
        self.discard(client, one)
        return client, one


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
        self._turns: Turns[asyncio.Future[None]] = Turns()

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._inside.total()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._turns)

    async def acquire(self, client: str, until: float) -> None:
        """Wait for a place; who gets one has to release it.

        :param until: time of the event loop at which to give up
        :raises EngineBusyError: if too many wait, or the wait takes too long
        """
        if self.taken < self._most and not self._turns:
            self._inside[client] += 1
            return
        if self.waiting >= self._most_waiting:
            raise busy(f"{self.waiting} queries that call other endpoints wait (TZGRAPH_QUEUE).")
        turn = asyncio.get_running_loop().create_future()
        self._turns.add(client, turn)
        try:
            async with asyncio.timeout_at(until):
                await turn
        except BaseException as error:
            self._turns.discard(client, turn)
            # Its turn may have come in the very moment in which it gave up.
            if turn.done() and not turn.cancelled():
                self.release(client)
            if isinstance(error, TimeoutError):
                why = f"All {self._most} places for queries that call other endpoints are taken."
                raise busy(why) from None
            raise

    def release(self, client: str) -> None:
        """Give a place back; it goes to whoever comes next."""
        self._inside[client] -= 1
        self._inside += Counter()  # without those that have none
        while self._turns and self.taken < self._most:
            following, turn = self._turns.take(self._inside)
            if not turn.done():
                self._inside[following] += 1
                turn.set_result(None)


def busy(why: str) -> EngineBusyError:
    """Give the error for a query that there is no room for."""
    return EngineBusyError(f"The server is busy: {why}", "Try again later.")
