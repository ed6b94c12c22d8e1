"""Who gets a worker, with workers that do nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from tzgraph.serve.engine.errors import EngineBusyError
from tzgraph.serve.isolation import lanes as module
from tzgraph.serve.isolation.lanes import Lanes, Ticket, Worker, shape_of

SLICE = 0.02


class Pool:
    """Lanes with workers that are replaced at once when they are killed."""

    def __init__(self, long: int = 1, waiting: int = 100) -> None:
        self.lanes = Lanes(long, waiting, self.kill, self.fill)
        self.kills: list[str] = []
        self.lost: dict[Ticket, str] = {}
        self._made = 0
        self.fill()

    def fill(self) -> None:
        while len(self.lanes.workers) < self.lanes.wanted:
            self._made += 1
            worker = Worker(self._made, cast("Any", None))
            self.lanes.workers[worker.name] = worker
        self.lanes.hand_out()

    def kill(self, worker: Worker, why: str) -> None:
        worker.killed = why
        self.kills.append(why)
        if worker.ticket is not None:
            self.lost[worker.ticket] = why
        self.lanes.remove(worker)
        self.fill()

    async def enter(self, ticket: Ticket, seconds: float = 60) -> Worker:
        return await self.lanes.enter(ticket, asyncio.get_running_loop().time() + seconds)

    def ask(self, client: str, shape: int = 0, seconds: float = 60) -> asyncio.Task[Worker]:
        return asyncio.ensure_future(self.enter(Ticket(client, shape), seconds))


@pytest.fixture(autouse=True)
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", SLICE)
    monkeypatch.setattr(module, "_LONG_SLICE", SLICE)


def in_loop(test: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(30):
            await test()

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(SLICE / 4)


def test_shapes() -> None:
    assert shape_of("ASK { ?s ?p 'a\\'b', \"c\", 12 }") == shape_of("ASK { ?s ?p '', \"\", 3 }")
    assert shape_of("ASK { ?s ?p 1 }") != shape_of("ASK { ?s ?q 1 }")


def test_gives_up_at_the_very_moment_of_its_turn() -> None:
    async def test() -> None:
        pool = Pool()
        first, second = await pool.ask("a"), await pool.ask("a")
        waiting = pool.ask("b")
        await asyncio.sleep(0)
        pool.lanes.release(first)  # its turn is set, and not yet noticed
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert pool.lanes.busy == 1
        pool.lanes.release(second)
        assert (pool.lanes.busy, pool.lanes.waiting) == (0, 0)

    in_loop(test)


def test_waits_no_longer_than_allowed() -> None:
    async def test() -> None:
        pool = Pool()
        for _ in range(2):
            (await pool.ask("a")).streaming = True
        with pytest.raises(EngineBusyError, match="TZGRAPH_QUERY_TIMEOUT"):
            await pool.enter(Ticket("b", 1), -1)
        assert pool.lanes.waiting == 0

    in_loop(test)


def test_without_a_queue_idle_workers_are_given_out() -> None:
    async def test() -> None:
        pool = Pool(waiting=0)
        for _ in range(2):
            await pool.ask("a")
        with pytest.raises(EngineBusyError, match="TZGRAPH_QUEUE"):
            await pool.ask("b")

    in_loop(test)


def test_last_come_is_first_served_and_heavy_users_come_last() -> None:
    async def test() -> None:
        pool = Pool()
        pool.lanes._used["heavy"] = (5.0, asyncio.get_running_loop().time())
        workers = [await pool.ask("x"), await pool.ask("x")]
        asked = {name: pool.ask(name) for name in ("one", "two", "heavy")}
        await asyncio.sleep(0)
        order = []
        for worker in [workers[0]] * 3:
            pool.lanes.release(worker)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            order += [n for n, task in asked.items() if task.done() and n not in order]
        assert order == ["two", "one", "heavy"]

    in_loop(test)


def test_full_queue_turns_away_whoever_waits_with_most() -> None:
    async def test() -> None:
        pool = Pool(waiting=3)
        for _ in range(2):
            await pool.ask("x")
        greedy = [pool.ask("greedy") for _ in range(3)]
        await asyncio.sleep(0)
        other = pool.ask("other")
        await asyncio.wait({greedy[2]})
        with pytest.raises(EngineBusyError, match="TZGRAPH_QUEUE"):
            await greedy[2]
        with pytest.raises(EngineBusyError, match="TZGRAPH_QUEUE"):
            await pool.ask("greedy")
        assert not other.done()
        assert pool.lanes.waiting == 3
        for task in (*greedy, other):
            task.cancel()
        await asyncio.gather(*greedy, other, return_exceptions=True)

    in_loop(test)


def test_long_queries_make_room_and_are_known_from_then_on() -> None:
    async def test() -> None:
        pool = Pool()
        for shape in (1, 2):
            await pool.ask("runaway", shape)
        quick = await pool.ask("quick", 3)
        assert pool.kills == ["preempted"]
        pool.lanes.release(quick)
        again = pool.ask("runaway", 1)
        await asyncio.sleep(4 * SLICE)
        assert not again.done()  # the long lane is full, and one worker stays free
        assert pool.lanes.busy == 1
        again.cancel()

    in_loop(test)


def test_shape_that_turns_out_quick_is_forgotten() -> None:
    async def test() -> None:
        pool = Pool()
        pool.lanes._known[1] = None
        worker = await pool.ask("a", 1)
        assert worker.ticket is not None
        assert worker.ticket.long
        worker.began = asyncio.get_running_loop().time()
        pool.lanes.release(worker)
        assert not pool.lanes._known

    in_loop(test)


def test_nobody_keeps_the_long_lane_from_others() -> None:
    async def test() -> None:
        pool = Pool(long=2)
        for shape in (1, 2, 3):
            pool.lanes._known[shape] = None
        for shape in (1, 2):
            await pool.ask("greedy", shape)
        await pool.ask("other", 3)
        assert pool.kills == ["preempted"]
        clients = sorted(w.ticket.client for w in pool.lanes.workers.values() if w.ticket)
        assert clients == ["greedy", "other"]

    in_loop(test)


def test_slow_readers_are_parked_and_lose_the_newest_past_a_number() -> None:
    async def test() -> None:
        pool = Pool()
        for _ in range(8):
            pool.lanes.begun(await pool.ask("slow"))
        pool.lanes.release(await pool.ask("quick"))
        assert "slow" in pool.kills
        streams = [w for w in pool.lanes.workers.values() if w.streaming]
        for worker in streams:
            pool.lanes.release(worker)
        assert len(pool.lanes.workers) == pool.lanes.wanted == 2  # the surplus is gone

    in_loop(test)


async def stay(pool: Pool, ticket: Ticket, chance: random.Random) -> None:
    """Have a worker for a while, in one of the ways that queries have."""
    while True:
        worker = await pool.enter(ticket, chance.uniform(0, 10 * SLICE))
        if chance.random() < 0.3:
            pool.lanes.begun(worker)
        await asyncio.sleep(chance.choice([0, 0, SLICE, 3 * SLICE]))
        if pool.lost.pop(ticket, "") != "preempted":
            break
    if worker.ticket is ticket and not worker.killed:
        if chance.random() < 0.8:
            pool.lanes.release(worker)
        else:
            pool.kill(worker, "left")


async def query(pool: Pool, chance: random.Random) -> None:
    ticket = Ticket(f"client {chance.randrange(4)}", chance.randrange(6))
    try:
        await stay(pool, ticket, chance)
    except EngineBusyError:
        pass
    except asyncio.CancelledError:
        for worker in [w for w in pool.lanes.workers.values() if w.ticket is ticket]:
            pool.kill(worker, "left")
        raise


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_lost_in_a_turmoil(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret

    async def test() -> None:
        pool = Pool(long=2, waiting=10)
        tasks = []
        for _ in range(300):
            tasks.append(asyncio.ensure_future(query(pool, chance)))
            if chance.random() < 0.2:
                chance.choice(tasks).cancel()
            await asyncio.sleep(chance.choice([0, 0, SLICE / 10]))
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (pool.lanes.busy, pool.lanes.waiting) == (0, 0)
        assert len(pool.lanes.workers) >= 3
        await asyncio.wait_for(pool.ask("after"), 5)

    in_loop(test)
