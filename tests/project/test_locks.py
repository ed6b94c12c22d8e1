"""The check of the lock files finds those that an old pip can't install."""

from __future__ import annotations

import ensurepip
import hashlib
from pathlib import Path

import pytest

import tasks
from tools.check_locks import (
    bare_environment,
    check,
    is_strict,
    pins,
    unpacked,
    with_stand_ins,
    write_wheel,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pip that comes with this Python."""
    found = list((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    if not found:
        pytest.skip("this Python has no pip of its own")
    return unpacked(found[0], tmp_path_factory.mktemp("pip"))


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place of packages: a chart needs paint with an extra, an easel without."""
    folder = tmp_path / "index"
    folder.mkdir()
    write_wheel(folder, "paint", "1.0", "Provides-Extra: gloss")
    write_wheel(folder, "chart", "1.0", "Requires-Dist: paint[gloss]<2")
    write_wheel(folder, "easel", "1.0", "Requires-Dist: paint")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def faults(toys: Path, pip: Path, *pinned: str) -> list[str]:
    """Check a lock file of these pins, each with its hash."""
    lines = []
    for pin in sorted(pinned):
        wheel = toys / f"{pin.partition('[')[0].partition('=')[0]}-1.0-py3-none-any.whl"
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{pin} \\\n    --hash=sha256:{digest}\n")
    folder = toys.parent / "checked"
    folder.mkdir()
    (folder / "lock.txt").write_text("".join(lines), encoding="utf-8")
    python = bare_environment(folder / "venv")
    return list(check(folder / "lock.txt", python, pip, folder))


def test_what_is_pinned_with_and_without_extras_installs_in_a_year(toys: Path, pip: Path) -> None:
    assert faults(toys, pip, "chart==1.0", "paint==1.0", "paint[gloss]==1.0", "easel==1.0") == []


def test_what_is_pinned_with_extras_only_does_not_with_an_old_pip(toys: Path, pip: Path) -> None:
    found = faults(toys, pip, "chart==1.0", "paint[gloss]==1.0", "easel==1.0")
    if is_strict(pip):
        (fault,) = found
        assert "paint from" in fault
        assert "1.0.99" in fault
    else:
        assert found == []


def test_locking_pins_without_extras_what_is_pinned_with_them() -> None:
    with_extras = (
        "a==1 \\\n    --hash=sha256:0\nb[x,y]==2 ; os_name == 'nt' \\\n    --hash=sha256:1\n"
    )
    assert tasks.with_bare_pins(with_extras) == (
        "a==1 \\\n    --hash=sha256:0\n"
        "b==2 ; os_name == 'nt' \\\n    --hash=sha256:1\n"
        "b[x,y]==2 ; os_name == 'nt' \\\n    --hash=sha256:1\n"
    )


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_lock_files_pin_without_extras_what_they_pin_with_them(name: str) -> None:
    found = set(pins((ROOT / tasks.lock_file(name)).read_text(encoding="utf-8")))
    with_extras = {pin for pin in found if pin[1]}
    assert with_extras
    assert {(package, "", version) for package, _, version in with_extras} <= found


def test_what_is_installed_stands_in_for_what_is_pinned(tmp_path: Path) -> None:
    lock = (ROOT / tasks.lock_file("dev")).read_text(encoding="utf-8")
    changed = with_stand_ins(lock, tmp_path)
    assert list(pins(changed)) == list(pins(lock))
    (wheel,) = tmp_path.glob("rdflib-*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert changed.count(f"--hash=sha256:{digest}\n") == 2  # with html and without
    assert with_stand_ins("none==1 \\\n    --hash=sha256:0\n", tmp_path).endswith("sha256:0\n")
