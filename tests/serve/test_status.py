"""``/status`` and ``/api``: pages of what operators and programs ask for."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import httpx

from tests.serve.helpers import files_of, make_release, serving
from tests.serve.test_pages import BROWSER
from tzgraph.release import Release
from tzgraph.release.integrity import Expected
from tzgraph.release.reader import FINDINGS
from tzgraph.serve.app import create_app
from tzgraph.serve.views.api_page import operations_of


class Forms(HTMLParser):
    """Reads forms as a browser does that sends them as they stand."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self.labels: set[str] = set()
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep fields with their values."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given["action"], []))
        elif tag == "label":
            self.labels.add(given["for"])
        elif tag in ("input", "select"):
            self.ids.add(given["id"])
            if given.get("type") != "checkbox":
                self.forms[-1][1].append((given["name"], given.get("value", "")))


def test_all_routes_can_be_tried(shipped: httpx.Client) -> None:
    """Each form is answered as it stands, and each example can be followed."""
    page = shipped.get("/api", headers=BROWSER)
    read = Forms(page.text)
    assert read.ids <= read.labels
    forms = [form for form in read.forms if form[0] != "/search"]
    paths = {path for path, _ in forms}
    assert {"/sparql", "/search.json", "/healthz", "/explain"} <= paths
    for path, fields in forms:
        if path in ("/explain", "/graphs"):  # these need one of several
            continue
        answer = shipped.get(path, params=urlencode(fields), headers=BROWSER)
        assert answer.status_code == 200, (path, fields, answer.text[:200])
    examples = re.findall(r'For example <a href="([^"]+)"', page.text)
    assert len(examples) > 3
    examples.remove("/graph/import/mondo")  # imports are no part of the package
    for path in examples:
        assert shipped.get(path, headers=BROWSER).status_code == 200, path


def test_api_page_names_all_that_the_document_has(shipped: httpx.Client) -> None:
    document = shipped.get("/openapi.json").json()
    page = shipped.get("/api", headers=BROWSER).text
    listed = re.findall(r'<span class="method">(\w+)</span> <code>(.*?)</code>', page)
    named = [
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if not path.startswith("/queries/")
    ]
    assert listed == named
    library = sum(path.startswith("/queries/") for path in document["paths"])
    assert f"Each of the {library} <a" in page
    anchors = [one.anchor for one in operations_of(document)]
    assert len(anchors) == len(set(anchors))


def test_what_a_document_leaves_out() -> None:
    """Routes may say next to nothing of themselves."""
    (one,) = operations_of(
        {"paths": {"/a/{b}": {"get": {"parameters": [{"name": "b", "in": "path"}]}}}}
    )
    assert (one.method, one.path, one.example, one.summary) == ("GET", "/a/{b}", "/a/", "")
    assert not one.can_be_tried


def test_status(shipped: httpx.Client) -> None:
    """It tells what health tells, the limits, and what the build found."""
    page = shipped.get("/status", headers=BROWSER)
    health = shipped.get("/healthz").json()
    assert page.headers["cache-control"] == "no-store"
    assert health["release"] in page.text
    assert f"{health['triples']:,}" in page.text
    assert "as it was built" in page.text
    assert "30 seconds" in page.text
    assert "Queries are answered" in page.text
    numbers = map(int, re.findall(r"<li>(\d+) × <code>", page.text))
    assert f"{sum(numbers)} remarks are left" in page.text


def with_findings(folder: Path, findings: list[dict[str, object]] | str) -> Release:
    """A release whose build found something."""
    release = make_release(folder, "", prefixes={})
    text = findings if isinstance(findings, str) else json.dumps(findings)
    (folder / FINDINGS).write_text(text, encoding="utf-8")
    named = files_of(folder)
    expected = Expected.of(folder / FINDINGS)
    named["files"][FINDINGS], named["sizes"][FINDINGS] = expected.sha256, expected.size
    manifest = replace(release.manifest, **named)
    manifest.write(folder)
    return Release(folder, manifest)


def status_of(release: Release) -> str:
    """The page of a server on a release."""
    with serving(create_app(release, library={})) as url:
        page = httpx.get(f"{url}/status", headers=BROWSER, timeout=60)
    assert page.status_code == 200
    return page.text


def test_findings_are_text(tmp_path: Path) -> None:
    finding = {
        "severity": "warning",
        "code": "x",
        "message": "<b>\u202e",
        "file": "a.tsv",
        "row": 2,
    }
    text = status_of(with_findings(tmp_path, [{**finding, "hint": "", "column": None}]))
    assert "1 remark is left" in text
    assert "&lt;b&gt;" in text
    assert "a.tsv:2" in text


def test_no_findings(tmp_path: Path) -> None:
    assert "had no remark" in status_of(with_findings(tmp_path, []))


def test_findings_that_are_not_there(client: httpx.Client) -> None:
    page = client.get("/status", headers=BROWSER)
    assert page.status_code == 200
    assert "can't be read, or is not there" in page.text
