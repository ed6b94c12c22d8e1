"""The shipped graph with documents laid over it, without building it anew for each."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tzgraph.audit.collect import collect_audit
from tzgraph.audit.model import Audit
from tzgraph.release import BuildOptions
from tzgraph.release.aside import Aside, built_aside
from tzgraph.release.kept import KeptGraphs

__all__ = ["audit_in", "laid_over"]


@contextmanager
def laid_over(*folders: Path) -> Iterator[Aside]:
    """Give the graph that `tzgraph audit FOLDER…` makes, which all tests of a run share a part of.

    The first builds the shipped graph and keeps it as it is before documents are laid over it; who
    comes meanwhile waits.
    """
    cache = Path(os.environ["TZGRAPH_CACHE"])
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if any(cache.glob("graph-*.zip")):
            fcntl.flock(lock, fcntl.LOCK_UN)
        options = BuildOptions(more=folders)
        with built_aside(options, lambda _progress: None, KeptGraphs(cache)) as aside:
            fcntl.flock(lock, fcntl.LOCK_UN)
            yield aside


def audit_in(aside: Aside, source: str) -> Audit:
    """Give the audit of a document."""
    return collect_audit(aside.store, source, aside.id, aside.findings)
