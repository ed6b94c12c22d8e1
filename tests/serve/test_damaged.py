"""The server reads a release in full before it serves it; a backup holds what it acknowledged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.cli.commands import environment
from tests.cli.commands import tzgraph as run
from tests.serve.helpers import publish
from tests.serve.writable import BEARER, server_process, update
from tzgraph.errors import DamagedUpdatesError
from tzgraph.release import open_release
from tzgraph.release.backup import back_up
from tzgraph.release.updates import Updates

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs isolation")


def flip(path: Path) -> None:
    """Flip a bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def test_a_damaged_release_is_not_served(tmp_path: Path) -> None:
    release = publish(tmp_path, 1)
    flip(release.nquads)
    told = run("serve", "--port", "0", "--dir", tmp_path)
    assert told.returncode == 2
    assert told.stderr.startswith("error[damaged-release]: ")
    assert "graph.nq" in told.stderr


def test_the_last_whole_release_is_served_and_that_is_told(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    broken = publish(tmp_path, 2)
    flip(max((broken.path / "store").glob("*.sst")))
    command = [sys.executable, "-m", "tzgraph", "serve", "--dir", str(tmp_path), "--port", "0"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment(TZGRAPH_WATCH="0.1")
    ) as process:
        assert process.stderr is not None
        try:
            told = [next(process.stderr) for _ in range(4)]
            assert told[0].startswith(f"warning: Release {broken.manifest.id} is damaged: ")
            assert "is served in its place" in told[1]
            url = told[3].split("/ ")[0]
            until = time.monotonic() + 60
            while answer(url) != "1":
                assert time.monotonic() < until
                time.sleep(0.1)
            # It looks again, and takes the next good one.
            publish(tmp_path, 3)
            while answer(url) != "3":
                assert time.monotonic() < until
                time.sleep(0.1)
        finally:
            process.terminate()
            process.communicate(timeout=60)


def answer(url: str) -> str:
    """The value in the graph that is served, empty before anything is."""
    with suppress(httpx.ConnectError):
        query = {"query": "SELECT ?v { ?s ?p ?v }"}
        got = httpx.get(f"{url}/sparql", params=query, headers={"Accept": "text/csv"}, timeout=60)
        return got.text.split()[1]
    return ""


class Inserting:
    """Inserts numbers one after the other, as fast as they are acknowledged."""

    def __init__(self, url: str) -> None:
        self.acknowledged = 0
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Inserting:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(base_url=self._url, headers=BEARER, timeout=60) as client:
            while not self._stop.is_set():
                update(client, f"INSERT DATA {{ <x:s> <x:p> {self.acknowledged} }}")
                self.acknowledged += 1


def numbers(directory: Path) -> list[int]:
    """The numbers that were inserted, sorted."""
    store = open_release(directory).store()
    found = store.query("SELECT ?v { <x:s> <x:p> ?v }")
    return sorted(int(row[0].value) for row in found)  # type: ignore[union-attr]  # of SELECT


def test_a_backup_among_updates_opens_and_holds_those_acknowledged_before(tmp_path: Path) -> None:
    directory = tmp_path / "build"
    directory.mkdir()
    publish(directory, 1)
    (directory / "imports").mkdir()
    (directory / "imports" / "x.json").write_text("{}", encoding="utf-8")
    with server_process(directory) as server, Inserting(server.url) as inserting:
        for number in range(4):
            before = inserting.acknowledged
            target = tmp_path / f"backup-{number}"
            made = back_up(directory, target)
            after = inserting.acknowledged
            while inserting.acknowledged < after + 3:  # updates go on
                time.sleep(0.01)
            found = numbers(target)
            assert found == list(range(len(found)))
            assert before <= len(found) <= after + 1
            assert made.state == open_release(target).state
    assert run("validate", "--release", "--dir", target).returncode == 0
    assert (target / "imports" / "x.json").read_text(encoding="utf-8") == "{}"
    # Restored by being put in place.
    shutil.rmtree(directory)
    target.rename(directory)
    with server_process(directory) as server, Inserting(server.url) as inserting:
        while inserting.acknowledged < 2:
            time.sleep(0.01)
    assert set(found) <= set(numbers(directory))


def test_a_backup_of_what_is_damaged_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "build"
    directory.mkdir()
    release = publish(directory, 1)
    there = run("backup", directory, "--dir", directory)
    assert (there.returncode, "is there already" in there.stderr) == (2, True)
    flip(max((release.path / "store").glob("*.sst")))
    refused = run("backup", tmp_path / "copy", "--dir", directory)
    assert refused.returncode == 2
    assert "damaged" in refused.stderr
    assert os.listdir(tmp_path) == ["build"]  # noqa: PTH208 - also what is hidden
    none = run("backup", tmp_path / "copy", "--dir", tmp_path / "none")
    assert (none.returncode, "no built graph" in none.stderr) == (2, True)


def test_a_copy_torn_by_updates_is_told(tmp_path: Path) -> None:
    """What `tar` makes of a served folder: the pointer was read before the states."""
    directory, copy = tmp_path / "build", tmp_path / "copy"
    directory.mkdir()
    release = publish(directory, 1)
    updates = Updates(directory, release.manifest.id)
    with server_process(directory) as server, Inserting(server.url) as inserting:
        while inserting.acknowledged < 2:
            time.sleep(0.01)
        with tarfile.open(tmp_path / "copy.tar", "w") as tar:
            tar.add(updates.folder / "current", "current")
            after = inserting.acknowledged + 4
            while inserting.acknowledged < after:
                time.sleep(0.01)
    shutil.copytree(directory, copy)
    with tarfile.open(tmp_path / "copy.tar") as tar:
        tar.extractall(Updates(copy, release.manifest.id).folder, filter="data")
    began = time.monotonic()
    with pytest.raises(DamagedUpdatesError, match="is missing"):
        open_release(copy)
    assert time.monotonic() - began < 10
