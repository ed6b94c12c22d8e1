"""The queries of docs/how-to/federate.md, with a second tzgraph in the place of the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rdflib import Graph

from tests.serve.helpers import make_release, serving
from tests.serve.test_federation import federating
from tzgraph.release import Release, open_release
from tzgraph.serve.app import create_app
from tzgraph.serve.isolation import is_supported

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux isolates queries")

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "federate.md"
TEXT = PAGE.read_text(encoding="utf-8")
QUERIES = re.findall(r"^```sparql\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
(OTHERS,) = re.findall(r"^```turtle\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
THEIRS = re.compile(r"https://(?:sparql\.uniprot|query\.wikidata)\.org/sparql")
OURS = "https://kg.example.org/sparql"
#: Rows that each query has in the end, by the last parts of their IRIs.
EXPECTED = (
    {("egfr", "P00533", "EGFR_HUMAN"), ("her2", "P04626", "ERBB2_HUMAN")},
    {("trastuzumab", "example")},
    {("EGFR_HUMAN", "lapatinib"), ("ERBB2_HUMAN", "trastuzumab")},
    {("example", "toga")},
)


@pytest.fixture(scope="module")
def ours(shipped_dir: Path) -> Release:
    """The shipped release."""
    return open_release(shipped_dir)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release that holds what the page gives others to hold, and nothing of ours."""
    graph = Graph().parse(data=OTHERS, format="turtle")
    data = graph.serialize(format="nt")
    return make_release(tmp_path_factory.mktemp("others"), data, prefixes={})


def rows(client: httpx.Client, query: str) -> set[tuple[str, ...]]:
    """Ask, and give the last part of each value."""
    answer = client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    _, *lines = answer.text.splitlines()
    return {tuple(re.split(r"[/#]", value)[-1] for value in line.split(",")) for line in lines}


@pytest.fixture(scope="module")
def both(ours: Release, theirs: Release) -> Iterator[tuple[httpx.Client, str, httpx.Client, str]]:
    """Two servers, each of which lists the other: clients and endpoints."""
    with (
        serving(create_app(theirs, library={})) as other,
        serving(create_app(ours)) as here,
        federating(ours, [f"{other}/sparql"]) as from_ours,
        federating(theirs, [f"{here}/sparql"]) as from_theirs,
    ):
        yield from_ours.client, f"{here}/sparql", from_theirs.client, f"{other}/sparql"


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_queries_of_the_page(
    both: tuple[httpx.Client, str, httpx.Client, str], number: int
) -> None:
    """Those that name others are for our server, those that name ours for theirs."""
    from_ours, here, from_theirs, other = both
    query = QUERIES[number]
    assert len(QUERIES) == len(EXPECTED)
    if OURS in query:
        found = rows(from_theirs, query.replace(OURS, here))
    else:
        found = rows(from_ours, THEIRS.sub(other, query))
    assert found >= EXPECTED[number]
    assert not {row for row in found if "AATM_RABIT" in row}


@pytest.mark.parametrize("number", [2, 3])
def test_a_file_on_the_desk_is_joined_by_rdflib(
    both: tuple[httpx.Client, str, httpx.Client, str], number: int
) -> None:
    """What the page says of rdflib: it calls our endpoint from a graph in memory."""
    graph = Graph().parse(data=OTHERS, format="turtle")
    found = {
        tuple(re.split(r"[/#]", str(value))[-1] for value in row)  # type: ignore[union-attr]
        for row in graph.query(QUERIES[number].replace(OURS, both[1]))
    }
    assert found >= EXPECTED[number]


def test_what_stands_in_service_is_sent_as_it_is(
    both: tuple[httpx.Client, str, httpx.Client, str],
) -> None:
    """The page warns of it: values found before don't narrow what is asked there."""
    from_ours, _, _, other = both
    inner = "SELECT (COUNT(*) AS ?n) { ?protein ?p ?o }"
    query = f"SELECT ?n {{ VALUES ?protein {{ uniprot:P04626 }} SERVICE <{other}> {{ {inner} }} }}"
    assert rows(from_ours, query) == {("4",)}
