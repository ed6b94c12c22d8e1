"""``/queries``: the library as an API, its windows of rows, and its pages."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serve.helpers import EX, make_release, problem, serving
from tests.serve.test_pages import BROWSER, Page
from tzgraph.query.binding import bind
from tzgraph.query.library import load_library, parse_query
from tzgraph.query.run import run
from tzgraph.release import open_release
from tzgraph.serve.app import create_app
from tzgraph.serve.messages.view import VIEW
from tzgraph.serve.site.library import RESERVED

DATA = "".join(
    f'<{EX}n{n}> <{EX}value> "{n}"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    f'<{EX}n{n}> <{EX}text> "a\\tb\\n\\"{n}\\", é" .\n'
    f"<{EX}n{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EX}Number> .\n"
    for n in range(25)
)
QUERIES = {
    "numbers": "#+ title: Numbers & <b>more</b>\n#+ description: All of them.\n"
    "#+ param: least integer = 0 -- the least <i>one</i>\n"
    "SELECT ?least ?n ?value ?text { ?n ex:value ?value ; ex:text ?text FILTER(?value >= ?least) }"
    " ORDER BY ?value",
    "needs": "#+ title: Needs\n#+ param: n ex:Number -- which\n#+ param: day date?\n"
    "#+ param: yes boolean = true\n#+ param: share decimal = 0.5\n#+ param: word string = é\n"
    "SELECT ?n ?day ?yes ?share ?word ?value { ?n ex:value ?value }",
    "limited": "#+ title: Limited\nSELECT ?n { ?n ex:value ?v } ORDER BY DESC(?v) LIMIT 5",
    "exists": "#+ title: Exists\n#+ param: n iri = ex:n1\nASK { ?n ex:value ?v }",
    "graph": "#+ title: Graph\nCONSTRUCT { ?n ex:is ?v } WHERE { ?n ex:value ?v }",
    "nothing": "#+ title: Nothing\nSELECT ?n { ?n ex:none ?v } ORDER BY ?n",
}


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server with a library of small queries."""
    release = make_release(
        tmp_path_factory.mktemp("numbers"),
        DATA,
        prefixes={"ex": EX},
        kinds={EX + "Number": EX},
    )
    library = {name: parse_query(text, name=name) for name, text in QUERIES.items()}
    with (
        serving(create_app(release, library=library)) as url,
        httpx.Client(base_url=url, headers={"Accept": "*/*"}, timeout=60) as client,
    ):
        yield client


def values(response: httpx.Response, name: str = "value") -> list[str]:
    """Give a column of a JSON result."""
    assert response.status_code == 200, response.text
    return [row[name]["value"] for row in response.json()["results"]["bindings"]]


def test_list(numbers: httpx.Client) -> None:
    """As JSON for programs, as a page for people."""
    listed = numbers.get("/queries").json()["queries"]
    assert [query["name"] for query in listed] == list(QUERIES)
    assert listed[1]["parameters"][0] == {
        "name": "n",
        "type": "ex:Number",
        "required": True,
        "default": None,
        "description": "which",
    }
    assert all(numbers.get(query["href"]).status_code in (200, 400) for query in listed)
    page = numbers.get("/queries", headers=BROWSER)
    assert "Numbers &amp; &lt;b&gt;more" in page.text
    assert "/queries/needs" in [a["href"] for a in Page(page.text).all("a")]
    problem(numbers.get("/queries", headers={"Accept": "text/csv"}), 406)


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("json", "application/sparql-results+json"),
        ("csv", "text/csv"),
        ("tsv", "text/tab-separated-values"),
        ("xml", "application/sparql-results+xml"),
        ("html", "text/html"),
    ],
)
def test_formats(numbers: httpx.Client, suffix: str, media_type: str) -> None:
    """By suffix, by parameter and by negotiation; a window is written as the whole is."""
    path = "/queries/numbers"
    by_suffix = numbers.get(f"{path}.{suffix}?least=20")
    assert by_suffix.status_code == 200
    assert by_suffix.headers["content-type"].partition(";")[0] == media_type
    by_name = numbers.get(path, params={"least": "20", "format": suffix})
    negotiated = numbers.get(f"{path}?least=20", headers={"Accept": media_type})
    pages = (by_suffix, by_name, negotiated)
    if suffix == "html":  # pages lead to themselves, and say how long they took
        texts = {page.text.partition("<tbody>")[2].partition("</tbody>")[0] for page in pages}
        assert len(texts) == 1
        assert texts.pop().count("<tr>") == 5
    else:
        assert by_suffix.text == by_name.text == negotiated.text
    if suffix != "html":
        window = numbers.get(f"{path}.{suffix}?least=20&limit=100")
        assert window.content == by_suffix.content
        assert window.headers["content-type"] == by_suffix.headers["content-type"]
        assert "link" not in window.headers
    for url in (f"{path}.{suffix}?least=20", f"{path}.{suffix}?least=20&limit=2"):
        head = numbers.head(url)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == by_suffix.headers["content-type"]


def test_formats_of_graphs_and_booleans(numbers: httpx.Client) -> None:
    """Formats that can't hold the result don't exist as a suffix, and are not acceptable."""
    turtle = numbers.get("/queries/graph.ttl")
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert len(list(ox.parse(turtle.content, format=ox.RdfFormat.TURTLE))) == 25
    assert numbers.get("/queries/graph.json").headers["content-type"] == "application/ld+json"
    assert "graph" in numbers.get("/queries/graph.html").text
    assert numbers.get("/queries/exists.json?n=ex:n3").json()["boolean"] is True
    assert numbers.get("/queries/exists.json?n=ex:value&limit=3").json()["boolean"] is False
    assert ">yes<" in numbers.get("/queries/exists.html").text
    detail = str(problem(numbers.get("/queries/numbers.ttl"), 404)["detail"])
    assert "csv" in detail
    assert "nt" not in detail.split()
    problem(numbers.get("/queries/graph.csv"), 404)
    problem(numbers.get("/queries/numbers.exe"), 404)
    problem(numbers.get("/queries/numbers."), 404)
    problem(numbers.get("/queries/numbers", headers={"Accept": "text/turtle"}), 406)
    document = problem(numbers.get("/queries/graph?limit=3"), 400)
    assert document["parameters"] == ["limit"]


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("needs", ["n"]),
        ("needs?n=", ["n"]),
        ("needs?n=n1&m=2", ["m"]),
        ("needs?n=n1&day=2026-02-30", ["day"]),
        ("needs?n=n1&yes=maybe&share=half", ["yes", "share"]),
        ("needs?n=n99", ["n"]),
        ("needs?n=foo:n1", ["n"]),
        ("needs?n=n1&n=n2", ["n"]),
        ("needs?n=%3Chttp://x/%20y%3E", ["n"]),
        ("numbers?least=1.5", ["least"]),
        ("numbers?limit=0", ["limit"]),
        ("numbers?limit=-1", ["limit"]),
        ("numbers?limit=10001", ["limit"]),
        ("numbers?limit=%D9%A3", ["limit"]),
        ("numbers?offset=x", ["offset"]),
        ("numbers?format=pdf", ["format"]),
    ],
)
def test_wrong_parameters_are_named(
    numbers: httpx.Client, query: str, parameters: list[str]
) -> None:
    """Unknown, missing and malformed ones; for browsers on the page with the form."""
    document = problem(numbers.get(f"/queries/{query}"), 400)
    assert document["parameters"] == parameters
    assert all(name in str(document["detail"]) for name in parameters)
    page = numbers.get(f"/queries/{query}", headers=BROWSER)
    if query == "needs":  # nothing was asked yet
        assert page.status_code == 200
        assert 'role="alert"' not in page.text
    else:
        assert page.status_code == 400
        assert 'role="alert"' in page.text
    assert "<form" in page.text


def test_values_are_terms_and_never_text(numbers: httpx.Client) -> None:
    """What would change the query if it were pasted into it is a value like any other."""
    word = '"} UNION { ?n ?p ?value } #'
    response = numbers.get("/queries/needs", params={"n": "n3", "word": word})
    assert values(response, "word") == [word]
    assert values(response) == ["3"]
    problem(numbers.get("/queries/needs", params={"n": "n3> ?p ?o } #"}), 400)


@given(st.text(max_size=30))
@settings(max_examples=60)
def test_any_word_comes_back(numbers: httpx.Client, word: str) -> None:
    """Whatever it is."""
    word = word.encode("utf-8", "replace").decode()
    params = {"n": "n3", "word": word, "limit": "3"}
    assert values(numbers.get("/queries/needs", params=params), "word") == [word]


def test_unknown_things_are_told_from_empty_answers(numbers: httpx.Client) -> None:
    """By a code of their own; ids are nobody's names, and nothing is suggested by them."""
    document = problem(numbers.get("/queries/needs?n=n2x"), 400)
    assert "“n2x” is unknown" in str(document["detail"])
    assert "Did you mean" not in str(document["detail"])
    assert str(document["type"]).endswith("unknown-name")
    problem(numbers.get("/queries/number"), 404)


def follow(client: httpx.Client, url: str, rel: str) -> Iterator[httpx.Response]:
    """Give the window at a URL and those that its links lead to."""
    while url:
        response = client.get(url)
        assert response.status_code == 200, response.text
        yield response
        found = re.search(rf'<([^>]*)>; rel="{rel}"', response.headers.get("link", ""))
        url = found[1] if found else ""


def test_windows_make_up_the_whole(numbers: httpx.Client) -> None:
    """Forward and backward, each row once, in the order of the query."""
    windows = list(follow(numbers, "/queries/numbers?limit=10&least=2", "next"))
    assert [len(values(window)) for window in windows] == [10, 10, 3]
    assert [int(v) for window in windows for v in values(window)] == list(range(2, 25))
    back = list(follow(numbers, "/queries/numbers?limit=10&least=2&offset=20", "prev"))
    assert [values(window) for window in back] == [values(w) for w in reversed(windows)]
    assert values(numbers.get("/queries/numbers?offset=24")) == ["24"]
    assert values(numbers.get("/queries/numbers?offset=1000")) == []
    assert values(numbers.get("/queries/numbers?limit=25"))[-1] == "24"


def test_a_window_does_not_change_the_query(numbers: httpx.Client) -> None:
    """A query's own LIMIT stands."""
    windows = list(follow(numbers, "/queries/limited?limit=3", "next"))
    found = [value for window in windows for value in values(window, "n")]
    assert found == [f"{EX}n{n}" for n in (24, 23, 22, 21, 20)]


def test_csv_of_a_window(numbers: httpx.Client) -> None:
    """Line ends, quotes and commas in values are no borders of rows."""
    response = numbers.get("/queries/numbers.csv?offset=3&limit=2")
    rows = list(csv.reader(io.StringIO(response.text, newline="")))
    assert rows[0] == ["least", "n", "value", "text"]
    assert rows[1:] == [["0", f"{EX}n{n}", str(n), f'a\tb\n"{n}", é'] for n in (3, 4)]


def test_page(numbers: httpx.Client) -> None:
    """Form, rows, links to the next rows and downloads; everything escaped."""
    response = numbers.get("/queries/numbers?limit=10&least=1", headers=BROWSER)
    page = Page(response.text)
    assert not page.strange_scripts + page.all("b") + page.all("i")
    field = next(f for f in page.all("input") if f["name"] == "least")
    assert field["value"] == "1"
    links = [str(a["href"]) for a in page.all("a")]
    following = next(a for a in page.all("a") if a.get("rel") == "next")
    assert ">20<" in numbers.get(str(following["href"]), headers=BROWSER).text
    download = next(link for link in links if "format=csv" in link)
    assert len(numbers.get(download, headers=BROWSER).text.splitlines()) > 24
    assert "No rows" in numbers.get("/queries/nothing", headers=BROWSER).text
    labels = {label["for"] for label in page.all("label")}
    assert {f["id"] for f in page.all("input") if f.get("type") != "hidden"} <= labels


def test_openapi(numbers: httpx.Client, shipped: httpx.Client) -> None:
    """Each query with typed parameters; the examples are answered."""
    paths = numbers.get("/openapi.json").json()["paths"]
    given = {p["name"]: p for p in paths["/queries/needs"]["get"]["parameters"]}
    assert set(given) == {"n", "day", "yes", "share", "word", *RESERVED}
    assert given["n"]["required"]
    assert not given["day"]["required"]
    assert given["day"]["schema"].items() >= {"type": "string", "format": "date"}.items()
    assert "default" not in given["day"]["schema"]
    assert given["yes"]["schema"].items() >= {"type": "boolean", "default": True}.items()
    assert given["share"]["schema"]["examples"] == [0.5]
    paths = shipped.get("/openapi.json").json()["paths"]
    assert {f"/queries/{name}" for name in load_library()} <= set(paths)
    target = paths["/queries/drugs-on-target"]["get"]["parameters"][0]
    assert target["schema"]["examples"] == ["her2"]
    for path in ("/id/{kind}/{slug}", "/graph/source/{slug}"):
        examples = {p["name"]: p["schema"]["examples"][0] for p in paths[path]["get"]["parameters"]}
        assert shipped.get(path.format(**examples)).status_code == 200


def test_the_library_reserves_what_the_routes_need() -> None:
    """No parameter has the name of one that all queries have."""
    for query in load_library().values():
        assert not {parameter.name for parameter in query.parameters} & {*RESERVED, *VIEW}


def test_every_query_is_cut_where_the_command_line_cuts(
    shipped: httpx.Client, shipped_dir: Path
) -> None:
    """Rows stand in the same order in each run, in whatever process."""
    release = open_release(shipped_dir)
    store, manifest = release.store(), release.manifest
    for query in load_library().values():
        terms = bind(query, {}, manifest.curies, manifest.kinds)
        result = run(store, query.text, prefixes=manifest.prefixes, substitutions=terms)
        assert isinstance(result, ox.QuerySolutions)
        whole = (result.serialize(format=ox.QueryResultsFormat.TSV) or b"").split(b"\n")
        assert "ORDER BY" in query.text
        window = shipped.get(f"/queries/{query.name}.tsv?offset=2&limit=7")
        assert window.content.split(b"\n") == [whole[0], *whole[3:-1][:7], b""], query.name


def test_shipped_query_as_a_page(shipped: httpx.Client) -> None:
    """Things in its rows lead to their pages."""
    response = shipped.get("/queries/drugs-on-target", headers=BROWSER)
    assert "/id/drug/trastuzumab" in [a["href"] for a in Page(response.text).all("a")]
    assert "<title>Drugs on a target" in unescape(response.text)
