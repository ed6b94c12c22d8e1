"""Servers that take updates, for tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.serve.helpers import serving
from tzgraph.release import open_release
from tzgraph.serve.app import create_app
from tzgraph.serve.settings import IsolationSettings, ServeSettings, WriteSettings

TOKEN = "a-token.for~tests"
WRITES = WriteSettings(token=TOKEN, timeout_s=20, reload_delay_s=0)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@contextmanager
def writable(
    directory: Path,
    writes: WriteSettings = WRITES,
    *,
    watch: float = 0.05,
) -> Iterator[httpx.Client]:
    """A client of a server that takes updates, with the token."""
    settings = ServeSettings(watch_s=watch, queries=IsolationSettings(workers=1), writes=writes)
    app = create_app(open_release(directory), settings=settings, directory=directory)
    headers = {"Accept": "*/*", **BEARER}
    with (
        serving(app) as url,
        httpx.Client(base_url=url, timeout=60, headers=headers) as client,
    ):
        yield client


@dataclass
class Process:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    url: str

    def kill(self) -> None:
        """Kill it and all processes that it has started, with nothing to clean up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def server_process(directory: Path) -> Iterator[Process]:
    """Run ``tzgraph serve`` with a token."""
    command = [sys.executable, "-m", "tzgraph", "serve", "--dir", str(directory), "--port", "0"]
    environment = {**os.environ, "TZGRAPH_TOKEN": TOKEN, "TZGRAPH_ACCESS_LOG": "0"}
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    assert process.stderr is not None
    url = ""
    for line in process.stderr:
        if line.startswith("http://"):
            url = line.split("/ ")[0]
            break
    until = time.monotonic() + 30
    while True:
        with suppress(httpx.TransportError):
            httpx.get(f"{url}/healthz/live").raise_for_status()
            break
        assert time.monotonic() < until
        time.sleep(0.05)
    try:
        yield Process(process, url)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def update(client: httpx.Client, text: str, status: int = 204) -> httpx.Response:
    """Send an update, and check how it is answered."""
    response = client.post("/update", data={"update": text})
    assert response.status_code == status, response.text
    return response


def values(client: httpx.Client, query: str) -> list[str]:
    """Give the first column of a query's result, sorted."""
    response = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})
    assert response.status_code == 200, response.text
    return sorted(response.text.split()[1:])
