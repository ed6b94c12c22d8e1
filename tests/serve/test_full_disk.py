"""Updates on a disk that is full."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.disks import small_disk
from tests.serve.helpers import problem, publish
from tests.serve.writable import update, values, writable
from tzgraph.release import open_release
from tzgraph.release.files import is_full
from tzgraph.serve.isolation import is_supported

pytestmark = pytest.mark.skipif(not is_supported(), reason="only Linux takes updates")

ADDED = "SELECT ?v { ex:new ex:is ?v }"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 24) as point:
        yield point


@pytest.mark.parametrize("left", [0, 20_000, 200_000])
def test_what_has_no_room_is_refused_until_there_is_some(disk: Path, left: int) -> None:
    """Nothing of it remains, nothing else is lost, and where the disk is stays unsaid."""
    directory = disk / "build"
    publish(directory, 1)
    filler = disk / "filler"
    large = "INSERT DATA { " + " ".join(f"ex:b{n} ex:p {n} ." for n in range(20_000)) + " }"
    with writable(directory) as client:
        update(client, "INSERT DATA { ex:new ex:is 1 }")
        free = os.statvfs(disk)
        filler.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - left)))
        for _ in range(3):
            document = problem(update(client, large, 507), 507)
            assert str(document["type"]).endswith("#disk-full")
            assert str(disk) not in str(document)
            assert values(client, ADDED) == ["1"]
        filler.unlink()
        update(client, "INSERT DATA { ex:new ex:is 2 }")
        assert values(client, ADDED) == ["1", "2"]
        assert values(client, "SELECT (COUNT(*) AS ?n) { ?s ex:p ?o }") == ["0"]
    lines = {str(quad.object) for quad in open_release(directory).store()}
    assert len(lines) == 3


def test_signs_of_a_full_disk() -> None:
    assert is_full(OSError(errno.ENOSPC, "x"))
    assert is_full(OSError("IO error: No space left on device: While appending to file"))
    assert not is_full(OSError(errno.EACCES, "x"))
