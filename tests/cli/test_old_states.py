"""States that older versions wrote don't end a build by a signal, nor bring RDF 1.2 into it."""

from __future__ import annotations

import threading
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.cli.commands import Sources
from tests.parsing.hostile import deep_turtle, run_measured
from tzgraph.errors import DataError
from tzgraph.release.carry_over import demand_readable
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
    assert "rdf12" in said
    assert "--drop-updates" in said
    assert ReleaseLayout(tmp_path / "build").current_id() == released

    dropped = run_measured(*build, "--drop-updates")
    assert dropped.status == 0, dropped.err
    assert ReleaseLayout(tmp_path / "build").current_id() != released


_R = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        ("<x:s> <x:p> <<( <x:a> <x:b> <x:c> )>> <x:g> .", "rdf12", "the graph <x:g>"),
        ('<x:s> <x:p> <<( <x:a> <x:b> "<x:c>" )>> .', "rdf12", "the default graph"),
        ('<x:s> <x:p> "a"@en--ltr <x:g> .', "rdf12", "the graph <x:g>"),
        (f'<x:s> <x:p> "a"^^<{_R}langString> <x:g> .', "unreadable-literal", "the graph <x:g>"),
        (f'<x:s> <x:p> "a"^^<{_R}dirLangString> .', "unreadable-literal", "the default graph"),
    ],
)
def test_statements_that_can_not_be_taken_over_are_named(
    tmp_path: Path, line: str, code: str, where: str
) -> None:
    path = tmp_path / "added.nq"
    path.write_text(f"<x:s> <x:p> 'x' .\n{line}\n".replace("'", '"'), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        demand_readable(path)
    (finding,) = caught.value.findings
    assert finding.code == code
    assert f"added to {where} can't be taken over, as to <x:s> <x:p>" in finding.message


def test_what_only_looks_like_it_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "added.nq"
    lines = [
        r'<x:s> <x:p> "<<( \"a\"@en--ltr ."@en .',
        r'<x:s> <x:p> "\"a\"^^<#langString>" <x:g> .',
        f"<x:s> <x:p> <{_R}langString> .",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    demand_readable(path)
