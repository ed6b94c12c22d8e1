"""Who runs next: a quick lane that is always open, and a long one that is shared fairly.

Nobody can tell a cheap query from one that never ends by looking at it, so each query begins in the
quick lane, served last come first, behind which clients stand that used much of it lately. One that
runs longer than a slice while others wait moves to the long lane: it goes on where it is if the
long lane has room, else its worker is killed and it waits there. Queries of the same shape, that
is, which differ in their literals and numbers only, go to the long lane at once from then on, until
one of them is quick. The long lane takes turns between clients, and takes a worker from a client
that has several when another has none. It never has all workers, so a cheap query waits for a slice
at most, however many others don't end.

A result that is on its way can't begin again elsewhere, and may be held up by a slow client. After
a slice its worker is parked: it keeps its query and another worker takes its place, up to a number.
Past that, the client with most parked workers loses one.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tzgraph.serve.isolation.ended import Ended
from tzgraph.serve.isolation.pipe import Pipe
from tzgraph.serve.isolation.turns import Turns, busy

__all__ = ["SLICE", "Lanes", "Ticket", "Worker", "shape_of"]

#: Seconds that a query has for itself before others may take its place.
SLICE = 0.25
#: Seconds that a query of a client with several in the long lane has before it yields.
_LONG_SLICE = 1.0
#: Seconds in which what a client used of the quick lane counts half.
_HALF_LIFE = 5.0
#: Shapes of long queries, and clients, that are remembered.
_REMEMBERED = 1_000
# Possessive, as unclosed quotes would take quadratic time otherwise.
_VARYING = re.compile(r""""(?>(?:[^"\\\n]|\\.)*)"?|'(?>(?:[^'\\\n]|\\.)*)'?|\d++""")
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
    pipe: Pipe
    ticket: Ticket | None = None
    began: float = 0.0
    #: The result is on its way, so the query can't begin again elsewhere.
    streaming: bool = False
    #: Another worker takes the place of this one, which still has its query.
    parked: bool = False
    killed: str = ""
    deadline: asyncio.TimerHandle | None = None
    #: Seconds that its query may take, if they are fewer than usual, as its client said.
    asked_s: float = 0
    #: How the process ended, once it has.
    ended: asyncio.Future[Ended] = field(default_factory=asyncio.Future)


@dataclass(eq=False)
class Ticket:
    """A query that wants to run."""

    client: str
    shape: int
    long: bool = False
    #: It had a worker before and lost it, so it was let in already.
    returned: bool = False
    #: Gets a worker, where it has to wait for one.
    turn: asyncio.Future[Worker] = field(init=False)


class Lanes:
    """Gives workers to queries.

    :param long: queries of the long lane that may run at the same time; there is one worker more
    :param waiting: queries that may wait
    :param kill: has a worker killed
    :param change: is told that another number of workers may be wanted
    """

    def __init__(
        self,
        long: int,
        waiting: int,
        kill: Callable[[Worker, str], None],
        change: Callable[[], None],
    ) -> None:
        self._most_long = long
        self._most_waiting = waiting
        self._most_parked = 4 * long
        self._kill = kill
        self._change = change
        self._quick: list[Ticket] = []
        self._long: Turns[Ticket] = Turns()
        self._known: OrderedDict[int, None] = OrderedDict()
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._review: asyncio.TimerHandle | None = None
        self.workers: dict[int, Worker] = {}

    @property
    def waiting(self) -> int:
        """How many queries wait."""
        return len(self._quick) + len(self._long)

    @property
    def busy(self) -> int:
        """How many workers have a query."""
        return sum(worker.ticket is not None for worker in self.workers.values())

    @property
    def wanted(self) -> int:
        """How many workers there should be."""
        return self._most_long + 1 + sum(worker.parked for worker in self._running())

    async def enter(self, ticket: Ticket, until: float) -> Worker:
        """Wait for a worker.

        :param until: time of the event loop at which to give up
        :raises EngineBusyError: if too many wait, or the wait takes too long
        """
        if ticket.shape in self._known:
            ticket.long = True
        # At once, as mostly: who is in the quick lane when a worker is idle comes next.
        if not ticket.long and not self._quick and (worker := self._idle()) is not None:
            self._assign(worker, ticket, asyncio.get_running_loop().time())
            return worker
        ticket.turn = asyncio.get_running_loop().create_future()
        if ticket.long:
            self._long.add(ticket.client, ticket)
        else:
            self._quick.append(ticket)
        self.hand_out()
        try:
            if self.waiting > self._most_waiting and not ticket.turn.done():
                self._turn_away(ticket)
            async with asyncio.timeout_at(until):
                return await ticket.turn
        except BaseException as error:
            # Its turn may have come in the very moment in which it gave up.
            if ticket.turn.done() and not ticket.turn.cancelled() and not ticket.turn.exception():
                self.release(ticket.turn.result())
            if isinstance(error, TimeoutError):
                raise busy("No worker became free in time (TZGRAPH_QUERY_TIMEOUT).") from None
            raise
        finally:
            self._forget(ticket)

    def hand_out(self) -> None:
        """Give idle workers to those whose turn it is."""
        if not self._quick and not self._long:
            return
        now = asyncio.get_running_loop().time()
        while (worker := self._idle()) is not None:
            ticket = self._next(now)
            if ticket is None:
                break
            self._assign(worker, ticket, now)
            ticket.turn.set_result(worker)
        if self.waiting and self._review is None:
            slices = (w.began + SLICE - now for w in self._running() if not w.parked)
            delay = max(0.01, min((s for s in slices if s > 0), default=SLICE / 2))
            self._review = asyncio.get_running_loop().call_later(delay, self._look)

    def _idle(self) -> Worker | None:
        for worker in self.workers.values():
            if worker.ticket is None and not worker.killed:
                return worker
        return None

    @staticmethod
    def _assign(worker: Worker, ticket: Ticket, now: float) -> None:
        worker.ticket, worker.began = ticket, now
        worker.streaming = worker.parked = False

    def begun(self, worker: Worker) -> None:
        """Take notice that a query's result is on its way."""
        worker.streaming = True

    def release(self, worker: Worker) -> None:
        """Take a worker back that has done its query."""
        self._settle(worker)
        worker.ticket = None
        worker.streaming = worker.parked = False
        if not worker.killed and (worker.ended.done() or len(self.workers) > self.wanted):
            self._kill(worker, "surplus")
        self.hand_out()

    def remove(self, worker: Worker) -> None:
        """Forget a worker that has ended or was killed."""
        if self.workers.pop(worker.name, None) is not None:
            self._settle(worker)

    def close(self) -> None:
        """Stop looking after those that wait."""
        if self._review is not None:
            self._review.cancel()

    # -- whose turn it is --------------------------------------------------------------------

    def _running(self) -> Iterator[Worker]:
        return (w for w in self.workers.values() if w.ticket is not None and not w.killed)

    def _running_long(self) -> Iterator[Worker]:
        return (w for w in self._running() if w.ticket and w.ticket.long and not w.parked)

    def _clients_of_long(self) -> Counter[str]:
        return Counter(w.ticket.client for w in self._running_long() if w.ticket)

    def _next(self, now: float) -> Ticket | None:
        self._quick = [ticket for ticket in self._quick if not ticket.turn.done()]
        if self._quick:
            used = {client: self._usage(client, now) for client in {t.client for t in self._quick}}
            # The last of those who used least, in whole seconds, of which most used none.
            ticket = min(reversed(self._quick), key=lambda t: int(used[t.client]))
            self._quick.remove(ticket)
            return ticket
        running = self._clients_of_long()
        while self._long and running.total() < self._most_long:
            _, ticket = self._long.take(running)
            if not ticket.turn.done():
                return ticket
        return None

    def _usage(self, client: str, now: float) -> float:
        seconds, at = self._used.get(client, (0.0, now))
        return seconds * math.exp2((at - now) / _HALF_LIFE)

    def _settle(self, worker: Worker) -> None:
        """Charge a client for a query that ends, and learn whether its shape is long."""
        ticket = worker.ticket
        if ticket is None:
            return
        now = asyncio.get_running_loop().time()
        took = now - worker.began
        self._used[ticket.client] = (self._usage(ticket.client, now) + min(took, SLICE), now)
        self._used.move_to_end(ticket.client)
        if len(self._used) > _REMEMBERED:
            self._used.popitem(last=False)
        if not worker.killed and took < SLICE / 2:
            self._known.pop(ticket.shape, None)

    # -- making room ---------------------------------------------------------------------------

    def _look(self) -> None:
        """Move queries that had their slice out of the way of those that wait."""
        self._review = None
        now = asyncio.get_running_loop().time()
        for worker in list(self._running()):
            if worker.parked or now - worker.began < SLICE:
                continue
            if worker.streaming:
                self._park(worker)
            elif self._quick:
                self._demote(worker)
        self._share(now)
        self._change()
        self.hand_out()

    def _park(self, worker: Worker) -> None:
        worker.parked = True
        parked = [w for w in self._running() if w.parked]
        if len(parked) > self._most_parked:
            clients = Counter(w.ticket.client for w in parked if w.ticket)
            greedy = max(clients, key=lambda client: clients[client])
            loser = [w for w in parked if w.ticket and w.ticket.client == greedy][-1]
            self._kill(loser, "slow")

    def _demote(self, worker: Worker) -> None:
        ticket = worker.ticket
        if ticket is None or ticket.long:
            return
        ticket.long = True
        self._known[ticket.shape] = None
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        if self._clients_of_long().total() > self._most_long:
            self._preempt(worker, ticket)

    def _share(self, now: float) -> None:
        """Take a worker from a client with several if another waits that has none."""
        running = self._clients_of_long()
        if all(client in running for client in self._long.clients()):
            return
        for worker in reversed(list(self._running_long())):
            ticket = worker.ticket
            had_it = now - worker.began >= _LONG_SLICE
            if ticket and running[ticket.client] > 1 and had_it and not worker.streaming:
                self._preempt(worker, ticket)
                return

    def _preempt(self, worker: Worker, ticket: Ticket) -> None:
        ticket.returned = True
        self._kill(worker, "preempted")

    def _turn_away(self, newcomer: Ticket) -> None:
        """Turn away the last query of whoever waits with most: the newcomer, if in doubt.

        :raises EngineBusyError: if it is the newcomer
        """
        if newcomer.returned:
            return
        waits: dict[str, list[Ticket]] = {}
        for ticket in [*self._quick, *self._long]:
            waits.setdefault(ticket.client, []).append(ticket)
        most = max(waits.values(), key=len)
        if len(most) <= len(waits[newcomer.client]):
            raise busy(f"{self._most_waiting} queries wait already (TZGRAPH_QUEUE).")
        turned_away = most[-1]
        if not turned_away.turn.done():
            turned_away.turn.set_exception(busy("Others wait as well (TZGRAPH_QUEUE)."))
        self._forget(turned_away)

    def _forget(self, ticket: Ticket) -> None:
        if ticket in self._quick:
            self._quick.remove(ticket)
        self._long.discard(ticket.client, ticket)
