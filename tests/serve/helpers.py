"""What the tests of the server share."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import uvicorn
from fastapi import FastAPI

from tzgraph.curies import Curies
from tzgraph.names.index import NAMES, name_lines
from tzgraph.release import Manifest, Release
from tzgraph.release.canonical import write_sorted
from tzgraph.release.integrity import Expected, seal
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.reader import RULES, VIEWS_FILE
from tzgraph.serve.transport.http import HttpProtocol

EX = "http://example.org/"


def problem(response: httpx.Response, status: int) -> dict[str, object]:
    """Check that a response is a problem document of that status, and give it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, object] = response.json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert str(document["type"]).startswith("https://")
    return document


@contextmanager
def serving(
    app: FastAPI, http: type[HttpProtocol] = HttpProtocol, connections: int | None = None
) -> Iterator[str]:
    """Run a server in a thread, and give its address."""

    config = uvicorn.Config(
        app,
        log_level="critical",
        http=http,
        limit_concurrency=connections,
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as server.py does
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            assert server.started
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def make_release(folder: Path, data: str, **said: Any) -> Release:
    """Write a release of N-Quads, with what its manifest says beside names and versions."""
    (folder / "graph.nq").write_text(data, encoding="utf-8")
    store = ox.Store(str(folder / "store"))
    store.bulk_load(data.encode(), format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    nothing: dict[str, Any] = {"triples": 0, "quads": 0, "graphs": {}, "classes": {}}
    (folder / RULES).write_text("[]", encoding="utf-8")
    manifest = Manifest(
        id="0123456789abcdef",
        version="0.1",
        ontology_version="2026-01-01",
        engine="Oxigraph",
        **{**nothing, "prefixes": {}, "kinds": {}, **files_of(folder), **said},
    )
    manifest.write(folder)
    return Release(folder, manifest)


def files_of(folder: Path) -> dict[str, Any]:
    """What a manifest says of the files of a release; its store is sealed."""
    seal(folder / "store")
    store = ox.Store()
    store.bulk_extend(ox.parse(path=folder / "graph.nq", format=ox.RdfFormat.N_QUADS))
    write_sorted(name_lines(store, Curies()), folder / NAMES)
    names = [name for name in ("graph.nq", NAMES, RULES, VIEWS_FILE) if (folder / name).exists()]
    found = {name: Expected.of(folder / name) for name in names}
    return {
        "files": {name: file.sha256 for name, file in found.items()},
        "sizes": {name: file.size for name, file in found.items()},
    }


def publish(directory: Path, value: int, *, claimed: int = 1) -> Release:
    """Publish a release that says what it is, as a build does."""
    layout = ReleaseLayout(directory)
    said = {
        "version": "0.1",
        "ontology_version": "2026-01-01",
        "engine": "Oxigraph",
        "triples": claimed,
        "quads": claimed,
        "graphs": {},
        "classes": {EX + f"Class{value}": value},
        "prefixes": {"ex": EX},
        "kinds": {},
    }
    with layout.locked():
        folder = layout.start_work()
        line = f'<{EX}it> <{EX}is> "{value}" .\n'
        (folder / "graph.nq").write_text(line, encoding="utf-8")
        store = ox.Store(str(folder / "store"))
        store.bulk_load(line.encode(), format=ox.RdfFormat.N_QUADS)
        store.flush()
        del store
        (folder / RULES).write_text("[]", encoding="utf-8")
        manifest = Manifest.named(**said, **files_of(folder))
        manifest.write(folder)
        before = layout.current_id()
        target = layout.adopt(folder, manifest.id, intact=lambda _: True)
        layout.switch(manifest.id)
        layout.prune(manifest.id, before)
    return Release(target, manifest)


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not come true"
        time.sleep(0.02)


def rest(connection: socket.socket) -> bytes:
    """Read until the server hangs up."""
    data = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(1 << 16):
            data += part
    return data
