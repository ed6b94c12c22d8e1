"""A tiny release on disk and a real server on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serve.helpers import EX, make_release, publish, serving
from tests.serve.writable import writable
from tzgraph.query.library import QueryFile, parse_query
from tzgraph.release import Release, open_release
from tzgraph.serve.app import create_app
from tzgraph.serve.isolation import is_supported
from tzgraph.serve.settings import ServeSettings

DATA = """
<http://example.org/a> <http://example.org/p> <http://example.org/b> .
<http://example.org/b> <http://example.org/p> <http://example.org/c> .
<http://example.org/a> <http://example.org/label> "<script>alert(1)</script>"@en .
<http://example.org/a> <http://example.org/see> <javascript:alert(1)> .
<http://example.org/a> <http://example.org/size> "5"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://example.org/g1> <http://example.org/p> <http://example.org/only1> <http://example.org/G1> .
<http://example.org/g2> <http://example.org/p> <http://example.org/only2> <http://example.org/G2> .
"""
LIBRARY = {
    "steps": parse_query(
        "#+ title: Steps <from> a thing\n#+ pick: 2\n"
        "#+ param: thing ex:Thing = a -- where to start\n"
        "SELECT ?thing ?next WHERE { ?thing ex:p ?next }\n",
        name="steps",
    ),
    "edges": parse_query(
        "#+ title: Edges\n#+ pick: 1\n#+ param: from ex:Thing? -- where they start\n"
        "SELECT ?from ?to WHERE { ?from ex:p ?to } ORDER BY ?from\n",
        name="edges",
    ),
}


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release with five triples in the default graph and two named graphs."""
    root = tmp_path_factory.mktemp("build")
    folder = root / "releases" / "0123456789abcdef"
    folder.mkdir(parents=True)
    (root / "current").write_text(folder.name, encoding="ascii")
    return make_release(
        folder,
        DATA,
        triples=5,
        quads=7,
        graphs={EX + "G1": 1, EX + "G2": 1},
        classes={EX + "Thing": 3},
        prefixes={"ex": EX, "xsd": "http://www.w3.org/2001/XMLSchema#"},
        kinds={EX + "Thing": EX},
        sources=({"slug": "s", "graph": EX + "G1", "label": "<b>Bold</b> source"},),
    )


@pytest.fixture(scope="session")
def shipped(shipped_dir: Path) -> Iterator[httpx.Client]:
    """A client of a server on the shipped graph."""
    with (
        serving(create_app(open_release(shipped_dir))) as url,
        httpx.Client(base_url=url, headers={"Accept": "*/*"}, timeout=60) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def library() -> dict[str, QueryFile]:
    """A library of one query."""
    return LIBRARY


@pytest.fixture(scope="session")
def url(release: Release) -> Iterator[str]:
    """The address of a server that answers from the release."""
    settings = ServeSettings(max_query_bytes=200_000, max_page_rows=3)
    with serving(create_app(release, settings=settings, library=LIBRARY)) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of the server that says of itself what it accepts."""
    with httpx.Client(base_url=url, headers={"Accept": "*/*"}, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server that takes updates, on a graph of one triple."""
    if not is_supported():
        pytest.skip("only Linux takes updates")
    directory = tmp_path_factory.mktemp("build")
    publish(directory, 1)
    with writable(directory) as client:
        yield client


@pytest.fixture(scope="session")
def w3c_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server that each W3C test gives its data."""
    directory = tmp_path_factory.mktemp("w3c")
    publish(directory, 1)
    with writable(directory) as client:
        yield client
