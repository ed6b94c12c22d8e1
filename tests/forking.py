"""Runs commands in forks of a process that has loaded tzgraph, which saves each its start.

A fork is a process of its own like any other, with its own streams, folder and environment; a
start by itself takes 0.4 s for Python's imports, and a build 2 s for the shipped rules. Tests of
what happens at a start (encodings, closed streams, signals) start Python instead.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["end", "run"]

#: Of a message with a command's arguments and environment.
_BYTES = 1 << 20


def run(
    arguments: list[str], environment: Mapping[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command of tzgraph, without input, and wait for it for two minutes at most."""
    order = {"arguments": arguments, "environment": dict(environment), "cwd": str(cwd or Path())}
    with (
        Path(os.devnull).open("rb") as nothing,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        channel, _ = _parent()
        streams = [nothing.fileno(), out.fileno(), err.fileno()]
        socket.send_fds(channel, [json.dumps(order).encode()], streams)
        try:
            code = int(channel.recv(_BYTES))
        except (TimeoutError, ValueError):  # it is still at work, or has ended
            _parent()[1].kill()
            end()
            raise
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read())
    return subprocess.CompletedProcess(arguments, code, *texts)


def end() -> None:
    """End the process that forks, if there is one."""
    if _parent.cache_info().currsize:
        channel, process = _parent()
        channel.close()
        process.wait()
        _parent.cache_clear()


@cache
def _parent() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Start the process that forks, which ends when this one closes the socket or ends."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(120)
    path = os.pathsep.join(entry for entry in sys.path if entry)
    process = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )
    theirs.close()
    return ours, process


def _serve(channel: socket.socket) -> None:
    """Fork for each command that is sent, and send back how it ended."""
    from tzgraph.cli.main import main

    while True:
        message, streams, _, _ = socket.recv_fds(channel, _BYTES, 3)
        if not message:
            return
        child = os.fork()
        if not child:
            channel.close()
            _become(json.loads(message), streams)
            main()
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        channel.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(order: dict[str, Any], streams: list[int]) -> None:
    """Take on the streams, folder, environment and arguments of a command."""
    for descriptor, stream in enumerate(streams):
        os.dup2(stream, descriptor)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["tzgraph", *order["arguments"]]


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
