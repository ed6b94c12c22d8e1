"""How a process of the server ended, and what it said before."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress
from typing import NamedTuple

__all__ = ["Ended", "file_for_words", "last_words"]

#: Bytes of what a process said before it ended.
_WORDS = 4_000
#: What a process says that aborts for want of memory: Rust's allocator, C++, and Python.
_NO_MEMORY = re.compile(
    r"memory allocation of \d++ bytes failed|std::bad_alloc|out of memory|MemoryError"
)


class Ended(NamedTuple):
    """How a process ended.

    :ivar signal: the signal that ended it, 0 for none
    :ivar said: the end of what it wrote to its standard error
    """

    signal: int
    said: str = ""

    @property
    def how(self) -> str:
        """The signal in words.

        >>> Ended(9).how, Ended(0).how
        ('by SIGKILL', 'by itself')
        """
        if not self.signal:
            return "by itself"
        with suppress(ValueError):
            return f"by {signal.Signals(self.signal).name}"
        return f"by signal {self.signal}"

    @property
    def lacked_memory(self) -> bool:
        """Whether it ended at its limit of memory; a panic also ends in SIGABRT.

        >>> Ended(6, "memory allocation of 64 bytes failed").lacked_memory
        True
        >>> Ended(6, "thread 'main' panicked").lacked_memory
        False
        """
        return self.signal == signal.SIGABRT and _NO_MEMORY.search(self.said) is not None

    @property
    def from_outside(self) -> bool:
        """Whether something else may have ended it, so that it is worth another try."""
        return self.signal in (0, signal.SIGKILL, signal.SIGTERM)


def file_for_words() -> int:
    """Make a file in memory to be the standard error of a process; -1 where that can't be done."""
    try:
        return os.memfd_create("tzgraph-stderr")
    except OSError:
        return -1


def last_words(file: int) -> str:
    """Give the end of what a process has written to such a file, and close that."""
    if file < 0:
        return ""
    try:
        data = os.pread(file, _WORDS, max(os.fstat(file).st_size - _WORDS, 0))
    finally:
        os.close(file)
    return data.decode("utf-8", "replace").strip()
