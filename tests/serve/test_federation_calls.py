"""What an endpoint is asked, what becomes of what it says, and what stands around a call."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from tests.serve.helpers import EX, problem
from tests.serve.test_federation import (
    JSON,
    XML,
    Server,
    Stub,
    federating,
    replying,
    rows,
    stubbing,
)
from tzgraph.release import Release
from tzgraph.serve.isolation import is_supported

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux isolates queries")

LABELS = "http://wikiba.se/ontology#label"


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with stubbing() as one:
        yield one


@pytest.fixture(scope="module")
def other() -> Iterator[Stub]:
    """An endpoint that is listed and that nobody should call."""
    with stubbing() as one:
        yield one


@pytest.fixture(scope="module")
def server(release: Release, stub: Stub, other: Stub) -> Iterator[Server]:
    with federating(release, [stub.url, other.url]) as one:
        yield one


@pytest.fixture(autouse=True)
def usual(stub: Stub) -> None:
    stub.answer = replying(rows(EX + "remote"))
    stub.asked.clear()


def table(server: Server, query: str) -> list[tuple[str, ...]]:
    """Give the rows of a result, with the last parts of IRIs."""
    answer = server.ask(query)
    assert answer.status_code == 200, answer.text
    _, *found = csv.reader(io.StringIO(answer.text))
    return sorted(tuple(value.removeprefix(EX) for value in row) for row in found)


def asked(stub: Stub) -> list[str]:
    return [body.decode() for _path, _headers, body in stub.asked]


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        # Its numbers and language tags as they were written, its own prologue and what it uses of
        # the prefixes known here; the engine would write 1.50 and @en-GB in another way.
        (
            "PREFIX up: <http://up.example/> # c\nSELECT ?o {\n"
            "SERVICE <U> { ?s up:x 1.50, 'a'@en-GB . ?s ex:p ?o # here\n} ?a ex:p ?b }",
            "PREFIX ex: <http://example.org/>\nPREFIX up: <http://up.example/>\n"
            "SELECT * WHERE { ?s up:x 1.50, 'a'@en-GB . ?s ex:p ?o # here\n}",
        ),
        (
            "BASE <http://b.example/> PREFIX : <x#> SELECT ?o { SERVICE <U> { <y> :p ?o } }",
            "BASE <https://w3id.org/tzgraph/>\nBASE <http://b.example/>\nPREFIX : <x#>\n"
            "SELECT * WHERE { <y> :p ?o }",
        ),
        # A prefix that the query gives another meaning.
        (
            "PREFIX ex: <http://other.example/> SELECT ?o { SERVICE <U> { ?s ex:p ?o } }",
            "PREFIX ex: <http://other.example/>\nSELECT * WHERE { ?s ex:p ?o }",
        ),
        (
            'SELECT ?o { SERVICE <U> { SELECT ?o { ?o ex:p "caf\\u00e9 }" } LIMIT 3 } }',
            "PREFIX ex: <http://example.org/>\n"
            'SELECT * WHERE { SELECT ?o { ?o ex:p "caf\\u00e9 }" } LIMIT 3 }',
        ),
    ],
)
def test_the_pattern_is_sent_as_it_was_written(
    server: Server, stub: Stub, query: str, sent: str
) -> None:
    assert server.ask(query.replace("<U>", f"<{stub.url}>")).status_code == 200
    assert asked(stub) == [sent]


@pytest.mark.parametrize(
    "inner",
    [
        f"SERVICE <{LABELS}> {{ ?o ex:language 'en' }}",
        f"SERVICE SILENT <{LABELS}> {{ ?o ex:language 'en' . SERVICE ex:mwapi {{ ?x ex:y ?z }} }}",
        "SERVICE wikibase:label { ?o ex:language 'en' }",
        "?s ex:where ?e . SERVICE ?e { ?o ex:language 'en' }",
        "SERVICE <OTHER> { ?o ex:language 'en' }",
        "OPTIONAL { SERVICE <OTHER> { ?o ex:language 'en' } }",
        "{ SELECT ?o { ?o ex:p ?q SERVICE <OTHER> { ?o ex:language 'en' } } LIMIT 5 }",
    ],
)
def test_calls_inside_a_call_are_the_endpoints(
    server: Server, stub: Stub, other: Stub, inner: str
) -> None:
    """They need not be listed, go out as they were written, and nothing calls them from here."""
    inner = inner.replace("OTHER", other.url)
    head = "PREFIX wikibase: <http://wikiba.se/ontology#> "
    query = f"{head}SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o . {inner} }} }}"
    assert table(server, query) == [("remote",)]
    (sent,) = asked(stub)
    assert f"{{ ?s ?p ?o . {inner} }}" in sent
    assert "127.0.0.1" not in sent.replace(other.url, "")
    assert not other.asked


@pytest.mark.parametrize(
    "after",
    [
        f"SERVICE <{LABELS}> {{ ?o ex:language 'en' }}",
        "SERVICE ?e { ?s ?p ?o }",
        "OPTIONAL { SERVICE <http://other.example/> { ?s ?p ?o } }",
    ],
)
def test_a_call_beside_a_call_is_not_inside(server: Server, stub: Stub, after: str) -> None:
    query = f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p '}}' . {{ ?s ?p ?o }} }} {after} }}"
    document = problem(server.ask(query), 400)
    assert str(document["type"]).endswith("#federation-denied")
    assert document["column"] == query.index(after) + after.index("SERVICE") + 1
    assert not stub.asked


def test_prefix_of_an_inner_call_has_to_be_declared(server: Server, stub: Stub) -> None:
    query = f"ASK {{ SERVICE <{stub.url}> {{ SERVICE wikibase:label {{ ?a ex:b ?c }} }} }}"
    document = problem(server.ask(query), 400)
    assert "the prefix wikibase: is not declared" in str(document["detail"])


SERVICE = "SERVICE <U> { ?s ?p ?o }"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        # The graph's name is not the endpoint's to know: as many rows as graphs, each named.
        (f"GRAPH ?g {{ {SERVICE} }}", [("G1", "remote"), ("G2", "remote")]),
        (f"GRAPH ?g {{ ?a ?b ?c . {SERVICE} }}", [("G1", "remote"), ("G2", "remote")]),
        (f"GRAPH ?g {{ {SERVICE} ?a ?b ex:only2 }}", [("G2", "remote")]),
        (f"GRAPH ex:G1 {{ {SERVICE} }}", [("", "remote")]),
        (f"GRAPH ex:G9 {{ {SERVICE} }}", []),
        (f"GRAPH ?g {{ OPTIONAL {{ {SERVICE} }} }}", [("G1", "remote"), ("G2", "remote")]),
        (
            f"GRAPH ?g {{ {{ ?a ?b ?c }} UNION {{ {SERVICE} }} }}",
            [("G1", ""), ("G1", "remote"), ("G2", ""), ("G2", "remote")],
        ),
        (f"GRAPH ?g {{ GRAPH ?h {{ {SERVICE} }} FILTER(?h = ex:G1) }}", 2 * [("", "remote")]),
        (f"GRAPH ?g {{ SELECT ?o {{ {SERVICE} }} }}", [("G1", "remote"), ("G2", "remote")]),
        # A variable of both is joined: the endpoint says which graph.
        ("GRAPH ?g { SERVICE <U> { ?g ?p ?o } }", []),
        ("GRAPH ?o { SERVICE <U> { ?g ?p ?o } }", []),
        (f"?x ex:p ?y FILTER EXISTS {{ GRAPH ?h {{ {SERVICE} }} }}", 2 * [("", "")]),
        (f"{SERVICE} GRAPH ?g {{ ?a ?b ?c }}", [("G1", "remote"), ("G2", "remote")]),
    ],
)
def test_graph_around_a_call(
    server: Server, stub: Stub, pattern: str, expected: list[tuple[str, str]]
) -> None:
    """The endpoint is asked for the pattern, not for graphs of its own (Federated Query, 4)."""
    if "GRAPH ?h" in pattern and "EXISTS" not in pattern:
        expected = [("G1", "remote"), ("G2", "remote")]
    if "{ ?g ?p ?o }" in pattern and "GRAPH ?g" in pattern:
        both = json.dumps(
            {
                "head": {"vars": ["g", "o"]},
                "results": {
                    "bindings": [
                        {
                            "g": {"type": "uri", "value": EX + name},
                            "o": {"type": "uri", "value": EX + "remote"},
                        }
                        for name in ("G2", "G7")
                    ]
                },
            }
        )
        stub.answer = replying(both.encode())
        expected = [("G2", "remote")]
    query = f"SELECT ?g ?o {{ {pattern.replace('<U>', f'<{stub.url}>')} }}"
    assert table(server, query) == sorted(expected)
    assert all("GRAPH" not in sent for sent in asked(stub))


@pytest.mark.parametrize(
    ("query", "column", "why"),
    [
        ("ASK { \\u0053ERVICE <U> { ?s ?p ?o } }", 7, "written with escapes"),
        ("ASK { SERVICE <U\\u0061> { ?s ?p ?o } }", 7, "written with escapes"),
        ("ASK { SERVICE <U> { ?s ?p '\\u0027' } }", -1, "codepoint escape"),
        ("ASK { SERVICE <U> { ?s ?p 'x' } } # \\u000A SERVICE", -1, "codepoint escape"),
        ("ASK { SERVICE <U> { ?s ?p <x:\\u003E> } }", -1, "codepoint escape"),
    ],
)
def test_escapes(server: Server, stub: Stub, query: str, column: int, why: str) -> None:
    """Those that change nothing pass (see above); of others it is said that it is they."""
    document = problem(server.ask(query.replace("<U", f"<{stub.url}")), 400)
    assert str(document["type"]).endswith("#federation-denied")
    assert why in str(document["detail"])
    assert column in (document["column"], -1)
    assert not stub.asked


def says(body: bytes, media_type: str, status: int, **headers: str) -> Stub:
    return Stub(replying(body, media_type, status, **headers))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says(b"MALFORMED QUERY: Line 3, unknown prefix", "text/plain", 400), "Line 3, unknown"),
        (
            says(
                b"<html><head><title>x</title><style>p{}</style></head><h1>Virtuoso 37000</h1>"
                b"<p>a &lt;b&gt; c\n\n</p><script>alert(1)</script>",
                "text/html;charset=utf-8",
                500,
            ),
            "status 500: Virtuoso 37000 a <b> c.",
        ),
        (
            says(
                b'{"type":"about:blank","detail":"Too slow.","status":504}',
                "application/problem+json",
                504,
            ),
            "status 504: Too slow.",
        ),
        (says(b'{"message": ["a"], "error": {}}', "application/json", 400), "status 400."),
        (says(b"\x1b[31mred\x00 \xe2\x80\xaeback\xff", "text/plain", 400), "[31mred back\ufffd"),
        (says(b"long " * 100_000, "text/plain", 400), "long long…"),
        (says(b"<" * 16_000, "text/html", 400), "<<<<"),
        (says(b"", "text/plain", 403), "status 403."),
        (says(b"\x1f\x8b", "text/plain", 400, Content_Encoding="gzip"), "status 400."),
    ],
)
def test_an_endpoints_words(server: Server, stub: Stub, answer: Stub, words: str) -> None:
    """They are told in one plain line; with SILENT nobody asks."""
    stub.answer = answer.answer
    response = server.ask(f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}")
    detail = str(problem(response, 502)["detail"])
    assert words in detail
    assert f"<{stub.url}>" in detail
    assert len(detail) < 700
    assert detail.isprintable()
    assert "retry-after" not in response.headers
    silent = f"SELECT ?o {{ ex:a ex:p ?o SERVICE SILENT <{stub.url}> {{ ?s ?p ?z }} }}"
    assert table(server, silent) == [("b",)]


def test_words_that_never_end(server: Server, stub: Stub) -> None:
    """What has come so far is told, soon, and not what comes behind."""

    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\n\r\nwait, ")
        handler.wfile.flush()
        handler.connection.settimeout(30)
        assert handler.connection.recv(1) == b""

    stub.answer = drips
    response = server.ask(f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}")
    assert "status 503: wait,." in str(problem(response, 502)["detail"])
    assert response.elapsed.total_seconds() < 10


@pytest.mark.parametrize(
    ("status", "header", "expected"),
    [
        (429, "17", "17"),
        (503, "9" * 5_000, "86400"),
        (429, "-5", None),
        (429, "soon", None),
        (503, "Thu, 01 Jan 1970 00:00:00 GMT", None),
        (400, "17", None),
    ],
)
def test_retry_after(
    server: Server, stub: Stub, status: int, header: str, expected: str | None
) -> None:
    stub.answer = replying(b"slow down", "text/plain", status, Retry_After=header)
    response = server.ask(f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}")
    document = problem(response, 502)
    assert response.headers.get("retry-after") == expected
    assert document.get("retry_after") in (int(expected or 0), None)


_RESULT = (
    b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
    b'<head><variable name="o"/></head><results><result><binding name="o">'
    b"<uri>http://example.org/remote</uri></binding></result></results></sparql>"
)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (rows(EX + "remote"), "application/json; charset=utf-8"),
        (rows(EX + "remote"), "text/json"),
        (_RESULT, "text/xml"),
        (_RESULT, "application/xml;charset=UTF-8"),
        (_RESULT, XML),
    ],
)
def test_media_types_in_use(server: Server, stub: Stub, body: bytes, media_type: str) -> None:
    stub.answer = replying(body, media_type)
    assert table(server, f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}") == [("remote",)]


@pytest.mark.parametrize(
    ("body", "media_type", "why"),
    [
        (b'{"head":{},"boolean":true}', JSON, "a boolean"),
        (b'{"status":"error"}', "application/json", "no result"),
        (b"[]", "application/json", "no result"),
        (b"null", JSON, "no result"),
        (b"{", JSON, "no result"),
        (b"", JSON, "no result"),
        (rows(EX + "remote"), XML, "no result"),
        (rows(EX + "remote"), "text/xml", "no result"),
        (_RESULT, JSON, "no result"),
        (b"<html><body>Down</body></html>", "text/xml", "no result"),
        (_RESULT[:-60], XML, "no result"),
        (
            _RESULT.replace(b"<head><variable name", b"<boolean>true</boolean><x y"),
            XML,
            "no result",
        ),
        (b"o\nhttp://example.org/remote\n", "text/csv", "no format"),
        (b"<a:b> <a:b> <a:b> .", "text/turtle", "no format"),
        (b"x", "text/\x1b[31m", "no format"),
    ],
)
def test_replies_that_lie(
    server: Server, stub: Stub, body: bytes, media_type: str, why: str
) -> None:
    """Status 200 is no promise: it is the endpoint's fault, and with SILENT it is unbound."""
    stub.answer = replying(body, media_type)
    document = problem(server.ask(f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}"), 502)
    assert str(document["type"]).endswith("#remote-failed")
    assert f"<{stub.url}>" in str(document["detail"])
    assert why in str(document["detail"])
    assert str(document["detail"]).isprintable()
    silent = f"SELECT ?o ?z {{ ex:a ex:p ?o SERVICE SILENT <{stub.url}> {{ ?s ?p ?z }} }}"
    assert table(server, silent) == [("b", "")]


def test_silent_failures_are_not_blamed(server: Server, stub: Stub, other: Stub) -> None:
    """The endpoint that may not fail is named, whichever failed before it."""
    stub.answer = replying(b"first", "text/plain", 500)
    other.answer = replying(b"second", "text/plain", 500)
    query = (
        f"SELECT ?o {{ SERVICE SILENT <{stub.url}> {{ ?s ?p ?o }}"
        f" SERVICE <{other.url}> {{ ?s ?p ?o }} }}"
    )
    detail = str(problem(server.ask(query), 502)["detail"])
    assert f"<{other.url}> answers with status 500: second" in detail
    other.answer = replying(rows(EX + "remote"))
    other.asked.clear()


def test_result_of_a_call_in_json(server: Server, stub: Stub) -> None:
    """Clients get what the endpoint gave, in whatever format they ask for."""
    query = f"SELECT ?o {{ SERVICE <{stub.url}> {{ ?s ?p ?o }} }}"
    answer: httpx.Response = server.client.get("/sparql", params={"query": query, "format": "json"})
    (row,) = answer.json()["results"]["bindings"]
    assert row["o"] == {"type": "uri", "value": EX + "remote"}
