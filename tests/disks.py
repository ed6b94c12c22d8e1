"""Disks that are soon full."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(point: Path, megabytes: int) -> Iterator[Path]:
    """Mount a disk of so many megabytes in a new folder, or skip the test."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk, on Linux")
    point.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(point)],
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip(f"mounting isn't permitted: {mounted.stderr.decode().strip()}")
    try:
        yield point
    finally:
        subprocess.run(["umount", "-l", str(point)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Give a new folder that nobody may write to, or skip the test."""
    if os.geteuid() == 0:
        with small_disk(folder, 1):
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
            yield folder
    else:
        folder.mkdir()
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)
