"""What a release folder was built from is remembered, so that imports build it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tzgraph.errors import InputUnreadableError
from tzgraph.release import BuildOptions
from tzgraph.release.origin import read_origin, write_origin


def test_folders_and_files_are_remembered(tmp_path: Path) -> None:
    for name in ("sources", "other"):
        (tmp_path / name).mkdir()
    mapping = tmp_path / "x.sssom.tsv"
    mapping.touch()
    options = BuildOptions(
        sources=tmp_path / "sources", more=(tmp_path / "other",), mappings=(mapping,)
    )
    write_origin(tmp_path, options)
    assert read_origin(tmp_path) == options


def test_what_ships_is_taken_from_wherever_it_is_then(tmp_path: Path) -> None:
    write_origin(tmp_path, BuildOptions())
    assert read_origin(tmp_path) == BuildOptions()
    assert str(BuildOptions().sources) not in (tmp_path / "built-from.json").read_text()
    assert read_origin(tmp_path / "built earlier") == BuildOptions()


def test_updates_are_dropped_once_and_not_by_each_import(tmp_path: Path) -> None:
    write_origin(tmp_path, BuildOptions(drop_updates=True, dl=True))
    assert read_origin(tmp_path) == BuildOptions()


@pytest.mark.parametrize("text", ["{", "[]", '{"nonsense": 1}', '{"sources": 5}'])
def test_a_damaged_note_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "built-from.json").write_text(text)
    with pytest.raises(InputUnreadableError, match=r"built-from\.json"):
        read_origin(tmp_path)


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    write_origin(tmp_path, BuildOptions(sources=tmp_path / "gone"))
    with pytest.raises(InputUnreadableError, match="gone, which is gone"):
        read_origin(tmp_path)
