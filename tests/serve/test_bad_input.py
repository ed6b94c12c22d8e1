"""Whatever comes in, the answer is a 4xx with a problem document."""

from __future__ import annotations

import encodings
import json
import threading
from http.client import HTTPConnection

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serve.helpers import problem
from tzgraph.errors import UsageError
from tzgraph.release import Release
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.sparql import request
from tzgraph.serve.sparql.request import negotiated

PROBLEM = "application/problem+json"
DIRECT = {"Content-Type": "application/sparql-query"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT * {\n ?s ?p }", "query-syntax"),
        ("", "query-syntax"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "federation-denied"),
        ("LOAD <http://127.0.0.1:9/>", "federation-denied"),
        ("INSERT DATA { <x:a> <x:b> <x:c> }", "update-refused"),
        ("PREFIX a: <b:c> DELETE WHERE { ?s ?p ?o }", "update-refused"),
        ("ASK " + "{" * 5000 + "}" * 5000, "query-too-complex"),
        ("ASK { FILTER(" + "!" * 100_000 + "true) }", "query-too-complex"),
        ("ASK {" + "FILTER NOT EXISTS {" * 3000 + "}" * 3001, "query-too-complex"),
    ],
)
def test_bad_query(client: httpx.Client, query: str, code: str) -> None:
    """The document names the problem, with line and column."""
    document = problem(client.post("/sparql", content=query, headers=DIRECT), 400)
    assert str(document["type"]).endswith(f"#{code}")
    assert isinstance(document["line"], int)
    assert isinstance(document["column"], int)


def test_place_of_a_syntax_error(client: httpx.Client) -> None:
    """Line and column are those of the token that can't stand there."""
    document = problem(client.get("/sparql", params={"query": "SELECT * {\n ?s ?p }"}), 400)
    assert (document["line"], document["column"]) == (2, 8)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"ASK {}", {"Content-Type": "text/plain"}, 415),
        (b"ASK {}", {}, 415),
        (b"ASK {}", {"Content-Type": "application/sparql-query; charset=nope"}, 415),
        (b"ASK {}", {"Content-Type": "application/sparql-query; charset=base64"}, 415),
        (b"ASK {}", {**DIRECT, "Content-Encoding": "gzip"}, 415),
        (b"INSERT DATA {}", {"Content-Type": "application/sparql-update"}, 400),
        (b"update=CLEAR+ALL", FORM, 400),
        (b"", FORM, 400),
        (b"x=y", FORM, 400),
        (b"query=ASK{}&query=ASK{}", FORM, 400),
        (b"query=%FF", FORM, 400),
        (b"query=ASK{}", {"Content-Type": f"{FORM['Content-Type']}; charset=utf-16"}, 415),
        (b"ASK { ?s ?p '\xff' }", DIRECT, 400),
        (b"query=ASK{}" + b"&a=b" * 2000, FORM, 400),
        (b"ASK {} #" + b"x" * 300_000, DIRECT, 413),
        (b"query=" + b"x" * 700_000, FORM, 413),
        (b"query=ASK{}" + b"+" * 200_000, FORM, 413),
        (b"query=" + b"%" * 500_000, FORM, 413),
        (b'query=ASK{}&$z="' + b"x" * 300_000 + b'"', FORM, 413),
        (b"query=ASK{}&default-graph-uri=not+an+iri", FORM, 400),
    ],
)
def test_bad_post(client: httpx.Client, body: bytes, headers: dict[str, str], status: int) -> None:
    """Wrong media types, charsets, parameters and sizes are refused."""
    problem(client.post("/sparql", content=body, headers=headers), status)


#: Triple terms so deep that a parser without a guard ends the process.
_DEEP = "<<(<x:><x:>" * 60_000 + "<x:>" + ")>>" * 60_000


@pytest.mark.parametrize("more", ["<x:a> <x:b> <x:c>", f"<x:a> <x:b> {_DEEP}"])
def test_value_with_more_than_a_term(release: Release, more: str) -> None:
    """The value of a variable is one term: what stands behind it is refused, however deep."""
    query = ProtocolQuery("ASK {}", values={"z": f'"a" .\n{more}'})
    with pytest.raises(UsageError):
        negotiated(query, None, release.manifest)


def test_names_of_charsets_are_not_kept(client: httpx.Client) -> None:
    """What is no charset is forgotten, so that no client fills the memory with it."""
    name = "x" * 20_000
    headers = {"Content-Type": f"application/sparql-query; charset={name}"}
    problem(client.post("/sparql", content=b"ASK {}", headers=headers), 415)
    assert not any(name in str(key) for key in vars(encodings)["_cache"])


def test_a_long_form_holds_nobody_up(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes time to decode is decoded beside the event loop, values of variables as well."""
    threads: set[str] = set()

    def noting(name: str) -> None:
        real = getattr(request, name)

        def noted(*given: object) -> object:
            if given[0]:  # the URL of a form has no fields
                threads.add(threading.current_thread().name)
            return real(*given)

        monkeypatch.setattr(request, name, noted)

    noting("read_fields")
    noting("_terms")
    body = b"query=ASK{}" + b"%20" * 100_000 + b'&$z="a"'
    problem(client.post("/sparql", content=body, headers=FORM), 400)
    assert all(name.startswith("tzgraph-pages") for name in threads), threads
    assert threads


def test_bad_get(client: httpx.Client) -> None:
    """So are wrong URLs and methods."""
    problem(client.get("/sparql?query=ASK{}&query=ASK{}"), 400)
    problem(client.get("/sparql?query=%C3%28"), 400)
    problem(client.get("/sparql?default-graph-uri=http://x/"), 400)
    problem(client.get("/sparql?update=CLEAR+ALL"), 400)
    problem(client.put("/sparql", content=b"ASK {}"), 405)
    problem(client.get("/nowhere"), 404)
    problem(client.get("/static/../app.py"), 404)
    problem(client.get("/static/%2e%2e/app.py"), 404)
    problem(client.get("/redoc"), 404)


def test_long_url(url: str) -> None:
    """A URL that is too long gets a problem document as well."""
    connection = HTTPConnection(url.removeprefix("http://"))
    connection.request("GET", "/sparql?query=" + "x" * 650_000)
    response = connection.getresponse()
    assert (response.status, response.headers["content-type"]) == (414, PROBLEM)
    assert json.loads(response.read())["status"] == 414
    connection.close()


@given(body=st.binary(max_size=300), headers=st.sampled_from([DIRECT, FORM]))
@settings(max_examples=150)
def test_random_bytes(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Random bytes never make a 5xx."""
    response = httpx.post(f"{url}/sparql", content=body, headers=headers)
    if response.status_code != 200:
        assert 400 <= response.status_code < 500
        problem(response, response.status_code)


@given(
    query=st.text(
        alphabet=st.sampled_from("{}()<>?$'\"#\\uSELCTASKWHRx:/.;,@^&|!*0 \n"), max_size=60
    ),
    accept=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)
@settings(max_examples=150)
def test_random_queries(url: str, query: str, accept: str) -> None:
    """Random pieces of syntax and random Accept headers never make a 5xx."""
    headers = {"Accept": accept.strip()}
    response = httpx.get(f"{url}/sparql", params={"query": query}, headers=headers)
    assert response.status_code < 500


def test_browser_reads_a_page(client: httpx.Client) -> None:
    """Who asks for HTML gets the error on a page, with the query kept and escaped."""
    query = "SELECT </textarea><script>alert(1)</script>"
    response = client.get("/sparql", params={"query": query}, headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/html")
    assert "<script>" not in response.text
    assert "&lt;script&gt;" in response.text
