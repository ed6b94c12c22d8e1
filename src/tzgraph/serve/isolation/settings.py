"""Limits of queries, and what isolation needs of the machine."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tzgraph.release import Release
from tzgraph.serve.federation.endpoints import Federation

__all__ = ["IsolationSettings", "fits_in_memory", "is_supported"]

#: Bytes in memory for each byte of N-Quads, measured at 1 M quads; on the safe side.
_MEMORY_PER_BYTE = 4
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class IsolationSettings:
    """Limits of queries.

    :ivar timeout: seconds from a query's arrival to the end of its answer
    :ivar memory: megabytes that a query may take
    :ivar result_bytes: bytes that a result may have
    :ivar result_rows: solutions or triples that a result may have, 0 for any number
    :ivar workers: processes for long queries; one more is kept for quick ones
    :ivar queue: queries that may wait
    :ivar budget: megabytes that the graph may take in memory; a larger one is read from disk
    :ivar federation: other endpoints that queries may call
    """

    timeout: float = 30
    memory: int = 256
    result_bytes: int = 1024 * _MB
    result_rows: int = 0
    workers: int = 2
    queue: int = 500
    budget: int = 2048
    federation: Federation = field(default_factory=Federation)


def is_supported() -> bool:
    """Say whether this machine has what isolation needs."""
    return sys.platform == "linux" and hasattr(os, "fork")


def fits_in_memory(release: Release, budget: int) -> bool:
    """Say whether a graph takes no more memory than it may.

    :param release: the graph
    :param budget: megabytes
    """
    if not release.nquads.is_file():
        return False
    needed = release.nquads.stat().st_size * _MEMORY_PER_BYTE
    if release.state:  # about as much larger as its store is
        built = max(_size(release.path / "store"), 1)
        needed = int(needed * max(_size(release.store_path) / built, 1))
    return needed <= budget * _MB


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.sst"))
