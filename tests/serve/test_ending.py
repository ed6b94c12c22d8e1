"""What dies, is replaced and is told of, with ``tzgraph serve`` as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.serve.helpers import problem, publish, wait_until
from tests.serve.writable import BEARER, TOKEN
from tzgraph.serve.isolation import is_supported

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux isolates queries")

QUICK = {"query": "SELECT ?o { ?s ?p ?o }"}
INSERT = {"update": 'INSERT DATA { ex:it ex:is "new" }'}
#: Calls of the C library that fail while a file is there, or that tell a time before 1970.
SHIM = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static int on(const char *name) {
  const char *flag = getenv(name);
  return flag && syscall(SYS_faccessat, -100, flag, F_OK) == 0;
}
int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = syscall(SYS_clock_gettime, clock, time);
  if (clock == CLOCK_REALTIME && on("SHIM_CLOCK")) time->tv_sec -= 4000000000L;
  return result;
}
int fsync(int file) {
  if (on("SHIM_DISK")) { errno = EIO; return -1; }
  return syscall(SYS_fsync, file);
}
int fdatasync(int file) {
  if (on("SHIM_DISK")) { errno = EIO; return -1; }
  return syscall(SYS_fdatasync, file);
}
"""


@dataclass
class Server:
    """A server in a process of its own, and what it wrote."""

    process: subprocess.Popen[str]
    url: str = ""
    lines: list[str] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)

    def messages(self) -> str:
        """Give what it has logged: each line has to be JSON, once it serves."""
        return "\n".join(str(json.loads(line).get("message", "")) for line in self.lines)

    def children(self, kind: str) -> list[int]:
        """Give its processes of a kind, as a part of their command line."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid and kind in (entry / "cmdline").read_text():
                    found.append(int(entry.name))
        return found

    def read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if line.startswith("http://"):
                self.url = line.split("/ ")[0]
                self.lines.clear()
            else:
                self.lines.append(line)


@contextmanager
def served(directory: Path, **environment: str) -> Iterator[Server]:
    """Run ``tzgraph serve``, without waiting until it answers."""
    command = [sys.executable, "-m", "tzgraph", "serve", "--dir", str(directory), "--port", "0"]
    given = {**os.environ, "TZGRAPH_ACCESS_LOG": "0", "TZGRAPH_WATCH": "0", **environment}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=given)
    server = Server(process)
    reader = Thread(target=server.read)
    reader.start()
    try:
        yield server
    finally:
        for client in server.clients:
            client.close()
        process.terminate()
        process.wait(60)
        reader.join(60)
        assert process.stderr is not None
        process.stderr.close()


def ready(server: Server) -> httpx.Client:
    wait_until(lambda: server.url, 60)
    client = httpx.Client(base_url=server.url, timeout=60, headers=BEARER)
    server.clients.append(client)

    def answers() -> bool:
        with suppress(httpx.TransportError):
            return client.get("/healthz/live").status_code == 200
        return False

    wait_until(answers, 60)
    return client


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    publish(tmp_path / "build", 1)
    return tmp_path / "build"


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "shim.c").write_text(SHIM)
    built = str(folder / "shim.so")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", built, str(folder / "shim.c")], check=True)
    return built


def test_a_server_whose_keepers_are_killed_replaces_some_and_ends_as_a_failure(
    directory: Path,
) -> None:
    with served(directory) as server:
        client = ready(server)
        killed = 0
        while server.process.poll() is None:
            for keeper in server.children("isolation.keeper"):
                with suppress(ProcessLookupError):
                    os.kill(keeper, signal.SIGKILL)
                    killed += 1
            if killed == 2:  # one of them while it started
                killed += 1
                assert client.get("/sparql", params=QUICK).status_code == 200
            time.sleep(0.02)
        assert killed >= 6
        assert server.process.returncode == 3
    assert "attempt 5 of 5" in "".join(server.lines)
    assert (
        "error[server-failed]: The server gave up: the process that holds the graph ended by "
        in (server.lines[-1])
    )


def test_a_server_that_is_told_to_stop_ends_well(directory: Path) -> None:
    with served(directory) as server:
        ready(server)
        server.process.terminate()
        assert server.process.wait(60) == 0


def test_a_server_whose_keeper_dies_at_the_start_ends_as_a_failure(directory: Path) -> None:
    with served(directory) as server:
        while server.process.poll() is None:
            for keeper in server.children("isolation.keeper"):
                with suppress(ProcessLookupError):
                    os.kill(keeper, signal.SIGKILL)
            time.sleep(0.001)
        assert server.process.returncode == 3
    assert "could not be loaded" in "".join(server.lines)


def test_a_panic_of_the_engine_is_no_limit_of_memory(
    directory: Path, tmp_path: Path, shim: str
) -> None:
    flag = tmp_path / "flag"
    with served(directory, LD_PRELOAD=shim, SHIM_CLOCK=str(flag)) as server:
        client = ready(server)
        assert client.get("/sparql", params=QUICK).status_code == 200
        flag.touch()
        answer = client.get("/sparql", params={"query": "SELECT (NOW() AS ?now) {}"})
        flag.unlink()
        document = problem(answer, 500)
        assert str(document["type"]).endswith("#engine-failed")
        assert "MB" not in str(document["detail"])
        wait_until(lambda: "panicked" in server.messages())
        assert "before UNIX epoch" in server.messages()
        assert client.get("/sparql", params=QUICK).status_code == 200


def test_a_release_folder_that_is_gone_is_no_limit_of_memory(directory: Path) -> None:
    with served(directory, TZGRAPH_MEMORY_BUDGET="0") as server:
        client = ready(server)
        directory.rename(directory.with_name("elsewhere"))
        for _ in range(3):
            for path in ("/sparql?query=ASK{?s ?p ?o}", "/explain?subject=ex:it&predicate=ex:is"):
                answer = client.get(path, headers={"Accept": "application/json"})
                if answer.status_code != 200:
                    document = problem(answer, answer.status_code)
                    assert document["status"] in (400, 503)
                    assert "memory" not in str(document["type"])
        assert "internal-error" not in server.messages()


@pytest.mark.parametrize("when", ["before it is ready", "between updates"])
def test_a_writer_that_was_killed_is_started_again(directory: Path, when: str) -> None:
    with served(directory, TZGRAPH_TOKEN=TOKEN) as server:
        if when == "before it is ready":
            wait_until(lambda: server.children("updates.writer"), 60)
            os.kill(server.children("updates.writer")[0], signal.SIGKILL)
        client = ready(server)
        for _ in range(2):
            assert client.post("/update", data=INSERT).status_code == 204
            for writer in server.children("updates.writer"):
                os.kill(writer, signal.SIGKILL)
                time.sleep(0.3)


def test_a_writer_that_is_killed_again_and_again_is_told_of(directory: Path) -> None:
    with served(directory, TZGRAPH_TOKEN=TOKEN) as server:
        client = ready(server)
        answers: list[httpx.Response] = []
        assert server.children("updates.writer")
        asking = Thread(target=lambda: answers.append(client.post("/update", data=INSERT)))
        asking.start()
        while asking.is_alive():
            for writer in server.children("updates.writer"):
                with suppress(ProcessLookupError):
                    os.kill(writer, signal.SIGKILL)
        asking.join()
        if answers[0].status_code != 204:  # it was quicker than the killer
            document = problem(answers[0], 503)
            assert str(document["type"]).endswith("#writer-ended")
            assert "nothing has changed" in str(document["detail"])
            assert client.get("/sparql", params=QUICK).json()["results"]["bindings"] == [
                {"o": {"type": "literal", "value": "1"}}
            ]
        assert client.post("/update", data=INSERT).status_code == 204


def test_a_disk_that_fails_is_named(directory: Path, tmp_path: Path, shim: str) -> None:
    flag = tmp_path / "flag"
    with served(directory, TZGRAPH_TOKEN=TOKEN, LD_PRELOAD=shim, SHIM_DISK=str(flag)) as server:
        client = ready(server)
        assert client.post("/update", data=INSERT).status_code == 204
        flag.touch()
        for _ in range(2):
            document = problem(client.post("/update", data={"update": "CLEAR ALL"}), 500)
            assert str(document["type"]).endswith("#disk-failed")
            assert "Input/output error" in str(document["detail"])
        flag.unlink()
        assert "Input/output error" in server.messages()
        assert len(client.get("/sparql", params=QUICK).json()["results"]["bindings"]) == 2
        assert client.post("/update", data={"update": "CLEAR ALL"}).status_code == 204
