"""Load a file of N-Quads into a store, in parts: with bounded memory, and two at a time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import pyoxigraph as ox

__all__ = ["load_nquads"]

#: Bytes of a part. The engine holds about eight times as much while it loads a part.
_PART = 24_000_000
#: Parts loaded at a time: one is parsed while another is sorted and written.
_AT_ONCE = 2


def load_nquads(store: ox.Store, path: Path, *, part: int = _PART) -> None:
    """Load N-Quads without blank nodes, as the reader writes them.

    The engine would hold a million quads of a whole file for each of its threads.

    :param store: gets the quads
    :param path: a file of N-Quads; blank nodes of different parts would not be the same
    :param part: how many bytes to load at a time
    :raises OSError: if the disk is full; some quads may have been added
    """
    running: set[Future[None]] = set()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for lines in _parts(path, part):
            if len(running) >= _AT_ONCE:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for each in done:
                    each.result()
            running.add(pool.submit(_load, store, lines))
        for each in running:
            each.result()


def _load(store: ox.Store, lines: bytes) -> None:
    store.bulk_load(lines, format=ox.RdfFormat.N_QUADS)


def _parts(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while part := stream.read(size):
            yield part + stream.readline()
