"""What is in a release folder, to see that a build left it alone or whole."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from tzgraph.release import Release, open_release
from tzgraph.release.canonical import sha256

__all__ = ["check_whole", "snapshot", "top"]


def snapshot(folder: Path) -> dict[str, bytes]:
    """Content of all files below the releases, and of the pointer to the current one.

    The lock and log files of the store are left out: opening a store may touch them.
    """
    files = [folder / "current", *(p for p in (folder / "releases").rglob("*") if p.is_file())]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if path.exists() and not path.name.startswith(("LOCK", "LOG"))
    }


def top(folder: Path) -> set[str]:
    """Names at the top of a release folder."""
    return {path.name for path in folder.iterdir()}


def check_whole(folder: Path) -> Release:
    """Open the current release and compare it with its manifest and its sorted N-Quads."""
    release = open_release(folder)
    for name, digest in release.manifest.files.items():
        assert sha256(release.path / name) == digest, name
    stored = {str(quad) for quad in release.store()}
    written = {str(q) for q in ox.parse(path=str(release.nquads), format=ox.RdfFormat.N_QUADS)}
    assert stored == written
    assert len(stored) == release.manifest.quads
    return release
