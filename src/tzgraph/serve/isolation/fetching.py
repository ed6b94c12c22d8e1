"""A process that asks other endpoints for one query, and reads what they answer.

What a remote server sends is read and parsed here and not in the server: it may come in a million
pieces, or take a parser long. The process has so much memory, no longer than its query, and gives
back whole results only. Addresses were looked up and checked before
(:mod:`tzgraph.serve.federation.remote`).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyoxigraph as ox

from tzgraph.errors import QueryError, UnsafeDataError
from tzgraph.parsing.rdf12 import is_rdf12
from tzgraph.parsing.xml import XmlGuard
from tzgraph.query.guard import check
from tzgraph.query.services import remote_query
from tzgraph.serve.engine.base import BASE, CHUNK
from tzgraph.serve.engine.errors import RemoteTooLargeError
from tzgraph.serve.federation.endpoints import Endpoint
from tzgraph.serve.federation.remote import JSON, XML, Address, Reply, ask, failed
from tzgraph.serve.isolation.confine import (
    data_bytes,
    die_with_parent,
    keep_files,
    limit_memory,
)
from tzgraph.serve.isolation.lanes import Worker
from tzgraph.serve.isolation.wire import Frame, decode_error, encode_error, pack, receive

__all__ = ["FETCHER", "Fetcher", "check_result", "fetch"]

#: What the keeper is told to make, in the place of a relay's address.
FETCHER = "fetcher"
#: Memory of such a process: for each byte that may be answered, and in any case.
_TIMES, _AT_LEAST = 16, 128 * 1024 * 1024
#: Columns of a result, and triple terms inside each other: for more the engine's reader takes long.
_COLUMNS, _NESTED = 1_000, 50
#: JSON objects around a triple term, and for each level of it.
_AROUND, _LEVEL = 4, 2
_VARIABLE = re.compile(rb"<(?:[\w.-]{1,50}:)?variable\b")
_TRIPLE = re.compile(rb"<(/?)(?:[\w.-]{1,50}:)?triple\b")
_FORMATS = {JSON: ox.QueryResultsFormat.JSON, XML: ox.QueryResultsFormat.XML}


class Fetcher:
    """The server's end: such a process, from the first question to the end of the query.

    :param make: has the process made
    :param kill: has it killed, for a reason that is counted
    :param text: the query whose calls are made
    """

    def __init__(
        self,
        make: Callable[[], Awaitable[Worker]],
        kill: Callable[[Worker, str], None],
        text: str,
    ) -> None:
        self._make = make
        self._kill = kill
        self._text = text
        self._worker: Worker | None = None
        self._lock = asyncio.Lock()

    async def ask(
        self,
        endpoint: Endpoint,
        addresses: Sequence[Address],
        call: int,
        accept: str,
        most: int,
    ) -> Reply:
        """Have an endpoint asked, and wait for the whole reply.

        :param addresses: those that may be connected to
        :param call: which call of the query is made
        :param most: bytes that the reply may have
        :raises RemoteFailedError: if there is no result
        :raises RemoteTooLargeError: if it is longer than that
        """
        asked = {
            "endpoint": asdict(endpoint),
            "addresses": list(addresses),
            "call": call,
            "accept": accept,
            "most": most,
        }
        async with self._lock:
            try:
                if self._worker is None:
                    self._worker = await self._make()
                    query = json.dumps(self._text).encode()
                    self._worker.pipe.send(pack(Frame.REQUEST, query))
                self._worker.pipe.send(pack(Frame.REQUEST, json.dumps(asked).encode()))
                return await _read(self._worker)
            except (EOFError, OSError, ValueError) as error:
                self.close()
                raise RemoteTooLargeError(
                    f"What the endpoint <{endpoint.iri}> answers takes more memory than there is.",
                    "Ask it for less; the server sets the limit with TZGRAPH_FEDERATION_BYTES.",
                ) from error

    def close(self) -> None:
        """End the process."""
        worker, self._worker = self._worker, None
        if worker is not None:
            self._kill(worker, "fetched")


async def _read(worker: Worker) -> Reply:
    media_type, body = "", bytearray()
    while True:
        number, payload = await worker.pipe.frame()
        frame = Frame(number)
        if frame is Frame.ERROR:
            raise decode_error(payload)
        if frame is Frame.BEGUN:
            media_type = payload.decode("ascii", "replace")
        elif frame is Frame.CHUNK:
            body += payload
        else:
            return Reply(media_type, bytes(body))


def fetch(connection: socket.socket, parent: int, order: Mapping[str, Any]) -> None:
    """Be the process, until the connection ends.

    :param parent: process id of the keeper
    :param order: ``endpoints`` that queries may name, ``prefixes`` that they know, and bytes that
        endpoints may answer to a query, ``max_reply_bytes``
    """
    die_with_parent(parent)
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    number, statm = keep_files([connection.detach(), statm])
    connection = socket.socket(fileno=number)
    limit_memory(data_bytes(statm) + _TIMES * int(order["max_reply_bytes"]) + _AT_LEAST)
    os.close(statm)
    connection.sendall(pack(Frame.READY, b"confined"))
    first = receive(connection)
    if first is None:
        return
    text = json.loads(first[1])
    calls = check(text, endpoints=order["endpoints"], prefixes=order["prefixes"]).calls
    while (frame := receive(connection)) is not None:
        asked = json.loads(frame[1])
        endpoint = Endpoint(**asked["endpoint"])
        try:
            number = int(asked["call"])
            call = calls[number] if number < len(calls) else None
            if call is None or call.is_inner or call.endpoint != endpoint.iri:
                raise failed(endpoint, "is called by no such pattern of the query")
            reply = _fetch(endpoint, remote_query(text, call, order["prefixes"], BASE), asked)
        except QueryError as error:
            connection.sendall(pack(Frame.ERROR, encode_error(error)))
            continue
        connection.sendall(pack(Frame.BEGUN, reply.media_type.encode()))
        for start in range(0, len(reply.body), CHUNK):
            connection.sendall(pack(Frame.CHUNK, reply.body[start : start + CHUNK]))
        connection.sendall(pack(Frame.END))


def _fetch(endpoint: Endpoint, query: str, asked: Mapping[str, Any]) -> Reply:
    reply = asyncio.run(
        ask(
            endpoint,
            [(int(family), str(address)) for family, address in asked["addresses"]],
            query.encode("utf-8", "replace"),
            asked["accept"],
            most=int(asked["most"]),
            context=ssl.create_default_context() if endpoint.secure else None,
        )
    )
    try:
        check_result(reply)
    except ValueError as error:
        raise failed(endpoint, f"answers what is no result ({error})") from error
    return reply


def check_result(reply: Reply) -> None:
    """Make sure that the engine can read a result, in a time that grows as its bytes do.

    :raises ValueError: if it can't, or should not as that would take long
    """
    try:
        if _FORMATS[reply.media_type] == ox.QueryResultsFormat.JSON:
            deepest = _depth(
                json.loads(reply.body, object_pairs_hook=_object, parse_int=str, parse_float=str)
            )
            deepest = max(0, deepest - _AROUND) // _LEVEL
        else:
            # The engine takes XML that is cut for a result with fewer rows.
            guard = XmlGuard()
            guard.feed(reply.body)
            guard.feed(b"")
            deepest = _deepest_element(reply.body)
            if sum(1 for _ in _VARIABLE.finditer(reply.body)) > _COLUMNS:
                raise _too_many_columns()
        if deepest > _NESTED:
            raise ValueError(f"triple terms inside each other more than {_NESTED} deep")
        result = ox.parse_query_results(reply.body, format=_FORMATS[reply.media_type])
        if isinstance(result, ox.QueryBoolean):
            raise ValueError("a boolean, as if it had been asked by ASK")
        for row in result:
            if any(term is not None and is_rdf12(term) for term in row):
                raise ValueError("RDF 1.2, which is refused")
    except RecursionError:
        raise ValueError("nested too deep") from None
    except (SyntaxError, MemoryError, UnsafeDataError) as error:
        raise ValueError(str(error).rstrip(".") or "too large") from None


def _object(members: list[tuple[str, Any]]) -> int:
    """Give how deep a JSON object is nested, in its place: the rest of it is not needed."""
    for name, value in members:
        if name == "vars" and isinstance(value, list) and len(value) > _COLUMNS:
            raise _too_many_columns()
    return 1 + max((_depth(value) for _name, value in members), default=0)


def _depth(value: object) -> int:
    if isinstance(value, list):
        return max(map(_depth, value), default=0)
    return value if type(value) is int else 0


def _deepest_element(data: bytes) -> int:
    depth = deepest = 0
    for match in _TRIPLE.finditer(data):
        depth += -1 if match[1] else 1
        deepest = max(deepest, depth)
    return deepest


def _too_many_columns() -> ValueError:
    return ValueError(f"more than {_COLUMNS:,} columns")
