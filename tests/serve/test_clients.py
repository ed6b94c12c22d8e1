"""Clients that people use."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import httpx
import pytest
from rdflib import Dataset, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore

from tests.serve.helpers import EX, publish
from tests.serve.test_isolation import product, running
from tests.serve.writable import BEARER, values, writable
from tzgraph.release import Release
from tzgraph.serve.isolation import is_supported

# SPARQLWrapper 2.0 uses names that rdflib has since deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
writes = pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")
wrapper: Any = pytest.importorskip("SPARQLWrapper")


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


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server that takes updates."""
    directory = tmp_path_factory.mktemp("build")
    publish(directory, 1)
    with writable(directory) as client:
        yield client


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
