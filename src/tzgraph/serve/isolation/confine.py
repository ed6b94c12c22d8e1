"""What a worker may not do: open sockets or files, take much memory, outlive its parent.

Linux only. The system call filter is seccomp-bpf (``seccomp(2)``, ``bpf(4)``): a few instructions
that let everything pass but the calls that make sockets, start programs, or get at another process
of the same user to have it do so. A worker whose query calls other endpoints may make TCP sockets
over IPv4, and where the kernel has Landlock for networks (``landlock(7)``, from 6.7 on) connect
them to one port only, that of the server's relay.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

__all__ = [
    "can_limit_ports",
    "data_bytes",
    "die_with_parent",
    "forbid_sockets",
    "keep_files",
    "limit_files",
    "limit_memory",
    "only_connect",
    "unlimit_memory",
]

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EACCES = 13
#: BPF: load a word, jump (if equal, if greater or equal, if bits are set), and, return.
_LOAD, _JUMP, _JEQ, _JGE, _JSET, _AND, _RET = 0x20, 0x05, 0x15, 0x35, 0x45, 0x54, 0x06
#: Where arguments of a call begin, in bytes; each has eight, the lower half first.
_ARGUMENTS = 16
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
#: By machine: the numbers of sendto; of sendmsg, sendmmsg and listen; and of calls that open files.
_SENDING = {"x86_64": (44, (46, 307, 50)), "aarch64": (206, (211, 269, 201))}
_OPENING = {"x86_64": (2, 85, 257, 304, 437), "aarch64": (56, 265, 437)}
_SOCK_FLAGS = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
#: Connects while it sends, which Landlock need not see.
_MSG_FASTOPEN = 0x20000000
#: Calls of Landlock, with the same number everywhere; connecting by TCP; a rule about a port.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CONNECT_TCP, _RULE_NET_PORT = 2, 2
#: Asks which version of Landlock there is; the first one that knows networks.
_ASK_VERSION, _NETWORK_VERSION = 1, 4


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
    return known is not None and _filter(known[0], (*known[1], *_EVERYWHERE), ())


def only_connect(port: int, *, files: bool) -> bool:
    """Refuse the calls that start programs or open sockets, other than to connect to a port.

    The port counts where the kernel has Landlock for networks; elsewhere TCP over IPv4 is all that
    is asked for, as a filter of calls sees no addresses.

    :param port: of the relay
    :param files: whether files may be opened
    :return: whether the calls could be refused; of Landlock nothing is said
    """
    machine = platform.machine()
    if machine not in _MACHINES:
        return False
    architecture, (make, _connect, *others) = _MACHINES[machine]
    sendto, sending = _SENDING[machine]
    opening = () if files else _OPENING[machine]
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _only_port(port)
    further = [
        *_unless_equal(make, 0, socket.AF_INET),
        *_unless_equal(make, 1, socket.SOCK_STREAM, ignored=_SOCK_FLAGS),
        # Not MPTCP, for which Landlock has no rules.
        *_unless_equal(make, 2, 0, ignored=socket.IPPROTO_TCP),
        *_if_set(sendto, 3, _MSG_FASTOPEN),
    ]
    return _filter(architecture, (*others, *sending, *opening, *_EVERYWHERE), further)


def _unless_equal(call: int, argument: int, value: int, *, ignored: int = 0) -> list[bytes]:
    """Refuse a call with another argument; those bits that are ignored don't count."""
    return [
        _INSTRUCTION.pack(_LOAD, 0, 0, 0),
        _INSTRUCTION.pack(_JEQ, 0, 4, call),
        _INSTRUCTION.pack(_LOAD, 0, 0, _ARGUMENTS + 8 * argument),
        _INSTRUCTION.pack(_AND, 0, 0, ~ignored & 0xFFFFFFFF),
        _INSTRUCTION.pack(_JEQ, 1, 0, value),
        _INSTRUCTION.pack(_RET, 0, 0, _ERRNO | _EACCES),
    ]


def _if_set(call: int, argument: int, bits: int) -> list[bytes]:
    """Refuse a call in one of whose arguments some bits are set."""
    return [
        _INSTRUCTION.pack(_LOAD, 0, 0, 0),
        _INSTRUCTION.pack(_JEQ, 0, 3, call),
        _INSTRUCTION.pack(_LOAD, 0, 0, _ARGUMENTS + 8 * argument),
        _INSTRUCTION.pack(_JSET, 0, 1, bits),
        _INSTRUCTION.pack(_RET, 0, 0, _ERRNO | _EACCES),
    ]


def _filter(architecture: int, refused: Sequence[int], further: Sequence[bytes]) -> bool:
    """Refuse calls by their number, and what further instructions refuse, for good."""
    refuse = _INSTRUCTION.pack(_RET, 0, 0, _ERRNO | _EACCES)
    code = [
        _INSTRUCTION.pack(_LOAD, 0, 0, 4),  # the architecture
        _INSTRUCTION.pack(_JEQ, 1, 0, architecture),
        refuse,
        _INSTRUCTION.pack(_LOAD, 0, 0, 0),  # the number of the call
        _INSTRUCTION.pack(_JGE, len(refused) + 1, 0, _X32),
        *(
            _INSTRUCTION.pack(_JEQ, len(refused) - index, 0, number)
            for index, number in enumerate(refused)
        ),
        _INSTRUCTION.pack(_JUMP, 0, 0, 1),
        refuse,
        *further,
        _INSTRUCTION.pack(_RET, 0, 0, _ALLOW),
    ]
    program = _Program(len(code), b"".join(code))
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1) and _prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program)
    )


def can_limit_ports() -> bool:
    """Say whether the kernel can keep a process from connecting to other ports by TCP.

    That is Landlock from its fourth interface on (Linux 6.7), if the kernel has it switched on and
    the service manager lets its calls pass.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    return bool(version >= _NETWORK_VERSION)


def _only_port(port: int) -> bool:
    """Refuse to connect by TCP to other ports, where the kernel can."""
    libc = ctypes.CDLL(None, use_errno=True)
    handled = struct.pack("=QQ", 0, _CONNECT_TCP)  # nothing of files
    ruleset = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if ruleset < 0:
        return False
    rule = struct.pack("=QQ", _CONNECT_TCP, port)
    try:
        added = libc.syscall(_ADD_RULE, ruleset, _RULE_NET_PORT, rule, 0)
        return bool(added == 0 and libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


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


def limit_files(further: int = 0) -> None:
    """Let this process open no file beyond those that it has; there may be no gap below them.

    :param further: how many it may open nevertheless
    """
    number = os.dup(0)  # the lowest that is free
    os.close(number)
    number += further
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
