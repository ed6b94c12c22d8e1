"""Queries that call other endpoints, on a graph that updates have changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serve.helpers import EX, problem, publish, serving, wait_until
from tests.serve.test_federation import Stub, replying, rows, stubbing
from tests.serve.writable import BEARER, TOKEN, update, values
from tzgraph.release import open_release
from tzgraph.serve.app import create_app
from tzgraph.serve.federation import read_endpoints
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.settings import Federation, IsolationSettings, ServeSettings, WriteSettings

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")

#: Seconds after which the state is loaded into memory; 0 for never.
SETTLES = {"disk": 0.0, "memory": 0.05}


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with stubbing() as one:
        one.answer = replying(rows(EX + "here", EX + "there"))
        yield one


@pytest.fixture(params=SETTLES)
def settles(request: pytest.FixtureRequest) -> float:
    """Seconds after which a state is loaded into memory."""
    return SETTLES[request.param]


@pytest.fixture
def client(settles: float, tmp_path: Path, stub: Stub) -> Iterator[httpx.Client]:
    """A server that takes updates and may call the stub."""
    publish(tmp_path, 1)
    federation = Federation(read_endpoints(stub.url), True, 1_000_000, 4)
    settings = ServeSettings(
        queries=IsolationSettings(workers=1, timeout_s=20, federation=federation),
        writes=WriteSettings(token=TOKEN, timeout_s=20, reload_delay_s=settles),
        watch_s=0.05,
    )
    app = create_app(open_release(tmp_path), settings=settings, directory=tmp_path)
    with (
        serving(app) as url,
        httpx.Client(base_url=url, timeout=60, headers={"Accept": "*/*", **BEARER}) as one,
    ):
        yield one


def test_a_join_sees_what_an_update_changed(
    client: httpx.Client, stub: Stub, settles: float
) -> None:
    """At once from the disk, and from memory when it has been quiet for a while."""
    joined = f"SELECT ?o {{ ?s ex:knows ?o . SERVICE <{stub.url}> {{ ?x ex:q ?o }} }}"
    assert values(client, joined) == []
    update(client, "INSERT DATA { ex:a ex:knows ex:here, ex:nobody }")
    assert values(client, joined) == [EX + "here"]
    # The next one has a state of its own, and a worker of its own.
    update(client, "INSERT DATA { ex:a ex:knows ex:there }")
    assert values(client, joined) == [EX + "here", EX + "there"]
    if settles:
        wait_until(lambda: "tzgraph_graph_in_memory 1" in client.get("/metrics").text)
        assert values(client, joined) == [EX + "here", EX + "there"]
    update(client, "DELETE DATA { ex:a ex:knows ex:here }")
    assert values(client, joined) == [EX + "there"]
    answer = client.get("/sparql", params={"query": joined})
    assert "etag" not in answer.headers


def test_an_update_calls_nobody(client: httpx.Client, stub: Stub) -> None:
    """Also not an endpoint that queries may call."""
    stub.asked.clear()
    text = f"INSERT {{ ex:b ex:is ?o }} WHERE {{ SERVICE <{stub.url}> {{ ?x ex:q ?o }} }}"
    refused = problem(update(client, text, status=400), 400)
    assert str(refused["type"]).endswith("#federation-denied")
    other = "SELECT ?o { SERVICE <http://127.0.0.1:9/> { ?x ex:q ?o } }"
    update(client, "INSERT DATA { ex:b ex:is 1 }")
    problem(client.get("/sparql", params={"query": other}), 400)
    assert stub.asked == []
