"""Who runs next: a quick lane that is always open, and a long one that is shared fairly.

Nobody can tell a cheap query from one that never ends by looking at it, so each query begins in the
quick lane, served last come first. One that runs longer than a slice while others wait moves to the
long lane: it goes on where it is if the long lane has room, else its worker is killed and it waits
there. Queries of the same shape, that is, which differ in their literals and numbers only, go
to the long lane at once from then on. The long lane takes turns between clients. It never has all
workers, so a cheap query waits for a slice at most, however many others don't end.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from tzgraph.serve.engine import EngineBusyError

__all__ = ["Lanes", "Ticket", "Worker", "shape_of"]

#: Seconds that a query has for itself before others may take its place.
SLICE = 0.25
#: Shapes of long queries that are remembered.
_REMEMBERED = 1_000
_VARYING = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\d+""")
_LONGEST = 20_000


def shape_of(text: str) -> int:
    """Give a number for a query that is the same when only literals and numbers change.

    >>> shape_of("ASK { ?s ?p 1 }") == shape_of("ASK { ?s ?p 22 }")
    True
    """
    return hash(_VARYING.sub("?", text) if len(text) <= _LONGEST else text)


@dataclass(eq=False)
class Worker:
    """A worker as the server sees it."""

    name: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ticket: Ticket | None = None
    began: float = 0.0
    #: The result is on its way, so the query can't begin again elsewhere.
    streaming: bool = False
    killed: str = ""
    #: The signal that ended the process, once it has ended.
    ended: asyncio.Future[int] = field(default_factory=asyncio.Future)


@dataclass(eq=False)
class Ticket:
    """A query that wants to run."""

    client: str
    shape: int
    long: bool = False
    turn: asyncio.Future[Worker] = field(default_factory=asyncio.Future)


class Lanes:
    """Gives workers to queries.

    :param long: queries of the long lane that may run at the same time
    :param waiting: queries that may wait
    :param kill: has a worker killed
    """

    def __init__(self, long: int, waiting: int, kill: Callable[[Worker, str], None]) -> None:
        self._most_long = long
        self._most_waiting = waiting
        self._kill = kill
        self._quick: list[Ticket] = []
        self._long: OrderedDict[str, list[Ticket]] = OrderedDict()
        self._known: OrderedDict[int, None] = OrderedDict()
        self.workers: dict[int, Worker] = {}
        self._review: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many queries wait."""
        return len(self._quick) + sum(map(len, self._long.values()))

    @property
    def busy(self) -> int:
        """How many workers have a query."""
        return sum(worker.ticket is not None for worker in self.workers.values())

    async def enter(self, ticket: Ticket, until: float) -> Worker:
        """Wait for a worker.

        :param until: time of the event loop at which to give up
        :raises EngineBusyError: if too many wait, or the wait takes too long
        """
        ticket.turn = asyncio.get_running_loop().create_future()
        if ticket.shape in self._known:
            ticket.long = True
        if self.waiting >= self._most_waiting and not self._make_room(ticket.client):
            raise _busy(f"{self._most_waiting} queries wait already (TZGRAPH_QUEUE).")
        if ticket.long:
            self._long.setdefault(ticket.client, []).append(ticket)
        else:
            self._quick.append(ticket)
        self.hand_out()
        try:
            async with asyncio.timeout_at(until):
                return await ticket.turn
        except TimeoutError:
            raise _busy("No worker became free in time (TZGRAPH_QUERY_TIMEOUT).") from None
        finally:
            self._forget(ticket)

    def hand_out(self) -> None:
        """Give idle workers to those whose turn it is."""
        for worker in self.workers.values():
            if worker.ticket is not None or worker.killed:
                continue
            ticket = self._next()
            if ticket is None:
                return
            worker.ticket, worker.streaming = ticket, False
            worker.began = asyncio.get_running_loop().time()
            ticket.turn.set_result(worker)
        if self.waiting and self._review is None:
            self._review = asyncio.get_running_loop().call_later(SLICE / 2, self._look)

    def begun(self, worker: Worker) -> None:
        """Take notice that a query's result is on its way."""
        worker.streaming = True

    def release(self, worker: Worker) -> None:
        """Take a worker back that has done its query."""
        worker.ticket, worker.streaming = None, False
        self.hand_out()

    def remove(self, worker: Worker) -> None:
        """Forget a worker that has ended."""
        self.workers.pop(worker.name, None)

    def _next(self) -> Ticket | None:
        while self._quick:
            ticket = self._quick.pop()
            if not ticket.turn.done():
                return ticket
        if self._running_long() >= self._most_long:
            return None
        while self._long:
            client, tickets = next(iter(self._long.items()))
            ticket = tickets.pop(0)
            del self._long[client]
            if tickets:  # this client comes last now
                self._long[client] = tickets
            if not ticket.turn.done():
                return ticket
        return None

    def _running_long(self) -> int:
        return sum(w.ticket is not None and w.ticket.long for w in self.workers.values())

    def _look(self) -> None:
        """Move queries that had their slice out of the way of those that wait."""
        self._review = None
        now = asyncio.get_running_loop().time()
        for worker in self.workers.values():
            ticket = worker.ticket
            if ticket is None or ticket.long or worker.killed or now - worker.began < SLICE:
                continue
            if not (self._quick or worker.streaming):
                break
            ticket.long = True
            self._known[ticket.shape] = None
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            if self._running_long() > self._most_long and not worker.streaming:
                self._kill(worker, "preempted")
        self.hand_out()

    def _make_room(self, client: str) -> bool:
        """Turn away the last query of whoever waits with most, if that is not this client."""
        waits: dict[str, list[Ticket]] = {}
        for ticket in [*self._quick, *(t for queue in self._long.values() for t in queue)]:
            waits.setdefault(ticket.client, []).append(ticket)
        greedy, tickets = max(waits.items(), key=lambda item: len(item[1]))
        if len(tickets) <= len(waits.get(client, [])) + 1 or greedy == client:
            return False
        turned_away = tickets[-1]
        if not turned_away.turn.done():
            turned_away.turn.set_exception(_busy("Others wait as well (TZGRAPH_QUEUE)."))
        self._forget(turned_away)
        return True

    def _forget(self, ticket: Ticket) -> None:
        if ticket in self._quick:
            self._quick.remove(ticket)
        queue = self._long.get(ticket.client, [])
        if ticket in queue:
            queue.remove(ticket)
            if not queue:
                del self._long[ticket.client]


def _busy(why: str) -> EngineBusyError:
    return EngineBusyError(f"The server is busy: {why}", "Try again later.")
