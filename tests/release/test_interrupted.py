"""Builds that are killed, locked out, or run out of disk: the previous release stays."""

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.disks import small_disk
from tests.read.tables import Workshop
from tests.release import driver
from tests.release.conftest import Start
from tests.release.folders import check_whole, snapshot, top
from tzgraph.errors import BuildFailedError, NoReleaseError
from tzgraph.release import Progress, build_release, open_release

_SETTLED = {"current", "releases", "build.lock", "build.log", "built-from.json"}


@pytest.fixture
def built(workshop: Workshop) -> Path:
    """A release folder with one release, whose sources have changed since."""
    folder = workshop.root / "build"
    build_release(folder, workshop.options)
    workshop.widgets(["tz:weight", "tz:drives"], ["w", "6", "g1"], ["v", "7", "g1"])
    return folder


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.parametrize("point", [*driver.BEFORE, *driver.AFTER])
def test_a_killed_build_leaves_a_whole_release_and_no_obstacle(
    workshop: Workshop, built: Path, start: Start, point: str
) -> None:
    before = snapshot(built)
    old = open_release(built).manifest.id
    with start("build", workshop.root, built, point) as process:
        _, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors
    after = snapshot(built)
    assert before.items() - after.items() <= {("current", before["current"])}
    assert (check_whole(built).manifest.id == old) is (point in driver.BEFORE)
    works: list[int] = []
    new = build_release(
        built, workshop.options, lambda _told: works.append(len(list((built / "work").iterdir())))
    )
    assert set(works) == {1}  # what the killed build left gives way before the work begins
    assert check_whole(built).manifest.id == new.manifest.id != old
    assert top(built) == _SETTLED
    assert {path.name for path in (built / "releases").iterdir()} == {old, new.manifest.id}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.parametrize("point", ["stage:read", "stage:release", "adopted", "switched"])
def test_a_first_build_that_is_killed_leaves_nothing_half_done(
    workshop: Workshop, start: Start, point: str
) -> None:
    folder = workshop.root / "build"
    with start("build", workshop.root, folder, point) as process:
        process.communicate()
    if point in driver.BEFORE:
        with pytest.raises(NoReleaseError):
            open_release(folder)
    else:
        check_whole(folder)
    build_release(folder, workshop.options)
    check_whole(folder)
    assert top(folder) == _SETTLED


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.parametrize("stage", ["read", "store", "link", "reason", "validate", "release"])
def test_the_command_can_be_killed_in_any_stage(
    workshop: Workshop, built: Path, stage: str
) -> None:
    before = snapshot(built)
    command = [sys.executable, "-m", "tzgraph", "build", "--dir", str(built)]
    path = os.pathsep.join(p for p in sys.path if p)
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.decode().startswith(f"{stage}: begun"):
                process.kill()
                break
    assert process.returncode == -signal.SIGKILL
    assert before.items() <= snapshot(built).items()
    check_whole(built)
    build_release(built, workshop.options)
    assert top(built) == _SETTLED


def test_a_second_build_is_locked_out_while_one_runs(
    workshop: Workshop, built: Path, start: Start
) -> None:
    with start("build", workshop.root, built, "pause") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "paused\n"
        before = snapshot(built)
        with pytest.raises(BuildFailedError, match="Another build is running") as caught:
            build_release(built, workshop.options)
        assert caught.value.exit_code == 3
        assert snapshot(built) == before
        check_whole(built)
        assert "work" in top(built)
        _, errors = process.communicate("")
    assert process.returncode == 0, errors
    assert snapshot(built) != before
    check_whole(built)
    build_release(built, workshop.options)


def full(*_args: Any, **_kwargs: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "where",
    [
        "tzgraph.release.stages.read_sources",
        "tzgraph.release.stages.materialise",
        "tzgraph.release.canonical.write_sorted",
        "tzgraph.release.manifest.Manifest.write",
        "tzgraph.release.layout.ReleaseLayout.start_work",
        "tzgraph.release.layout.sync_tree",
        "tzgraph.release.layout.ReleaseLayout.switch",
    ],
)
def test_a_full_disk_is_told_and_changes_nothing(
    workshop: Workshop, built: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    before = snapshot(built)
    with monkeypatch.context() as patch:
        patch.setattr(where, full)
        with pytest.raises(BuildFailedError) as caught:
            build_release(built, workshop.options)
    assert caught.value.exit_code == 3
    assert caught.value.message == (
        f"The disk is full, while building in {built}. The previous release is untouched."
    )
    assert caught.value.hint == "Free space and build again."
    assert before.items() <= snapshot(built).items()
    assert "work" not in top(built) or where.endswith("start_work")
    build_release(built, workshop.options)
    check_whole(built)
    assert top(built) == _SETTLED


#: Megabytes of a disk on which two small releases have room.
_DISK = 12


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", _DISK) as point:
        yield point


def test_a_disk_that_fills_at_any_moment_leaves_the_release_whole(
    workshop: Workshop, disk: Path
) -> None:
    folder = disk / "build"
    old = build_release(folder, workshop.options)
    workshop.widgets(["tz:weight"], *([f"w{i}", str(i % 90)] for i in range(300)))
    before = snapshot(folder)
    messages: set[tuple[int, str]] = set()
    for left in range(0, _DISK * 1_000_000, 500_000):
        filler = disk / "filler"
        free = os.statvfs(disk)
        filler.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - left)))
        try:
            new = build_release(folder, workshop.options)
        except BuildFailedError as error:
            messages.add((error.exit_code, error.message))
            assert before.items() <= snapshot(folder).items()
            assert check_whole(folder).manifest.id == old.manifest.id
        else:
            break
        finally:
            filler.unlink()
    else:
        pytest.fail("the disk is too small for two releases")
    said = f"The disk is full, while building in {folder}. The previous release is untouched."
    assert messages == {(3, said)}
    assert check_whole(folder).manifest.id == new.manifest.id != old.manifest.id
    assert top(folder) == _SETTLED


def test_an_interrupt_leaves_the_previous_release(workshop: Workshop, built: Path) -> None:
    before = snapshot(built)

    def interrupt(progress: Progress) -> None:
        if progress.stage == "validate":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_release(built, workshop.options, interrupt)
    assert snapshot(built) == before
    assert top(built) == _SETTLED


def test_a_release_folder_that_is_a_file_is_told(workshop: Workshop, tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("in the way", encoding="utf-8")
    with pytest.raises(BuildFailedError, match=re.escape(str(folder))):
        build_release(folder, workshop.options)
    assert folder.read_text(encoding="utf-8") == "in the way"
