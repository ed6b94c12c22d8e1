"""Locks on files, and writing that a crash leaves whole."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import time
from pathlib import Path

from tzgraph.errors import BuildFailedError, DamagedReleaseError, InputUnreadableError

__all__ = [
    "disk_failure",
    "is_full",
    "lock",
    "read_pointer",
    "sync",
    "sync_tree",
    "wait_for_lock",
    "write_pointer",
]

#: Seconds between attempts to get a lock.
_PAUSE = 0.02
#: Names of releases and of states; nothing that leads to another folder.
_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


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


def lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file or folder; the lock ends when it is closed, or the process ends.

    :param shared: others may hold the lock as well, if they share it
    :return: whether the lock is held now; it is not waited for
    """
    try:
        import fcntl
    except ImportError:  # Windows: the lock is advisory only, and builds there are rare
        return True
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks can be read, and not be written to
        return shared
    return True


def wait_for_lock(descriptor: int, timeout_s: float, message: str, hint: str) -> None:
    """Lock an open file or folder alone, once others have let go of it.

    :param timeout_s: seconds to wait for them
    :param message: what to say if they don't
    :param hint: what to do then
    :raises BuildFailedError: if they don't
    """
    until = time.monotonic() + timeout_s
    while not lock(descriptor):
        if time.monotonic() > until:
            raise BuildFailedError(message, hint)
        time.sleep(_PAUSE)


def read_pointer(path: Path) -> str:
    """Read the name in a file of one line; empty if there is no such file, or no name in it.

    :raises InputUnreadableError: if the system does not let it be read
    :raises DamagedReleaseError: if something else than a name is in it
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(256)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise InputUnreadableError(
            f"{path} can't be read: {error.strerror}.", "Let the user who runs tzgraph read it."
        ) from error
    name = data.decode("ascii", "replace").strip()
    if name and not _NAME.fullmatch(name):
        raise DamagedReleaseError(f"{path} is damaged: {name[:80]!r} is no name.")
    return name


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
