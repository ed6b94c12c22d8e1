"""``/map/…``: pictures made of the graph."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from tests.serve.helpers import make_release, problem, serving
from tests.serve.test_pages import BROWSER, Page
from tzgraph.serve.app import create_app
from tzgraph.vocabulary import ID, RDFS, TZ

SVG = "{http://www.w3.org/2000/svg}"
ODD = "<b>x</b> \N{HEBREW LETTER ALEF}"


def test_protein_is_drawn_to_scale(shipped: httpx.Client) -> None:
    """Each range of the graph is a bar of its length, and leads to its part."""
    answer = shipped.get("/map/her2.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "style-src 'unsafe-inline'" in answer.headers["content-security-policy"]
    root = ElementTree.fromstring(answer.text)  # noqa: S314 -- it is ours
    query = "SELECT (COUNT(*) AS ?n) { ?x tz:domainOf tztarget:her2 ; tz:hasRange ?r }"
    found = shipped.get("/sparql", params={"query": query, "format": "csv"}).text.split()
    domains = [
        rect for rect in root.iter(f"{SVG}rect") if rect.get("class", "").startswith("domain")
    ]
    assert len(domains) == int(found[1]) > 5
    links = {link.get("href", ""): link for link in root.iter(f"{SVG}a")}
    (whole,) = links["/id/domain/her2-cytoplasmic"].iter(f"{SVG}rect")
    assert float(whole.get("width", "")) == pytest.approx(720 * 580 / 1255, abs=0.2)
    for path in links:
        assert shipped.get(path, headers=BROWSER).status_code == 200


def test_page_says_what_is_known_and_what_is_not(shipped: httpx.Client) -> None:
    page = shipped.get("/map/her2", headers=BROWSER)
    for text in ("611–1255", "not known", "kept in part", "? unknown", "from memory, not checked"):
        assert text in page.text
    links = [str(a["href"]) for a in Page(page.text).all("a") if "href" in a]
    csv = next(link for link in links if "format=csv" in link)
    rows = shipped.get(csv).text.splitlines()
    assert rows[0].startswith("protein,kind,thing")
    why = next(link for link in links if "partlyRetainsEpitope" in link)
    assert shipped.get(why, headers=BROWSER).status_code == 200
    assert not [one for _, one in Page(page.text).tags if "style" in one]


@pytest.mark.parametrize("slug", ["nothing", "her2.png", "her2/x", "%00", "a" * 4_000, ".svg"])
def test_what_is_no_protein(shipped: httpx.Client, slug: str) -> None:
    problem(shipped.get(f"/map/{slug}"), 404)


def test_odd_proteins(tmp_path: Path) -> None:
    """Residues that can't be, labels with markup, and parts without residues."""
    lines = [
        f"<{ID}domain/a> <{TZ}domainOf> <{ID}target/p>",
        f'<{ID}domain/a> <{RDFS}label> "{ODD}"',
        f"<{ID}domain/b> <{TZ}domainOf> <{ID}target/p>",
        f'<{ID}domain/b> <{RDFS}label> "b"',
    ]
    for number, (first, last) in enumerate((("5", "9"), ("-3", "4"), ("x", "9"), ("9", "5"))):
        lines += [
            f"<{ID}domain/a> <{TZ}hasRange> <{ID}range/{number}>",
            f'<{ID}range/{number}> <{TZ}firstResidue> "{first}"',
            f'<{ID}range/{number}> <{TZ}lastResidue> "{last}"',
        ]
    release = make_release(tmp_path, "".join(f"{line} .\n" for line in lines))
    with serving(create_app(release, library={})) as url:
        page = httpx.get(f"{url}/map/p", headers=BROWSER, timeout=60)
        picture = httpx.get(f"{url}/map/p.svg", timeout=60)
    assert page.status_code == 200
    assert "<b>" not in page.text
    assert "&lt;b&gt;x" in page.text
    root = ElementTree.fromstring(picture.text)  # noqa: S314 -- it is ours
    assert len([r for r in root.iter(f"{SVG}rect") if r.get("class") == "domain"]) == 1
    assert re.findall(r"<td>(5–9|not known)", page.text) == ["5–9", "not known"]


def test_mechanisms_are_drawn_and_listed(shipped: httpx.Client) -> None:
    """Each line of the picture is a statement of the graph, and the table has the same."""
    root = ElementTree.fromstring(shipped.get("/map/mechanisms.svg").text)  # noqa: S314 -- it is ours
    lines = [path.get("class") for path in root.iter(f"{SVG}path")]
    acts = "{ ?m tz:beginsAt ?x } UNION { ?m tz:activates ?x } UNION { ?m tz:inhibits ?x }"
    for pattern, found in (
        (f"SELECT (COUNT(*) AS ?n) {{ ?m a tz:ResistanceMechanism {acts} }}", "acts"),
        ("SELECT (COUNT(*) AS ?n) { ?x tz:counters ?m . ?m a tz:ResistanceMechanism }", "reported"),
    ):
        number = shipped.get("/sparql", params={"query": pattern, "format": "csv"}).text.split()[1]
        assert lines.count(found) == int(number) > 0
    page = shipped.get("/map/mechanisms", headers=BROWSER)
    assert page.text.count('<span class="line">') == len(lines)
    assert page.text.count('class="layer predicted"') == lines.count("predicted") > 0
    for link in {link.get("href") for link in root.iter(f"{SVG}a")}:
        assert shipped.get(str(link), headers=BROWSER).status_code == 200


def test_mechanisms_of_a_graph_without_any(client: httpx.Client) -> None:
    assert "no mechanism of resistance" in client.get("/map/mechanisms", headers=BROWSER).text
    problem(client.get("/map/mechanisms.svg"), 404)


def test_odd_mechanisms(tmp_path: Path) -> None:
    """Labels with markup, several kinds of knowing, and mechanisms alone."""
    kind = f"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{TZ}ResistanceMechanism>"
    lines = [
        f"<{ID}mechanism/a> {kind}",
        f'<{ID}mechanism/a> <{RDFS}label> "{ODD}"',
        f"<{ID}mechanism/b> {kind}",
        f'<{ID}mechanism/b> <{RDFS}label> "alone"',
        f"<{ID}drug/d> <{TZ}counters> <{ID}mechanism/a>",
        f"<{ID}drug/d> <{TZ}candidateFor> <{ID}mechanism/a>",
        f'<{ID}drug/d> <{RDFS}label> "{ODD}"',
    ]
    release = make_release(tmp_path, "".join(f"{line} .\n" for line in lines))
    with serving(create_app(release, library={})) as url:
        page = httpx.get(f"{url}/map/mechanisms", headers=BROWSER, timeout=60).text
        picture = httpx.get(f"{url}/map/mechanisms.svg", timeout=60).text
    root = ElementTree.fromstring(picture)  # noqa: S314 -- it is ours
    assert [path.get("class") for path in root.iter(f"{SVG}path")] == ["reported"]
    assert "<b>" not in page
    assert ">alone</a>" in page.partition('id="alone"')[2]


def test_ratios_are_as_they_were_reported(shipped: httpx.Client) -> None:
    """Digits are those of the cells; facets choose, with numbers that come true."""
    query = "SELECT (COUNT(*) AS ?n) { ?c tz:comparisonOf ?t ; tz:hazardRatio ?h }"
    number = shipped.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1]
    page = shipped.get("/map/trials", headers=BROWSER).text
    assert f"{number} of {number} comparisons." in page
    assert page.count('<tr><th scope="row">') == int(number)
    assert "0.74 (0.60–0.91)" in page  # 0.6 in the store
    told = re.findall(r'<option value="([^"]+)">[^(]*\((\d+)\)</option>', page)
    endpoint, count = next(one for one in told if one[0] == "overall survival")
    chosen = {"endpoint": endpoint, "disease": "", "line": "", "drug": ""}
    some = shipped.get("/map/trials", params=chosen, headers=BROWSER).text
    assert f"{count} of {number} comparisons." in some
    assert f'<option value="{endpoint}" selected>' in some
    assert "progression-free survival</td>" not in some


def test_ratios_that_nothing_fits(shipped: httpx.Client) -> None:
    params = {"drug": '<b>"\N{RIGHT-TO-LEFT OVERRIDE}'}
    page = shipped.get("/map/trials", params=params, headers=BROWSER)
    assert page.status_code == 200
    assert "0 of " in page.text
    assert "<b>" not in page.text
    problem(shipped.get("/map/trials?drug=a&drug=b"), 400)


def test_ratios_of_a_graph_without_any(client: httpx.Client) -> None:
    page = client.get("/map/trials", headers=BROWSER)
    assert "no comparison with a hazard ratio" in page.text


def test_ratios_that_can_be_no_ratio(tmp_path: Path) -> None:
    """They stand in the table and are not drawn."""
    lines = []
    for number, ratio in enumerate(("x", "-1", "0", "INF", "NaN", "1e999", "0.5")):
        lines += [
            f"<{ID}comparison/{number}> <{TZ}comparisonOf> <{ID}trial/t>",
            f"<{ID}comparison/{number}> <{TZ}comparesArm> <{ID}arm/a>",
            f"<{ID}comparison/{number}> <{TZ}endpoint> <{TZ}OverallSurvival>",
            f'<{ID}comparison/{number}> <{TZ}hazardRatio> "{ratio}"',
        ]
    release = make_release(tmp_path, "".join(f"{line} .\n" for line in lines))
    with serving(create_app(release, library={})) as url:
        page = httpx.get(f"{url}/map/trials", headers=BROWSER, timeout=60)
    assert page.status_code == 200
    assert page.text.count('<tr><th scope="row">') == 7
    assert page.text.count("<figure>") == 1
