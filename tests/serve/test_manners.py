"""What clients of other endpoints are used to: names of formats, timeouts, the method QUERY."""

from __future__ import annotations

import base64
import socket
import time
from urllib.parse import urlencode

import httpx
import pytest

from tests.serve.helpers import EX, problem
from tests.serve.test_federation import federating, stubbing
from tests.serve.test_isolation import product, runaway, running
from tests.serve.writable import BEARER, TOKEN, values
from tzgraph.release import Release
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.messages.format_names import FORMAT_NAMES

isolated = pytest.mark.skipif(not is_supported(), reason="only Linux isolates queries")
SELECT = "SELECT ?o { ex:a ex:p ?o }"
CONSTRUCT = "CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }"
DEFAULT = "default-graph-uri"
DIRECT = {"Content-Type": "application/sparql-query"}


@pytest.mark.parametrize(
    ("name", "query", "media_type"),
    [
        ("nt", CONSTRUCT, "application/n-triples"),
        ("n-triples", CONSTRUCT, "application/n-triples"),
        ("text/plain", CONSTRUCT, "application/n-triples"),
        ("ttl", CONSTRUCT, "text/turtle"),
        ("text/n3", CONSTRUCT, "text/turtle"),
        ("rdf", CONSTRUCT, "application/rdf+xml"),
        ("rdf+xml", CONSTRUCT, "application/rdf+xml"),
        ("application/rdf xml", CONSTRUCT, "application/rdf+xml"),  # an unescaped +
        ("xml", CONSTRUCT, "application/rdf+xml"),
        ("json-ld", CONSTRUCT, "application/ld+json"),
        ("application/x-foo, application/ld+json,text/turtle", CONSTRUCT, "application/ld+json"),
        ("json", CONSTRUCT, "application/ld+json"),
        ("nq", CONSTRUCT, "application/n-quads"),
        ("text/csv", SELECT, "text/csv"),
        ("TEXT/CSV", SELECT, "text/csv"),
        ("text/tab-separated-values", SELECT, "text/tab-separated-values"),
        ("application/sparql-results+xml", SELECT, "application/sparql-results+xml"),
        ("application/sparql-results json", "ASK {}", "application/sparql-results+json"),
        ("application/json", SELECT, "application/sparql-results+json"),
        ("text/html", SELECT, "text/html"),
        ("html", CONSTRUCT, "text/html"),
        ("auto", SELECT, "application/sparql-results+xml"),
        ("", SELECT, "application/sparql-results+xml"),
        # For results of another kind; the header is left.
        ("turtle", SELECT, "application/sparql-results+xml"),
    ],
)
@pytest.mark.parametrize("parameter", ["format", "output", "results"])
def test_names_of_formats(
    client: httpx.Client, parameter: str, name: str, query: str, media_type: str
) -> None:
    accept = {"Accept": "application/sparql-results+xml, */*;q=0.1"}
    given = {"query": query, parameter: name}
    for answer in (
        client.get("/sparql", params=given, headers=accept),
        client.post("/sparql", data=given, headers=accept),
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize(
    "name",
    ["foo", "cvs", "image/png", "table", "x" * 100_000, "text/", "json;q=1", "x" + ",x" * 100],
)
@pytest.mark.parametrize("parameter", ["format", "output", "results"])
def test_unknown_formats(client: httpx.Client, parameter: str, name: str) -> None:
    """No other format in its place: a program would take it for the one it asked for."""
    answer = client.post("/sparql", data={"query": SELECT, parameter: name})
    detail = str(problem(answer, 400)["detail"])
    assert detail.startswith(f"{parameter}: there is no format ")
    assert all(known in detail for known in FORMAT_NAMES)
    assert ("Did you mean csv?" in detail) == (name == "cvs")
    assert len(detail) < 400


def test_formats_that_wrappers_repeat(client: httpx.Client) -> None:
    """The first that says something counts, and each is looked at."""
    many = urlencode({"query": SELECT, "format": "auto", "output": "csv", "results": "json"})
    assert client.get(f"/sparql?{many}").headers["content-type"].startswith("text/csv")
    problem(client.get(f"/sparql?{many}&format=foo"), 400)


def test_formats_of_the_library(shipped: httpx.Client) -> None:
    """The same names hold there."""
    path = "/queries/drugs-on-target?target=her2&format="
    assert shipped.get(path + "text/csv").headers["content-type"].startswith("text/csv")
    assert "formats: json" in str(problem(shipped.get(path + "foo"), 400)["detail"]).lower()


@isolated
@pytest.mark.parametrize("asked", ["0.3", "300ms", " 0.3 s "])
def test_timeout(release: Release, asked: str) -> None:
    with running(release, timeout_s=20) as server, server.client() as client:
        since = time.monotonic()
        given = {"query": runaway(), "timeout": asked}
        document = problem(client.get("/sparql", params=given), 504)
        assert time.monotonic() - since < 10
        assert str(document["type"]).endswith("#deadline")
        assert "0.3 s, its own timeout" in str(document["detail"])
        assert "20 s" in str(document["detail"])
        assert server.engine.kills["deadline"] == 1


@isolated
@pytest.mark.parametrize("asked", ["10000", "", "0", "1"])
def test_timeout_up_to_the_limit(release: Release, asked: str) -> None:
    """What Virtuoso's clients send in milliseconds is more than there is, and so the limit."""
    with running(release, timeout_s=1) as server, server.client() as client:
        given = {"query": runaway(), "timeout": asked}
        detail = str(problem(client.get("/sparql", params=given), 504)["detail"])
        assert "TZGRAPH_QUERY_TIMEOUT" in detail
        assert client.get("/sparql", params=given | {"query": "ASK {}"}).status_code == 200


@pytest.mark.parametrize(
    "asked", ["-1", "1e3", "soon", "10 m", "1,5", "9" * 100_000, "nan", "\u0661"]
)
def test_wrong_timeouts(client: httpx.Client, asked: str) -> None:
    document = problem(client.post("/sparql", data={"query": SELECT, "timeout": asked}), 400)
    assert "seconds" in str(document["detail"])
    assert len(str(document["detail"])) < 200


def test_timeout_changes_no_tag(client: httpx.Client) -> None:
    given = {"query": SELECT}
    tags = [
        client.get("/sparql", params=given | more).headers["etag"]
        for more in ({}, {"timeout": "9"})
    ]
    assert tags[0] == tags[1]


def test_empty_graph_parameters(client: httpx.Client) -> None:
    """As if they were not there, which is what Virtuoso's clients mean by them."""
    plain = client.get("/sparql", params={"query": SELECT})
    for name in ("default-graph-uri", "named-graph-uri"):
        assert client.get("/sparql", params={"query": SELECT, name: ""}).json() == plain.json()
        given = urlencode([("query", "SELECT ?o { ?s ex:p ?o }"), (name, ""), (DEFAULT, EX + "G1")])
        (row,) = client.get(f"/sparql?{given}").json()["results"]["bindings"]
        assert row["o"]["value"] == EX + "only1"
    problem(client.get("/sparql", params={"query": SELECT, "default-graph-uri": " "}), 400)


def test_query_method(client: httpx.Client) -> None:
    """Safe and idempotent, with the query as content (draft-ietf-httpbis-safe-method-w-body)."""
    for content, headers in (
        (SELECT.encode(), DIRECT),
        (
            str(httpx.QueryParams({"query": SELECT})).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
        ),
    ):
        answer = client.request("QUERY", "/sparql", content=content, headers=headers)
        (row,) = answer.json()["results"]["bindings"]
        assert row["o"]["value"] == EX + "b"
        assert answer.headers["access-control-allow-origin"] == "*"
        # As GET has it: the tag is of the query, and a cache has to ask.
        assert answer.headers["cache-control"] == "no-cache"
        tag = client.get("/sparql", params={"query": SELECT}).headers["etag"]
        assert answer.headers["etag"] == tag
        again = client.request(
            "QUERY", "/sparql", content=content, headers={**headers, "If-None-Match": tag}
        )
        assert (again.status_code, again.content) == (304, b"")
    csv = client.request(
        "QUERY", "/sparql", params={"format": "csv"}, content=SELECT, headers=DIRECT
    )
    assert csv.text.split() == ["o", EX + "b"]
    one = client.request(
        "QUERY",
        "/sparql",
        params={"default-graph-uri": EX + "G1"},
        content="SELECT ?o { ?s ex:p ?o }",
        headers=DIRECT,
    )
    assert one.json()["results"]["bindings"][0]["o"]["value"] == EX + "only1"


def test_query_method_is_not_answered_for_another_query(client: httpx.Client) -> None:
    """Neither from what GET left in the cache nor with what another content had."""
    for number in range(2):
        for _again in range(2):
            query = f"SELECT ({number} AS ?n) {{}}"
            answer = client.request("QUERY", "/sparql", content=query, headers=DIRECT)
            assert answer.json()["results"]["bindings"][0]["n"]["value"] == str(number)
    assert "sd:" in client.get("/sparql", headers={"Accept": "text/turtle"}).text


def test_wrong_queries_by_query(client: httpx.Client) -> None:
    def ask(content: str, media_type: str) -> httpx.Response:
        headers = {"Content-Type": media_type} if media_type else {}
        return client.request("QUERY", "/sparql", content=content, headers=headers)

    for media_type in ("text/plain", "application/json", ""):
        answer = ask(SELECT, media_type)
        problem(answer, 415)
        assert "application/sparql-query" in answer.headers["accept-query"]
    problem(ask("", "application/x-www-form-urlencoded"), 400)
    problem(ask("", "application/sparql-query"), 400)
    problem(ask("SELEC", "application/sparql-query"), 400)
    problem(ask("CLEAR ALL", "application/sparql-query"), 400)
    problem(ask("CLEAR ALL", "application/sparql-update"), 400)
    assert client.request("QUERY", "/update", content="CLEAR ALL").status_code == 405
    assert client.request("QUERY", "/", content="x").status_code == 405


def test_query_method_by_hand(url: str) -> None:
    """In chunks, twice on one connection."""
    host, port = url.removeprefix("http://").split(":")
    request = (
        b"QUERY /sparql HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n"
        b"Content-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(request * 2)
        data = b""
        while data.count(b"true") < 2:
            part = connection.recv(65536)
            assert part
            data += part
    assert data.count(b"HTTP/1.1 200") == 2


def preflight(client: httpx.Client, method: str, headers: str | None) -> httpx.Response:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": method}
    if headers is not None:
        asked["Access-Control-Request-Headers"] = headers
    answer = client.options("/sparql", headers=asked)
    assert answer.status_code == 204
    assert "Access-Control-Request-Headers" in answer.headers["vary"]
    return answer


def test_preflight(client: httpx.Client) -> None:
    """A page may send what it says that it will."""
    answer = preflight(client, "QUERY", "cache-control,content-type,user-agent, x-requested-with")
    assert "QUERY" in answer.headers["access-control-allow-methods"].split(", ")
    allowed = answer.headers["access-control-allow-headers"]
    assert allowed == "cache-control,content-type,user-agent, x-requested-with"
    assert "application/sparql-query" in answer.headers["accept-query"]
    usual = preflight(client, "GET", None).headers["access-control-allow-headers"]
    assert "Authorization" in usual.split(", ")
    for strange in ("a b", "x,,y", "*; q", ",", "x" * 3_000, ", ".join(["x"] * 2_000)):
        assert preflight(client, "GET", strange).headers["access-control-allow-headers"] == usual


def test_problems_can_be_read(client: httpx.Client) -> None:
    """Editors show them as they come, so each member has a line."""
    answer = client.get("/sparql", params={"query": "SELECT * {\n ?s ?p }"})
    lines = [line.strip().rstrip(",") for line in answer.text.splitlines()]
    assert '"line": 2' in lines
    assert any(line.startswith('"detail": "Line 2, column ') for line in lines)


# -- who may write -----------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["", "#" + "x" * 20_000])
def test_a_difference_that_a_query_meets_is_told(client: httpx.Client, padding: str) -> None:
    """Also with a 304, and where the text is too long to be looked at in the event loop."""
    query = f"SELECT ?x {{ VALUES ?x {{ 99999999999999999999 }} FILTER(?x > 1) }}{padding}"
    given = {"query": query}
    answer = client.get("/sparql", params=given)
    fragment = "numbers-with-more-than-63-bits-or-more-than-18-digits"
    assert answer.headers["sparql-differences"] == fragment
    again = client.get("/sparql", params=given, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["sparql-differences"]) == (304, fragment)
    assert "sparql-differences" not in client.get("/sparql", params={"query": SELECT}).headers
    exposed = client.get("/sparql", params=given, headers={"Origin": "http://x.example"})
    assert "SPARQL-Differences" in exposed.headers["access-control-expose-headers"]


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


def write(writer: httpx.Client, authorization: str, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{writer.base_url}/update",
        data={"update": "INSERT DATA { ex:x ex:is 1 }"},
        headers={"Authorization": authorization, **headers},
        timeout=60,
    )


def test_token_as_password(writer: httpx.Client) -> None:
    for user in ("", "admin", "j\u00e9"):
        assert write(writer, basic(f"{user}:{TOKEN}".encode())).status_code == 204
    auth = httpx.BasicAuth("me", TOKEN)
    put = httpx.put(
        f"{writer.base_url}/graphs?graph=x:g",
        content="<x:a> <x:b> 1 .",
        headers={"Content-Type": "text/turtle"},
        auth=auth,
    )
    assert put.status_code == 201
    assert values(writer, "SELECT ?o { GRAPH <x:g> { ?s ?p ?o } }") == ["1"]


@pytest.mark.parametrize(
    "shown",
    [
        basic(b"me:"),
        basic(f"{TOKEN}:".encode()),
        basic(TOKEN.encode()),
        basic(f"me:{TOKEN}:".encode()),
        basic(f"me:{TOKEN[:-1]}".encode()),
        "Basic",
        "Basic !!!",
        f"Basic me:{TOKEN}",
        f"Basic {TOKEN}",
        "Basic " + "A" * 20_000,
        f"Digest {TOKEN}",
        TOKEN,
    ],
)
def test_other_passwords(writer: httpx.Client, shown: str) -> None:
    answer = write(writer, shown)
    problem(answer, 401)
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="tzgraph"')
    assert challenge.endswith('Basic realm="tzgraph", charset="UTF-8"')


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://[", "http://localhost:1"]
)
def test_pages_of_others_can_not_use_a_password(writer: httpx.Client, origin: str) -> None:
    """A browser would send one that it knows with whatever a page posts."""
    answer = write(writer, basic(f"me:{TOKEN}".encode()), origin=origin)
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == 'Bearer realm="tzgraph"'
    assert write(writer, BEARER["Authorization"], origin=origin).status_code == 204


def test_pages_of_this_server_can(writer: httpx.Client) -> None:
    origin = str(writer.base_url)
    assert write(writer, basic(f"me:{TOKEN}".encode()), origin=origin).status_code == 204


@isolated
def test_a_federated_query_has_its_timeout(release: Release) -> None:
    with stubbing() as stub, federating(release, [stub.url]) as server:
        inner = f"SERVICE <{stub.url}> {{ ?s ?p ?o }}"
        query = f"SELECT (COUNT(*) AS ?n) {{ {inner} {product(12)} }}"
        asked = {"query": query, "timeout": "1"}
        document = problem(server.client.get("/sparql", params=asked), 504)
        assert "1 s, its own timeout" in str(document["detail"])


# -- what is not fetched -----------------------------------------------------------------------


def test_load_silent(writer: httpx.Client) -> None:
    """It fails, as it may, and that is told; the rest is carried out."""
    update = "LOAD SILENT <http://127.0.0.1:9/x> ; INSERT DATA { ex:l ex:is 2 }"
    answer = writer.post("/update", data={"update": update}, headers=BEARER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "LOAD SILENT of <http://127.0.0.1:9/x>: " in answer.text
    assert answer.headers["etag"]
    assert values(writer, "SELECT ?o { ex:l ex:is ?o }") == ["2"]
    many = ";".join(f"LOAD SILENT <x:{n}{'y' * 500}>" for n in range(100))
    answer = writer.post("/update", data={"update": many}, headers=BEARER)
    assert "and 95 more" in answer.text
    assert len(answer.text) < 2_000
    refused = writer.post("/update", data={"update": f"{update} ; LOAD <x:y>"}, headers=BEARER)
    assert "/graphs" in str(problem(refused, 400)["detail"])


@pytest.mark.parametrize("context", ['"http://127.0.0.1:9/c"', '["http://127.0.0.1:9/c", {}]'])
def test_context_elsewhere(writer: httpx.Client, context: str) -> None:
    answer = writer.put(
        "/graphs?graph=x:j",
        content=f'{{"@context": {context}, "@id": "x:a", "x:p": "o"}}',
        headers={**BEARER, "Content-Type": "application/ld+json"},
    )
    document = problem(answer, 400)
    assert str(document["type"]).endswith("#data-syntax")
    assert "a context that is elsewhere" in str(document["detail"])
