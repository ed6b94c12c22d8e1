"""The first to see a request and the last to see its answer: ids, times, counts, logs.

A request keeps the release that was current when it came until its answer is sent, so a new release
never changes what it sees, and the old one is closed when nobody needs it any more.
"""

from __future__ import annotations

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tzgraph.serve.observe.logs import LineWriter, log_request
from tzgraph.serve.observe.metrics import Metrics
from tzgraph.serve.observe.record import Record, network_of, request_id
from tzgraph.serve.releases.manager import ReleaseManager
from tzgraph.serve.releases.service import attach
from tzgraph.serve.settings import LogSettings

__all__ = ["AccessMiddleware", "RequestMetrics"]


class RequestMetrics:
    """Counts requests and writes lines for them.

    :param metrics: counts
    :param logs: what is logged
    :param writer: where to, ``None`` for nowhere
    """

    def __init__(self, metrics: Metrics, logs: LogSettings, writer: LineWriter | None) -> None:
        self._metrics = metrics
        self._logs = logs
        self._writer = writer

    def begin(self) -> None:
        """Take notice that a request has come."""
        self._metrics.running += 1

    def end(self, record: Record, release: str) -> None:
        """Take notice that a request was answered, or that this failed."""
        self._metrics.running -= 1
        record.settle()
        seconds = record.seconds
        self._metrics.observe(record.route, record.outcome, seconds, record.bytes)
        if self._writer is not None:
            log_request(self._writer, record, seconds, release, self._logs)


class AccessMiddleware:
    """Notes each request from beginning to end.

    :param switch: gives the current release
    :param observer: takes notes
    """

    def __init__(self, app: ASGIApp, switch: ReleaseManager, observer: RequestMetrics) -> None:
        self._app = app
        self._switch = switch
        self._observer = observer
        self._routes: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note how it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record = self._begin(scope)
        header = (b"x-request-id", record.id.encode())

        body = _Body(scope, receive)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                message["headers"] = [*message["headers"], header]
                await send(message)
                return
            last = not message.get("more_body", False)
            if last and body.unread:
                await send({**message, "more_body": True})
                await body.drain()
                await send({"type": "http.response.body", "body": b""})
            else:
                await send(message)
            record.bytes += len(message.get("body", b""))
            record.complete = last

        lease = self._switch.acquire()
        attach(lease.service, scope)
        self._observer.begin()
        try:
            await self._app(scope, body.receive, noting)
        except ClientDisconnect:  # in the middle of its request
            record.outcome = "client-left"
        except Exception:
            record.outcome = "internal-error"
            raise
        finally:
            self._switch.release(lease)
            self._observer.end(record, lease.service.release.id)

    def _begin(self, scope: Scope) -> Record:
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), None)
        client = scope.get("client") or ("", 0)
        path = scope["path"]
        record = Record(
            request_id(given), scope["method"], path, self._route(scope), network_of(client[0])
        )
        record.attach(scope)
        return record

    def _route(self, scope: Scope) -> str:
        """Give the kind of route by its first part, as there must not be many kinds."""
        if not self._routes:
            paths = (getattr(route, "path", "/") for route in scope["app"].routes)
            self._routes = frozenset(path.split("/")[1] for path in paths)
        first = scope["path"].split("/")[1] if "/" in scope["path"] else scope["path"]
        return f"/{first}" if first in self._routes else "other"


class _Body:
    """The body of a request, of which the rest is thrown away behind the answer.

    To hang up on a client that still sends would take the answer away from under it (RFC 9112,
    9.6). Who waits for leave to send gets none by an answer.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        names = {name for name, _ in scope["headers"]}
        self.receive = receive
        #: Whether there may be more of it.
        self.unread = not names.isdisjoint(_WITH_BODY) and b"expect" not in names
        if self.unread:
            self._receive, self.receive = receive, self._noting

    async def _noting(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self.unread = False
        return message

    async def drain(self) -> None:
        """Read to the end; the server hangs up on who makes this last."""
        while self.unread:
            await self._noting()


_WITH_BODY = frozenset({b"content-length", b"transfer-encoding"})
