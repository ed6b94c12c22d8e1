"""The W3C tests of SPARQL 1.1, as their manifests tell them.

https://www.w3.org/2009/sparql/docs/tests/. The suite is not part of the project, see
:mod:`tests.shared`; without it, modules that import this one are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from rdflib import RDFS, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from tests.shared import need
from tzgraph.interop import rdflib_graph
from tzgraph.serve.isolation import is_supported

SUITE = need("w3c/sparql/sparql11")
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
_HT = "http://www.w3.org/2011/http#"
_CNT = "http://www.w3.org/2011/content#"
_STATUSES = {"OK": "200", "Created": "201", "NoContent": "204", "NotFound": "404"}
DIRECT = {"Content-Type": "application/sparql-update"}

needs_suite = [
    pytest.mark.w3c,
    pytest.mark.skipif(not is_supported(), reason="only Linux takes updates"),
    pytest.mark.filterwarnings("ignore"),  # rdflib warns of the suite's ill-formed literals
]


def parsed(path: Path) -> Graph:
    """Read a file of the suite."""
    return rdflib_graph(ox.parse(path=str(path), base_iri=path.as_uri()))


def entries(graph: Graph) -> Iterator[Node]:
    """Give the tests of a manifest, in its order."""
    for node in graph.objects(None, URIRef(MF + "entries")):
        yield from Collection(graph, node)


def path_of(node: Node | None) -> Path:
    """Give the path of a file that a manifest names."""
    return Path(str(node).removeprefix("file://"))


def name_of(folder: str, node: Node) -> str:
    """Give a test's name, with the folder that it is in."""
    return f"{folder}/{str(node).rpartition('#')[2].rpartition('/')[2]}"


def labelled_graphs(graph: Graph, node: Node | None) -> tuple[tuple[str, Path], ...]:
    """Give the named graphs of a set of data, with their files."""
    return tuple(
        (str(graph.value(one, RDFS.label)), path_of(graph.value(one, URIRef(UT + "graph"))))
        for one in graph.objects(node, URIRef(UT + "graphData"))
    )


@dataclass(frozen=True)
class Exchange:
    """A request of a test of a protocol, and what is expected of its answer.

    :ivar statuses: statuses that are right, or their first figures
    :ivar boolean: ``true`` or ``false`` where that is the answer
    :ivar form: kind of result, empty where it does not matter
    :ivar data: graphs that have to be there, by name
    :ivar location: what stands for the Location of the answer in later requests
    :ivar expected: the body, in Turtle
    """

    name: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    statuses: tuple[str, ...]
    boolean: str = ""
    form: str = ""
    data: tuple[tuple[str, Path], ...] = ()
    location: str = ""
    expected: str = ""

    def at(self, url: str) -> Exchange:
        """Give the same request to another address."""
        return replace(self, url=url)


def exchanges(manifest: Path) -> Iterator[tuple[str, list[Exchange]]]:
    """Give the requests of each test of a manifest."""
    graph = parsed(manifest)
    for node in entries(graph):
        name = str(node).rpartition("#")[2]
        connection = graph.value(node, URIRef(MF + "action"))
        requests = graph.value(connection, URIRef(_HT + "requests"))
        if requests is not None:
            data = labelled_graphs(graph, node)
            nodes = Collection(graph, requests)
            yield name, [_exchange(graph, name, request, data) for request in nodes]


def _exchange(
    graph: Graph, name: str, request: Node, data: tuple[tuple[str, Path], ...]
) -> Exchange:
    def ht(node: Node | None, name: str) -> Node | None:
        return graph.value(node, URIRef(_HT + name))

    def text(node: Node | None) -> tuple[str, str] | None:
        if node is None:
            return None
        coding = graph.value(node, URIRef(_CNT + "characterEncoding")) or "UTF-8"
        return str(graph.value(node, URIRef(_CNT + "chars"))), str(coding)

    given = ht(request, "headers")
    fields = Collection(graph, given) if given is not None else ()
    response, body = ht(request, "resp"), text(ht(request, "body"))
    statuses = (
        str(status).rpartition("#")[2].removeprefix("StatusCode").removesuffix("xx")
        for status in graph.objects(response, URIRef(MF + "expectedStatus"))
    )

    def said(name: str) -> str:
        return str(graph.value(response, URIRef(MF + name)) or "")

    return Exchange(
        name,
        str(ht(request, "methodName")),
        str(ht(request, "absolutePath")),
        {str(ht(f, "fieldName")): str(ht(f, "fieldValue")) for f in fields},
        None if body is None else body[0].encode(body[1]),
        tuple(_STATUSES.get(status, status) for status in statuses),
        said("expectedBoolean"),
        said("expectedFormat"),
        data,
        said("expectedLocation"),
        (text(ht(response, "body")) or ("", ""))[0],
    )


@dataclass(frozen=True)
class State:
    """What is in a store.

    :ivar default: files of the default graph
    :ivar named: the named graphs, each with its file
    """

    default: tuple[Path, ...] = ()
    named: tuple[tuple[str, Path], ...] = ()

    def quads(self) -> Iterator[ox.Quad]:
        """Read the files."""
        graphs: list[tuple[ox.NamedNode | ox.DefaultGraph, Path]] = [
            *((ox.DefaultGraph(), path) for path in self.default),
            *((ox.NamedNode(name), path) for name, path in self.named),
        ]
        for graph, path in graphs:
            for quad in ox.parse(path=str(path), base_iri=path.as_uri(), rename_blank_nodes=True):
                yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)


NOTHING = State()


def prepare(client: httpx.Client, state: State) -> None:
    """Let the server hold nothing but this."""
    lines = (
        f"GRAPH {quad.graph_name} {{ {quad.triple} }}"
        if isinstance(quad.graph_name, ox.NamedNode)
        else f"{quad.triple} ."
        for quad in state.quads()
    )
    update = "DROP ALL ; INSERT DATA {\n" + "\n".join(lines) + "\n}"
    response = client.post("/update", content=update.encode(), headers=DIRECT)
    assert response.status_code == 204, response.text
