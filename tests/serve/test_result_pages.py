"""Pages of results: labels, order, parts, and what of a query is left where it fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from pathlib import Path
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest

from tests.serve.helpers import EX, make_release, problem, serving
from tests.serve.test_pages import BROWSER, Page
from tzgraph.errors import QueryError
from tzgraph.query.library import load_library, parse_query
from tzgraph.release import Release, open_release
from tzgraph.serve.app import create_app, default_engine
from tzgraph.serve.engine.base import Answer, Engine, EngineStatus, QueryRequest
from tzgraph.serve.engine.errors import DeadlineError, NotAcceptableError
from tzgraph.serve.settings import ServeSettings
from tzgraph.serve.views.result_table import heading

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD = "http://www.w3.org/2001/XMLSchema#"
DATA = (
    f'<{EX}a> <{LABEL}> "zeta <b>bold</b>"@en .\n'
    f'<{EX}a> <{LABEL}> "Anfang"@de .\n'
    f'<{EX}b> <{LABEL}> "\u05e9\u05dc\u05d5\u05dd\u202e" .\n'
    f'<{EX}d> <{LABEL}> "only in a graph" <{EX}G> .\n'
    f'<{EX}a> <{LABEL}> "Another, in a graph"@en <{EX}G> .\n'
    + "".join(f"<{EX}{name}> <{EX}of> <{EX}{name}> .\n" for name in "abcd")
    + "".join(
        f'<{EX}n{n}> <{EX}size> "{n}"^^<{XSD}integer> .\n<{EX}n{n}> <{TYPE}> <{EX}Number> .\n'
        for n in range(250)
    )
    + f"<{EX}n3> <{EX}twin> <{EX}a> .\n<{EX}n5> <{EX}twin> <{EX}b> .\n"
    + "".join(
        f'<{EX}{w}> <{TYPE}> <{EX}Word> .\n<{EX}{w}> <{LABEL}> "the {w}" .\n' for w in ("u", "v")
    )
)
LIBRARY = {
    query.name: query
    for query in (
        parse_query(
            "#+ title: Twins\n#+ tags: number, twin\n#+ param: n ex:Number? -- which\n"
            "#+ param: word ex:Word = u -- a word\n#+ param: least integer = 0\n"
            "SELECT ?n ?word ?twin ?least { ?n ex:size ?s OPTIONAL { ?n ex:twin ?twin }"
            " FILTER(?s >= ?least) } ORDER BY ?s",
            name="twins",
        ),
        parse_query(
            "#+ title: Ids of words\n#+ tags: id\nSELECT ?w { ?w a ex:Word } ORDER BY ?w",
            name="ids",
        ),
    )
}
SIZES = "SELECT ?n ?twinSize { ?n ex:size ?s OPTIONAL { ?n ex:twin ?t }"
SIZES += " BIND(IF(BOUND(?t), ?s, ?none) AS ?twinSize) }"


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release with labels of many kinds."""
    folder = tmp_path_factory.mktemp("labelled")
    said = {"prefixes": {"ex": EX}, "kinds": {EX + "Word": EX}, "graphs": {EX + "G": 2}}
    return make_release(folder, DATA, **said)


@pytest.fixture(scope="module")
def web(labelled: Release) -> Iterator[httpx.Client]:
    """A browser on it."""
    settings = ServeSettings(max_page_rows=220)
    with (
        serving(create_app(labelled, settings=settings, library=LIBRARY)) as url,
        httpx.Client(base_url=url, headers=BROWSER, timeout=60) as client,
    ):
        yield client


def ask(client: httpx.Client, query: str, **more: str) -> str:
    """Give the page of a result."""
    response = client.get("/sparql", params={"query": query, **more})
    assert response.status_code == 200, response.text
    return response.text


def cells(page: str) -> list[list[str]]:
    """Give what the cells of a page show, in rows."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in body.split("</tr>")[:-1]]
    return [[unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in row] for row in rows]


def link(page: str, words: str) -> str:
    """Give where the link with these words leads."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>{re.escape(words)}', page)
    assert found is not None, words
    return unescape(found[1])


def test_things_are_shown_by_their_labels(web: httpx.Client) -> None:
    page = ask(web, "SELECT ?thing { ?thing ex:of ?thing } ORDER BY ?thing")
    shown = [row[0] for row in cells(page)]
    # English first, the default view first, and what has none by its CURIE.
    assert shown == ["zeta <b>bold</b>", "שלום\\u202e", "ex:c", "only in a graph"]
    assert not Page(page).all("b")
    assert '<bdi><a href="http://example.org/b"' in page
    assert 'title="ex:a"' in page


def test_labels_or_ids_by_the_url(web: httpx.Client) -> None:
    query = "SELECT ?someThing { ?someThing ex:of ex:a }"
    page = ask(web, query)
    assert ">some thing</span>" in page
    by_id = web.get(link(page, "ids")).text
    assert cells(by_id) == [["ex:a"]]
    assert ">someThing</span>" in by_id
    both = web.get(link(by_id, "labels and ids")).text
    assert cells(both) == [["zeta <b>bold</b> ex:a"]]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hazardRatio", "hazard ratio"),
        ("ciLower", "CI lower"),
        ("größeMin", "größe min"),
        ("x", "x"),
        ("_", "_"),
        ("HER2Status", "HER2 status"),
    ],
)
def test_headings_are_words(name: str, words: str) -> None:
    assert heading(name) == words


def test_rows_are_sorted_by_a_column(web: httpx.Client) -> None:
    """By numbers, and what has no value comes last, whichever way."""
    page = ask(web, f"{SIZES} ORDER BY ?s")
    assert [row[1] for row in cells(page)[:2]] == ["", ""]
    page = web.get(link(page, "twin size")).text
    assert [row[1] for row in cells(page)[:3]] == ["3", "5", ""]
    assert 'aria-sort="ascending"' in page
    page = web.get(link(page, "twin size")).text
    assert [row[1] for row in cells(page)[:3]] == ["5", "3", ""]
    page = ask(web, f"{SIZES} ORDER BY DESC(?s) LIMIT 200 OFFSET 50", sort="n")
    assert [row[0] for row in cells(page)[:11]] == [f"ex:n{n}" for n in range(11)]
    assert "no column “nothing”" in ask(web, SIZES, sort="nothing")
    words = "SELECT ?t { VALUES ?t { ex:c ex:b ex:a ex:d } }"
    assert [row[0] for row in cells(ask(web, words, sort="t"))] == [
        *("ex:c", "only in a graph", "zeta <b>bold</b>", "שלום\\u202e")
    ]


def test_rows_are_filtered_by_what_they_show(web: httpx.Client) -> None:
    query = "SELECT ?n ?t { ?n ex:twin ?t }"
    for text in ("ZETA", "ex:a", f"{EX}a"):
        found = cells(ask(web, query, filter=text))
        assert found == ([["ex:n3", "zeta <b>bold</b>"]] if text != f"{EX}a" else [])
    page = ask(web, query, filter='"><script>')
    assert "0 of 2 rows hold" in page
    assert '"><script>' not in page
    assert len(cells(web.get(link(page, "All rows")).text)) == 2


def test_pages_lead_through_all_rows(web: httpx.Client) -> None:
    """Those of a window, then the next window, and back."""
    page = ask(web, "SELECT ?s { ?n ex:size ?s } ORDER BY ?s")
    seen = [cells(page)]
    counts = []
    while ">More rows" in page:
        counts.append(re.findall(r"Rows [0-9,]+ to [0-9,]+ of [a-z ]*[0-9,]+", page))
        page = web.get(link(page, "More rows")).text
        seen.append(cells(page))
    assert [int(row[0]) for rows in seen for row in rows] == list(range(250))
    assert counts[0] == ["Rows 1 to 100 of more than 220"]
    assert "Rows 221 to 250 of 250" in page
    while ">Rows before" in page:
        page = web.get(link(page, "Rows before")).text
    assert cells(page) == seen[0]
    beyond = ask(web, "SELECT ?s { ?n ex:size ?s } ORDER BY ?s", page="99")
    assert cells(web.get(link(beyond, "Rows before")).text) == seen[2]


def test_only_a_part_is_sorted_where_there_is_more(web: httpx.Client) -> None:
    page = ask(web, "SELECT ?s { ?n ex:size ?s } ORDER BY ?s", sort="-s")
    assert cells(page)[0] == ["219"]
    assert "only rows 1 to 220 of all are sorted and filtered" in page


@pytest.mark.parametrize(
    "wrong",
    [
        *({"page": "0"}, {"page": "x"}, {"page": "²"}, {"offset": "-1"}, {"offset": "9" * 50}),
        *({"show": "all"}, {"filter": "x" * 300}),
    ],
)
def test_wrong_views_are_told_with_the_query(web: httpx.Client, wrong: dict[str, str]) -> None:
    response = web.get("/sparql", params={"query": SIZES, **wrong})
    assert response.status_code == 400
    assert next(iter(wrong)) in response.text
    assert SIZES in in_editor(response.text)
    # Programs send what they like.
    asked = {"query": SIZES, **wrong}
    assert web.get("/sparql", params=asked, headers={"Accept": "text/csv"}).status_code == 200


def in_editor(page: str) -> str:
    """Give the query in the editor of a page."""
    return unescape(page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0])


def test_page_says_how_it_was_answered(web: httpx.Client) -> None:
    """The query stands above; time, limits and release are told."""
    page = ask(web, SIZES)
    assert page.index("<textarea") < page.index("<table")
    assert re.search(r"answered in (less than )?[0-9.]+ s", page)
    assert "limits: 30 s, 256 MB of memory" in page
    assert "release <code>0123456789abcdef" in page


def test_forms_of_short_queries_end_at_a_url(web: httpx.Client) -> None:
    """It can be shared and loaded again; programs and long queries get their answers at once."""
    fields = {"query": "SELECT ?n ?t { ?n ex:twin ?t }", "$n": "ex:n3", "default-graph-uri": ""}
    sent = web.post("/sparql", data=fields)
    assert sent.status_code == 303
    assert cells(web.get(sent.headers["location"]).text) == [["ex:n3", "zeta <b>bold</b>"]]
    assert web.post("/sparql", data=fields, headers={"Accept": "*/*"}).status_code == 200
    long = {"query": f"{SIZES} # {'é' * 3000}"}
    assert web.post("/sparql", data=long).status_code == 200
    huge = web.post("/sparql", data={"query": f"{SIZES} # {'é' * 20_000}"})
    assert len(cells(huge.text)) == 220
    assert "too long for an address" in huge.text
    assert ">More rows" not in huge.text
    direct = web.post(
        "/sparql", content=SIZES, headers={"Content-Type": "application/sparql-query"}
    )
    assert direct.status_code == 303


def test_names_that_the_graph_does_not_know(web: httpx.Client) -> None:
    """Under no rows they are named, with a search for each."""
    page = ask(web, "SELECT ?x { ?x ex:twins ex:no-such }")
    for words in ("twins", "no such"):
        assert f"Search for “{words}”" in page
        assert web.get(link(page, f"Search for “{words}”")).status_code == 200
    assert "doesn&#39;t say that it doesn&#39;t hold" in page


class Failing:
    """An engine that fails where it is told to."""

    def __init__(self, engine: Engine, error: QueryError, where: str) -> None:
        self._engine, self._error, self._where = engine, error, where

    async def start(self) -> None:
        """Start."""
        await self._engine.start()

    async def close(self) -> None:
        """End."""
        await self._engine.close()

    def status(self) -> EngineStatus:
        """Say how it is."""
        return self._engine.status()

    async def query(self, request: QueryRequest) -> Answer:
        """Fail, or answer."""
        if self._where in request.text:
            raise self._error
        return await self._engine.query(request)


@pytest.mark.parametrize("where", ["VALUES ?thing", "?type ?thing"])
def test_without_labels_there_are_curies(labelled: Release, where: str) -> None:
    """A query for labels or choices that fails takes nothing else with it, and isn't kept."""

    def engine(release: Release, settings: ServeSettings) -> Engine:
        return Failing(default_engine(release, settings), DeadlineError("too long"), where)

    app = create_app(labelled, engine=engine, library=LIBRARY)
    with serving(app) as url, httpx.Client(base_url=url, headers=BROWSER, timeout=60) as client:
        params = {"query": "SELECT ?t { ?n ex:twin ?t } ORDER BY ?n"}
        response = client.get("/sparql", params=params)
        library = client.get("/queries/twins")
        assert library.status_code == 200
        if where == "VALUES ?thing":
            assert cells(response.text) == [["ex:a"], ["ex:b"]]
            assert "Labels could not be asked for (the query took too long)" in response.text
            assert response.headers["cache-control"] == "no-store"
            assert "etag" not in response.headers
            assert "Labels could not be asked for" in library.text
        else:
            assert cells(response.text)[0] == ["zeta <b>bold</b>"]
            assert "etag" in response.headers
            assert {"n", "word"} <= {f["name"] for f in Page(library.text).all("input")}


def _errors(tree: type[QueryError]) -> Iterator[QueryError]:
    """Give one of each error that a sentence makes."""
    for kind in tree.__subclasses__():
        if kind is not NotAcceptableError:  # a page is acceptable for any result
            with suppress(TypeError):
                yield kind("It went <wrong>.")
        yield from _errors(kind)


ERRORS = {type(error).__name__: error for error in _errors(QueryError)}


@pytest.fixture(scope="module")
def broken(labelled: Release) -> Iterator[httpx.Client]:
    """A browser on a server whose engine fails with the errors that queries name."""

    def engine(release: Release, settings: ServeSettings) -> Engine:
        made = default_engine(release, settings)
        for name, error in ERRORS.items():
            made = Failing(made, error, f"# {name}\n")
        return made

    with (
        serving(create_app(labelled, engine=engine, library=LIBRARY)) as url,
        httpx.Client(base_url=url, headers=BROWSER, timeout=60) as client,
    ):
        yield client


def test_errors_are_those_that_queries_meet() -> None:
    codes = {error.code for error in ERRORS.values()}
    assert codes >= {
        *("deadline", "memory-limit", "result-too-large", "result-too-many-rows", "busy"),
        *("engine-failed", "remote-failed", "remote-too-large", "federation-denied"),
    }


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_of_the_engine_leaves_the_query(broken: httpx.Client, name: str) -> None:
    """A page with its status, what happened and the query; programs get a problem document."""
    error, query = ERRORS[name], f"SELECT ?x {{ ?x ex:of <http://e/&amp;> }} # {name}\n"
    page = broken.get("/sparql", params={"query": query})
    assert page.status_code == error.status
    assert page.headers["content-type"].startswith("text/html")
    assert error.title in unescape(page.text)
    assert "It went &lt;wrong&gt;." in page.text
    assert query in in_editor(page.text)
    assert ("retry-after" in page.headers) == bool(error.retry_after)
    for accept in ("*/*", "application/sparql-results+json", "text/csv"):
        answer = broken.get("/sparql", params={"query": query}, headers={"Accept": accept})
        document = problem(answer, error.status)
        assert str(document["type"]).endswith(error.code)


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"query": "SELECT * {"}, 400, "Line 1"),
        ({"query": "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }"}, 400, "SERVICE"),
        ({"query": "INSERT DATA { ex:a ex:b ex:c }"}, 400, ""),
        ({"update": "INSERT DATA { ex:a ex:b ex:c }"}, 400, "pdate"),
        ({"query": "ASK {}", "timeout": "soon"}, 400, "timeout"),
        ({"query": "ASK {}", "format": "pdf"}, 400, "format"),
        ({"query": "SELECT ?x { ?x ex:of ?x }", "$x": "ex:a b"}, 400, "x"),
        ({"query": "SELECT ?x { ?x ex:of ?x }", "default-graph-uri": "no iri"}, 400, ""),
        ({"query": "SELECT * { " + "{ " * 300 + "} " * 300 + "}"}, 400, ""),
    ],
)
def test_each_refusal_leaves_the_query(
    web: httpx.Client, fields: dict[str, str], status: int, says: str
) -> None:
    for response in (
        web.get("/sparql", params=fields),
        web.post("/sparql", data=fields, follow_redirects=True),
    ):
        assert response.status_code == status, response.text
        assert says in unescape(response.text)
        assert 'role="alert"' in response.text
        text = fields.get("query") or fields["update"]
        assert text in in_editor(response.text)
    problem(web.post("/sparql", data=fields, headers={"Accept": "*/*"}), status)


def test_library_says_what_was_filled_in(web: httpx.Client) -> None:
    """Defaults are told; few things are chosen from a list, many from suggestions."""
    page = web.get("/queries/twins").text
    assert "word <strong>" in page
    assert re.search(r"word\s*<strong>.*the u.*</strong> \(the default, as none was given\)", page)
    assert re.findall(r'<option value="(ex:[uv])"( selected)?>', page) == [
        *(("ex:u", " selected"), ("ex:v", ""))
    ]
    (number,) = (f for f in Page(page).all("input") if f["name"] == "n")
    assert number["list"]
    assert "required" not in number
    chosen = web.get("/queries/twins", params={"word": "the v", "n": "ex:n3"}).text
    assert '<option value="ex:v" selected>' in chosen
    assert cells(chosen) == [["ex:n3", "the v", "zeta <b>bold</b>", "0"]]
    assert re.search(r"word\s*<strong>.*the v.*</strong>,", chosen)
    wrong = web.get("/queries/twins", params={"word": "nothing <i>", "least": "many"})
    assert wrong.status_code == 400
    values = {f["name"]: f["value"] for f in Page(wrong.text).all("input")}
    assert values.items() >= {"n": "", "word": "nothing <i>", "least": "many"}.items()


def test_library_pages_are_sorted_and_filtered(web: httpx.Client) -> None:
    page = web.get("/queries/twins?least=1&sort=-twin").text
    assert cells(page)[0][0] == "ex:n5"
    kept = {f["name"]: f["value"] for f in Page(page).all("input") if f.get("type") == "hidden"}
    assert kept == {"least": "1", "sort": "-twin"}
    page = web.get("/queries/twins?filter=zeta").text
    assert cells(page) == [["ex:n3", "the u", "zeta <b>bold</b>", "0"]]
    assert cells(web.get("/queries/ids").text) == [["the u ex:u"], ["the v ex:v"]]
    # Programs don't know these.
    document = problem(web.get("/queries/twins.json?sort=n", headers={"Accept": "*/*"}), 400)
    assert document["parameters"] == ["sort"]
    assert web.get("/queries/twins?page=x").status_code == 400


def test_library_is_listed_by_tag_and_by_words(web: httpx.Client) -> None:
    for params, found in (
        ({}, ["ids", "twins"]),
        ({"tag": "twin"}, ["twins"]),
        ({"q": "IDS word"}, ["ids"]),
        ({"tag": "twin", "q": "ids"}, []),
        ({"tag": "<b>", "q": ""}, []),
    ):
        page = web.get("/queries", params=params)
        assert page.status_code == 200
        assert not Page(page.text).all("b")
        shown = re.findall(r'<li><a href="/queries/(\w+)">', page.text)
        assert sorted(shown) == found
        listed = web.get("/queries", params=params, headers={"Accept": "application/json"})
        assert sorted(query["name"] for query in listed.json()["queries"]) == found
    assert "/sparql?library=twins" in web.get("/queries").text
    editor = web.get("/sparql?library=twins")
    assert LIBRARY["twins"].text in in_editor(editor.text)
    assert web.get("/sparql?library=none").status_code == 404


def test_large_results_are_bounded(web: httpx.Client) -> None:
    """10,000 rows, things without end, and a value of 20 MB."""
    many = "SELECT ?x { ?a ex:size ?x . ?b ex:size ?c } ORDER BY ?x LIMIT 10000"
    for more in ({}, {"sort": "-x"}, {"filter": "1"}):
        assert len(ask(web, many, **more)) < 100_000
    things = "SELECT (IRI(CONCAT('http://e/', STR(?s), '-', STR(?t))) AS ?i) (ex:a AS ?k)"
    page = ask(web, f"{things} {{ ?a ex:size ?s . ?b ex:size ?t }}", sort="i")
    assert len(cells(page)) == 100
    joined = f'SELECT (GROUP_CONCAT("{"y" * 320}"; SEPARATOR="") AS ?y) '
    page = ask(web, f"{joined} {{ ?a ex:size ?s . ?b ex:size ?t }}", filter="yy")
    assert len(page) < 100_000
    assert "Values are cut after 2000 characters" in page


def test_empty_release(tmp_path: Path) -> None:
    app = create_app(make_release(tmp_path, ""), library=load_library())
    with serving(app) as url, httpx.Client(base_url=url, headers=BROWSER, timeout=60) as client:
        assert "0 rows" in ask(client, "SELECT * { ?s ?p ?o }")
        assert client.get("/queries").status_code == 200
        assert client.get("/queries/first-line-trials").status_code in (200, 400)


def test_no_thing_with_a_label_is_shown_bare(shipped: httpx.Client, shipped_dir: Path) -> None:
    """On no page of the library, and headings are words."""
    release = open_release(shipped_dir)
    store, curies = release.store(), release.manifest.curies
    label = ox.NamedNode(LABEL)
    bare = []
    for name in load_library():
        response = shipped.get(f"/queries/{name}", headers=BROWSER)
        assert response.status_code == 200, name
        page = response.text
        for text in {text for row in cells(page) for text in row if ":" in text}:
            iri = text[1:-1] if text.startswith("<") else curies.expand(text)
            if not iri or " " in text:
                continue
            if any(store.quads_for_pattern(ox.NamedNode(iri), label, None, None)):
                bare.append((name, text))
        titles = re.findall(r'title="sort by \?[^"]*">([^<]*)', page)
        assert not [
            title for title in titles if re.search("[a-z][A-Z]|_", title) and title != "UniProt"
        ], name
    assert bare == []
    path = "/queries/what-there-is?show=iris&kind=" + quote("tz:Drug")
    assert "tzdrug:trastuzumab" in shipped.get(path, headers=BROWSER).text
