"""Clients that are no Python packages, against a server that takes updates.

``python3 tasks.py clients`` runs what is here, and says what it skips and why. Packages are pinned
in ``node/package-lock.json`` and ``java/pom.xml``, and installed into folders that are removed.
"""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.maven import MavenMissingError, run_maven
from tests.serve.helpers import publish
from tests.serve.writable import TOKEN, Process, server_process
from tzgraph.serve.isolation import is_supported

_HERE = Path(__file__).parent
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: What npm says where it can't reach its registry.
_UNREACHED = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT")
pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(not is_supported(), reason="only Linux takes updates"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """``tzgraph serve`` with updates, on a small graph."""
    directory = tmp_path_factory.mktemp("clients")
    publish(directory, 1)
    with server_process(directory) as process:
        yield process


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the packages of the lock file, and the scripts."""
    _need("node", "npm")
    folder = tmp_path_factory.mktemp("node") / "clients"
    shutil.copytree(_HERE / "node", folder)
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    return folder


@pytest.mark.parametrize("client", ["Jena", "Rdf4j"])
def test_java(server: Process, client: str, tmp_path: Path) -> None:
    """Jena's RDFConnection and RDF4J's SPARQLRepository."""
    goals = (f"-Dout={tmp_path}", "compile", "exec:java", f"-Dclient={client}")
    pom = _HERE / "java" / "pom.xml"
    try:
        _all_ok(run_maven(pom, *goals, f"-Dexec.args={server.url} {TOKEN}", memory="-Xmx1g"))
    except MavenMissingError as error:
        pytest.skip(str(error))


def test_comunica(server: Process, packages: Path) -> None:
    """Comunica, from a program."""
    _all_ok(_run(["node", "comunica.js", server.url, TOKEN], packages))


def test_yasr(server: Process, packages: Path) -> None:
    """YASGUI's YASR shows each kind of result, in a page that another server gives."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium found")
    with _files(packages) as address:
        page = f"{address}/yasr.html?url={server.url}"
        options = "--headless --no-sandbox --disable-gpu --virtual-time-budget=20000 --dump-dom"
        shown = _run([browser, *options.split(), page], packages)
    report = re.search(r'<pre id="report">(.*?)</pre>', shown, re.DOTALL)
    assert report is not None, shown
    assert report[1].endswith("end\n"), report[1]
    _all_ok(report[1].removesuffix("end\n"))


def _need(*programs: str) -> None:
    if missing := [name for name in programs if shutil.which(name) is None]:
        pytest.skip(f"{' and '.join(missing)} not found")


def _run(command: list[str], folder: Path) -> str:
    """Run a program and give what it prints, whether or not it succeeds."""
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode and _UNREACHED.search(done.stdout + done.stderr):
        pytest.skip(f"{command[0]} can't get its packages: {done.stderr[-300:]}")
    if done.returncode and "failed" not in done.stdout:
        pytest.fail(done.stdout + done.stderr)
    return done.stdout


def _all_ok(report: str) -> None:
    """Check the lines ``ok …`` and ``failed …`` of a client's report."""
    lines = [line for line in report.splitlines() if line.startswith(("ok ", "failed "))]
    assert lines, report
    assert not [line for line in lines if line.startswith("failed ")], report


@contextmanager
def _files(folder: Path) -> Iterator[str]:
    """Serve the files of a folder, and give the address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as files:
        thread = threading.Thread(target=files.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{files.server_address[1]}"
        finally:
            files.shutdown()
            thread.join()
