"""The SPARQL 1.1 Protocol over HTTP, with content negotiation."""

from __future__ import annotations

import csv
import io

import httpx
import pyoxigraph as ox
import pytest

from tests.serve.helpers import EX, problem

SELECT = "SELECT ?s ?o WHERE { ?s ex:p ?o } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }"


def bindings(response: httpx.Response) -> list[dict[str, str]]:
    """Give the rows of a JSON result."""
    assert response.status_code == 200, response.text
    rows = response.json()["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in rows]


def test_three_ways_to_ask(client: httpx.Client) -> None:
    """GET, form POST and direct POST give the same."""
    expected = [{"s": EX + "a", "o": EX + "b"}, {"s": EX + "b", "o": EX + "c"}]
    assert bindings(client.get("/sparql", params={"query": SELECT})) == expected
    assert bindings(client.post("/sparql", data={"query": SELECT})) == expected
    for media_type in ("application/sparql-query", "Application/Sparql-Query; charset=UTF-8"):
        headers = {"Content-Type": media_type}
        assert bindings(client.post("/sparql", content=SELECT, headers=headers)) == expected


def test_charset_of_a_direct_post(client: httpx.Client) -> None:
    """A query is read in the charset that the client names."""
    headers = {"Content-Type": 'application/sparql-query; charset="iso-8859-1"'}
    query = "SELECT ('é' AS ?x) {}".encode("latin-1")
    assert bindings(client.post("/sparql", content=query, headers=headers)) == [{"x": "é"}]


@pytest.mark.parametrize(
    ("accept", "query", "media_type"),
    [
        ("*/*", SELECT, "application/sparql-results+json"),
        ("application/json", SELECT, "application/json"),
        ("application/sparql-results+xml", SELECT, "application/sparql-results+xml"),
        ("text/csv", SELECT, "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "ASK {}", "text/tab-separated-values; charset=utf-8"),
        ("text/csv;q=0.5, application/json;q=0.4", SELECT, "text/csv; charset=utf-8"),
        ("application/sparql-results+json;q=0, */*", SELECT, "application/sparql-results+xml"),
        ("text/turtle, text/csv;q=0.1", SELECT, "text/csv; charset=utf-8"),
        ("nonsense, text/csv", SELECT, "text/csv; charset=utf-8"),
        ("nonsense", SELECT, "application/sparql-results+json"),
        ("*/*", CONSTRUCT, "text/turtle; charset=utf-8"),
        ("application/ld+json", CONSTRUCT, "application/ld+json"),
        ("application/rdf+xml;q=0.2, text/turtle;q=0.1", CONSTRUCT, "application/rdf+xml"),
        ("application/n-triples", CONSTRUCT, "application/n-triples"),
        ("application/trig", CONSTRUCT, "application/trig"),
        ("text/html, */*;q=0.1", SELECT, "text/html; charset=utf-8"),
        ("text/html", CONSTRUCT, "text/html; charset=utf-8"),
    ],
)
def test_negotiation(client: httpx.Client, accept: str, query: str, media_type: str) -> None:
    """The format follows the Accept header and the query's form."""
    response = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == media_type
    assert "Accept" in response.headers["vary"]


def test_not_acceptable_lists_what_there_is(client: httpx.Client) -> None:
    """A 406 says what can be had, for the form of the query where it is known."""
    params = {"query": SELECT}
    for accept in ("image/png", "text/turtle", "*/*;q=0"):
        document = problem(client.get("/sparql", params=params, headers={"Accept": accept}), 406)
        available = document["available"]
        assert isinstance(available, list)
        assert "application/sparql-results+json" in available
    response = client.get("/sparql", params=params, headers={"Accept": "text/turtle"})
    assert "text/turtle" not in response.json()["available"]


def test_syntax_goes_before_format(client: httpx.Client) -> None:
    """A query that can't be parsed is told so although its format is not acceptable either."""
    response = client.get("/sparql", params={"query": "SELEC"}, headers={"Accept": "text/turtle"})
    problem(response, 400)


def test_format_parameter(client: httpx.Client) -> None:
    """The format parameter wins over the header where it fits, and is passed over otherwise."""
    params = {"query": SELECT, "format": "csv"}
    response = client.get("/sparql", params=params, headers={"Accept": "text/html"})
    assert next(csv.reader(io.StringIO(response.text))) == ["s", "o"]
    # More than a page shows: what is no page is never cut, whatever else would be one.
    many = f"SELECT ?n {{ VALUES ?n {{ {' '.join(map(str, range(1500)))} }} }}"
    params = {"query": many, "format": "csv"}
    response = client.get("/sparql", params=params, headers={"Accept": "text/html"})
    assert response.text.split() == ["n", *map(str, range(1500))]
    response = client.get("/sparql", params={"query": SELECT, "format": "turtle"})
    assert response.headers["content-type"] == "application/sparql-results+json"


def test_dataset_parameters(client: httpx.Client) -> None:
    """default-graph-uri and named-graph-uri replace the dataset, also that of FROM."""

    def objects(query: str, **graphs: list[str]) -> set[str]:
        params: dict[str, str | list[str]] = {"query": query}
        params |= {name.replace("_", "-"): iris for name, iris in graphs.items()}
        return {row["o"] for row in bindings(client.get("/sparql", params=params))}

    every, named = "SELECT ?o { ?s ex:p ?o }", "SELECT ?o { GRAPH ?g { ?s ex:p ?o } }"
    one, two = EX + "G1", EX + "G2"
    assert objects(every, default_graph_uri=[one]) == {EX + "only1"}
    assert objects(every, default_graph_uri=[one, two]) == {EX + "only1", EX + "only2"}
    assert objects(named, named_graph_uri=[two]) == {EX + "only2"}
    assert objects(every, named_graph_uri=[two]) == set()
    assert objects(named, default_graph_uri=[two]) == set()
    assert objects("SELECT ?o FROM ex:G2 { ?s ex:p ?o }") == {EX + "only2"}
    from_two = "SELECT ?o FROM ex:G2 { ?s ex:p ?o }"
    assert objects(from_two, default_graph_uri=[one]) == {EX + "only1"}


def test_variable_parameters(client: httpx.Client) -> None:
    """A value for a variable is bound as a term."""
    query = "SELECT ?s ?o { ?s ex:p ?o }"
    for value in ("ex:b", f"<{EX}b>", EX + "b"):
        rows = bindings(client.get("/sparql", params={"query": query, "$s": value}))
        assert rows == [{"s": EX + "b", "o": EX + "c"}]
    size = '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'
    params = {"query": "SELECT ?s ?o { ?s ex:size ?o }", "$o": size}
    assert bindings(client.get("/sparql", params=params)) == [{"s": EX + "a", "o": "5"}]
    for value in ("> } #", '"x" . <x:y> <x:z> "u"', "nope:x", ""):
        problem(client.get("/sparql", params={"query": query, "$s": value}), 400)


def test_head(client: httpx.Client) -> None:
    """HEAD has the headers of GET and no body."""
    response = client.head("/sparql", params={"query": SELECT})
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == "application/sparql-results+json"
    assert client.head("/healthz").status_code == client.head("/").status_code == 200


def test_big_result_streams_whole(client: httpx.Client) -> None:
    """A result of many chunks arrives complete."""
    numbers = "VALUES ?d { 0 1 2 3 4 5 6 7 8 9 }"
    digits = " ".join(numbers.replace("?d", f"?d{i}") for i in range(5))
    response = client.get(
        "/sparql", params={"query": f"SELECT * {{ {digits} }}"}, headers={"Accept": "text/csv"}
    )
    assert len(response.text.splitlines()) == 100_001
    assert "content-length" not in response.headers


def test_leaving_client_frees_its_thread(client: httpx.Client) -> None:
    """Many clients that leave in the middle of an endless result do not block it."""
    values = "VALUES ?d { 0 1 2 3 4 5 6 7 8 9 }"
    digits = " ".join(values.replace("?d", f"?d{i}") for i in range(9))
    params = {"query": f"SELECT * {{ {digits} }}"}
    for _ in range(20):
        with client.stream("GET", "/sparql", params=params) as response:
            assert response.status_code == 200
            next(response.iter_raw())
    assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def test_service_description(client: httpx.Client, url: str) -> None:
    """Without a query there is a service description, in RDF by negotiation."""
    sd = "http://www.w3.org/ns/sparql-service-description#"
    for accept, form in (("*/*", "TURTLE"), ("application/rdf+xml", "RDF_XML")):
        response = client.get("/sparql", headers={"Accept": accept})
        assert response.status_code == 200
        store = ox.Store()
        store.load(response.content, format=getattr(ox.RdfFormat, form))
        row = f"""PREFIX sd: <{sd}> ASK {{
            ?service a sd:Service ; sd:endpoint <{url}/sparql> ;
                sd:supportedLanguage sd:SPARQL11Query ;
                sd:resultFormat <http://www.w3.org/ns/formats/SPARQL_Results_JSON>,
                    <http://www.w3.org/ns/formats/Turtle>,
                    <http://www.w3.org/ns/formats/JSON-LD> ;
                sd:defaultDataset [ sd:defaultGraph ?default ;
                    sd:namedGraph [ sd:name <{EX}G1> ], [ sd:name <{EX}G2> ] ] }}"""
        assert bool(store.query(row))
    assert "<textarea" in client.get("/sparql", headers={"Accept": "text/html"}).text
    problem(client.get("/sparql", headers={"Accept": "image/png"}), 406)


def test_queries_beyond_ascii(client: httpx.Client) -> None:
    """Characters beyond ASCII arrive, in a URL and in a form."""
    query = 'SELECT ?x { BIND("17 °C – ü" AS ?x) }'
    accept = {"Accept": "text/csv"}
    expected = "x\r\n17 °C – ü\r\n"
    assert client.get("/sparql", params={"query": query}, headers=accept).text == expected
    assert client.post("/sparql", data={"query": query}, headers=accept).text == expected
