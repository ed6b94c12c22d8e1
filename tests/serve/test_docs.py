"""``/docs``: the documentation in the product."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx
import pytest

from tests.serve.helpers import problem
from tests.serve.test_pages import BROWSER, Page
from tzgraph.serve.views.docs_page import DocsPage, _rendered, docs_files, read_docs

NAMES = [file.removesuffix(".md") for file in docs_files() if file.endswith(".md")]


def test_all_pages_are_there(client: httpx.Client) -> None:
    assert len(NAMES) > 40
    for path in ("/docs", "/docs/", "/docs/how-to", *(f"/docs/{name}" for name in NAMES)):
        page = client.get(path, headers=BROWSER)
        assert page.status_code == 200, path
        assert page.text.count("<h1") == 1


def test_links_lead_to_pages_and_their_anchors(client: httpx.Client) -> None:
    """All links within the documentation work, and nothing is loaded from elsewhere."""
    pages = {f"/docs/{name}": Page(client.get(f"/docs/{name}").text) for name in NAMES}
    pages["/docs"] = pages["/docs/index"]
    for folder in ("how-to", "reference", "explanation", "decisions"):
        pages[f"/docs/{folder}"] = Page(client.get(f"/docs/{folder}").text)
    ids = {path: {one.get("id") for _, one in page.tags} for path, page in pages.items()}
    linked = 0
    for path, page in pages.items():
        assert not [one for _, one in page.tags if "style" in one]
        for tag, one in page.tags:
            assert tag not in ("iframe", "object", "style")
            source = one.get("src") or "/"
            assert source.startswith("/"), path
        for href in (str(a["href"]) for a in page.all("a") if "href" in a):
            target, _, anchor = urljoin(path, href).partition("#")
            if target.startswith("/docs") and target not in docs_files():
                linked += 1
                assert target in pages, f"{path}: {href}"
                assert not anchor or anchor in ids[target], f"{path}: {href}"
    assert linked > 300


def test_pictures_and_markdown(client: httpx.Client) -> None:
    page = Page(client.get("/docs/explanation/architecture").text)
    picture = next(str(one["src"]) for one in page.all("img") if "docs" in str(one["src"]))
    answer = client.get(picture)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "style-src 'unsafe-inline'" in answer.headers["content-security-policy"]
    assert "script" not in answer.headers["content-security-policy"]
    text = client.get("/docs/how-to/add-facts.md")
    assert text.headers["content-type"].startswith("text/markdown")
    assert text.text.startswith("# ")
    again = client.get("/docs/tutorial")
    tag = {"If-None-Match": again.headers["etag"]}
    assert client.get("/docs/tutorial", headers=tag).status_code == 304


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "../README.md",
        "%2e%2e/README.md",
        "how-to/../../pyproject.toml",
        "how-to/add-facts.html",
        "HOW-TO",
        "%00",
        "a" * 4_000,
        "tutorial.md/",
    ],
)
def test_what_is_no_page(client: httpx.Client, name: str) -> None:
    problem(client.get(f"/docs/{name}"), 404)


def test_markdown_is_shown_as_text_where_it_is_none() -> None:
    page = _rendered(
        "how-to/x.md",
        "# A `b` <i>\n\n<script>x</script> [m](../../src/a.py) [f](add-facts.md#a-b) [e](https://e.org)"
        "\n\n## One\n\n## One\n\n|a|b|\n|-|-:|\n|<b>|2|\n\n```html\n<u>\n```\n\n    <v>\n"
        "\n[j](javascript:alert(1)) ![p](../flow.svg)",
    )
    assert isinstance(page, DocsPage)
    assert page.title == "A b <i>"
    assert page.contents == [("one", "One"), ("one-1", "One")]
    for text in (
        "&lt;script&gt;",
        '<a title="../../src/a.py">m</a>',
        'href="/docs/how-to/add-facts#a-b"',
        '<a href="https://e.org" rel="noreferrer">',
        '<td class="number">2</td>',
        "<td>&lt;b&gt;</td>",
        '<pre tabindex="0"><code>&lt;u&gt;\n</code></pre>',
        '<pre tabindex="0"><code>&lt;v&gt;\n</code></pre>',
        'src="/docs/flow.svg"',
    ):
        assert text in page.html
    assert 'href="javascript' not in page.html
    assert "style=" not in page.html


def test_a_folder_lists_its_pages() -> None:
    page = read_docs("decisions")
    assert page is not None
    files = [file for file in docs_files() if file.startswith("decisions/")]
    assert page.html.count("<li>") == len(files)
