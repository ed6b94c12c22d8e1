"""Clients that stop in the middle, send a byte at a time, or read nothing, are given up."""

from __future__ import annotations

import io
import json
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.serve.conftest import LIBRARY
from tests.serve.helpers import problem, rest, serving, wait_until
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.observe.logs import LineWriter
from tzgraph.serve.settings import IsolationSettings, ServeSettings
from tzgraph.serve.transport.http import HttpProtocol

PATIENCE = 0.6
HEAD = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
ASK = "SELECT * { ?a ?b ?c }"
#: Rows by the hundred thousand, so that no buffer on the way holds them.
MANY = "SELECT * { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(8)) + " }"


class Hurried(HttpProtocol):
    """Waits for less than a second."""

    timeout_s = PATIENCE


@pytest.fixture(scope="module")
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(scope="module")
def hurried(release: Release, log: io.StringIO) -> Iterator[str]:
    """The address of a server that does not wait for long."""
    writer = LineWriter(log)
    limits = ServeSettings(queries=IsolationSettings(workers=1, timeout_s=30), cache_bytes=0)
    app = create_app(release, settings=limits, library=LIBRARY, log=writer)
    with serving(app, Hurried) as address:
        yield address
    writer.close()


def connect(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /sparql",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b",
        HEAD + b"Content-Length: 100\r\n\r\nASK {",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\nA: b",
        HEAD.replace(b"/sparql ", b"/update ") + b"Content-Length: 100\r\n\r\nCLEAR",
    ],
)
def test_a_request_that_does_not_end(hurried: str, begun: bytes) -> None:
    started = time.monotonic()
    with connect(hurried) as connection:
        connection.sendall(begun)
        answer = rest(connection)
    assert time.monotonic() - started > PATIENCE * 0.9 or b" 403 " in answer
    head, _, body = answer.partition(b"\r\n\r\n")
    document = json.loads(body)
    if b"/update" not in begun:  # which is refused before its body is read
        assert head.startswith(b"HTTP/1.1 408 ")
        assert "TZGRAPH_REQUEST_TIMEOUT" in document["detail"]
    assert b"application/problem+json" in head


def test_a_byte_at_a_time(hurried: str) -> None:
    answer = b""
    with connect(hurried) as connection:
        try:
            for byte in HEAD + b"Content-Length: 9\r\n\r\n":
                connection.sendall(bytes([byte]))
                time.sleep(PATIENCE / 20)
        except OSError:
            pass
        answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 408 ") or answer == b""


@pytest.mark.parametrize("sent", [b"", b"\r\n"])
def test_a_connection_without_a_request(hurried: str, sent: bytes) -> None:
    with connect(hurried) as connection:
        connection.sendall(sent)
        assert rest(connection) == b""


def test_a_long_body_has_longer(hurried: str) -> None:
    """Who keeps sending is not given up, though it takes longer than the limit."""
    query = f"ASK {{}} #{'x' * 60_000}".encode()
    with connect(hurried) as connection:
        connection.sendall(HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(query))
        for start in range(0, len(query), 6_000):
            connection.sendall(query[start : start + 6_000])
            time.sleep(PATIENCE / 5)
        assert rest(connection).startswith(b"HTTP/1.1 200 ")


def test_an_answer_may_take_longer_than_a_request(hurried: str) -> None:
    """The limit is for clients, not for queries, and not for a pause between requests."""
    counted = f"SELECT (COUNT(*) AS ?n) {{ {MANY.partition('{')[2]}"
    with httpx.Client(base_url=hurried, timeout=30) as client:
        for _ in range(2):
            assert client.get("/sparql", params={"query": counted}).status_code == 200


def test_who_reads_nothing_is_given_up(hurried: str) -> None:
    """And frees the worker for others, long before the query's own limit."""
    query = httpx.QueryParams({"query": MANY, "format": "tsv"})
    started = time.monotonic()
    with connect(hurried) as connection:
        connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with httpx.Client(base_url=hurried, timeout=30) as client:
            for busy in (1, 0):
                while f'tzgraph_workers{{state="busy"}} {busy}' not in client.get("/metrics").text:
                    assert time.monotonic() < started + 10
                    time.sleep(0.01)
            assert client.get("/sparql", params={"query": ASK}).status_code == 200
        answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not answer.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("unusual", [b"", b"Range: bytes=0-3\r\n"])
def test_who_leaves_in_the_middle_is_noted_as_such(
    hurried: str, log: io.StringIO, unusual: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where the request passes through all layers; it is no mistake of the server."""
    log.seek(0)
    log.truncate()
    with connect(hurried) as connection:
        connection.sendall(HEAD + unusual + b"Content-Length: 100\r\n\r\nASK {")
    # Requests of earlier tests may be noted only now.
    wait_until(lambda: '"client-left"' in log.getvalue())
    assert "internal-error" not in log.getvalue()
    assert not [record for record in caplog.records if record.exc_info]
    problem(httpx.post(f"{hurried}/sparql"), 415)
