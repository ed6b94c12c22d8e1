"""Locks on files, and writing that a crash leaves whole."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

__all__ = ["disk_failure", "is_full", "lock", "sync", "sync_tree", "write_pointer"]


def is_full(error: BaseException) -> bool:
    """Say whether an error of the system, RocksDB or SQLite means that the disk is full."""
    number = error.errno if isinstance(error, OSError) else None
    text = str(error)
    return number in (errno.ENOSPC, errno.EDQUOT) or "No space left" in text or "is full" in text


def disk_failure(error: BaseException) -> str:
    """Say how the disk failed, if that is what an error of the system or of RocksDB means.

    >>> disk_failure(OSError(5, "Input/output error")), disk_failure(ValueError("x"))
    ('Input/output error', '')
    """
    number = error.errno if isinstance(error, OSError) else None
    text = str(error)
    for failure in _FAILURES:
        if number == failure or os.strerror(failure) in text:
            return os.strerror(failure)
    return ""


#: Errors that tell of the disk, not of what was asked of it.
_FAILURES = (errno.EIO, errno.EROFS, errno.ENODEV, errno.ESTALE)


def lock(descriptor: int, *, shared: bool = False, wait: bool = False) -> bool:
    """Lock an open file or folder; the lock ends when it is closed, or the process ends.

    :param shared: others may hold the lock as well, if they share it
    :param wait: wait for others that hold it
    :return: whether the lock is held now; a shared one is always waited for
    """
    try:
        import fcntl
    except ImportError:  # Windows: the lock is advisory only, and builds there are rare
        return True
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind if shared or wait else kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def write_pointer(path: Path, text: str) -> None:
    """Replace a file of one line in one step, and bring it to the disk."""
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="ascii", newline="\n") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
    sync(path.parent)


def sync_tree(folder: Path) -> None:
    """Bring a folder and all that is in it to the disk."""
    for path in sorted(folder.rglob("*")):
        sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Bring a file or folder to the disk, where the system lets folders be opened."""
    with contextlib.suppress(PermissionError, IsADirectoryError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
