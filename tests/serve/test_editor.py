"""The page of the editor: complete without scripts, and what its scripts build on."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.serve.test_pages import BROWSER, Page
from tzgraph.resources import shipped as folder_of
from tzgraph.serve.views.assets import STATIC, asset

_TESTS = folder_of("ontology").parent / "web" / "test"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def test_page_has_a_form_and_examples(client: httpx.Client) -> None:
    response = client.get("/sparql", headers=BROWSER)
    page = Page(response.text)
    (area,) = page.all("textarea")
    assert area["name"] == "query"
    forms = [form for form in page.all("form") if form.get("id") == "query"]
    assert [(form["action"], form["method"]) for form in forms] == [("/sparql", "post")]
    assert forms[0]["data-schema"] == "/schema.json"
    (code,) = [button for button in page.all("button") if "formaction" in button]
    assert code["formaction"] == "/code"
    examples = [link["href"] for link in page.all("a") if "library=" in str(link.get("href"))]
    assert examples == ["/sparql?library=edges", "/sparql?library=steps"]
    assert asset("editor.js") in [script.get("src") for script in page.all("script")]
    assert all(script.get("src") for script in page.all("script"))


def test_what_needs_scripts_is_hidden_without(client: httpx.Client) -> None:
    page = Page(client.get("/sparql", headers=BROWSER).text)
    only = [attributes for _, attributes in page.tags if "data-script" in attributes]
    only += [a for _, a in page.tags if a.get("id") in ("cancel", "past")]
    assert len(only) >= 4
    assert all("hidden" in attributes for attributes in only)


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT ?x WHERE {\n  ?x ex:p ) }", 2, 11),
        ("SELECT * { # \u2028 é\n\U0001f9ec }", 2, 1),
        ("SELECT * {\r\n ?x ?y }", 2, 8),
    ],
)
def test_place_of_an_error_is_there_for_the_editor(
    client: httpx.Client, query: str, line: int, column: int
) -> None:
    asked = {"query": query}
    response = client.post("/sparql", data=asked, headers=BROWSER, follow_redirects=True)
    assert response.status_code == 400
    (problem,) = [a for _, a in Page(response.text).tags if "data-line" in a]
    assert (problem["data-line"], problem["data-column"]) == (str(line), str(column))
    assert "</textarea>" in response.text


def test_long_query_comes_back_whole(client: httpx.Client) -> None:
    query = "# " + "é\u2028<&" * 7_000 + "\nSELECT * { ?s ?p ?o } LIMIT 1"
    assert len(query.encode()) > 30_000
    response = client.post("/sparql", data={"query": query}, headers=BROWSER)
    assert response.status_code == 200
    area = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", response.text, re.DOTALL)
    assert area is not None
    assert area[1].count("\u2028") == 7_000


def test_page_is_allowed_to_run_its_scripts_and_no_others(client: httpx.Client) -> None:
    policy = client.get("/sparql", headers=BROWSER).headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert "data:" not in (STATIC / "editor.css").read_text(encoding="utf-8")


def test_scripts_read_queries_right() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node.js")
    files = sorted(map(str, _TESTS.glob("*.test.js")))
    assert files
    done = subprocess.run([node, "--test", *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/sparql", "cm-content"),
        ("/sparql?query=SELECT+*+%7B+%3Fx+%29", "cm-lintRange-error"),
        ("/sparql#q=%25%25", "The link holds no query that can be read."),
        ("/sparql#q=i45WKixNLapU0lFyDPZWqK5VUFYozkgsSk1Rio0FAA", "# shared"),
    ],
)
def test_in_a_browser(url: str, path: str, expected: str, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        pytest.skip("there is no Chromium")
    options = "--headless --no-sandbox --disable-gpu --virtual-time-budget=10000 --dump-dom"
    command = [browser, *options.split(), f"--user-data-dir={tmp_path}", url + path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    shown = re.sub(r"</?(?:span|div)[^>]*>", "", done.stdout) if " " in expected else done.stdout
    assert expected in shown
