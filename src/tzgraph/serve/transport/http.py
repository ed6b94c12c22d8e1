"""HTTP/1.1 by uvicorn and httptools, with limits and timeouts added.

The parser is written in C, linear, and knows no limits. By itself uvicorn keeps heads of any
length, knows no URL over 64 kB, takes no body from a client that offers HTTP/2 by ``Upgrade``, as
Java's does, waits without end for clients that stop in the middle of a request or read nothing,
reads any number of requests while the first one is answered, and answers in plain text to what is
wrong.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import unquote

import httptools
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from tzgraph.serve.messages.problems import PROBLEM_TYPE, Problem, document_of, problem_response
from tzgraph.serve.middleware.headers import SHARED
from tzgraph.serve.transport.heads import MAX_FIELDS, MAX_HEADERS, MAX_URL, RefusedError, checked

__all__ = ["HttpProtocol"]

_LOG = logging.getLogger(__name__)

#: Bytes that the parser gets at a time, and bytes behind them that may wait to be read.
_PIECE, _AHEAD = 4 * 1024, 64 * 1024
#: Bytes of a chunk's head, or of what stands behind the last chunk.
_TAIL = 16 * 1024
#: Pieces of a body from which on they have to have so many bytes each, on average.
_PIECES, _LEAST = 2_000, 16
#: Requests in one piece that may offer other protocols.
_OFFERS = 10
#: Headers of such an offer.
_UPGRADE = frozenset({b"upgrade", b"http2-settings", b"connection"})
#: Bytes of a body for which a client has another second.
_RATE = 20_000
#: Seconds between two looks at a connection, at most.
_LOOK = 5.0
#: Seconds in which a client that was refused can read why.
_FAREWELL = 2.0
#: Seconds between two looks at what a client has still to get.
_FLUSH = 0.02
_CROWDED = Problem(
    503,
    "busy",
    "The server is busy",
    "There are too many connections. Try again later.",
    headers={"Retry-After": "10", "Connection": "close"},
)
_LONG_URL = f"The URL has more than {MAX_URL} bytes; send the query by POST."
_LONG_HEAD = f"The headers have more than {MAX_HEADERS} bytes, or more than {MAX_FIELDS} lines."


class _Flow(FlowControl):
    """Lets nobody resume reading while enough waits to be read."""

    def __init__(self, transport: asyncio.Transport, is_full: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._is_full = is_full

    def resume_reading(self) -> None:
        """Read on, unless enough is there."""
        if self.read_paused and not self._is_full():
            super().resume_reading()


class HttpProtocol(HttpToolsProtocol):
    """A connection to a client; uvicorn makes one for each.

    :cvar timeout_s: seconds in which a request has to arrive, and after which a client that reads
        nothing is given up; 0 for any
    """

    timeout_s: ClassVar[float] = 0
    #: The request that came last; ``None`` before the first one.
    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # uvicorn says: never None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        #: Since when the client owes the rest of a request, the first one from the beginning.
        self._since: float | None = self.loop.time()
        self._body = self._pieces = self._head_bytes = self._size = 0
        self._in_head = self._in_body = self._upgrade_requested = self._refused = False
        #: What is wrong behind requests that are still to be answered.
        self._later: RefusedError | None = None
        self._held = b""
        self._unsent_since = (0, 0.0)
        self._look: asyncio.TimerHandle | None = None
        #: The request that is being answered.
        self._answered: RequestResponseCycle | None = None
        # Taken from uvicorn, whose own answer is plain text.
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._all, self.app = self.app, self._admit

    # As uvicorn has it; asyncio's type is the wider one.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look at the connection now and then: a timer for each request costs more."""
        super().connection_made(transport)
        self.flow = _Flow(transport, lambda: len(self._held) > _AHEAD)
        if self.timeout_s:
            self._look = self.loop.call_later(min(_LOOK, self.timeout_s / 4), self._look_at)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more, and tell all requests; uvicorn only tells the one that came last."""
        if self._look is not None:
            self._look.cancel()
        _disconnect(self._answered)
        self.pipeline.clear()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Read requests, until one has to wait for its turn; what is behind it is not read yet."""
        if self._refused or self._later is not None:
            return
        self._unset_keepalive_if_required()
        held, self._held = self._held + data, b""
        for start in range(0, len(held), _PIECE):
            if self.pipeline:
                self._held = held[start:]
                break
            if not self._parse(held[start : start + _PIECE]):
                return
        if len(self._held) > _AHEAD:
            self.flow.pause_reading()

    def on_response_complete(self) -> None:
        """Go on with the next request, or say what is wrong with it."""
        super().on_response_complete()
        if self._since is not None:
            self._since = self.loop.time()  # what waited for its turn was not late
        if self._later is not None:
            if not self.pipeline and self._answered_all():
                self._refuse(self._later)
        elif self._held:
            self.loop.call_soon(self._go_on)

    def _answered_all(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _go_on(self) -> None:
        if self._held and not self.pipeline and not self.transport.is_closing():
            held, self._held = self._held, b""
            self.flow.resume_reading()
            self.data_received(held)

    def _parse(self, data: bytes) -> bool:
        """Feed the parser, and say whether it may get more."""
        if self._since is None:
            self._since = self.loop.time()
        self._head_bytes += len(data)
        try:
            for _ in range(_OFFERS):
                try:
                    self.parser.feed_data(data)
                    break
                except httptools.HttpParserUpgrade as upgrade:
                    data = self._without_offer() + data[upgrade.args[0] :]
            else:
                raise RefusedError(400, "The request can't be answered here.")
            self._check_size()
        except httptools.HttpParserError as error:
            known = error.__context__
            other = RefusedError(400, "The request is no HTTP.")
            self._fail(known if isinstance(known, RefusedError) else other)
        except RefusedError as error:
            self._fail(error)
        return not self._refused and self._later is None

    def _check_size(self) -> None:
        """Refuse what is too large already, though the parser keeps some of it to itself.

        :raises RefusedError: with status 431
        """
        most = len(self.url) + MAX_HEADERS + 2 * _PIECE if self._in_head else _TAIL
        if self._head_bytes > most:
            raise RefusedError(431, _LONG_HEAD)

    def _fail(self, error: RefusedError) -> None:
        """Refuse a request when all before it are answered."""
        if self._in_body and self.pipeline:
            self.pipeline.popleft()  # it is the one that is wrong
            self.cycle = self.pipeline[0][0] if self.pipeline else self._answered
        elif self._in_body and self._answered_all():
            self._refused = True  # it has its answer
            self.transport.close()
            return
        elif self._in_body or self._answered_all():
            self._refuse(error)
            return
        self._later, self._since, self._in_head = error, None, False

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        super().on_message_begin()
        self._unset_keepalive_if_required()
        self._in_head, self._upgrade_requested = True, False
        self._head_bytes = self._body = self._pieces = self._size = 0
        self._since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        super().on_url(url)
        if len(self.url) > MAX_URL:
            raise RefusedError(414, _LONG_URL)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header without the space behind it; trailers are ignored."""
        if not self._in_head:
            return
        self._size += len(name) + len(value) + 4
        if self._size > MAX_HEADERS or len(self.headers) >= MAX_FIELDS:
            raise RefusedError(431, _LONG_HEAD)
        super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Begin to answer, unless the request has to be read again."""
        self._upgrade_requested = self.parser.should_upgrade()
        if self._upgrade_requested:
            return
        method, version = self.parser.get_method(), self.parser.get_http_version()
        target, self.headers[:] = checked(method, self.url, version, self.headers)
        # The parser of URLs takes none over 64 kB; the task that answers has not begun yet.
        self.url = b"/"
        self._in_head, self._in_body = False, True
        super().on_headers_complete()
        path, _, self.scope["query_string"] = target.partition(b"?")
        self.scope["raw_path"] = path
        self.scope["path"] = unquote(path.decode("ascii"))
        self._head_bytes = 0

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, as each costs about as much as a kilobyte."""
        self._head_bytes = 0
        self._body += len(body)
        self._pieces += 1
        if self._pieces > _PIECES and self._body < _LEAST * self._pieces:
            raise RefusedError(400, "The body comes in pieces of a few bytes.")
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request, unless it has to be read again."""
        if self._upgrade_requested:
            return
        self._since, self._head_bytes, self._in_body = None, 0, False
        super().on_message_complete()
        if self.cycle is not None and self.cycle.response_complete:
            self.cycle.more_body = False
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _without_offer(self) -> bytes:
        """Give the head of a request without the protocols that it offers, and a parser for it."""
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b\r\n" % header for header in self.headers if header[0] not in _UPGRADE]
        self.parser = httptools.HttpRequestParser(self)
        return b"".join([*lines, b"\r\n"])

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, unless there are too many connections."""
        most = self._most
        if most is not None and (len(self.connections) >= most or len(self.tasks) > most):
            _LOG.warning("a request was refused: there are %d connections", len(self.connections))
            response = problem_response(_CROWDED)
            response.raw_headers.extend(SHARED)
            await response(scope, receive, send)
            return
        cycle = self._answered
        try:
            await self._all(scope, receive, send)
        finally:
            if cycle is not None and cycle.response_started and not cycle.response_complete:
                await self._reset()

    async def _reset(self) -> None:
        """End a connection whose answer has no end, so that the client gets an error.

        It gets what was sent before. A plain end is not enough: some clients take it for the end
        of the body, though the last chunk is missing (Python's ``urllib``, line by line).
        """
        connection = self.transport.get_extra_info("socket")
        until = self.loop.time() + _FAREWELL
        while _unsent(self.transport, connection) and self.loop.time() < until:
            await asyncio.sleep(_FLUSH)
        if connection is not None and not self.transport.is_closing():
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _look_at(self) -> None:
        """Give up a client that has made the server wait for too long."""
        now = self.loop.time()
        self._look = self.loop.call_later(min(_LOOK, self.timeout_s / 4), self._look_at)
        unsent = self.transport.get_write_buffer_size()
        if unsent and unsent == self._unsent_since[0]:
            if now > self._unsent_since[1] + self.timeout_s:
                self.transport.abort()
            return
        self._unsent_since = (unsent, now)
        waits = not self._answered_all()
        in_turn = not self._held and not self.pipeline and (self._in_body or not waits)
        if self._since is None or self._refused or not in_turn:
            return
        # Who has its answer gets no more time for what it still sends.
        answering = self.cycle is not None and self.cycle.response_started
        longer = self._body / _RATE if waits and not answering else 0
        if now > self._since + self.timeout_s + longer:
            if self._in_head or waits:
                limit = f"{self.timeout_s:g} s (TZGRAPH_REQUEST_TIMEOUT)"
                self._refuse(RefusedError(408, f"The request did not arrive within {limit}."))
            else:
                self.transport.close()

    def _refuse(self, error: RefusedError) -> None:
        """Send a problem document if nothing was sent yet, and hang up."""
        self._refused = True
        cycle = None if self._answered_all() else self.cycle
        if self.transport.is_closing() or (cycle is not None and cycle.response_started):
            self.transport.close()
            return
        _disconnect(cycle)
        title = HTTPStatus(error.status).phrase
        code = "too-long" if error.status == 414 else "http"
        body = json.dumps(document_of(Problem(error.status, code, title, str(error)))).encode()
        headers = [
            *self.server_state.default_headers,
            (b"content-type", PROBLEM_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *((b"connection", b"close"), *SHARED),
        ]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"HTTP/1.1 %d %b\r\n" % (error.status, title.encode()) + lines)
        self.transport.write(b"\r\n" + body)
        # To hang up on what still comes would take the answer away (RFC 9112, 9.6).
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(_FAREWELL, self.transport.close)
        else:
            self.transport.close()


def _unsent(transport: asyncio.Transport, connection: socket.socket | None) -> bool:
    """Say whether the client has still to get some of what was written, if that can be known."""
    if transport.is_closing() or connection is None:
        return False
    if transport.get_write_buffer_size():
        return True
    if sys.platform == "win32":
        return False
    import fcntl
    import termios

    try:
        waiting = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0" * 4)
    except OSError:  # not Linux
        return False
    return waiting != b"\0" * 4


def _disconnect(cycle: RequestResponseCycle | None) -> None:
    """Tell whoever answers a request that there is nobody to answer any more."""
    if cycle is not None and not cycle.response_complete:
        cycle.disconnected = True
        cycle.message_event.set()
