"""Sorted N-Quads: the same graph gives the same bytes."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TextIO

import pyoxigraph as ox

__all__ = ["sha256", "sorted_quads", "write_sorted"]

#: Lines sorted in memory at once; more are merged from files.
_CHUNK = 250_000
#: Characters held in memory of all files that are merged.
_MERGED = 32_000_000


def write_sorted(
    lines: Iterable[str], path: Path, *, chunk: int = _CHUNK, merged: int = _MERGED
) -> int:
    """Write lines sorted by code point, without doubles, with bounded memory.

    :param lines: without line ends
    :param path: the file to write; files with its name and a number are used on the way
    :param chunk: how many lines to hold in memory while sorting
    :param merged: about how many characters to hold in memory while merging
    :return: number of lines written
    """
    source = iter(lines)
    parts: list[Path] = []
    while batch := sorted(islice(source, chunk)):
        parts.append(path.with_name(f"{path.name}.{len(parts)}"))
        with parts[-1].open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(f"{line}\n" for line in dict.fromkeys(batch))
        del batch
    written = 0
    with path.open("w", encoding="utf-8", newline="\n") as out, ExitStack() as opened:
        streams = [
            opened.enter_context(part.open(encoding="utf-8", newline="\n")) for part in parts
        ]
        for block in _merge(streams, max(1, merged // max(1, len(parts)))):
            out.write("\n".join(block) + "\n")
            written += len(block)
    for part in parts:
        part.unlink()
    return written


def sorted_quads(store: ox.Store, path: Path) -> int:
    """Write what a store holds as sorted N-Quads.

    :return: number of quads
    """
    unsorted = path.with_name(path.name + ".unsorted")
    store.dump(str(unsorted), format=ox.RdfFormat.N_QUADS)
    with unsorted.open(encoding="utf-8", newline="\n") as lines:
        written = write_sorted((line.removesuffix("\n") for line in lines), path)
    unsorted.unlink()
    return written


def _merge(streams: Sequence[TextIO], size: int) -> Iterator[dict[str, None]]:
    """Merge sorted files block by block, as sorting a few sorted runs takes few comparisons."""
    blocks = [_block(stream, size) for stream in streams]
    while held := [block for block in blocks if block]:
        # Up to here all lines are in memory: each file goes on with larger ones.
        bound = min(block[-1] for block in held)
        batch: list[str] = []
        for number, block in enumerate(blocks):
            end = bisect_right(block, bound)
            batch += block[:end]
            blocks[number] = block[end:]
            if end and end == len(block):
                blocks[number] = _block(streams[number], size)
        batch.sort()
        yield dict.fromkeys(batch)


def _block(stream: TextIO, size: int) -> list[str]:
    return [line[:-1] for line in stream.readlines(size)]


def sha256(path: Path) -> str:
    """Give the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
