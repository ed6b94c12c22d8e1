"""``/explain``: page, JSON and text, and what comes of bad terms."""

from __future__ import annotations

import json
import re
import threading
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serve.helpers import problem, serving
from tests.serve.test_pages import BROWSER, Page
from tzgraph.explain import as_text
from tzgraph.names.index import NAMES
from tzgraph.release import Release, open_release
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.serve.app import create_app
from tzgraph.serve.site.explanation import ExplanationDocument

CLAIM = {"subject": "tzclaim:sun-c065"}
TRIPLE = {"subject": "tzdrug:trastuzumab", "predicate": "tz:targets", "object": "tztarget:her2"}


def test_json_and_text_are_those_of_the_command_line(
    shipped: httpx.Client, shipped_dir: Path
) -> None:
    """Programs get JSON unless they ask for text; both are the command line's."""
    release = open_release(shipped_dir)
    explainer = ReleaseExplainer(release, release.store())
    for asked in (CLAIM, TRIPLE):
        found = explainer.explain(*asked.values())
        answer = shipped.get("/explain", params=asked)
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == found.as_dict()
        text = shipped.get("/explain", params=asked, headers={"Accept": "text/plain"})
        assert text.headers["content-type"] == "text/plain; charset=utf-8"
        assert text.text == as_text(found, explainer.terms.compact, explainer.labels()) + "\n"
        assert shipped.get("/explain", params={**asked, "format": "text"}).text == text.text


def test_a_verdict_is_readable_as_a_page(shipped: httpx.Client) -> None:
    """Both sides, the tree with its rules and cells, and the twins; no script in it."""
    answer = shipped.get("/explain", params=CLAIM, headers=BROWSER)
    page = Page(answer.text)
    text = unescape(answer.text)
    assert answer.status_code == 200
    for words in (
        "✗</span> Contradicted",
        "JACOB showed a median OS of 17.5 months",
        'href="/cell/results.tsv?cell=10,7"',
        'href="/cell/statedresults.tsv?cell=9,8"',
        'href="/id/claim/sun-c065"',
        "rule figure-of-another-arm",
        "by rule: The figure belongs to another arm of the trial",
        "CONSTRUCT { ",
        "prepared by the audit",
    ):
        assert words in text
    links = [str(a["href"]) for a in page.all("a")]
    assert "https://doi.org/10.1016/S1470-2045(18)30481-9" in links
    assert not page.strange_scripts
    assert page.all("details")
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    twin = next(link for link in links if "format=json" in link)
    assert shipped.get(twin).json() == shipped.get("/explain", params=CLAIM).json()
    values = {field["name"]: field["value"] for field in page.all("input") if field["name"] != "q"}
    assert list(values.values()) == ["tzclaim:sun-c065", "tz:verdict", "tz:Contradicted"]


def test_sentences_have_labels_and_each_reason_stands_once(shipped: httpx.Client) -> None:
    """The four triples of an assessment are one step; names in short are for the form only."""
    text = unescape(shipped.get("/explain", params=CLAIM, headers=BROWSER).text)
    tree = text[text.index('<div class="tree"') : text.index("<h2>The rules</h2>")]
    visible = re.sub(r"<details><summary>as a pattern.*?</details>|<[^>]*>", " ", tree)
    assert not re.search(r"\btz[a-z]*:\w", visible)
    for said in ("assessment sun-c065-figure-of-another-arm", "and nothing is known that assesses"):
        assert said in visible
    assert visible.count("by rule: The figure belongs to another arm of the trial") == 1
    step = tree[tree.index('id="step-2"') :]
    facts = step[step.index('<ul class="facts">') : step.index("</ul>")]
    assert facts.count("<li>") == 4


class Nesting(HTMLParser):
    """Collects what can be clicked within a summary."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.within = 0
        self.nested: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.within += tag == "summary"
        if self.within and tag in ("a", "button", "input", "details", "pre"):
            self.nested.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.within -= tag == "summary"


@pytest.mark.parametrize("asked", [CLAIM, TRIPLE, {**TRIPLE, "object": "tztarget:her3"}])
def test_nothing_that_can_be_clicked_is_within_a_summary(
    shipped: httpx.Client, asked: dict[str, str]
) -> None:
    assert Nesting(shipped.get("/explain", params=asked, headers=BROWSER).text).nested == []


def test_that_nothing_speaks_against_it_is_told_where_evidence_supports(
    shipped: httpx.Client,
) -> None:
    said = "and nothing in this graph speaks against it"
    supported = {"subject": "tzdrug:pertuzumab", "predicate": "tz:bindsEpitope"}
    asked = {**supported, "object": "tzepitope:her2-pertuzumab"}
    assert said in shipped.get("/explain", params=asked, headers=BROWSER).text
    assert said in shipped.get("/explain", params={**asked, "format": "text"}).text
    refuted = {"subject": "tzdrug:trastuzumab", "predicate": "tz:mediates"}
    asked = {**refuted, "object": "tzprocess:cdc"}
    assert said not in shipped.get("/explain", params=asked, headers=BROWSER).text


def test_a_triple_that_is_not_known_to_hold_is_an_answer(shipped: httpx.Client) -> None:
    """The command line tells it by exit code 1; here it is status 200 and ``absent``."""
    asked = {**TRIPLE, "object": "tztarget:her3"}
    answer = shipped.get("/explain", params=asked)
    assert (answer.status_code, answer.json()["status"]) == (200, "absent")
    page = shipped.get("/explain", params=asked, headers=BROWSER)
    assert page.status_code == 200
    assert "It is not known to hold" in page.text
    assert "It does not hold" not in page.text
    asked = {**CLAIM, "predicate": "tz:verdict", "object": "tz:Supported"}
    answer = shipped.get("/explain", params=asked).json()
    assert (answer["status"], answer["excluded"]) == ("absent", "the property has one value")
    assert (
        "does not hold: the property has one value"
        in shipped.get("/explain", params=asked, headers=BROWSER).text
    )


def test_head_has_the_headers_of_get(shipped: httpx.Client) -> None:
    """Status, type and length are those of GET, without a body."""
    for headers in ({"Accept": "application/json"}, BROWSER):
        head = shipped.head("/explain", params=TRIPLE, headers=headers)
        got = shipped.get("/explain", params=TRIPLE, headers=headers)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
        assert head.headers["content-type"] == got.headers["content-type"]
        assert "Accept" in head.headers["vary"]
    assert shipped.head("/explain").status_code == 400


def test_literals_and_evidence_have_pages(shipped: httpx.Client) -> None:
    """The page's twins and form give back what was asked, quotes and all."""
    for term in ('"HER2 domain IV"@en', '"say \\ "x""', "0.60"):
        asked = {"subject": "tzdomain:her2-domain-iv", "predicate": "rdfs:label", "object": term}
        found = shipped.get("/explain", params=asked).json()
        page = Page(shipped.get("/explain", params=asked, headers=BROWSER).text)
        twin = next(str(a["href"]) for a in page.all("a") if "format=json" in str(a["href"]))
        assert shipped.get(twin).json() == found
    refuted = {"subject": "tzdrug:trastuzumab", "predicate": "tz:mediates"}
    answer = shipped.get("/explain", params={**refuted, "object": "tzprocess:cdc"}, headers=BROWSER)
    assert "refuted by" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?subject=",
        "?predicate=tz:targets",
        "?subject=tzdrug:trastuzumab",
        "?subject=tzclaim:none",
        "?subject=tzclaim:sun-c065&predicate=tz:verdict",
        "?subject=tzclaim:sun-c065&object=tz:Contradicted",
        "?subject=tzclaim:sun-c065&subject=tzclaim:sun-c066",
        "?subject=nope:x&predicate=a&object=tz:Drug",
        "?subject=_:b&predicate=a&object=tz:Drug",
        "?subject=%22x%22&predicate=a&object=tz:Drug",
        "?subject=http://a%20b&predicate=a&object=tz:Drug",
        "?subject=http://a%3E%20?p%20?o&predicate=a&object=tz:Drug",
        "?subject=tzdrug:x&predicate=a&object=%22x%22@abcdefghijk",
        "?subject=tzdrug:x&predicate=a&object=%22x%22%5E%5Ehttp://a%20b",
        "?subject=%FF&predicate=a&object=tz:Drug",
        "?subject=tzdrug:x&predicate=%3Cscript%3Ealert(1)%3C/script%3E&object=tz:Drug",
    ],
)
def test_terms_that_cannot_be_read(shipped: httpx.Client, query: str) -> None:
    """Programs get a problem document; browsers the form, with the problem, escaped."""
    empty = ("", "?subject=")
    document = problem(shipped.get(f"/explain{query}"), 400)
    page = shipped.get(f"/explain{query}", headers=BROWSER)
    assert page.status_code == (200 if query in empty else 400)
    assert page.headers["content-type"].startswith("text/html")
    assert not Page(page.text).strange_scripts
    if query not in empty:
        assert str(document["detail"]) in unescape(page.text)


def test_other_requests_that_are_refused(shipped: httpx.Client) -> None:
    """Formats nobody has, long URLs, other methods; an unknown name of a format is passed over."""
    accept = {"Accept": "image/png"}
    document = problem(shipped.get("/explain", params=TRIPLE, headers=accept), 406)
    assert document["available"] == ["application/json", "text/html", "text/plain"]
    problem(shipped.get("/explain", params={**TRIPLE, "object": '"' + "x" * 65_000 + '"'}), 414)
    problem(shipped.post("/explain", data=TRIPLE), 405)
    assert shipped.get("/explain", params={**TRIPLE, "format": "pdf"}).status_code == 200


def test_data_and_terms_put_no_markup_on_the_page(client: httpx.Client) -> None:
    """Neither labels of the graph nor terms of the request are taken for HTML or links."""
    for term in ('"<script>alert(1)</script>"@en', "<javascript:alert(1)>", '"\'\\"><b onx=1>"'):
        for predicate in ("ex:label", "ex:see"):
            asked = {"subject": "ex:a", "predicate": predicate, "object": term}
            answer = client.get("/explain", params=asked, headers=BROWSER)
            page = Page(answer.text)
            assert not page.strange_scripts + page.all("b")
            assert all(not str(a["href"]).startswith("javascript") for a in page.all("a"))
    asked = {"subject": "ex:a", "predicate": "ex:label", "object": '"<script>alert(1)</script>"@en'}
    assert "&lt;script&gt;alert(1)" in client.get("/explain", params=asked, headers=BROWSER).text


@given(terms=st.lists(st.text(max_size=30), min_size=3, max_size=3), html=st.booleans())
@settings(max_examples=150)
def test_random_terms(url: str, terms: list[str], html: bool) -> None:
    """Random terms never make a 5xx."""
    asked = dict(zip(TRIPLE, terms, strict=True))
    encoded = {
        name: text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        for name, text in asked.items()
    }
    headers = BROWSER if html else {"Accept": "*/*"}
    response = httpx.get(f"{url}/explain", params=encoded, headers=headers)
    assert response.status_code in (200, 400)


@given(text=st.text(max_size=30), tag=st.sampled_from(["", "@en", "^^xsd:integer", "^^ex:t"]))
@settings(max_examples=100)
def test_random_literals(url: str, text: str, tag: str) -> None:
    """Neither do random literals; what holds or not is said as a page, too."""
    term = f'"{text}"{tag}'.encode("utf-8", "replace").decode("utf-8")
    asked = {"subject": "ex:a", "predicate": "ex:label", "object": term}
    response = httpx.get(f"{url}/explain", params=asked, headers=BROWSER)
    assert response.status_code == 200


def test_many_at_once_open_the_rules_once(
    shipped_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The explainer is opened by the first request and shared by all."""
    opened = []
    original = Release.rules

    def rules(release: Release) -> object:
        opened.append(release)
        return original(release)

    monkeypatch.setattr(Release, "rules", rules)
    answers: list[str] = []

    def ask(url: str) -> None:
        answers.append(httpx.get(f"{url}/explain", params=TRIPLE, timeout=60).text)

    with serving(create_app(open_release(shipped_dir))) as url:
        assert opened == []
        threads = [threading.Thread(target=ask, args=(url,)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(opened) == 1
    assert len(answers) == 12
    assert len(set(answers)) == 1


def test_a_release_without_rules_is_the_fault_of_the_server(
    release: Release, tmp_path: Path
) -> None:
    """It is no 400, and no error of the program."""
    bare = Release(tmp_path, release.manifest)
    for name in ("store", NAMES):
        (tmp_path / name).symlink_to(release.path / name)
    with serving(create_app(bare, library={})) as url:
        told = problem(httpx.get(f"{url}/explain", params=TRIPLE), 503)
        assert "rules.json is damaged" in str(told["detail"])
        assert httpx.get(f"{url}/healthz").status_code == 200


def test_the_form_asks(client: httpx.Client) -> None:
    """Left empty, predicate and object count as not given."""
    page = Page(client.get("/explain", headers=BROWSER).text)
    form = next(form for form in page.all("form") if form["action"] == "/explain")
    assert form["method"] == "get"
    names = [str(f["name"]) for f in page.all("input") if str(f.get("id")).startswith("explain-")]
    assert names == list(TRIPLE)
    params = {"subject": "ex:a", "predicate": "", "object": ""}
    document = problem(client.get("/explain", params=params), 400)
    assert "no claim" in str(document["detail"])


def test_openapi_describes_the_route(shipped: httpx.Client) -> None:
    """Its examples are answered."""
    document = shipped.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    operation = document["paths"]["/explain"]["get"]
    terms = {p["name"]: p.get("examples", {}) for p in operation["parameters"]}
    for name in ("triple", "verdict", "claim"):
        asked = {key: given[name]["value"] for key, given in terms.items() if name in given}
        answer = shipped.get("/explain", params=asked)
        assert answer.status_code == 200
        assert answer.json()["status"] == "inferred"
        ExplanationDocument.model_validate_json(answer.content)
    assert not ExplanationDocument.model_fields.keys() ^ set(
        document["components"]["schemas"]["ExplanationDocument"]["properties"]
    )
    assert {"200", "400", "406"} <= set(operation["responses"])
    assert json.dumps(document).count("$ref") > 3
