"""Send answers of the engine, and give up work that no client waits for."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tzgraph.errors import TzgraphError
from tzgraph.serve.engine import CHUNK, Answer
from tzgraph.serve.protocol import fail

__all__ = ["AnswerResponse", "client_of", "send_answer", "unless_client_leaves"]

_T = TypeVar("_T")

_LOG = logging.getLogger(__name__)
#: Chunks of a body that are read on although nobody wants them.
_SHORT = 8
#: Bytes of a body that are kept in memory; more go to a temporary file.
_SPOOLED = 1024 * 1024


class AnswerResponse(StreamingResponse):
    """Streams an answer, and ends the query also when the client leaves."""

    def __init__(self, answer: Answer) -> None:
        media_type = answer.offer.media_type
        super().__init__(answer.chunks, media_type=media_type)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; one that fails is left without an end, which closes the connection."""
        try:
            await super().__call__(scope, receive, send)
        except TzgraphError as error:
            _LOG.warning("a result broke off: %s", error.code)
        finally:
            self._answer.close()


async def send_answer(request: Request, answer: Answer) -> Response:
    """Give the response that carries an answer's bytes, as the request wants them."""
    if request.method == "HEAD":
        await _skip(answer)
        return Response(media_type=answer.offer.media_type)
    if answer.whole is not None:
        answer.close()
        return Response(answer.whole, media_type=answer.offer.media_type)
    if request.scope["http_version"] == "1.0":
        return await _whole(answer)
    return AnswerResponse(answer)


def client_of(request: Request) -> str:
    """Give who asks: of IPv6, whoever has the network of 64 bits."""
    return _network(request.client.host if request.client else "")


def _network(host: str) -> str:
    """Give who is behind an address.

    >>> _network("192.0.2.1"), _network("2001:db8::1")
    ('192.0.2.1', '2001:db8::/64')
    """
    try:
        network = ipaddress.IPv6Network(f"{host}/64", strict=False)
    except ValueError:
        return host
    return str(network)


async def _skip(answer: Answer) -> None:
    """End an answer whose body nobody wants: a short one is read, as to stop it costs more."""
    try:
        with suppress(TzgraphError):
            for _ in range(_SHORT):
                await anext(answer.chunks, None)
    finally:
        answer.close()


async def _whole(answer: Answer) -> Response:
    """Give a response that says its length.

    In HTTP/1.0 the body ends with the connection, so one that breaks off would look complete.
    """
    body = SpooledTemporaryFile(_SPOOLED)  # noqa: SIM115 - closed when it is sent
    try:
        async for chunk in answer.chunks:
            body.write(chunk)
    except BaseException:
        body.close()
        raise
    finally:
        answer.close()
    headers = {"Content-Length": str(body.tell())}

    async def chunks() -> AsyncIterator[bytes]:
        with body:
            body.seek(0)
            while chunk := body.read(CHUNK):
                yield chunk

    return StreamingResponse(chunks(), media_type=answer.offer.media_type, headers=headers)


async def unless_client_leaves(request: Request, work: Awaitable[_T]) -> _T:
    """Wait for work, and give it up when the client goes away first."""
    task = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise fail(499, "client-left", "The client left", "Nobody waits for the answer.")
        return task.result()
    except asyncio.CancelledError:  # the server stops
        if task.done() and not task.cancelled() and task.exception() is None:
            result = task.result()
            if isinstance(result, Answer):
                result.close()
        raise
    finally:
        leaving.cancel()
        task.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
