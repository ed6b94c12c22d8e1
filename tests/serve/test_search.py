"""``/search`` and ``/search.json``, names in other routes, and what is unknown."""

from __future__ import annotations

from html import unescape

import httpx
import pytest

from tests.serve.helpers import problem
from tests.serve.test_pages import BROWSER
from tzgraph.names.resolver import MOST_HITS
from tzgraph.vocabulary import ID

TRASTUZUMAB = f"{ID}drug/trastuzumab"


def test_hits_begin_with_the_iri(shipped: httpx.Client) -> None:
    answer = shipped.get("/search.json", params={"q": "herceptn"})
    assert answer.headers["content-type"] == "application/json"
    assert [list(hit) for hit in answer.json()] == [
        ["iri", "label", "kind", "matched", "by", "score"]
    ]
    assert answer.json()[0]["iri"] == TRASTUZUMAB


def test_unknown_is_an_empty_list(shipped: httpx.Client) -> None:
    for text in ("cetuximab", "ßß", "\0", "x" * 10_000):
        assert shipped.get("/search.json", params={"q": text}).json() == []


def test_limit(shipped: httpx.Client) -> None:
    for limit in (1, 3, MOST_HITS):
        found = shipped.get("/search.json", params={"q": "trastuzumab", "limit": limit}).json()
        assert len(found) == limit
        assert found[0]["iri"] == TRASTUZUMAB


@pytest.mark.parametrize(
    "query", ["", "q=", "q=+", "q=a&q=b", "q=a&limit=0", "q=a&limit=101", "q=a&limit=x"]
)
def test_wrong_requests(shipped: httpx.Client, query: str) -> None:
    problem(shipped.get(f"/search.json?{query}"), 400)


def test_too_long(shipped: httpx.Client) -> None:
    problem(shipped.get("/search.json?q=" + "x" * 64_000), 414)


def test_page(shipped: httpx.Client) -> None:
    page = shipped.get("/search", params={"q": "herceptn"}, headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert '<a href="/id/drug/trastuzumab">trastuzumab</a>' in page.text
    assert "“herceptn” is unknown. These are written nearly so:" in page.text
    assert "<script" not in page.text
    form = shipped.get("/search", headers=BROWSER)
    assert form.status_code == 200
    assert 'name="q"' in form.text


def test_page_says_what_is_unknown(shipped: httpx.Client) -> None:
    text = '<b>"x'
    page = shipped.get("/search", params={"q": text}, headers=BROWSER)
    assert page.status_code == 200
    assert text not in page.text
    assert f"“{text}” is unknown: nothing in the graph has such a name." in unescape(page.text)


@pytest.mark.parametrize("name", ["Herceptin", "herceptin", "tzdrug:trastuzumab", "CHEMBL1201585"])
def test_parameters_take_any_name(shipped: httpx.Client, name: str) -> None:
    answer = shipped.get("/queries/trials-of-drug.json", params={"drug": name, "limit": 1})
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"]["bindings"][0]["drug"]["value"] == TRASTUZUMAB


@pytest.mark.parametrize("name", ["cetuximab", "carboplatin", "tzdrug:nothing", "ToGA"])
def test_unknown_values_are_refused_without_a_guess(shipped: httpx.Client, name: str) -> None:
    answer = shipped.get("/queries/trials-of-drug.json", params={"drug": name})
    document = problem(answer, 400)
    assert str(document["type"]).endswith("unknown-name")
    assert document["suggestions"] == []
    assert document["parameters"] == ["drug"]


def test_slips_in_values_are_suggested_and_never_taken(shipped: httpx.Client) -> None:
    answer = shipped.get("/queries/trials-of-drug.json", params={"drug": "herceptn"})
    assert problem(answer, 400)["suggestions"] == [TRASTUZUMAB]


def test_paths_that_are_none(shipped: httpx.Client) -> None:
    document = problem(shipped.get("/id/drug/trastuzmab"), 404)
    assert document["suggestions"] == [TRASTUZUMAB]
    assert "Did you mean tzdrug:trastuzumab (trastuzumab, drug)?" in str(document["detail"])
    page = shipped.get("/id/drug/Herceptin", headers=BROWSER)
    assert page.status_code == 404
    assert '<a href="/id/drug/trastuzumab">' in page.text
    for path in ("/id/drug/cetuximab", "/id/drug/carboplatin", "/id/x/y"):
        assert "suggestions" not in problem(shipped.get(path), 404)


def test_in_sparql(shipped: httpx.Client) -> None:
    """The worker that answers has the index, though it can open no file."""
    prologue = "PREFIX text: <http://jena.apache.org/text#>"
    query = f"{prologue} SELECT ?x {{ ?x text:query 'Herceptin' ; a tz:Drug }}"
    answer = shipped.get("/sparql", params={"query": query, "format": "csv"})
    assert answer.text.split() == ["x", TRASTUZUMAB]
    asked = query.replace("'Herceptin'", "?words")
    document = problem(shipped.get("/sparql", params={"query": asked}), 400)
    assert "text:query can't be answered as it stands here" in str(document["detail"])
