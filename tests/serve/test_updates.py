"""Updates over HTTP: who may, what they change, and that they last."""

from __future__ import annotations

import asyncio
import gc
import io
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serve.helpers import EX, problem, publish
from tests.serve.test_isolation import runaway
from tests.serve.test_operations import metrics
from tests.serve.writable import (
    BEARER,
    WRITES,
    server_process,
    update,
    values,
    writable,
)
from tzgraph.errors import UsageError
from tzgraph.export import export
from tzgraph.release import open_release
from tzgraph.release.carry_over import carry_over
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.updates import Updates, switching
from tzgraph.serve.app import create_app
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.server import serve
from tzgraph.serve.settings import ServeSettings

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")

ALL = "SELECT ?o { ?s ?p ?o }"
ADDED = "SELECT ?o { ex:new ex:is ?o }"


def insert(value: int) -> str:
    return f"INSERT DATA {{ ex:new ex:is {value} }}"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A folder with a release of one triple."""
    publish(tmp_path, 1)
    return tmp_path


# -- who may ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "challenge"),
    [
        (None, 'Bearer realm="tzgraph"'),
        ("Basic YTph", 'Bearer realm="tzgraph", error="invalid_token"'),
        ("Bearer", 'Bearer realm="tzgraph", error="invalid_token"'),
        ("Bearer a-token.for~test", 'Bearer realm="tzgraph", error="invalid_token"'),
        ("Bearer \u00e9", 'Bearer realm="tzgraph", error="invalid_token"'),
    ],
)
def test_who_does_not_show_the_token_may_not_write(
    writer: httpx.Client, shown: str | None, challenge: str
) -> None:
    headers = {} if shown is None else {b"Authorization": shown.encode()}
    for method, path in (("POST", "/update"), ("PUT", "/graphs?default"), ("DELETE", "/graphs/x")):
        response = httpx.request(method, f"{writer.base_url}{path}", headers=headers, content=b"x")
        assert problem(response, 401)["type"].__str__().endswith("#unauthorized")
        basic = 'Basic realm="tzgraph", charset="UTF-8"'
        assert response.headers["www-authenticate"] == f"{challenge}, {basic}"
    assert values(writer, ALL) == ["1"]


def test_nobody_may_write_where_there_is_no_token(url: str) -> None:
    for method, path in (("POST", "/update"), ("PUT", "/graphs?default"), ("POST", "/graphs")):
        response = httpx.request(method, f"{url}{path}", headers=BEARER, content=b"x")
        assert "TZGRAPH_TOKEN" in str(problem(response, 403)["detail"])


def test_updates_need_a_folder_that_can_be_written_to(directory: Path) -> None:
    """Said at the start, not in an error for each update."""
    (directory / "updates").write_text("in the way", encoding="ascii")
    with pytest.raises(UsageError, match=f"{directory}/updates.*TZGRAPH_TOKEN"):
        serve(directory, port=0, settings=ServeSettings(writes=WRITES))


def test_a_server_that_can_not_keep_updates_does_not_start(directory: Path) -> None:
    with pytest.raises(UsageError, match="release folder"):
        create_app(open_release(directory), settings=ServeSettings(writes=WRITES))


# -- what is sent ----------------------------------------------------------------------------


def test_an_update_is_seen_by_whoever_asks_next(directory: Path) -> None:
    with writable(directory) as client:
        for value in range(5):
            update(client, insert(value))
            assert values(client, ADDED) == [str(n) for n in range(value + 1)]
        posted = client.post(
            "/update",
            content="DELETE WHERE { ex:new ?p ?o } ; INSERT DATA { ex:new ex:is '\u00e9' }",
            headers={"Content-Type": "application/sparql-update; charset=utf-8"},
        )
        assert posted.status_code == 204
        assert posted.headers["cache-control"] == "no-store"
        assert values(client, ADDED) == ["\u00e9"]


def test_a_new_state_has_other_tags(directory: Path) -> None:
    with writable(directory) as client:
        before = client.get("/sparql", params={"query": ALL})
        update(client, insert(7))
        tag = {"If-None-Match": before.headers["etag"]}
        after = client.get("/sparql", params={"query": ALL}, headers=tag)
        assert after.status_code == 200
        assert after.headers["etag"] != before.headers["etag"]


def test_an_update_for_one_state(directory: Path) -> None:
    """If-Match and If-None-Match name states, and nothing changes on any other one."""
    with writable(directory) as client:

        def send(value: int, status: int, **conditions: str) -> str:
            headers = {name.replace("_", "-"): tag for name, tag in conditions.items()}
            response = client.post("/update", data={"update": insert(value)}, headers=headers)
            assert response.status_code == status, response.text
            if status == 412:
                assert str(problem(response, 412)["type"]).endswith("#precondition-failed")
            return str(response.headers.get("etag", ""))

        built = f'"{client.get("/healthz").json()["state"]}"'
        first = send(11, 204, If_Match=built)
        assert first == f'"{client.get("/healthz").json()["state"]}"' != built
        send(12, 412, If_Match=built)
        send(12, 412, If_Match='"zz"')
        send(12, 412, If_Match="zz")
        send(12, 412, If_Match=f"W/{first}")
        send(12, 412, If_None_Match=f'"zz", W/{first}')
        send(12, 412, If_None_Match="*")
        assert "12" not in values(client, ADDED)
        second = send(13, 204, If_Match=f'"zz", {first}')
        third = send(14, 204, If_Match="*", If_None_Match=f"{first}, {built}")
        assert len({built, first, second, third}) == 4
        assert {"11", "13", "14"} <= set(values(client, ADDED))


def test_of_many_updates_for_one_state_one_is_carried_out(directory: Path) -> None:
    """Though they wait together, and are published together."""
    with writable(directory) as client, ThreadPoolExecutor(12) as pool:
        state = f'"{client.get("/healthz").json()["state"]}"'

        def send(value: int) -> int:
            data, headers = {"update": insert(value)}, {"If-Match": state}
            return client.post("/update", data=data, headers=headers).status_code

        assert sorted(pool.map(send, range(500, 512))) == [204] + [412] * 11
        assert len([value for value in values(client, ADDED) if value >= "500"]) == 1


def test_health_tells_what_is_served(directory: Path) -> None:
    with writable(directory) as client:
        before = client.get("/healthz").json()
        assert before["state"] == before["release"]
        assert (before["updates"], before["triples"]) == (0, before["triples_as_built"])
        update(client, insert(15))
        after = client.get("/healthz").json()
        assert after["state"].startswith(f"{before['release']}.1-")
        assert after == {
            **{name: before[name] for name in ("status", "release", "triples_as_built")},
            **{"state": after["state"], "updates": 1, "triples": before["triples"] + 1},
        }


def test_graphs_named_by_the_request_are_those_of_where(directory: Path) -> None:
    with writable(directory) as client:
        update(client, "INSERT DATA { GRAPH ex:g { ex:a ex:is 5 } GRAPH ex:h { ex:a ex:is 6 } }")
        copy = "INSERT { ex:copy ex:is ?o } WHERE { ?s ?p ?o }"
        response = client.post("/update", data={"update": copy, "using-graph-uri": EX + "g"})
        assert response.status_code == 204
        assert values(client, "SELECT ?o { ex:copy ex:is ?o }") == ["5"]
        named = "INSERT { ex:other ex:is ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"
        client.post("/update", data={"update": named, "using-named-graph-uri": EX + "h"})
        assert values(client, "SELECT ?o { ex:other ex:is ?o }") == ["6"]
        shorthand = {"update": "DELETE WHERE { ?s ?p ?o }", "using-graph-uri": EX + "h"}
        assert client.post("/update", data=shorthand).status_code == 204
        twice = {"update": f"WITH ex:g {copy}", "using-graph-uri": EX + "h"}
        assert "WITH" in str(problem(client.post("/update", data=twice), 400)["detail"])
        wrong = {"update": copy, "using-graph-uri": "no iri"}
        problem(client.post("/update", data=wrong), 400)


@pytest.mark.parametrize(
    ("content", "media_type", "status", "says"),
    [
        (b"update=CLEAR+ALL&update=CLEAR+ALL", "application/x-www-form-urlencoded", 400, "2"),
        (b"", "application/x-www-form-urlencoded", 400, "no"),
        (b"update=CLEAR+ALL&query=ASK{}", "application/x-www-form-urlencoded", 400, "/sparql"),
        (b"CLEAR ALL", "text/plain", 415, "application/sparql-update"),
        (b"CLEAR ALL", "", 415, "nothing"),
        (b"CLEAR ALL \xff", "application/sparql-update", 400, "UTF-8"),
        (b"CLEAR ALL", "application/sparql-update; charset=klingon", 415, "UTF-8"),
        (b"SELECT * {}", "application/sparql-update", 400, "column 1"),
        (b"CLEAR ALL ; x", "application/sparql-update", 400, "column 13"),
        (b"LOAD <http://example.org/>", "application/sparql-update", 400, "LOAD"),
        (b"INSERT {} WHERE { SERVICE ?s {} }", "application/sparql-update", 400, "SERVICE"),
        (b"INSERT {} WHERE " + b"{" * 500, "application/sparql-update", 400, "brackets"),
        (b"CREATE GRAPH <x:g> ; CREATE GRAPH <x:g>", "application/sparql-update", 400, ""),
        (bytes(range(256)), "application/sparql-update", 400, ""),
        (b'INSERT DATA { <x:a> <x:b> "\\uD800" }', "application/sparql-update", 400, ""),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong_and_changes_nothing(
    writer: httpx.Client, content: bytes, media_type: str, status: int, says: str
) -> None:
    response = writer.post("/update", content=content, headers={"Content-Type": media_type})
    assert says in str(problem(response, status)["detail"])
    assert values(writer, ALL) == ["1"]


def test_too_much_is_refused(directory: Path) -> None:
    with writable(directory, replace(WRITES, max_body_bytes=100)) as client:
        headers = {"Content-Type": "application/sparql-update"}
        response = client.post("/update", content=insert(1) + " " * 100, headers=headers)
        problem(response, 413)


def test_only_post_updates(writer: httpx.Client) -> None:
    response = writer.get("/update", params={"update": "CLEAR ALL"})
    problem(response, 405)
    assert response.headers["allow"] == "OPTIONS, POST"


# -- that they last, or leave no trace -------------------------------------------------------


def test_an_acknowledged_update_survives_the_death_of_every_process(directory: Path) -> None:
    with (
        server_process(directory) as server,
        httpx.Client(base_url=server.url, headers=BEARER, timeout=30) as client,
    ):
        for value in range(3):
            update(client, insert(value))
        server.kill()
    with writable(directory) as client:
        assert values(client, ADDED) == ["0", "1", "2"]
        update(client, insert(3))
        assert values(client, ADDED) == ["0", "1", "2", "3"]


def digits(number: int) -> str:
    return " ".join(f"VALUES ?d{i} {{ 0 1 2 3 4 5 6 7 8 9 }}" for i in range(number))


ENDLESS = f"?n }} WHERE {{ {{ SELECT (COUNT(*) AS ?n) {{ {digits(9)} }} }} }}"
HUGE = (
    f'?t }} WHERE {{ {digits(7)} BIND(CONCAT("a long text, so that they fill the memory ",'
    " STR(?d0), STR(?d1), STR(?d2), STR(?d3), STR(?d4), STR(?d5), STR(?d6)) AS ?t) }"
)


@pytest.mark.parametrize(
    ("text", "limits", "status", "setting"),
    [
        (ENDLESS, {"timeout_s": 5}, 504, "TZGRAPH_QUERY_TIMEOUT"),
        (HUGE, {"memory_mb": 64, "timeout_s": 60}, 507, "TZGRAPH_UPDATE_MEMORY"),
    ],
    ids=["time", "memory"],
)
def test_an_update_that_takes_too_much_leaves_no_trace(
    directory: Path, text: str, limits: dict[str, Any], status: int, setting: str
) -> None:
    with writable(directory, replace(WRITES, **limits)) as client:
        response = update(client, f"{insert(1)} ; INSERT {{ ex:new ex:is {text}", status)
        assert setting in str(problem(response, status)["detail"])
        assert values(client, ALL) == ["1"]
        update(client, insert(2))
        assert values(client, ADDED) == ["2"]


def test_updates_that_come_together_are_all_kept_but_those_that_fail(directory: Path) -> None:
    texts = [insert(n) if n % 7 else "INSERT DATA { nonsense" for n in range(60)]
    with writable(directory) as client, ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda t: client.post("/update", data={"update": t}), texts))
        assert [a.status_code for a in answers] == [204 if n % 7 else 400 for n in range(60)]
        assert values(client, ADDED) == sorted(str(n) for n in range(60) if n % 7)


def test_one_server_writes(directory: Path) -> None:
    with writable(directory) as first:
        update(first, insert(1))
        updates = Updates(directory, open_release(directory).manifest.id)
        with pytest.raises(Exception, match="Another process writes"), updates.writing(0.1):
            pass
        update(first, insert(2))


def test_states_that_nobody_needs_are_removed(directory: Path) -> None:
    held = None
    with writable(directory) as client:
        update(client, insert(0))
        held = open_release(directory)
        states = Updates(directory, held.manifest.id).folder / "states"
        for value in range(1, 8):
            update(client, insert(value))
        # A reader that has just moved on to the next state may still have held the one before it.
        for value in range(8, 100):
            update(client, insert(value))
            if len(list(states.iterdir())) <= 4:
                break
    left = {path.name for path in states.iterdir()}
    assert {held.state, open_release(directory).state} <= left
    assert len(left) <= 4
    assert [str(quad.object) for quad in held.store()].count(
        '"0"^^<http://www.w3.org/2001/XMLSchema#integer>'
    )


def test_what_the_engine_notes_of_changes_does_not_grow_without_an_end(directory: Path) -> None:
    """Each update adds some kilobytes to its manifest, and each state has a copy of it."""
    largest = 0
    with writable(directory) as client:
        for value in range(400):
            update(client, insert(value))
            release = open_release(directory)
            updates = Updates(directory, release.manifest.id)
            now = updates.manifest_bytes(release.state)
            if now < largest:
                break
            largest = now
        assert now < largest < 256 * 1024 + 50_000
        update(client, insert(400))
        assert values(client, ADDED) == sorted(str(n) for n in [*range(value + 1), 400])


def test_states_are_let_go_of_before_they_are_garbage(directory: Path) -> None:
    gc.disable()
    try:
        with writable(directory) as client:
            for value in range(30):
                update(client, insert(value))
                client.get("/sparql", params={"query": f"SELECT * {{ ?s ?p {value} }}"})
                client.get("/id/none/such")
            states = Updates(directory, open_release(directory).manifest.id).folder / "states"
            assert len(list(states.iterdir())) <= 3
    finally:
        gc.enable()


def test_workers_are_replaced_when_the_first_state_is_gone(directory: Path) -> None:
    """Those that read from disk outlive the state that the server began with."""
    with writable(directory) as client:
        update(client, insert(0))
    with writable(directory) as client:
        for value in range(1, 5):
            update(client, insert(value))
        for _ in range(4):  # who leaves has the worker killed
            with pytest.raises(httpx.ReadTimeout):
                client.get("/sparql", params={"query": runaway()}, timeout=0.3)
        assert values(client, ADDED) == ["0", "1", "2", "3", "4"]


def test_the_graph_goes_back_to_memory(directory: Path) -> None:
    with writable(directory, replace(WRITES, reload_delay_s=0.1)) as client:
        for value in range(2):
            update(client, insert(value))
            until = time.monotonic() + 20
            while "tzgraph_graph_in_memory 1" not in client.get("/metrics").text:
                assert time.monotonic() < until
                time.sleep(0.05)
            assert values(client, ADDED) == [str(n) for n in range(value + 1)]


# -- exports and builds ----------------------------------------------------------------------


def test_an_export_has_what_updates_changed(directory: Path) -> None:
    with writable(directory) as client:
        update(client, "INSERT DATA { GRAPH ex:later { ex:new ex:is 2 } } ; CLEAR DEFAULT")
        text = client.get("/sparql", params={"query": "ASK { GRAPH ex:later { ?s ?p ?o } }"}).text
        assert "true" in text
    release = open_release(directory)
    for name in ("nquads", "trig", "jsonld"):
        out = io.BytesIO()
        export(release, name, out)
        assert b"later" in out.getvalue()
    triples, graph = io.BytesIO(), io.BytesIO()
    export(release, "ntriples", triples)
    assert triples.getvalue() == b""
    export(release, "ntriples", graph, graph=EX + "later")
    assert graph.getvalue().startswith(f"<{EX}new> <{EX}is>".encode())


def build_on(directory: Path, value: int, *, drop: bool = False) -> None:
    """Publish another release as a build does, with what updates changed."""
    before = ReleaseLayout(directory).current_id()
    new = publish(directory / "aside", value)
    layout = ReleaseLayout(directory)
    with layout.locked():
        work = layout.start_work()
        new.path.rename(work / "release")
        layout.adopt(work / "release", new.manifest.id, intact=lambda _: True)
        with switching(directory):
            if before and not drop:
                carry_over(directory, before, new.manifest.id, work)
            layout.switch(new.manifest.id)
        layout.prune(new.manifest.id, before)


def test_a_build_takes_over_what_updates_changed(directory: Path) -> None:
    with writable(directory) as client:
        update(client, f"{insert(5)} ; DELETE DATA {{ ex:it ex:is '1' }}")
        build_on(directory, 2)
        until = time.monotonic() + 20
        while values(client, ALL) != ["2", "5"]:
            assert time.monotonic() < until
            time.sleep(0.05)
        update(client, insert(6))
        assert values(client, ALL) == ["2", "5", "6"]
        # Release 2 did not say "1", as the update wanted; it is done with, and "1" can come back.
        build_on(directory, 1)
        update(client, insert(7))
        assert values(client, ALL) == ["1", "5", "6", "7"]


def test_an_update_that_meets_a_build_is_made_on_the_new_release(directory: Path) -> None:
    with writable(directory, watch=0) as client:
        update(client, insert(5))
        build_on(directory, 3)
        update(client, insert(6))
        assert values(client, ALL) == ["3", "5", "6"]


def test_updates_are_left_behind_only_when_that_is_asked_for(directory: Path) -> None:
    with writable(directory) as client:
        update(client, insert(5))
    build_on(directory, 2, drop=True)
    with writable(directory) as client:
        assert values(client, ALL) == ["2"]
    build_on(directory, 1)  # the states of this release's earlier days don't come back
    with writable(directory) as client:
        assert values(client, ALL) == ["1"]


def test_updates_dropped_under_a_server_are_gone_there_too(directory: Path) -> None:
    with writable(directory) as client:
        update(client, insert(5))
        with switching(directory):
            Updates(directory, open_release(directory).manifest.id).drop()
        until = time.monotonic() + 20
        while values(client, ALL) != ["1"]:
            assert time.monotonic() < until
            time.sleep(0.05)
        update(client, insert(6))
        assert values(client, ALL) == ["1", "6"]


def test_a_server_without_a_token_shows_what_another_one_changes(directory: Path) -> None:
    with (
        writable(directory) as writer,
        writable(directory, replace(WRITES, token="")) as reader,
    ):
        update(writer, insert(5))
        until = time.monotonic() + 20
        while values(reader, ALL) != ["1", "5"]:
            assert time.monotonic() < until
            time.sleep(0.05)
        problem(reader.post("/update", data={"update": insert(6)}), 403)


def test_who_leaves_does_not_stop_an_update(directory: Path) -> None:
    async def leave(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, headers=BEARER) as client:
            sending = asyncio.ensure_future(client.post("/update", data={"update": insert(5)}))
            await asyncio.sleep(0.005)
            sending.cancel()

    with writable(directory) as client:
        asyncio.run(leave(str(client.base_url)))
        update(client, insert(6))
        assert values(client, ADDED) in (["5", "6"], ["6"])


# -- what is said of it ----------------------------------------------------------------------


def test_openapi_has_the_routes_that_write(writer: httpx.Client, url: str) -> None:
    document = writer.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert set(document["paths"]["/graphs"]) == {"get", "put", "post", "delete"}
    taken = document["paths"]["/update"]["post"]["requestBody"]["content"]
    for media_type in taken:
        response = writer.post("/update", content=b"", headers={"Content-Type": media_type})
        assert response.status_code in (204, 400)
    for operation in (document["paths"]["/update"]["post"], document["paths"]["/graphs"]["put"]):
        assert operation["security"] == [{"bearer": []}, {"basic": []}]
    closed = httpx.get(f"{url}/openapi.json").json()
    assert set(closed["paths"]["/graphs"]) == {"get"}
    assert "/update" not in closed["paths"]


def test_updates_are_counted(directory: Path) -> None:
    with writable(directory) as client:
        update(client, insert(1))
        update(client, "CREATE GRAPH <x:g> ; CREATE GRAPH <x:g>", 400)
        update(client, "nonsense", 400)
        assert client.delete("/graphs", params={"graph": "x:none"}).status_code == 404
        said = metrics(client)
        assert said['tzgraph_updates_total{outcome="ok"}'] == 1
        assert said['tzgraph_updates_total{outcome="query-syntax"}'] == 1
        assert said['tzgraph_updates_total{outcome="no-graph"}'] == 1
        assert sum(v for k, v in said.items() if k.startswith("tzgraph_updates_total")) == 4
        assert said["tzgraph_updates_seconds_total"] > 0
        assert said["tzgraph_updates_waiting"] == 0
