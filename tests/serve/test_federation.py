"""Queries that call other endpoints: those of the list, through the relay, and no others."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.query.test_guard import REFUSED
from tests.serve.helpers import EX, problem, serving, wait_until
from tests.serve.test_isolation import descendants, product
from tzgraph import __version__
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.federation import read_endpoints, remote
from tzgraph.serve.isolation import IsolatedEngine, is_supported
from tzgraph.serve.isolation.fetching import FETCHER, Fetcher
from tzgraph.serve.settings import Federation, IsolationSettings, ServeSettings

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux isolates queries")

JSON = "application/sparql-results+json"


def rows(*values: str) -> bytes:
    """Write a result with IRIs for a variable ``o``."""
    bindings = [{"o": {"type": "uri", "value": value}} for value in values]
    return json.dumps({"head": {"vars": ["o"]}, "results": {"bindings": bindings}}).encode()


@dataclass
class Stub:
    """An endpoint that answers as a test wants."""

    answer: Callable[[BaseHTTPRequestHandler], None] | None = None
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sparql?x=1"


def replying(body: bytes, media_type: str = JSON, status: int = 200, **headers: str) -> Any:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def stubbing() -> Iterator[Stub]:
    stub = Stub(replying(rows(EX + "remote")))

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            stub.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stub.asked.append((self.path, dict(self.headers.items()), body))
            assert stub.answer is not None
            stub.answer(self)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    stub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Server:
    client: httpx.Client
    engine: IsolatedEngine

    def ask(self, query: str) -> httpx.Response:
        return self.client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"})

    def values(self, query: str) -> list[str]:
        answer = self.ask(query)
        assert answer.status_code == 200, answer.text
        return sorted(answer.text.split()[1:])


@contextmanager
def federating(
    release: Release,
    endpoints: Sequence[str],
    *,
    private: bool = True,
    reply_bytes: int = 1_000_000,
    places: int = 4,
    **limits: float,
) -> Iterator[Server]:
    federation = Federation(read_endpoints(" ".join(endpoints)), private, reply_bytes, places)
    defaults: dict[str, Any] = {"timeout_s": 20, "workers": 1, "federation": federation}
    settings = ServeSettings(queries=IsolationSettings(**(defaults | limits)))
    engines: list[IsolatedEngine] = []

    def engine(release: Release, settings: ServeSettings) -> IsolatedEngine:
        engines.append(IsolatedEngine(release, settings.queries))
        return engines[0]

    with (
        serving(create_app(release, settings=settings, engine=engine)) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield Server(client, engines[0])


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with stubbing() as one:
        yield one


@pytest.fixture(scope="module")
def server(release: Release, stub: Stub) -> Iterator[Server]:
    listed = [stub.url, "http://127.0.0.1:9/dead", "http://example.org/ns/sparql"]
    with federating(release, listed) as one:
        yield one


@pytest.fixture(autouse=True)
def usual(stub: Stub) -> None:
    stub.answer = replying(rows(EX + "remote"))
    stub.asked.clear()
    stub.connections = 0


def test_allowed(server: Server, stub: Stub) -> None:
    query = (
        f"SELECT ?o {{ {{ ex:a ex:p ?o }} UNION {{ SERVICE <{stub.url}> {{ ex:a ex:p ?o }} }} }}"
    )
    assert server.values(query) == [EX + "b", EX + "remote"]
    ((path, headers, body),) = stub.asked
    assert path == "/sparql?x=1"
    assert EX.encode() in body
    named = {name.lower(): value for name, value in headers.items()}
    assert named.pop("content-length") == str(len(body))
    assert named == {
        "host": f"127.0.0.1:{stub.port}",
        "user-agent": f"tzgraph/{__version__}",
        "accept": "application/sparql-results+json, application/sparql-results+xml",
        "accept-encoding": "identity",
        "content-type": "application/sparql-query",
        "connection": "close",
    }


def test_another_tzgraph(release: Release) -> None:
    """Also by a POST to the engine's liking, with JSON as the answer."""
    with serving(create_app(release)) as other, federating(release, [f"{other}/sparql"]) as server:
        remote = f"SERVICE <{other}/sparql> {{ ?b <{EX}p> ?o }}"
        assert server.values(f"SELECT ?o {{ ex:a ex:p ?b . {remote} }}") == [EX + "c"]


@pytest.mark.parametrize("budget", [2048, 0], ids=["memory", "disk"])
def test_joins_and_prefixes(release: Release, stub: Stub, budget: int) -> None:
    """A name whose prefix is declared or known is an endpoint too."""
    stub.answer = replying(rows(EX + "b", EX + "nowhere"))
    base = stub.url.rpartition("/")[0] + "/"
    with federating(release, [base + "sparql", EX + "remote"], graph_memory_mb=budget) as server:
        prologue = f"PREFIX e: <{base}> "
        service = "SERVICE SILENT e:sparql { ?x ex:q ?o }"
        assert server.values(prologue + f"SELECT ?o {{ ex:a ex:p ?o . {service} }}") == [EX + "b"]
        # A known prefix: let through, and then the host isn't there to be called.
        answer = server.ask("SELECT ?o { SERVICE ex:remote { ?x ex:q ?o } }")
        assert str(problem(answer, 502)["type"]).endswith("#remote-failed")
        assert server.values("SELECT ?o { ex:a ex:p ?o }") == [EX + "b"]


def test_same_answer_is_asked_for_again(server: Server, stub: Stub) -> None:
    """Other endpoints change, so nothing is kept and there is no ETag."""
    query = f"SELECT ?o {{ service silent <{stub.url}> {{ ?s ?p ?o }} }}"
    for _ in range(2):
        answer = server.client.get("/sparql", params={"query": query})
        assert answer.status_code == 200
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
    assert len(stub.asked) == 2


def test_nested_service_goes_out_under_its_own_name(server: Server, stub: Stub) -> None:
    inner = f"SERVICE <{stub.url}> {{ ?s ?p ?o }}"
    assert server.values(f"SELECT ?o {{ SERVICE <{stub.url}> {{ {inner} }} }}") == [EX + "remote"]
    assert f"SERVICE <{stub.url}>".encode() in stub.asked[0][2]


@pytest.mark.parametrize(
    "service",
    [
        "SERVICE ?e { ?s ?p ?o }",
        "SERVICE <http://127.0.0.1:{port}/other> { ?s ?p ?o }",
        "SERVICE SILENT <http://127.0.0.1:{port}/sparql> { ?s ?p ?o }",
        "SERVICE <http://127.0.0.1:{port}/sparql?x=1#f> { ?s ?p ?o }",
        "SERVICE <http://user@127.0.0.1:{port}/sparql?x=1> { ?s ?p ?o }",
        "SERVICE <sparql> { ?s ?p ?o }",
        "SERVICE ex:sparql { ?s ?p ?o }",
        "SERVICE unknown:x { ?s ?p ?o }",
        "SERVICE _:b { ?s ?p ?o }",
        "?s ?p 1.SERVICE <http://127.0.0.1:{port}/sparql?x=1> { ?s ?p ?o }",
        "?s ?p trueSERVICE <http://127.0.0.1:{port}/sparql?x=1> { ?s ?p ?o }",
        "SERVICESILENT <http://127.0.0.1:{port}/sparql?x=1> { ?s ?p ?o }",
        "SERVICE SILENTex:x { ?s ?p ?o }",
        "\\u0053ERVICE <http://127.0.0.1:{port}/sparql?x=1> { ?s ?p ?o }",
        "SERVICE <http://127.0.0.1:{port}/sp\\u0061rql?x=1> { ?s ?p ?o }",
        'SERVICE <http://127.0.0.1:{port}/sparql?x=1> { ?s ?p "\\u0022" }',
    ],
)
def test_refused(server: Server, stub: Stub, service: str) -> None:
    query = "ASK { " + service.replace("{port}", str(stub.port)) + " }"
    document = problem(server.ask(query), 400)
    assert str(document["type"]).endswith("#federation-denied")
    assert document["line"] == 1
    assert int(str(document["column"])) >= 7
    assert "TZGRAPH_FEDERATION" in str(document["detail"])
    assert not stub.connections


@pytest.mark.parametrize("query", REFUSED)
def test_tricks(server: Server, stub: Stub, query: str) -> None:
    """What is refused without a list is refused with one, also where it names what is listed."""
    for text in (query, query.replace("http://127.0.0.1:9/", stub.url)):
        # These two are no tricks when the endpoint is listed.
        plain = query in REFUSED[:2] and text != query
        assert server.ask(text).status_code == (200 if plain else 400)
        assert stub.connections == plain


def test_nothing_is_listed(release: Release, stub: Stub) -> None:
    with federating(release, []) as server:
        document = problem(server.ask(f"ASK {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}"), 400)
        assert "TZGRAPH_FEDERATION" in str(document["detail"])
        assert not stub.connections


def test_private_addresses(release: Release, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is where a name leads, and that address is the one that is connected to."""
    listed = [stub.url, f"http://name.example:{stub.port}/", "http://[::ffff:127.0.0.1]/"]
    monkeypatch.setattr(remote, "resolve", resolver := Resolver({"name.example": "127.0.0.1"}))
    with federating(release, listed, private=False) as server:
        for iri in listed:
            document = problem(server.ask(f"SELECT * {{ SERVICE <{iri}> {{ ?s ?p ?o }} }}"), 502)
            assert str(document["type"]).endswith("#remote-failed")
            assert "loopback address" in str(document["detail"])
            assert "TZGRAPH_FEDERATION_PRIVATE" in str(document["detail"])
        assert not stub.connections
    with federating(release, listed) as server:
        resolver.asked.clear()
        query = f"SELECT ?o {{ SERVICE <{listed[1]}> {{ ?s ?p ?o }} }}"
        assert server.values(query) == [EX + "remote"]
        assert resolver.asked == ["name.example"]
        assert stub.asked[0][1]["Host"] == f"name.example:{stub.port}"
        resolver.known["name.example"] = "169.254.169.254"
        assert "link-local" in str(problem(server.ask(query), 502)["detail"])


class Resolver:
    """In the place of the system's: it says where names lead, and what it was asked."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> list[tuple[int, str]]:
        self.asked.append(host)
        address = self.known.get(host, host)
        return [(socket.AF_INET6 if ":" in address else socket.AF_INET, address)]


def test_one_bad_address_is_enough(
    release: Release, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(_host: str, _port: int) -> list[tuple[int, str]]:
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "224.0.0.1")]

    monkeypatch.setattr(remote, "resolve", resolve)
    with federating(release, [stub.url]) as server:
        answer = server.ask(f"SELECT * {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}")
        assert "multicast" in str(problem(answer, 502)["detail"])
        assert not stub.connections


def breaking(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: " + JSON.encode() + b"\r\n")
    handler.wfile.write(b"Content-Length: 1000\r\n\r\n" + rows(EX + "x"))


def huge(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: " + JSON.encode() + b"\r\n\r\n")
    while True:
        handler.wfile.write(b" " * 65536)


WRONG = {
    "status 500": replying(b"no", status=500),
    "status 302": replying(b"", status=302, Location="http://169.254.169.254/"),
    "text/html": replying(b"<html>", "text/html"),
    "no HTTP": lambda handler: handler.wfile.write(b"\xff\x00garbage\r\n\r\n" * 50),
    "breaks off": breaking,
    "content encoding": replying(b"x", Content_Encoding="gzip"),
    "1,000,000 bytes": huge,
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_replies(server: Server, stub: Stub, what: str) -> None:
    """Each is an error that names the endpoint, and nothing with SILENT."""
    stub.answer = WRONG[what]
    status, code = (507, "remote-too-large") if stub.answer is huge else (502, "remote-failed")
    answer = server.ask(f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}")
    document = problem(answer, status)
    assert str(document["type"]).endswith("#" + code)
    detail = str(document["detail"])
    assert what in detail
    assert f"<{stub.url}>" in detail
    assert ("TZGRAPH_FEDERATION_BYTES" in detail) == (stub.answer is huge)
    optional = f"SELECT ?o {{ ex:a ex:p ?o SERVICE SILENT <{stub.url}> {{ ?s ?p ?z }} }}"
    assert server.values(optional) == [EX + "b"]
    assert stub.connections == 2


def literal(text: bytes) -> bytes:
    return b'{"head":{"vars":["o"]},"results":{"bindings":[{"o":%b}]}}' % text


def nested(depth: int) -> bytes:
    ends = b'"subject":{"type":"uri","value":"x:a"},"predicate":{"type":"uri","value":"x:b"}'
    inner = b'{"type":"uri","value":"x:c"}'
    for _ in range(depth):
        inner = b'{"type":"triple","value":{%b,"object":%b}}' % (ends, inner)
    return literal(inner)


def wide(count: int) -> bytes:
    names = ",".join(f'"v{number}"' for number in range(count))
    return b'{"head":{"vars":[%b]},"results":{"bindings":[]}}' % names.encode()


def too_short(handler: BaseHTTPRequestHandler) -> None:
    body = rows(EX + "x")
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: " + JSON.encode() + b"\r\n")
    handler.wfile.write(b"Content-Length: %d\r\n\r\n" % (len(body) - 3) + body)


XML = "application/sparql-results+xml"
_XML = b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>%b</head><results>'
_TRIPLE = b"<triple><subject><uri>x:a</uri></subject><predicate><uri>x:a</uri></predicate><object>"
NO_RESULTS = {
    "cut": replying(b'{"head": {"vars": ["o"]}, "results": {"bindings": [{"o"'),
    "not UTF-8": replying(literal(b'{"type":"literal","value":"\xff"}')),
    "a bad IRI": replying(literal(b'{"type":"uri","value":"no iri <>"}')),
    "a length that is too short": too_short,
    "too many columns": replying(wide(30_000)),
    "too many columns in XML": replying(_XML % (b'<variable name="o"/>' * 3000), XML),
    "triple terms": replying(nested(1)),
    "triple terms, deep": replying(nested(5_000)),
    "triple terms in XML": replying(_XML % b"" + _TRIPLE * 5_000, XML),
    "lists, deep": replying(b"[" * 100_000),
}


@pytest.mark.parametrize("what", NO_RESULTS)
def test_reply_that_is_no_result(server: Server, stub: Stub, what: str) -> None:
    """It is no fault of the client's query."""
    stub.answer = NO_RESULTS[what]
    answer = server.ask(f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}")
    document = problem(answer, 502)
    assert str(document["type"]).endswith("#remote-failed")
    assert stub.url in str(document["detail"])
    stub.answer = replying(nested(0))
    answer = server.ask(f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}")
    assert answer.status_code == 200


def endless(head: bytes, part: bytes) -> Any:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        while True:
            handler.wfile.write(part * 200)

    return answer


_CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n"
DRIPS = {
    "pieces": endless(_CHUNKED % JSON.encode(), b"1\r\n \r\n"),
    "interim responses": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "extensions": endless(_CHUNKED % JSON.encode(), b"1;" + b"x" * 15_000 + b"\r\n \r\n"),
    "headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-Y: " + b"z" * 1000 + b"\r\n"),
}


@pytest.mark.parametrize("what", DRIPS)
def test_reply_in_endless_pieces(server: Server, stub: Stub, what: str) -> None:
    """It is given up by what has come, not by the query's deadline."""
    stub.answer = DRIPS[what]
    answer = server.ask(f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}")
    assert answer.status_code in (502, 507)
    assert "remote-" in answer.json()["type"]


def test_dead_endpoint(server: Server) -> None:
    dead = "<http://127.0.0.1:9/dead> { ?s ?p ?z }"
    document = problem(server.ask(f"SELECT * {{ SERVICE {dead} }}"), 502)
    assert "can't be connected to" in str(document["detail"])
    silent = f"SELECT ?o {{ ex:a ex:p ?o SERVICE SILENT {dead} }}"
    assert server.values(silent) == [EX + "b"]


def hanging(stub: Stub) -> threading.Event:
    """Have an endpoint answer nothing; the event is set when the server hangs up."""
    ended = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.settimeout(30)
        assert handler.connection.recv(1) == b""
        ended.set()

    stub.answer = slow
    return ended


def test_slow_endpoint(release: Release, stub: Stub) -> None:
    """It takes the query's time, its own process, and no longer; others go on meanwhile."""
    ended = hanging(stub)
    with federating(release, [stub.url], timeout_s=2, places=1) as server:
        query = f"SELECT ?o {{ SERVICE SILENT <{stub.url}> {{ ?s ?p ?o }} }}"
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(server.ask, query)
            time.sleep(0.5)
            second = pool.submit(server.ask, query)
            assert server.ask("ASK {}").status_code == 200
            assert not first.done()
            document = problem(first.result(), 504)
        assert "TZGRAPH_QUERY_TIMEOUT" in str(document["detail"])
        assert ended.wait(5)
        assert second.result().status_code in (503, 504)
        assert server.engine.kills["deadline"] >= 1
        wait_until(lambda: server.engine.status().busy == 0)
        stub.answer = replying(rows(EX + "remote"))
        assert server.values(query) == [EX + "remote"]


def test_client_that_leaves_ends_the_call(release: Release, stub: Stub) -> None:
    ended = hanging(stub)
    with federating(release, [stub.url], timeout_s=60) as server:
        query = f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}"
        with pytest.raises(httpx.ReadTimeout):
            server.client.post("/sparql", data={"query": query}, timeout=0.5)
        assert ended.wait(5)
        wait_until(lambda: server.engine.status().busy == 0)


def test_limits_of_such_queries(release: Release, stub: Stub) -> None:
    with federating(release, [stub.url], memory_mb=48, timeout_s=4) as server:
        service = f"SERVICE <{stub.url}> {{ ?s ?p ?o }}"
        large = f"SELECT * {{ {service} {product(7)} }} ORDER BY ?d0 ?d6"
        assert str(problem(server.ask(large), 507)["type"]).endswith("#memory-limit")
        endless = f"SELECT (COUNT(*) AS ?n) {{ {service} {product(12)} }}"
        assert str(problem(server.ask(endless), 504)["type"]).endswith("#deadline")
        wait_until(lambda: server.engine.status().busy == 0)


def test_workers_end_with_their_query(release: Release, stub: Stub) -> None:
    with federating(release, [stub.url]) as server:
        wait_until(lambda: server.engine.status().workers == 2)
        before = descendants(os.getpid())
        with ThreadPoolExecutor(8) as pool:
            query = f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}"
            answers = list(pool.map(server.values, [query] * 30))
        assert answers == [[EX + "remote"]] * 30
        wait_until(lambda: descendants(os.getpid()) <= before)
        assert not server.engine._federated._relay._grants


def test_syntax_error_has_its_place(server: Server, stub: Stub) -> None:
    good = f"SELECT * {{ SERVICE <{stub.url}> {{ ?s ?p "
    document = problem(server.ask(good + "}\n }"), 400)
    assert (document["line"], document["column"]) == (1, len(good) + 1)
    assert not stub.connections


def test_relay_answers_nobody_else(server: Server, stub: Stub) -> None:
    address = server.engine._federated._relay._address
    engine = server.engine
    text = f"ASK {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}"
    grant = engine._federated._relay.grant(
        Fetcher(lambda: engine._pool.make(FETCHER), engine._pool.kill, text)
    )
    try:
        for path in ("/", "/0", "/0/0", "/secret/0/0", f"/{'x' * 43}/0/0"):
            assert httpx.post(address + path, content=b"ASK {}").status_code == 404
        for path in ("9/0", "01/0", "0", "0/00", "0/0/loud", "0/1234567"):
            assert httpx.post(grant.base + path, content=b"ASK {}").status_code == 404
        assert httpx.get(grant.base + "0/0").status_code == 405
        # A call that the query doesn't make, or that names another endpoint.
        for path in ("0/1", "1/0"):
            assert httpx.post(grant.base + path, content=b"ASK {}").status_code == 502
        assert not stub.connections
        asked = httpx.post(grant.base + "0/0", content=b"ASK {}", headers={"Cookie": "a=b"})
        assert asked.status_code == 200
        ((_path, headers, body),) = stub.asked
        assert "Cookie" not in headers
        assert body == b"SELECT * WHERE { ?s ?p ?o }"
    finally:
        grant.close()
    assert httpx.post(grant.base + "0/0", content=b"ASK {}").status_code == 404
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as connection:
        connection.settimeout(10)
        connection.sendall(b"\xff" * 20_000 + b"\r\n\r\n")
        assert connection.recv(100) == b""
