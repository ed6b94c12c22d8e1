"""The keeper: a process that holds the graph, forks workers, kills them and reaps them.

Run as ``python -m tzgraph.serve.isolation.keeper CONTROL_FD`` by the server; the first packet on
the control socket says what to load. It has one thread, as a fork of several would be unsafe, and a
stack deep enough for the parser of deeply nested queries, which its workers inherit.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pyoxigraph as ox

from tzgraph.names.index import NameIndex
from tzgraph.serve.engine.evaluation import EvaluationContext
from tzgraph.serve.isolation.confine import die_with_parent
from tzgraph.serve.isolation.ended import file_for_words, last_words
from tzgraph.serve.isolation.fetching import FETCHER, fetch
from tzgraph.serve.isolation.worker import work

__all__ = ["main"]

#: Bytes of stack; only touched pages take memory.
_STACK = 256 * 1024 * 1024
_PACKET = 1 << 20


class _Keeper:
    """Answers the server's packets."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        #: Process id, and a file in memory that is its standard error.
        self._workers: dict[int, tuple[int, int]] = {}
        self._order: dict[str, Any] = {}
        self._open: Callable[[str], ox.Store] | None = None
        self._names: NameIndex | None = None

    def load(self) -> None:
        """Take the first packet and load what it names."""
        self._order = json.loads(self._control.recv(_PACKET))
        # Workers can't open it; they share it.
        self._names = NameIndex.open(Path(self._order["names"]))
        if self._order["in_memory"]:
            store = ox.Store()
            if self._order["nquads"]:
                # Not bulk_load: it would give blank nodes other names at each start.
                store.bulk_extend(ox.parse(path=self._order["nquads"], format=ox.RdfFormat.N_QUADS))
            else:
                updated = ox.Store.read_only(self._order["store"])
                store.bulk_extend(updated)
                # Not in N-Quads: graphs without triples.
                for name in updated.named_graphs():
                    store.add_graph(name)
                del updated
            self._open = lambda _folder: store
            # Not looked at by the collector again, so that forks go on sharing it.
            gc.collect()
            gc.freeze()
        else:
            self._open = lambda folder: ox.Store.read_only(folder or self._order["store"])
        self._say({"ready": True})

    def serve(self) -> None:
        """Fork, kill and reap until the server goes away."""
        wake, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(wake, select.POLLIN)
        while True:
            for descriptor, _event in poll.poll():
                if descriptor == wake:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake, 4096)
                    self._reap()
                elif not self._obey(wake, told):
                    return

    def _obey(self, wake: int, told: int) -> bool:
        data, descriptors, _flags, _address = socket.recv_fds(self._control, _PACKET, 1)
        if not data:
            return False
        order = json.loads(data)
        if "fork" in order:
            self._fork(int(order["fork"]), descriptors, (wake, told), str(order["relay"]))
        elif (worker := self._workers.get(int(order["kill"]))) is not None:
            os.kill(worker[0], signal.SIGKILL)
        return True

    def _fork(self, name: int, descriptors: list[int], own: tuple[int, ...], relay: str) -> None:
        keeper, said = os.getpid(), -1
        try:
            # There is no socket if this process has too many files open.
            said = file_for_words() if descriptors else -1
            process = os.fork() if descriptors else -1
        except OSError as error:
            sys.stderr.write(f"tzgraph: no worker could be made: {error}\n")
            process = -1
        if process == 0:
            files = [said, *(file for _process, file in self._workers.values())]
            own = (*own, *(file for file in files if file >= 0))
            if said >= 0:
                os.dup2(said, 2)
            self._become_worker(descriptors[0], keeper, own, relay)
        for descriptor in descriptors:
            os.close(descriptor)
        if process > 0:
            self._workers[name] = process, said
        else:
            if said >= 0:
                os.close(said)
            self._say({"gone": name, "signal": 0, "said": ""})

    def _become_worker(
        self, descriptor: int, keeper: int, own: tuple[int, ...], relay: str
    ) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._control.close()
            for unused in own:
                os.close(unused)
            connection = socket.socket(fileno=descriptor)
            if relay == FETCHER:
                fetch(connection, keeper, self._order)
            elif self._open is not None:
                order, limits = self._order, self._order["limits"]
                context = EvaluationContext(
                    *(order["prefixes"], self._names, order["endpoints"], relay),
                    most=limits["max_result_rows"],
                )
                work(connection, keeper, self._open, limits, context)
        except ConnectionError:
            pass
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)

    def _reap(self) -> None:
        names = {process: name for name, (process, _said) in self._workers.items()}
        with contextlib.suppress(ChildProcessError):
            while True:
                process, status = os.waitpid(-1, os.WNOHANG)
                if process == 0:
                    return
                name = names.get(process)
                if name is not None:
                    said = last_words(self._workers.pop(name)[1])
                    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
                    self._say({"gone": name, "signal": ended_by, "said": said})

    def _say(self, packet: dict[str, Any]) -> None:
        self._control.sendall(json.dumps(packet).encode())


def main() -> None:
    """Be the keeper until the server ends."""
    number = int(sys.argv[1])
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = _STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted and "deep" not in sys.argv:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
        # The limit of the first thread's stack holds from the start of a program.
        os.execv(  # noqa: S606 - this very program
            sys.executable, [sys.executable, "-P", "-m", __spec__.name, *sys.argv[1:], "deep"]
        )
    die_with_parent(int(sys.argv[2]))
    # The server is told to stop in these ways, with all its processes; it ends them itself when
    # the last query has ended.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    keeper = _Keeper(socket.socket(fileno=number))
    with contextlib.suppress(ConnectionError):  # the server has ended
        keeper.load()
        keeper.serve()
    os._exit(0)  # without taking the graph apart


if __name__ == "__main__":
    main()
