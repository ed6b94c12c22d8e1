"""Open files that are files: no pipes, sockets, devices or folders, and none without end."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

__all__ = ["SIZE_LIMIT", "TEXT_LIMIT", "open_regular", "read_regular", "reader_of"]

#: Bytes that a file may have which is read as a stream.
SIZE_LIMIT = 16_000_000_000
#: Bytes that a file may have which is read as a whole: an ontology, rules, shapes, queries.
TEXT_LIMIT = 256_000_000


def open_regular(path: Path, limit: int = SIZE_LIMIT) -> IO[bytes]:
    """Open a file to read, or tell at once why not; nothing is waited for.

    :param path: may be a link to a regular file
    :param limit: bytes that it may have
    :raises OSError: if it is no regular file, has more bytes, or can't be opened; ``strerror``
        ends in no stop
    """
    try:
        # Looked at before it is opened, as to open a device may do something.
        if stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - Path.stat says less of errors
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            found = os.fstat(descriptor)
            if stat.S_ISREG(found.st_mode) and found.st_size <= limit:
                return os.fdopen(descriptor, "rb")
            os.close(descriptor)
            if stat.S_ISREG(found.st_mode):
                raise OSError(errno.EFBIG, f"It has more than {limit:,} bytes", str(path))
    except ValueError as error:  # a zero byte in the name
        raise OSError(errno.EINVAL, f"Its name can't be one: {error}", str(path)) from error
    raise OSError(errno.EINVAL, "It is no regular file", str(path))


def read_regular(path: Path, limit: int = TEXT_LIMIT) -> bytes:
    """Read a file as a whole.

    :raises OSError: as :func:`open_regular`
    """
    with open_regular(path, limit) as stream:
        return stream.read(limit)


def reader_of(raw: IO[bytes], read: Callable[[int], bytes], buffer: int) -> io.BufferedReader:
    """Give a stream of what a function reads, which may look at it, count it, or refuse it.

    :param raw: what is beneath, which is closed with the stream
    :param read: gives so many bytes or fewer, and none at the end
    :param buffer: bytes to read at once

    >>> reader_of(io.BytesIO(), io.BytesIO(b"one two").read, 16).read()
    b'one two'
    """
    return io.BufferedReader(_Reader(raw, read), buffer)


class _Reader(io.RawIOBase):
    def __init__(self, raw: IO[bytes], read: Callable[[int], bytes]) -> None:
        self._raw = raw
        self._read = read

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._raw.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        piece = self._read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
