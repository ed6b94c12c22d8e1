"""``/audit``: claims and their verdicts as pages, and for programs and editors."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from tests.serve.helpers import problem
from tests.serve.test_pages import BROWSER, Page
from tests.serve.writable import update, writable
from tzgraph.audit.collect import collect_audit
from tzgraph.audit.report.data import as_data
from tzgraph.audit.report.editors import write_editors_list
from tzgraph.audit.report.spreadsheet import write_csv
from tzgraph.release import open_release
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.site.audit import FORMATS
from tzgraph.vocabulary import Graphs

DOCUMENT = "sun-review"


def names(text: str) -> list[str]:
    """The claims of a page, in its order."""
    return re.findall(r'<article class="card[^"]*" id="claim-([^"]*)"', text)


def test_programs_get_what_the_command_writes(shipped: httpx.Client, shipped_dir: Path) -> None:
    release = open_release(shipped_dir)
    audit = collect_audit(release.store(), DOCUMENT, release.manifest.id, release.findings())
    for path in ("/audit", f"/audit/{DOCUMENT}", "/audit.json", f"/audit/{DOCUMENT}.json"):
        answer = shipped.get(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == as_data(audit)
    table = shipped.get("/audit", headers={"Accept": "text/csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text == write_csv(audit) == shipped.get("/audit.csv").text
    listed = shipped.get("/audit", params={"format": "editor"})
    assert listed.headers["content-type"] == "text/markdown; charset=utf-8"
    assert listed.text == write_editors_list(audit)
    assert shipped.get("/audit.md").text.startswith("# Audit: ")
    assert shipped.get(f"/audit/{DOCUMENT}.txt").headers["content-type"].startswith("text/plain")


def test_the_page_begins_with_what_matters(shipped: httpx.Client) -> None:
    """Contradicted claims with both values first, supported ones folded; counts with signs."""
    data = shipped.get("/audit").json()
    text = shipped.get("/audit", headers=BROWSER).text
    order = ["Contradicted", "Imprecise", "Unverified", "Supported"]
    verdicts = {claim["name"]: claim["verdict"] for claim in data["claims"]}
    shown = names(text)
    assert sorted(shown) == sorted(verdicts)
    assert [verdicts[name] for name in shown] == sorted(verdicts.values(), key=order.index)
    for verdict, sign in (("contradicted", "✗"), ("imprecise", "≈"), ("supported", "✓")):
        count = data["summary"][verdict]
        tile = rf'{count}</span> <span><span aria-hidden="true">{sign}</span> {verdict.title()}'
        assert re.search(tile, text)
    supported = text.index('id="supported"')
    assert text.index("<details>", supported) < text.index("<article", supported)
    start = text.index('id="claim-sun-c065"')
    card = unescape(text[start : text.index("</article>", start)])
    for said in (
        "JACOB showed a median OS of 17.5 months",
        "14.2 months",
        "✗</span> Contradicted",
        'href="/id/claim/sun-c065"',
        'href="/id/trial/jacob"',
        'href="/id/drug/trastuzumab"',
        'href="/id/publication/tabernero-2018"',
        'href="/cell/results.tsv?cell=11,7"',
        'href="/cell/claims.tsv?cell=66,1"',
        "subject=https%3A%2F%2Fw3id.org%2Ftzgraph%2Fid%2Fclaim%2Fsun-c065",
    ):
        assert said in card
    page = Page(text)
    assert not page.strange_scripts
    assert not [tag for tag, attributes in page.tags if "style" in attributes]
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    # A region for each half of each card would be forty landmarks of one name.
    assert "The document says" not in [a.get("aria-label") for a in page.all("section")]


def test_links_of_the_page_lead_somewhere(shipped: httpx.Client) -> None:
    page = Page(shipped.get("/audit?verdict=contradicted", headers=BROWSER).text)
    local = sorted({str(a["href"]) for a in page.all("a") if str(a.get("href")).startswith("/")})
    kinds = {link.split("/")[1].partition("?")[0] for link in local}
    assert {"audit", "cell", "explain", "id", "graph"} <= kinds
    for kind in kinds:
        some = [link for link in local if link.split("/")[1].partition("?")[0] == kind][:4]
        for link in some:
            assert shipped.get(link, headers=BROWSER).status_code == 200, link


def test_filters_stand_in_the_url_and_can_be_taken_off(shipped: httpx.Client) -> None:
    asked = {"verdict": "contradicted", "trial": "jacob"}
    text = shipped.get("/audit", params=asked, headers=BROWSER).text
    data = shipped.get("/audit", params=asked).json()
    assert names(text) == [claim["name"] for claim in data["claims"]]
    assert data["summary"]["claims"] == data["summary"]["contradicted"] == 3
    hrefs = [str(a["href"]) for a in Page(text).all("a")]
    assert f"/audit/{DOCUMENT}?trial=jacob" in hrefs
    assert f"/audit/{DOCUMENT}?verdict=contradicted" in hrefs
    assert f"/audit/{DOCUMENT}?verdict=contradicted&trial=jacob&format=csv" in hrefs
    fields = {str(f["name"]): f.get("value") for f in Page(text).all("input") if "name" in f}
    assert (fields["verdict"], fields["text"]) == ("contradicted", "")
    selected = [o for o in Page(text).all("option") if "selected" in o]
    assert [o["value"] for o in selected] == ["jacob"]
    rows = list(csv.DictReader(io.StringIO(shipped.get("/audit.csv", params=asked).text)))
    assert [row["name"] for row in rows] == names(text)


@pytest.mark.parametrize(
    "query",
    [
        "section=3.2",
        "section=Abstract&provisional=no",
        "provisional=yes",
        "about=tzdrug:trastuzumab&verdict=imprecise",
        "reference=contradicted&text=trastuzumab",
        "text=%C3%9F%00%3Cb%3E",
        "section=",
        "page=1&unknown=x",
    ],
)
def test_each_selection_is_the_same_as_page_and_json(shipped: httpx.Client, query: str) -> None:
    text = shipped.get(f"/audit?{query}", headers=BROWSER).text
    data = shipped.get(f"/audit?{query}").json()
    assert sorted(names(text)) == sorted(claim["name"] for claim in data["claims"])
    assert "<b>" not in text
    if not data["claims"]:
        assert "No claim of this document is so." in text


def test_head_and_entity_tags(shipped: httpx.Client) -> None:
    for headers in ({"Accept": "application/json"}, BROWSER):
        got = shipped.get("/audit", headers=headers)
        head = shipped.head("/audit", headers=headers)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
        again = {**headers, "If-None-Match": got.headers["etag"]}
        assert shipped.get("/audit", headers=again).status_code == 304
        assert "Accept" in got.headers["vary"]
        assert 'rel="alternate"' in got.headers["link"]
    assert shipped.get("/static/claims.css").headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/audit?verdict=wrong", 400),
        ("/audit?provisional=perhaps", 400),
        ("/audit?verdict=supported&verdict=imprecise", 400),
        ("/audit?page=0", 400),
        ("/audit?page=x", 400),
        ("/audit?page=99999999999999999999", 400),
        ("/audit?format=pdf", 400),
        ("/audit/nobody", 404),
        ("/audit/nobody.json", 404),
        ("/audit/..%2f..", 404),
        ("/audit/%00", 404),
        ("/audit.pdf", 404),
        ("/audit?text=" + "x" * 64_000, 414),
    ],
)
def test_wrong_requests(shipped: httpx.Client, path: str, status: int) -> None:
    problem(shipped.get(path), status)
    page = shipped.get(path, headers=BROWSER)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")


def test_no_acceptable_format(shipped: httpx.Client) -> None:
    answer = shipped.get("/audit", headers={"Accept": "image/png"})
    assert problem(answer, 406)["available"] == list(dict.fromkeys(FORMATS.values()))


def test_a_page_beyond_the_last_one_shows_none(shipped: httpx.Client) -> None:
    text = shipped.get("/audit?page=7", headers=BROWSER).text
    assert names(text) == []


def test_a_graph_without_claims_says_so(client: httpx.Client) -> None:
    page = client.get("/audit", headers=BROWSER)
    assert page.status_code == 200
    assert "No document makes claims in this graph" in page.text
    assert client.get("/audit").json() == {"format": "tzgraph-audits/1", "documents": []}
    problem(client.get("/audit.csv"), 404)
    problem(client.get("/audit/sun-review"), 404)


@pytest.fixture(scope="module")
def changed(shipped_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server on a copy of the shipped graph that takes updates."""
    if not is_supported():
        pytest.skip("only Linux takes updates")
    directory = tmp_path_factory.mktemp("copy") / "build"
    shutil.copytree(shipped_dir, directory)
    with writable(directory) as client:
        yield client


def test_updates_are_told(changed: httpx.Client) -> None:
    """The page says that the graph has changed, lists other documents, and what is gone."""
    assert "Changed since it was audited" not in changed.get("/audit", headers=BROWSER).text
    other = f"{Graphs.SOURCE}other"
    claim = "https://w3id.org/tzgraph/id/claim/other-1"
    update(
        changed,
        f"INSERT DATA {{ GRAPH <{other}> {{ <{claim}> a tz:Claim ;"
        ' <http://purl.org/dc/terms/description> "A < B & C." } '
        f"GRAPH <{Graphs.METADATA}> {{ <{other}> tz:sourceRole tz:SecondarySource ;"
        ' rdfs:label "Another <document>" } }',
    )
    text = changed.get(f"/audit/{DOCUMENT}", headers=BROWSER).text
    assert "Changed since it was audited" in text
    assert "An update has changed this graph" in text
    index = changed.get("/audit", headers=BROWSER).text
    assert "2 documents make claims" in index
    assert "Another &lt;document&gt;" in index
    listed = changed.get("/audit").json()
    assert [d["document"]["source"] for d in listed["documents"]] == ["other", DOCUMENT]
    assert "/audit/other" in str(problem(changed.get("/audit.csv"), 404)["detail"])
    unjudged = changed.get("/audit/other", headers=BROWSER).text
    assert "There are no verdicts." in unjudged
    assert "A &lt; B &amp; C." in unjudged
    assert changed.get("/audit/other").json()["summary"]["assessed"] == 0
    update(changed, f"DROP GRAPH <{Graphs.AUDIT}>")
    gone = changed.get(f"/audit/{DOCUMENT}", headers=BROWSER)
    assert gone.status_code == 200
    assert "There are no verdicts." in gone.text
    assert "2 updates have changed this graph" in gone.text


def test_json_is_one_document_for_each_structure(shipped: httpx.Client) -> None:
    found = json.loads(shipped.get("/audit.json", params={"verdict": "supported"}).text)
    assert found["format"] == "tzgraph-audit/1"
    assert {claim["verdict"] for claim in found["claims"]} == {"Supported"}
    assert all({"iri", "label", "kind"} == set(t) for c in found["claims"] for t in c["about"])
