"""Pages of things by declared views: what stands where, how sure it is, and odd things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from tests.serve.helpers import make_release, serving
from tests.serve.test_pages import BROWSER, Page
from tzgraph.ontology_graph import OntologyGraph, load_ontology
from tzgraph.pageviews import VIEWS, load_views, views_as_json
from tzgraph.release.reader import VIEWS_FILE
from tzgraph.resources import shipped as shipped_folder
from tzgraph.serve.app import create_app
from tzgraph.vocabulary import GRAPH, ID, RDF, RDFS, SKOS, TZ

_S, _I = f"<{GRAPH}source/s>", f"<{GRAPH}inferred>"
#: Right to left, with a character that turns the rest of the line around.
HEBREW = "\u05ea\u05e8\u05d5\u05e4\u05d4 \u202e abc"


def _quads(*triples: str, graph: str = "") -> str:
    """Give statements of the default view, and of a named graph if there is one."""
    lines = [f"{triple} .\n" for triple in triples]
    return "".join([*lines, *(f"{triple} {graph} .\n" for triple in triples if graph)])


def _evidence(
    name: str, direction: str, subject: str, predicate: str, other: str, **more: str
) -> str:
    node = f"<{ID}evidence/{name}>"
    return _quads(
        f"{node} <{RDF}type> <{TZ}Evidence>",
        f'{node} <{RDFS}label> "evidence {name}"',
        f"{node} <{RDF}subject> <{ID}{subject}>",
        f"{node} <{RDF}predicate> <{TZ}{predicate}>",
        f"{node} <{RDF}object> <{ID}{other}>",
        f"{node} <{TZ}direction> <{TZ}{direction}>",
        *(f"{node} <{TZ}{key}> <{TZ}{value}>" for key, value in more.items()),
        graph=_S,
    )


DATA = "".join(
    [
        _quads(
            f"<{ID}drug/d> <{RDF}type> <{TZ}Drug>",
            f'<{ID}drug/d> <{RDFS}label> "<b>d</b>"',
            f'<{ID}drug/d> <{SKOS}definition> "{HEBREW}"@he',
            f"<{ID}drug/d> <{TZ}inhibitsTarget> <{ID}target/t>",
            f"<{ID}drug/d> <{TZ}memberOf> <{ID}drugclass/c>",
            f'<{ID}drug/d> <{TZ}doi> "10.1/<x>&\\"y"',
            f"<{ID}drug/d> <{TZ}unheardOf> <{ID}target/t>",
            f'<{ID}drug/d> <{TZ}checkedAt> "https://www.example.org/a"',
            f'<{ID}drug/d> <{TZ}checkedAt> "javascript:alert(1)"',
            f'<{ID}target/t> <{RDFS}label> "{HEBREW}"',
            graph=_S,
        ),
        _quads(
            f"<{ID}drug/d> <{TZ}targets> <{ID}target/t>",
            f"<{ID}drug/d> <{TZ}candidateFor> <{ID}mechanism/m>",
            f"<{ID}drug/d> <{TZ}actsOnPathway> <{ID}pathway/p>",
            graph=_I,
        ),
        _quads(f"<{ID}mechanism/m> <{TZ}confersResistanceTo> <{ID}drug/d>", graph=_S),
        _evidence("for", "Supports", "mechanism/m", "confersResistanceTo", "drug/d"),
        _evidence("against", "Refutes", "mechanism/m", "confersResistanceTo", "drug/d"),
        _evidence("none", "Refutes", "drug/d", "mediates", "process/x"),
        _quads(f"<{ID}drug/d> <{TZ}counters> <{ID}mechanism/n>", graph=_S),
        _evidence("old", "Supports", "drug/d", "counters", "mechanism/n", checkStatus="Recalled"),
        f"<{ID}drug/d> <{TZ}recalledProperty> <{TZ}memberOf> {_S} .\n",
        f"<{ID}drug/d> <{TZ}recalledProperty> <{TZ}memberOf> .\n",
        _quads(
            f"<{ID}trial/rtl> <{RDF}type> <{TZ}Trial>",
            f"<{ID}claim/c> <{RDF}type> <{TZ}Claim>",
            f'<{ID}claim/c> <{RDFS}label> "claim <i>c</i>"',
            f'<{ID}claim/c> <http://purl.org/dc/terms/description> "It is <u>so</u>."',
            f"<{ID}claim/c> <{RDF}subject> <{ID}drug/d>",
            f"<{ID}claim/c> <{TZ}verdict> <{TZ}Imprecise>",
            f"<{ID}claim/c> <{TZ}statedIn> <{ID}publication/none>",
        ),
        *(
            _quads(f"<{ID}drug/big> <{TZ}targets> <{ID}target/t{number:04}>")
            for number in range(5100)
        ),
        _quads(f"<{ID}drug/big> <{RDF}type> <{TZ}Drug>"),
        _quads(
            f"<{ID}odd/o> <{RDF}type> <http://example.org/Unknown>",
            f'<{ID}odd/o> <http://example.org/p> "v"',
            f"<{ID}odd/q> <http://example.org/p> <{ID}odd/o>",
            f"<{ID}odd/q> <{TZ}targets> <{ID}odd/o>",
        ),
    ]
)


@pytest.fixture(scope="module")
def ontology() -> OntologyGraph:
    """The shipped ontology."""
    return load_ontology(shipped_folder("ontology"))


@pytest.fixture(scope="module")
def odd(
    tmp_path_factory: pytest.TempPathFactory, ontology: OntologyGraph
) -> Iterator[httpx.Client]:
    """A client of a server on few things, with the shipped views."""
    folder = tmp_path_factory.mktemp("views")
    files = sorted((shipped_folder("ontology") / VIEWS).glob("*.ttl"))
    (folder / VIEWS_FILE).write_text(views_as_json(load_views(files, ontology)), encoding="utf-8")
    sources = ({"slug": "s", "graph": _S[1:-1], "label": "<s>", "role": f"{TZ}PrimarySource"},)
    release = make_release(folder, DATA, sources=sources)
    with (
        serving(create_app(release, library={})) as url,
        httpx.Client(base_url=url, headers=BROWSER, timeout=60) as client,
    ):
        yield client


def _value(text: str, path: str) -> str:
    """Give the value on a page that leads to a path, with its mark."""
    found = re.search(rf'<li>\s*<a href="{re.escape(path)}".*?</details>\s*</li>', text, re.S)
    assert found, path
    return unescape(found[0])


def test_how_sure_it_is_stands_at_each_value(odd: httpx.Client) -> None:
    """By sign and word; evidence for and against, and what is from memory."""
    text = odd.get("/id/drug/d").text
    disputed = _value(text, "/id/mechanism/m")
    assert "disputed" in disputed
    assert "✓ speaks for it" in disputed
    assert "✗ speaks against it" in disputed
    assert "from memory, not checked" in _value(text, "/id/mechanism/n")
    assert "from memory, not checked" in _value(text, "/id/drugclass/c")
    refuted = _value(text, "/id/process/x")
    assert "Evidence speaks against it, and none for it." in refuted
    assert "/explain" not in refuted
    assert "◇ predicted" in text
    assert "▹ derived" in text


def test_sections_come_in_declared_order_and_repeats_are_folded(odd: httpx.Client) -> None:
    """A super-property that rules added says nothing more; it stands at the end."""
    text = unescape(odd.get("/id/drug/d").text)
    titles = re.findall(r'<h2 id="[^"]*">(.*?)</h2>', text)
    assert titles == [
        "What it is made of",
        "What it binds and does",
        "Resistance",
        "Against resistance",
        "What documents say of it",
        "All other statements (9)",
    ]
    end = text.index("All other statements")
    assert text.index("inhibitsTarget") < end < text.index("#targets")
    assert text.index("unheardOf") > end
    assert text.count('href="/id/target/t"') == 3


def test_nothing_of_the_data_is_markup(odd: httpx.Client) -> None:
    """Labels with tags and quotes, and text that runs the other way, stay within their place."""
    text = odd.get("/id/drug/d").text
    page = Page(text)
    assert not page.strange_scripts + page.all("b") + page.all("i") + page.all("u")
    assert "<bdi>&lt;b&gt;d&lt;/b&gt;</bdi>" in text
    assert "\u202e" not in text
    assert "https://doi.org/10.1/%3Cx%3E%26%22y" in [a["href"] for a in page.all("a")]
    assert ">example.org</bdi>" in text
    assert not [a for a in page.all("a") if str(a["href"]).startswith("javascript")]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_each_mark_says_what_it_is_of(odd: httpx.Client) -> None:
    """No two ways to open something have the same name, and none stands in another."""
    text = unescape(odd.get("/id/drug/d").text)
    for summary in re.findall(r'<details class="mark.*?<summary>(.*?)</summary>', text, re.S):
        assert re.search(r"who says: \S", summary)
        assert "<a " not in summary
        assert "<details" not in summary


def test_claims_are_quoted_with_their_verdict(odd: httpx.Client) -> None:
    text = odd.get("/id/drug/d").text
    assert re.search(r'≈</span> Imprecise</span> <q class="said"><bdi>It is &lt;u&gt;so', text)
    assert 'href="/id/claim/c"' in text
    # A claim that no document makes has no card, and a page all the same.
    assert odd.get("/id/claim/c").status_code == 200


def test_a_thing_of_an_unknown_class(odd: httpx.Client) -> None:
    """Has the same manners: sections by direction, names of inverses where a view gives one."""
    text = unescape(odd.get("/id/odd/o").text)
    assert 0 < text.index("What is said of it") < text.index("What refers to it")
    assert "targeted by" in text
    assert "All other statements" in text


def test_thousands_of_statements(odd: httpx.Client) -> None:
    """As many as a page may have, all but a few closed; it says that there are more."""
    text = odd.get("/id/drug/big").text
    assert "There is more than is shown." in text
    shown = text.count('<details class="mark')
    assert shown > 1000
    assert f"{shown - 12} more" in text
    assert odd.get("/id/trial/rtl").status_code == 200


def test_pages_without_views(tmp_path: Path) -> None:
    """Releases of before, and empty folders of views, have the general page."""
    release = make_release(tmp_path, DATA)
    with serving(create_app(release, library={})) as url:
        text = httpx.get(f"{url}/id/drug/d", headers=BROWSER).text
    assert "What is said of it" in text
    assert "inhibitsTarget" in text


def test_shipped_pages_have_few_links_to_explanations_in_view(shipped: httpx.Client) -> None:
    """One mark for each value, which opens; what is not named by a view is folded."""
    text = shipped.get("/id/drug/trastuzumab", headers=BROWSER).text
    outside = re.sub(r"<details.*?</details>", "", text, flags=re.S)
    assert "/explain?" not in re.sub(r'<section aria-labelledby="all">.*?</section>', "", outside)
    assert "why?" not in text
    binds = text.index(">What it binds and does<")
    assert binds < text.index(">Resistance<") < text.index(">Trials<", binds)
