"""The pages, read as a browser gets them."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import httpx

from tests.serve.conftest import LIBRARY
from tests.serve.helpers import EX
from tzgraph.serve.views.frame import NAV
from tzgraph.serve.views.pages import marked

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Give the attributes of all tags of that name."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def strange_scripts(self) -> list[dict[str, str | None]]:
        """The scripts that are not files of the server."""
        return [one for one in self.all("script") if not str(one.get("src")).startswith("/static/")]


def test_home(client: httpx.Client) -> None:
    """Home of a graph without our classes has no broken doors, and loads nothing from elsewhere."""
    response = client.get("/", headers=BROWSER)
    page = Page(response.text)
    assert response.status_code == 200
    assert "doors" not in response.text
    assert "/audit?" not in response.text
    assert 'href="/queries">All 2 questions</a>' in response.text
    picked = re.findall(r'<li><a href="/queries/([^"]*)">(.*?)</a>', response.text)
    assert picked == [("edges", "Edges"), ("steps", "Steps &lt;from&gt; a thing")]
    assert not page.all("iframe")
    named = page.all("link") + page.all("script") + page.all("img")
    loaded = {str(one.get("href") or one.get("src")) for one in named}
    assert {"/static/tzgraph.css", "/static/favicon.svg"} <= loaded
    for path in loaded:
        assert path.startswith("/")
        assert client.get(path).status_code == 200
    assert client.get("/static/tzgraph.css").headers["content-type"].startswith("text/css")
    assert page.all("html") == [{"lang": "en"}]
    labels = {label["for"] for label in page.all("label")}
    inputs = {field["id"] for field in page.all("input") + page.all("textarea")}
    assert inputs <= labels
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_descriptions_mark_code() -> None:
    """What stands between backticks is code, and nothing of the text is taken for HTML."""
    assert marked("<b> `a < b` & c") == "&lt;b&gt; <code>a &lt; b</code> &amp; c"


def test_security_headers(client: httpx.Client) -> None:
    """Every answer forbids scripts but those of this server, and guessing of types."""
    for path in ("/", "/sparql", "/sparql?query=ASK{}", "/nowhere", "/static/tzgraph.css"):
        headers = client.get(path, headers=BROWSER).headers
        assert headers["content-security-policy"].split("; ") == [
            "default-src 'none'",
            *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect")),
            *("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
        ]
        assert headers["x-content-type-options"] == "nosniff"


def test_library_query_runs_from_its_form(client: httpx.Client) -> None:
    """The editor with a query of the library in it runs as it stands."""
    response = client.get("/?query=steps", headers=BROWSER, follow_redirects=True)
    assert response.url.path == "/sparql"
    assert response.url.params["library"] == "steps"
    page = Page(response.text)
    fields = {
        str(field["name"]): str(field["value"])
        for field in page.all("input")
        if str(field.get("name")).startswith("$")
    }
    assert fields == {"$thing": "a"}
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", response.text, re.DOTALL)
    assert found is not None
    fields["query"] = unescape(found[1])
    result = client.post("/sparql", data=fields, headers=BROWSER, follow_redirects=True)
    assert result.status_code == 200
    assert re.findall(r"ex:\w+</a>", result.text) == ["ex:a</a>", "ex:b</a>"]


def test_a_query_that_the_library_has_not(client: httpx.Client) -> None:
    """Its name is told, and who wants no page gets the description as ever."""
    for path in ("/sparql?library=edge", "/?query=edge", "/sparql?library=", "/sparql?library=%00"):
        page = client.get(path, headers=BROWSER, follow_redirects=True)
        assert page.status_code == 404
        assert 'role="alert"' in page.text
        assert "<textarea" in page.text
    assert client.get("/sparql?library=edge", headers={"Accept": "text/turtle"}).status_code == 200


def test_field_of_an_optional_parameter_may_stay_empty(client: httpx.Client) -> None:
    """What is left empty has no value: all rows are found."""
    page = Page(client.get("/sparql?library=edges", headers=BROWSER).text)
    (field,) = (f for f in page.all("input") if f.get("name") == "$from")
    assert "required" not in field
    text = LIBRARY["edges"].text
    for value, found in (("", 2), ("ex:a", 1)):
        data = {"$from": value, "query": text}
        result = client.post("/sparql", data=data, headers=BROWSER, follow_redirects=True)
        assert result.status_code == 200
        assert result.text.count("<tr>") == found + 1


def test_result_is_escaped(client: httpx.Client) -> None:
    """Data can't put markup or script links on a page."""
    params = {"query": "SELECT * { ex:a ?p ?o } ORDER BY ?p"}
    response = client.get("/sparql", params=params, headers=BROWSER)
    page = Page(response.text)
    assert not page.strange_scripts
    assert "&lt;script&gt;alert(1)" in response.text
    assert all(not str(a["href"]).startswith("javascript") for a in page.all("a"))


def test_long_result_is_cut_and_says_so(client: httpx.Client) -> None:
    """A page shows some rows, says that there are more, and links to all."""
    params = {"query": "SELECT ?s ?p ?o { ?s ?p ?o }"}
    response = client.get("/sparql", params=params, headers=BROWSER)
    assert response.text.count("<tr>") == 4
    assert "Rows 1 to 3 of more than 3" in response.text
    link = next(
        str(a["href"]) for a in Page(response.text).all("a") if "format=csv" in str(a["href"])
    )
    assert len(client.get(link, headers=BROWSER).text.splitlines()) == 6


def test_boolean_and_graph_pages(client: httpx.Client) -> None:
    """ASK and CONSTRUCT have pages, too."""
    ask = client.get("/sparql", params={"query": "ASK { ex:a ?p ?o }"}, headers=BROWSER)
    assert ">yes<" in ask.text
    query = "CONSTRUCT WHERE { ex:a ex:p ?o }"
    graph = client.get("/sparql", params={"query": query}, headers=BROWSER)
    assert f'href="{EX}b"' in graph.text


def test_healthz(client: httpx.Client) -> None:
    """Operators get the release and its size."""
    name = "0123456789abcdef"
    counted = {"triples": 5, "triples_as_built": 5, "updates": 0}
    expected = {"status": "ok", "release": name, "state": name, **counted}
    assert client.get("/healthz", headers=BROWSER).json() == expected


def test_frame(client: httpx.Client) -> None:
    """All pages have one search, landmarks with names of their own, and links that lead."""
    for path in ("/", "/about", "/search", "/queries", "/sparql", "/nowhere"):
        page = Page(client.get(path, headers=BROWSER).text)
        assert [form["action"] for form in page.all("form") if form.get("role") == "search"] == [
            "/search"
        ]
        assert len(page.all("main")) == 1
        named = [(tag, one["aria-label"]) for tag, one in page.tags if "aria-label" in one]
        assert len(named) == len(set(named))
        assert len(page.all("nav")) == sum(tag == "nav" for tag, _ in named) >= 2
        ids = [one["id"] for _, one in page.tags if "id" in one]
        assert len(ids) == len(set(ids))
        current = {one["href"] for one in page.all("a") if "aria-current" in one}
        assert current == ({path} if path in ("/queries", "/sparql") else set())
    links = {str(a["href"]).partition("#")[0] for a in page.all("a")}
    assert {entry.path for entry in NAV} <= links
    # The graph of this test has no ontology, no HER2 and no kinds of things.
    lists = {entry.path for entry in NAV if entry.path.startswith("/id/")}
    for link in links - lists - {"", "/ontology", "/map/her2"}:
        assert client.get(link, headers=BROWSER).status_code == 200, link


def test_anchors_of_the_footer(client: httpx.Client) -> None:
    ids = {one.get("id") for _, one in Page(client.get("/about").text).tags}
    for anchor in ("licence", "cite", "sources"):
        assert f'href="/about#{anchor}"' in client.get("/nowhere", headers=BROWSER).text
        assert anchor in ids


def test_about(client: httpx.Client) -> None:
    """The page tells counts, classes, and sources with their licences."""
    page = client.get("/about", headers=BROWSER)
    for text in ("ex:Thing", "&lt;b&gt;Bold&lt;/b&gt; source", "not given", "release 0123456789ab"):
        assert text in page.text
    assert "Not medical advice" in page.text


def test_icon(client: httpx.Client) -> None:
    """Browsers that guess where it is find it, too."""
    for path in ("/static/favicon.svg", "/favicon.ico"):
        icon = client.get(path, follow_redirects=True)
        assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
