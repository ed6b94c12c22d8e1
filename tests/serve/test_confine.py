"""What a worker can't do, tried in processes of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux isolates queries")

SOCKETS = """
import ctypes, errno, os, platform, socket
from tzgraph.serve.isolation.confine import forbid_sockets
ours, theirs = socket.socketpair()
if not forbid_sockets():
    raise SystemExit("skip")
def refused(call):
    try:
        call()
    except OSError as error:
        assert error.errno == errno.EACCES, error
    else:
        raise AssertionError("allowed")
refused(socket.socket)
refused(lambda: socket.socket(socket.AF_UNIX))
refused(socket.socketpair)
refused(lambda: os.execv("/bin/true", ["true"]))
libc = ctypes.CDLL(None, use_errno=True)
numbers = [425, 426, 427, 438]  # io_uring and pidfd_getfd
if platform.machine() == "x86_64":
    numbers += [41, 41 | 0x40000000, 101]  # socket, as x32 too, and ptrace
for number in numbers:
    assert libc.syscall(number, 2, 1, 0, 0, 0) == -1
    assert ctypes.get_errno() == errno.EACCES, number
ours.sendall(b"still here")
assert theirs.recv(99) == b"still here"
"""

RELAY = """
import errno, os, socket
from tzgraph.serve.isolation import confine
relay, other = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
ports = [one.getsockname()[1] for one in (relay, other)]
landlock = []
restrict = confine._only_port
confine._only_port = lambda port: landlock.append(restrict(port))
if not confine.only_connect(ports[0], files=False):
    raise SystemExit("skip")
def refused(call):
    try:
        call()
    except OSError as error:
        assert error.errno == errno.EACCES, error
    else:
        raise AssertionError("allowed")
def connect(port, **kind):
    socket.socket(**kind).connect(("127.0.0.1", port))
connect(ports[0])
connect(ports[0], proto=socket.IPPROTO_TCP)
connect(ports[0], type=socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
if landlock[0]:
    refused(lambda: connect(ports[1]))
refused(lambda: socket.socket(socket.AF_INET6))
refused(lambda: socket.socket(socket.AF_UNIX))
refused(lambda: socket.socket(type=socket.SOCK_DGRAM))
refused(lambda: socket.socket(type=socket.SOCK_RAW))
refused(lambda: socket.socket(proto=262))  # MPTCP
refused(socket.socketpair)
refused(lambda: socket.socket().bind(("127.0.0.1", 0)))
refused(lambda: socket.socket().listen())
refused(lambda: socket.socket().sendto(b"x", 0x20000000, ("127.0.0.1", ports[1])))  # fast open
refused(lambda: socket.socket().sendmsg([b"x"]))
refused(lambda: os.open("/dev/null", os.O_RDONLY))
refused(lambda: os.execv("/bin/true", ["true"]))
"""

FILES = """
import os
from tzgraph.serve.isolation.confine import keep_files, limit_files
wanted = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
for gap in wanted[::3]:
    os.close(gap)
kept = keep_files([wanted[19], wanted[4]])
assert kept == [3, 4], kept
limit_files()
for _ in range(3):
    try:
        os.open("/dev/null", os.O_RDONLY)
    except OSError as error:
        assert error.errno == 24, error
    else:
        raise AssertionError("opened")
"""

MEMORY = """
import os
from tzgraph.serve.isolation.confine import data_bytes, limit_memory
statm = os.open("/proc/self/statm", os.O_RDONLY)
limit_memory(data_bytes(statm) + 64 * 1024 * 1024)
kept = bytearray(32 * 1024 * 1024)
try:
    bytearray(128 * 1024 * 1024)
except MemoryError:
    raise SystemExit(0)
raise AssertionError("taken")
"""

WORKER = """
import os, socket
from tzgraph.serve.engine.base import Offer, QueryRequest
from tzgraph.serve.engine.evaluation import EvaluationContext
from tzgraph.serve.isolation.wire import HEADER, Frame, decode_error, encode_request, pack, receive
from tzgraph.serve.isolation.worker import work

class Store:
    def query(self, text, **_more):
        if "MEMORY" in text:
            raise MemoryError
        tried = []
        for call in (socket.socket, lambda: open("/etc/hostname"), lambda: os.system("true")):
            try:
                tried.append(call())
            except OSError as error:
                tried.append(error.errno)
        raise RuntimeError(f"tried {tried}")

ours, theirs = socket.socketpair()
parent = os.getpid()
worker = os.fork()
if worker == 0:
    ours.close()
    store = lambda _folder: Store()
    limits = {"memory_mb": 64, "max_result_bytes": 100, "files": 0}
    work(theirs, parent, store, limits, EvaluationContext({}))
    os._exit(0)
theirs.close()
assert receive(ours) == (Frame.READY, b"confined")
form = Offer("csv", "text/csv")
for text in ("ASK {}", "ASK { FILTER('MEMORY' = '') }"):
    ours.sendall(pack(Frame.REQUEST, encode_request(QueryRequest(text, bindings=form))))
    _kind, length = HEADER.unpack(ours.recv(HEADER.size))
    print(decode_error(ours.recv(length)))
ours.close()
os.waitpid(worker, 0)
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    if done.stderr.strip() == "skip":
        pytest.skip("no filter of system calls for this machine")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "script", [SOCKETS, RELAY, FILES, MEMORY], ids=["sockets", "relay", "files", "memory"]
)
def test_limits(script: str) -> None:
    run(script)


def test_worker_has_neither_sockets_nor_files_and_tells_where_memory_ends() -> None:
    said, of_memory = run(WORKER).splitlines()
    assert "needs more than 64 MB" in of_memory
    # EACCES for the socket, EMFILE for the file; a program can't be started.
    assert "tried [13, 24, " in said
    assert "tried [13, 24, 0]" not in said
