"""What is in ``deploy/``, and how the how-to installs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pathspec
import pytest

import tasks

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "tzgraph.service"
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
HOW_TO = ROOT / "docs" / "how-to" / "run-a-service.md"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_has_nothing_to_say_about_the_unit(tmp_path: Path) -> None:
    """Nor about names that it would only ignore."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    assert "/opt/tzgraph/bin/tzgraph" in text
    unit.write_text(text.replace("/opt/tzgraph/bin/tzgraph", sys.executable), encoding="utf-8")
    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True
    )
    assert [line for line in run.stderr.splitlines() if UNIT.name in line] == []


def installation(path: Path) -> list[str]:
    """Give the commands of a file that make and fill ``/opt/tzgraph``, without caches."""
    text = path.read_text(encoding="utf-8").replace("\\\n", "").replace("--no-cache-dir ", "")
    commands = r"(?:python3? -m venv /opt/tzgraph|/opt/tzgraph/bin/pip install [^&\n]*[^&\s])"
    return [found.replace("python3", "python") for found in re.findall(commands, text)]


def test_image_and_how_to_install_what_the_lock_file_pins() -> None:
    assert installation(HOW_TO) == [
        "python -m venv /opt/tzgraph",
        "/opt/tzgraph/bin/pip install --require-hashes -r requirements/runtime.txt",
        "/opt/tzgraph/bin/pip install --no-deps --no-build-isolation .",
    ]
    assert installation(CONTAINERFILE) == installation(HOW_TO)


def test_images_are_named_exactly_and_alike() -> None:
    bases = re.findall(r"^FROM (\S+)", CONTAINERFILE.read_text(encoding="utf-8"), re.M)
    assert len(bases) == 2
    (base,) = set(bases)
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+\.\d+-slim-[a-z]+", base)
    python = re.search(r"3\.\d+", base)
    assert python is not None
    assert python[0] in tasks.supported()


@pytest.mark.slow
def test_what_the_how_to_installs_runs(tmp_path: Path) -> None:
    for command in installation(HOW_TO):
        arguments = shlex.split(command.replace("/opt/tzgraph", str(tmp_path / "tzgraph")))
        if arguments[0] == "python":
            arguments[0] = sys.executable
        subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True)
    program = tmp_path / "tzgraph" / "bin" / "tzgraph"
    built = subprocess.run([program, "build", "--dir", tmp_path / "build"], cwd=tmp_path)
    assert built.returncode == 0
    assert (tmp_path / "build" / "current").is_file()


def left_out() -> pathspec.GitIgnoreSpec:
    """Read ``.dockerignore``, whose patterns are those of git but that each begins at the top."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line if line.startswith("#") else f"/{line}" for line in lines]
    return pathspec.GitIgnoreSpec.from_lines(patterns)


@pytest.mark.parametrize(
    "path",
    [
        *(".git/config", ".venv/bin/python", ".venv-3.12.1/pyvenv.cfg", "build/current"),
        *("tzgraph.token", "etc/my.token", "tzgraph.env", "deploy/server.key"),
        *("src/tzgraph/__pycache__/schema.cpython-311.pyc", ".mypy_cache/x", ".coverage"),
    ],
)
def test_image_is_made_without(path: str) -> None:
    assert left_out().match_file(path)


def test_image_is_made_from_all_that_the_package_needs() -> None:
    folders = ("src", "ontology", "queries", "shapes", "sources", "requirements")
    files = [path for name in folders for path in (ROOT / name).rglob("*") if path.is_file()]
    names = [path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts]
    names += ["pyproject.toml", "README.md", "LICENSE", "LICENSE-DATA", "NOTICE"]
    assert [name for name in names if left_out().match_file(name)] == []
