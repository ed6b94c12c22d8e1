"""Tests of suites from elsewhere are skipped with a reason without them, and never with them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a process of its own, from the top of the project, outside of CI."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("CI", "TZGRAPH_SHARED")}
    inherited = {k: v for k, v in inherited.items() if not k.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env={**inherited, **variables}, capture_output=True, text=True
    )


def test_without_the_suites_their_tests_say_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    readers = [
        path
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if re.search(r"^(SUITE|DATA|FILES) = .*need\(|import w3c$", path.read_text("utf-8"), re.M)
    ]
    assert len(readers) == 6
    done = run(*readers, TZGRAPH_SHARED=str(tmp_path / "empty"))
    told = re.findall(r"^SKIPPED \[(\d+)\] (.*)", done.stdout, re.M)
    assert sum(int(number) for number, _ in told) == len(readers)
    assert all("is not there: see TZGRAPH_SHARED in CONTRIBUTING.md" in why for _, why in told)


def test_a_folder_of_suites_that_is_misspelt_is_no_reason_to_skip(tmp_path: Path) -> None:
    done = run("tests/validate/test_w3c_shacl.py", TZGRAPH_SHARED=str(tmp_path / "shraed"))
    assert done.returncode != 0
    assert "which is no folder" in done.stdout


@pytest.mark.parametrize(("ci", "code"), [({}, 0), ({"CI": "true"}, 1)])
def test_in_ci_a_suite_that_is_there_is_not_skipped(
    tmp_path: Path, ci: dict[str, str], code: int
) -> None:
    module = tmp_path / "test_it.py"
    skips = "import pytest\n\n@pytest.mark.w3c\ndef test_it():\n    pytest.skip('no time')\n"
    module.write_text(skips, encoding="utf-8")
    options: list[str | Path] = ["-c", ROOT / "pyproject.toml", "-p", "tests.conftest"]
    done = run(*options, module, **ci)
    assert done.returncode == code, done.stdout
    assert ("the suite is there" in done.stdout) == bool(code)
