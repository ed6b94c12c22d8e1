"""A build in a process of its own, for tests that stop, kill or vary it.

``driver.py build ROOT DIR [POINT]`` builds the workshop at ROOT into DIR; at POINT the process
kills itself, as `kill -9` would. POINT is a stage (``stage:reason``), ``pause`` (to wait for
standard input when the first stage begins), or a name of :func:`_arm`.
``driver.py exports DIR OUT`` builds what ships with tzgraph into DIR and writes all exports.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.read.tables import Workshop
from tzgraph.export import FORMATS, export
from tzgraph.release import Progress, build_release, layout, manifest, stages

#: Points at which a build can be killed before the new release is the current one, and after.
BEFORE = (
    "stage:read",
    "stage:store",
    "stage:link",
    "stage:reason",
    "stage:validate",
    "stage:release",
    "graph.nq written",
    "manifest written",
    "not yet on disk",
    "not yet adopted",
    "adopted",
    "pointer written",
)
AFTER = ("switched", "pruned")


def _die(*_args: Any, **_kwargs: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _then_die(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        function(*args, **kwargs)
        _die()

    return run


def _arm(point: str) -> None:
    places: dict[str, tuple[object, str, bool]] = {
        "graph.nq written": (stages, "sorted_quads", True),
        "manifest written": (manifest.Manifest, "write", True),
        "not yet on disk": (layout, "sync_tree", False),
        "not yet adopted": (layout.ReleaseLayout, "adopt", False),
        "adopted": (layout.ReleaseLayout, "adopt", True),
        "pointer written": (Path, "replace", False),
        "switched": (layout.ReleaseLayout, "switch", True),
        "pruned": (layout.ReleaseLayout, "prune", True),
    }
    owner, name, afterwards = places[point]
    setattr(owner, name, _then_die(getattr(owner, name)) if afterwards else _die)


def _build(root: Path, directory: Path, point: str) -> None:
    def report(progress: Progress) -> None:
        if point == f"stage:{progress.stage}" and progress.seconds is None:
            _die()
        if point == "pause" and progress.stage == "read" and progress.seconds is None:
            sys.stdout.write("paused\n")
            sys.stdout.flush()
            sys.stdin.read()

    if point and point != "pause" and not point.startswith("stage:"):
        _arm(point)
    build_release(directory, Workshop(root).options, report)


def _exports(directory: Path, out: Path) -> None:
    release = build_release(directory)
    out.mkdir()
    for name in FORMATS:
        with (out / name).open("wb") as stream:
            export(release, name, stream)
        with (out / f"{name}-ontology").open("wb") as stream:
            export(release, name, stream, graph="ontology")


if __name__ == "__main__":
    command, first, second, *rest = sys.argv[1:]
    if command == "exports":
        _exports(Path(first), Path(second))
    else:
        _build(Path(first), Path(second), rest[0] if rest else "")
