"""Answer plain queries without the layers that all other requests pass through.

Routing, request and response objects and three layers that add headers take longer than a short
query. What most programs send needs none of it: a GET or POST to ``/sparql`` in HTTP/1.1 that holds
a query, wants no page, names no entity tag. :class:`Shortcut` answers such a request as the layers
below would have done, byte for byte, and leaves all others to them.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tzgraph.errors import TzgraphError
from tzgraph.serve.answering import (
    AnswerResponse,
    beginning,
    disposition,
    validators,
    wanted_of,
)
from tzgraph.serve.compression import Compression, coding_for, is_worth_it, squeezed
from tzgraph.serve.engine import Answer, QueryRequest
from tzgraph.serve.headers import SHARED, ProtocolHeaders
from tzgraph.serve.leaving import ClientWatch
from tzgraph.serve.problems import ProblemError, problem_of, problem_response
from tzgraph.serve.protocol import HTML, ProtocolQuery, read_query_request, wants_html
from tzgraph.serve.record import note, note_query
from tzgraph.serve.service import service_in

__all__ = ["Shortcut"]

_PATH = "/sparql"
_METHODS = frozenset({"GET", "POST"})
#: Headers that need more care than is taken here.
_UNUSUAL = frozenset({b"if-none-match", b"range", b"expect"})
#: URLs that are remembered, and the bytes that one of them may have.
_REMEMBERED, _LONGEST = 1_000, 4_000
_RESPONSE = "tzgraph.response"


@dataclass(frozen=True, slots=True)
class _Plain:
    """What a request asks, and the headers that say how long the answer holds."""

    query: ProtocolQuery
    wanted: QueryRequest
    headers: dict[str, str]


class Shortcut:
    """Answers plain queries, and passes all other requests on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._layers = ProtocolHeaders(Compression(_respond))
        #: What URLs asked that were read before, used longest ago first.
        self._known: OrderedDict[bytes, ProtocolQuery] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain query, or pass the request on."""
        if (
            scope["type"] != "http"
            or scope["path"] != _PATH
            or scope["method"] not in _METHODS
            or scope["http_version"] != "1.1"
            or any(name in _UNUSUAL for name, _ in scope["headers"])
        ):
            await self._app(scope, receive, send)
            return
        replayed = _Replayed(receive) if scope["method"] == "POST" else None
        request = Request(scope, receive if replayed is None else replayed.receive)
        read = await self._read(request)
        if read is None:  # something is unusual or wrong with it: the layers below say what
            if replayed is not None:
                replayed.rewind()
            await self._app(scope, request.receive, send)
            return
        note_query(scope, read.wanted.text)
        try:
            with ClientWatch(receive):
                answer = await service_in(scope).engine.query(read.wanted)
                first, body = await beginning(answer)
        except (ProblemError, TzgraphError) as error:
            problem = error.problem if isinstance(error, ProblemError) else problem_of(error)
            note(scope, problem.code)
            scope[_RESPONSE] = problem_response(problem)
        except Exception as error:
            scope[_RESPONSE] = error
        else:
            headers = read.headers
            if (name := disposition(read.query, answer)) is not None:
                headers["Content-Disposition"] = name
            if body is not None:
                accepted = request.headers.get("accept-encoding")
                await _send(answer, body, headers, accepted, send)
                return
            scope[_RESPONSE] = AnswerResponse(answer, first, headers)
        await self._layers(scope, receive, send)

    async def _read(self, request: Request) -> _Plain | None:
        """Read a request, ``None`` if it is not plain."""
        service = service_in(request.scope)
        try:
            query = await self._query(request)
            if query.text is None or wants_html(request):
                return None
            wanted = wanted_of(request, service, query)
        except (ProblemError, TzgraphError):
            return None
        for offer in (wanted.bindings, wanted.graph):
            if offer is not None and offer.media_type == HTML:
                return None
        return _Plain(query, wanted, validators(request, service, wanted))

    async def _query(self, request: Request) -> ProtocolQuery:
        """Read what a request asks; programs often ask the same.

        :raises ProblemError: if it can't be read
        """
        limit = request.app.state.settings.max_query_bytes
        if request.method != "GET" or len(url := request.scope["query_string"]) > _LONGEST:
            return await read_query_request(request, limit)
        query = self._known.get(url)
        if query is None:
            query = self._known[url] = await read_query_request(request, limit)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(url)
        return query


class _Replayed:
    """Gives the messages of a connection, and from the first one on again when asked to."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []
        self._again = 0

    async def receive(self) -> Message:
        """Give the next message."""
        if self._again:
            self._again -= 1
            return self._messages.pop(0)
        message = await self._receive()
        self._messages.append(message)
        return message

    def rewind(self) -> None:
        """Begin again."""
        self._again = len(self._messages)


async def _send(
    answer: Answer, body: bytes, headers: dict[str, str], accepted: str | None, send: Send
) -> None:
    """Send an answer that is known as a whole."""
    head = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]
    coding = coding_for(accepted) if is_worth_it(body) else None
    if coding is not None:
        body = await squeezed(body, coding)
    head.append((b"content-length", str(len(body)).encode()))
    head.append((b"content-type", _content_type(answer.offer.media_type)))
    if coding is not None:
        head.append((b"content-encoding", coding.encode()))
    head += SHARED
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


@lru_cache(maxsize=64)
def _content_type(media_type: str) -> bytes:
    """Give the header for a media type; text gets a charset."""
    return Response(media_type=media_type).headers["content-type"].encode("latin-1")


async def _respond(scope: Scope, receive: Receive, send: Send) -> None:
    """Send the response that is in the scope, or raise the error there."""
    response: Response | Exception = scope[_RESPONSE]
    if isinstance(response, Exception):
        raise response
    await response(scope, receive, send)
