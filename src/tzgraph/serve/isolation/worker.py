"""A worker: a fork of the keeper that evaluates one query at a time."""

from __future__ import annotations

import os
import socket
import traceback
from collections.abc import Callable, Mapping
from typing import IO, cast
from urllib.parse import urlsplit

import pyoxigraph as ox

from tzgraph.errors import QueryError, TzgraphError
from tzgraph.query.formats import ResultKind
from tzgraph.serve.engine.base import CHUNK, QueryRequest
from tzgraph.serve.engine.errors import EngineFailedError, MemoryLimitError, ResultTooLargeError
from tzgraph.serve.engine.evaluation import EvaluationContext, evaluate
from tzgraph.serve.isolation.confine import (
    data_bytes,
    die_with_parent,
    forbid_sockets,
    keep_files,
    limit_files,
    limit_memory,
    only_connect,
    unlimit_memory,
)
from tzgraph.serve.isolation.wire import LAST, Frame, decode_request, encode_error, pack, receive

__all__ = ["Limits", "work"]

Limits = Mapping[str, int]
_MB = 1024 * 1024
#: Queries after which a worker is replaced, as memory falls to pieces over time.
_QUERIES = 50_000
#: Connections that a query may have at a time to the relay.
_CONNECTIONS = 8


def _confine(relay: str, limits: Limits) -> bool:
    """Refuse what a worker does not need, and say whether that was possible."""
    if not relay:
        return forbid_sockets()
    return only_connect(urlsplit(relay).port or 0, files=bool(limits["files"]))


class _Output:
    """Sends what the serialiser writes in chunks, up to a limit."""

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self._connection = connection
        self._limit = limit
        self._kind = b""
        self._begun = False
        self._buffer = bytearray()
        self._sent = 0

    def begin(self, kind: ResultKind) -> IO[bytes]:
        """Take notice of what kind of result is written."""
        self._kind = kind.value.encode()
        return cast("IO[bytes]", self)

    def write(self, data: bytes) -> int:
        """Take bytes from the serialiser."""
        self._buffer += data
        if len(self._buffer) >= CHUNK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Send what is buffered.

        :raises ResultTooLargeError: if the result has grown beyond the limit
        """
        self._sent += len(self._buffer)
        if self._sent > self._limit:
            raise ResultTooLargeError(
                f"The result has more than {self._limit:,} bytes.",
                "Ask for less, with LIMIT and OFFSET; the server sets the limit with "
                "TZGRAPH_RESULT_BYTES.",
            )
        if not self._begun:
            self._begun = True
            self._connection.sendall(pack(Frame.BEGUN, self._kind))
        for start in range(0, len(self._buffer), CHUNK):
            chunk = bytes(self._buffer[start : start + CHUNK])
            self._connection.sendall(pack(Frame.CHUNK, chunk))
        self._buffer.clear()

    def finish(self) -> tuple[Frame, bytes]:
        """Give the frame that ends the result: all of it, if it is short.

        :raises ResultTooLargeError: if the result has grown beyond the limit
        """
        if not self._begun and len(self._buffer) <= min(CHUNK, self._limit):
            return Frame.WHOLE, self._kind + b"\n" + bytes(self._buffer)
        self.flush()
        return Frame.END, b""


def work(
    connection: socket.socket,
    parent: int,
    open_store: Callable[[str], ox.Store],
    limits: Limits,
    context: EvaluationContext,
) -> None:
    """Evaluate queries until the connection ends.

    :param connection: to the server
    :param parent: process id of the keeper
    :param open_store: gives the data, of a folder if one is named and they are on disk; a store
        on disk is opened here, as it starts threads
    :param limits: ``memory_mb``, ``max_result_bytes``, and ``files``: whether files may be opened
        later on, as a store on disk needs it
    :param context: what is the same for all queries; a worker that has a relay has one only
    """
    die_with_parent(parent)
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    if limits["files"]:
        confined = _confine(context.relay, limits)  # before the store starts threads
    stores = _Stores(open_store)
    if not limits["files"]:
        number, statm = keep_files([connection.detach(), statm])
        connection = socket.socket(fileno=number)
        limit_files(_CONNECTIONS if context.relay else 0)
        confined = _confine(context.relay, limits)
    stores.limit(statm, limits["memory_mb"] * _MB, final=not limits["files"])
    ready = b"confined" if confined or not limits["files"] else b""
    connection.sendall(pack(Frame.READY, ready))
    served = 0
    while (frame := receive(connection)) is not None:
        served += 1
        end, last = _answer(stores, frame[1], connection, limits, context)
        # What a query leaves behind would be missing from the next one's share.
        last = last or bool(context.relay) or served >= _QUERIES or stores.has_grown()
        connection.sendall(pack(end[0], end[1], flags=LAST if last else 0))
        if last:
            return


class _Stores:
    """Gives the store that a request is about, and limits memory beside it.

    Updates make another store each time. Only one on disk can be opened later on.
    """

    def __init__(self, open_store: Callable[[str], ox.Store]) -> None:
        self._open = open_store
        self._folder = ""
        self._store = open_store("")
        self._statm = -1
        self._memory_bytes = self._at_first = 0
        self._final = True

    def limit(self, statm: int, memory_bytes: int, *, final: bool) -> None:
        """Limit the memory of queries.

        :param statm: ``/proc/self/statm``, open
        :param memory_bytes: how much they may take
        :param final: for good, as no other store will be opened
        """
        self._statm, self._memory_bytes, self._final = statm, memory_bytes, final
        self._at_first = data_bytes(statm)
        limit_memory(self._at_first + memory_bytes, final=final)

    def has_grown(self) -> bool:
        """Say whether queries have left much behind."""
        return data_bytes(self._statm) - self._at_first > self._memory_bytes // 4

    def of(self, request: QueryRequest) -> ox.Store:
        """Give the store that a request is about."""
        if request.store != self._folder and not self._final:
            unlimit_memory()
            self._store = self._open(request.store)
            self._folder = request.store
            self.limit(self._statm, self._memory_bytes, final=False)
        return self._store


def _answer(
    stores: _Stores,
    data: bytes,
    connection: socket.socket,
    limits: Limits,
    context: EvaluationContext,
) -> tuple[tuple[Frame, bytes], bool]:
    """Evaluate a query and send its result.

    :return: the frame that is still to be sent, and whether the process has to end
    """
    last = False
    error: BaseException
    try:
        request, output = decode_request(data), _Output(connection, limits["max_result_bytes"])
        _evaluate(stores.of(request), request, context, output)
        return output.finish(), last
    except ConnectionError:
        os._exit(0)
    except TzgraphError as raised:
        error = raised
    except MemoryError:
        error, last = (
            MemoryLimitError(
                f"The query needs more than {limits['memory_mb']} MB.",
                "Ask for less at a time; the server sets the limit with TZGRAPH_QUERY_MEMORY.",
            ),
            True,
        )
    except BaseException:  # a panic of the engine is no Exception
        traceback.print_exc()
        error, last = (
            EngineFailedError(
                "The engine failed on this query.",
                "Whoever runs the server finds more in its log.",
            ),
            True,
        )
    return (Frame.ERROR, encode_error(error)), last


def _evaluate(
    store: ox.Store, request: QueryRequest, context: EvaluationContext, output: _Output
) -> None:
    try:
        evaluate(store, request, context, output.begin)
    except OSError as error:
        # Also that the server is gone: then nobody hears of it.
        if not context.relay:
            raise
        raise QueryError(f"The query failed while it ran: {error}.") from error
