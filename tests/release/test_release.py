"""Releases: whole, immutable, switched in at once, and described by their manifest."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.read.tables import Workshop, place, widget
from tests.release.folders import check_whole, snapshot
from tzgraph.errors import DataError, InputUnreadableError, NoReleaseError
from tzgraph.release import Manifest, Progress, Release, build_release, open_release
from tzgraph.vocabulary import TZ, Graphs

_TEXT = st.text(st.characters(codec="utf-8"), max_size=5)
_COUNTS = st.dictionaries(_TEXT, st.integers(0, 9), max_size=3)
_NAMES = st.dictionaries(_TEXT, _TEXT, max_size=3)


@pytest.fixture
def folder(workshop: Workshop) -> Path:
    """A release folder with one release."""
    path = workshop.root / "build"
    build_release(path, workshop.options)
    return path


def test_a_release_says_what_it_holds(workshop: Workshop, folder: Path) -> None:
    release = check_whole(folder)
    manifest = release.manifest
    store = release.store()
    assert manifest.quads == len(store)
    assert manifest.triples == sum(
        1 for _ in store.quads_for_pattern(None, None, None, ox.DefaultGraph())
    )
    for graph, count in manifest.graphs.items():
        found = store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        assert sum(1 for _ in found) == count > 0
    assert manifest.triples + sum(manifest.graphs.values()) == manifest.quads
    assert manifest.classes[TZ + "Widget"] == 1
    assert manifest.classes[TZ + "Part"] == 2
    assert {Graphs.ONTOLOGY, Graphs.METADATA, Graphs.PROVENANCE} <= manifest.graphs.keys()
    assert manifest.kinds[TZ + "Widget"] == "https://w3id.org/tzgraph/id/widget/"
    assert manifest.prefixes["tzwidget"] == "https://w3id.org/tzgraph/id/widget/"
    assert manifest.ontology_version == "1"
    assert [s["slug"] for s in manifest.sources] == ["desk", "hearsay", "register", "report"]
    written = {"findings.json", "graph.nq", "names.tsv", "rules.json", "views.json"}
    assert set(manifest.files) == written
    assert str(workshop.root) not in (release.path / "manifest.json").read_text(encoding="utf-8")


def test_stages_are_told_and_timed(workshop: Workshop) -> None:
    told: list[Progress] = []
    build_release(workshop.root / "build", workshop.options, told.append)
    stages = ["read", "store", "link", "reason", "validate", "audit", "release"]
    assert [p.stage for p in told[::2]] == stages
    assert [p.stage for p in told[1::2]] == [p.stage for p in told[::2]]
    assert all(begun.seconds is None for begun in told[::2])
    assert all(done.seconds is not None for done in told[1::2])
    log = (workshop.root / "build" / "build.log").read_text(encoding="utf-8")
    assert log.count("\n") == 1
    assert "validate=" in log


@pytest.mark.parametrize(
    ("weight", "code"), [("heavy", "wrong-datatype"), ("101", "shacl-max-inclusive")]
)
def test_data_that_does_not_conform_changes_nothing(
    workshop: Workshop, folder: Path, weight: str, code: str
) -> None:
    before = snapshot(folder)
    workshop.widgets(["tz:weight"], ["w", "5"], ["v", weight])
    with pytest.raises(DataError) as caught:
        build_release(folder, workshop.options)
    assert [place(finding) for finding in caught.value.findings] == [(code, "widgets.tsv", 3, 2)]
    assert caught.value.exit_status == 1
    assert snapshot(folder) == before
    assert not (folder / "work").exists()
    check_whole(folder)


def test_a_first_build_that_fails_leaves_no_release(workshop: Workshop) -> None:
    workshop.widgets(["tz:weight"], ["w", "101"])
    with pytest.raises(DataError):
        build_release(workshop.root / "build", workshop.options)
    with pytest.raises(NoReleaseError) as caught:
        open_release(workshop.root / "build")
    assert caught.value.exit_code == 2


def test_a_build_can_be_repeated_while_its_error_is_kept(workshop: Workshop) -> None:
    folder = workshop.root / "build"
    workshop.widgets(["tz:weight"], ["w", "101"])
    kept = []
    for _ in range(2):
        with pytest.raises(DataError) as caught:
            build_release(folder, workshop.options)
        kept.append(caught)
    workshop.widgets(["tz:weight"], ["w", "100"])
    build_release(folder, workshop.options)
    check_whole(folder)


def other_manifest(path: Path) -> None:
    (path / "manifest.json").write_text("{}", encoding="utf-8")


def cut_nquads(path: Path) -> None:
    nquads = path / "graph.nq"
    nquads.write_bytes(nquads.read_bytes()[:-100])


def no_store(path: Path) -> None:
    (path / "store" / "CURRENT").unlink()


def changed_rule(path: Path) -> None:
    (path / "rules.json").write_text("[]", encoding="utf-8")


@pytest.mark.parametrize("damage", [other_manifest, cut_nquads, no_store, changed_rule])
def test_a_damaged_release_is_replaced_by_a_build_of_the_same(
    workshop: Workshop, folder: Path, damage: Callable[[Path], None]
) -> None:
    release = open_release(folder)
    damage(release.path)
    again = build_release(folder, workshop.options)
    assert again == release
    assert check_whole(folder) == release


def test_an_intact_release_is_left_alone_by_a_build_of_the_same(
    workshop: Workshop, folder: Path
) -> None:
    release = open_release(folder)
    before = release.path.stat().st_ino
    build_release(folder, workshop.options)
    assert release.path.stat().st_ino == before


def builds(workshop: Workshop, folder: Path, *weights: str) -> list[Release]:
    made = []
    for weight in weights:
        workshop.widgets(["tz:weight"], ["w", weight])
        made.append(build_release(folder, workshop.options))
    return made


def kept(folder: Path) -> set[str]:
    return {path.name for path in (folder / "releases").iterdir()}


def test_the_current_and_the_previous_release_are_kept(workshop: Workshop) -> None:
    folder = workshop.root / "build"
    one, two, three = (r.manifest.id for r in builds(workshop, folder, "1", "2", "3"))
    assert len({one, two, three}) == 3
    assert kept(folder) == {two, three}
    assert open_release(folder).manifest.id == three


def test_building_the_same_again_keeps_the_previous_release(workshop: Workshop) -> None:
    folder = workshop.root / "build"
    one, two, _ = (r.manifest.id for r in builds(workshop, folder, "1", "2", "2"))
    assert kept(folder) == {one, two}


def test_going_back_makes_the_earlier_release_current(workshop: Workshop) -> None:
    folder = workshop.root / "build"
    one, two, back = (r.manifest.id for r in builds(workshop, folder, "1", "2", "1"))
    assert one == back
    assert kept(folder) == {one, two}
    assert open_release(folder).manifest.id == one


def test_an_open_release_outlives_the_next_build(workshop: Workshop) -> None:
    folder = workshop.root / "build"
    (old,) = builds(workshop, folder, "1")
    store = old.store()
    builds(workshop, folder, "2")
    weight = ox.NamedNode(TZ + "weight")
    (quad,) = store.quads_for_pattern(widget("w"), weight, None, ox.DefaultGraph())
    assert isinstance(quad.object, ox.Literal)
    assert quad.object.value == "1"


def test_a_released_store_is_read_only(folder: Path) -> None:
    store = open_release(folder).store()
    quad = ox.Quad(widget("w"), ox.NamedNode(TZ + "code"), ox.Literal("x"))
    with pytest.raises(RuntimeError, match="read-write"):
        store.add(quad)


@pytest.mark.parametrize("content", ["", "nowhere\n"])
def test_a_pointer_to_nothing_is_no_release(folder: Path, content: str) -> None:
    (folder / "current").write_text(content, encoding="ascii")
    with pytest.raises(NoReleaseError):
        open_release(folder)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"id": 1, "sources": 2}'])
def test_a_damaged_manifest_is_told(folder: Path, content: str) -> None:
    (open_release(folder).path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputUnreadableError, match=r"manifest\.json") as caught:
        open_release(folder)
    assert caught.value.exit_code == 2


@given(
    st.builds(
        Manifest.named,
        version=_TEXT,
        ontology_version=_TEXT,
        engine=_TEXT,
        triples=st.integers(0, 9),
        quads=st.integers(0, 9),
        graphs=_COUNTS,
        classes=_COUNTS,
        prefixes=_NAMES,
        kinds=_NAMES,
        sources=st.lists(_NAMES, max_size=3).map(tuple),
        files=_NAMES,
    )
)
def test_a_manifest_reads_back_as_written(manifest: Manifest) -> None:
    with tempfile.TemporaryDirectory() as name:
        manifest.write(Path(name))
        assert Manifest.read(Path(name)) == manifest
        assert json.loads((Path(name) / "manifest.json").read_bytes())["id"] == manifest.id
