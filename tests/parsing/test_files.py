"""Only regular files are opened, and none that is too large."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tzgraph.parsing import open_regular, read_regular


def make(folder: Path, kind: str) -> Path:
    """Make something that is no file to read."""
    path = folder / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(path))
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    return path


KINDS = ["pipe", "socket", "folder", "device"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    with pytest.raises(OSError, match="no regular file"):
        open_regular(make(tmp_path, kind))


def test_a_file_has_a_size(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as stream:
        stream.truncate(10**12)
    with pytest.raises(OSError, match="more than 16,000,000,000 bytes"):
        open_regular(path)
    path.write_bytes(b"four")
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_regular(link, 4) == b"four"
    with pytest.raises(OSError, match="more than 3 bytes"):
        read_regular(path, 3)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "lost")
