"""What isolation needs of the machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tzgraph.release import Release

__all__ = ["fits_in_memory", "is_supported", "processors"]

#: Bytes in memory for each byte of N-Quads, measured at 1 M quads; on the safe side.
_MEMORY_PER_BYTE = 4
_MB = 1024 * 1024


def is_supported() -> bool:
    """Say whether this machine has what isolation needs."""
    return sys.platform == "linux" and hasattr(os, "fork")


def processors() -> int:
    """Give how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def fits_in_memory(release: Release, memory_mb: int) -> bool:
    """Say whether a graph takes no more memory than it may.

    :param release: the graph
    :param memory_mb: megabytes that it may take
    """
    if not release.nquads.is_file():
        return False
    needed = release.nquads.stat().st_size * _MEMORY_PER_BYTE
    if release.state:  # about as much larger as its store is
        built = max(_size(release.path / "store"), 1)
        needed = int(needed * max(_size(release.store_path) / built, 1))
    return needed <= memory_mb * _MB


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.sst"))
