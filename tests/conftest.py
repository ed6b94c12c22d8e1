"""What tests of several folders need: the shipped graph, built once."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import forking, shipped

# No example is timed, as machines that run the tests are shared; in CI they are always the same.
settings.register_profile("tzgraph", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("tzgraph")


def pytest_configure(config: pytest.Config) -> None:
    """Make the place of the shipped graph, in the process that starts the others."""
    if not hasattr(config, "workerinput"):
        shipped.make_place()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what commands were started from, and remove the place of the shipped graph."""
    forking.end()
    if not hasattr(config, "workerinput"):
        shipped.remove_place()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test of a W3C suite that is there fail in CI where it would be skipped."""
    report = yield
    if report.skipped and "CI" in os.environ and item.get_closest_marker("w3c"):
        report.outcome = "failed"
        report.longrepr = f"the suite is there, but {call.when} was skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def shipped_dir() -> Path:
    """Give a release folder with the shipped sources, which tests must not change."""
    return shipped.shipped_dir()


@pytest.fixture(scope="module", autouse=True)
def _leave_nothing_to_other_threads() -> Iterator[None]:
    """Free what tracebacks kept alive: a query result must be freed by the thread it ran in."""
    yield
    gc.collect()
