"""The tools for agents, with a real client of the protocol, over standard streams and HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent

from tests.serve.helpers import problem, publish, serving
from tzgraph.errors import UsageError
from tzgraph.release import Release, open_release
from tzgraph.serve.agents.registry import RESOURCES, TOOLS
from tzgraph.serve.app import create_app
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.settings import IsolationSettings, ServeSettings
from tzgraph.serve.site.agents import host_of
from tzgraph.serve.stdio import serve_stdio

_T = TypeVar("_T")
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
_PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


def asked(target: Any, work: Callable[[Client], Awaitable[_T]]) -> _T:
    """Connect to a server, and do something with it."""

    async def run() -> _T:
        async with Client(target) as client:
            return await work(client)

    return asyncio.run(run())


def over_stdio(folder: Path) -> Any:
    """A server that the client starts, and ends."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    arguments = ["-m", "tzgraph", "mcp", "--dir", str(folder)]
    return stdio_client(
        StdioServerParameters(command=sys.executable, args=arguments, env=environment)
    )


@pytest.fixture(scope="module")
def address(shipped: httpx.Client) -> str:
    return f"{shipped.base_url}/mcp".replace("//mcp", "/mcp")


@pytest.fixture(scope="module")
def answer(address: str) -> Callable[..., dict[str, Any]]:
    """Calls a tool, and gives its answer; it has to be one, and that of its schema."""

    def call(name: str, /, **arguments: Any) -> dict[str, Any]:
        found = asked(address, lambda client: client.call_tool(name, arguments))
        assert not found.is_error, found
        data: dict[str, Any] = found.structured_content
        text = found.content[0]
        assert isinstance(text, TextContent)
        assert json.loads(text.text) == data
        TOOLS[name].gives.model_validate(data)
        return data

    return call


@pytest.fixture(scope="module")
def refusal(address: str) -> Callable[..., dict[str, Any]]:
    """Calls a tool, and gives the problem that it tells of."""

    def call(name: str, /, **arguments: Any) -> dict[str, Any]:
        found = asked(address, lambda client: client.call_tool(name, arguments))
        assert found.is_error
        data: dict[str, Any] = found.structured_content
        return data

    return call


def test_both_transports_give_the_same(address: str, shipped_dir: Path) -> None:
    async def look(client: Client) -> tuple[Any, ...]:
        tools = (await client.list_tools()).tools
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        assert all(tool.output_schema and tool.description for tool in tools)
        resources = (await client.list_resources()).resources
        texts = [(await client.read_resource(one.uri)).contents[0] for one in resources]
        found = await client.call_tool("search", {"text": "herceptn"})
        return [tool.name for tool in tools], resources, texts, found.structured_content

    ours, theirs = asked(address, look), asked(over_stdio(shipped_dir), look)
    assert ours == theirs
    assert ours[0] == list(TOOLS)
    assert [one.uri for one in ours[1]] == list(RESOURCES)
    assert ours[3]["hits"][0]["name"] == "tzdrug:trastuzumab"


@pytest.mark.parametrize("protocol", ["2025-11-25", "2025-06-18"])
def test_older_clients_are_answered(address: str, protocol: str) -> None:
    headers = {**_HEADERS, "MCP-Protocol-Version": protocol}
    listed = httpx.post(
        address, json={**_PING, "method": "tools/list", "params": {}}, headers=headers
    )
    assert listed.status_code == 200
    assert len(listed.json()["result"]["tools"]) == len(TOOLS)


def test_search_tells_what_is_unknown(answer: Callable[..., dict[str, Any]]) -> None:
    assert answer("search", text="Enhertu")["hits"][0]["by"] == "synonym"
    near = answer("search", text="herceptn")
    assert near["notes"] == ["No name is just this; the hits are only near to it."]
    drugs = answer("search", text="trastuzumab", kind="Drug", limit=2)["hits"]
    assert [one["kind"] for one in drugs] == ["drug", "drug"]
    nothing = answer("search", text="xyzzy")
    assert nothing["hits"] == []
    assert "unknown" in nothing["notes"][0]
    other = answer("search", text="Herceptin", kind="trial")
    assert other["hits"] == []
    assert "there are" in other["notes"][0]


def test_describe_says_who_states_it(answer: Callable[..., dict[str, Any]]) -> None:
    found = answer("describe", name="Herceptin", limit=1000)
    assert found["thing"]["name"] == "tzdrug:trastuzumab"
    assert found["checked"] == "seen"
    assert "tz:MonoclonalAntibody" in [kind["name"] for kind in found["kinds"]]
    said = {(one["property"]["name"], one["value"].get("name")): one for one in found["statements"]}
    assert said["tz:targets", "tztarget:her2"]["layers"] == ["predicted"]  # by its epitope
    assert said["skos:altLabel", None]["layers"] == ["reported"]
    graphs = {source["graph"]: source["layer"] for source in found["sources"]}
    assert graphs["https://w3id.org/tzgraph/graph/inferred"] == "predicted"
    for one in (*found["statements"], *found["referring"]):
        assert set(one["sources"]) <= set(graphs)
    part = answer("describe", name="Herceptin", limit=2)
    assert len(part["statements"]) == len(part["referring"]) == 2
    assert len(part["notes"]) == 2


def test_what_was_recalled_is_marked(answer: Callable[..., dict[str, Any]]) -> None:
    rows = answer(
        "query", sparql="SELECT ?x ?p { ?x tz:recalledProperty ?p FILTER(?p = tz:year) } LIMIT 1"
    )["rows"]
    found = answer("describe", name=rows[0]["x"]["name"], limit=1000)
    marked = [one["property"]["name"] for one in found["statements"] if one.get("recalled")]
    assert "tz:year" in marked


def test_a_query_is_answered_with_labels_layers_and_limits(
    answer: Callable[..., dict[str, Any]],
) -> None:
    found = answer("query", sparql="SELECT ?d { ?d tz:targets tztarget:her2 }", limit=3)
    assert found["columns"] == ["d"]
    assert len(found["rows"]) == 3
    assert found["more"]
    assert "first 3 rows" in found["notes"][0]
    assert {thing["iri"] for thing in found["things"]} == {r["d"]["iri"] for r in found["rows"]}
    assert all(thing["layers"] == ["reported"] for thing in found["things"])
    assert {thing["checked"] for thing in found["things"]} <= {"seen", "recalled"}
    assert found["properties"][0]["property"] == "tz:targets"
    assert "reported" in found["properties"][0]["layers"]
    everything = answer("query", sparql="SELECT (COUNT(?d) AS ?n) { ?d tz:targets tztarget:her2 }")
    assert not everything["more"]
    assert everything["rows"][0]["n"]["datatype"] == "xsd:integer"
    assert answer("query", sparql="ASK { tzdrug:trastuzumab tz:targets tztarget:her2 }")["boolean"]
    graph = answer("query", sparql="DESCRIBE tzdrug:trastuzumab", limit=5)
    assert graph["columns"] == ["subject", "predicate", "object"]
    assert len(graph["rows"]) == 5


def test_quoted_things_are_told_from_reported_ones(answer: Callable[..., dict[str, Any]]) -> None:
    found = answer("query", sparql="SELECT ?c { ?c a tz:Claim } LIMIT 3")
    assert {layer for thing in found["things"] for layer in thing["layers"]} == {"quoted"}


def test_under_no_rows_it_is_said_what_is_unknown(answer: Callable[..., dict[str, Any]]) -> None:
    found = answer("query", sparql="SELECT ?d { ?d tz:target tztarget:her2 }")
    assert found["rows"] == []
    assert "Line 1: tz:target occurs nowhere in this graph. Is tz:targets meant?" in found["notes"]
    assert any("doesn't say that it doesn't hold" in note for note in found["notes"])


def test_errors_say_where_and_what_is_meant(refusal: Callable[..., dict[str, Any]]) -> None:
    wrong = refusal("query", sparql="SELECT ?d {\n ?d tz:targets }")
    assert (wrong["line"], wrong["column"]) == (2, 16)
    assert wrong["type"].endswith("#query-syntax")
    unknown = refusal("describe", name="perjeto")
    assert unknown["suggestions"] == [
        {
            "iri": "https://w3id.org/tzgraph/id/drug/pertuzumab",
            "name": "tzdrug:pertuzumab",
            "label": "pertuzumab",
        }
    ]
    assert "trial-results" in refusal("library_query", name="trial-result")["detail"]
    value = refusal("library_query", name="trial-results", parameters={"trial": "togo"})
    assert value["parameters"] == ["trial"]
    missing = refusal("query")["detail"]
    assert "sparql: Field required" in missing
    assert "query takes sparql, limit" in missing
    assert "limit" in refusal("query", sparql="ASK {}", limit=1001)["detail"]
    assert "colour" in refusal("search", text="a", colour="red")["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { tz:a tz:b tz:c }",
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "LOAD <file:///etc/passwd>",
        "SELECT * { ?s ?p ?o",
        "\0",
        "SELECT * { " + "(" * 5000,
    ],
)
def test_what_may_not_be_asked_is_refused(
    refusal: Callable[..., dict[str, Any]], text: str
) -> None:
    assert refusal("query", sparql=text)["status"] == 400


def test_the_library_is_listed_and_run(answer: Callable[..., dict[str, Any]]) -> None:
    listed = answer("list_queries")["queries"]
    assert len(listed) > 40
    tagged = answer("list_queries", tag="trial")["queries"]
    assert 0 < len(tagged) < len(listed)
    assert "there are" in answer("list_queries", tag="xyzzy")["notes"][0]
    found = answer("library_query", name="trial-results", parameters={"trial": "ToGA"}, limit=2)
    assert found["rows"][0]["trial"]["text"] == "ToGA"
    assert found["more"]


def test_explanations_have_their_sources(
    answer: Callable[..., dict[str, Any]], refusal: Callable[..., dict[str, Any]]
) -> None:
    found = answer("explain", subject="Herceptin", predicate="tz:targets", object="tztarget:her2")
    assert (found["status"], found["layer"]) == ("inferred", "predicted")
    assert found["sources"]
    stated = answer("explain", subject="ToGA", predicate="tz:nctId", object='"NCT01041404"')
    assert (stated["status"], stated["layer"]) == ("asserted", "reported")
    assert stated["tree"]["origins"][0]["cell"].startswith("https://w3id.org/tzgraph/id/cell/")
    claim = answer("explain", subject="tzclaim:sun-c065", depth=1)
    assert claim["layer"] == "audited"
    assert claim["tree"]["comparison"]["verdict"] == "Contradicted"
    assert claim["tree"]["premises_left_out"]
    assert "premises" not in claim["tree"]
    assert "1 levels" in " ".join(claim["notes"])
    absent = answer(
        "explain", subject="tzdrug:cisplatin", predicate="tz:targets", object="tztarget:her2"
    )
    assert absent["status"] == "absent"
    assert "not that it doesn't hold" in absent["notes"][0] or absent["excluded"]
    both = refusal("explain", subject="trastuzumab", predicate="targets", object="HER2")
    assert len(both["suggestions"]) == 2


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        ({"value": "13.8", "arm": "trastuzumab", "unit": "months"}, "supported"),
        ({"value": 13.8}, "supported"),
        # Nobody states that all analyses are known.
        ({"value": "14.2", "arm": "trastuzumab"}, "unknown"),
        ({"value": "33", "arm": "tzarm:toga-trastuzumab"}, "contradicted"),
        # It may be that of an arm which the graph lacks.
        ({"value": "33"}, "unknown"),
        ({"value": "0.74", "kind": "hazard_ratio"}, "supported"),
        (
            {
                "value": "0.2",
                "kind": "hazard_ratio",
                "arm": "toga-trastuzumab",
                "reference_arm": "ToGA: chemotherapy",
            },
            "contradicted",
        ),
        ({"value": "not reached", "arm": "trastuzumab"}, "unknown"),
        ({"value": "13.8", "arm": "trastuzumab", "data_cutoff": "2031-01-01"}, "unknown"),
    ],
)
def test_figures_are_checked_by_the_rules_of_the_audit(
    answer: Callable[..., dict[str, Any]], figure: dict[str, Any], verdict: str
) -> None:
    found = answer("check_figure", trial="ToGA", endpoint="OS", **figure)
    assert found["verdict"] == verdict
    assert found["judgements"]
    assert found["reported"]
    if verdict == "supported":
        against = found["judgements"][0]["against"][0]
        assert against["text"].startswith(("13.8 months", "hazard ratio 0.74"))
        assert against["cells"]
        assert not against["recalled"]
    if verdict == "unknown":
        assert found["notes"]


def test_a_figure_of_which_nothing_is_reported_is_unknown(
    answer: Callable[..., dict[str, Any]],
) -> None:
    found = answer(
        "check_figure", trial="ToGA", endpoint="EFS", value="3", unit="month", arm="trastuzumab"
    )
    assert found["verdict"] == "unknown"
    assert found["reported"] == []
    assert "no report" in found["notes"][0]


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ({"value": "abc"}, "is no number"),
        ({"value": "1" * 30}, "is no number"),
        ({"value": "NaN"}, "is no number"),
        ({"value": ""}, "is no number"),
        ({"value": "13.8", "arm": "lapatinib"}, "names no arm"),
        ({"value": "13.8", "arm": "toga"}, "names each of 2 arms"),
        ({"value": "13.8", "reference_arm": "chemo"}, "of one arm"),
        ({"value": "<0.7", "kind": "hazard_ratio"}, "can't be given with <"),
        ({"value": "not reached", "kind": "p_value"}, "not reached"),
        ({"value": "13.8", "unit": "furlong"}, "unknown"),
        ({"value": "13.8", "endpoint": "OSS"}, "unknown"),
        ({"value": "13.8", "endpoint": "EFS"}, "unit"),
        ({"value": "13.8", "data_cutoff": "yesterday"}, "data_cutoff"),
        ({"value": True}, "value"),
    ],
)
def test_figures_that_cannot_be_read_are_told(
    refusal: Callable[..., dict[str, Any]], figure: dict[str, Any], said: str
) -> None:
    given = {"trial": "ToGA", "endpoint": "OS", **figure}
    assert said in refusal("check_figure", **given)["detail"]


def test_the_schema_is_what_the_release_counted(
    answer: Callable[..., dict[str, Any]], refusal: Callable[..., dict[str, Any]]
) -> None:
    whole = answer("schema")
    assert whole["prefixes"]["tz"] == "https://w3id.org/tzgraph/ontology#"
    assert {"tz:Drug", "tz:Trial"} <= {one["name"] for one in whole["classes"]}
    trial = answer("schema", class_name="trial")
    assert trial["classes"][0]["name"] == "tz:Trial"
    arm = next(one for one in trial["properties"] if one["property"]["name"] == "tz:hasArm")
    assert "tz:TrialArm" in [value["name"] for value in arm["values"]]
    assert arm["definition"]
    assert len(json.dumps(trial)) < 50_000
    assert "no owl:Class" in refusal("schema", class_name="HER2")["detail"]
    assert "No thing of this class" in answer("schema", class_name="tztarget:her2")["notes"][0]


def test_unknown_tools_and_resources_are_told(address: str) -> None:
    async def work(client: Client) -> None:
        with pytest.raises(MCPError, match="There is no tool “nix”; there are search"):
            await client.call_tool("nix", {})
        with pytest.raises(MCPError, match="there are tz://schema"):
            await client.read_resource("tz://nix")

    asked(address, work)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "evil.example"}, 421, "other-host"),
        ({"Host": "localhost.evil.example:80"}, 421, "other-host"),
        ({"Host": "["}, 400, ""),
        ({"Origin": "http://evil.example"}, 403, "other-origin"),
        ({"Origin": "null"}, 403, "other-origin"),
        ({"Origin": "http://localhost.evil.example"}, 403, "other-origin"),
    ],
)
def test_other_sites_are_refused(
    address: str, headers: dict[str, str], status: int, code: str
) -> None:
    found = httpx.post(address, json=_PING, headers={**_HEADERS, **headers})
    assert found.status_code == status
    assert "access-control-allow-origin" not in found.headers or status == 400
    if code:
        assert str(problem(found, status)["type"]).endswith("#" + code)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://localhost:3000"}, {"Host": "localhost:1"}, {"Host": "[::1]:8000"}],
)
def test_this_machine_may_ask(address: str, headers: dict[str, str]) -> None:
    found = httpx.post(address, json=_PING, headers={**_HEADERS, **headers})
    assert found.json()["result"] == {}
    assert "access-control-allow-origin" not in found.headers


def test_hosts_of_the_setting_may_ask(release: Release) -> None:
    limits = ServeSettings(mcp_hosts="graph.example.org")
    with serving(create_app(release, settings=limits)) as url:
        for named in ("graph.example.org", "GRAPH.example.org:443", "x"):
            status = 421 if named == "x" else 200
            headers = {**_HEADERS, "Host": named}
            assert httpx.post(f"{url}/mcp", json=_PING, headers=headers).status_code == status


def test_the_setting_names_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    from tzgraph.settings import from_environment

    monkeypatch.setenv("TZGRAPH_MCP_HOSTS", "A.example, b.example")
    assert from_environment(ServeSettings).mcp_host_names == ("a.example", "b.example")
    monkeypatch.setenv("TZGRAPH_MCP_HOSTS", "http://a.example/")
    with pytest.raises(UsageError, match="TZGRAPH_MCP_HOSTS must be names of hosts"):
        from_environment(ServeSettings)


@pytest.mark.parametrize(
    ("text", "host"),
    [("//a.example:80", "a.example"), ("http://[::1]", "::1"), ("", ""), ("null", ""), ("//[", "")],
)
def test_hosts_are_read(text: str, host: str) -> None:
    assert host_of(text) == host


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[" * 100_000, 400), (b'"a"', 400), (b" " * (2 << 20), 413)],
)
def test_what_is_no_message_is_refused(address: str, body: bytes, status: int) -> None:
    assert httpx.post(address, content=body, headers=_HEADERS).status_code == status


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_only_post_is_taken(address: str, method: str) -> None:
    found = httpx.request(method, address, headers=_HEADERS)
    assert found.status_code == 405
    assert found.headers["allow"] == "OPTIONS, POST"


def test_without_the_extra_one_error_names_it(
    release: Release, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tzgraph.serve.agents.protocol", None)
    told = problem(httpx.post(f"{url}/mcp", json=_PING, headers=_HEADERS), 404)
    assert "pip install 'tzgraph[mcp]'" in str(told["detail"])
    with pytest.raises(UsageError, match=r"pip install 'tzgraph\[mcp\]'"):
        serve_stdio(release.path)


@pytest.mark.skipif(not is_supported(), reason="only Linux can end a query")
def test_a_query_ends_at_its_deadline(shipped_dir: Path) -> None:
    limits = ServeSettings(queries=IsolationSettings(timeout_s=1))
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with serving(create_app(open_release(shipped_dir), settings=limits)) as url:
        since = time.monotonic()
        found = asked(f"{url}/mcp", lambda client: client.call_tool("query", {"sparql": slow}))
        assert found.is_error
        assert found.structured_content["type"].endswith("#deadline")
        assert time.monotonic() - since < 20


@pytest.fixture
def changing(tmp_path: Path) -> Path:
    publish(tmp_path, 1)
    return tmp_path


async def _told(client: Client, value: str) -> None:
    """Ask until the graph says a value, which it does soon."""
    until = time.monotonic() + 20
    while True:
        found = await client.call_tool("query", {"sparql": "SELECT ?v { ex:it ex:is ?v }"})
        if found.structured_content["rows"] == [{"v": {"text": value}}]:
            return
        assert time.monotonic() < until
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_a_new_release_is_seen_while_a_session_is_open(changing: Path, transport: str) -> None:
    async def work(client: Client) -> None:
        await _told(client, "1")
        publish(changing, 2)
        await _told(client, "2")

    if transport == "stdio":
        asked(over_stdio(changing), work)
        return
    limits = ServeSettings(watch_s=0.1)
    release = open_release(changing)
    with serving(create_app(release, settings=limits, directory=changing)) as url:
        asked(f"{url}/mcp", work)
