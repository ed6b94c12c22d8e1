"""Answer plain queries on the connection, without the layers that other requests pass through.

To read a request into objects, to route it and to add headers in layers takes longer than a short
query. Most programs send plain requests (:mod:`tzgraph.serve.plain`), and most results are short:
:class:`Shortcut` answers these byte for byte as the layers would. Where there is more to it, such
as an error or a result that comes in parts, the layers go on with what is known by then
(:mod:`tzgraph.serve.handed`), and nothing is done twice.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope

from tzgraph.errors import TzgraphError
from tzgraph.serve.answering import beginning, disposition, network_of, validators, wanted_of
from tzgraph.serve.answers import Headers, Key, WholeAnswers, lines_of
from tzgraph.serve.compression import coding_for, is_worth_it, squeezed
from tzgraph.serve.engine import Answer, QueryRequest
from tzgraph.serve.front import Observer
from tzgraph.serve.handed import HandedOver
from tzgraph.serve.headers import SHARED
from tzgraph.serve.plain import PlainRequest
from tzgraph.serve.problems import ProblemError
from tzgraph.serve.protocol import HTML, ProtocolQuery, read_query_request, wants_html
from tzgraph.serve.record import Record, request_id
from tzgraph.serve.service import Service
from tzgraph.serve.switch import Held, Switch

__all__ = ["Connection", "Shortcut"]

_PATH = "/sparql"
#: Requests of which is remembered what they ask.
_REMEMBERED = 1_000


class Connection(Protocol):
    """A client's connection, as far as the shortcut needs it."""

    def respond(self, lines: bytes, body: bytes) -> None:
        """Answer the request with status 200; the headers are complete but for the date."""
        ...

    def go_on(self, data: bytes, given: HandedOver | None) -> None:
        """Let the layers answer a packet."""
        ...


@dataclass(frozen=True, slots=True)
class _Plain:
    """What a request asks, and the headers that say how long the answer holds."""

    query: ProtocolQuery
    wanted: QueryRequest
    headers: dict[str, str]


class Shortcut:
    """Answers plain requests.

    :param switch: gives the current release
    :param observer: notes requests
    :param answers: answers given before
    :param limit: bytes that a query may have
    """

    def __init__(
        self, switch: Switch, observer: Observer, answers: WholeAnswers, limit: int
    ) -> None:
        self._switch = switch
        self._observer = observer
        self._answers = answers
        self._limit = limit
        #: What requests asked that were read before, used longest ago first.
        self._known: OrderedDict[tuple[str, bytes, bytes | None, str], _Plain] = OrderedDict()

    def repeat(self, connection: Connection, asked: PlainRequest) -> bool:
        """Give an answer that was given before, and say whether there was one."""
        if asked.method != "GET":
            return False
        found = self._answers.find(self._key(asked, self._switch.service))
        if found is None:
            return False
        record = _record(asked)
        self._observer.begin()
        self._send(connection, record, found.lines, found.body)
        self._observer.end(record, self._switch.service.release.id)
        return True

    async def answer(self, connection: Connection, asked: PlainRequest, data: bytes) -> None:
        """Answer a request, or let the layers do so.

        :param data: the packet that it came in
        """
        record, held = _record(asked), self._switch.take()
        self._observer.begin()
        unread, given = False, None
        try:
            plain = await self._read(asked, held.service)
            if plain is None:
                unread = True
            else:
                given = await self._evaluate(connection, asked, plain, record, held)
        except Exception as error:
            given = HandedOver(record, held, error=error)
        finally:
            if unread or given is not None:
                self._observer.pass_on()
            else:
                self._observer.end(record, held.service.release.id)
            if given is None:
                self._switch.leave(held)
        if unread or given is not None:
            connection.go_on(data, given)

    async def _read(self, asked: PlainRequest, service: Service) -> _Plain | None:
        """Read a request, ``None`` if something is unusual or wrong with it."""
        head = asked.head
        if asked.method != "GET":
            return await self._read_anew(asked, service)
        key = (service.release.id, asked.query_string, head.accept, head.client)
        plain = self._known.get(key)
        if plain is not None:
            self._known.move_to_end(key)
            return plain
        plain = await self._read_anew(asked, service)
        if plain is not None:
            self._known[key] = plain
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return plain

    async def _read_anew(self, asked: PlainRequest, service: Service) -> _Plain | None:
        head = asked.head
        scope: Scope = {
            "type": "http",
            "method": asked.method,
            "path": _PATH,
            "query_string": asked.query_string,
            "headers": list(head.headers),
            "client": (head.client, 0) if head.client else None,
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": asked.body, "more_body": False}

        request = Request(scope, receive)
        try:
            query = await read_query_request(request, self._limit)
            if query.text is None or wants_html(request):
                return None
            wanted = wanted_of(request, service, query)
        except (ProblemError, TzgraphError):
            return None
        for offer in (wanted.bindings, wanted.graph):
            if offer is not None and offer.media_type == HTML:
                return None
        return _Plain(query, wanted, validators(request, service, wanted))

    async def _evaluate(
        self,
        connection: Connection,
        asked: PlainRequest,
        plain: _Plain,
        record: Record,
        held: Held,
    ) -> HandedOver | None:
        """Evaluate a query, and send its result if that is whole.

        :raises TzgraphError: if the query can't be answered
        """
        record.query = plain.wanted.text
        answer = await held.service.engine.query(plain.wanted)
        first, body = await beginning(answer)
        headers = dict(plain.headers)
        if (name := disposition(plain.query, answer)) is not None:
            headers["Content-Disposition"] = name
        if body is None:
            return HandedOver(record, held, answer, first, headers)
        accepted = asked.head.accept_encoding
        coding = coding_for(accepted.decode("latin-1")) if accepted and is_worth_it(body) else None
        if coding is not None:
            body = await squeezed(body, coding)
        complete = _complete(answer, body, headers, coding)
        if asked.method == "GET":
            self._answers.keep(self._key(asked, held.service), complete, body)
        self._send(connection, record, lines_of(complete), body)
        return None

    @staticmethod
    def _send(connection: Connection, record: Record, lines: bytes, body: bytes) -> None:
        connection.respond(b"%bx-request-id: %b\r\n" % (lines, record.id.encode()), body)
        record.status, record.bytes, record.complete = 200, len(body), True

    @staticmethod
    def _key(asked: PlainRequest, service: Service) -> Key:
        head = asked.head
        parts = service.release.id, _PATH, asked.query_string
        return (*parts, head.host, head.accept, head.accept_encoding)


def _record(asked: PlainRequest) -> Record:
    head = asked.head
    named = request_id(head.request_id)
    return Record(named, asked.method, _PATH, _PATH, network_of(head.client))


def _complete(answer: Answer, body: bytes, headers: dict[str, str], coding: str | None) -> Headers:
    """Give all headers of an answer that do not differ from one time to the next."""
    head = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]
    head.append((b"content-length", str(len(body)).encode()))
    head.append((b"content-type", _content_type(answer.offer.media_type)))
    if coding is not None:
        head.append((b"content-encoding", coding.encode()))
    head += SHARED
    return head


@lru_cache(maxsize=64)
def _content_type(media_type: str) -> bytes:
    """Give the header for a media type; text gets a charset."""
    return Response(media_type=media_type).headers["content-type"].encode("latin-1")
