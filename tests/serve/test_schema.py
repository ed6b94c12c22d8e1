"""``/schema.json``: the schema of what is served, of any graph and after updates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serve.helpers import EX, make_release, problem, serving
from tests.serve.writable import TOKEN
from tzgraph.serve.app import create_app


def schema(client: httpx.Client) -> dict[str, Any]:
    response = client.get("/schema.json")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_shipped_graph(shipped: httpx.Client) -> None:
    """Classes have definitions, numbers, and properties with theirs, as queries count them."""
    found = schema(shipped)
    assert found["kinds"]["tzdrug"] == "tz:Drug"
    assert found["kinds"]["tztrial"] == "tz:Trial"
    assert found["prefixes"]["tz"] == "https://w3id.org/tzgraph/ontology#"
    drug = next(term for term in found["classes"] if term["name"] == "tz:Drug")
    targets = next(term for term in found["properties"] if term["name"] == "tz:targets")
    query = "SELECT (COUNT(*) AS ?n) { ?d a tz:Drug ; tz:targets ?t }"
    counted = shipped.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1]
    assert drug["label"] == "drug"
    assert drug["definition"]
    assert drug["properties"]["tz:targets"] == int(counted)
    assert targets["range"] == "tz:Target"
    assert targets["count"] >= int(counted)
    names = [term["name"] for term in (*found["classes"], *found["properties"])]
    assert len(names) == len(set(names))
    assert not any("owl:Restriction" in name or "_:" in name for name in names)


def test_is_kept_and_tagged(client: httpx.Client) -> None:
    first = client.get("/schema.json")
    tag = first.headers["etag"]
    assert first.headers["content-type"] == "application/json"
    assert client.get("/schema.json", headers={"If-None-Match": tag}).status_code == 304
    head = client.head("/schema.json")
    assert head.headers["etag"] == tag
    assert not head.content
    problem(client.post("/schema.json"), 405)


@pytest.mark.parametrize(
    ("data", "classes", "properties"),
    [
        ("", [], []),
        (
            f'<{EX}x> <{EX}p> "1" .\n',
            [],
            [{"iri": f"{EX}p", "name": f"<{EX}p>", "count": 1}],
        ),
        (
            f"<{EX}x> a <{EX}C> .\n<{EX}y> a _:b .\n".replace(
                " a ", " <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
            ),
            [f"<{EX}C>"],
            [],
        ),
    ],
)
def test_graphs_without_our_classes(
    tmp_path: Path, data: str, classes: list[str], properties: list[dict[str, Any]]
) -> None:
    """Of a graph that describes nothing, and in which nothing was counted."""
    release = make_release(tmp_path, data)
    with serving(create_app(release)) as url, httpx.Client(base_url=url, timeout=60) as client:
        found = schema(client)
        page = client.get("/sparql", headers={"Accept": "text/html"})
    assert [term["name"] for term in found["classes"]] == classes
    assert properties in ([], found["properties"])
    assert found["kinds"] == {}
    assert page.status_code == 200


def test_says_what_is_served_after_an_update(writer: httpx.Client) -> None:
    before = schema(writer)
    update = f"INSERT DATA {{ <{EX}new> a <{EX}New> ; <{EX}size> 1 , 2 }}"
    token = {"Authorization": f"Bearer {TOKEN}"}
    response = writer.post("/update", data={"update": update}, headers=token)
    assert response.status_code in (200, 204)
    after = schema(writer)
    new = next(term for term in after["classes"] if term["iri"] == f"{EX}New")
    size = next(term for term in after["properties"] if term["iri"] == f"{EX}size")
    assert new["count"] == 1
    assert new["properties"][size["name"]] == 2
    assert size["count"] == 2
    assert not [term for term in before["classes"] if term["iri"] == f"{EX}New"]
