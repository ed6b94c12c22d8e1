"""Explanations have the deadline of queries, and give way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from tzgraph.errors import QueryError
from tzgraph.release import Release
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.serve.engine.errors import DeadlineError
from tzgraph.serve.engine.explaining import Explaining

Step = Callable[[], None]


def quick(_explainer: ReleaseExplainer, step: Step) -> bytes:
    step()
    return b"done"


def deep(explainer: ReleaseExplainer, step: Step) -> bytes:
    return deep(explainer, step)


class Endless:
    """Work that ends only with what its steps raise."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    def __call__(self, _explainer: ReleaseExplainer, step: Step) -> bytes:
        self.begun.set()
        try:
            while True:
                step()
        finally:
            self.ended.set()


def test_a_deadline_ends_the_work_and_frees_its_place(release: Release) -> None:
    async def run() -> None:
        explaining = Explaining(release, threads=1, timeout_s=0.2)
        for _ in range(3):
            endless = Endless()
            with pytest.raises(DeadlineError, match="TZGRAPH_QUERY_TIMEOUT"):
                await explaining.run(endless)
            assert endless.ended.is_set()
            assert await explaining.run(quick) == b"done"
        await explaining.close()

    asyncio.run(run())


def test_who_leaves_frees_the_place(release: Release) -> None:
    async def run() -> None:
        explaining = Explaining(release, threads=1, timeout_s=60)
        endless = Endless()
        task = asyncio.ensure_future(explaining.run(endless))
        await asyncio.to_thread(endless.begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(endless.ended.wait, 20)
        assert await explaining.run(quick) == b"done"
        await explaining.close()

    asyncio.run(run())


def test_what_is_too_deep_is_no_mistake_of_the_server(release: Release) -> None:
    async def run() -> None:
        explaining = Explaining(release, timeout_s=30)
        with pytest.raises(QueryError, match="too deep"):
            await explaining.run(deep)
        await explaining.close()

    asyncio.run(run())
