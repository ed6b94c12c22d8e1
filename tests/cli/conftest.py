"""Fixtures of the tests of the command line."""

from pathlib import Path

import pytest

from tests.cli.commands import Sources

__all__ = ["sources"]


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """A folder of sources of one drug."""
    return Sources(tmp_path / "sources")
