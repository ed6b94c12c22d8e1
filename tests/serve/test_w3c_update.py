"""The W3C tests of SPARQL 1.1 Update, the graph store and the service description, over HTTP.

All tests go to one server, which drops all graphs in between. Each evaluation test also runs on a
bare Oxigraph store, which has to agree: what fails in both is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest
from rdflib import RDF, URIRef

from tests.serve import w3c
from tests.serve.helpers import problem
from tests.serve.w3c import (
    DIRECT,
    MF,
    NOTHING,
    SUITE,
    UT,
    Exchange,
    State,
    entries,
    exchanges,
    labelled_graphs,
    name_of,
    parsed,
    path_of,
    prepare,
)

pytestmark = w3c.needs_suite

FOLDERS = (
    *("add", "basic-update", "clear", "copy", "delete", "delete-data", "delete-insert"),
    *("delete-where", "drop", "move", "update-silent", "syntax-update-1", "syntax-update-2"),
)
_LOAD = "the server: LOAD is refused in every form, as it would leave the machine"
#: Tests that fail, each with its reason; "engine" where a bare Oxigraph store fails too.
EXPECTED: dict[str, str] = {
    "update-silent/load-silent": _LOAD,
    "update-silent/load-into-silent": _LOAD,
}
EVERYTHING = "SELECT ?s ?p ?o ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
SD = "http://www.w3.org/ns/sparql-service-description#"


@dataclass(frozen=True)
class UpdateTest:
    """A test of the suite: an update, the data before it and those that it should leave."""

    name: str
    kind: str
    request: Path
    before: State = NOTHING
    after: State = NOTHING

    @property
    def text(self) -> str:
        """The update, with its own address as the base."""
        return f"BASE <{self.request.as_uri()}>\n{self.request.read_text(encoding='utf-8')}"


def all_tests() -> Iterator[UpdateTest]:
    for folder in FOLDERS:
        graph = parsed(SUITE / folder / "manifest.ttl")
        for node in entries(graph):
            kind = str(graph.value(node, RDF.type)).removeprefix(MF)
            action = graph.value(node, URIRef(MF + "action"))
            result = graph.value(node, URIRef(MF + "result"))
            name = name_of(folder, node)
            if "Syntax" in kind:
                yield UpdateTest(name, kind, path_of(action))
                continue
            states = (
                State(
                    tuple(map(path_of, graph.objects(one, URIRef(UT + "data")))),
                    labelled_graphs(graph, one),
                )
                for one in (action, result)
            )
            yield UpdateTest(
                name, kind, path_of(graph.value(action, URIRef(UT + "request"))), *states
            )


TESTS = list(all_tests())


def as_set(quads: Iterator[ox.Quad]) -> ox.Dataset:
    """Give quads so that isomorphic sets of them are equal."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def served(client: httpx.Client) -> Iterator[ox.Quad]:
    """Read all graphs of the server."""
    response = client.get("/sparql", params={"query": EVERYTHING, "format": "json"})
    solutions = ox.parse_query_results(response.content, format=ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    for row in solutions:
        assert isinstance(row["s"], ox.NamedNode | ox.BlankNode)
        assert isinstance(row["p"], ox.NamedNode)
        assert row["o"] is not None
        graph = row["g"] if isinstance(row["g"], ox.NamedNode) else ox.DefaultGraph()
        yield ox.Quad(row["s"], row["p"], row["o"], graph)


def over_http(test: UpdateTest, client: httpx.Client) -> bool:
    """Whether a test passes over HTTP."""
    if "Syntax" not in test.kind:
        prepare(client, test.before)
    response = client.post("/update", content=test.text.encode(), headers=DIRECT)
    if "Syntax" in test.kind:
        wrong = str(problem(response, 400)["type"]) if response.status_code != 204 else ""
        # What is well written may name a graph that is not there, or one in the network.
        return bool(wrong) if "Negative" in test.kind else not wrong.endswith("#query-syntax")
    if response.status_code != 204:
        return False
    return as_set(served(client)) == as_set(test.after.quads())


def on_the_engine(test: UpdateTest) -> bool:
    """Whether a test passes on a bare store."""
    store = ox.Store()
    store.extend(test.before.quads())
    try:
        store.update(test.text)
    except SyntaxError:
        return "Negative" in test.kind
    except (RuntimeError, OSError):
        return "Positive" in test.kind
    if "Syntax" in test.kind:
        return "Positive" in test.kind
    return as_set(iter(store)) == as_set(test.after.quads())


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_w3c_update(test: UpdateTest, w3c_server: httpx.Client) -> None:
    passes = over_http(test, w3c_server)
    assert passes == (test.name not in EXPECTED)
    # A bare store would look for what LOAD names in the network.
    if "LOAD" not in test.text.upper():
        assert on_the_engine(test) == passes


def test_the_list_of_exceptions_is_current() -> None:
    assert set(EXPECTED) - {test.name for test in TESTS} == set()
    assert len(TESTS) > 140


# -- protocol --------------------------------------------------------------------------------


def protocol_tests() -> Iterator[tuple[str, list[Exchange]]]:
    """The protocol tests with updates, which have a route of their own here."""
    for name, requests in exchanges(SUITE / "protocol" / "manifest.ttl"):
        if "update" in name:
            yield name, [request.at(route_of(request)) for request in requests]


def route_of(request: Exchange) -> str:
    asks = "application/sparql-query" in request.headers.values()
    route = "/sparql" if asks or (request.body and b"query=" in request.body) else "/update"
    return request.url.replace("/sparql/", route, 1)


PROTOCOL = list(protocol_tests())


@pytest.mark.parametrize(("name", "requests"), PROTOCOL, ids=[name for name, _ in PROTOCOL])
def test_w3c_protocol(name: str, requests: list[Exchange], w3c_server: httpx.Client) -> None:
    for sent in requests:
        response = w3c_server.request(
            sent.method, sent.url, headers=sent.headers, content=sent.body
        )
        assert str(response.status_code)[0] in sent.statuses, response.text
        if response.status_code >= 400:
            problem(response, response.status_code)
        if sent.boolean:
            assert response.json()["boolean"] == (sent.boolean == "true")
    assert requests, name


# -- graph store -----------------------------------------------------------------------------

STORE = [
    test
    for kind in ("direct", "indirect")
    for test in exchanges(SUITE / "graph-store-protocol" / f"manifest-{kind}.ttl")
]


def turtle(text: bytes) -> ox.Dataset:
    return as_set(ox.parse(text, format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize(("name", "requests"), STORE, ids=[name for name, _ in STORE])
def test_w3c_graph_store(name: str, requests: list[Exchange], w3c_server: httpx.Client) -> None:
    prepare(w3c_server, NOTHING)
    places: dict[str, str] = {}
    for sent in requests:
        url, body = sent.url.replace("/gsp", "/graphs", 1), sent.body
        for variable, place in places.items():
            url = url.replace(variable, quote(place, safe=""))
            body = body and body.replace(variable.encode(), place.encode())
        headers = {**sent.headers, "Host": "www.example"}
        response = w3c_server.request(sent.method, url, headers=headers, content=body)
        assert str(response.status_code) in sent.statuses, f"{name}: {response.text}"
        if response.status_code >= 400 and sent.method != "HEAD":
            problem(response, response.status_code)
        if sent.location:
            places[sent.location] = response.headers["location"]
        if sent.expected or (sent.method == "HEAD" and response.status_code == 200):
            assert response.headers["content-type"].startswith("text/turtle")
        if sent.expected:
            assert turtle(response.content) == turtle(sent.expected.encode())


def test_a_new_graph_is_read_at_its_location(w3c_server: httpx.Client) -> None:
    """Of the older suite, http-rdf-update: GET on the address itself, and a POST of nothing."""
    data = b"@prefix f: <http://xmlns.com/foaf/0.1/> . [] a f:Person ; f:name 'Alice' ."
    form = {"Content-Type": "text/turtle"}
    made = w3c_server.post("/graphs", content=data, headers=form)
    assert made.status_code == 201
    for _ in range(2):
        found = w3c_server.get(made.headers["location"], headers={"Accept": "text/turtle"})
        assert turtle(found.content) == turtle(data)
        nothing = w3c_server.post(made.headers["location"], content=b"", headers=form)
        assert nothing.status_code == 204


# -- service description ---------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text/turtle", "application/rdf+xml", "application/ld+json"])
def test_w3c_service_description(w3c_server: httpx.Client, form: str) -> None:
    """returns-rdf, has-endpoint-triple and conforms-to-schema, which the suite tells in words."""
    response = w3c_server.get("/sparql", headers={"Accept": form})
    assert response.headers["content-type"].startswith(form)
    graph = ox.Store()
    graph.load(response.content, format=ox.RdfFormat.from_media_type(form))
    endpoint = ox.NamedNode(f"{w3c_server.base_url}/sparql")
    [link] = graph.quads_for_pattern(None, ox.NamedNode(f"{SD}endpoint"), endpoint)
    kinds = graph.quads_for_pattern(link.subject, ox.NamedNode(str(RDF.type)), None)
    assert ox.NamedNode(f"{SD}Service") in {quad.object for quad in kinds}
    update = ox.NamedNode(f"{w3c_server.base_url}/update")
    [writes] = graph.quads_for_pattern(None, ox.NamedNode(f"{SD}endpoint"), update)
    language = graph.quads_for_pattern(writes.subject, ox.NamedNode(f"{SD}supportedLanguage"), None)
    assert [quad.object for quad in language] == [ox.NamedNode(f"{SD}SPARQL11Update")]
    assert {
        quad.predicate.value for quad in graph if quad.predicate.value.startswith(SD)
    } <= PROPERTIES


#: Of https://www.w3.org/TR/sparql11-service-description/, section 3.4.
PROPERTIES = {
    SD + name
    for name in (
        *("endpoint", "feature", "defaultEntailmentRegime", "entailmentRegime"),
        *("defaultSupportedEntailmentProfile", "supportedEntailmentProfile"),
        *("extensionFunction", "extensionAggregate", "languageExtension", "supportedLanguage"),
        *("propertyFeature", "defaultDataset", "availableGraphs", "resultFormat", "inputFormat"),
        *("defaultGraph", "namedGraph", "name", "graph"),
    )
}
