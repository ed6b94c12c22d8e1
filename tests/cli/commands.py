"""Runs the command line in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import forking

__all__ = ["Sources", "environment", "tzgraph"]


def environment(**variables: str) -> dict[str, str]:
    """The environment of a command: ours without tzgraph's settings, and these variables.

    What it keeps to save time lies where tests keep it.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TZGRAPH") or name == "TZGRAPH_CACHE"
    }
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**inherited, "PYTHONPATH": path, **variables}


def tzgraph(
    *arguments: str | Path, cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command and wait for it; with variables of Python, in a Python that is started."""
    words = [str(argument) for argument in arguments]
    if any(name.startswith("PYTHON") for name in variables):
        done = subprocess.run(
            [sys.executable, "-m", "tzgraph", *words],
            capture_output=True,
            cwd=cwd,
            env=environment(**variables),
            check=False,
            timeout=120,
        )
    else:
        done = forking.run(words, environment(**variables), cwd)
    out, err = (stream.decode().replace("\r\n", "\n") for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(words, done.returncode, out, err)


class Sources:
    """A folder of a few sources that conform to the shipped ontology and shapes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.write(
            "sources.tsv",
            "tz:Source\trdfs:label\tdcterms:bibliographicCitation\tdcterms:license\tdcterms:created"
            "\ttz:sourceRole\tsource",
            "desk\tThe desk\tThe desk, its notes.\t<https://creativecommons.org/licenses/by/4.0/>"
            "\t2026-11-23\tCuration\tdesk",
        )
        self.drugs("examplumab\tMonoclonalAntibody\texamplumab\tdesk\tSeen\thttps://example.org/")

    def write(self, name: str, *lines: str) -> Path:
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    def drugs(self, *lines: str) -> Path:
        head = "tz:Drug\trdf:type\trdfs:label\tsource\ttz:checkStatus\ttz:checkedAt"
        return self.write("drugs.tsv", head, *lines)
