"""Each case of the corpus, asked of tzgraph, of rdflib and over HTTP; ARQ is in test_arq.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
import yaml

from tests.differential.answers import Answer, from_json, from_turtle, from_xml, same
from tests.differential.corpus import BASE, Case, cases
from tests.differential.engines import by_rdflib, by_tzgraph, plain_rdflib, store_of
from tests.differential.marks import must_agree
from tests.serve.helpers import publish
from tests.serve.writable import writable

CASES = list(cases())
_FAULTS = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))
_DIRECT = {"Content-Type": "application/sparql-update"}
_JSON, _XML = "application/sparql-results+json", "application/sparql-results+xml"


@cache
def _tzgraph(case: Case) -> Answer:
    return by_tzgraph(_store(case.data), case.query)


@cache
def _store(data: str) -> ox.Store:
    return store_of(data)


@pytest.mark.parametrize("case", must_agree("tzgraph", (case for case in CASES if case.expected)))
def test_expected_answer(case: Case) -> None:
    """Where engines differ, tzgraph's answer is the expected one."""
    answer = _tzgraph(case)
    assert case.expected is not None
    assert same(answer, case.expected, case.ordered), f"{answer}\ninstead of\n{case.expected}"


@pytest.mark.parametrize("case", must_agree("rdflib", CASES))
def test_rdflib(case: Case) -> None:
    """rdflib gives the expected answer, or else tzgraph's."""
    right = case.expected or _tzgraph(case)
    with plain_rdflib():
        answer = by_rdflib(case.data, case.query)
    assert same(answer, right, case.ordered), f"{answer}\ninstead of\n{right}"


def test_faults_are_used() -> None:
    """Each fault of an engine has a case, and each case that differs a fault."""
    used = {(engine, fault) for case in CASES for engine, fault in case.differs.items()}
    assert used == {(engine, fault) for engine, faults in _FAULTS.items() for fault in faults}


def test_users_are_told() -> None:
    """What tzgraph does otherwise has a section in the documentation."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "differences.md"
    headings = re.findall(r"^## (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).replace(" ", "-").lower() for heading in headings}
    assert set(_FAULTS["tzgraph"].values()) <= anchors


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server that takes updates."""
    directory = tmp_path_factory.mktemp("differential")
    publish(directory, 1)
    with writable(directory) as client:
        yield client


def test_over_http(server: httpx.Client) -> None:
    """The endpoint's results in JSON, XML and N-Triples say what the library does."""
    wrong = []
    # What is relative to the address of the server is relative to something else here.
    asked = [case for case in CASES if not case.name.startswith(("syntax/", "functions/iri"))]
    for data, group in groupby(sorted(asked, key=lambda case: case.data), lambda case: case.data):
        _put(server, data)
        for case in group:
            answer = _tzgraph(case)
            kinds: Mapping[str, str] = {_JSON: "json", _XML: "xml"}
            if answer.kind == "graph":
                kinds = {"application/n-triples": "triples"}
            for media_type, kind in kinds.items():
                heard = _ask(server, case.query, media_type, kind)
                if not same(heard, answer, case.ordered):
                    wrong.append(f"{case.name} ({kind}): {heard}\ninstead of\n{answer}")
    assert not wrong, "\n\n".join(wrong)


def _put(server: httpx.Client, trig: str) -> None:
    """Let the server hold nothing but this."""
    lines = (
        f"GRAPH {quad.graph_name} {{ {quad.triple} }}"
        if isinstance(quad.graph_name, ox.NamedNode)
        else f"{quad.triple} ."
        for quad in ox.parse(trig.encode(), format=ox.RdfFormat.TRIG, base_iri=BASE)
    )
    text = "DROP ALL ; INSERT DATA {\n" + "\n".join(lines) + "\n}"
    server.post("/update", content=text.encode(), headers=_DIRECT).raise_for_status()


def _ask(server: httpx.Client, query: str, media_type: str, kind: str) -> Answer:
    response = server.post("/sparql", data={"query": query}, headers={"Accept": media_type})
    if response.status_code != 200:
        assert response.status_code == 400, response.text
        return Answer("error", reason=response.text)
    if kind == "json":
        return from_json(response.json())
    return from_xml(response.content) if kind == "xml" else from_turtle(response.text)
