"""The shortcut answers as the layers below it do, byte for byte."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import quote, urlencode

import pytest
from fastapi import FastAPI

from tests.serve.conftest import LIBRARY
from tests.serve.helpers import serving
from tzgraph.release import Release
from tzgraph.serve.app import ServeSettings, create_app
from tzgraph.serve.connection import ClientConnection
from tzgraph.serve.handed import HandedOver
from tzgraph.serve.plain import PlainRequest, PlainRequests
from tzgraph.serve.shortcut import Connection, Shortcut

ROWS = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
MANY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
GRAPH = "CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }"
ZIP = {"Accept-Encoding": "gzip"}
ZSTD = {"Accept-Encoding": "gzip, zstd"}
DIRECT = {"Content-Type": "application/sparql-query"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def get(query: str, **parameters: str) -> str:
    """Give the target of a GET request."""
    return "/sparql?" + urlencode({"query": query, **parameters})


#: Method, target, headers and body.
PLAIN: list[tuple[str, str, dict[str, str], bytes]] = [
    ("GET", get(ROWS), {}, b""),
    ("GET", get(ROWS), {"Accept": "*/*", "Origin": "http://elsewhere.example"}, b""),
    ("GET", get(ROWS), {"Accept": "text/csv"}, b""),
    ("GET", get(ROWS), {"Accept": "application/sparql-results+xml;q=0.5, text/tab-*"}, b""),
    ("GET", get(ROWS), ZIP, b""),
    ("GET", get("SELECT * { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f }"), ZIP, b""),
    ("GET", get("SELECT * { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f }"), ZSTD, b""),
    ("GET", get(ROWS), {"Accept-Encoding": "gzip;q=0.1, identity"}, b""),
    ("GET", get(ROWS, format="csv"), {}, b""),
    ("GET", get(ROWS, download=""), {}, b""),
    ("GET", get("SELECT (NOW() = NOW() AS ?t) {}"), {}, b""),
    ("GET", get("ASK { ex:a ex:p ?o }"), {}, b""),
    ("GET", get(GRAPH), {}, b""),
    ("GET", get(GRAPH), {"Accept": "application/ld+json, text/turtle;q=0.1", **ZIP}, b""),
    ("GET", get("SELECT ?s ?o { ?s ex:p ?o }", **{"$o": "ex:b"}), {}, b""),
    ("GET", get(ROWS, **{"default-graph-uri": "http://example.org/G1"}), {}, b""),
    ("GET", get("SELECT * { ?s ?p ?o FILTER(?s = ex:none) }"), {}, b""),
    ("POST", "/sparql", DIRECT, ROWS.encode()),
    ("POST", "/sparql?format=tsv", DIRECT, ROWS.encode()),
    ("POST", "/sparql", FORM, urlencode({"query": ROWS}).encode()),
    ("POST", "/sparql", {**FORM, **ZIP}, urlencode({"query": GRAPH}).encode()),
]
STREAMED = [("GET", get(MANY), headers, b"") for headers in ({}, ZIP, {"Accept": "text/csv"})]
OTHERS: list[tuple[str, str, dict[str, str], bytes]] = [
    ("GET", get(ROWS), {"Accept": "text/html"}, b""),
    ("GET", get(ROWS, download=""), {"Accept": "text/html"}, b""),
    ("GET", get(ROWS), {"Accept": "image/png"}, b""),
    ("GET", get("SELECT * { ?s ?p }"), {}, b""),
    ("GET", get("SELECT * { ?s ?p }"), ZIP, b""),
    ("GET", get("SELECT * { SERVICE <http://127.0.0.1:9/> {} }"), {}, b""),
    ("GET", get(GRAPH), {"Accept": "text/csv"}, b""),
    ("GET", get(ROWS), {"If-None-Match": "*"}, b""),
    ("HEAD", get(ROWS), {}, b""),
    ("OPTIONS", get(ROWS), {"Origin": "http://x", "Access-Control-Request-Method": "GET"}, b""),
    ("GET", "/sparql", {}, b""),
    ("GET", "/sparql?query=ASK{}&query=ASK{}", {}, b""),
    ("GET", "/sparql?query=" + quote("ASK {}", safe="") + "&update=CLEAR+ALL", {}, b""),
    ("GET", get("SELECT ?s { ?s ex:p ?o }", **{"$o": "nothing"}), {}, b""),
    ("PUT", "/sparql", DIRECT, ROWS.encode()),
    ("POST", "/sparql", DIRECT, b"SELECT * { ?s ?p }"),
    ("POST", "/sparql", {**DIRECT, "Accept": "text/html"}, ROWS.encode()),
    ("POST", "/sparql", DIRECT, b"ASK {} #\xff"),
    ("POST", "/sparql", {"Content-Type": "text/plain"}, b"ASK {}"),
    ("POST", "/sparql", FORM, b"nothing=here"),
    ("POST", "/sparql", DIRECT, b"ASK {} #" + b"x" * 300_000),
    ("GET", "/queries/steps.json?thing=ex:a", {}, b""),
]


@pytest.fixture(scope="module")
def app(release: Release) -> FastAPI:
    """An application that keeps nothing."""
    settings = ServeSettings(max_query_bytes=200_000, cache_bytes=0)
    return create_app(release, settings=settings, library=LIBRARY)


@pytest.fixture(scope="module")
def port(app: FastAPI) -> Iterator[int]:
    """Where it is served."""
    with serving(app) as url:
        yield int(url.rpartition(":")[2])


def answer(port: int, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
    """Send a request and give all that comes back, but for the date."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "X-Request-Id: one"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}"] if body or method == "POST" else []
    sent = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        data = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    head, _, rest = data.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:")]
    return b"\r\n".join(kept) + b"\r\n\r\n" + rest


@contextmanager
def layers_only() -> Iterator[None]:
    """Let no request take the shortcut."""
    with patch.object(PlainRequests, "read", lambda *_: None):
        yield


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collect the methods of requests that take the shortcut, and of those that go on to layers."""
    taken: list[str] = []
    answer_, go_on = Shortcut.answer, ClientConnection.go_on

    async def answering(
        self: Shortcut, connection: Connection, asked: PlainRequest, data: bytes
    ) -> None:
        taken.append(asked.method)
        await answer_(self, connection, asked, data)

    def going_on(self: ClientConnection, data: bytes, given: HandedOver | None) -> None:
        taken.append("layers")
        go_on(self, data, given)

    with (
        patch.object(Shortcut, "answer", answering),
        patch.object(ClientConnection, "go_on", going_on),
    ):
        yield taken


def both_ways(
    port: int, request: tuple[str, str, dict[str, str], bytes]
) -> tuple[bytes, bytes, list[str]]:
    """Give the answer by the shortcut and by the layers, and what :func:`counting` gives."""
    with counting() as taken:
        short = answer(port, *request)
    with layers_only():
        return short, answer(port, *request), taken


@pytest.mark.parametrize("request_", [*PLAIN, *STREAMED])
def test_plain(port: int, request_: tuple[str, str, dict[str, str], bytes]) -> None:
    """Plain queries take the shortcut, those with long results with the layers' help."""
    short, long, taken = both_ways(port, request_)
    assert short == long
    assert short.startswith(b"HTTP/1.1 200 ")
    assert taken == [request_[0], *(["layers"] if request_ in STREAMED else [])]


@pytest.mark.parametrize("request_", OTHERS)
def test_others(port: int, request_: tuple[str, str, dict[str, str], bytes]) -> None:
    """What is unusual or wrong is answered the same as well."""
    short, long, _ = both_ways(port, request_)
    assert short == long


def test_failure(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of the server's own is a problem document on both ways."""
    monkeypatch.setattr("tzgraph.serve.cache.CachingEngine.query", _broken)
    short, long, taken = both_ways(port, ("GET", get(ROWS), {}, b""))
    assert short == long
    assert (short[:12], taken) == (b"HTTP/1.1 500", ["GET", "layers"])
    assert b"#internal-error" in short


async def _broken(*_: object) -> object:
    raise ZeroDivisionError
