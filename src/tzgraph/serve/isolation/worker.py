"""A worker: a fork of the keeper that evaluates one query at a time."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping
from typing import IO, cast

import pyoxigraph as ox

from tzgraph.query.formats import format_named
from tzgraph.query.run import kind_of, run, serialize
from tzgraph.serve.engine import CHUNK, QueryRequest, ResultTooLargeError
from tzgraph.serve.isolation.confine import (
    die_with_parent,
    forbid_sockets,
    limit_files,
    limit_memory,
)
from tzgraph.serve.isolation.wire import Frame, decode_request, encode_error, pack, receive

__all__ = ["Limits", "work"]

Limits = Mapping[str, int]


class _Output:
    """Sends what the serialiser writes in chunks, up to a limit."""

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self._connection = connection
        self._limit = limit
        self._buffer = bytearray()
        self._sent = 0

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
        if self._buffer:
            self._connection.sendall(pack(Frame.CHUNK, bytes(self._buffer)))
            self._buffer.clear()


def work(
    connection: socket.socket,
    parent: int,
    open_store: Callable[[], ox.Store],
    prefixes: Mapping[str, str],
    limits: Limits,
) -> None:
    """Evaluate queries until the connection ends.

    :param connection: to the server
    :param parent: process id of the keeper
    :param open_store: gives the data; a store on disk is opened here, as it starts threads
    :param limits: ``memory`` in megabytes, ``bytes`` of a result, ``files`` whether files may be
        opened later on, as a store on disk needs it
    """
    die_with_parent(parent)
    store = open_store()
    if not limits["files"]:
        limit_files()
    if not forbid_sockets() and limits["files"]:
        sys.stderr.write("tzgraph: workers can't be kept from opening sockets on this machine\n")
    limit_memory(limits["memory"])
    while (frame := receive(connection)) is not None:
        try:
            _evaluate(store, decode_request(frame[1]), connection, prefixes, limits["bytes"])
        except (BrokenPipeError, ConnectionResetError):
            return
        except Exception as error:
            connection.sendall(pack(Frame.ERROR, encode_error(error)))
        except BaseException as error:  # a panic of the engine is no Exception
            connection.sendall(pack(Frame.ERROR, encode_error(error)))
            os._exit(1)


def _evaluate(
    store: ox.Store,
    request: QueryRequest,
    connection: socket.socket,
    prefixes: Mapping[str, str],
    limit: int,
) -> None:
    result = run(
        store,
        request.text,
        prefixes=prefixes,
        substitutions={ox.Variable(name): term for name, term in request.substitutions},
        default_graphs=request.default_graphs,
        named_graphs=request.named_graphs,
    )
    kind = kind_of(result)
    offer = request.offer(kind)
    output = _Output(connection, limit)
    connection.sendall(pack(Frame.BEGUN, kind.value.encode()))
    serialize(result, format_named(offer.format, kind), cast("IO[bytes]", output), prefixes)
    output.flush()
    connection.sendall(pack(Frame.END))
