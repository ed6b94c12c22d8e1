"""The console examples of the documentation are run, and print what the documentation says.

A line `…` stands for any lines, and `…` at the end of a line for the rest of it.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.docs

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
README_SERVER = "127.0.0.1:8000"


def examples() -> Iterator[tuple[str, str, str]]:
    """Page, command and the output that it should print."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield page.relative_to(ROOT).as_posix(), command, output


def matches(expected: str, got: str) -> bool:
    parts = [re.escape(part) for part in expected.rstrip("\n").split("…")]
    return re.fullmatch(r"[\s\S]*?".join(parts), got.rstrip("\n")) is not None


@pytest.fixture(scope="module")
def server(shipped_dir: Path) -> Iterator[str]:
    """A server on the shipped graph, started as the documentation says; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tzgraph", "serve", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--dir", str(shipped_dir)], stderr=subprocess.DEVNULL
    ) as process:
        address = f"127.0.0.1:{port}"
        for _ in range(200):
            try:
                urlopen(f"http://{address}/healthz").close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
        process.terminate()


@pytest.mark.parametrize(("page", "command", "output"), list(examples()))
def test_example_prints_what_the_page_says(
    page: str, command: str, output: str, shipped_dir: Path, server: str, tmp_path: Path
) -> None:
    if "curl" in command and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    programs = tmp_path / "programs"
    programs.mkdir()
    tool = programs / "tzgraph"
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tzgraph "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    release = tmp_path / "build"
    shutil.copytree(shipped_dir, release)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "TZGRAPH_DIR": str(release),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace(README_SERVER, server)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    got = done.stdout.replace("\r\n", "\n")
    assert matches(output, got), f"{page} says:\n{output}\nbut the command prints:\n{got}"


def test_every_command_and_setting_is_documented() -> None:
    from tzgraph.cli.main import app
    from tzgraph.serve.settings import SETTINGS

    commands = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"`tzgraph {command.name or command.callback.__name__}" in commands
    row = r"^\| `(TZGRAPH_\w+)` \| (.*?) \| (?:`(.*?)`)? ?\| (.*) \|$"
    rows = re.findall(row, commands, re.MULTILINE)
    assert rows == [(s.variable, s.kind, s.default_text, s.meaning) for s in SETTINGS]


def test_every_code_of_a_finding_is_documented() -> None:
    page = (ROOT / "docs/reference/findings.md").read_text(encoding="utf-8")
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("read", "link/read")
        for path in (ROOT / "src/tzgraph" / folder).glob("*.py")
    )
    codes = set(re.findall(r'(?:\(|code, message = |\n\s+)"([a-z]+(?:-[a-z0-9]+)+)",', source))
    codes -= {"utf-8"}
    assert len(codes) > 20
    assert {code for code in codes if f"`{code}`" not in page} == set()


def test_every_rule_that_assesses_is_documented() -> None:
    page = (ROOT / "docs/how-to/audit-a-paper.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (.*) \|$", page, re.MULTILINE))
    rules = set()
    for path in (ROOT / "ontology/audit").glob("*.rq"):
        text = path.read_text(encoding="utf-8")
        made = text[text.index("CONSTRUCT") : text.index("WHERE")]
        title = re.search(r"^#\+ title: (.*)$", text, re.MULTILINE)
        verdict = re.search(r"tz:assessedAs tz:(\w+)", made)
        if title is not None and verdict is not None:
            rules.add((path.stem, verdict[1], title[1]))
    assert len(rules) > 30
    assert rows == rules
