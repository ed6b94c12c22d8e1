"""Fixtures of the tests of building."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.read.tables import Workshop
from tests.release import driver

__all__ = ["start", "workshop"]

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A tiny graph of two gears and a widget."""
    made = Workshop.at(tmp_path / "workshop")
    made.table("gears.tsv", "tz:Gear\trdfs:label\tsource", "g1\tSmall gear\tdesk")
    made.widgets(["tz:weight", "tz:drives"], ["w", "5", "g1"])
    return made


@pytest.fixture
def start() -> Start:
    """Starts ``driver.py`` with arguments, and environment variables by name."""

    def begin(*arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        return subprocess.Popen(
            [sys.executable, str(Path(driver.__file__)), *map(str, arguments)],
            env={**environment, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin
