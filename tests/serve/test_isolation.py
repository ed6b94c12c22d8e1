"""Limits and isolation, on real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.serve.helpers import problem, publish, serving, wait_until
from tzgraph.errors import UsageError
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.engine.base import Offer, QueryRequest
from tzgraph.serve.engine.errors import EngineFailedError
from tzgraph.serve.isolation import IsolatedEngine, is_supported, lanes
from tzgraph.serve.isolation import pool as pool_module
from tzgraph.serve.isolation.wire import HEADER, LAST, Frame, pack
from tzgraph.serve.settings import IsolationSettings, ServeSettings

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux isolates queries")

QUICK = "SELECT ?o { ex:a ex:p ?o }"


def product(digits: int, name: str = "d") -> str:
    """Give a pattern with 10 to that power solutions, and a shape that depends on a name."""
    return " ".join(f"VALUES ?{name}{i} {{ 0 1 2 3 4 5 6 7 8 9 }}" for i in range(digits))


def runaway(name: str = "d") -> str:
    return f"SELECT (COUNT(*) AS ?n) {{ {product(12, name)} }}"


ENDLESS = f"SELECT * {{ {product(12)} }}"


@dataclass
class Running:
    """A server, its engine, and its address."""

    url: str
    engine: IsolatedEngine

    def client(self, address: str = "127.0.0.1") -> httpx.Client:
        """Give a client that comes from an address of this machine."""
        transport = httpx.HTTPTransport(local_address=address)
        return httpx.Client(base_url=self.url, timeout=60, transport=transport)

    def ask(self, query: str, address: str = "127.0.0.1", **headers: str) -> httpx.Response:
        with self.client(address) as client:
            data = {"query": query}
            return client.post("/sparql", data=data, headers=headers, follow_redirects=True)

    def connect(self, query: str, version: str = "1.1") -> socket.socket:
        """Send a query, and read nothing."""
        host, port = self.url.removeprefix("http://").split(":")
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(60)
        connection.connect((host, int(port)))
        request = f"GET /sparql?query={quote(query)} HTTP/{version}\r\nHost: x\r\n"
        connection.sendall(f"{request}Accept: text/csv\r\n\r\n".encode())
        return connection


@contextmanager
def running(release: Release, **limits: float) -> Iterator[Running]:
    """Run a server with some limits."""
    defaults = {"timeout_s": 30, "workers": 1}
    settings = ServeSettings(queries=IsolationSettings(**(defaults | limits)))  # type: ignore[arg-type]
    engines: list[IsolatedEngine] = []

    def engine(release: Release, settings: ServeSettings) -> IsolatedEngine:
        engines.append(IsolatedEngine(release, settings.queries))
        return engines[0]

    with serving(create_app(release, settings=settings, engine=engine)) as url:
        yield Running(url, engines[0])


def descendants(process: int) -> set[int]:
    """Give the processes that run below one."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(folder.name)] = int(parent)
    found = {process}
    while more := {p for p, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {process}


def alive(processes: set[int]) -> set[int]:
    states = {}
    for process in processes:
        try:
            stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
        except OSError:
            continue
        states[process] = stat.rpartition(")")[2].split()[0]
    return {process for process, state in states.items() if state != "Z"}


@pytest.mark.parametrize("budget", [2048, 0], ids=["memory", "disk"])
def test_deadline(release: Release, budget: int) -> None:
    with running(release, timeout_s=1.5, graph_memory_mb=budget) as server:
        assert server.engine.in_memory is (budget > 0)
        document = problem(server.ask(runaway()), 504)
        assert str(document["type"]).endswith("#deadline")
        assert "1.5 s" in str(document["detail"])
        assert "TZGRAPH_QUERY_TIMEOUT" in str(document["detail"])
        assert server.ask(QUICK).status_code == 200
        assert server.engine.kills["deadline"] == 1


@pytest.mark.parametrize("budget", [2048, 0], ids=["memory", "disk"])
def test_memory(release: Release, budget: int) -> None:
    with running(release, memory_mb=48, graph_memory_mb=budget) as server:
        document = problem(server.ask(f"SELECT * {{ {product(7)} }} ORDER BY ?d0 ?d6"), 507)
        assert str(document["type"]).endswith("#memory-limit")
        assert "48 MB" in str(document["detail"])
        assert "TZGRAPH_QUERY_MEMORY" in str(document["detail"])
        assert server.ask(QUICK).status_code == 200


def test_result_size(release: Release) -> None:
    with running(release, max_result_bytes=200_000) as server:
        with pytest.raises(httpx.ReadError, match="reset"):
            server.ask(ENDLESS, Accept="text/csv")
        assert server.ask(QUICK).status_code == 200
    with running(release, max_result_bytes=50) as server:
        document = problem(server.ask(f"SELECT * {{ {product(2)} }}"), 507)
        assert str(document["type"]).endswith("#result-too-large")
        assert "50 bytes" in str(document["detail"])
        assert "TZGRAPH_RESULT_BYTES" in str(document["detail"])


@pytest.mark.parametrize(
    ("media_type", "query"),
    [
        ("application/sparql-results+json", "SELECT ?d0"),
        ("application/sparql-results+xml", "SELECT ?d0"),
        ("text/csv", "SELECT ?d0"),
        ("text/tab-separated-values", "SELECT ?d0"),
        ("text/turtle", "CONSTRUCT { ex:a ex:p ?n }"),
    ],
)
def test_result_rows(release: Release, media_type: str, query: str) -> None:
    def asked(digits: int, limit: str = "") -> str:
        number = " + ".join(f"{10**i} * ?d{i}" for i in range(digits))
        return f"{query} {{ SELECT * {{ {product(digits)} BIND({number} AS ?n) }} {limit} }}"

    with running(release, max_result_rows=100) as server:
        assert server.ask(asked(3, "LIMIT 100"), Accept=media_type).status_code == 200
        document = problem(server.ask(asked(3, "LIMIT 101"), Accept=media_type), 507)
        assert str(document["type"]).endswith("#result-too-many-rows")
        assert "100 rows" in str(document["detail"])
        assert "TZGRAPH_RESULT_ROWS" in str(document["detail"])
        assert server.ask("ASK {}", Accept="application/sparql-results+json").status_code == 200
    cut = pytest.raises(httpx.ReadError, match="reset")
    with running(release, max_result_rows=90_000) as server, cut:
        server.ask(asked(6), Accept=media_type)


def test_old_protocol_gets_a_length_or_an_error(release: Release) -> None:
    """In HTTP/1.0 a body that breaks off would look complete."""
    with running(release, max_result_bytes=2_000_000) as server:
        for query, status, length in (
            (ENDLESS, b"507", None),
            (f"SELECT ?d0 {{ {product(5)} }}", b"200", 4 + 3 * 10**5),
        ):
            data = bytearray()
            with server.connect(query, "1.0") as connection:
                while part := connection.recv(1 << 16):
                    data += part
            head, _, body = bytes(data).partition(b"\r\n\r\n")
            assert head.split()[1] == status
            assert length is None or (len(body), f"{length}".encode() in head) == (length, True)


def test_full_queue(release: Release) -> None:
    with running(release, max_waiting=1, timeout_s=3) as server, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.ask(runaway()), range(8)))
        statuses = {answer.status_code for answer in answers}
        assert statuses == {503, 504}
        refused = [answer for answer in answers if "TZGRAPH_QUEUE)" in answer.text]
        assert problem(refused[0], 503)["type"] == "https://w3id.org/tzgraph/problem#busy"
        assert int(refused[0].headers["retry-after"]) > 0


def test_a_client_does_not_keep_the_long_lane_from_others(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query longer than a slice is answered although another client's never end."""
    monkeypatch.setattr(lanes, "SLICE", 0.05)
    with running(release, workers=2, timeout_s=12) as server, ThreadPoolExecutor(8) as pool:
        greedy = [pool.submit(server.ask, runaway(name), "127.0.0.2") for name in "abcdefgh"]
        time.sleep(1)
        lasting = f"SELECT (COUNT(*) AS ?n) {{ {product(6)} }}"
        answer = server.ask(lasting, "127.0.0.3")
        assert answer.status_code == 200
        assert {future.result().status_code for future in greedy} <= {503, 504}


@pytest.mark.parametrize("clients", [1, 40])
def test_runaways_do_not_hinder_others(release: Release, clients: int) -> None:
    with running(release, timeout_s=7, workers=2) as server, ThreadPoolExecutor(40) as pool:
        futures = [
            pool.submit(server.ask, runaway(f"v{i % 5}_"), f"127.0.1.{1 + i % clients}")
            for i in range(40)
        ]
        time.sleep(0.5)
        for _ in range(5):
            assert server.ask(QUICK, "127.0.0.1").status_code == 200
        assert not any(future.done() for future in futures)
        assert {future.result().status_code for future in futures} == {503, 504}


def test_client_that_leaves_frees_its_worker(release: Release) -> None:
    """Before the first byte, while it waits, and in the middle of a result."""
    with running(release, timeout_s=300) as server:
        for query in (runaway(), ENDLESS):
            connections = [server.connect(query) for _ in range(6)]
            time.sleep(1)
            for connection in connections:
                # Some say goodbye, some reset.
                linger = struct.pack("ii", 1, connection.fileno() % 2)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                connection.close()
            assert server.ask(QUICK).status_code == 200
            wait_until(
                lambda: server.engine._pool.lanes.busy == server.engine._pool.lanes.waiting == 0
            )
        assert server.engine.kills["left"] >= 2


def test_slow_readers_hold_nobody_up(release: Release) -> None:
    with running(release, timeout_s=6) as server:
        connections = [server.connect(ENDLESS) for _ in range(12)]
        time.sleep(1)
        assert server.ask(QUICK).status_code == 200
        assert len(server.engine._pool.lanes.workers) <= 2 + 4
        # Also those who read no further lose their worker at the deadline.
        wait_until(lambda: server.engine._pool.lanes.busy == 0)
        for connection in connections:
            connection.close()


def test_page_of_a_long_result_frees_its_worker(release: Release) -> None:
    with running(release, timeout_s=300) as server:
        for _ in range(5):
            assert (
                "Rows 1 to 100 of more than 1,000" in server.ask(ENDLESS, Accept="text/html").text
            )
            with server.client() as client:
                answer = client.head("/sparql", params={"query": ENDLESS})
            assert (answer.status_code, answer.content) == (200, b"")
        assert server.engine._pool.lanes.busy == 0


def test_killed_workers_and_keeper_are_replaced(release: Release) -> None:
    before = descendants(os.getpid())  # of the server that other tests share
    with running(release) as server:
        keeper = min(descendants(os.getpid()) - before)
        with ThreadPoolExecutor(4) as pool:
            answers = pool.map(lambda _: server.ask(QUICK).status_code, range(100))
            for _ in range(5):
                for worker in descendants(keeper):
                    os.kill(worker, signal.SIGKILL)
                    time.sleep(0.05)
            # Whoever loses its worker twice in a row is told.
            assert list(answers).count(200) > 90
        os.kill(keeper, signal.SIGKILL)
        assert server.ask(QUICK).status_code == 200
        assert keeper not in descendants(os.getpid())
    wait_until(lambda: descendants(os.getpid()) <= before)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_the_server(tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "build"
    publish(folder, 1)
    command = [sys.executable, "-m", "tzgraph", "serve", "--dir", str(folder), "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stderr is not None
        lines = iter(server.stderr)
        url = next(line for line in lines if line.startswith("http")).split("/ ")[0]
        wait_until(lambda: answers(url))
        processes = descendants(server.pid)
        assert len(processes) >= 3
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            query = quote(runaway())
            connection.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            time.sleep(0.3)
            os.kill(server.pid, how)
            server.wait(30)
    wait_until(lambda: not alive(processes))


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def test_nothing_leaks(release: Release) -> None:
    """After hundreds of queries of all kinds there are as many processes and files as before."""
    with running(release, timeout_s=1, workers=2, memory_mb=48) as server:
        kinds = [QUICK, "ASK {", QUICK, "LEAVE", f"SELECT * {{ {product(3)} }}", QUICK]
        rare = {50: runaway(), 100: f"SELECT * {{ {product(7)} }} ORDER BY ?d0 ?d6"}

        def ask(number: int) -> None:
            query = rare.get(number % 150) or kinds[number % len(kinds)]
            if query == "LEAVE":
                server.connect(ENDLESS).close()
            else:
                assert server.ask(query).status_code in (200, 400, 503, 504, 507)

        def settled() -> tuple[int, int]:
            wait_until(lambda: server.engine._pool.lanes.busy == server.engine._pool._making == 0)
            return len(descendants(os.getpid())), len(list(Path("/proc/self/fd").iterdir()))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ask, range(20)))
            before = settled()
            list(pool.map(ask, range(300)))
        wait_until(lambda: settled() <= before)


def test_graph_that_cannot_be_loaded(release: Release, tmp_path: Path) -> None:
    before = descendants(os.getpid())
    (tmp_path / "graph.nq").write_text("nonsense", encoding="utf-8")
    broken = Release(tmp_path, release.manifest)
    for budget in (2048, 0):
        engine = IsolatedEngine(broken, IsolationSettings(graph_memory_mb=budget))
        with pytest.raises(UsageError, match="could not be loaded"):
            asyncio.run(engine.start())
    wait_until(lambda: descendants(os.getpid()) <= before)


class Impostor:
    """In the place of the link to the keeper: workers that send what a test wants."""

    says: tuple[bytes, ...] = ()

    def __init__(self, gone: Callable[[int, int, str], None], _ended: Callable[[], None]) -> None:
        self._gone = gone
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def start(self, order: object) -> None: ...

    async def close(self) -> int:
        return 0

    def fork(self, name: int, connection: socket.socket, _relay: str = "") -> None:
        self._tasks[name] = asyncio.ensure_future(self._work(name, connection))

    def kill(self, name: int) -> None:
        self._tasks[name].cancel()

    async def _work(self, name: int, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            writer.write(pack(Frame.READY, b"confined"))
            answer = b"to come"
            while answer:
                _kind, length = HEADER.unpack(await reader.readexactly(HEADER.size))
                await reader.readexactly(length)
                answer, *rest = type(self).says
                type(self).says = tuple(rest)
                writer.write(answer)
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()
            self._gone(name, 0, "")


BEGUN = pack(Frame.BEGUN, b"bindings")
GOOD = BEGUN + pack(Frame.CHUNK, b"x") + pack(Frame.END)
GARBAGE = [
    b"\xff" * 50,
    HEADER.pack(Frame.CHUNK, 2**32 - 1),
    pack(Frame.END),
    pack(Frame.BEGUN, b"\xff"),
    pack(Frame.CHUNK, b"x"),
    pack(Frame.ERROR, b"[]"),
    pack(Frame.ERROR, b"\xff"),
    BEGUN + pack(Frame.READY),
    BEGUN + pack(Frame.CHUNK, b"x") + BEGUN,
]


def replies(
    monkeypatch: pytest.MonkeyPatch, release: Release, *says: bytes
) -> list[bytes | type[Exception]]:
    """Ask two queries of workers that answer as told."""
    monkeypatch.setattr(pool_module, "KeeperClient", Impostor)
    monkeypatch.setattr(Impostor, "says", says)
    got: list[bytes | type[Exception]] = []

    async def ask() -> None:
        engine = IsolatedEngine(release, IsolationSettings(workers=1))
        await engine.start()
        for _ in range(2):
            try:
                answer = await engine.query(QueryRequest("ASK {}", bindings=Offer("csv", "x/y")))
                got.append(b"".join([chunk async for chunk in answer.chunks]))
            except EngineFailedError as error:
                got.append(type(error))
        assert engine._pool.lanes.busy == 0
        await engine.close()

    asyncio.run(asyncio.wait_for(ask(), 30))
    return got


@pytest.mark.parametrize("garbage", GARBAGE)
def test_worker_that_sends_garbage(
    monkeypatch: pytest.MonkeyPatch, release: Release, garbage: bytes
) -> None:
    first, second = replies(monkeypatch, release, garbage, GOOD)
    assert isinstance(first, type)
    assert second == b"x"


def test_query_that_loses_its_worker_begins_again_twice(
    monkeypatch: pytest.MonkeyPatch, release: Release
) -> None:
    assert replies(monkeypatch, release, b"", b"", GOOD, GOOD) == [b"x", b"x"]
    first, second = replies(monkeypatch, release, b"", b"", b"", GOOD)
    assert isinstance(first, type)
    assert second == b"x"


def test_worker_that_has_had_enough_is_replaced(
    monkeypatch: pytest.MonkeyPatch, release: Release
) -> None:
    last = BEGUN + pack(Frame.CHUNK, b"y") + pack(Frame.END, flags=LAST)
    assert replies(monkeypatch, release, last, GOOD) == [b"y", b"x"]
