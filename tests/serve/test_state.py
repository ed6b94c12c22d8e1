"""What the server says of itself is about the state that it serves, not about what was built."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from tests.serve.helpers import EX, publish, wait_until
from tests.serve.test_damaged import flip
from tests.serve.test_pages import BROWSER
from tests.serve.writable import server_process, update, values, writable
from tzgraph.release.void import DATASET, VOID
from tzgraph.serve.isolation import is_supported
from tzgraph.vocabulary import RDF, TZ, Graphs

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")

SD = "http://www.w3.org/ns/sparql-service-description#"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[httpx.Client]:
    """A server that takes updates on a graph of one triple."""
    publish(tmp_path, 1)
    with writable(tmp_path) as client:
        yield client


@pytest.fixture
def graph(tmp_path: Path, shipped_dir: Path) -> Iterator[httpx.Client]:
    """A server that takes updates on the shipped graph."""
    shutil.copytree(shipped_dir, tmp_path / "build")
    with writable(tmp_path / "build") as client:
        yield client


def triples_at(client: httpx.Client, path: str) -> list[ox.Triple]:
    """What a document says."""
    response = client.get(path, headers={"Accept": "application/n-triples"})
    assert response.status_code == 200, response.text
    return [q.triple for q in ox.parse(response.content, format=ox.RdfFormat.N_TRIPLES)]


def number(client: httpx.Client, where: str, count: str = "*") -> int:
    """What SPARQL counts."""
    (counted,) = values(client, f"SELECT (COUNT({count}) AS ?n) WHERE {{ {where} }}")
    return int(counted)


def described(client: httpx.Client) -> dict[str, int]:
    """The counts of the service description: those of named graphs, the default graph's by ``""``.

    A graph that is listed without a count is none.
    """
    said = triples_at(client, "/sparql")
    counts = {t.subject: t.object for t in said if t.predicate.value == VOID + "triples"}
    names = {t.subject: t.object for t in said if t.predicate.value == SD + "name"}
    found = {}
    for triple in said:
        if triple.predicate.value == SD + "defaultGraph":
            found[""] = int(counts.pop(triple.object).value)  # type: ignore[union-attr, arg-type]
        if triple.predicate.value == SD + "graph":
            name = names.pop(triple.subject).value  # type: ignore[union-attr]
            found[name] = int(counts.pop(triple.object).value)  # type: ignore[union-attr, arg-type]
    assert not counts
    assert not names
    return found


def counted(client: httpx.Client) -> dict[str, int]:
    """What SPARQL counts in each graph."""
    names = values(client, "SELECT ?g { GRAPH ?g {} }")
    found = {name: number(client, f"GRAPH <{name}> {{ ?s ?p ?o }}") for name in names}
    return {"": number(client, "?s ?p ?o"), **found}


def shown(client: httpx.Client) -> Mapping[str, str]:
    """The numbers of the page about the graph."""
    page = client.get("/about", headers=BROWSER).text
    return dict(re.findall(r"<div><dt>(.+?)</dt><dd>(.+?)</dd></div>", page))


def gauge(client: httpx.Client, name: str) -> list[str]:
    """The values of a metric."""
    return re.findall(rf"^{name} (\S+)$", client.get("/metrics").text, re.M)


def test_everything_tells_what_updates_left(server: httpx.Client) -> None:
    """New graphs, empty ones, graphs that are gone, and at the end nothing at all."""
    for change in (
        f"INSERT DATA {{ <{EX}a> <{EX}p> 1, 2 . GRAPH <{EX}new> {{ <{EX}a> <{EX}p> 3 }} }}",
        f"CREATE GRAPH <{EX}empty>",
        f"INSERT {{ GRAPH <{EX}copy> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}",
        f"DELETE WHERE {{ <{EX}a> <{EX}p> ?o }}",
        f"DROP GRAPH <{EX}new>",
        "DROP ALL",
    ):
        update(server, change)
        there = counted(server)
        assert described(server) == there, change
        assert server.get("/healthz").json()["triples"] == there[""]
        assert gauge(server, "tzgraph_release_triples") == [f"{there['']:.1f}"]
        page = shown(server)
        assert page["triples"] == str(there[""])
        assert page["with provenance"] == str(sum(there.values()))
        assert page["named graphs"] == str(len(there) - 1)
        subsets = {
            t.object.value
            for t in triples_at(server, "/.well-known/void")
            if t.predicate.value == VOID + "subset" and isinstance(t.object, ox.NamedNode)
        }
        assert subsets == there.keys() - {""}
    assert there == {"": 0}
    assert (
        server.put(
            "/graphs",
            params={"graph": EX + "put"},
            content=f"<{EX}a> <{EX}b> 1, 2 .",
            headers={"Content-Type": "text/turtle"},
        ).status_code
        == 201
    )
    assert described(server) == {"": 0, EX + "put": 2}


def test_a_state_is_counted_once(server: httpx.Client) -> None:
    """However often somebody asks: what is counted is kept with the state."""
    update(server, f"INSERT DATA {{ <{EX}a> <{EX}p> 1 }}")

    def asked() -> list[str]:
        text = server.get("/metrics").text
        return re.findall(
            r'^tzgraph_cache_(?:hits|misses)_total\{layer="result"\} (\S+)$', text, re.M
        )

    before = asked()
    for _ in range(5):
        described(server)
        server.get("/healthz")
    assert asked() == before


def test_the_service_description_is_no_void(server: httpx.Client) -> None:
    """A list of partitions or vocabularies that lacks a term is an exact zero to Comunica.

    (``Estimators.ts`` of its ``actor-rdf-metadata-extract-void``.)
    """
    names = {t.predicate.value.removeprefix(VOID) for t in triples_at(server, "/sparql")}
    assert "triples" in names
    assert not names & {"classPartition", "propertyPartition", "vocabulary", "uriSpace", "entities"}


def test_a_restarted_server_tells_of_the_state(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    with writable(tmp_path) as client:
        update(client, f"INSERT DATA {{ GRAPH <{EX}new> {{ <{EX}a> <{EX}p> 1, 2 }} }}")
    with writable(tmp_path) as client:
        assert described(client) == {"": 1, EX + "new": 2}
        assert client.get("/healthz").json()["updates"] == 1


def test_void_is_that_of_the_state(graph: httpx.Client) -> None:
    """Counts, partitions and examples follow; what the sources are said to be stays."""
    void = set(triples_at(graph, "/.well-known/void"))
    new = "https://w3id.org/tzgraph/id/drug/new-one"
    update(
        graph,
        f"INSERT DATA {{ <{new}> a <{TZ}Drug> ; <{EX}madeIn> 'Here'@en ; <{TZ}targets> <{EX}x> }} ;"
        f"DROP GRAPH <{Graphs.INFERRED}> ; DELETE WHERE {{ ?s <{TZ}nctId> ?o }}",
    )
    now = set(triples_at(graph, "/.well-known/void"))

    def said(node: str, name: str) -> int:
        (found,) = [
            t.object
            for t in now
            if t.subject == ox.NamedNode(node) and t.predicate.value == VOID + name
        ]
        assert isinstance(found, ox.Literal)
        return int(found.value)

    def parts(predicate: str, of: str) -> list[str]:
        return [
            t.subject.value
            for t in now
            if t.predicate.value == predicate
            and t.object == ox.NamedNode(of)
            and isinstance(t.subject, ox.NamedNode)
            and t.subject.value.startswith(Graphs.METADATA)
        ]

    assert said(DATASET, "triples") == number(graph, "?s ?p ?o")
    assert said(DATASET, "distinctObjects") == number(graph, "?s ?p ?o", "DISTINCT ?o")
    by_name = Graphs.METADATA + "#class-tz:Drug"
    assert said(by_name, "entities") == number(graph, f"?s a <{TZ}Drug>")
    assert said(f"{by_name}/tz:targets", "triples") == number(
        graph, f"?s a <{TZ}Drug> ; <{TZ}targets> ?o"
    )
    assert not parts(VOID + "property", TZ + "nctId")
    assert len(parts(VOID + "property", EX + "madeIn")) == 2  # of the whole, and of drugs
    gone = ox.NamedNode(Graphs.INFERRED)
    assert not [t for t in now if gone in (t.subject, t.object) and "void#" in str(t)]
    labels = {t for t in void if t.predicate.value.endswith("#label")}
    assert labels <= now
    types = {t.object for t in now if t.predicate.value == RDF + "type"}
    assert types == {t.object for t in void if t.predicate.value == RDF + "type"}


def test_the_library_is_described_although_the_graph_is_empty(graph: httpx.Client) -> None:
    update(graph, "DROP ALL")
    said = triples_at(graph, "/.well-known/void")
    targets = {str(t.object) for t in said if t.predicate.value == "https://schema.org/target"}
    assert targets == {f"<{graph.base_url}/sparql>"}
    assert not [t for t in said if t.predicate.value == VOID + "propertyPartition"]


def test_health_tells_that_another_release_is_served(tmp_path: Path) -> None:
    """From the start, and after a new release that is damaged."""
    publish(tmp_path, 1)
    broken = publish(tmp_path, 2)
    flip(max((broken.path / "store").glob("*.sst")))
    with server_process(tmp_path) as process, httpx.Client(base_url=process.url) as client:
        health = client.get("/healthz").json()
        assert (health["status"], health["refused"]) == ("fallback", "damaged-release")
        assert gauge(client, "tzgraph_release_fallback") == ["1.0"]
        whole = publish(tmp_path, 3)
        wait_until(lambda: client.get("/healthz").json()["release"] == whole.manifest.id, 120)
        health = client.get("/healthz").json()
        assert health["status"] == "ok"
        assert "refused" not in health
        assert gauge(client, "tzgraph_release_fallback") == ["0.0"]


def test_health_tells_that_a_new_release_is_refused(tmp_path: Path) -> None:
    served = publish(tmp_path, 1)
    with writable(tmp_path) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        publish(tmp_path, 2, claimed=7)  # which is not what it holds
        wait_until(lambda: client.get("/healthz").json()["status"] == "fallback", 120)
        health = client.get("/healthz").json()
        assert (health["release"], health["refused"]) == (served.manifest.id, "unreadable-input")
