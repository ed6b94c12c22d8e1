"""HTTP/1.1 as uvicorn reads it with httptools, with what that leaves open closed.

The parser is written in C and takes a fraction of the time of h11. By itself it keeps heads of any
length, knows no URL over 64 kB, answers malformed requests in plain text, takes no body from a
client that offers HTTP/2 by ``Upgrade``, as Java's does, and waits without end for clients that
stop in the middle of a request, or that read nothing. It reads any number of requests while the
first one is answered, does not look at the header Host, and says in plain text that there are too
many connections.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import unquote

import httptools
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from tzgraph.serve.headers import SHARED
from tzgraph.serve.plain import HOST
from tzgraph.serve.problems import PROBLEM_TYPE, Problem, document_of, problem_response

__all__ = ["COPIED", "HttpProtocol"]

_LOG = logging.getLogger(__name__)

#: Bytes of a head where uvicorn is told no number.
_HEAD = 64 * 1024
#: Bytes of a URL that httptools reads.
_URL = 65_535
#: Bytes of a body that are copied to stand behind the head.
COPIED = 64 * 1024
#: Requests in one packet that may offer other protocols; one of CONNECT never ends to do so.
_OFFERS = 10
#: Bytes that the parser gets at a time, and bytes behind them that may wait to be read.
_PIECE, _HELD = 4 * 1024, 64 * 1024
#: Bytes of a body for which a client has another second.
_RATE = 20_000
#: Seconds between two looks at a connection, at most.
_LOOK = 5.0
#: Headers of such an offer.
_UPGRADE = frozenset({b"upgrade", b"http2-settings", b"connection"})
#: Headers that hold a list, which may come in several lines (RFC 9110, 5.3).
_LISTS = frozenset({b"accept", b"accept-encoding", b"if-match", b"if-none-match"})
_CROWDED = Problem(
    503,
    "busy",
    "The server is busy",
    "There are too many connections. Try again later.",
    headers={"Retry-After": "10", "Connection": "close"},
)


class _WrongHeadError(Exception):
    """A request's head can't be followed; the message says why."""


async def _crowded(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer where there are too many connections."""
    response = problem_response(_CROWDED)
    response.raw_headers.extend(SHARED)
    await response(scope, receive, send)


class _Joining(asyncio.Transport):
    """Sends the head of an answer together with the first part of its body.

    To send them one by one wakes the client twice.
    """

    def __init__(self, transport: asyncio.Transport, cycle: RequestResponseCycle) -> None:
        super().__init__()
        self._transport = transport
        self._cycle = cycle
        self._head: bytes | None = None
        self.half_closed = False
        # Of HEAD nothing follows the head. What comes before an answer is 100 Continue.
        self._sent = cycle.scope["method"] == "HEAD"

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send data, or keep it if it is the head of the answer."""
        if self._sent or not self._cycle.response_started:
            self._transport.write(data)
        elif self._head is None:
            self._head = bytes(data)
        else:
            head, self._head, self._sent = self._head, None, True
            if len(data) <= COPIED:
                self._transport.write(head + data)
            else:
                self._transport.writelines((head, data))

    def is_closing(self) -> bool:
        """Say whether the connection is being closed."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Close the connection when all is sent.

        Where the client still sends, only this side of it: to hang up on what comes would take the
        answer away from under the client (RFC 9112, 9.6).
        """
        if self._head is not None:
            self.write(b"")
        if self._cycle.more_body and self._transport.can_write_eof():
            self.half_closed = True
            self._transport.write_eof()
        else:
            self._transport.close()


class _Flow(FlowControl):
    """Lets nobody resume reading while there are bytes that wait to be read."""

    def __init__(self, transport: asyncio.Transport, is_full: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._is_full = is_full

    def resume_reading(self) -> None:
        """Read on, unless enough is there."""
        if not self._is_full():
            super().resume_reading()


class HttpProtocol(HttpToolsProtocol):
    """A connection to a client; uvicorn makes one for each.

    ``h11_max_incomplete_event_size`` is the number of bytes that a request may have beside its
    body.

    :cvar patience: seconds in which a request has to arrive, and after which a client that reads
        nothing is given up; 0 for any
    """

    patience: ClassVar[float] = 0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._since: float | None = self.loop.time()
        self._body = 0
        self._stuck = (0, 0.0)
        self._look: asyncio.TimerHandle | None = None
        self._longest = self.config.h11_max_incomplete_event_size or _HEAD
        self._beside = 0
        self._in_head = False
        self._offered = False
        # Taken from uvicorn, whose own answer is plain text.
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._usual = self.app
        self._held = b""
        #: The request that is being answered, while ``cycle`` is the one that came last.
        self._answered: RequestResponseCycle | None = None
        #: Whether no request has begun that is not read to its end.
        self.between = True

    # asyncio says that it may be any transport; uvicorn has none but these.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look at the connection now and then: a timer for each request costs more."""
        super().connection_made(transport)
        self.flow = _Flow(transport, lambda: bool(self._held))
        if self.patience:
            self._look = self.loop.call_later(min(_LOOK, self.patience / 4), self._look_at)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more, and tell all requests; uvicorn only tells the one that came last."""
        if self._look is not None:
            self._look.cancel()
        for cycle in (self._answered, *(cycle for cycle, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def _look_at(self) -> None:
        """Give up a client that has made the server wait for too long."""
        now = self.loop.time()
        cycle: RequestResponseCycle | None = self.cycle
        self._look = self.loop.call_later(min(_LOOK, self.patience / 4), self._look_at)
        unsent = self.transport.get_write_buffer_size()
        if unsent and unsent == self._stuck[0]:
            if now > self._stuck[1] + self.patience:
                self.transport.abort()
            return
        self._stuck = (unsent, now)
        if cycle is not None and cycle.response_complete:
            cycle = None
        if self._since is None or (cycle is not None and not cycle.more_body):
            return
        # Who has its answer gets no more time for what it still sends.
        longer = self._body / _RATE if cycle is not None else 0
        if now > self._since + self.patience + longer:
            if self._in_head or cycle is not None:
                limit = f"{self.patience:g} s (TZGRAPH_REQUEST_TIMEOUT)"
                self._refuse(408, f"The request did not arrive within {limit}.")
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Take what the client sends."""
        self._unset_keepalive_if_required()
        if self._held or self.has_to_wait():
            self._hold(data)
        else:
            self.take(data)

    def has_to_wait(self) -> bool:
        """Say whether there are requests that wait for their turn, so that more are not read."""
        return bool(self.pipeline)

    def take(self, data: bytes) -> None:
        """Read requests, until one has to wait."""
        for start in range(0, len(data), _PIECE):
            if self.has_to_wait():
                self._hold(data[start:])
                return
            if not self._parse(data[start : start + _PIECE]):
                return

    def _hold(self, data: bytes) -> None:
        """Keep what comes too early; who sends on and on is held up."""
        self._held += data
        if len(self._held) > _HELD:
            self.flow.pause_reading()

    def take_held(self) -> None:
        """Read what was kept."""
        if not self._held or self.transport.is_closing() or self.has_to_wait():
            return
        held, self._held = self._held, b""
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        self.take(held)

    def on_response_complete(self) -> None:
        """Go on with the next request."""
        super().on_response_complete()
        if self._held:
            self.flow.pause_reading()
            self.loop.call_soon(self.take_held)

    def _parse(self, data: bytes) -> bool:
        """Feed the parser, and say whether it may get more."""
        if self._since is None:
            self._since = self.loop.time()
        self._beside += len(data)
        for _ in range(_OFFERS):
            try:
                self.parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:
                data = self._without_offer() + data[upgrade.args[0] :]
            except httptools.HttpParserError as error:
                known = isinstance(error.__context__, _WrongHeadError)
                self._refuse(400, str(error.__context__) if known else "The request is no HTTP.")
                return False
        else:
            self._refuse(400, "The request can't be answered here.")
            return False
        if self._beside > self._longest and not self.transport.is_closing():
            self._refuse(431, f"The request has more than {self._longest} bytes beside its body.")
            return False
        return True

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        super().on_message_begin()
        self._unset_keepalive_if_required()
        self._in_head, self._offered, self.between = True, False, False
        self._beside = self._body = 0
        self._since = self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header without the space behind it; those behind the body are for nobody."""
        if self._in_head:
            super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Begin to answer, unless the request has to be read again."""
        self._in_head = False
        self._offered = self.parser.should_upgrade()
        if self._offered:
            return
        self._check_head()
        self.app = self._usual if self.admits() else _crowded
        if len(self.url) <= _URL:
            super().on_headers_complete()
        else:
            self._begin_long()
        self.cycle.transport = _Joining(self.transport, self.cycle)

    def _check_head(self) -> None:
        """Refuse what has to be refused (RFC 9112, 3.2 and 6.1), and join lists.

        :raises _WrongHeadError: if the request can't be answered
        """
        seen: set[bytes] = set()
        twice = False
        for name, value in self.headers:
            if name == b"host" and (name in seen or not HOST.match(value)):
                raise _WrongHeadError("The request has no valid header Host, or several.")
            if name == b"transfer-encoding" and value.lower() != b"chunked":
                raise _WrongHeadError("The request has a transfer coding other than chunked.")
            twice = twice or (name in seen and name in _LISTS)
            seen.add(name)
        if b"host" not in seen and self.parser.get_http_version() == "1.1":
            raise _WrongHeadError("The request has no header Host.")
        if twice:
            self._join_lists()

    def _join_lists(self) -> None:
        """Put all values of a list into one line."""
        for name in _LISTS:
            values = [value for other, value in self.headers if other == name]
            if len(values) > 1:
                # In place: the scope holds this list.
                self.headers[:] = [header for header in self.headers if header[0] != name]
                self.headers.append((name, b", ".join(values)))

    def is_crowded(self) -> bool:
        """Say whether there are as many connections, or requests, as there may be."""
        most = self._most
        return most is not None and max(len(self.connections), len(self.tasks)) >= most

    def admits(self) -> bool:
        """Say whether a request may be answered."""
        if self.is_crowded():
            _LOG.warning("a request was refused: there are %d connections", len(self.connections))
            return False
        return True

    def awaits_nothing(self) -> None:
        """Take notice that the client has sent all that it has to send for now."""
        self._since = None

    def _begin_long(self) -> None:
        """Begin to answer a request whose URL the parser does not take."""
        path, _, query = self.url.partition(b"#")[0].partition(b"?")
        self.url = b"/"
        super().on_headers_complete()
        # The task that answers has not begun yet.
        self.scope["query_string"], self.scope["raw_path"] = query, path
        self.scope["path"] = unquote(path.decode("ascii"))

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._beside -= len(body)
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request, unless it has to be read again."""
        if self._offered:
            return
        self._since, self.between = None, True
        super().on_message_complete()
        if self.cycle.response_complete:  # before it was read to its end
            self.cycle.more_body = False
            joining = self.cycle.transport
            if isinstance(joining, _Joining) and joining.half_closed:
                self.transport.close()
            elif not self.transport.is_closing():
                self.wait_for_requests()

    def wait_for_requests(self) -> None:
        """Keep the connection for a while, in case the client asks for more."""
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

    def send_400_response(self, msg: str) -> None:
        """Say that a request can't be read."""
        self._refuse(400, msg)

    def _refuse(self, status: int, detail: str) -> None:
        """Send a problem document if nothing was sent yet, and hang up."""
        cycle: RequestResponseCycle | None = self.cycle
        begun = cycle is not None and cycle.response_started and not cycle.response_complete
        joining = cycle.transport if cycle is not None else None
        ended = isinstance(joining, _Joining) and joining.half_closed
        if not begun and not ended and not self.pipeline:
            title = HTTPStatus(status).phrase
            body = json.dumps(document_of(Problem(status, "http", title, detail))).encode()
            head = (
                f"HTTP/1.1 {status} {title}\r\ndate: {formatdate(usegmt=True)}\r\n"
                f"content-type: {PROBLEM_TYPE}\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n"
            )
            shared = b"".join(b"%b: %b\r\n" % header for header in SHARED)
            self.transport.write(head.encode() + shared + b"\r\n" + body)
        self.transport.close()
