"""The server's end of a worker's socket: frames in, frames out (:mod:`~.wire`).

asyncio's streams would do, but copy each frame twice more and take a step of the event loop for its
length and one for the rest, which is much of what a short query costs.
"""

from __future__ import annotations

import asyncio
import socket
from typing import cast

from tzgraph.serve.isolation.wire import HEADER, LONGEST

__all__ = ["Pipe", "open_pipe"]

#: Bytes that may wait here for a slow client.
_AHEAD = 4 * 64 * 1024


class Pipe(asyncio.Protocol):
    """Reads frames from a worker, and sends it some. One task reads at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        #: Gets the next frame if it came alone, else ``None`` when there is more in the buffer.
        self._waiter: asyncio.Future[tuple[int, bytes] | None] | None = None
        self._ended = self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what the worker sends; a frame that comes alone is not copied into the buffer."""
        waiter = self._waiter
        if not self._buffer and waiter is not None and not waiter.done():
            frame = _only_frame(data)
            if frame is not None:
                waiter.set_result(frame)
                return
        self._buffer += data
        if len(self._buffer) > _AHEAD and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Take notice that the worker sends no more."""
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        """Take notice that the connection is gone."""
        self._end()

    def send(self, frame: bytes) -> None:
        """Send a frame; if the worker has ended, who reads the answer is told so."""
        if self._transport is not None and not self._ended and not self._transport.is_closing():
            self._transport.write(frame)

    def abort(self) -> None:
        """Close the connection at once; who reads finds its end."""
        if self._transport is not None:
            self._transport.abort()
        self._end()

    async def frame(self) -> tuple[int, bytes]:
        """Wait for the next frame: its kind with flags, and its bytes.

        :raises EOFError: if the worker has ended before its end
        :raises ValueError: if it is longer than frames are
        """
        while True:
            found = self._take()
            if found is not None:
                return found
            if self._ended:
                raise EOFError
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                found = await self._waiter
            finally:
                self._waiter = None
            if found is not None:
                return found

    def _take(self) -> tuple[int, bytes] | None:
        """Give a frame out of the buffer, ``None`` if no whole one is there."""
        if len(self._buffer) < HEADER.size:
            return None
        number, length = HEADER.unpack_from(self._buffer)
        if length > LONGEST:
            raise ValueError(length)
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as view:
            payload = bytes(view[HEADER.size : end])
        del self._buffer[:end]
        if self._paused and len(self._buffer) <= _AHEAD // 2 and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return number, payload

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _end(self) -> None:
        self._ended = True
        self._wake()


def _only_frame(data: bytes) -> tuple[int, bytes] | None:
    """Give the frame that some bytes are, ``None`` if they are another number of frames than one.

    >>> _only_frame(bytes([4, 0, 0, 0, 0])), _only_frame(bytes([4, 0, 0, 0]))
    ((4, b''), None)
    """
    if len(data) < HEADER.size:
        return None
    number, length = HEADER.unpack_from(data)
    if length > LONGEST or len(data) != HEADER.size + length:
        return None
    return number, data[HEADER.size :]


async def open_pipe(connection: socket.socket) -> Pipe:
    """Give the end of a pipe for a socket that a worker has the other end of."""
    loop = asyncio.get_running_loop()
    _transport, pipe = await loop.create_connection(Pipe, sock=connection)
    return pipe
