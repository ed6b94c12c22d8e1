"""The first page, on graphs that have our classes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx

from tests.serve.helpers import EX, make_release, serving
from tests.serve.test_pages import BROWSER, Page
from tzgraph.query.library import load_library
from tzgraph.release import open_release
from tzgraph.serve.app import create_app
from tzgraph.serve.settings import ServeSettings
from tzgraph.serve.views.home_page import DOORS
from tzgraph.vocabulary import ID, RDF, RDFS, TZ

DESCRIPTION = "http://purl.org/dc/terms/description"
ODD = '<i>x</i> \\" & \N{HEBREW LETTER ALEF}'
ODD_SHOWN = "&lt;i&gt;x&lt;/i&gt; &#34; &amp; \N{HEBREW LETTER ALEF}"


def home(release_folder: Path, lines: Sequence[str], **said: object) -> httpx.Response:
    """The first page of a server on some triples."""
    release = make_release(release_folder, "".join(f"{line} .\n" for line in lines), **said)
    with serving(create_app(release, library={})) as url:
        return httpx.get(url, headers=BROWSER, timeout=60)


def test_doors_of_the_shipped_graph(shipped: httpx.Client) -> None:
    """Each door has an example that is there, and leads on."""
    response = shipped.get("/", headers=BROWSER)
    assert response.headers["etag"]
    assert response.text.count("<li><h2>") == len(DOORS) == 4
    for kind in ("drug", "trial", "mechanism", "claim"):
        (path,) = re.findall(rf'<a href="(/id/{kind}/[^"]+)"', response.text)
        assert shipped.get(path, headers=BROWSER).status_code == 200
    for door in DOORS:
        assert f'href="/queries/{door.question}"' in response.text
    assert "Not medical advice" in response.text
    for path in re.findall(r'<a href="(/map/[^"]+)"', response.text):
        assert shipped.get(path, headers=BROWSER).status_code == 200
    assert ">HER2 to scale<" in response.text


def test_questions_are_picked_in_their_files(shipped: httpx.Client) -> None:
    places = sorted(
        (query.pick, name) for name, query in load_library().items() if query.pick is not None
    )
    assert [place for place, _ in places] == [1, 2, 3, 4, 5, 6]
    text = shipped.get("/", headers=BROWSER).text
    shown = re.findall(r'<li><a href="/queries/([^"]*)">', text)
    assert shown == [name for _, name in places]


def test_verdicts_are_counted(shipped: httpx.Client) -> None:
    """Their bar is as long as they are many, and has words beside it."""
    text = shipped.get("/", headers=BROWSER).text
    shown = {name: int(number) for number, name in re.findall(r"</span> (\d+) (\w+)</a>", text)}
    query = "SELECT ?v (COUNT(*) AS ?n) { ?c a tz:Claim ; tz:verdict ?v } GROUP BY ?v"
    rows = shipped.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1:]
    counted = {row.partition(",")[0].rpartition("#")[2].lower(): row for row in rows}
    assert {name: int(row.rpartition(",")[2]) for name, row in counted.items()} == shown
    page = Page(text)
    wide = {rect["class"]: int(str(rect["width"])) for rect in page.all("rect")}
    assert wide == shown
    ends = [int(str(rect["x"])) + int(str(rect["width"])) for rect in page.all("rect")]
    (bar,) = page.all("svg")
    assert bar["viewbox"] == f"0 0 {ends[-1]} 1"
    assert f'href="/audit?verdict={next(iter(shown))}"' in text


def test_an_empty_release(tmp_path: Path) -> None:
    response = home(tmp_path, [])
    assert response.status_code == 200
    assert "<h2>" not in response.text
    assert "verdict" not in response.text
    assert 'href="/queries"' not in response.text.partition("<main")[2].partition("</main")[0]


def test_labels_are_text(tmp_path: Path) -> None:
    """Markup in a claim is shown; a claim that is no thing of ours has no link that fails."""
    response = home(
        tmp_path,
        [
            f"<{EX}c> <{RDF}type> <{TZ}Claim>",
            f"<{EX}c> <{TZ}verdict> <{TZ}Contradicted>",
            f'<{EX}c> <{DESCRIPTION}> "{ODD}"',
            f'<{EX}c> <{TZ}provisional> "false"^^<http://www.w3.org/2001/XMLSchema#boolean>',
            f"<{ID}drug/x> <{RDF}type> <{TZ}Drug>",
            f"<{ID}drug/x> <{TZ}targets> <{EX}t>",
            f'<{ID}drug/x> <{RDFS}label> "{ODD}"',
        ],
    )
    text = response.text
    assert f'<a href="{EX}c" rel="nofollow noreferrer">“<bdi>{ODD_SHOWN}</bdi>”</a>' in text
    assert f'<a href="/id/drug/x"><bdi>{ODD_SHOWN}</bdi></a>' in text
    assert text.count("<li><h2>") == 2
    assert "Of 1 claim." in text
    assert "<i>" not in text
    assert "HER2 to scale" not in text


def test_home_is_there_where_nothing_can_be_asked(shipped_dir: Path) -> None:
    """A search box is better than an error; the page is not kept."""
    settings = ServeSettings()
    hasty = replace(settings, queries=replace(settings.queries, timeout_s=0.000001))
    with serving(create_app(open_release(shipped_dir), settings=hasty)) as url:
        response = httpx.get(url, headers=BROWSER, timeout=60)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert 'role="search"' in response.text
