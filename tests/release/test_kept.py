"""The graph of the sources is kept between audits, and never a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.read.tables import Workshop, gear, tz, widget
from tzgraph.release import BuildOptions
from tzgraph.release.aside import built_aside
from tzgraph.release.kept import KeptGraphs
from tzgraph.release.options import Progress
from tzgraph.settings import cache_dir


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop.at(tmp_path / "workshop")
    made.table("gears.tsv", "tz:Gear\trdfs:label\tsource", "g1\tSmall gear\tdesk")
    made.table(
        "widgets.tsv",
        "tz:Widget\trdfs:label\ttz:drives\ttz:weight\tsource",
        "w1\tWidget\tg1\t16.0\tdesk",
    )
    return made


@pytest.fixture
def more(tmp_path: Path) -> Path:
    folder = tmp_path / "more"
    folder.mkdir()
    rows = "tz:Source\trdfs:label\ttz:sourceRole\tsource\nme\tMe\tCuration\tme\n"
    (folder / "sources.tsv").write_text(rows, encoding="utf-8")
    rows = "tz:Widget\trdfs:label\ttz:drives\tsource\nw2\tAnother\tg1\tme\nw3\tBad\tg9\tme\n"
    (folder / "widgets.tsv").write_text(rows, encoding="utf-8")
    return folder


def _run(
    workshop: Workshop, more: Path, kept: KeptGraphs | None
) -> tuple[set[ox.Quad], list[str], set[str]]:
    """The quads, the stages, and the codes of the findings."""
    options = workshop.options
    options = BuildOptions(options.sources, options.ontology, options.shapes, more=(more,))
    stages: list[Progress] = []
    with built_aside(options, stages.append, kept) as aside:
        quads = {q for q in aside.store if not _has_blank(q)}
        return quads, [s.stage for s in stages], {f.code for f in aside.findings}


def _has_blank(quad: ox.Quad) -> bool:
    return any(isinstance(term, ox.BlankNode) for term in (quad.subject, quad.object))


def _entries(folder: Path) -> Iterator[Path]:
    return folder.glob("*")


def test_a_kept_graph_is_the_one_that_was_built(
    workshop: Workshop, more: Path, tmp_path: Path
) -> None:
    kept = KeptGraphs(tmp_path / "cache")
    fresh, stages, told = _run(workshop, more, None)
    assert "kept" not in stages
    first, stages, again = _run(workshop, more, kept)
    assert "kept" not in stages
    second, stages, once_more = _run(workshop, more, kept)
    assert "kept" in stages
    assert "store" not in stages
    assert fresh == first == second
    assert told == again == once_more == {"dangling-id"}
    assert ox.Quad(widget("w2"), tz("drives"), gear("g1")) in second
    assert not [quad for quad in second if quad.subject == widget("w3")]


def test_a_change_of_the_sources_is_seen(workshop: Workshop, more: Path, tmp_path: Path) -> None:
    kept = KeptGraphs(tmp_path / "cache")
    _run(workshop, more, kept)
    workshop.table("gears.tsv", "tz:Gear\trdfs:label\tsource", "g9\tNew gear\tdesk", "g1\tG\tdesk")
    quads, stages, told = _run(workshop, more, kept)
    assert "kept" not in stages
    assert told == set()
    assert ox.Quad(widget("w3"), tz("drives"), gear("g9")) in quads


def test_a_damaged_entry_is_built_again(workshop: Workshop, more: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    kept = KeptGraphs(folder)
    fresh, _stages, _told = _run(workshop, more, kept)
    (entry,) = _entries(folder)
    data = bytearray(entry.read_bytes())
    data[len(data) // 2] ^= 0xFF
    entry.write_bytes(data)
    found, stages, _told = _run(workshop, more, kept)
    assert "kept" not in stages
    assert found == fresh
    entry.write_bytes(b"no archive")
    assert _run(workshop, more, kept)[0] == fresh
    assert _run(workshop, more, kept)[1].count("kept") == 2  # begun and done


def test_only_the_graphs_used_last_are_kept(workshop: Workshop, more: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    kept = KeptGraphs(folder)
    for number in range(5):
        workshop.table("gears.tsv", "tz:Gear\trdfs:label\tsource", f"g1\tGear {number}\tdesk")
        _run(workshop, more, kept)
    assert len(list(_entries(folder))) == 3
    assert "kept" in _run(workshop, more, kept)[1]


def test_where_nothing_can_be_kept_all_is_built(
    workshop: Workshop, more: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    kept = KeptGraphs(tmp_path / "file" / "cache")
    fresh, _stages, _told = _run(workshop, more, None)
    assert _run(workshop, more, kept)[0] == fresh
    assert "kept" not in _run(workshop, more, kept)[1]


def test_where_graphs_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TZGRAPH_CACHE", "off")
    assert cache_dir() is None
    monkeypatch.setenv("TZGRAPH_CACHE", str(tmp_path))
    assert cache_dir() == tmp_path
    monkeypatch.delenv("TZGRAPH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "tzgraph"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir() == tmp_path / ".cache" / "tzgraph"
