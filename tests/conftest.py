"""What tests of several folders need: the shipped graph, built once."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import shipped

# No example is timed, as machines that run the tests are shared; in CI they are always the same.
settings.register_profile("tzgraph", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("tzgraph")


def pytest_configure(config: pytest.Config) -> None:
    """Make the place of the shipped graph, in the process that starts the others."""
    if not hasattr(config, "workerinput"):
        shipped.make_place()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the place of the shipped graph."""
    if not hasattr(config, "workerinput"):
        shipped.remove_place()


@pytest.fixture(scope="session")
def shipped_dir() -> Path:
    """Give a release folder with the shipped sources, which tests must not change."""
    return shipped.shipped_dir()


@pytest.fixture(scope="module", autouse=True)
def _leave_nothing_to_other_threads() -> Iterator[None]:
    """Free what tracebacks kept alive: a query result must be freed by the thread it ran in."""
    yield
    gc.collect()
