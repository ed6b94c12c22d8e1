"""The graph with documents laid over it, to be looked at and not published."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import Finding
from tzgraph.release.kept import KeptGraph, KeptGraphs, digest_of
from tzgraph.release.options import BuildOptions, Progress
from tzgraph.release.stages import Stages

__all__ = ["Aside", "built_aside"]


@dataclass(frozen=True)
class Aside:
    """A graph that is not published: what it holds, and what is wrong with it.

    :ivar id: tells it from graphs of other sources, ontologies and versions of tzgraph; documents
        laid over it don't change it
    """

    id: str
    store: ox.Store
    findings: tuple[Finding, ...]


@contextmanager
def built_aside(
    options: BuildOptions, report: Callable[[Progress], None], kept: KeptGraphs | None = None
) -> Iterator[Aside]:
    """Build a graph in memory, with the further folders, and audit what they claim.

    :param options: what to read
    :param report: is told when a stage begins and ends
    :param kept: where the graph without the further folders is kept
    :raises DataError: if the data does not conform
    :raises InputUnreadableError: if ontology, shapes or sources can't be read
    """
    digest = ""
    with suppress(OSError):  # what can't be read is told by the build
        digest = _digest(options)

    def keep(store: ox.Store, graph: KeptGraph) -> None:
        # What was changed while it was read may be in part what it was.
        if kept is not None and digest and digest == _digest(options):
            kept.put(digest, store, graph)

    found = kept.get(digest) if kept is not None and digest else None
    with tempfile.TemporaryDirectory(prefix="tzgraph-aside-") as work:
        build = Stages(Path(work), options, report, in_memory=True)
        try:
            build.run(found, keep)
            yield Aside(digest[:16], build.open_store(), tuple(build.findings))
        finally:
            build.close()


def _digest(options: BuildOptions) -> str:
    return digest_of((options.sources, options.ontology, options.shapes))
