"""A new release while requests come in."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.serve.helpers import publish, serving
from tests.serve.test_headers import numbers
from tests.serve.test_operations import metrics
from tests.serve.writable import writable
from tzgraph.release import Manifest, Release, open_release
from tzgraph.release.layout import ReleaseLayout
from tzgraph.serve.app import create_app
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.settings import IsolationSettings, ServeSettings

QUERY = "SELECT ?o { ex:it ex:is ?o }"


@contextmanager
def watching(directory: Path) -> Iterator[tuple[httpx.Client, FastAPI]]:
    """A server that looks for new releases often."""
    settings = ServeSettings(watch_s=0.05, queries=IsolationSettings(workers=1))
    app = create_app(open_release(directory), settings=settings, directory=directory)
    headers = {"Accept": "application/sparql-results+json"}
    with (
        serving(app) as address,
        httpx.Client(base_url=address, timeout=60, headers=headers) as client,
    ):
        yield client, app


def answer(client: httpx.Client) -> str:
    response = client.get("/sparql", params={"query": QUERY})
    assert response.status_code == 200, response.text
    value: str = response.json()["results"]["bindings"][0]["o"]["value"]
    return value


def until(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never held")


def workers() -> set[int]:
    """The processes that this one has started."""
    me = threading.current_thread()
    assert me is threading.main_thread()
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread may end meanwhile
            found.update(map(int, (task / "children").read_text(encoding="ascii").split()))
    return found


def test_no_request_fails_while_releases_change(tmp_path: Path) -> None:
    """Clients that ask all the time see one release after the other, and no error."""
    publish(tmp_path, 1)
    seen: Counter[str] = Counter()
    order: list[list[str]] = []
    failures: list[str] = []
    stop = threading.Event()

    def hammer(address: str) -> None:
        mine: list[str] = []
        with httpx.Client(
            base_url=address, timeout=60, headers={"Accept": "application/json"}
        ) as client:
            number = 0
            while not stop.is_set():
                number += 1
                query = f"{QUERY} # {number}" if number % 2 else QUERY  # from the cache and not
                response = client.get("/sparql", params={"query": query})
                if response.status_code != 200:
                    failures.append(response.text)
                    continue
                value = response.json()["results"]["bindings"][0]["o"]["value"]
                seen[value] += 1
                if not mine or mine[-1] != value:
                    mine.append(value)
        order.append(mine)

    with watching(tmp_path) as (client, _):
        address = str(client.base_url)
        threads = [threading.Thread(target=hammer, args=[address]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for value in (2, 3):
            time.sleep(0.3)
            release = publish(tmp_path, value)
            served = release.manifest.id
            until(lambda served=served: client.get("/healthz").json()["release"] == served)  # type: ignore[misc]
        time.sleep(0.3)
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == []
        assert order == [["1", "2", "3"]] * 4, seen
        found = metrics(client)
        assert found['tzgraph_release_switches_total{outcome="done"}'] == 2
        # Pages and tags follow.
        assert "Class3" in client.get("/about", headers={"Accept": "text/html"}).text
        tag = client.get("/sparql", params={"query": QUERY}).headers["etag"]
        assert tag.startswith(f'W/"{open_release(tmp_path).manifest.id}-')


def test_the_old_release_lives_as_long_as_its_last_query(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    others = workers()  # of servers of other tests
    with watching(tmp_path) as (client, _):
        before = workers() - others
        plain = {"Accept-Encoding": "identity"}
        params = {"query": numbers(6)}
        with client.stream("GET", "/sparql", params=params, headers=plain) as response:
            body = response.iter_raw()
            next(body)
            publish(tmp_path, 2)
            until(lambda: answer(client) == "2")
            assert before & workers() == before
            rest = b"".join(body)
        assert rest.endswith(b"]}}")
        until(lambda: not before & workers())
        assert len(workers() - others) == len(before)


def truncated(release: Release) -> None:
    release.nquads.write_text("<http://exa", encoding="utf-8")


def without_manifest(release: Release) -> None:
    (release.path / "manifest.json").unlink()


def empty(release: Release) -> None:
    release.nquads.write_text("", encoding="utf-8")


def gone(release: Release) -> None:
    shutil.rmtree(release.path)


def altered(release: Release) -> None:
    """A file is not the one that its checksum is of."""
    said = asdict(release.manifest) | {"files": {"graph.nq": "0" * 64}}
    Manifest(**said).write(release.path)


@pytest.mark.parametrize("damage", [truncated, without_manifest, empty, gone, altered])
def test_a_broken_release_is_refused(tmp_path: Path, damage: Callable[[Release], None]) -> None:
    """The old one stays and goes on working, and a good one is taken later."""
    publish(tmp_path, 1)
    aside = tmp_path / "aside"
    broken = publish(aside, 2)
    damage(broken)
    with watching(tmp_path) as (client, _):
        before = workers()
        target = tmp_path / "releases" / broken.manifest.id
        if broken.path.is_dir():
            shutil.copytree(broken.path, target)
        ReleaseLayout(tmp_path).switch(broken.manifest.id)
        name = 'tzgraph_release_switches_total{outcome="refused"}'
        until(lambda: metrics(client)[name] == 1)
        time.sleep(0.3)
        assert metrics(client)[name] == 1  # it is not tried all the time
        assert answer(client) == "1"
        assert workers() == before
        publish(tmp_path, 3)
        until(lambda: answer(client) == "3")


@pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")
def test_a_server_that_stops_while_it_opens_a_release_leaves_nothing(tmp_path: Path) -> None:
    """With updates on, each release has two engines: it stops when only one of them has started."""
    publish(tmp_path, 1)
    before = workers()
    with writable(tmp_path):
        served = len(workers() - before)
        publish(tmp_path, 2)
        until(lambda: len(workers() - before) > served + 1)
    until(lambda: workers() <= before)
