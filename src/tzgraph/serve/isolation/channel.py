"""The client side of the keeper's socket: start it, have it fork and kill, hear who ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping

from tzgraph.errors import UsageError

__all__ = ["KeeperClient"]

_KEEPER = "tzgraph.serve.isolation.keeper"
#: Seconds that the keeper may take to load, and to end.
_PATIENCE = 600
_FAREWELL = 5
#: Seconds after which a packet is sent again for which there was no room.
_AGAIN = 0.01


class KeeperClient:
    """A keeper process and the control socket to it.

    :param gone: is told the name of a worker that ended, the signal that ended it, and what it said
    :param ended: is told that the keeper itself ended without being asked to
    """

    def __init__(self, gone: Callable[[int, int, str], None], ended: Callable[[], None]) -> None:
        self._gone = gone
        self._ended = ended
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ended_by = 0

    async def start(self, order: Mapping[str, object]) -> None:
        """Start the keeper and wait until it has loaded.

        :param order: what to load, and limits
        :raises UsageError: if it can't
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        number = theirs.fileno()
        # -P: nothing is imported from the folder that the server happens to run in.
        command = [sys.executable, "-P", "-m", _KEEPER, str(number), str(os.getpid())]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no input in it
                command, pass_fds=[number], stdin=subprocess.DEVNULL
            )
        loop = asyncio.get_running_loop()
        told = b""
        try:
            ours.sendall(json.dumps(order).encode())
            ours.setblocking(False)
            async with asyncio.timeout(_PATIENCE):
                told = await loop.sock_recv(ours, 1 << 16)
        except (OSError, TimeoutError):
            pass
        finally:
            if not told:
                await self.close()
        if not told:
            raise UsageError("The graph could not be loaded.", "Build it again.")
        loop.add_reader(ours, self._hear)

    async def close(self) -> int:
        """End the keeper, and with it the workers; give the signal that ended it, 0 for none."""
        control, self._control = self._control, None
        if control is not None:
            asyncio.get_running_loop().remove_reader(control)
            control.close()  # the keeper ends by itself now
        process, self._process = self._process, None
        if process is None:
            return self._ended_by
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, _FAREWELL)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            self._ended_by = max(-(process.returncode or 0), 0)
        return self._ended_by

    def fork(self, name: int, connection: socket.socket, relay: str = "") -> None:
        """Have a worker made.

        :param connection: the worker's end of the socket to it; it is closed here
        :param relay: where it may call other endpoints
        """
        self._send({"fork": name, "relay": relay}, connection)

    def kill(self, name: int) -> None:
        """Have a worker killed."""
        self._send({"kill": name})

    def _send(
        self, packet: Mapping[str, int | str], connection: socket.socket | None = None
    ) -> None:
        descriptors = [] if connection is None else [connection.fileno()]
        try:
            if self._control is not None:
                socket.send_fds(self._control, [json.dumps(packet).encode()], descriptors)
        except BlockingIOError:
            asyncio.get_running_loop().call_later(_AGAIN, self._send, packet, connection)
            return
        except OSError:
            pass  # the keeper is gone, and is soon known to be
        if connection is not None:
            connection.close()

    def _hear(self) -> None:
        if self._control is None:
            return
        try:
            packet = self._control.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:  # it was killed before it had read everything
            packet = b""
        if packet:
            told = json.loads(packet)
            self._gone(int(told["gone"]), int(told["signal"]), str(told["said"]))
        else:
            asyncio.get_running_loop().remove_reader(self._control)
            self._ended()
