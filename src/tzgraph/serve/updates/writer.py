"""The writer: the one process that changes the graph.

Run as ``python -m tzgraph.serve.updates.writer FD PARENT`` by the server. It works on a store of
its own, a copy of the current state, which a killed writer leaves behind as rubbish: only a state
that was published whole counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tzgraph.errors import TzgraphError
from tzgraph.query.loads import leave_out_loads
from tzgraph.query.update import run_update
from tzgraph.release.files import disk_failure, is_full
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.updates import Updates, state_id, switching
from tzgraph.serve.engine.base import BASE
from tzgraph.serve.engine.errors import (
    ConditionFailedError,
    DiskFailedError,
    DiskFullError,
    EngineFailedError,
)
from tzgraph.serve.isolation.confine import (
    data_bytes,
    die_with_parent,
    forbid_sockets,
    limit_memory,
)
from tzgraph.serve.isolation.wire import Frame, encode_error, pack, receive
from tzgraph.serve.updates.graphs import write_graph
from tzgraph.serve.updates.orders import OrderOutcome, Update, decode_order

__all__ = ["main"]

#: Bytes of stack, for the parser of deeply nested updates; only touched pages take memory.
_STACK = 512 * 1024 * 1024
#: Seconds that an earlier writer, whose server was killed, may take to end.
_PATIENCE = 10
_MB = 1024 * 1024
#: Bytes of the engine's own manifest, which each update makes longer and each state copies, after
#: which the store is opened anew, as that makes it short.
_LONG = _MB // 4


class _Writer:
    """Carries out orders on a store.

    :param connection: to the server
    :param order: what to write to: ``root`` and ``release``, ``prefixes``, ``memory_mb``
    """

    def __init__(self, connection: socket.socket, order: Mapping[str, Any]) -> None:
        self._connection = connection
        self._layout = ReleaseLayout(Path(order["root"]))
        self._updates = Updates(self._layout.root, order["release"])
        self._prefixes: Mapping[str, str] = order["prefixes"]
        self._memory_bytes = int(order["memory_mb"]) * _MB
        self._state = ""
        #: Whether the store holds what no state holds yet.
        self._ahead = False

    def serve(self) -> None:
        """Answer the server until it goes away."""
        with self._updates.writing(_PATIENCE):
            self._store, self._state = self._updates.open_copy()
            statm = os.open("/proc/self/statm", os.O_RDONLY)
            limit_memory(data_bytes(statm) + self._memory_bytes)
            os.close(statm)
            self._say(Frame.READY, {"state": self._state})
            while (frame := receive(self._connection)) is not None:
                try:
                    outcome = self._publish() if not frame[1] else self._obey(frame[1])
                except TzgraphError as error:
                    self._connection.sendall(pack(Frame.ERROR, encode_error(error)))
                except Exception as error:
                    self._connection.sendall(pack(Frame.ERROR, encode_error(_failed(error))))
                    return  # the store may be changed in part, or take nothing more
                else:
                    self._say(Frame.END, outcome)

    def _obey(self, data: bytes) -> Mapping[str, Any]:
        order = decode_order(data)
        if isinstance(order, Update):
            self._check(order)
            text, not_loaded = leave_out_loads(order.text)
            changes = run_update(
                self._store,
                text,
                prefixes=self._prefixes,
                base=BASE,
                using=order.using,
                using_named=order.using_named,
                strict=order.strict,
            )
            self._ahead = True
            return asdict(OrderOutcome(changed=changes.as_header(), not_loaded=not_loaded))
        outcome = write_graph(self._store, order)
        self._ahead = True
        return asdict(outcome)

    def _check(self, order: Update) -> None:
        """Refuse an update that is for other states than the current one (RFC 9110, 13.1).

        :raises ConditionFailedError: if it is
        """
        # Between two states the data are in none that a client can know.
        current = "" if self._ahead else state_id(self._updates.release, self._state)
        missed = order.only_on is not None and current not in order.only_on
        if missed or current in order.not_on:
            raise ConditionFailedError(
                "The condition on the state of the graph is not met; nothing has changed.",
                "Read the data again; the state's id is in /healthz.",
            )

    def _publish(self) -> Mapping[str, Any]:
        """Make what the orders so far made the current state, unless a build came between."""
        with switching(self._layout.root):
            current = self._layout.current_id(), self._updates.current()
            if current != (self._updates.release, self._state):
                return {"moved": True}
            self._state, self._ahead = self._updates.publish(self._store), False
        if self._updates.manifest_bytes(self._state) > _LONG:
            self._store, self._state = self._updates.open_copy()
        return {"state": self._state}

    def _say(self, kind: Frame, said: Mapping[str, Any]) -> None:
        self._connection.sendall(pack(kind, json.dumps(said).encode()))


def _failed(error: Exception) -> TzgraphError:
    """Say what a client is told of an error that is no fault of its update."""
    if is_full(error):
        return DiskFullError("The disk is full; nothing has changed.", "Try again later.")
    traceback.print_exception(error)  # to the server, which logs it
    if failure := disk_failure(error):
        return DiskFailedError(
            f"The disk that holds the graph failed: {failure}. Nothing has changed.",
            "Whoever runs the server has to look after the disk.",
        )
    return EngineFailedError(
        "The engine failed on this update; nothing has changed.",
        "Whoever runs the server finds more in its log.",
    )


def _work(connection: socket.socket) -> None:
    try:
        frame = receive(connection)
        if frame is not None:
            _Writer(connection, json.loads(frame[1])).serve()
    except ConnectionError:
        pass
    except TzgraphError as error:
        with contextlib.suppress(OSError):
            connection.sendall(pack(Frame.ERROR, encode_error(error)))
    except OSError as error:
        with contextlib.suppress(OSError):
            connection.sendall(pack(Frame.ERROR, encode_error(_failed(error))))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)  # without closing the store, which is of no use to anybody


def main() -> None:
    """Be the writer until the server ends."""
    die_with_parent(int(sys.argv[2]))
    forbid_sockets()  # before the store starts threads
    # The server is told to stop in these ways, with all its processes, and ends this one itself.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    connection = socket.socket(fileno=int(sys.argv[1]))
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_work, args=(connection,))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
