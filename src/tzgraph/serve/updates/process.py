"""A writer process and the client side of its socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
from typing import Any

from tzgraph.serve.isolation.ended import Ended, file_for_words, last_words
from tzgraph.serve.isolation.wire import HEADER, Frame, pack

__all__ = ["ProcessEndedError", "WriterProcess"]

_LOG = logging.getLogger(__name__)
_WRITER = "tzgraph.serve.updates.writer"


class ProcessEndedError(Exception):
    """The writer ended, or was killed, in the middle of an order."""


class WriterProcess:
    """A writer process and the socket to it.

    :param release: id of the release whose states it makes
    """

    def __init__(self, release: str) -> None:
        self.release = release
        self.state = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr = -1
        self._ended: Ended | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self, order: dict[str, Any]) -> tuple[Frame, bytes]:
        """Start it and wait until it is ready.

        :raises ProcessEndedError: if it ends before
        """
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", _WRITER, str(theirs.fileno()), str(os.getpid())]
        self._stderr = file_for_words()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no input in it
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=self._stderr if self._stderr >= 0 else None,
            )
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        frame, said = await self.ask(json.dumps(order).encode())
        if frame is Frame.READY:
            self.state = json.loads(said)["state"]
        return frame, said

    async def ask(self, data: bytes) -> tuple[Frame, bytes]:
        """Send an order, empty to publish, and wait for the answer.

        :raises ProcessEndedError: if it has ended
        """
        if self._reader is None or self._writer is None:
            raise ProcessEndedError
        try:
            self._writer.write(pack(Frame.REQUEST, data))
            await self._writer.drain()
            kind, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
            return Frame(kind), await self._reader.readexactly(length)
        # uvloop raises RuntimeError where the connection is known to be closed.
        except (asyncio.IncompleteReadError, OSError, RuntimeError, ValueError):
            raise ProcessEndedError from None

    async def ended(self) -> Ended:
        """Say how it ended, if it does so by itself; then :meth:`kill` has nothing left to do."""
        if self._process is not None and self._ended is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, 5)
                self._settle(self._process)
        return self._ended or Ended(0)

    def kill(self) -> None:
        """End it, whatever it does."""
        if self._writer is not None:
            self._writer.transport.abort()
        if self._process is not None and self._ended is None:
            self._process.kill()
            self._process.wait()
            self._settle(self._process)

    def _settle(self, process: subprocess.Popen[bytes]) -> None:
        ended = self._ended = Ended(max(-process.returncode, 0), last_words(self._stderr))
        if ended.said:
            _LOG.warning("the process that writes ended %s: %s", ended.how, ended.said)
