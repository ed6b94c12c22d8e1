"""The same input gives the same bytes, whatever the machine's hash seed, locale or time zone."""

import itertools
import locale
import shutil
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.read.tables import Workshop
from tests.release.conftest import Start
from tests.release.folders import check_whole, snapshot
from tzgraph.export import FORMATS
from tzgraph.release import build_release, open_release
from tzgraph.release.canonical import write_sorted

#: Differing in hash seed, locale (as far as the system has them), time zone, widths of terminals.
_MACHINES = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
    {
        "PYTHONHASHSEED": "random",
        "LC_ALL": "tr_TR.UTF-8",
        "TZ": "America/St_Johns",
        "COLUMNS": "20",
    },
)


def present(name: str) -> str:
    """The locale if this system has it, else the plainest one that knows UTF-8."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        return "C.UTF-8"
    finally:
        locale.setlocale(locale.LC_ALL, before)
    return name


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def test_builds_on_different_machines_have_the_same_bytes(tmp_path: Path, start: Start) -> None:
    runs = []
    for number, machine in enumerate(_MACHINES):
        build, out = tmp_path / f"build-{number}", tmp_path / f"out-{number}"
        variables = {**machine, "LC_ALL": present(machine["LC_ALL"])}
        runs.append((build, out, start("exports", build, out, **variables)))
    for _, _, process in runs:
        with process:
            _, errors = process.communicate()
        assert process.returncode == 0, errors
    releases = [open_release(build) for build, _, _ in runs]
    assert len({release.manifest.id for release in releases}) == 1
    (first, *others) = [contents(release.path) for release in releases]
    assert {"graph.nq", "manifest.json"} <= first.keys()
    for other in others:
        assert other == first
    (first, *others) = [contents(out) for _, out, _ in runs]
    assert len(first) == 2 * len(FORMATS)
    assert all(first.values())
    for other in others:
        assert other == first


def test_neither_the_order_of_rows_nor_of_columns_nor_of_files_matters(workshop: Workshop) -> None:
    built: list[list[bytes]] = []
    rows = (["w", "5", "g1"], ["v", "7.0", "g1"], ["u", "", "g1"])
    for order in itertools.islice(itertools.permutations(rows), 0, None, 2):
        workshop.widgets(["tz:weight", "tz:drives"], *order)
        release = build_release(workshop.root / f"build-{len(built)}", workshop.options)
        lines = release.nquads.read_bytes().splitlines()
        built.append([line for line in lines if b"/id/cell/" not in line])
    assert built[0] == built[1] == built[2]


def test_the_sorted_nquads_are_sorted_and_each_line_once(shipped_dir: Path) -> None:
    release = open_release(shipped_dir)
    lines = release.nquads.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert lines == sorted(set(lines))
    assert len(lines) == release.manifest.quads


def test_building_twice_gives_the_same_release(workshop: Workshop) -> None:
    folder = workshop.root / "build"
    first = build_release(folder, workshop.options)
    before = snapshot(folder)
    second = build_release(folder, workshop.options)
    assert second == first
    assert snapshot(folder) == before
    check_whole(folder)


def test_copied_sources_give_the_same_release(workshop: Workshop, tmp_path: Path) -> None:
    first = build_release(workshop.root / "build", workshop.options)
    shutil.copytree(workshop.root, tmp_path / "elsewhere")
    other = Workshop(tmp_path / "elsewhere")
    assert build_release(other.root / "other", other.options).manifest == first.manifest


def test_whatever_changes_in_a_release_changes_its_id(workshop: Workshop) -> None:
    folder = workshop.root / "build"
    first = build_release(folder, workshop.options)
    rule = workshop.ontology / "rules" / "touching.rq"
    rule.write_text(rule.read_text(encoding="utf-8").replace("title: A", "title: Any"), "utf-8")
    second = build_release(folder, workshop.options)
    assert second.manifest.id != first.manifest.id
    assert [r.title[:3] for r in second.rules() if r.name == "touching"] == ["Any"]
    prefixes = workshop.ontology / "prefixes.json"
    prefixes.write_text(prefixes.read_text(encoding="utf-8").replace('"ex"', '"eg"'), "utf-8")
    third = build_release(folder, workshop.options)
    assert third.manifest.id not in (first.manifest.id, second.manifest.id)
    assert "eg" in open_release(folder).manifest.prefixes


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=6), max_size=30
    ),
    st.integers(1, 7),
    st.integers(1, 90),
)
def test_sorting_in_pieces_is_sorting(lines: list[str], chunk: int, merged: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        count = write_sorted(iter(lines), path, chunk=chunk, merged=merged)
        expected = sorted(set(lines))
        assert path.read_bytes() == "".join(f"{line}\n" for line in expected).encode()
        assert count == len(expected)
        assert [p.name for p in Path(folder).iterdir()] == ["out"]
