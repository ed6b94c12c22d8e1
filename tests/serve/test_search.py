"""``/search`` and ``/search.json``, names in other routes, and what is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from xml.etree import ElementTree

import httpx
import pytest

from tests.serve.helpers import EX, make_release, problem, serving
from tests.serve.test_pages import BROWSER
from tzgraph.names.resolver import MOST_HITS
from tzgraph.serve.app import create_app
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
    assert '<a href="/id/drug/trastuzumab" dir="auto">trastuzumab</a>' in page.text
    assert "“<bdi>herceptn</bdi>” is unknown. These are written nearly so:" in page.text
    assert "<bdi>Herceptin, synonym</bdi>" in page.text
    assert "Humanised IgG1 antibody against domain IV of HER2." in page.text
    form = shipped.get("/search", headers=BROWSER)
    assert form.status_code == 200
    assert 'name="q"' in form.text


def test_hits_stand_by_kind_with_what_matched(shipped: httpx.Client) -> None:
    page = shipped.get("/search", params={"q": "trastuzumab"}, headers=BROWSER).text
    kinds = re.findall(r'<h2 id="kind-\d+">(.*?) <', page)
    assert kinds[0] == "drug"
    assert len(kinds) == len(set(kinds)) > 2
    # What has its label as its match needs no word of it.
    assert "<bdi>trastuzumab, " not in page
    assert 'href="/search?q=trastuzumab&amp;limit=100"' in page
    classes = shipped.get("/search", params={"q": "HER2 kinase inhibitor"}, headers=BROWSER).text
    assert ">drug class <" in classes
    for query, told in (("herceptn", False), ("trastuzumab&limit=100", True)):
        text = shipped.get(f"/search?q={query}", headers=BROWSER).text
        assert ("there may be more, which" in text) == told
        assert "there may be <a" not in text


def test_consulted_pages_stand_behind_things(shipped: httpx.Client) -> None:
    """Their labels are pieces of addresses."""
    page = shipped.get("/search", params={"q": "herceptin"}, headers=BROWSER).text
    kinds = re.findall(r'<h2 id="kind-\d+">(.*?) <', page)
    assert "consulted page" in kinds[-1:]
    about = shipped.get("/search/suggestions", params={"q": "herceptin"}).json()[2]
    assert about == sorted(about, key=lambda one: "consulted page" in one)


def test_suggestions(shipped: httpx.Client) -> None:
    """Browsers take the text, labels, descriptions and addresses."""
    answer = shipped.get("/search/suggestions", params={"q": "hercep"})
    assert answer.headers["content-type"] == "application/x-suggestions+json"
    text, labels, abouts, addresses = answer.json()
    assert text == "hercep"
    assert (labels[0], abouts[0]) == ("trastuzumab", "drug · Herceptin, synonym")
    assert addresses[0] == f"{shipped.base_url}/id/drug/trastuzumab".replace("//id", "/id")
    assert len(labels) == len(abouts) == len(addresses) <= 8
    for text in ("", " ", "cetuximab", "\0"):
        found = shipped.get("/search/suggestions", params={"q": text}).json()
        assert found == [text, [], [], []]
    problem(shipped.get("/search/suggestions?q=a&q=b"), 400)


def test_suggestions_lead_to_pages_here(shipped: httpx.Client) -> None:
    for text in ("her", "tra", "trial", "breast", "MONDO", "approv"):
        for address in shipped.get("/search/suggestions", params={"q": text}).json()[3]:
            assert address.startswith(str(shipped.base_url).rstrip("/") + "/")
            assert shipped.get(address, headers=BROWSER).status_code == 200, address


def test_browsers_learn_how_to_search(client: httpx.Client) -> None:
    answer = client.get("/opensearch.xml", headers={"Host": "graph.example"})
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    space = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    root = ElementTree.fromstring(answer.text)  # noqa: S314 -- it is ours
    urls = {one.get("type"): one.get("template") for one in root.findall("o:Url", space)}
    assert urls["text/html"] == "http://graph.example/search?q={searchTerms}"
    suggesting = urls["application/x-suggestions+json"]
    assert suggesting == "http://graph.example/search/suggestions?q={searchTerms}"
    assert 'href="/opensearch.xml"' in client.get("/", headers=BROWSER).text
    for host in ("a<b", 'a"b', "a b"):
        refused = client.get("/opensearch.xml", headers={"Host": host})
        assert refused.status_code == 400


LABELS = (
    "<b>bold</b>\N{RIGHT-TO-LEFT OVERRIDE} drug",
    "\N{ARABIC LETTER TEH}\N{ARABIC LETTER REH}\N{ARABIC LETTER ALEF} drug",
)


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server on a graph whose names and texts are meant to do harm."""
    lines = "".join(
        f'<{EX}{number}> <http://www.w3.org/2000/01/rdf-schema#label> "{label}" .\n'
        f'<{EX}{number}> <http://www.w3.org/2004/02/skos/core#definition> "<i>x</i>{"y" * 999}" .\n'
        for number, label in enumerate(LABELS)
    )
    release = make_release(tmp_path_factory.mktemp("strange"), lines, prefixes={"ex": EX})
    with (
        serving(create_app(release, library={})) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def test_names_and_texts_are_shown_as_they_are(strange: httpx.Client) -> None:
    """Markup is text, and a name that turns the direction turns only its own."""
    page = strange.get("/search", params={"q": "drug"}, headers=BROWSER).text
    for label in LABELS:
        assert re.search(rf'dir="auto">{re.escape(escape(label))}</(a|span)>', page)
    assert "<b>bold" not in page
    assert "&lt;i&gt;x&lt;/i&gt;yyy" in page
    assert "y" * 401 not in page  # a definition is shown in a line or two
    assert "<h2" in page  # of a kind without a name
    suggested = strange.get("/search/suggestions", params={"q": "drug"}).json()
    assert sorted(suggested[1]) == sorted(LABELS)
    # What is no thing of ours has no page here: its name is looked for.
    address = suggested[3][0]
    assert "/search?q=http" in address
    assert strange.get(address, headers=BROWSER).status_code == 200


def test_a_graph_without_names(client: httpx.Client) -> None:
    page = client.get("/search", params={"q": "trastuzumab"}, headers=BROWSER)
    assert page.status_code == 200
    assert "nothing in the graph has such a name" in page.text


def test_page_says_what_is_unknown(shipped: httpx.Client) -> None:
    text = '<b>"x'
    page = shipped.get("/search", params={"q": text}, headers=BROWSER)
    assert page.status_code == 200
    assert text not in page.text
    assert f"“<bdi>{text}</bdi>” is unknown: nothing in the graph has such a name." in unescape(
        page.text
    )


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
