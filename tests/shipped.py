"""One build of what ships with tzgraph, shared by all tests and all processes of a run."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from rdflib import Graph

from tzgraph.release import Release, build_release, open_release
from tzgraph.resources import shipped

#: Names the run's folder; the processes of pytest-xdist inherit it.
_PLACE = "PYTEST_TZGRAPH_SHIPPED"


def make_place() -> None:
    """Make the folder of this run, which the first test that needs the graph fills."""
    os.environ[_PLACE] = tempfile.mkdtemp(prefix="tzgraph-tests-")
    # Graphs that audits keep lie there, too, and not in the user's folder of caches.
    os.environ["TZGRAPH_CACHE"] = f"{os.environ[_PLACE]}/cache"


def remove_place() -> None:
    """Remove the folder of this run."""
    shutil.rmtree(os.environ.pop(_PLACE), ignore_errors=True)
    os.environ.pop("TZGRAPH_CACHE", None)


@cache
def shipped_dir() -> Path:
    """Give a release folder with the shipped sources, which tests must not change."""
    place = Path(os.environ[_PLACE])
    folder = place / "release"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "current").exists():
            build_release(folder)
    return folder


@cache
def shipped_release() -> Release:
    """Give the release of the shipped sources."""
    return open_release(shipped_dir())


def ontology_modules() -> dict[str, Graph]:
    """Give the modules of the shipped ontology by name; names of blank nodes are their own."""
    files = sorted(shipped("ontology").glob("*.ttl"))
    return {path.stem: Graph().parse(path) for path in files}


def shipped_ontology() -> Graph:
    """Give the shipped ontology as a new graph: all its modules."""
    graph = Graph()
    for module in ontology_modules().values():
        graph += module
    return graph
