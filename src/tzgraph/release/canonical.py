"""Sorted N-Quads: the same graph gives the same bytes."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

__all__ = ["sha256", "write_sorted"]

#: Lines sorted in memory at once; more are merged from files.
_CHUNK = 500_000


def write_sorted(lines: Iterable[str], path: Path, *, chunk: int = _CHUNK) -> int:
    """Write lines sorted by code point, without doubles, with bounded memory.

    :param lines: without line ends
    :param path: the file to write; files with its name and a number are used on the way
    :param chunk: how many lines to hold in memory
    :return: number of lines written
    """
    source = iter(lines)
    parts: list[Path] = []
    batch = sorted(islice(source, chunk))
    while len(batch) == chunk:
        part = path.with_name(f"{path.name}.{len(parts)}")
        part.write_text("".join(f"{line}\n" for line in batch), encoding="utf-8", newline="\n")
        parts.append(part)
        batch = sorted(islice(source, chunk))
    merged = heapq.merge(batch, *(_read(part) for part in parts))
    written = 0
    previous = None
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for line in merged:
            if line != previous:
                out.write(line + "\n")
                written += 1
                previous = line
    for part in parts:
        part.unlink()
    return written


def _read(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            yield line.removesuffix("\n")


def sha256(path: Path) -> str:
    """Give the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
