"""Whatever comes in at any route, the answer is right or a 4xx with a problem document."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serve.helpers import problem
from tests.serve.writable import BEARER, WRITES
from tzgraph.serve.isolation import is_supported

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")

#: Statuses that an answer to a wrong request may have.
WRONG = frozenset({400, 401, 403, 404, 405, 406, 410, 413, 414, 415})
FINE = frozenset({200, 201, 204, 303, 304, 307, 308})
MEDIA_TYPES = (
    *("application/sparql-query", "application/sparql-update", "text/turtle", "text/n3"),
    *("application/x-www-form-urlencoded", "application/rdf+xml", "application/ld+json"),
    *("application/n-triples", "application/trig", "application/n-quads", "application/json"),
    *("multipart/form-data", "multipart/form-data; boundary=b", "multipart/mixed; boundary=b"),
    *("text/turtle; charset=utf-16", "application/sparql-query; charset=latin-1", "*/*", ""),
    *("text/turtle;charset", 'text/turtle; charset="', ";", "application/", "\xff"),
)
PIECES = (
    *(
        "SELECT",
        "ASK",
        "INSERT DATA",
        "DELETE WHERE",
        "CLEAR",
        "GRAPH",
        "SERVICE",
        "LOAD",
        "{",
        "}",
    ),
    *("(", ")", "?x", "<x:y>", "ex:", "_:b", "[", "]", "'", '"', "'''", "\\", "\\u", "\\uD800"),
    *("#", "\n", "@prefix", "@en", "^^", ".", ";", ",", "<<", ">>", "\x00", "\ufeff", "\U0010ffff"),
    *("--b\r\n", "--b--", "Content-Type: text/turtle\r\n\r\n", "%", "%00", "%ff", "&", "=", "+"),
    *(
        "query=",
        "update=",
        "graph=",
        "default",
        "<rdf:RDF",
        "]]>",
        "<!DOCTYPE a [",
        '{"@id":',
        "1e999",
    ),
)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)
BODIES = st.one_of(st.binary(max_size=200), TEXTS.map(lambda text: text.encode(errors="replace")))
few = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def readers(shipped: httpx.Client) -> list[tuple[str, list[dict[str, Any]]]]:
    """The paths of the OpenAPI document that can be read, with their parameters."""
    paths = shipped.get("/openapi.json").json()["paths"]
    return [
        (path, item["get"].get("parameters", [])) for path, item in paths.items() if "get" in item
    ]


def exchange(client: httpx.Client, method: str, target: str, **sent: Any) -> tuple[int, bytes, str]:
    """Send a request as it is; give status, body and media type of the answer."""
    url = client.base_url
    connection = http.client.HTTPConnection(url.host, url.port, timeout=30)
    headers = {**BEARER, **sent.get("headers", {})}
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value.encode("latin-1"))
        body = sent.get("body", b"")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return response.status, response.read(), response.headers.get("Content-Type", "")
    finally:
        connection.close()


def check(status: int, body: bytes, media_type: str, method: str = "GET") -> None:
    """Fail unless an answer is right, or a 4xx with a problem document."""
    assert status in FINE | WRONG, (status, body)
    if status in WRONG and method != "HEAD" and not media_type.startswith("text/html"):
        assert media_type == "application/problem+json"
        document = json.loads(body)
        assert document["status"] == status
        assert document["detail"]


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    route=st.sampled_from(["/sparql", "/update", "/graphs", "/graphs/a", "/explain", "/queries"]),
    query=TEXTS,
    media_type=st.sampled_from(MEDIA_TYPES),
    accept=st.sampled_from(["*/*", "text/html", "text/turtle;q=x", ";", "a/b", ""]),
    body=BODIES,
)
@few
def test_any_route(
    writer: httpx.Client,
    method: str,
    route: str,
    query: str,
    media_type: str,
    accept: str,
    body: bytes,
) -> None:
    target = f"{route}?{quote(query, safe='=&%')}"
    headers = {"Content-Type": media_type, "Accept": accept}
    check(*exchange(writer, method, target, headers=headers, body=body), method)


@given(graph=TEXTS, media_type=st.sampled_from(MEDIA_TYPES), body=BODIES)
@few
def test_data_for_graphs(writer: httpx.Client, graph: str, media_type: str, body: bytes) -> None:
    target = f"/graphs?{urlencode({'graph': graph}, errors='replace')}"
    for method, name in (("PUT", target), ("POST", "/graphs?graph=x:g"), ("GET", target)):
        answer = exchange(writer, method, name, headers={"Content-Type": media_type}, body=body)
        check(*answer, method)


@given(text=TEXTS, direct=st.booleans(), using=st.lists(TEXTS, max_size=2))
@few
def test_updates(writer: httpx.Client, text: str, direct: bool, using: list[str]) -> None:
    form = [*(("using-graph-uri", graph) for graph in using)]
    if direct:
        target = f"/update?{urlencode(form, errors='replace')}"
        body, media_type = text.encode(errors="replace"), "application/sparql-update"
    else:
        target, media_type = "/update", "application/x-www-form-urlencoded"
        body = urlencode([*form, ("update", text)], errors="replace").encode()
    check(*exchange(writer, "POST", target, headers={"Content-Type": media_type}, body=body))


@given(data=st.data())
@settings(max_examples=250)
def test_parameters_of_the_openapi_document(
    shipped: httpx.Client, readers: list[tuple[str, list[dict[str, Any]]]], data: st.DataObject
) -> None:
    """Each path with some of its parameters, right or wrong, and with some it does not have."""
    path, parameters = data.draw(st.sampled_from(readers))
    fields: list[tuple[str, str]] = []
    for parameter in parameters:
        schema = parameter["schema"]
        known = [*schema.get("examples", ()), schema.get("default"), *schema.get("enum", ())]
        usual = st.sampled_from([str(one) for one in known if one is not None] or ["her2"])
        value = data.draw(st.one_of(usual, TEXTS, st.integers().map(str)))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value, safe="", errors="replace"))
        elif data.draw(st.booleans()):
            fields.append((parameter["name"], value))
    if data.draw(st.integers(0, 9)) == 0:
        fields.append((data.draw(TEXTS), ""))
    target = f"{path}?{urlencode(fields, errors='replace')}"
    check(*exchange(shipped, "GET", target, headers={"Accept": "*/*"}))


@given(path=TEXTS, suffix=st.sampled_from(["", ".ttl", ".html", ".rdf", "/", "/..", "%2e%2e"]))
@few
def test_paths(shipped: httpx.Client, path: str, suffix: str) -> None:
    name = quote(path, safe="%", errors="replace")
    for route in ("id/drug", "graph", "ontology", "queries", "static", "graphs"):
        check(*exchange(shipped, "GET", f"/{route}/{name}{suffix}"))


@pytest.mark.parametrize(
    ("route", "media_type"),
    [
        ("/sparql", "application/sparql-query"),
        ("/sparql", "application/x-www-form-urlencoded"),
        ("/update", "application/sparql-update"),
        ("/graphs?graph=x:g", "text/turtle"),
    ],
)
@pytest.mark.parametrize("unit", [b"{", b"<<", b"\xff", b"# "])
def test_five_megabytes(writer: httpx.Client, route: str, media_type: str, unit: bytes) -> None:
    """Of anything are refused, by a limit of time or memory if by nothing else."""
    body = (b"query=" if "form" in media_type else b"") + unit * (5_000_000 // len(unit))
    headers = {"Content-Type": media_type}
    response = writer.post(route, content=body, headers=headers)
    if response.status_code not in FINE:
        assert problem(response, response.status_code)["status"] in WRONG | {504, 507}
    assert response.elapsed.total_seconds() < WRITES.timeout_s + 5
