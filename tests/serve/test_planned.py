"""``/sparql?explain=``, and what is said of queries that take too long."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import httpx
import pytest

from tests.serve.helpers import EX, problem
from tests.serve.test_federation import federating, replying, rows, stubbing
from tests.serve.test_isolation import runaway, running
from tzgraph.query.formats import format_named
from tzgraph.release import Release
from tzgraph.serve.engine.base import Offer, QueryRequest
from tzgraph.serve.engine.evaluation import MEASURE, PLAN
from tzgraph.serve.engine.threads import InProcessEngine
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.sparql.response import read_all

isolated = pytest.mark.skipif(not is_supported(), reason="only Linux isolates queries")


def plan(client: httpx.Client, query: str, **fields: str) -> dict[str, Any]:
    response = client.get("/sparql", params={"query": query, "explain": "", **fields})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    found: dict[str, Any] = response.json()
    return found


def test_a_plan_with_counts_and_time(client: httpx.Client) -> None:
    found = plan(client, "SELECT * {\n ?s ex:p ?o . ?o ex:p|ex:q ?x }")
    assert (found["form"], found["parsed"]) == ("SELECT", True)
    assert found["patterns"] == [
        {"pattern": "?s ex:p ?o", "line": 2, "triples": 2, "more": False},
        {
            "pattern": "?o ex:p|ex:q ?x",
            "line": 2,
            "steps": [
                {"predicate": "ex:p", "triples": 2, "more": False},
                {"predicate": "ex:q", "triples": 0, "more": False},
            ],
        },
    ]
    assert found["rewrites"] == ["paths-with-all-solutions"]
    assert "UNION" in found["rewritten"]
    assert found["evaluator"]["name"] == "engine"
    assert [one["iri"] for one in found["absent"]] == [EX + "q"]
    assert found["run"]["rows"] == 1
    assert 0 < found["run"]["seconds"] < 60
    assert "note" not in found


@pytest.mark.parametrize(
    ("query", "run"),
    [
        ("ASK { ?s ex:p ex:z }", {"boolean": False}),
        ("SELECT * { ?s ex:p ex:z }", {"rows": 0}),
        ("CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }", {"rows": 2}),
    ],
)
def test_each_form_is_run(client: httpx.Client, query: str, run: dict[str, object]) -> None:
    found = plan(client, query)
    assert {**found["run"], **run} == found["run"]
    assert ("note" in found) is (run != {"rows": 2})


def test_one_row_that_sums_up_nothing_is_told(client: httpx.Client) -> None:
    found = plan(client, "SELECT (SUM(?o) AS ?n) { ?s ex:nothing ?o }")
    assert (found["run"]["rows"], found["sums_up"]) == (1, True)
    assert "sums up" in found["note"]
    found = plan(client, "SELECT (SUM(?o) AS ?n) { ?s ex:p ?o }")
    assert found["sums_up"]
    assert "note" not in found


@pytest.mark.parametrize(
    ("query", "notes"),
    [
        ("SELECT * { ?s ex:nothing ?o }", ("No rows: this graph", "ex:nothing occurs nowhere")),
        ("CONSTRUCT WHERE { ?s ex:nothing ?o }", ("No rows:", "ex:nothing occurs nowhere")),
        ("ASK { ?s ex:nothing ?o }", ("says that this graph", "ex:nothing occurs nowhere")),
        ("SELECT * { ?s ex:p ?o FILTER(?o = 1 && ?o = 2) }", ("No rows:", "Each pattern alone")),
        ("SELECT (COUNT(*) AS ?n) { ?s ex:nothing ?o }", ("sums up", "ex:nothing occurs nowhere")),
        ("SELECT (COUNT(*) AS ?n) { ?s ex:p ?o }", ()),
        ("SELECT * { ?s ex:p ?o }", ()),
        ("ASK { ?s ex:p ?o }", ()),
    ],
)
def test_pages_tell_what_occurs_nowhere(
    client: httpx.Client, query: str, notes: tuple[str, ...]
) -> None:
    page = client.get("/sparql", params={"query": query}, headers={"Accept": "text/html"})
    assert page.status_code == 200
    shown = re.findall('<p class="told">(.*?)</p>', page.text)
    assert len(shown) == len(notes), shown
    assert all(note in text for note, text in zip(notes, shown, strict=True))


def test_any_way_to_ask(client: httpx.Client) -> None:
    query = "SELECT * { ?s ex:p ?o }"
    for accept in ("text/turtle", "text/html", "application/sparql-results+xml", "image/png"):
        response = client.get(
            "/sparql", params={"query": query, "explain": "1"}, headers={"Accept": accept}
        )
        assert response.json()["run"]["rows"] == 2
    posted = client.post("/sparql", data={"query": query, "explain": "true"})
    assert posted.json()["patterns"][0]["triples"] == 2
    direct = {"Content-Type": "application/sparql-query"}
    posted = client.post("/sparql?explain", content=query.encode(), headers=direct)
    assert posted.json()["form"] == "SELECT"
    for no in ("0", "false", "No"):
        result = client.get("/sparql", params={"query": query, "explain": no})
        assert "results" in result.json()


def test_values_and_graphs_of_the_request(client: httpx.Client) -> None:
    found = plan(client, "SELECT ?s ?o { ?s ex:p ?o }", **{"$s": "ex:a"})
    assert (found["patterns"][0]["triples"], found["run"]["rows"]) == (1, 1)
    text = "SELECT * { ?s ex:p ?o }"
    found = plan(client, text, **{"default-graph-uri": EX + "G1"})
    assert (found["patterns"][0]["triples"], found["run"]["rows"]) == (1, 1)
    found = plan(client, text, **{"default-graph-uri": EX + "G3"})
    assert [(one["iri"], one["elsewhere"]) for one in found["absent"]] == [
        (EX + "p", "other"),
        (EX + "G3", ""),
    ]
    found = plan(client, "SELECT * { ?s ?p ex:only1 GRAPH ?g { ?s ?p ex:only1 } }")
    assert [one["triples"] for one in found["patterns"]] == [0, 1]
    assert found["patterns"][1]["graph"] == "?g"
    assert found["absent"][0]["elsewhere"] == "named"


def test_what_is_refused_is_refused(client: httpx.Client) -> None:
    def asked(query: str, **fields: str) -> httpx.Response:
        return client.get("/sparql", params={"query": query, "explain": "", **fields})

    document = problem(asked("SELECT * { ?s ex:p"), 400)
    assert document["line"] == 1
    problem(asked("SELECT * { ?s nowhere:p ?o }"), 400)
    problem(asked("ASK { SERVICE <http://x/> {} }"), 400)
    problem(asked("SELECT ?s { ?s ex:p ?o }", **{"$s": "<"}), 400)
    problem(asked("SELECT * { ?s ex:p ?o }", **{"default-graph-uri": "no iri"}), 400)
    problem(asked("{" * 300), 400)
    problem(client.post("/sparql?explain=1", data={"query": "x" * 300_000}), 413)


def test_many_patterns_are_few_counts(client: httpx.Client) -> None:
    many = " . ".join(f"?s{n} ex:p{n} {n}" for n in range(800))
    found = client.post("/sparql", data={"query": f"ASK {{ {many} }}", "explain": "1"}).json()
    assert (len(found["patterns"]), found["left_out"]) == (100, 700)


@isolated
def test_the_plan_of_a_query_that_never_ends(release: Release) -> None:
    with running(release, timeout_s=3) as server, server.client() as client:
        found = plan(client, runaway())
        assert found["run"]["error"] == "deadline"
        assert "3 s" in found["run"]["detail"]
        assert {hint["code"] for hint in found["hints"]} == {"cartesian-product"}
        assert server.ask("ASK {}").status_code == 200


@isolated
def test_the_deadline_tells_what_to_change(release: Release) -> None:
    with running(release, timeout_s=1) as server:
        detail = str(problem(server.ask(runaway()), 504)["detail"])
        assert "nothing before it in its group has a variable in common" in detail
        assert "TZGRAPH_QUERY_TIMEOUT" in detail


@isolated
def test_limits_hold_for_plans(release: Release) -> None:
    with running(release, max_result_rows=1) as server, server.client() as client:
        found = plan(client, "SELECT * { ?s ?p ?o }")
        assert found["run"]["error"] == "result-too-many-rows"
        assert found["patterns"][0]["triples"] == 5


@isolated
def test_other_endpoints_are_called_but_not_counted(release: Release) -> None:
    with stubbing() as stub, federating(release, [stub.url]) as server:
        query = f"SELECT * {{ ?s ex:p ?o SERVICE <{stub.url}> {{ ?s ex:far ?o }} }}"
        found = server.client.get("/sparql", params={"query": query, "explain": ""}).json()
        assert found["evaluator"]["name"] == "federated"
        assert found["evaluator"]["endpoints"] == [stub.url]
        assert [one["pattern"] for one in found["patterns"]] == ["?s ex:p ?o"]
        assert found["absent"] == []
        assert len(stub.asked) == 1  # by the run alone
        assert "rows" in found["run"]
        stub.answer = replying(rows(), status=500)
        found = server.client.get("/sparql", params={"query": query, "explain": ""}).json()
        assert found["run"]["error"] == "remote-failed"


def test_without_isolation(release: Release) -> None:
    offer = Offer("json", format_named("json").media_types[0])
    query = "SELECT * { ?s ex:p ?o }"

    async def told(task: str) -> dict[str, Any]:
        engine = InProcessEngine(release.store(), release.manifest.prefixes, timeout_s=30)
        await engine.start()
        request = QueryRequest(query, bindings=offer, graph=offer, task=task)
        found: dict[str, Any] = json.loads(await read_all(await engine.query(request)))
        await engine.close()
        return found

    assert asyncio.run(told(PLAN))["patterns"][0]["triples"] == 2
    assert asyncio.run(told(MEASURE))["rows"] == 2


def test_nearest_in_the_shipped_graph(shipped: httpx.Client) -> None:
    found = plan(shipped, "SELECT * { ?d tz:targts ?t ; tz:targets tzdrug:cetuximab }")
    meant = {one["written"]: one.get("nearest") for one in found["absent"]}
    targets = "https://w3id.org/tzgraph/ontology#targets"
    assert meant == {"tz:targts": targets, "tzdrug:cetuximab": None}
    assert found["note"]
