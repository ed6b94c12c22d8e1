"""``/id/{kind}``: lists of classes with facets, as pages, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serve.helpers import EX, make_release, problem, serving
from tests.serve.test_pages import BROWSER, Page
from tests.serve.writable import BEARER, writable
from tzgraph.pageviews.lists import COUNTED, LISTED
from tzgraph.release import open_release
from tzgraph.release.reader import VIEWS_FILE
from tzgraph.serve.app import create_app
from tzgraph.serve.isolation import is_supported
from tzgraph.vocabulary import ID, TZ, Graphs

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
#: Kinds whose lists are declared.
DECLARED = ("drug", "trial", "mechanism", "claim", "target", "disease", "evidence", "approval")
HER2 = f"{ID}target/her2"


def listed(client: httpx.Client, path: str, **values: str | list[str]) -> dict[str, Any]:
    answer = client.get(path, params=values)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def iris(found: dict[str, Any]) -> list[str]:
    return [row["iri"] for row in found["rows"]]


def facet(found: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """The values of a facet, by label."""
    (one,) = [facet for facet in found["facets"] if facet["key"] == key]
    return {value["label"]: value for value in one["values"]}


def asked(client: httpx.Client, query: str) -> set[str]:
    """The values of the first variable of a query."""
    prefixes = f"PREFIX tz: <{TZ}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    answer = client.get("/sparql", params={"query": prefixes + query, "format": "json"})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    name = said["head"]["vars"][0]
    return {row[name]["value"] for row in said["results"]["bindings"]}


def test_a_list_has_all_things_of_the_class(shipped: httpx.Client) -> None:
    found = listed(shipped, "/id/drug")
    assert found["class"] == TZ + "Drug"
    assert set(iris(found)) == asked(shipped, "SELECT ?d { ?d a tz:Drug }")
    assert found["total"] == found["counted"] == len(found["rows"])
    labels = [row["label"].lower() for row in found["rows"]]
    assert labels == sorted(labels)


def test_counts_are_those_of_the_graph(shipped: httpx.Client) -> None:
    values = facet(listed(shipped, "/id/drug"), "target")
    drugs = asked(shipped, "SELECT ?d { ?d a tz:Drug ; tz:targets <" + HER2 + "> }")
    derived = asked(
        shipped,
        f"SELECT ?d {{ ?d a tz:Drug GRAPH <{Graphs.INFERRED}> {{ ?d tz:targets <{HER2}> }} }}",
    )
    assert values["HER2"]["things"] == len(drugs) > 0
    assert values["HER2"]["inferred"] == len(derived) > 0
    without = asked(shipped, "SELECT ?d { ?d a tz:Drug MINUS { ?d tz:targets ?t } }")
    assert values["not stated"]["things"] == len(without) > 0
    found = listed(shipped, "/id/drug", target="not stated")
    assert set(iris(found)) == without
    assert all(row["target"] == [] for row in found["rows"])


def test_values_of_a_facet_widen_and_facets_narrow(shipped: httpx.Client) -> None:
    both = listed(shipped, "/id/drug", target=["HER2", "EGFR", "not stated"])
    assert set(iris(both)) == asked(
        shipped,
        "SELECT ?d { ?d a tz:Drug OPTIONAL { ?d tz:targets ?t } OPTIONAL { ?t rdfs:label ?l }"
        ' FILTER(!BOUND(?t) || STR(?l) IN ("HER2", "EGFR")) }',
    )
    one = listed(shipped, "/id/drug", target="HER2", kind="antibody")
    wanted = "SELECT ?d { ?d a tz:Drug, tz:MonoclonalAntibody ; tz:targets <" + HER2 + "> }"
    assert set(iris(one)) == asked(shipped, wanted)
    # A choice counts for the other facets, not for its own, to which others can be added.
    assert facet(one, "kind")["monoclonal antibody"]["things"] == len(one["rows"])
    assert facet(one, "kind")["monoclonal antibody"]["chosen"]
    assert facet(one, "kind")["kinase inhibitor"]["things"] > 0
    assert facet(one, "target")["PD-1"]["things"] > 0


@pytest.mark.parametrize("name", ["HER2", "her2", "target/her2", "tztarget:her2", HER2, "ErbB2"])
def test_values_are_given_by_any_name(shipped: httpx.Client, name: str) -> None:
    found = listed(shipped, "/id/drug", target=name)
    assert [v["written"] for v in facet(found, "target").values() if v["chosen"]] == [
        "tztarget:her2"
    ]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/id/drug?target=cetuximab", "Target: “cetuximab” is unknown"),
        ("/id/drug?target=cetuximab", "Values are HER2, "),
        ("/id/drug?kind=inhibitor", "Did you mean "),
        ("/id/drug?kind=trastuzumab", "Kind: "),
        ("/id/trial?drug=herceptn", "Did you mean tzdrug:trastuzumab"),
    ],
)
def test_unknown_values_are_told_with_what_there_is(
    shipped: httpx.Client, path: str, said: str
) -> None:
    document = problem(shipped.get(path), 400)
    assert str(document["type"]).endswith("unknown-name")
    assert said in str(document["detail"])
    page = shipped.get(path, headers=BROWSER)
    assert page.status_code == 400
    assert escape(said, quote=False) in page.text


def test_a_path_may_have_steps(shipped: httpx.Client) -> None:
    """Trials of a disease are those of its kinds, too."""
    found = listed(shipped, "/id/trial", disease="gastric cancer")
    wanted = (
        "SELECT ?t { ?t a tz:Trial ; tz:studiesCondition/tz:subtypeOf* "
        f"<{ID}disease/gastric-cancer> }}"
    )
    assert set(iris(found)) == asked(shipped, wanted)
    direct = f"SELECT ?t {{ ?t tz:studiesCondition <{ID}disease/gastric-cancer> }}"
    assert len(found["rows"]) > len(asked(shipped, direct))


def test_literals_are_chosen_as_they_are_written(shipped: httpx.Client) -> None:
    found = listed(shipped, "/id/trial", phase=["3", "2/3"], **{"primary-endpoint-met": "true"})
    assert found["rows"]
    for row in found["rows"]:
        assert row["phase"][0]["value"] in ("3", "2/3")
        assert row["met"] == [{"value": "true", "label": "yes", "inferred": False}]
    nothing = listed(shipped, "/id/trial", phase='7"')
    assert nothing["rows"] == []
    assert facet(nothing, "phase")['7"'] == {
        **{"value": '7"', "label": '7"', "written": '7"'},
        **{"things": 0, "inferred": 0, "chosen": True},
    }


def test_each_declared_facet_and_column_has_values(shipped: httpx.Client) -> None:
    """What is declared is no slip of the pen: some thing has it."""
    for kind in DECLARED:
        found = listed(shipped, f"/id/{kind}")
        assert [f["key"] for f in found["facets"] if not f["values"]] == [], kind
        for column in found["columns"]:
            assert any(row[column["key"]] for row in found["rows"]), (kind, column)


def test_order(shipped: httpx.Client) -> None:
    up = [r["patients"] for r in listed(shipped, "/id/trial", sort="patients")["rows"]]
    down = [r["patients"] for r in listed(shipped, "/id/trial", sort="-patients")["rows"]]
    for cells, backwards in ((up, False), (down, True)):
        numbers = [int(cell[0]["value"]) for cell in cells if cell]
        assert numbers == sorted(numbers, reverse=backwards)
        # What is not known stands last either way.
        assert [] not in cells[: len(numbers)]
        assert len(numbers) < len(cells)
    names = [row["label"].lower() for row in listed(shipped, "/id/trial", sort="-label")["rows"]]
    assert names == sorted(names, reverse=True)


def test_parts(shipped: httpx.Client) -> None:
    whole = iris(listed(shipped, "/id/drug", sort="target"))
    found, path = [], "/id/drug.json?sort=target&limit=10"
    while path:
        answer = shipped.get(path)
        found += iris(answer.json())
        path = answer.json().get("next", "")
        assert ('rel="next"' in answer.headers["link"]) == bool(path)
    assert found == whole
    page = shipped.get("/id/drug?limit=10&offset=10", headers=BROWSER).text
    assert 'rel="prev" href="/id/drug?limit=10"' in page
    assert "11–20" in page
    assert "ends before here" in shipped.get("/id/drug?offset=4000", headers=BROWSER).text


def test_twins_are_what_is_seen(shipped: httpx.Client) -> None:
    query = "?target=HER2&kind=antibody&sort=-label"
    found = shipped.get(f"/id/drug.json{query}").json()
    table = shipped.get(f"/id/drug.csv{query}")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    head, *rows = list(csv.reader(io.StringIO(table.text)))
    assert head == ["iri", "label", *(column["key"] for column in found["columns"])]
    assert [row[0] for row in rows] == iris(found)
    page = shipped.get(f"/id/drug{query}", headers=BROWSER)
    shown = re.findall(r'<th scope="row"><a href="([^"]*)"', page.text)
    assert shown == [iri.removeprefix(ID[:-3].rstrip("/")) for iri in iris(found)]
    place = "/id/drug.html?target=tztarget%3Aher2&kind=tz%3AMonoclonalAntibody&sort=-label"
    assert page.headers["content-location"] == place
    for suffix, media_type in (("json", "application/json"), ("csv", "text/csv")):
        twin = place.replace(".html", f".{suffix}")
        assert f'<{twin}>; rel="alternate"; type="{media_type}"' in page.headers["link"]
        assert escape(twin) in page.text
        assert shipped.get(twin).content == shipped.get(f"/id/drug.{suffix}{query}").content


@pytest.mark.parametrize("path", ["/id/drug", "/id/drug.csv", "/id/trial.html?phase=3"])
def test_manners(shipped: httpx.Client, path: str) -> None:
    answer = shipped.get(path)
    tag = answer.headers["etag"]
    assert shipped.get(path, headers={"If-None-Match": tag}).status_code == 304
    head = shipped.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    refused = problem(shipped.get("/id/drug", headers={"Accept": "image/png"}), 406)
    assert refused["available"] == ["application/json", "text/csv", "text/html"]


@pytest.mark.parametrize(
    "query",
    [
        *("colour=red", "sort=x", "sort=--label", "limit=0", "limit=1001", "limit=x", "limit=٣"),
        *("offset=-1", "offset=5001", "sort=label&sort=target", "target=%FF"),
        *("target=a:b", "&".join("target=HER2" for _ in range(51))),
    ],
)
def test_wrong_requests(shipped: httpx.Client, query: str) -> None:
    problem(shipped.get(f"/id/drug?{query}"), 400)
    assert shipped.get(f"/id/drug?{query}", headers=BROWSER).status_code == 400


def test_too_long(shipped: httpx.Client) -> None:
    problem(shipped.get("/id/drug?target=" + "x" * 64_000), 414)


def test_unknown_kinds(shipped: httpx.Client) -> None:
    for path, meant in (("/id/drugs", "drug"), ("/id/resistance%20mechanism", "mechanism")):
        document = problem(shipped.get(path), 404)
        assert document["suggestions"] == [ID + meant]
        assert f"Did you mean /id/{meant}?" in str(document["detail"])
        page = shipped.get(path, headers=BROWSER)
        assert page.status_code == 404
        assert f'href="/id/{meant}"' in page.text
    for name in ("nothing", "drug.ttl", "%3Cb%3E", ".csv", "%00"):
        document = problem(shipped.get(f"/id/{name}"), 404)
        assert document["suggestions"] == []
        assert "There are " in str(document["detail"])


def test_each_kind_has_a_page(shipped: httpx.Client, shipped_dir: Path) -> None:
    kinds = open_release(shipped_dir).manifest.kinds.values()
    for kind in sorted({base.removeprefix(ID).strip("/") for base in kinds if ID in base}):
        answer = shipped.get(f"/id/{kind}", headers=BROWSER)
        assert answer.status_code == 200, kind
        page = Page(answer.text)
        assert page.strange_scripts == []
        assert len(page.all("h1")) == 1
        for region in [one for one in page.all("div") if one.get("class") == "scroll"]:
            assert (region["role"], region["tabindex"]) == ("region", "0")
            assert region["aria-label"]


def test_what_is_withdrawn_is_not_in_the_list(shipped: httpx.Client) -> None:
    found = listed(shipped, "/id/evidence")
    withdrawn = asked(shipped, "SELECT ?e { ?e a tz:WithdrawnEvidence }")
    assert withdrawn
    assert not withdrawn & set(iris(found))


def test_page(shipped: httpx.Client) -> None:
    text = shipped.get("/id/drug?target=HER2", headers=BROWSER).text
    page = Page(text)
    chosen = [one for one in page.all("a") if one.get("aria-current") == "true"]
    # The entry of the navigation, and the value that is chosen, which leads back.
    assert [one["href"] for one in chosen] == ["/id/drug", "/id/drug"]
    assert 'href="/id/drug?target=tztarget%3Aher2&amp;target=tztarget%3Aegfr"' in text
    assert 'class="derived"' in text
    assert "not stated" in text
    assert [one["aria-sort"] for one in page.all("th") if "aria-sort" in one] == ["ascending"]
    none = shipped.get("/id/drug?target=HER2&domain=tz:Drug", headers=BROWSER).text
    assert "That says not that there is none" in none


def test_predicted_columns_are_told_apart(shipped: httpx.Client) -> None:
    text = shipped.get("/id/mechanism", headers=BROWSER).text
    assert re.search(r"predicted resistance to</a> <span class=\"predicted\">◇ predicted", text)


def test_long_cells_are_folded(shipped: httpx.Client) -> None:
    text = shipped.get("/id/drug", headers=BROWSER).text
    assert re.search(r"<details><summary>\d+ more</summary><ul><li><bdi><a href=\"/id/trial/", text)


def test_doors_of_home_lead_to_lists(shipped: httpx.Client) -> None:
    text = shipped.get("/", headers=BROWSER).text
    for path in ("/id/drug", "/id/trial", "/id/mechanism", "/id/claim"):
        assert f'<a href="{path}">All ' in text


# -- graphs that are not ours ---------------------------------------------------------------------

NAME = "<b>bold</b>\N{RIGHT-TO-LEFT OVERRIDE}\\u202Etext"


def widgets(number: int) -> str:
    """N-Quads of widgets, with colours, and of them some without any."""
    lines = [f"<{EX}Widget> <{EX}x> <{EX}y> .\n"]
    for n in range(number):
        node = f"<{ID}widget/{n:06}>"
        lines.append(f"{node} {TYPE} <{EX}Widget> .\n")
        lines.append(f'{node} {LABEL} "widget {n:06}"@en .\n')
        if n % 4:
            lines.append(f"{node} <{EX}colour> <{EX}c{n % 3}> .\n")
        lines.append(f'{node} <{EX}size> "{n % 5}" .\n')
        lines.append(f"{node} <{EX}part> _:b{n} .\n")
    lines += [f'<{EX}c{n}> {LABEL} "{NAME} {n}"@en .\n' for n in range(2)]
    lines.append(f'<{EX}colour> {LABEL} "<i>colour</i>"@en .\n')
    return "".join(lines)


def served(folder: Path, data: str, **said: Any) -> Iterator[httpx.Client]:
    release = make_release(folder, data, prefixes={"ex": EX}, **said)
    with (
        serving(create_app(release, library={})) as url,
        httpx.Client(base_url=url, headers={"Accept": "*/*"}, timeout=60) as client,
    ):
        yield client


#: More than are listed.
MANY = 10_000
KINDS = {EX + "Widget": ID + "widget/"}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server on a graph with a class of its own, and no views."""
    yield from served(tmp_path_factory.mktemp("few"), widgets(40), kinds=KINDS)


def test_a_class_without_views(few: httpx.Client) -> None:
    """Facets are the properties with few values; blank nodes are none."""
    found = listed(few, "/id/widget")
    assert [f["key"] for f in found["facets"]] == ["kind", "size", "i-colour-i"]
    assert [v["things"] for v in facet(found, "size").values()] == [8] * 5
    colours = facet(found, "i-colour-i")
    assert colours["not stated"]["things"] == 10
    assert found["total"] == 40
    chosen = listed(few, "/id/widget", **{"i-colour-i": f"{EX}c2", "size": "1"})
    assert iris(chosen)
    page = few.get("/id/widget", headers=BROWSER)
    assert "<h1>Widget</h1>" in page.text
    assert "<b>bold" not in page.text
    assert "<i>colour" not in page.text
    assert "<bdi>&lt;b&gt;bold&lt;/b&gt;" in page.text
    # What has no label is shown by its IRI.
    assert "ex:c2" in page.text


def test_an_empty_release(tmp_path: Path) -> None:
    for client in served(tmp_path, "", kinds=KINDS):
        page = client.get("/id/widget", headers=BROWSER)
        assert page.status_code == 200
        assert "The graph describes none." in page.text
        found = listed(client, "/id/widget")
        assert (found["total"], found["rows"]) == (0, [])
        assert client.get("/id/widget.csv").text == "iri,label,definition\r\n"


def test_a_graph_without_kinds(client: httpx.Client) -> None:
    document = problem(client.get("/id/drug"), 404)
    assert document["detail"] == "There is no kind of things that is called 'drug'."
    assert client.get("/id/drug", headers=BROWSER).status_code == 404


def test_many_things(tmp_path: Path) -> None:
    """All that is asked is bounded, and what is not all is said to be a part."""
    for client in served(tmp_path, widgets(MANY), kinds=KINDS):
        found = listed(client, "/id/widget", sort="-label", limit="3")
        assert (found["total"], found["total_is_lower_bound"]) == (LISTED, True)
        assert found["counted"] == COUNTED
        assert sum(value["things"] for value in facet(found, "size").values()) == COUNTED
        assert len(found["rows"]) == 3
        page = client.get("/id/widget", headers=BROWSER).text
        assert f"More than {LISTED:,}" in page
        assert f"counted of the first {COUNTED:,} only" in page
        narrow = listed(client, "/id/widget", size="1", limit="1")
        assert narrow["total"] == MANY // 5
        assert not narrow["total_is_lower_bound"]
        last = client.get(f"/id/widget.csv?offset={LISTED - 5}")
        assert len(last.text.splitlines()) == 1 + 5


def test_many_values(tmp_path: Path) -> None:
    """A facet with more values than are listed has a field to name one; cells are folded."""
    lines = [f"<{ID}widget/{n}> {TYPE} <{EX}Widget> .\n" for n in range(3)]
    lines += [f'<{ID}widget/0> <{EX}of> "{n}" .\n' for n in range(200)]
    view = {
        **{"iri": "x", "classes": [EX + "Widget"], "sections": [], "properties": []},
        "facets": [
            {"key": "of", "name": "of", "steps": [f"<{EX}of>"], "literal": True, "order": 1}
        ],
        "columns": [
            {"key": "of", "name": "of", "steps": [f"<{EX}of>"], "literal": True, "order": 1}
        ],
    }
    said = {"views": [view], "sections": [], "above": {}, "inverses": {}, "wider": {}}
    (tmp_path / VIEWS_FILE).write_text(json.dumps(said), encoding="utf-8")
    for client in served(tmp_path, "".join(lines), kinds=KINDS):
        page = client.get("/id/widget?of=199", headers=BROWSER).text
        assert 'Name one <input name="of">' in page
        assert '<input type="hidden" name="of" value="199">' in page
        assert "<summary>197 more</summary>" in page


def test_updates_change_the_list(tmp_path: Path, shipped_dir: Path) -> None:
    if not is_supported():
        pytest.skip("only Linux takes updates")
    directory = tmp_path / "build"
    shutil.copytree(shipped_dir, directory, symlinks=True)
    with writable(directory) as client:
        before = listed(client, "/id/drug", target="HER2")
        update = (
            f"INSERT DATA {{ <{ID}drug/novel> a <{TZ}Drug> ; {LABEL} 'novel'@en ; "
            f"<{TZ}targets> <{HER2}> }}"
        )
        headers = {**BEARER, "Content-Type": "application/sparql-update"}
        assert client.post("/update", content=update, headers=headers).status_code < 300
        after = listed(client, "/id/drug", target="HER2")
        assert set(iris(after)) - set(iris(before)) == {f"{ID}drug/novel"}
        assert facet(after, "target")["HER2"]["things"] == after["total"] == before["total"] + 1
        assert listed(client, "/id/drug", target="her2")["total"] == after["total"]
