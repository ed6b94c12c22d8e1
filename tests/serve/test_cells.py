"""``/cell/…``: the rows that statements came from."""

from __future__ import annotations

from html import unescape

import httpx
import pytest

from tests.serve.helpers import problem
from tests.serve.test_pages import BROWSER, Page
from tzgraph.vocabulary import ID

CELL = "/cell/results.tsv?cell=11,7"


def test_the_row_is_shown_with_the_cell_marked(shipped: httpx.Client) -> None:
    answer = shipped.get(CELL, headers=BROWSER)
    text = unescape(answer.text)
    page = Page(answer.text)
    assert answer.status_code == 200
    marked = [a for _, a in page.tags if a.get("aria-current") == "true"]
    assert [str(a.get("id")) for a in marked] == ["cell=11,7", "row=11"]
    start = answer.text.index('id="cell=11,7"')
    assert "14.2" in answer.text[start : answer.text.index("</dd>", start)]
    for said in (
        "results.tsv, row 11, column 7",
        'href="/id/result/jacob-placebo-os-tabernero-2018"',
        'href="/graph/source/',
        f"{ID}cell/results.tsv#cell=11,7",
        "has result (read backwards)",
        ">seen</a>",
        "predicate=tz%3Avalue",
    ):
        assert said in text
    for row in (8, 9, 10, 12, 13, 14):
        assert f'href="/cell/results.tsv?row={row}"' in text
    assert "row=7" not in text
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_programs_get_the_same(shipped: httpx.Client) -> None:
    data = shipped.get(CELL).json()
    assert (data["file"], data["row"], data["column"]) == ("results.tsv", 11, 7)
    assert data["place"] == f"{ID}cell/results.tsv#cell=11,7"
    row = next(row for row in data["rows"] if row["row"] == 11)
    value = next(cell for cell in row["cells"] if cell["column"] == 7)
    assert value["values"] == ['"14.2"^^<http://www.w3.org/2001/XMLSchema#decimal>']
    assert value["iri"] == data["place"]
    names = {column["column"]: column["label"] for column in data["columns"]}
    assert (names[7], names[2]) == ("value", "label")


def test_digits_stand_as_they_were_written(shipped: httpx.Client) -> None:
    text = shipped.get("/sparql", params={"query": DIGITS}, headers={"Accept": "text/csv"}).text
    iri, digits = text.split()[1].rsplit(",", 1)[0].strip('"'), text.split()[1].rsplit(",", 1)[1]
    place = iri.rpartition("#")[2]
    file = iri.removeprefix(ID + "cell/").partition("#")[0]
    page = shipped.get(f"/cell/{file}?{place}", headers=BROWSER).text
    assert f'<span class="says">{digits}</span>' in page


DIGITS = (
    "SELECT ?cell ?digits WHERE { GRAPH <https://w3id.org/tzgraph/graph/provenance>"
    " { ?cell rdf:value ?digits } } ORDER BY ?cell LIMIT 1"
)


def test_what_was_recalled_says_so(shipped: httpx.Client) -> None:
    query = (
        "SELECT ?row WHERE { ?thing tz:checkStatus tz:Recalled ."
        " GRAPH <https://w3id.org/tzgraph/graph/provenance> { ?row rdf:subject ?thing } }"
        " ORDER BY ?row LIMIT 1"
    )
    text = shipped.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"}).text
    path = text.split()[1].removeprefix("https://w3id.org/tzgraph/id").replace("#", "?")
    assert "from memory, not checked" in shipped.get(path, headers=BROWSER).text
    cells = next(r for r in shipped.get(path).json()["rows"] if f"#row={r['row']}" in text)
    assert any(cell.get("recalled") for cell in cells["cells"])


def test_an_iri_leads_to_its_table(shipped: httpx.Client) -> None:
    """The client keeps the fragment; what it names is on the page while the row is."""
    answer = shipped.get("/id/cell/results.tsv", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cell/results.tsv")
    text = shipped.get(answer.headers["location"], headers=BROWSER).text
    assert 'id="cell=11,7"' in text
    assert 'id="row=11"' in text
    nested = shipped.get("/id/cell/mappings/mesh.sssom.tsv")
    assert nested.headers["location"] == "/cell/mappings/mesh.sssom.tsv"
    assert shipped.get(nested.headers["location"]).json()["rows"]


def test_cells_in_results_lead_there(shipped: httpx.Client) -> None:
    query = f"SELECT (<{ID}cell/results.tsv#cell=11,7> AS ?cell) WHERE {{}}"
    page = shipped.get("/sparql", params={"query": query}, headers=BROWSER)
    assert f'href="{CELL}"' in page.text


def test_cells_that_state_nothing_say_so(shipped: httpx.Client) -> None:
    assert (
        "states nothing in the graph"
        in shipped.get("/cell/results.tsv?cell=11,9", headers=BROWSER).text
    )
    for column in (22, 999_999_999):
        text = shipped.get(f"/cell/results.tsv?cell=11,{column}", headers=BROWSER).text
        assert "says whose row it is" in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cell/nothing.tsv", 404),
        ("/cell/", 404),
        ("/cell/..%2f..%2fetc%2fpasswd", 404),
        ("/cell/%00?row=2", 404),
        ("/cell/results.tsv%23row=2", 404),
        ("/cell/" + "x" * 3000, 404),
        ("/cell/results.tsv?row=1", 404),
        ("/cell/results.tsv?row=0", 404),
        ("/cell/results.tsv?row=999999999", 404),
        ("/cell/results.tsv?cell=11,0", 404),
        ("/cell/results.tsv?row=x", 400),
        ("/cell/results.tsv?row=-1", 400),
        ("/cell/results.tsv?row=1234567890", 400),
        ("/cell/results.tsv?row=%D9%A3", 400),
        ("/cell/results.tsv?cell=11", 400),
        ("/cell/results.tsv?cell=11,7,8", 400),
        ("/cell/results.tsv?cell=11,7&row=3", 400),
        ("/cell/results.tsv?cell=11,7&cell=11,7", 400),
        ("/cell/results.tsv?format=pdf", 400),
    ],
)
def test_wrong_requests(shipped: httpx.Client, path: str, status: int) -> None:
    told = problem(shipped.get(path), status)
    assert str(told["detail"]).endswith((".", "?"))
    page = shipped.get(path, headers=BROWSER)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")


def test_a_table_that_may_be_meant_is_told(shipped: httpx.Client) -> None:
    told = problem(shipped.get("/cell/result.tsv"), 404)
    assert "Did you mean results.tsv?" in str(told["detail"])
    assert "Did you mean" not in str(problem(shipped.get("/cell/nope.tsv"), 404)["detail"])


def test_a_graph_without_tables_says_so(client: httpx.Client) -> None:
    told = problem(client.get("/cell/drugs.tsv?row=2"), 404)
    assert "None comes from a table at all." in str(told["detail"])


def test_head(shipped: httpx.Client) -> None:
    head, got = shipped.head(CELL), shipped.get(CELL)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert 'rel="alternate"' in got.headers["link"]
