"""Headers of the protocol: CORS, OPTIONS, validators, compression, download, HEAD."""

from __future__ import annotations

import gzip
import socket
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.serve.conftest import LIBRARY
from tests.serve.helpers import problem, serving
from tzgraph.errors import QueryError
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.engine.base import CHUNK, Answer, QueryRequest
from tzgraph.serve.isolation import IsolatedEngine
from tzgraph.serve.settings import ServeSettings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "zstd": zstd.decompress,
}
STREAMS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "zstd": zstd.ZstdDecompressor,
}
SELECT = "SELECT ?s ?o WHERE { ?s ex:p ?o } ORDER BY ?s"
DIGITS = "VALUES ?d { 0 1 2 3 4 5 6 7 8 9 }"


def numbers(places: int) -> str:
    """A query with ten to the power of so many rows."""
    return f"SELECT * {{ {' '.join(DIGITS.replace('?d', f'?d{i}') for i in range(places))} }}"


def ask(client: httpx.Client, query: str = SELECT, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/sparql", params={"query": query}, headers=named)


def test_pages_of_any_origin_may_read(client: httpx.Client) -> None:
    for response in (
        ask(client),
        client.post("/sparql", data={"query": SELECT}),
        ask(client, "SELEC"),
        client.get("/nowhere"),
    ):
        assert response.headers["access-control-allow-origin"] == "*"
        assert "ETag" in response.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in response.headers
    assert "access-control-allow-origin" not in client.get("/healthz").headers


def test_preflight(client: httpx.Client) -> None:
    """A browser that asks first learns methods and headers, as a POST of a query needs them."""
    asked = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    response = client.options("/sparql", headers=asked)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == "*"
    methods = response.headers["access-control-allow-methods"].split(", ")
    assert {"GET", "HEAD", "POST"} <= set(methods)
    assert response.headers["access-control-allow-headers"].lower() == "content-type"
    assert int(response.headers["access-control-max-age"]) > 0


def test_options_say_what_a_route_takes(client: httpx.Client) -> None:
    response = client.options("/sparql")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST, QUERY"
    assert "application/sparql-query" in response.headers["accept-post"]
    assert "access-control-allow-methods" not in response.headers
    assert client.options("/explain").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options("/static/tzgraph.css").status_code == 204
    problem(client.options("/nowhere"), 404)
    problem(client.put("/sparql"), 405)
    assert client.put("/sparql").headers["allow"] == "GET, HEAD, OPTIONS, POST, QUERY"
    assert client.get("/update").headers["allow"] == "OPTIONS, POST"


def test_vary(client: httpx.Client) -> None:
    """Caches on the way keep formats and encodings apart."""
    for response in (ask(client), client.get("/"), client.get("/nowhere")):
        assert {"Accept", "Accept-Encoding"} <= set(response.headers["vary"].split(", "))


def test_etag_says_what_the_result_is_made_from(client: httpx.Client, release: Release) -> None:
    first = ask(client).headers["etag"]
    assert first.startswith(f'W/"{release.manifest.id}-')
    assert ask(client).headers["etag"] == first
    others = [
        ask(client, SELECT + " "),
        ask(client, Accept="text/csv"),
        ask(client, Accept="text/html"),
        client.get("/sparql", params={"query": SELECT, "default-graph-uri": "http://x.org/"}),
        client.get("/sparql", params={"query": SELECT, "named-graph-uri": "http://x.org/"}),
        client.get("/sparql", params={"query": SELECT, "$s": "ex:a"}),
    ]
    assert {r.status_code for r in others} == {200}
    assert len({first, *(r.headers["etag"] for r in others)}) == 1 + len(others)


def test_not_modified(client: httpx.Client) -> None:
    """Who has the result is told so, without a body and with the same headers."""
    tag = ask(client).headers["etag"]
    for named in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        response = ask(client, If_None_Match=named)
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == tag
        assert "Accept-Encoding" in response.headers["vary"]
    assert ask(client, If_None_Match='"other"').status_code == 200
    assert ask(client, "SELEC", If_None_Match="*").status_code == 400
    posted = client.post("/sparql", data={"query": SELECT}, headers={"If-None-Match": tag})
    assert posted.status_code == 200
    assert "etag" not in posted.headers


def test_not_modified_is_said_without_evaluating(client: httpx.Client) -> None:
    """Otherwise it would save bytes and no work."""
    endless = numbers(9)
    with client.stream("GET", "/sparql", params={"query": endless}) as response:
        tag = response.headers["etag"]
    assert ask(client, endless, If_None_Match=tag).elapsed.total_seconds() < 1


@pytest.mark.parametrize("call", ["NOW()", "rand()", "UUID()", "struuid()", "BNODE()"])
def test_what_changes_each_time_has_no_tag(client: httpx.Client, call: str) -> None:
    response = ask(client, f"SELECT ({call} AS ?x) {{}}")
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"


def raw(client: httpx.Client, query: str, encoding: str | None) -> tuple[httpx.Response, bytes]:
    request = client.build_request("GET", "/sparql", params={"query": query})
    del request.headers["accept-encoding"]
    if encoding is not None:
        request.headers["Accept-Encoding"] = encoding
    response = client.send(request, stream=True)
    return response, b"".join(response.iter_raw())


@pytest.mark.parametrize(
    ("encoding", "coding"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("br, GZIP;q=0.1", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0, *", None),
        ("gzip;q=0.5, identity", None),
        ("gzip;q=0.5, identity;q=0.2", "gzip"),
        ("gzip;q=nonsense", None),
        ("identity", None),
        ("*;q=0", None),
        ("gzip, deflate, br, zstd", "zstd"),
        ("Zstd", "zstd"),
        ("gzip, zstd;q=0.5", "gzip"),
        ("gzip;q=0.5, zstd;q=0.6", "zstd"),
        ("zstd;q=0, *", "gzip"),
        ("zstd;q=0.5, identity", None),
    ],
)
@pytest.mark.parametrize("places", [2, 5])
def test_compression(
    client: httpx.Client, encoding: str | None, coding: str | None, places: int
) -> None:
    """Whole and streamed bodies are compressed for who wants it, and only then."""
    plain = raw(client, numbers(places), None)[1]
    response, body = raw(client, numbers(places), encoding)
    assert response.headers.get("content-encoding") == coding
    assert UNPACK[coding](body) == plain
    assert ("content-length" in response.headers) == (places == 2)
    if coding:
        assert len(body) < len(plain) / 4


def test_short_bodies_stay_as_they_are(client: httpx.Client) -> None:
    response = ask(client, "ASK {}", Accept_Encoding="gzip")
    assert "content-encoding" not in response.headers


def test_static_files_are_compressed(client: httpx.Client) -> None:
    response = client.get("/static/tzgraph.css", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    tag = response.headers["etag"]
    again = client.get("/static/tzgraph.css", headers={"If-None-Match": tag})
    assert again.status_code == 304


@pytest.mark.parametrize("asked", ["bytes=0-3", "bytes=0-1999", "bytes=999999-", "bytes=x", "x=1"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_there_are_no_parts(client: httpx.Client, asked: str, encoding: str) -> None:
    """A request for a range gets the whole."""
    whole = client.get("/static/tzgraph.css", headers={"Accept-Encoding": encoding})
    headers = {"Accept-Encoding": encoding, "Range": asked, "If-Range": whole.headers["etag"]}
    part = client.get("/static/tzgraph.css", headers=headers)
    assert (part.status_code, part.content) == (200, whole.content)
    assert part.headers["accept-ranges"] == "none"
    assert ask(client, Range=asked).content == ask(client).content


@pytest.mark.parametrize("path", ["/nowhere", "/update", "/static/nothing", "/id/x/y", "/graphs"])
def test_head_of_an_error_has_the_length_of_get(client: httpx.Client, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_code == get.status_code >= 400
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize("places", [1, 2, 5])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
def test_head_has_the_headers_of_get(client: httpx.Client, places: int, encoding: str) -> None:
    def headers(method: str) -> dict[str, str]:
        sent = {"Accept-Encoding": encoding}
        params = {"query": numbers(places), "format": "csv"}
        with client.stream(method, "/sparql", params=params, headers=sent) as response:
            body = b"".join(response.iter_raw())
        assert bool(body) == (method == "GET")
        changing = ("date", "x-request-id")
        return {name: value for name, value in response.headers.items() if name not in changing}

    assert headers("HEAD") == headers("GET")


@pytest.mark.parametrize(
    ("query", "params", "name"),
    [
        (SELECT, {"format": "csv"}, "result.csv"),
        (SELECT, {"format": "json"}, "result.json"),
        (SELECT, {"download": ""}, "result.json"),
        (SELECT, {"download": "1", "format": "xml"}, "result.xml"),
        ("CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }", {"format": "turtle"}, "result.ttl"),
        ("CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }", {"download": "yes"}, "result.ttl"),
        (SELECT, {}, None),
        (SELECT, {"download": "0"}, None),
        (SELECT, {"format": "turtle"}, None),
    ],
)
def test_download(
    client: httpx.Client, query: str, params: dict[str, str], name: str | None
) -> None:
    """A link that asks for a format or a download gives a file with a name."""
    response = client.get("/sparql", params={"query": query, **params})
    expected = None if name is None else f'attachment; filename="{name}"'
    assert response.headers.get("content-disposition") == expected


class BreakingEngine(IsolatedEngine):
    """Breaks each result off after some chunks."""

    async def query(self, request: QueryRequest) -> Answer:
        answer = await super().query(request)

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(3):
                chunk = await anext(answer.chunks)
                assert len(chunk) == CHUNK
                yield chunk
            raise QueryError("broken on purpose")

        return replace(answer, chunks=chunks())


@pytest.fixture(scope="module")
def breaking(release: Release) -> Iterator[str]:
    """The address of a server whose results break off."""

    def engine(data: Release, settings: ServeSettings) -> IsolatedEngine:
        return BreakingEngine(data, settings.queries)

    with serving(create_app(release, engine=engine, library=LIBRARY)) as address:
        yield address


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_what_breaks_off_looks_incomplete(breaking: str, encoding: str, version: str) -> None:
    """No last chunk, no end of the compressed stream; in HTTP/1.0, no result at all."""
    host, port = breaking.removeprefix("http://").split(":")
    query = httpx.QueryParams({"query": numbers(5)})
    head = f"GET /sparql?{query} HTTP/{version}\r\nHost: {host}\r\nAccept-Encoding: {encoding}\r\n"
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(f"{head}\r\n".encode())
        data, reset = b"", False
        try:
            while part := connection.recv(65536):
                data += part
        except ConnectionResetError:
            reset = True
    start, _, body = data.partition(b"\r\n\r\n")
    # A plain end is an end to clients that don't look for the last chunk.
    assert reset == (version == "1.1")
    if version == "1.0":
        assert start.startswith(b"HTTP/1.1 400")
        return
    assert start.startswith(b"HTTP/1.1 200")
    assert b"transfer-encoding: chunked" in start.lower()
    assert not body.endswith(b"0\r\n\r\n")
    if encoding in STREAMS:
        stream = STREAMS[encoding]()
        while body:
            size, _, body = body.partition(b"\r\n")
            stream.decompress(body[: int(size, 16)])
            body = body[int(size, 16) + 2 :]
        assert not stream.eof


def test_what_was_answered_before_arrives_whole(breaking: str) -> None:
    """The connection is reset when the client has got all that was sent, and not before."""
    host, port = breaking.removeprefix("http://").split(":")
    first = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    query = httpx.QueryParams({"query": numbers(5)})
    second = f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n"
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall((first + second + first).encode())
        time.sleep(0.5)  # more waits than is read
        data = bytearray()

        def read() -> None:
            while part := connection.recv(1000):
                data.extend(part)

        with pytest.raises(ConnectionResetError):
            read()
    assert data.count(b"HTTP/1.1 200") == 2
    assert b'"status":"ok"' in data.replace(b" ", b"")
    assert len(data) > CHUNK
    # Others go on.
    assert httpx.get(f"{breaking}/healthz").status_code == 200
