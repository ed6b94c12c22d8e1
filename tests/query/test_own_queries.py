"""The queries that tzgraph itself asks."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

import tzgraph
from tzgraph.resources import own_query

_ROOT = Path(tzgraph.__file__).parent
_QUERIES = sorted(path.relative_to(_ROOT) for path in _ROOT.rglob("queries/*.rq"))
_CODE = "\n".join(path.read_text(encoding="utf-8") for path in _ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", _QUERIES, ids=str)
def test_each_can_be_asked_and_is(path: Path) -> None:
    text = own_query(path.parent.parent.as_posix(), path.stem)
    assert isinstance(ox.Store().query(text), ox.QuerySolutions | ox.QueryTriples)
    assert f'"{path.stem.removeprefix("void-")}"' in _CODE
