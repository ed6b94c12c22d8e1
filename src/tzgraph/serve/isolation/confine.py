"""What a worker may not do: open sockets or files, take much memory, outlive its parent.

Linux only. The system call filter is seccomp-bpf (``seccomp(2)``, ``bpf(4)``): a few instructions
that let everything pass but the calls that make sockets, start programs, or get at another process
of the same user to have it do so.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Sequence
from pathlib import Path

__all__ = [
    "data_bytes",
    "die_with_parent",
    "forbid_sockets",
    "keep_files",
    "limit_files",
    "limit_memory",
    "unlimit_memory",
]

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EACCES = 13
#: BPF: load a word, jump if equal, jump if greater or equal, return.
_LOAD, _JEQ, _JGE, _RET = 0x20, 0x15, 0x35, 0x06
_INSTRUCTION = struct.Struct("HBBI")
#: Calls of the x32 interface are numbered from here on, and known to no other machine.
_X32 = 0x40000000
#: These have the same number everywhere: pidfd_getfd, and io_uring_setup, _enter and _register,
#: whose operations are system calls that no filter sees.
_EVERYWHERE = (438, 425, 426, 427)
#: By machine: audit architecture, and the numbers of socket, connect, bind, socketpair, execve,
#: execveat, ptrace, process_vm_readv and process_vm_writev.
_MACHINES = {
    "x86_64": (0xC000003E, (41, 42, 49, 53, 59, 322, 101, 310, 311)),
    "aarch64": (0xC00000B7, (198, 203, 200, 199, 221, 281, 117, 270, 271)),
}


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _prctl(option: int, value: int, program: object = 0) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    none = ctypes.c_ulong(0)
    return bool(libc.prctl(option, ctypes.c_ulong(value), program or none, none, none) == 0)


def die_with_parent(parent: int) -> None:
    """Have this process killed when its parent ends.

    :param parent: the parent's process id, as it was when this process began
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before
        os._exit(1)


def forbid_sockets() -> bool:
    """Refuse the calls that open sockets or start programs, for good.

    It holds for this thread and those that it starts, so call it before others are started.

    :return: whether that was possible
    """
    known = _MACHINES.get(platform.machine())
    if known is None:
        return False
    architecture, own = known
    calls = (*own, *_EVERYWHERE)
    code = [
        _INSTRUCTION.pack(_LOAD, 0, 0, 4),  # the architecture
        _INSTRUCTION.pack(_JEQ, 0, len(calls) + 3, architecture),  # else: refuse
        _INSTRUCTION.pack(_LOAD, 0, 0, 0),  # the number of the call
        _INSTRUCTION.pack(_JGE, len(calls) + 1, 0, _X32),
        *(
            _INSTRUCTION.pack(_JEQ, len(calls) - index, 0, number)
            for index, number in enumerate(calls)
        ),
        _INSTRUCTION.pack(_RET, 0, 0, _ALLOW),
        _INSTRUCTION.pack(_RET, 0, 0, _ERRNO | _EACCES),
    ]
    program = _Program(len(code), b"".join(code))
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1) and _prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program)
    )


def keep_files(wanted: Sequence[int]) -> list[int]:
    """Close all files but the standard ones and those wanted, and number these from 3 on.

    :param wanted: file descriptors
    :return: their new numbers, in the same order
    """
    highest = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    aside = [os.dup(number) for number in wanted]
    while min(aside, default=3) < 3 + len(wanted):
        aside = [os.dup(number) for number in aside]
    kept = [os.dup2(number, 3 + index) for index, number in enumerate(aside)]
    os.closerange(3 + len(wanted), max(highest, *aside) + 1)
    return kept


def limit_files() -> None:
    """Let this process open no file beyond those that it has; there may be no gap below them."""
    number = os.dup(0)  # the lowest that is free
    os.close(number)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))


def data_bytes(statm: int) -> int:
    """Give the bytes of memory that this process has of its own, or could have at once.

    :param statm: ``/proc/self/statm``, open; it must have been opened by this process
    """
    return int(os.pread(statm, 256, 0).split()[5]) * resource.getpagesize()


def limit_memory(bytes_: int, *, final: bool = True) -> None:
    """Let this process take so much memory in all; past it, the process aborts.

    :param bytes_: as :func:`data_bytes` counts
    :param final: for good; otherwise :func:`unlimit_memory` can take the limit back
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (bytes_, bytes_ if final else hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def unlimit_memory() -> None:
    """Take a limit on memory back that is not final."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
