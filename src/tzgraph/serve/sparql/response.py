"""Answer a query over HTTP: as a page, whole with its length, or as a stream."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tzgraph.errors import TzgraphError
from tzgraph.query.differences import differences_met
from tzgraph.query.formats import format_named
from tzgraph.query.plan import advice_on
from tzgraph.serve.engine.base import CHUNK, Answer, Offer, QueryRequest, Window
from tzgraph.serve.engine.digest import digest_of, is_stable
from tzgraph.serve.engine.errors import DeadlineError, ResultTooLargeError
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.engine.rows import CELL, PAGE_BYTES, ROWS
from tzgraph.serve.messages.etag import matches
from tzgraph.serve.messages.negotiate import HTML, wants_html
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.messages.view import read_view
from tzgraph.serve.observe.record import network_of, note
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.disconnect import CancelOnDisconnect
from tzgraph.serve.sparql.request import has_large_values, negotiated
from tzgraph.serve.state import state_of

__all__ = [
    "AnswerResponse",
    "answer_query",
    "beginning",
    "client_of",
    "disposition",
    "page_window",
    "read_all",
    "send_answer",
    "tag_of",
    "unless_client_leaves",
    "validators",
    "wanted_of",
]

_T = TypeVar("_T")
_LOG = logging.getLogger(__name__)
#: Bytes of a result that is held in memory as a whole.
LARGEST = 32 * 1024 * 1024
#: Bytes of a body that are kept in memory; more go to a temporary file.
_SPOOLED = 1024 * 1024
#: Characters of a query that are looked at in the event loop.
_LARGE = 16 * 1024


class AnswerResponse(StreamingResponse):
    """Streams an answer, and ends the query also when the client leaves."""

    def __init__(self, answer: Answer, first: bytes, headers: dict[str, str]) -> None:
        chunks = _chain(first, answer.chunks)
        super().__init__(chunks, media_type=answer.offer.media_type, headers=headers)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; one that fails is left without an end, which closes the connection."""
        try:
            await super().__call__(scope, receive, send)
        except TzgraphError as error:
            note(scope, error.code)
            _LOG.warning("a result broke off: %s", error.code)
        finally:
            self._answer.close()


async def answer_query(request: Request, service: Service, query: ProtocolQuery) -> Response:
    """Answer a query.

    :raises ProblemError: if the request can't be answered
    :raises TzgraphError: if the query can't
    """
    if has_large_values(query):
        wanted = await aside(lambda: wanted_of(request, service, query))
    else:
        wanted = wanted_of(request, service, query)
    headers = validators(request, service, wanted)
    if met := await _differences(wanted.text):
        headers["SPARQL-Differences"] = ", ".join(met)
    named = request.headers.get("if-none-match")
    tag = headers.get("ETag")
    # No need to evaluate it: who knows the tag has had this very result.
    if tag is not None and matches(named, tag):
        return Response(status_code=304, headers=headers)
    try:
        answer = await unless_client_leaves(request, service.engine.query(wanted))
    except DeadlineError as error:
        prefixes = service.release.manifest.prefixes
        values = {name: str(term) for name, term in wanted.substitutions}
        advice = await aside(lambda: advice_on(wanted.text, values, prefixes))
        error.hint = f"{advice} {error.hint}".strip()
        raise
    if tag is not None and (named or "").strip() == "*":
        answer.close()
        return Response(status_code=304, headers=headers)
    if answer.offer.media_type == HTML:
        make_page = state_of(request).make_page
        return await make_page(request, service, query, wanted, answer, headers)
    if (named := disposition(query, answer)) is not None:
        headers["Content-Disposition"] = named
    return await _response(request, answer, headers)


async def _differences(text: str) -> tuple[str, ...]:
    """Tell which differences a query meets that leave its answer without what SPARQL gives."""
    if len(text) > _LARGE:
        return await aside(lambda: differences_met(text))
    return differences_met(text)


async def read_all(answer: Answer, limit: int = LARGEST) -> bytes:
    """Read an answer as a whole, and end it.

    :raises ResultTooLargeError: if it has more bytes than the limit
    """
    data = bytearray()
    try:
        async for chunk in answer.chunks:
            data += chunk
            if len(data) > limit:
                raise ResultTooLargeError(f"The result has more than {limit:,} bytes.")
    finally:
        answer.close()
    return bytes(data)


async def send_answer(request: Request, answer: Answer) -> Response:
    """Give the response that carries an answer's bytes, as the request wants them."""
    return await _response(request, answer, {})


def client_of(request: Request) -> str:
    """Give who asks: of IPv6, whoever has the network of 64 bits."""
    return network_of(request.client.host if request.client else "")


def wanted_of(request: Request, service: Service, query: ProtocolQuery) -> QueryRequest:
    """Give the engine's request, with formats from which a page can be made if one is wanted.

    :raises UsageError: if a value can't be read
    :raises ProblemError: if no format is wanted
    """
    wanted = negotiated(query, request.headers.get("accept"), service.release.manifest)
    as_page = not query.formats and not query.download and wants_html(request)
    offset = read_view(query.view).offset if as_page else 0
    page = Offer(ROWS, HTML, page_window(offset, service.pages.max_rows))

    def shown(offer: Offer | None) -> Offer | None:
        return page if as_page or (offer is not None and offer.media_type == HTML) else offer

    return replace(
        wanted,
        bindings=shown(wanted.bindings),
        graph=shown(wanted.graph),
        client=client_of(request),
    )


def page_window(offset: int, rows: int) -> Window:
    """Give what of a result is shown on a page that has so many rows."""
    return Window(offset, rows, CELL, PAGE_BYTES)


def validators(request: Request, service: Service, wanted: QueryRequest) -> dict[str, str]:
    """Give the headers that say how long an answer holds: as long as its release."""
    if not is_stable(wanted.text):
        return {"Cache-Control": "no-store"}
    headers = {"Cache-Control": "no-cache"}
    if request.method != "POST":
        headers["ETag"] = tag_of(service, wanted)
    return headers


def tag_of(service: Service, wanted: QueryRequest) -> str:
    """Give the entity tag of a result."""
    return f'W/"{service.release.id}-{digest_of(wanted)}"'


def disposition(query: ProtocolQuery, answer: Answer) -> str | None:
    """Give the header Content-Disposition for an answer that is a file to keep."""
    if query.download or answer.offer.format in query.formats:
        return f'attachment; filename="{_file_name(answer)}"'
    return None


def _file_name(answer: Answer) -> str:
    form = format_named(answer.offer.format, answer.kind)
    return f"result.{form.graph.file_extension if form.graph else form.name}"


async def _response(request: Request, answer: Answer, headers: dict[str, str]) -> Response:
    media_type = answer.offer.media_type
    first, body = await beginning(answer)
    if body is not None:
        return Response(body, media_type=media_type, headers=headers)
    if request.scope["http_version"] == "1.0":
        return await _spooled(answer, first, headers)
    if request.method == "HEAD":
        answer.close()
        headers["Transfer-Encoding"] = "chunked"  # as GET has it
        return StreamingResponse(_nothing(), media_type=media_type, headers=headers)
    return AnswerResponse(answer, first, headers)


async def beginning(answer: Answer) -> tuple[bytes, bytes | None]:
    """Give the first part of an answer, and all of it where that is no more.

    It is closed if it is whole or fails.

    :raises TzgraphError: if the engine fails
    """
    body, first = answer.body, b""
    try:
        if body is None:
            first = await anext(answer.chunks, b"")
            # A chunk that is not full is the last one: what ends the result is there already.
            if len(first) < CHUNK and await anext(answer.chunks, None) is None:
                body = first
    except BaseException:
        answer.close()
        raise
    if body is not None:
        answer.close()
    return first, body


async def _spooled(answer: Answer, first: bytes, headers: dict[str, str]) -> Response:
    """Give a response that says its length.

    In HTTP/1.0 the body ends with the connection, so one that breaks off would look complete.
    """
    body = SpooledTemporaryFile(_SPOOLED)  # noqa: SIM115 - closed when it is sent
    try:
        async for chunk in _chain(first, answer.chunks):
            body.write(chunk)
    except BaseException:
        body.close()
        raise
    finally:
        answer.close()
    headers["Content-Length"] = str(body.tell())

    async def chunks() -> AsyncIterator[bytes]:
        with body:
            body.seek(0)
            while chunk := body.read(CHUNK):
                yield chunk

    return StreamingResponse(chunks(), media_type=answer.offer.media_type, headers=headers)


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


async def _nothing() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for chunk in nothing:
        yield chunk


async def unless_client_leaves(request: Request, work: Awaitable[_T]) -> _T:
    """Wait for work, and give it up when the client goes away first.

    :raises ProblemError: with status 499 if it does
    """
    with CancelOnDisconnect(request.receive):
        return await work
