"""Counting a state: once, beside those who ask, and not for ever where it can't be done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tzgraph.release import Release
from tzgraph.serve.engine import counts
from tzgraph.serve.engine.base import Answer, EngineStatus, QueryRequest
from tzgraph.serve.engine.counts import Counts, StateCounts
from tzgraph.serve.engine.errors import DeadlineError, EngineBusyError
from tzgraph.serve.engine.threads import InProcessEngine

EXPECTED = Counts(5, {"http://example.org/G1": 1, "http://example.org/G2": 1}, {})


class Troubled:
    """An engine that first does something else with each query.

    :param before: is told how many queries there were before
    """

    def __init__(self, engine: InProcessEngine, before: Callable[[int], Awaitable[None]]) -> None:
        self._engine = engine
        self._before = before
        self.asked = 0

    async def start(self) -> None:
        """Get ready."""
        await self._engine.start()

    async def close(self) -> None:
        """End."""
        await self._engine.close()

    def status(self) -> EngineStatus:
        """Say how it is."""
        return self._engine.status()

    async def query(self, request: QueryRequest) -> Answer:
        """Evaluate a query, if nothing is in the way."""
        self.asked += 1
        await self._before(self.asked - 1)
        return await self._engine.query(request)


def counting(
    release: Release,
    before: Callable[[int], Awaitable[None]],
    asks: Callable[[StateCounts, Troubled], Awaitable[None]],
) -> None:
    """Let somebody ask for the counts of a state that updates made."""

    async def go() -> None:
        engine = Troubled(InProcessEngine(release.store(), {}, timeout_s=20), before)
        await engine.start()
        counted = StateCounts(replace(release, state="1-0"), engine)
        try:
            await asks(counted, engine)
        finally:
            await counted.close()
            await engine.close()

    asyncio.run(go())


def test_all_who_ask_wait_for_one_count(release: Release) -> None:
    async def nothing(_asked: int) -> None:
        await asyncio.sleep(0)

    async def asks(counted: StateCounts, engine: Troubled) -> None:
        assert await asyncio.gather(*(counted.soon() for _ in range(20))) == [EXPECTED] * 20
        assert engine.asked == 2

    counting(release, nothing, asks)


def test_nobody_waits_for_long(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not known yet is told as that, and is known later."""
    monkeypatch.setattr(counts, "_PATIENCE", 0.01)
    go_on = asyncio.Event()

    async def wait(_asked: int) -> None:
        await go_on.wait()

    async def asks(counted: StateCounts, engine: Troubled) -> None:
        assert await counted.soon() is None
        assert await counted.soon() is None
        go_on.set()
        while await counted.soon() != EXPECTED:
            assert engine.asked <= 2

    counting(release, wait, asks)


def test_a_busy_engine_is_asked_again(release: Release) -> None:
    async def refuse(asked: int) -> None:
        if not asked:
            raise EngineBusyError("Too many wait.")

    async def asks(counted: StateCounts, engine: Troubled) -> None:
        assert await counted.soon() is None
        assert await counted.soon() == EXPECTED
        assert engine.asked == 3

    counting(release, refuse, asks)


def test_what_takes_too_long_is_not_tried_by_each_who_asks(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_asked: int) -> None:
        raise DeadlineError("It took too long.")

    async def asks(counted: StateCounts, engine: Troubled) -> None:
        for _ in range(5):
            assert await counted.soon() is None
        assert engine.asked == 1
        monkeypatch.setattr(counts, "_AGAIN", 0.0)
        await counted.soon()
        assert engine.asked == 2

    counting(release, fail, asks)


def test_a_release_as_it_was_built_is_not_counted(release: Release) -> None:
    async def asks(_counted: StateCounts, engine: Troubled) -> None:
        built = StateCounts(release, engine)
        assert await built.soon() == Counts(5, release.manifest.graphs, release.manifest.classes)
        assert not engine.asked

    async def nothing(_asked: int) -> None:
        raise AssertionError

    counting(release, nothing, asks)
