"""What tests of several folders need: the shipped graph, built once."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tzgraph.release import build_release

# No example is timed, as machines that run the tests are shared; in CI they are always the same.
settings.register_profile("tzgraph", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("tzgraph")


@pytest.fixture(scope="session")
def shipped_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the shipped sources once; give the release folder, which tests must not change."""
    directory = tmp_path_factory.mktemp("shipped")
    build_release(directory)
    return directory


@pytest.fixture(scope="module", autouse=True)
def _leave_nothing_to_other_threads() -> Iterator[None]:
    """Free what tracebacks kept alive: a query result must be freed by the thread it ran in."""
    yield
    gc.collect()
