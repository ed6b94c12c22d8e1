"""What tests of several folders need: the shipped graph, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tzgraph.release import build_release


@pytest.fixture(scope="session")
def shipped_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the shipped sources once; give the release folder, which tests must not change."""
    directory = tmp_path_factory.mktemp("shipped")
    build_release(directory)
    return directory
