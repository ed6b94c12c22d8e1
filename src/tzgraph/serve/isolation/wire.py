"""What server, keeper and workers say to each other.

On a worker's socket: frames of a kind (one byte), a length (four bytes) and as many bytes. The
worker begins with ``READY``. The server sends ``REQUEST``; the worker answers ``BEGUN``, any number
of ``CHUNK`` and ``END``, or ``WHOLE`` (kind of result, line feed, body) instead of all these where
the result is short, or ``ERROR`` at any time; ``LAST``, added to the kind of the last frame, says
that it takes no other request. Requests and errors are JSON, as a worker may be made to misbehave
by a query and the server must not unpickle what it sends. On the control socket: packets of JSON.
"""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import fields
from enum import IntEnum
from functools import cache
from typing import Any

import pyoxigraph as ox

from tzgraph.errors import QueryError, TzgraphError
from tzgraph.query.formats import ResultKind
from tzgraph.serve.engine.base import CHUNK, Offer, QueryRequest, Window
from tzgraph.serve.engine.errors import NotAcceptableError

__all__ = [
    "HEADER",
    "LAST",
    "LONGEST",
    "Frame",
    "decode_error",
    "decode_request",
    "encode_error",
    "encode_request",
    "pack",
    "receive",
]

HEADER = struct.Struct("!BI")
#: Added to the kind of a frame.
LAST = 0x80
#: Bytes that a frame from a worker may have.
LONGEST = CHUNK + 64
#: Characters of an error's message; each takes at most six bytes in JSON.
_MESSAGE = 4_000
_NO_TERM = "<x:s> <x:p> "
_FIELDS = tuple(field.name for field in fields(QueryRequest))


class Frame(IntEnum):
    """Kinds of frames."""

    REQUEST = 1
    BEGUN = 2
    CHUNK = 3
    END = 4
    ERROR = 5
    READY = 6
    WHOLE = 7


def pack(kind: Frame, data: bytes = b"", *, flags: int = 0) -> bytes:
    """Make a frame."""
    return HEADER.pack(kind | flags, len(data)) + data


def receive(connection: socket.socket) -> tuple[Frame, bytes] | None:
    """Read a frame, waiting for it; ``None`` at the end of the stream."""
    head = _exactly(connection, HEADER.size)
    if head is None:
        return None
    kind, length = HEADER.unpack(head)
    data = _exactly(connection, length)
    return None if data is None else (Frame(kind), data)


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    data = bytearray()
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            return None
        data += part
    return bytes(data)


def encode_request(request: QueryRequest) -> bytes:
    """Write a request."""
    # Not by dataclasses.asdict, which copies everything and takes as long as a short query.
    record = {name: getattr(request, name) for name in _FIELDS}
    record["substitutions"] = [(name, str(term)) for name, term in request.substitutions]
    return _ENCODER.encode(record).encode("utf-8", "surrogatepass")


def _members(value: object) -> dict[str, Any]:
    if not isinstance(value, Offer | Window):
        raise TypeError(type(value).__name__)
    return {field.name: getattr(value, field.name) for field in fields(value)}


_ENCODER = json.JSONEncoder(default=_members)


def decode_request(data: bytes) -> QueryRequest:
    """Read a request."""
    record: dict[str, Any] = json.loads(data.decode("utf-8", "surrogatepass"))
    for name in ("bindings", "graph"):
        record[name] = _offer(**record[name]) if record[name] else None
    for name in ("default_graphs", "named_graphs"):
        record[name] = None if record[name] is None else tuple(record[name])
    terms = ((name, _term(text)) for name, text in record["substitutions"])
    record["substitutions"] = tuple(terms)
    return QueryRequest(**record)


def _offer(*, window: dict[str, int] | None, **named: str) -> Offer:
    return Offer(**named, window=Window(**window) if window else None)


def _term(text: str) -> Any:
    parsed = ox.parse(f"{_NO_TERM}{text} .", format=ox.RdfFormat.N_TRIPLES)
    return next(iter(parsed)).object


def encode_error(error: BaseException) -> bytes:
    """Write what went wrong with a query: the class of the error, its texts and its details."""
    record: dict[str, Any] = {"message": f"The engine failed on this query: {error}."[:_MESSAGE]}
    if isinstance(error, TzgraphError):
        details = {name: getattr(error, name) for name in error.details}
        record = {
            "error": type(error).__name__,
            "message": error.message[:_MESSAGE],
            "hint": error.hint[:_MESSAGE],
            "details": details,
        }
    return json.dumps(record).encode("utf-8", "backslashreplace")


def decode_error(data: bytes) -> TzgraphError:
    """Read what went wrong with a query, as the error that it was.

    :raises ValueError: if it can't be read
    """
    try:
        return _error(json.loads(data))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("not an error") from error


def _error(record: dict[str, Any]) -> TzgraphError:
    message, hint = str(record["message"]), str(record.get("hint", ""))
    kind = _kinds().get(record.get("error", ""), QueryError)
    # Not by the class itself, as each makes its message of other parameters.
    error = kind.__new__(kind)
    TzgraphError.__init__(error, message, hint)
    details = record.get("details", {})
    for name in kind.details:
        value = details[name]
        if not (value is None or isinstance(value, int | str)):
            raise TypeError(name)
        setattr(error, name, value)
    if isinstance(error, NotAcceptableError):
        error.kind = ResultKind(error.kind)
    return error


@cache
def _kinds() -> dict[str, type[TzgraphError]]:
    """All errors of the library that are known here, by name."""
    found: dict[str, type[TzgraphError]] = {}
    pending = [TzgraphError]
    while pending:
        kind = pending.pop()
        found[kind.__name__] = kind
        pending += kind.__subclasses__()
    return found
