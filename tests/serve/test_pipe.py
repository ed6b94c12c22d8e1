"""Frames from a worker, however they are cut."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzgraph.serve.isolation.pipe import open_pipe
from tzgraph.serve.isolation.wire import HEADER, LONGEST, Frame, pack

PAYLOADS = st.lists(
    st.one_of(st.binary(max_size=20), st.integers(0, LONGEST).map(bytes)), min_size=1, max_size=6
)


@given(PAYLOADS, st.lists(st.integers(1, 200_000), min_size=1, max_size=8), st.booleans())
def test_frames_arrive_as_they_were_sent(
    payloads: list[bytes], cuts: list[int], waits: bool
) -> None:
    """Whether the reader waits for them or they for it."""
    data = b"".join(pack(Frame.CHUNK, payload) for payload in payloads)

    async def run() -> list[tuple[int, bytes]]:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()
        pipe = await open_pipe(ours)

        async def send() -> None:
            rest, at = data, 0
            while rest:
                part, rest = rest[: cuts[at % len(cuts)]], rest[cuts[at % len(cuts)] :]
                at += 1
                await loop.sock_sendall(theirs, part)
                if at < 50:
                    await asyncio.sleep(0)
            theirs.close()

        sending = asyncio.ensure_future(send())
        if waits:
            await asyncio.sleep(0)
        found = [await pipe.frame() for _ in payloads]
        await sending
        with pytest.raises(EOFError):
            await pipe.frame()
        pipe.abort()
        return found

    assert asyncio.run(run()) == [(Frame.CHUNK, payload) for payload in payloads]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EOFError),
        (b"\x03\x00", EOFError),
        (pack(Frame.CHUNK, b"abc")[:-1], EOFError),
        (HEADER.pack(3, LONGEST + 1), ValueError),
        (HEADER.pack(3, LONGEST + 1) + bytes(LONGEST + 1), ValueError),
    ],
)
def test_what_is_no_frame(data: bytes, error: type[Exception]) -> None:
    """What breaks off, and what is longer than frames are, is an error for who reads."""

    async def run() -> None:
        ours, theirs = socket.socketpair()
        pipe = await open_pipe(ours)
        with suppress(BlockingIOError):
            theirs.setblocking(False)
            theirs.send(data)
        theirs.close()
        await pipe.frame()

    with pytest.raises(error):
        asyncio.run(run())


def test_a_worker_that_has_ended_can_be_sent_to() -> None:
    """Whoever then reads learns of it, also on the event loop that the server runs on."""
    uvloop = pytest.importorskip("uvloop")

    async def run() -> None:
        ours, theirs = socket.socketpair()
        pipe = await open_pipe(ours)
        theirs.close()
        await asyncio.sleep(0.05)
        pipe.send(pack(Frame.REQUEST, b"{}"))
        with pytest.raises(EOFError):
            await pipe.frame()

    for factory in (None, uvloop.new_event_loop):
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(run())


def test_who_is_aborted_reads_the_end() -> None:
    async def run() -> None:
        ours, theirs = socket.socketpair()
        pipe = await open_pipe(ours)
        reading = asyncio.ensure_future(pipe.frame())
        await asyncio.sleep(0)
        pipe.abort()
        with pytest.raises(EOFError):
            await reading
        theirs.close()

    asyncio.run(run())


def test_a_worker_that_is_too_fast_is_held_up() -> None:
    """What nobody reads does not pile up."""

    async def run() -> None:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        pipe = await open_pipe(ours)
        frame, sent = pack(Frame.CHUNK, bytes(60_000)), 0
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                while sent < 1_000:
                    await asyncio.get_running_loop().sock_sendall(theirs, frame)
                    sent += 1
        assert sent < 100
        for _ in range(sent):
            assert (await pipe.frame())[1] == bytes(60_000)
        pipe.abort()
        theirs.close()

    asyncio.run(run())
