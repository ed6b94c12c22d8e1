"""The relay: takes what the engine asks other endpoints, and asks them.

It listens on loopback only. Each query that may call endpoints gets a grant: a path that cannot be
guessed, which leads to the endpoints by their numbers and is good until the query ends. What the
engine sends is not passed on: the path says which call of the query it is, and the endpoint is
asked what the client wrote there (:func:`tzgraph.query.services.remote_query`). The engine gets
whole replies only, so one that breaks off never looks complete.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

import h11

from tzgraph.errors import QueryError
from tzgraph.serve.engine.errors import RemoteFailedError
from tzgraph.serve.federation import remote
from tzgraph.serve.federation.endpoints import Endpoint, Federation

__all__ = ["Grant", "Relay"]

#: Seconds in which a request has to be there, and bytes that it may have.
_PATIENCE = 10.0
_LONGEST = 8 * 1024 * 1024
#: Connections at a time, and requests of one query.
_CONNECTIONS = 64
_REQUESTS = 1_000
#: Secret, number of the endpoint, number of the call in its query, and whether it may fail.
_TARGET = re.compile(rb"/([\w-]+)/(0|[1-9][0-9]{0,5})/(0|[1-9][0-9]{0,5})(/silent)?")


class EndpointFetcher(Protocol):
    """What connects to endpoints, reads what they say and parses it, out of this process."""

    async def ask(
        self,
        endpoint: Endpoint,
        addresses: Sequence[remote.Address],
        call: int,
        accept: str,
        most: int,
    ) -> remote.Reply:
        """Have an endpoint asked what a call says; wait for the whole reply of so many bytes."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Grant:
    """Leave to call endpoints, for one query.

    :ivar failure: why the last call failed that may not fail
    :param base: the address below which endpoints are, by number
    :param left: bytes that they may answer
    :param fetcher: asks them
    :param revoke: is called when the grant ends
    """

    def __init__(
        self, base: str, left: int, fetcher: EndpointFetcher, revoke: Callable[[], None]
    ) -> None:
        self.base = base
        self.fetcher = fetcher
        self.left = left
        self.requests = 0
        self.failure: QueryError | None = None
        self.tasks: set[asyncio.Task[remote.Reply]] = set()
        self._revoke = revoke

    def close(self) -> None:
        """End it, and what is asked under it."""
        self._revoke()
        for task in self.tasks:
            task.cancel()
        self.fetcher.close()


class Relay:
    """Passes requests on to the endpoints that there are grants for."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._grants: dict[str, Grant] = {}
        self._server: asyncio.Server | None = None
        self._address = ""
        self._open = 0

    async def start(self) -> None:
        """Begin to listen.

        :raises OSError: if that is not possible
        """
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Listen no more and give up what runs."""
        for grant in list(self._grants.values()):
            grant.close()
        if self._server is not None:
            self._server.close()
            self._server = None

    def grant(self, fetcher: EndpointFetcher) -> Grant:
        """Let one query call endpoints until the grant is closed, which ends the fetcher."""
        secret = secrets.token_urlsafe(32)
        grant = Grant(
            f"{self._address}/{secret}/",
            self._federation.max_reply_bytes,
            fetcher,
            lambda: self._forget(secret),
        )
        self._grants[secret] = grant
        return grant

    def _forget(self, secret: str) -> None:
        self._grants.pop(secret, None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=16 * 1024)
        try:
            if self._open > _CONNECTIONS:
                return
            async with asyncio.timeout(_PATIENCE):
                request = await _request(connection, reader)
            events = await self._answer(request)
            for event in events:
                writer.write(connection.send(event) or b"")
            async with asyncio.timeout(_PATIENCE):
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, h11.ProtocolError):  # also where it takes too long
            pass
        finally:
            self._open -= 1
            writer.transport.abort()

    async def _answer(self, request: h11.Request) -> Sequence[h11.Event]:
        found = _TARGET.fullmatch(request.target)
        grant = self._grants.get(found[1].decode("ascii")) if found else None
        if found is None or grant is None or int(found[2]) >= len(self._federation.endpoints):
            return _response(404, b"There is nothing here.")
        if request.method != b"POST":
            return _response(405, b"Only POST is passed on.")
        accept = next((value for name, value in request.headers if name == b"accept"), b"*/*")
        endpoint = self._federation.endpoints[int(found[2])]
        work = self._ask(grant, endpoint, int(found[3]), accept.decode("latin-1"))
        asking = asyncio.ensure_future(work)
        grant.tasks.add(asking)
        try:
            reply = await asking
        except QueryError as error:
            if not found[4]:
                grant.failure = error
            return _response(502, str(error).encode("utf-8", "replace"))
        except asyncio.CancelledError:  # the query has ended, or the server does
            raise EOFError from None
        finally:
            asking.cancel()
            grant.tasks.discard(asking)
        return _response(200, reply.body, reply.media_type)

    async def _ask(self, grant: Grant, endpoint: Endpoint, call: int, accept: str) -> remote.Reply:
        grant.requests += 1
        if grant.requests > _REQUESTS:
            raise RemoteFailedError(
                f"The query calls other endpoints more than {_REQUESTS:,} times.",
                "Put SERVICE where it is asked once, not inside LATERAL.",
            )
        addresses = await remote.addresses_of(endpoint, private=self._federation.allow_private)
        reply = await grant.fetcher.ask(endpoint, addresses, call, accept, grant.left)
        grant.left -= len(reply.body)
        return reply


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request:
    """Read a request, whose body is of no interest.

    :raises EOFError: if there is none
    """
    request: h11.Request | None = None
    size = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(1 << 16))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data) and size + len(event.data) <= _LONGEST:
            size += len(event.data)
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request
        else:
            raise EOFError


def _response(status: int, body: bytes, media_type: str = "text/plain") -> Sequence[h11.Event]:
    headers = [
        ("Content-Type", media_type),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    response = h11.Response(status_code=status, headers=headers)
    return [response, h11.Data(data=body), h11.EndOfMessage()]
