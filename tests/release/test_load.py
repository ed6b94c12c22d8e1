from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.release.load import load_nquads


def _lines(count: int) -> str:
    return "".join(
        f'<urn:s{number}> <urn:p> "é{number}" <urn:g{number % 3}> .\n' for number in range(count)
    )


@pytest.mark.parametrize("part", [1, 100, 1_000_000])
def test_parts_of_any_size_give_the_same_store(tmp_path: Path, part: int) -> None:
    path = tmp_path / "data.nq"
    path.write_text(_lines(50), encoding="utf-8")
    store = ox.Store(str(tmp_path / "store"))
    load_nquads(store, path, part=part)
    assert {f"{quad} .\n" for quad in store} == set(_lines(50).splitlines(keepends=True))


def test_an_error_in_any_part_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "data.nq"
    path.write_text(_lines(5) + "broken\n" + _lines(5), encoding="utf-8")
    with pytest.raises(SyntaxError):
        load_nquads(ox.Store(str(tmp_path / "store")), path, part=40)
