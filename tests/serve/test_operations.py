"""Health, metrics, logs, request ids, and the end of the server."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serve.conftest import LIBRARY
from tests.serve.helpers import problem, serving
from tests.serve.test_headers import SELECT, numbers
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.engine.base import Answer, EngineStatus, QueryRequest
from tzgraph.serve.engine.threads import InProcessEngine
from tzgraph.serve.observe.logs import LineWriter
from tzgraph.serve.settings import IsolationSettings, LogSettings, ServeSettings

METRIC = re.compile(r"^([a-z_]+)(\{(?:[a-z_]+=\"(?:[^\"\\]|\\.)*\",?)*\})? (-?[0-9.e+-]+)$")


@contextmanager
def logged(release: Release, **settings: Any) -> Iterator[tuple[httpx.Client, io.StringIO]]:
    """A server and what it logs."""
    stream = io.StringIO()
    writer = LineWriter(stream)
    limits = ServeSettings(**settings)
    app = create_app(release, settings=limits, library=LIBRARY, log=writer)
    with serving(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client, stream
    writer.close()


def lines(stream: io.StringIO, kind: str, count: int) -> list[dict[str, Any]]:
    """The lines of a kind, when there are as many as expected."""
    for _ in range(200):
        written = [json.loads(line) for line in stream.getvalue().splitlines()]
        found = [line for line in written if line["log"] == kind]
        if len(found) >= count:
            break
        time.sleep(0.01)
    assert len(found) == count, written
    return found


def metrics(client: httpx.Client) -> dict[str, float]:
    """The metrics by name and labels; each line has to be well-formed."""
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {}
    typed = set()
    for line in response.text.splitlines():
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        elif not line.startswith("# HELP "):
            match = METRIC.match(line)
            assert match is not None, line
            assert re.sub(r"_(bucket|sum|count)$", "", match[1]) in typed | {match[1]} & typed
            found[match[1] + (match[2] or "")] = float(match[3])
    return found


def test_health(client: httpx.Client, release: Release) -> None:
    assert client.get("/healthz").json()["release"] == release.manifest.id
    assert client.get("/healthz/live").json() == {"status": "live"}
    assert client.get("/healthz/ready").json() == {"status": "ready"}
    assert client.head("/healthz/ready").status_code == 200


def test_not_ready_without_workers(release: Release) -> None:
    class Empty(InProcessEngine):
        def status(self) -> EngineStatus:
            return EngineStatus(0, 0)

    engine = Empty(release.store(), {}, timeout_s=30)
    app = create_app(release, engine=lambda *_: engine, library=LIBRARY)
    with serving(app) as address:
        response = httpx.get(f"{address}/healthz/ready")
        problem(response, 503)
        assert response.headers["retry-after"]
        assert httpx.get(f"{address}/healthz/live").status_code == 200


def test_metrics_count_requests_by_route_and_outcome(release: Release) -> None:
    with logged(release) as (client, _):
        for query in (SELECT, SELECT, "SELEC"):
            client.get("/sparql", params={"query": query})
        client.get("/nowhere/at/all")
        tag = client.get("/sparql", params={"query": SELECT}).headers["etag"]
        client.get("/sparql", params={"query": SELECT}, headers={"If-None-Match": tag})
        found = metrics(client)
    name = "tzgraph_request_duration_seconds"
    assert found[f'{name}_count{{outcome="ok",route="/sparql"}}'] == 3
    assert found[f'{name}_bucket{{le="+Inf",outcome="ok",route="/sparql"}}'] == 3
    assert found[f'{name}_sum{{outcome="ok",route="/sparql"}}'] > 0
    assert found[f'{name}_count{{outcome="query-syntax",route="/sparql"}}'] == 1
    assert found[f'{name}_count{{outcome="not-modified",route="/sparql"}}'] == 1
    assert found[f'{name}_count{{outcome="http",route="other"}}'] == 1
    assert found['tzgraph_cache_hits_total{layer="answer"}'] == 3
    assert found['tzgraph_workers{state="idle"}'] >= 1
    assert found["tzgraph_queue_length"] == 0
    assert found["tzgraph_requests_running"] == 1
    assert found["tzgraph_release_triples"] == release.manifest.triples
    info = f'tzgraph_release_info{{release="{release.manifest.id}",version="0.1"}}'
    assert found[info] == 1


def test_metrics_count_kills_by_cause(release: Release) -> None:
    queries = IsolationSettings(timeout_s=0.5, workers=1)
    with logged(release, queries=queries) as (client, _):
        response = client.get(
            "/sparql", params={"query": numbers(9).replace("*", "(COUNT(*) AS ?n)", 1)}
        )
        problem(response, 504)
        found = metrics(client)
    assert found['tzgraph_worker_kills_total{cause="deadline"}'] == 1
    assert found['tzgraph_request_duration_seconds_count{outcome="deadline",route="/sparql"}'] == 1


def test_access_log(release: Release) -> None:
    """One line a request, with all that is promised and no text of a query."""
    with logged(release) as (client, stream):
        given = {"X-Request-Id": "my-id"}
        answer = client.get("/sparql", params={"query": SELECT}, headers=given)
        client.post("/sparql", data={"query": "SELEC secret"})
        one, two = lines(stream, "access", 2)
    assert one["id"] == "my-id" == answer.headers["x-request-id"]
    assert (one["method"], one["route"], one["path"]) == ("GET", "/sparql", "/sparql")
    assert (one["status"], one["outcome"]) == (200, "ok")
    assert one["bytes"] == len(answer.content)
    assert one["client"] == "127.0.0.1"
    assert 0 < one["ms"] < 60_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"])
    assert (two["status"], two["outcome"]) == (400, "query-syntax")
    assert "secret" not in stream.getvalue()
    assert "SELECT" not in stream.getvalue()


def test_clients_that_leave_are_logged(release: Release) -> None:
    with logged(release) as (client, stream):
        with client.stream("GET", "/sparql", params={"query": numbers(9)}) as response:
            next(response.iter_raw())
        (line,) = lines(stream, "access", 1)
    assert line["outcome"] == "client-left"


def test_queries_are_logged_when_asked_for(release: Release) -> None:
    logs = LogSettings(queries=True, slow_s=1e-9)
    with logged(release, logs=logs) as (client, stream):
        client.get("/sparql", params={"query": SELECT})
        assert lines(stream, "access", 1)[0]["query"] == SELECT
        assert lines(stream, "slow", 1)[0]["query"] == SELECT


def test_slow_queries(release: Release) -> None:
    """They are logged with a hash to find them by, and without their text."""
    logs = LogSettings(access=False, slow_s=0.05)
    with logged(release, logs=logs, cache_bytes=0) as (client, stream):
        client.get("/healthz/live")
        slow = numbers(6).replace("*", "(COUNT(DISTINCT *) AS ?n)", 1)
        client.get("/sparql", params={"query": slow})
        (line,) = lines(stream, "slow", 1)
        assert line["ms"] >= 50
        assert re.fullmatch("[0-9a-f]{64}", line["query_sha256"])
        assert line["release"] == release.manifest.id
        assert "query" not in line
        assert lines(stream, "access", 0) == []


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "é", 'a"b', "<script>"])
def test_bad_request_ids_are_replaced(client: httpx.Client, given: str) -> None:
    headers = {"X-Request-Id": given.encode()}
    answer = client.get("/healthz", headers=headers)  # type: ignore[arg-type]
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    other = client.get("/healthz", headers=headers)  # type: ignore[arg-type]
    assert other.headers["x-request-id"] != answer.headers["x-request-id"]


def test_an_internal_error_is_a_problem_with_all_headers(release: Release) -> None:
    class Failing(InProcessEngine):
        async def query(self, request: QueryRequest) -> Answer:
            raise ZeroDivisionError(f"secret {request}")

    engine = Failing(release.store(), {}, timeout_s=30)
    stream = io.StringIO()
    writer = LineWriter(stream)
    app = create_app(release, engine=lambda *_: engine, library=LIBRARY, log=writer)
    with serving(app) as address:
        answer = httpx.get(f"{address}/sparql?query=ASK{{}}", headers={"Accept": "*/*"})
        document = problem(answer, 500)
        assert "secret" not in str(document)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert lines(stream, "access", 1)[0]["outcome"] == "internal-error"
    writer.close()


def test_nobody_reads_the_log() -> None:
    """Lines are dropped and counted, and nobody waits for them."""
    read, write = os.pipe()
    stream = os.fdopen(write, "w")
    writer = LineWriter(stream)
    for number in range(30_000):
        writer.write("access", number=number, filling="x" * 100)
    assert writer.dropped > 1_000
    os.close(read)  # who writes is told so
    writer.close()
    with suppress(OSError):
        stream.close()


@pytest.fixture
def started(shipped_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server as people start it, with its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tzgraph", "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--dir", str(shipped_dir)], stderr=subprocess.PIPE, text=True
    )
    with process:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            with suppress(httpx.HTTPError):
                httpx.get(f"{address}/healthz/ready")
                break
            time.sleep(0.1)
        yield process, address
        if process.poll() is None:
            process.kill()


def test_running_requests_end_before_the_server_does(
    started: tuple[subprocess.Popen[str], str],
) -> None:
    """A result that is on its way when the server is told to stop arrives whole."""
    process, address = started

    async def ask() -> int:
        query = "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 100000"
        rows = 0
        async with (
            httpx.AsyncClient(timeout=60) as client,
            client.stream(
                "GET",
                f"{address}/sparql",
                params={"query": query},
                headers={"Accept": "text/tab-separated-values"},
            ) as response,
        ):
            async for chunk in response.aiter_bytes():
                if not rows:
                    process.send_signal(signal.SIGTERM)
                    await asyncio.sleep(0.5)
                rows += chunk.count(b"\n")
        return rows

    assert asyncio.run(ask()) == 100_001
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/healthz")
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    written = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    assert [line["outcome"] for line in written if line["route"] == "/sparql"] == ["ok"]
