"""A file as bytes: unpacked by what it is, with limits, and with clear errors."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import stat
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from tzgraph.errors import DataError, Finding, InputUnreadableError, Severity
from tzgraph.parsing import reader_of

__all__ = ["Source", "out_of_memory", "unusable"]

#: Bytes, unpacked, that a file may have which is read as a stream.
_STREAM_LIMIT = 16_000_000_000
#: Bytes, unpacked, that a file may have which has to be in memory as a whole.
_WHOLE_LIMIT = 1_500_000_000
_HEAD = 65_536
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}
#: What opens a file, by what packed it. Whoever opens a source closes it.
_OPEN: dict[str, Callable[[Path], IO[bytes]]] = {
    "": lambda path: path.open("rb"),
    "gzip": lambda path: cast("IO[bytes]", gzip.open(path)),  # noqa: SIM115 - see above
    "xz": lambda path: lzma.open(path),  # noqa: SIM115 - see above
    "bzip2": lambda path: bz2.open(path),  # noqa: SIM115 - see above
}
_PACKED = (EOFError, zlib.error, lzma.LZMAError, OSError)


def unusable(
    file: str,
    code: str,
    message: str,
    hint: str,
    row: int | None = None,
    column: int | None = None,
) -> DataError:
    """Give the error for a file of which nothing can be used."""
    return DataError(
        [Finding(Severity.VIOLATION, code, message, hint, file, row, column, unreadable=True)]
    )


class Source:
    """A file to read: what packed it, and its first bytes, unpacked.

    :param path: the file
    :raises InputUnreadableError: if it can't be opened
    :raises DataError: if it is empty, or packed in a way that can't be unpacked
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        try:
            mode = path.stat().st_mode
            # Opening a pipe that nobody writes to would wait without end.
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise OSError(errno.EINVAL, "It is no regular file")
            with path.open("rb") as stream:
                start = stream.read(8)
        except OSError as error:
            raise InputUnreadableError(
                f"{path} can't be read: {error.strerror}.", "Name a file that exists."
            ) from error
        self.packing = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "")
        if self.packing in ("zstd", "zip"):
            raise unusable(
                self.name,
                "unknown-packing",
                f"The file is packed with {self.packing}.",
                "Unpack it, or pack it with gzip, xz or bzip2.",
            )
        with self.open() as opened:
            self.head = opened.read(_HEAD)
        if not self.head.strip():
            raise unusable(
                self.name, "empty-file", "The file is empty.", "Fetch it again, or name another."
            )

    def open(self) -> IO[bytes]:
        """Open the unpacked bytes as a stream.

        :raises DataError: by the stream, where the file is truncated, damaged or too large
        """
        raw = _OPEN[self.packing](self.path)
        given = 0

        def read(size: int) -> bytes:
            nonlocal given
            try:
                data = raw.read(size)
            except _PACKED as error:
                raise self._broken(error, given) from error
            given += len(data)
            if given > _STREAM_LIMIT:
                raise self.too_large(_STREAM_LIMIT)
            return data

        return reader_of(raw, read, 1 << 18)

    def _broken(self, error: BaseException, given: int) -> DataError:
        where = f"after {given:,} unpacked bytes"
        if isinstance(error, EOFError):
            code, what = "truncated-file", f"The {self.packing} file is truncated {where}."
        elif self.packing:
            code, what = "damaged-file", f"The {self.packing} file is damaged {where}: {error}."
        else:
            code, what = "unreadable-file", f"The file can't be read: {error}."
        return unusable(self.name, code, what, "Fetch it again; nothing of it was used.")

    def whole(self, limit: int = _WHOLE_LIMIT) -> bytes:
        """Read all of it.

        :param limit: bytes, unpacked, that it may have
        :raises DataError: if it is damaged, or too large to be read at once
        """
        with self.open() as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise self.too_large(limit)
        return data

    def too_large(self, limit: int) -> DataError:
        """Give the error for more bytes than can be handled."""
        return unusable(
            self.name,
            "too-large",
            f"The file has more than {limit:,} bytes when unpacked.",
            "Give a part of it, or a syntax that is read as a stream: RDF/XML, N-Triples, OBO.",
        )


def out_of_memory(file: str) -> DataError:
    """Give the error for a file that needs more memory than there is."""
    return unusable(
        file,
        "too-large",
        "The file needs more memory than there is.",
        "Give a part of it, or a syntax that is read as a stream: RDF/XML, N-Triples, OBO.",
    )
