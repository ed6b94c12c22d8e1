"""What is kept in the repository."""

from __future__ import annotations

import subprocess

import pytest

from tzgraph.resources import shipped

ROOT = shipped("ontology").parent
#: What the root may hold; what else stands there was left by a command.
_AT_ROOT = {
    *(".ci", ".dockerignore", ".editorconfig", ".gitattributes", ".gitignore", "CHANGELOG.md"),
    *("CITATION.cff", "CONTRIBUTING.md", "LICENSE", "LICENSE-DATA", "NOTICE", "README.md"),
    *("bench", "deploy", "docs", "ontology", "pyproject.toml", "queries", "requirements"),
    *("shapes", "sources", "src", "tasks.py", "tests", "tools", "web"),
}


def test_nothing_is_tracked_that_a_command_left_or_that_is_large() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is no clone")
    files = [name for name in listed.stdout.split("\0") if name]
    assert {name.split("/")[0] for name in files} <= _AT_ROOT
    large = [n for n in files if (ROOT / n).is_file() and (ROOT / n).stat().st_size > 1_000_000]
    assert large == []
