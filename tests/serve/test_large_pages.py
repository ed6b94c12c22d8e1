"""Pages of results that are too large for a page: cut where the query runs, whatever they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serve.helpers import make_release, serving
from tests.serve.test_isolation import Running, product, running
from tzgraph.query.library import parse_query
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.engine.base import Offer, QueryRequest
from tzgraph.serve.engine.rows import ROWS
from tzgraph.serve.isolation import IsolatedEngine, is_supported
from tzgraph.serve.settings import IsolationSettings, ServeSettings
from tzgraph.serve.sparql.response import page_window, read_all

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux isolates queries")

PAGE = {"Accept": "text/html"}
LONG = "x" * 10_000
#: Some 2.5 MB, by joining what many rows say.
_JOINED = f'(GROUP_CONCAT("{LONG}"; SEPARATOR="") AS ?b)'
_MANY = f"{{ SELECT {_JOINED} {{ {product(2)} VALUES ?e {{ 0 1 }} }} }}"
QUERIES = {
    "one long cell": f"SELECT (CONCAT(?b, ?b, ?b, ?b, ?b) AS ?c) {{ {_MANY} }}",
    "one long IRI": f"SELECT (IRI(CONCAT('http://e/', ?b, ?b)) AS ?c) {{ {_MANY} }}",
    "one long datatype": f"SELECT (STRDT('a', IRI(CONCAT('http://e/', ?b))) AS ?c) {{ {_MANY} }}",
    "many long rows": f"SELECT (CONCAT('{LONG}', STR(?d0)) AS ?c) {{ {product(4)} }}",
    "a graph": f"CONSTRUCT {{ <x:a> <x:b> ?c }} {{ {_MANY} BIND(CONCAT(?b, ?b) AS ?c) }}",
    "many columns": "SELECT * { " + " ".join(f"BIND({i} AS ?v{i})" for i in range(400)) + " }",
    "wide and long": f"SELECT * {{ {product(5)} "
    + " ".join(f"BIND({i} AS ?v{i})" for i in range(300))
    + " }",
}


@pytest.fixture(scope="module")
def server(release: Release) -> Iterator[Running]:
    with running(release, timeout_s=60, workers=1) as one:
        yield one


@pytest.mark.parametrize("what", QUERIES)
def test_page_is_bounded(server: Running, what: str) -> None:
    """Also what the server gets of the result, before it makes the page of it."""
    answer = server.ask(QUERIES[what], **PAGE)
    assert answer.status_code == 200, answer.text[:1000]
    assert len(answer.content) < 6_000_000
    assert "a download has all" in answer.text


def test_what_is_not_shown_can_be_downloaded(server: Running) -> None:
    for what in ("one long cell", "a graph"):
        assert server.ask(QUERIES[what], Accept="text/csv, text/turtle").status_code == 200


def test_what_is_cut_is_said(server: Running) -> None:
    repeated = 'SELECT (GROUP_CONCAT("y"; SEPARATOR="") AS ?c) {'
    text = server.ask(f"{repeated} {product(4)} }}", **PAGE).text
    assert "Values are cut after 2000 characters; a download has all of them." in text
    assert "y" * 2000 + "…" in text
    assert "y" * 2001 not in text
    text = server.ask(f"{repeated} {product(3)} VALUES ?e {{ 0 1 }} }}", **PAGE).text
    assert "y" * 2000 in text
    assert "cut after" not in text
    text = server.ask(QUERIES["many columns"], **PAGE).text
    assert "The first 200 of 400 columns; a download has all." in text
    text = server.ask(
        f"SELECT (IRI(CONCAT('http://e/', STR(?x))) AS ?i) {{ BIND(\"{'z' * 2000}\" AS ?x) }}",
        **PAGE,
    ).text
    assert 'href="http://e/' not in text


def test_rows_of_a_window_are_cut_in_the_worker(release: Release) -> None:
    """What a worker sends for a page is short, however long the result is."""

    async def sizes() -> list[int]:
        engine = IsolatedEngine(release, IsolationSettings(workers=1, timeout_s=60))
        await engine.start()
        found = []
        for query in QUERIES.values():
            offer = Offer(ROWS, "text/html", page_window(0, 1000))
            asked = QueryRequest(query, bindings=offer, graph=offer)
            found.append(len(await read_all(await engine.query(asked))))
        await engine.close()
        return found

    assert max(asyncio.run(sizes())) < 2_000_000


def test_errors_of_the_engine_are_pages_for_browsers(release: Release) -> None:
    """With the query, so that it is not lost; programs get the problem document."""
    slow = f"SELECT (COUNT(*) AS ?n) {{ {product(12)} }}"
    hungry = f"SELECT * {{ {product(7)} }} ORDER BY ?d0 ?d6"
    with running(release, timeout_s=1.5, workers=1, memory_mb=48) as server:
        for query, status, says in (
            (slow, 504, "The query took too long"),
            (hungry, 507, "The query needs too much memory"),
        ):
            page = server.ask(query, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
            assert page.status_code == status
            assert page.headers["content-type"].startswith("text/html")
            assert says in page.text
            assert query in page.text.partition("<textarea")[2]
            document = server.ask(query, Accept="text/csv")
            assert document.headers["content-type"] == "application/problem+json"


def test_library_windows_and_things_with_long_values(tmp_path: Path) -> None:
    thing = "https://w3id.org/tzgraph/id/drug/a"
    long = "w" * 3_000_000
    data = f'<{thing}> <http://www.w3.org/2000/01/rdf-schema#comment> "{long}" .\n'
    data += "".join(f'<{thing}> <http://e/p> "{i}\\n" .\n' for i in range(5))
    release = make_release(tmp_path, data)
    query = parse_query("SELECT ?o { ?s ?p ?o } ORDER BY ?o", name="all")
    app = create_app(release, settings=ServeSettings(), library={"all": query})
    with serving(app) as url, httpx.Client(base_url=url, timeout=60) as client:
        page = client.get("/queries/all?limit=2", headers=PAGE)
        assert page.status_code == 200
        assert "Rows 1 to 2" in page.text
        assert "offset=2" in page.text
        for form, ends in (("json", 1), ("csv", 1), ("tsv", 1), ("xml", 1)):
            part = client.get(f"/queries/all?limit=2&offset=4&format={form}")
            assert part.status_code == 200, part.text[:500]
            assert part.text.count(long) == ends
            assert 'rel="prev"' in part.headers["link"]
            assert 'rel="next"' not in part.headers["link"]
        rows = client.get("/queries/all?limit=2&offset=1&format=json").json()["results"]["bindings"]
        assert [row["o"]["value"] for row in rows] == ["1\n", "2\n"]
        page = client.get("/id/drug/a", headers=PAGE)
        assert page.status_code == 200
        assert len(page.content) < 100_000
        assert "w" * 2000 + "…" in page.text
        whole = client.get("/id/drug/a.nt")
        assert long in whole.text
