"""Connections: requests in a row, answers in their order, clients that flood, wait or leave."""

from __future__ import annotations

import asyncio
import io
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any, cast
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serve.conftest import LIBRARY
from tests.serve.helpers import serving, wait_until
from tests.serve.test_http import send
from tests.serve.test_operations import lines, metrics
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.engine.base import Answer, QueryRequest
from tzgraph.serve.engine.threads import InProcessEngine
from tzgraph.serve.observe.logs import LineWriter
from tzgraph.serve.settings import ServeSettings
from tzgraph.serve.transport.http import HttpProtocol

ASK = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n"
PAGE = b"GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n"
END = b"Connection: close\r\n\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"


@pytest.fixture(scope="module")
def url(release: Release) -> Iterator[str]:
    """A server that keeps nothing."""
    app = create_app(release, settings=ServeSettings(cache_bytes=0), library=LIBRARY)
    with serving(app) as address:
        yield address


class SlowEngine(InProcessEngine):
    """Waits before it begins, and counts queries that were given up meanwhile."""

    seconds = 0.3
    left = 0

    async def query(self, request: QueryRequest) -> Answer:
        """Answer late."""
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.left += 1
            raise
        return await super().query(request)


def slow(
    release: Release, seconds: float = 0.3
) -> tuple[FastAPI, SlowEngine, io.StringIO, LineWriter]:
    """Make a server whose queries take a while, and what it logs."""
    engine = SlowEngine(release.store(), release.manifest.prefixes, timeout_s=30)
    engine.seconds = seconds
    stream = io.StringIO()
    writer = LineWriter(stream)
    app = create_app(release, engine=lambda *_: engine, library=LIBRARY, log=writer)
    return app, engine, stream, writer


def test_what_comes_while_a_query_is_answered_waits(release: Release) -> None:
    """Requests that come before the answer to the last one are answered in turn, whole or cut."""
    app, *_, writer = slow(release)
    rest = ASK + b"\r\n" + PAGE + ASK + END
    for cut in (0, 10, len(ASK) + 2, len(rest) - 3):
        with serving(app) as address:
            host, port = address_of(address)
            data = b""
            with socket.create_connection((host, port), timeout=20) as client:
                for part in (ASK + b"\r\n", rest[:cut], rest[cut:]):
                    client.sendall(part)
                    time.sleep(0.05)
                data = b"".join(iter(lambda: client.recv(1 << 16), b""))
        assert data.count(b"HTTP/1.1 200 ") == 4
        assert data.count(b'"boolean":true') == 3
        assert data.rstrip().endswith(b'"boolean":true}')
    writer.close()


class Impatient(HttpProtocol):
    """Keeps idle connections for a moment only."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.timeout_keep_alive = cast("int", 0.3)


@pytest.mark.parametrize("first", [ASK + b"\r\n", PAGE])
def test_what_waits_is_no_idle_connection(release: Release, first: bytes) -> None:
    """A query that waited for its turn may take longer than an idle connection is kept."""
    app, _, _, writer = slow(release, 0.8)
    other, last = (ASK.replace(b"%7D", b"%7D" + b"%20" * count) for count in (1, 2))
    with (
        serving(app, Impatient) as address,
        socket.create_connection(address_of(address), timeout=20) as client,
    ):
        for part in (first, other + b"\r\n", last + END):
            client.sendall(part)
            time.sleep(0.05)
        data = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert data.count(b"HTTP/1.1 200 ") == 3
    writer.close()


def test_who_sends_on_and_on_is_held_up(release: Release) -> None:
    """Bytes that come meanwhile are kept up to a limit; all are answered in the end."""
    app, engine, _, writer = slow(release, 1.0)
    count = 3_000
    with serving(app) as address, socket.create_connection(address_of(address)) as client:
        client.settimeout(60)
        client.sendall(ASK + b"\r\n")
        time.sleep(0.1)
        engine.seconds = 0.0
        rest = PAGE.replace(b"GET / ", b"GET /healthz/live ") * count + ASK + END
        threading.Thread(target=client.sendall, args=(rest,)).start()
        data = b"".join(iter(lambda: client.recv(1 << 20), b""))
        assert data.count(b"HTTP/1.1 200 ") == count + 2
    writer.close()


ID = b"X-Request-Id: @\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n"
UPGRADE = b"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
#: Requests, and the status of the answer.
KINDS = {
    ASK + ID + b"\r\n": b"200",
    b"HEAD" + ASK[3:] + ID + b"\r\n": b"200",
    POST + ID + b"Content-Length: 6\r\n\r\nASK {}": b"200",
    POST + ID + CHUNKED: b"200",
    POST.replace(b"/sparql", b"/no") + ID + b"Content-Length: 6\r\n\r\nGET / ": b"404",
    PAGE[:-2] + ID + b"\r\n": b"200",
    b"GET /healthz/live HTTP/1.1\r\nHost: x\r\n" + ID + UPGRADE: b"200",
}


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=12),
    st.lists(st.integers(0, 3_000), max_size=6),
)
def test_each_request_gets_its_own_answer(url: str, kinds: list[bytes], cuts: list[int]) -> None:
    """In the order of the requests, wherever a network cuts them."""
    requests = b"".join(kind.replace(b"@", b"%d" % number) for number, kind in enumerate(kinds))
    last = b"GET /healthz/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: end\r\n" + END
    data = requests + last
    places = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    answer = send(url, *(data[a:b] for a, b in pairwise(places)))
    ids = re.findall(rb"\r\nx-request-id: (\w+)\r\n", answer)
    assert ids == [*(b"%d" % number for number in range(len(kinds))), b"end"]
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [*(KINDS[kind] for kind in kinds), b"200"]


def test_what_waits_to_be_read_is_bounded(release: Release) -> None:
    """Also where queries resume reading, and the client reads all answers."""
    connections: list[HttpProtocol] = []

    class Seen(HttpProtocol):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            connections.append(self)

    settings = ServeSettings(cache_bytes=0)
    request = POST + b"Content-Length: 6\r\n\r\nASK {}"
    with (
        serving(create_app(release, settings=settings, library=LIBRARY), Seen) as address,
        socket.create_connection(address_of(address), timeout=1) as client,
    ):
        enough = threading.Event()

        def flood() -> None:
            with suppress(OSError):
                while not enough.is_set():
                    client.sendall(request * 1_000)

        thread = threading.Thread(target=flood)
        thread.start()
        until, most = time.monotonic() + 2, 0
        while time.monotonic() < until:
            with suppress(TimeoutError):
                client.recv(1 << 16)
            most = max(most, *(len(one._held) for one in connections))
        enough.set()
        client.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert 0 < most < 1_000_000


def test_an_unread_rest_that_comes_late_leaves_an_idle_connection(release: Release) -> None:
    """It is closed like any other."""
    app = create_app(release, library=LIBRARY)
    with (
        serving(app, Impatient) as address,
        socket.create_connection(address_of(address), timeout=20) as client,
    ):
        client.sendall(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        assert read_answer(client)[0].startswith(b"HTTP/1.1 404 ")
        client.sendall(b"67890")
        client.sendall(ASK + b"\r\n")
        assert read_answer(client)[0].startswith(b"HTTP/1.1 200 ")
        client.sendall(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        assert read_answer(client)[0].startswith(b"HTTP/1.1 404 ")
        client.sendall(b"67890")
        assert client.recv(1) == b""


def test_a_client_that_leaves_ends_all_its_queries(release: Release) -> None:
    """Also those that came in one packet, of which the server answers the first one."""
    app, engine, stream, writer = slow(release, 30.0)
    with serving(app) as address:
        with socket.create_connection(address_of(address), timeout=20) as client:
            client.sendall((ASK + b"\r\n") * 3)
            wait_until(lambda: app.state.server.metrics.running == 1)
        wait_until(lambda: app.state.server.metrics.running == 0)
        assert engine.left == 1
        assert lines(stream, "access", 1)[0]["outcome"] == "client-left"
    writer.close()


def test_a_client_that_leaves_ends_its_query(release: Release) -> None:
    app, engine, stream, writer = slow(release, 30.0)
    with serving(app) as address:
        with socket.create_connection(address_of(address), timeout=20) as client:
            client.sendall(ASK + b"\r\n")
            wait_until(lambda: app.state.server.metrics.running == 1)
        wait_until(lambda: engine.left == 1)
        assert lines(stream, "access", 1)[0]["outcome"] == "client-left"
        assert app.state.server.metrics.running == 0
    writer.close()


def test_a_server_that_stops_answers_first(release: Release) -> None:
    """A query that is being evaluated gets its answer, and is told that it was the last one."""
    app, _, stream, writer = slow(release, 1.0)
    with socket.socket() as client:
        with serving(app) as address:
            client.connect(address_of(address))
            client.settimeout(20)
            client.sendall(ASK + b"\r\n")
            wait_until(lambda: app.state.server.metrics.running == 1)
        data = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert b"\r\nconnection: close\r\n" in data.lower()
    assert data.endswith(b'"boolean":true}')
    assert lines(stream, "access", 1)[0]["outcome"] == "ok"
    writer.close()


def test_a_server_that_stops_sends_long_results(release: Release) -> None:
    """Nor does it cut those that stream."""
    app, _, _, writer = slow(release, 0.5)
    many = quote("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    with socket.socket() as client:
        with serving(app) as address:
            client.connect(address_of(address))
            client.settimeout(20)
            client.sendall(ASK.replace(b"ASK%7B%7D", many.encode()) + b"\r\n")
            wait_until(lambda: app.state.server.metrics.running == 1)
        data = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert b"\r\nconnection: close\r\n" in data.lower()
    assert data.endswith(b"\r\n0\r\n\r\n")
    writer.close()


def test_the_answers_that_are_counted(release: Release) -> None:
    """Also those from the cache."""
    stream = io.StringIO()
    writer = LineWriter(stream)
    app = create_app(release, library=LIBRARY, log=writer)
    requests = [
        ("/sparql", {"query": "ASK {}"}, "ok"),
        ("/sparql", {"query": "ASK {}"}, "ok"),
        ("/sparql", {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"}, "ok"),
        ("/sparql", {"query": "ASK"}, "query-syntax"),
        ("/sparql", {"query": "ASK {}", "$x": "?"}, "usage"),
        ("/", {}, "ok"),
    ]
    with serving(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        for path, parameters, _ in requests:
            client.get(path, params=parameters, headers={"Accept": "*/*", "X-Request-Id": "r"})
        written = lines(stream, "access", len(requests))
        assert [line["outcome"] for line in written] == [outcome for *_, outcome in requests]
        assert {line["id"] for line in written} == {"r"}
        assert {line["client"] for line in written} == {"127.0.0.1"}
        counted = metrics(client)
        name = "tzgraph_request_duration_seconds_count"
        assert counted[f'{name}{{outcome="ok",route="/sparql"}}'] == 3
        assert counted[f'{name}{{outcome="query-syntax",route="/sparql"}}'] == 1
        assert counted["tzgraph_requests_running"] == 1  # that of the metrics
        assert counted['tzgraph_cache_hits_total{layer="answer"}'] == 1
    writer.close()


def test_an_answer_that_was_given_before(release: Release) -> None:
    """It is the same from the cache."""
    app = create_app(release, library=LIBRARY)
    request = ASK + b"X-Request-Id: one\r\n" + END
    with serving(app) as address:
        first = without_date(send(address, request))
        assert app.state.server.cache.hits["answer"] == 0
        assert without_date(send(address, request)) == first
        assert app.state.server.cache.hits["answer"] == 1


@pytest.mark.parametrize("at_once", [1, 1_000])
def test_who_reads_nothing_fills_no_memory(release: Release, at_once: int) -> None:
    """Neither requests nor answers are piled up for a client that does not take them."""
    app = create_app(release, library=LIBRARY)
    query = quote("SELECT (CONCAT(?y, ?y, ?y, ?y) AS ?x) { VALUES ?y { '%s' } }" % ("y" * 500))
    request = ASK.replace(b"ASK%7B%7D", query.encode()) + b"\r\n"
    with serving(app) as address, socket.create_connection(address_of(address)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(1)

        def ask() -> None:
            for _ in range(0, 100_000, at_once):
                client.sendall(request * at_once)

        with pytest.raises(TimeoutError):
            ask()


def address_of(url: str) -> tuple[str, int]:
    """Give host and port."""
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


def read_answer(client: socket.socket) -> tuple[bytes, bytes]:
    """Read one answer with a length: head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(1 << 16)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += client.recv(1 << 16)
    assert len(body) == length
    return head, body


def without_date(data: bytes) -> bytes:
    """Give an answer without the lines that differ from one second to the next."""
    return b"\r\n".join(line for line in data.split(b"\r\n") if not line.startswith(b"date:"))
