"""Clients that people use."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import (
    HTTPBasicAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    Request,
    build_opener,
    urlopen,
)

import httpx
import pandas
import pytest
from rdflib import Dataset, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore

from tests.serve.helpers import EX
from tests.serve.test_isolation import product, running
from tests.serve.writable import BEARER, TOKEN, values
from tzgraph.release import Release
from tzgraph.serve.isolation import is_supported

# SPARQLWrapper 2.0 uses names that rdflib has since deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
writes = pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")
wrapper: Any = pytest.importorskip("SPARQLWrapper")
SPARQLExceptions: Any = pytest.importorskip("SPARQLWrapper.SPARQLExceptions")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper(url: str, method: str) -> None:
    """SPARQLWrapper reads JSON, XML and graphs."""
    client = wrapper.SPARQLWrapper(f"{url}/sparql")
    client.setMethod(method)
    client.setReturnFormat(wrapper.JSON)
    client.setQuery("SELECT ?o { ex:a ex:p ?o }")
    assert client.query().convert()["results"]["bindings"][0]["o"]["value"] == EX + "b"
    client.setReturnFormat(wrapper.XML)
    assert EX + "b" in client.query().convert().toxml()
    client.setQuery("CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }")
    assert len(client.query().convert()) == 2


_SELECT, _ASK = "SELECT ?o { ex:a ex:p ?o }", "ASK { ex:a ex:p ex:b }"
_CONSTRUCT = "CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }"


@pytest.mark.parametrize("conneg", [True, False], ids=["accept", "format"])
@pytest.mark.parametrize("request_method", ["urlencoded", "postdirectly"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_formats(url: str, method: str, request_method: str, conneg: bool) -> None:
    """Each of its formats with each kind of query, by header and by the names it has for them."""

    def ask(query: str, form: str) -> tuple[Any, str]:
        client = wrapper.SPARQLWrapper(f"{url}/sparql")
        client.setMethod(method)
        client.setRequestMethod(request_method)
        client.setOnlyConneg(conneg)
        client.setReturnFormat(form)
        client.setQuery(query)
        result = client.query()
        return result.convert(), str(result.info()["content-type"]).partition(";")[0]

    for form in (wrapper.JSON, wrapper.XML, wrapper.CSV, wrapper.TSV):
        found, media_type = ask(_SELECT, form)
        assert {"tsv": "tab-separated"}.get(form, form) in media_type
        shown = found.toxml() if form == wrapper.XML else found
        assert EX + "b" in (shown.decode() if isinstance(shown, bytes) else str(shown))
    found, _ = ask(_ASK, wrapper.JSON)
    assert found["boolean"] is True
    found, _ = ask(_ASK, wrapper.XML)
    assert "<boolean>true</boolean>" in found.toxml()
    for form in (wrapper.XML, wrapper.RDFXML, wrapper.JSONLD):
        for query, triples in ((_CONSTRUCT, 2), ("DESCRIBE ex:a", 4)):
            found, media_type = ask(query, form)
            assert len(found) == triples, (form, media_type)
    for form, media in ((wrapper.TURTLE, "text/turtle"), (wrapper.N3, "text/turtle")):
        found, media_type = ask(_CONSTRUCT, form)
        assert media_type == media
        assert len(Graph().parse(data=found, format="turtle")) == 2


def test_sparqlwrapper_errors(url: str) -> None:
    """Its exception has the words of the answer."""
    client = wrapper.SPARQLWrapper(f"{url}/sparql")
    client.setQuery("SELECT * { ?s ?p }")
    with pytest.raises(SPARQLExceptions.QueryBadFormed, match="Line 1, column"):
        client.query()


@pytest.mark.parametrize("name", ["text/csv", "csv", "text/tab-separated-values", "tsv"])
@pytest.mark.parametrize("parameter", ["format", "output"])
def test_pandas(url: str, parameter: str, name: str) -> None:
    """As many notebooks have it, from an address alone."""
    asked = urlencode({"query": "SELECT ?s ?o { ?s ex:p ?o } ORDER BY ?s", parameter: name})
    separator = "\t" if "t" in name.replace("text/csv", "csv") else ","
    frame = pandas.read_csv(f"{url}/sparql?{asked}", sep=separator)
    assert frame.shape == (2, 2)
    wrong = urlencode({"query": _SELECT, parameter: "cvs"})
    with pytest.raises(HTTPError, match="400"):
        pandas.read_csv(f"{url}/sparql?{wrong}")


@pytest.mark.parametrize("form", ["xml", "json", "csv"])
@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_formats(url: str, method: Any, form: str) -> None:
    store = SPARQLStore(f"{url}/sparql", method=method, returnFormat=form)
    assert [str(row[0]) for row in store.query(_SELECT)] == [EX + "b"]  # type: ignore[index]
    if form != "csv":
        assert store.query(_ASK).askAnswer is True
    if form == "xml":
        assert len(store.query(_CONSTRUCT).graph or ()) == 2


def test_urllib(url: str) -> None:
    """Without a header, with the name of a format, and with the method QUERY."""
    with opened(f"{url}/sparql?{urlencode({'query': _SELECT, 'format': 'csv'})}", "*/*") as answer:
        assert [line.strip() for line in answer] == [b"o", (EX + "b").encode()]
    query = Request(  # noqa: S310 - http
        f"{url}/sparql",
        data=_SELECT.encode(),
        headers={"Content-Type": "application/sparql-query", "Accept": "text/csv"},
        method="QUERY",
    )
    with urlopen(query, timeout=60) as answer:  # noqa: S310 - http
        assert answer.read().split() == [b"o", (EX + "b").encode()]


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib(url: str, method: Any) -> None:
    """rdflib's SPARQLStore reads triples, also of a named graph."""
    store = SPARQLStore(f"{url}/sparql", method=method)
    found = {str(o) for (_, _, o), _ in store.triples((URIRef(EX + "a"), URIRef(EX + "p"), None))}
    assert found == {EX + "b"}
    rows = list(store.query("SELECT ?o { ?s <http://example.org/p> ?o }", queryGraph=EX + "G1"))
    assert [str(row[0]) for row in rows] == [EX + "only1"]  # type: ignore[index]


def opened(url: str, accept: str) -> Any:
    return urlopen(Request(url, headers={"Accept": accept}), timeout=60)  # noqa: S310 - http


def _lines(answer: IO[bytes]) -> int:
    return sum(1 for _line in answer)


def _all(answer: IO[bytes]) -> int:
    return answer.read().count(b"\n")


def _rows(answer: IO[bytes]) -> int:
    return sum(1 for _row in csv.reader(io.TextIOWrapper(answer, "utf-8")))


@writes
@pytest.mark.parametrize("read", [_lines, _all, _rows])
@pytest.mark.parametrize("form", ["text/csv", "application/sparql-results+json", "text/turtle"])
def test_urllib_notices_what_is_cut(
    release: Release, read: Callable[[IO[bytes]], int], form: str
) -> None:
    """Python's urllib ends quietly at a plain end of a body in chunks, line by line."""
    what = "CONSTRUCT { ?s ?p ?n }" if form == "text/turtle" else "SELECT *"
    number = "?d0 + 10 * ?d1 + 100 * ?d2 + 1000 * ?d3 + 10000 * ?d4"
    query = f"{what} {{ ?s ?p ?o {product(5)} BIND({number} AS ?n) }}"
    with running(release, max_result_bytes=300_000) as server:
        url = f"{server.url}/sparql?{urlencode({'query': query})}"
        cut = pytest.raises((OSError, HTTPException))
        with opened(url, form) as answer, cut:
            read(answer)
        whole = f"{server.url}/sparql?{urlencode({'query': f'SELECT * {{ {product(2)} }}'})}"
        with opened(whole, "text/csv") as answer:
            assert read(answer) == 101


@writes
def test_sparqlwrapper_updates(writer: httpx.Client) -> None:
    """SPARQLWrapper sends updates, with the token in a header of its own."""
    for number, request in enumerate((wrapper.URLENCODED, wrapper.POSTDIRECTLY)):
        client = wrapper.SPARQLWrapper(f"{writer.base_url}/update")
        client.setMethod(wrapper.POST)
        client.setRequestMethod(request)
        client.addCustomHttpHeader("Authorization", BEARER["Authorization"])
        client.setQuery(f"INSERT DATA {{ ex:wrapped ex:is {number} }}")
        client.query()
        found = values(writer, "SELECT ?o { ex:wrapped ex:is ?o }")
        assert found == [str(n) for n in range(number + 1)]


@writes
def test_sparqlwrapper_password(writer: httpx.Client) -> None:
    """User and password are all that it has a setting for."""
    client = wrapper.SPARQLWrapper(f"{writer.base_url}/update")
    client.setHTTPAuth(wrapper.BASIC)
    client.setCredentials("me", TOKEN)
    client.setMethod(wrapper.POST)
    client.setQuery("INSERT DATA { ex:password ex:is 1 }")
    client.query()
    assert values(writer, "SELECT ?o { ex:password ex:is ?o }") == ["1"]
    client.setCredentials("me", "another")
    with pytest.raises(SPARQLExceptions.Unauthorized):
        client.query()


@writes
def test_rdflib_password(writer: httpx.Client) -> None:
    url = str(writer.base_url)
    store = SPARQLUpdateStore(f"{url}/sparql", f"{url}/update", auth=("me", TOKEN))
    store.update("INSERT DATA { <x:rdflib> <x:is> 1 }")
    assert values(writer, "SELECT ?o { <x:rdflib> ?p ?o }") == ["1"]


@writes
def test_urllib_password(writer: httpx.Client) -> None:
    """It answers the challenge, which names two ways."""
    known = HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, str(writer.base_url), "me", TOKEN)
    data = urlencode({"update": "INSERT DATA { ex:urllib ex:is 1 }"}).encode()
    with build_opener(HTTPBasicAuthHandler(known)).open(
        f"{writer.base_url}/update", data, timeout=60
    ) as answer:
        assert answer.status == 204
    assert values(writer, "SELECT ?o { ex:urllib ex:is ?o }") == ["1"]


@writes
def test_rdflib_updates(writer: httpx.Client) -> None:
    """rdflib's SPARQLUpdateStore adds, changes and removes triples of a named graph."""
    url, name = str(writer.base_url), URIRef(EX + "from-rdflib")
    store = SPARQLUpdateStore(
        f"{url}/sparql", f"{url}/update", autocommit=False, headers=dict(BEARER)
    )
    graph = Dataset(store).graph(name)
    subject, predicate = URIRef(EX + "a"), URIRef(EX + "is")
    for value in range(3):
        graph.add((subject, predicate, Literal(value)))
    store.commit()
    ask = f"SELECT ?o {{ GRAPH <{name}> {{ ?s ex:is ?o }} }}"
    assert values(writer, ask) == ["0", "1", "2"]
    graph.remove((subject, predicate, Literal(1)))
    store.commit()
    assert values(writer, ask) == ["0", "2"]
    assert len(graph) == 2
    store.update("DELETE WHERE { GRAPH ?g { ?s ?p 2 } }")
    store.commit()
    assert {int(o) for o in graph.objects(subject, predicate)} == {0}  # type: ignore[call-overload]


@writes
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl(writer: httpx.Client, tmp_path: Path) -> None:
    """curl asks, updates, and sends and fetches a graph; -T streams from standard input."""
    url, token = str(writer.base_url), f"Authorization: {BEARER['Authorization']}"

    def curl(*arguments: str, given: str = "") -> str:
        command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "20", *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
        return done.stdout

    update = "update=INSERT DATA { ex:curled ex:is 'a b' }"
    curl("-H", token, "--data-urlencode", update, f"{url}/update")
    query = "query=SELECT ?o { ex:curled ex:is ?o }"
    csv = ("-H", "Accept: text/csv")
    assert curl(*csv, "--data-urlencode", query, f"{url}/sparql").split() == ["o", "a", "b"]
    assert curl(*csv, "-G", "--data-urlencode", query, f"{url}/sparql").endswith("a b\n")
    graph = f"{url}/graphs?graph=x:curl"
    turtle = ("-H", "Content-Type: text/turtle")
    many = "".join(f"<x:{n}> <x:p> <x:o> .\n" for n in range(20_000))
    curl("-H", token, *turtle, "-T", "-", graph, given=many)
    file = tmp_path / "one.ttl"
    file.write_text("<x:a> <x:p> <x:o> .")
    curl("-H", token, *turtle, "--data-binary", f"@{file}", graph)
    fetched = curl("--compressed", "-H", "Accept: application/n-triples", graph)
    assert len(fetched.splitlines()) == 20_001
    curl("-H", token, "-X", "DELETE", graph)
    with pytest.raises(subprocess.CalledProcessError):
        curl(graph)
