"""What a worker may not do: open sockets or files, take much memory, outlive its parent.

Linux only. The system call filter is seccomp-bpf (``seccomp(2)``, ``bpf(4)``): a few instructions
that let everything pass but the calls that make sockets and start programs.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from pathlib import Path

__all__ = ["die_with_parent", "forbid_sockets", "limit_files", "limit_memory"]

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EACCES = 13
#: BPF: load a word, jump if equal, return.
_LOAD, _JEQ, _RET = 0x20, 0x15, 0x06
_INSTRUCTION = struct.Struct("HBBI")
#: By machine: audit architecture, and the numbers of socket, connect, bind, socketpair, execve and
#: execveat.
_MACHINES = {
    "x86_64": (0xC000003E, (41, 42, 49, 53, 59, 322)),
    "aarch64": (0xC00000B7, (198, 203, 200, 199, 221, 281)),
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

    :return: whether that was possible
    """
    known = _MACHINES.get(platform.machine())
    if known is None:
        return False
    architecture, calls = known
    code = [
        _INSTRUCTION.pack(_LOAD, 0, 0, 4),  # the architecture
        _INSTRUCTION.pack(_JEQ, 0, len(calls) + 2, architecture),  # else: refuse
        _INSTRUCTION.pack(_LOAD, 0, 0, 0),  # the number of the call
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


def limit_files() -> None:
    """Let this process open no file or socket beyond those that it has."""
    highest = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, highest + 1))


def limit_memory(megabytes: int) -> None:
    """Let this process take so much memory beyond what it has; past it, the process aborts."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    limit = pages * resource.getpagesize() + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
