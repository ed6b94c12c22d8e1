"""A release that is not as it was built is refused, and so is one of another format."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tzgraph
from tests.cli.commands import tzgraph as run
from tests.read.tables import Workshop
from tzgraph.errors import (
    BuildFailedError,
    DamagedReleaseError,
    DamagedUpdatesError,
    InputUnreadableError,
    ReleaseFormatError,
)
from tzgraph.release import build_release, open_release
from tzgraph.release.checkup import check_release
from tzgraph.release.files import wait_for_lock
from tzgraph.release.integrity import SEAL, damage_of, seal
from tzgraph.release.manifest import FORMAT
from tzgraph.release.reader import last_whole, open_folder
from tzgraph.release.updates import Updates, switching

pytestmark = pytest.mark.skipif(os.name == "nt", reason="locks and folders of POSIX")

_ADDED = ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.NamedNode("x:o"))


def updated(directory: Path) -> Path:
    """Add a quad as an update does; give the folder of the state."""
    updates = Updates(directory, open_release(directory).manifest.id)
    with updates.writing(1):
        store, _ = updates.open_copy()
        store.add(_ADDED)
        with switching(directory):
            name = updates.publish(store)
    del store
    shutil.rmtree(updates.folder / "work")
    return updates.state(name)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release folder with two releases and an update; not to be changed."""
    workshop = Workshop.at(tmp_path_factory.mktemp("built") / "workshop")
    workshop.table("gears.tsv", "tz:Gear\trdfs:label\tsource", "g1\tSmall gear\tdesk")
    directory = workshop.root / "build"
    for weight in ("4", "5"):
        workshop.widgets(["tz:weight", "tz:drives"], ["w", weight, "g1"])
        build_release(directory, workshop.options)
    updated(directory)
    return directory


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(built, tmp_path / "build"))


def files(directory: Path) -> list[Path]:
    """All files of the current release and state."""
    release = open_release(directory)
    found = [*release.path.rglob("*"), *release.store_path.iterdir()]
    return sorted(path for path in found if path.is_file())


def flip(path: Path, place: int) -> None:
    """Flip a bit of a file that is not empty."""
    data = bytearray(path.read_bytes())
    data[place // 8 % len(data)] ^= 1 << place % 8
    path.write_bytes(data)


# -- damage ----------------------------------------------------------------------------------


@settings(max_examples=150)
@given(which=st.integers(0, 10**6), place=st.integers(0, 10**9))
def test_a_flipped_bit_anywhere_is_refused(built: Path, which: int, place: int) -> None:
    """By the server and by `validate --release`, which names the file; never an internal error."""
    some = [path for path in files(built) if path.stat().st_size]
    path = some[which % len(some)]
    before = path.read_bytes()
    flip(path, place)
    try:
        current = built / "releases" / (built / "current").read_text("ascii").strip()
        with pytest.raises(InputUnreadableError) as caught:
            open_folder(current, whole=True)
        assert caught.value.exit_code == 2
        assert path.name in str(caught.value)
        assert str(path) in {finding.file for finding in check_release(built).findings}
    finally:
        path.write_bytes(before)
    open_folder(current, whole=True)


def test_a_cut_grown_or_missing_file_is_refused_by_each_command(folder: Path) -> None:
    for path in files(folder):
        before = path.read_bytes()
        for after in {before[:-1], before[: len(before) // 2], before + b"\n"} - {before}:
            path.write_bytes(after)
            with pytest.raises(InputUnreadableError, match=path.name):
                open_release(folder)
        path.unlink()
        with pytest.raises(InputUnreadableError, match=path.name):
            open_release(folder)
        path.write_bytes(before)
    open_release(folder)


def test_of_a_large_store_the_small_files_are_read_and_all_in_whole(tmp_path: Path) -> None:
    large = tmp_path / "large.sst"
    for name, size in {"MANIFEST-1": 1000, "CURRENT": 10}.items():
        (tmp_path / name).write_bytes(b"a" * size)
    with large.open("wb") as stream:
        stream.truncate(32_000_000)
    seal(tmp_path)
    assert damage_of(tmp_path, None, tmp_path, whole=True) == []
    (tmp_path / "LOG").write_bytes(b"the engine may write a log")
    flip(large, 77)
    assert damage_of(tmp_path, None, tmp_path, whole=False) == []
    (tmp_path / "MANIFEST-1").write_bytes(b"b" * 1000)
    (tmp_path / "CURRENT").write_bytes(b"a")
    short, whole = (damage_of(tmp_path, None, tmp_path, whole=each) for each in (False, True))
    assert [Path(finding.file).name for finding in short] == ["CURRENT", "MANIFEST-1"]
    assert [Path(finding.file).name for finding in whole] == ["CURRENT", "MANIFEST-1", "large.sst"]
    assert whole[0].message == "has 1 bytes, not 10"


def test_a_store_of_some_megabytes_is_read_by_each_command(tmp_path: Path) -> None:
    """The engine would take all memory on some bits."""
    (tmp_path / "1.sst").write_bytes(b"a" * 5_000_000)
    (tmp_path / "2.sst").write_bytes(b"a" * 7_000_000)
    seal(tmp_path)
    flip(tmp_path / "2.sst", 40_000_000)
    (found,) = damage_of(tmp_path, None, tmp_path, whole=False)
    assert Path(found.file).name == "2.sst"
    assert damage_of(tmp_path, None, tmp_path, whole=False, asked=False) == []


def test_shared_files_keep_the_digest_that_they_had(tmp_path: Path) -> None:
    """A state takes over the digests of the state before, so that damage does not become right."""
    first, second = tmp_path / "first", tmp_path / "second"
    for store in (first, second):
        store.mkdir()
    (first / "1.sst").write_bytes(b"abc")
    seal(first)
    os.link(first / "1.sst", second / "1.sst")
    (second / "2.sst").write_bytes(b"def")
    (first / "1.sst").write_bytes(b"abd")
    seal(second, like=first)
    (found,) = damage_of(tmp_path, None, second, whole=True)
    assert Path(found.file).name == "1.sst"


def test_validate_tells_all_damage_at_once(folder: Path) -> None:
    whole = run("validate", "--release", "--dir", folder)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "is whole" in whole.stdout
    state = open_release(folder).store_path
    damaged = [open_release(folder).path / name for name in ("graph.nq", "findings.json")]
    damaged.append(state / "CURRENT")
    for path in damaged:
        flip(path, 100)
    told = run("validate", "--release", "--dir", folder)
    assert told.returncode == 2
    assert all(str(path) in told.stdout for path in damaged)
    assert "is damaged" in told.stderr
    machine = run("validate", "--release", "--format", "json", "--dir", folder)
    assert machine.returncode == 2
    assert {each["file"] for each in json.loads(machine.stdout)} == {str(p) for p in damaged}
    wrong = run("validate", "--release", folder / "current", "--dir", folder)
    assert wrong.returncode == 2
    assert "Give no files" in wrong.stderr


@pytest.mark.parametrize("drop", [True, False])
def test_an_export_is_whole_or_fails_and_leaves_no_file(folder: Path, drop: bool) -> None:
    """Of the release as it was built, and of a state that updates made."""
    if drop:
        shutil.rmtree(folder / "updates")
    release, out = open_release(folder), folder / "out.nq"
    broken = release.nquads if drop else max(release.store_path.glob("*.sst"), key=size)
    flip(broken, 8 * (broken.stat().st_size // 2))
    for arguments in ((), ("-o", out)):
        told = run("export", "--format", "nquads", *arguments, "--dir", folder)
        assert told.returncode == 2
        assert told.stdout == ""
        assert f"{broken.name}" in told.stderr
    assert not out.exists()


def size(path: Path) -> int:
    """Bytes of a file."""
    return path.stat().st_size


def test_the_last_whole_release_is_found(folder: Path) -> None:
    shutil.rmtree(folder / "updates")
    current = open_release(folder)
    other = last_whole(folder, besides=current.manifest.id)
    assert other is not None
    assert other.manifest.id != current.manifest.id
    flip(other.nquads, 0)
    assert last_whole(folder, besides=current.manifest.id) is None


# -- formats ---------------------------------------------------------------------------------


def rewritten(folder: Path, **said: object) -> None:
    """Let a manifest say something else, with an id that fits to it; ``None`` leaves out."""
    path = open_release(folder).path
    old = json.loads((path / "manifest.json").read_bytes())
    new = {k: v for k, v in {**old, "id": "", **said}.items() if v is not None}
    text = json.dumps(new, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    text = text.replace('\n  "id": ""', f'\n  "id": "{name}"')
    (path / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
    path.rename(path.with_name(name))
    (folder / "current").write_text(name + "\n", encoding="ascii")


@pytest.mark.parametrize(
    ("said", "age", "hint"),
    [
        ({"format": None, "sizes": None}, "an older tzgraph", "Build the graph again"),
        ({"format": FORMAT + 1, "colour": "red"}, "a newer tzgraph", "Upgrade tzgraph"),
        ({"colour": "red"}, "another tzgraph", "Build the graph again"),
    ],
)
def test_another_format_is_no_damage(
    folder: Path, said: dict[str, object], age: str, hint: str
) -> None:
    rewritten(folder, **said)
    with pytest.raises(ReleaseFormatError, match=age) as caught:
        tzgraph.open(folder)
    assert hint in caught.value.hint
    assert "damaged" not in str(caught.value)
    told = run("query", "first-line-trials", "--dir", folder)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("error[release-format]: ")
    assert age in told.stderr


def test_a_format_that_the_id_does_not_fit_to_may_be_damage(folder: Path) -> None:
    path = open_release(folder).path / "manifest.json"
    path.write_text(path.read_text("utf-8").replace(f'"format": {FORMAT}', '"format": 9'), "utf-8")
    with pytest.raises(ReleaseFormatError, match=r"a newer tzgraph.*or its manifest\.json is dam"):
        open_release(folder)


def test_a_build_takes_updates_over_from_an_older_format(workshop: Workshop) -> None:
    directory = workshop.root / "build"
    release = build_release(directory, workshop.options)
    updated(directory)
    for path in (directory / "updates").rglob(SEAL):
        path.unlink()
    name = release.manifest.id
    rewritten_to_older(directory, name)
    release = build_release(directory, workshop.options)
    assert _ADDED in release.store()


def rewritten_to_older(directory: Path, name: str) -> None:
    """Make a release one of before there were formats, under its own name."""
    path = directory / "releases" / name / "manifest.json"
    said = json.loads(path.read_bytes())
    del said["format"], said["sizes"]
    path.write_text(json.dumps(said), encoding="utf-8")


def test_updates_of_a_damaged_release_are_not_made_up(workshop: Workshop) -> None:
    directory = workshop.root / "build"
    release = build_release(directory, workshop.options)
    updated(directory)
    lines = release.nquads.read_bytes().splitlines(keepends=True)
    release.nquads.write_bytes(b"".join(lines[: len(lines) // 2]))
    workshop.widgets(["tz:weight", "tz:drives"], ["w", "7", "g1"])
    with pytest.raises(DamagedUpdatesError, match=r"graph\.nq is damaged"):
        build_release(directory, workshop.options)
    options = workshop.options
    again = build_release(directory, type(options)(**{**vars(options), "drop_updates": True}))
    assert _ADDED not in again.store()


# -- pointers, and things that are waited for ------------------------------------------------


@pytest.mark.parametrize("content", [b"../../etc", b"a/b", b"\xc3\xbc", b"\xff", b"x" * 5000])
def test_a_damaged_pointer_is_followed_nowhere(folder: Path, content: bytes) -> None:
    updates = Updates(folder, open_release(folder).manifest.id)
    state = updates.current()
    (updates.folder / "current").write_bytes(content)
    with pytest.raises(DamagedUpdatesError, match="current is damaged"):
        open_release(folder)
    (updates.folder / "current").write_text(state, encoding="ascii")
    (folder / "current").write_bytes(content)
    with pytest.raises(DamagedReleaseError, match="current is damaged"):
        open_release(folder)
    told = run("query", "first-line-trials", "--dir", folder)
    assert (told.returncode, told.stdout) == (2, "")
    assert "current is damaged" in told.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "first-line-trials"),
        ("export",),
        ("explain", "tz:a", "tz:b", "tz:c"),
        ("validate", "--release"),
        ("serve", "--port", "0"),
        ("build",),
        ("backup", "elsewhere"),
    ],
)
def test_a_missing_state_is_told_by_each_command(
    folder: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    state = open_release(folder).store_path
    shutil.rmtree(state)
    began = time.monotonic()
    told = run(*arguments, "--dir", folder, cwd=tmp_path)
    assert told.returncode == 2
    assert state.name in told.stderr + told.stdout
    assert "--drop-updates" in told.stderr + told.stdout
    assert time.monotonic() - began < 60
    assert not (tmp_path / "elsewhere").exists()


def test_a_missing_state_is_told_after_a_second(folder: Path) -> None:
    shutil.rmtree(open_release(folder).store_path)
    began = time.monotonic()
    with pytest.raises(DamagedUpdatesError, match="is missing"):
        open_release(folder)
    assert 0.9 < time.monotonic() - began < 10


def test_a_lock_that_nobody_lets_go_of_is_given_up(tmp_path: Path) -> None:
    holder, other = os.open(tmp_path, os.O_RDONLY), os.open(tmp_path, os.O_RDONLY)
    wait_for_lock(holder, 0, "held", "wait")
    with pytest.raises(BuildFailedError, match="held"):
        wait_for_lock(other, 0.1, "held", "wait")
    os.close(holder)
    wait_for_lock(other, 5, "held", "wait")
    os.close(other)


# -- permission ------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize(
    "pick",
    [
        lambda folder: folder / "current",
        lambda folder: open_release(folder).path / "manifest.json",
        lambda folder: open_release(folder).path / "graph.nq",
        lambda folder: open_release(folder).path / "store" / "CURRENT",
        lambda folder: open_release(folder).path / "store",
        lambda folder: open_release(folder).store_path,
        lambda folder: open_release(folder).store_path.parent.parent / "current",
    ],
)
def test_what_may_not_be_read_is_told_as_that(built: Path, pick: Callable[[Path], Path]) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(shutil.copytree(built, Path(name) / "build"))
        locked = pick(folder)
        locked.chmod(0)
        os.seteuid(65534)
        try:
            with pytest.raises(InputUnreadableError, match="Permission denied") as caught:
                open_release(folder).store()
        finally:
            os.seteuid(0)
    assert str(locked) in str(caught.value)
    assert caught.value.hint == "Let the user who runs tzgraph read it."
