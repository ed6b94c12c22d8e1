"""States that were written before triple terms had a limit don't end a build by a signal."""

from __future__ import annotations

import threading
from pathlib import Path

import pyoxigraph as ox

from tests.cli.commands import Sources
from tests.parsing.hostile import deep_turtle, run_measured
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.updates import Updates

GRAPH = "http://e.org/deep"


def publish_deep_state(directory: Path, depth: int) -> None:
    """Do what a server of an older version did when it was sent such data."""
    release = ReleaseLayout(directory).current_id()
    assert release is not None
    updates = Updates(directory, release)

    def write() -> None:
        with updates.writing(10):
            store, _ = updates.open_copy()
            data = deep_turtle(depth)
            store.load(data, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(GRAPH))
            updates.publish(store)

    before = threading.stack_size(512 * 1024 * 1024)
    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    threading.stack_size(before)


def test_a_build_tells_the_way_out_of_a_state_that_is_nested_too_deeply(
    sources: Sources, tmp_path: Path
) -> None:
    build = ("build", "--sources", sources.folder, "--dir", tmp_path / "build")
    done = run_measured(*build)
    assert done.status == 0, done.err
    released = ReleaseLayout(tmp_path / "build").current_id()
    publish_deep_state(tmp_path / "build", 50_000)
    sources.drugs("otherumab\tMonoclonalAntibody\totherumab\tdesk\tSeen\thttps://example.org/")

    refused = run_measured(*build)
    assert refused.status == 1, refused.err
    said = refused.out + refused.err
    assert f"What updates added to the graph <{GRAPH}> can't be taken over" in said
    assert "--drop-updates" in said
    assert ReleaseLayout(tmp_path / "build").current_id() == released

    dropped = run_measured(*build, "--drop-updates")
    assert dropped.status == 0, dropped.err
    assert ReleaseLayout(tmp_path / "build").current_id() != released
