"""What the parser of requests leaves open is closed: long heads, other protocols, no HTTP."""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import suppress

import httpx
import pytest

from tests.serve.conftest import LIBRARY
from tests.serve.helpers import problem, rest, serving, wait_until
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.transport.heads import MAX_FIELDS, MAX_HEADERS, MAX_PATH, MAX_URL

PROBLEM = b"content-type: application/problem+json"
ASK = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"


def send(url: str, *parts: bytes) -> bytes:
    """Send bytes and give what comes back until the server hangs up."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        with suppress(OSError):  # it has heard enough
            for part in parts:
                connection.sendall(part)
        return rest(connection)


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        ASK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nASK {}",
        ASK + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ASK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        # RFC 9112, 3.2: none, several, or what is no host
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x y\r\n\r\n",
        b'GET / HTTP/1.1\r\nHost: x"><script>\r\n\r\n',
        b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x:port\r\n\r\n",
        ASK + b"Transfer-Encoding: gzip, chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n",
    ],
)
def test_no_http(url: str, request_: bytes) -> None:
    """What is no request gets a problem document and the end of the connection."""
    answer = send(url, request_)
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert PROBLEM in answer
    assert b"\r\ndate: " in answer
    assert b"\r\naccess-control-allow-origin: *" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] >= 400


@pytest.mark.parametrize(
    "endless",
    [
        (b"GET /" + b"x" * 100_000, b"x" * 100_000),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"x" * 100_000),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"A: b\r\n" * 20_000),
        (ASK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n", b"A: b\r\n" * 20_000),
    ],
)
def test_endless_head(url: str, endless: tuple[bytes, bytes]) -> None:
    """A head or tail that does not end is not kept beyond the limit."""
    answer = send(url, endless[0], *[endless[1]] * 30)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 6\r\n\r\nASK {}",
        b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("protocol", [b"h2c", b"websocket"])
def test_offer_of_another_protocol(url: str, body: bytes, protocol: bytes) -> None:
    """A client that would rather speak HTTP/2 is answered in HTTP/1.1, its body read."""
    offer = (
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: %b\r\nHTTP2-Settings: A\r\n" % protocol
    )
    head = ASK + offer
    again = ASK + b"Connection: close\r\n"
    both = send(url, head + body + again + body)
    assert both.count(b"HTTP/1.1 200 ") == 2
    assert both.count(b'"boolean":true') == 2
    # In pieces, as networks may cut it.
    both = send(url, head[:90], head[90:], body[:30], body[30:] + again, body)
    assert both.count(b'"boolean":true') == 2


def test_requests_in_a_row(url: str) -> None:
    """Requests that come before the answer to the last one are answered one after another."""
    get = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n"
    head = b"HEAD" + get[3:] + b"\r\n"
    answer = send(url, (get + b"\r\n" + head) * 3 + get + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 ") == 7
    assert answer.count(b'"boolean":true') == 4


@pytest.mark.parametrize(
    "host",
    [
        b"x",
        b"x:80",
        b"[::1]:80",
        b"127.0.0.1",
        b"a_b.example",
        b"b%C3%BCcher.example",
        b"",
        b"x \t",
    ],
)
def test_hosts(url: str, host: bytes) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % host
    assert send(url, request).startswith(b"HTTP/1.1 200 ")
    assert send(url, b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_space_behind_a_header_is_no_part_of_it(url: str) -> None:
    head = ASK + b"Connection: close\r\nX-Request-Id: mine \r\n"
    answer = send(url, head + b"Transfer-Encoding: Chunked \r\n\r\n6\r\nASK {}\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"x-request-id: mine\r\n" in answer


def test_a_list_in_several_lines(url: str) -> None:
    """What a client accepts may stand in several lines (RFC 9110, 5.3)."""
    head = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    xml = b"Accept: application/sparql-results+xml\r\n"
    for lines in (b"Accept: text/csv;q=0.1\r\n" + xml, xml + b"Accept: text/csv;q=0.1\r\n"):
        assert b"content-type: application/sparql-results+xml" in send(url, head + lines + b"\r\n")
    tag = httpx.get(f"{url}/sparql?query=ASK{{}}", headers={"Accept": "*/*"}).headers["etag"]
    tags = b'If-None-Match: "x"\r\nAccept: */*\r\nIf-None-Match: %b\r\n\r\n' % tag.encode()
    assert send(url, head + tags).startswith(b"HTTP/1.1 304 ")


def test_too_many_connections(release: Release) -> None:
    """Who comes when there is no room is told so, and when to come again."""
    with (
        serving(create_app(release, library=LIBRARY), connections=2) as url,
        httpx.Client(base_url=url) as first,
    ):
        assert first.get("/healthz").status_code == 200
        with httpx.Client(base_url=url) as second:
            refused = second.get("/healthz")
            assert str(problem(refused, 503)["type"]).endswith("#busy")
            assert int(refused.headers["retry-after"]) > 0
            assert refused.headers["connection"] == "close"
            assert refused.headers["x-content-type-options"] == "nosniff"
            assert second.head("/healthz").status_code == 503
        # The server takes notice a little later that the other one has left.
        wait_until(lambda: first.get("/healthz").status_code == 200)


@pytest.mark.parametrize("path", ["/sparql", "/update"])
def test_a_body_that_is_too_long_is_not_asked_for(url: str, path: str) -> None:
    """Who waits for leave to send it gets the error in its place (RFC 9110, 10.1.1)."""
    head = ASK.replace(b"/sparql ", path.encode() + b" ")
    rest = b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 3000000000\r\n\r\n"
    answer = send(url, head + rest)
    assert answer.startswith(b"HTTP/1.1 413 " if path == "/sparql" else b"HTTP/1.1 403 ")
    assert PROBLEM in answer


@pytest.mark.parametrize("length", [b"Content-Length: 8000000", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("path", [b"/sparql", b"/update", b"/nowhere"])
def test_who_still_sends_gets_the_answer(url: str, path: bytes, length: bytes) -> None:
    """As behind a proxy that uses each connection once: it is not hung up on before it has read."""
    host, _, port = url.removeprefix("http://").partition(":")
    head = ASK.replace(b"/sparql ", path + b" ") + length + b"\r\nConnection: close\r\n\r\n"
    piece = b"#" * 80_000
    chunk = piece if length.startswith(b"C") else b"%x\r\n%b\r\n" % (len(piece), piece)
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(chunk)
        connection.sendall(b"" if length.startswith(b"C") else b"0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 4")
    assert PROBLEM in answer
    assert b"connection: close" in answer.lower()


CLOSE = b"Connection: close\r\n\r\n"
LIVE = b"GET /healthz/live HTTP/1.1\r\nHost: x\r\n"


def target(length: int) -> bytes:
    """Give a target of so many bytes, with a query."""
    begun = b"/sparql?query=ASK%7B%7D%20%23"
    return begun + b"a" * (length - len(begun))


def headers(length: int, lines: int = 4) -> bytes:
    """Give the rest of a head with so many bytes of headers, so many lines in all."""
    fixed = b"Host: x\r\nConnection: close\r\n"
    room, others = length - len(fixed), lines - 2
    each = room // others
    last = room - each * (others - 1)
    sizes = [each] * (others - 1) + [last]
    return fixed + b"".join(b"A: %b\r\n" % (b"x" * (size - 5)) for size in sizes) + b"\r\n"


@pytest.mark.parametrize(("more", "status"), [(-20_000, b"200"), (0, b"200"), (1, b"414")])
def test_limit_of_urls(url: str, more: int, status: bytes) -> None:
    answer = send(url, b"GET %b HTTP/1.1\r\nHost: x\r\n" % target(MAX_URL + more) + CLOSE)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert (PROBLEM in answer) == (status != b"200")
    absolute = b"GET http://x%b HTTP/1.1\r\nHost: x\r\n" % target(MAX_URL + more - len("http://x"))
    assert send(url, absolute + CLOSE).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(("more", "status"), [(0, b"404"), (1, b"414")])
def test_limit_of_paths(url: str, more: int, status: bytes) -> None:
    """One of 60,000 parts would take the file system minutes."""
    path = b"/static/" + b"a/" * MAX_PATH
    line = b"GET %b?%b HTTP/1.1\r\nHost: x\r\n" % (path[: MAX_PATH + more], b"x" * 20_000)
    answer = send(url, line + CLOSE)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert PROBLEM in answer


@pytest.mark.parametrize(
    ("size", "count", "status"),
    [(1, 1_000, b"200"), (1, 300_000, b"400"), (40, 2_500, b"200")],
)
def test_pieces_of_a_body(url: str, size: int, count: int, status: bytes) -> None:
    """A body may come in small pieces, but not in very many very small ones."""
    blank = b"%x\r\n%b\r\n" % (size, b" " * size)
    head = ASK + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n"
    answer = send(url, head + blank * count + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(("more", "status"), [(0, b"200"), (1, b"431")])
def test_limit_of_headers(url: str, more: int, status: bytes) -> None:
    """All together, in a few lines or in as many as there may be, whole or in pieces."""
    line = LIVE.partition(b"\r\n")[0] + b"\r\n"
    for lines in (4, MAX_FIELDS):
        answer = send(url, line + headers(MAX_HEADERS + more, lines))
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert (PROBLEM in answer) == (status != b"200")
    head = line + headers(MAX_HEADERS + more)
    cut = [head[start : start + 1_000] for start in range(0, len(head), 1_000)]
    assert send(url, *cut).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(("count", "status"), [(MAX_FIELDS, b"200"), (MAX_FIELDS + 1, b"431")])
def test_limit_of_the_number_of_headers(url: str, count: int, status: bytes) -> None:
    lines = [*LIVE.splitlines(), b"Connection: close", *[b"a:"] * (count - 2)]
    answer = send(url, b"\r\n".join([*lines, b"", b""]))
    assert answer.startswith(b"HTTP/1.1 " + status)


def test_limits_hold_for_each_request(url: str) -> None:
    """Also for one that came in the same packet as the one before it."""
    for wrong, status in (
        (b"GET %b HTTP/1.1\r\nHost: x\r\n" % target(MAX_URL + 1) + CLOSE, b"414"),
        (LIVE + b"a:\r\n" * 20_000 + CLOSE, b"431"),
    ):
        answer = send(url, LIVE + b"\r\n" + wrong)
        assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", status]


def test_a_head_that_comes_a_byte_at_a_time(url: str) -> None:
    head = LIVE + b"X-Request-Id: slowly\r\n" + CLOSE
    answer = send(url, *(head[place : place + 1] for place in range(len(head))))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"x-request-id: slowly\r\n" in answer


def test_long_headers_are_read_in_no_time(url: str) -> None:
    """What an Accept header of the largest size says is found out once."""
    accept = b"Accept: " + b"a/b," * 8_000 + b"text/csv\r\n"
    began = time.monotonic()
    answer = send(url, b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n" + accept + CLOSE)
    assert b"content-type: text/csv" in answer
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("line", "host", "shown"),
    [
        (b"GET http://right.example/sparql HTTP/1.1", b"wrong.example", b"http://right.example/"),
        (b"GET HTTP://right.example:81/sparql HTTP/1.1", b"x", b"http://right.example:81/sparql"),
        (b"GET http://right.example/sparql HTTP/1.0", b"", b"http://right.example/sparql"),
        (b"GET /sparql HTTP/1.1", b"right.example", b"http://right.example/sparql"),
    ],
)
def test_what_the_target_names_counts(url: str, line: bytes, host: bytes, shown: bytes) -> None:
    """Whatever Host says (RFC 9112, 3.2.2)."""
    head = line + b"\r\nHost: " + host + b"\r\nAccept: text/turtle\r\n"
    answer = send(url, head + CLOSE)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert shown in answer
    assert b"wrong" not in answer


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET http://x?other=1 HTTP/1.1", b"200"),  # the path is /
        (b"OPTIONS http://x HTTP/1.1", b"204"),
        (b"OPTIONS * HTTP/1.1", b"204"),
        (b"GET * HTTP/1.1", b"400"),
        (b"GET http://user@x/ HTTP/1.1", b"400"),
        (b"GET http:///sparql HTTP/1.1", b"400"),
        (b"GET ftp://x/sparql HTTP/1.1", b"400"),
        (b"GET sparql HTTP/1.1", b"400"),
    ],
)
def test_forms_of_targets(url: str, line: bytes, status: bytes) -> None:
    answer = send(url, line + b"\r\nHost: y\r\n" + CLOSE)
    assert answer.startswith(b"HTTP/1.1 " + status)


SLOW = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(7)) + " }"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x y\r\n\r\n", b"400"),
        (LIVE + b"a:\r\n" * 200 + b"\r\n", b"431"),
        (ASK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
    ],
)
def test_what_is_wrong_is_said_in_its_turn(url: str, wrong: bytes, status: bytes) -> None:
    """Not to the requests before it, which are being answered."""
    slow = ASK + b"X-Request-Id: slow\r\nContent-Length: %d\r\n\r\n" % len(SLOW) + SLOW.encode()
    for before in (slow, slow + LIVE + b"\r\n"):
        answer = send(url, before + wrong)
        statuses = re.findall(rb"HTTP/1.1 (\d+)", answer)
        assert statuses == [b"200"] * before.count(b"Host") + [status]
        assert answer.index(b"slow") < answer.index(PROBLEM)


def test_a_wrong_rest_of_a_request_that_has_its_answer(url: str) -> None:
    """It ends the connection, and is not answered a second time."""
    host, _, port = url.removeprefix("http://").partition(":")
    head = ASK.replace(b"/sparql", b"/nowhere") + b"Transfer-Encoding: chunked\r\n\r\n1\r\nA"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head)
        data = connection.recv(1 << 16)
        connection.sendall(b"nonsense")
        data += b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert re.findall(rb"HTTP/1.1 (\d+)", data) == [b"404"]
