"""One build of what ships with tzgraph, shared by all tests of a session."""

from pathlib import Path

import pytest

from tzgraph.release import build_release

__all__ = ["shipped_dir"]


@pytest.fixture(scope="session")
def shipped_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release folder with the shipped sources; not to be changed."""
    folder = tmp_path_factory.getbasetemp() / "shipped"
    if not (folder / "current").exists():
        build_release(folder)
    return folder
