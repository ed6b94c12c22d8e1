"""How much a state of a release holds, counted where queries run, once for each state.

The manifest of a release says it for the release as it was built. An update changes it, and the
engine tells nobody by how much; so a state is counted when somebody first asks, as any query is,
in a worker: neither the event loop nor the update waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.release import Release
from tzgraph.resources import own_query
from tzgraph.serve.engine.base import Engine, Offer, QueryRequest
from tzgraph.serve.engine.errors import EngineBusyError
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.engine.rows import ROWS, ResultTable, read_rows

__all__ = ["Counts", "StateCounts"]

_LOG = logging.getLogger(__name__)
#: Seconds that who asks waits for what is not counted yet.
_PATIENCE = 2
#: Seconds after which counting is tried again where it took too long, or too much memory.
_AGAIN = 600.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is.

    :ivar triples: of the default view
    :ivar graphs: triples of each named graph, empty ones too
    :ivar classes: things of each class of the ontology in the default view, if there are any
    """

    triples: int
    graphs: Mapping[str, int]
    classes: Mapping[str, int]

    @property
    def quads(self) -> int:
        """Triples of all graphs together."""
        return self.triples + sum(self.graphs.values())


class StateCounts:
    """Knows how much a state holds, or finds it out.

    :param release: the state
    :param engine: what answers queries on it
    :param known: what was counted before, if it was
    """

    def __init__(self, release: Release, engine: Engine, known: Counts | None = None) -> None:
        self._engine = engine
        self._task: asyncio.Task[Counts] | None = None
        self._begun = 0.0
        self.known = known
        if not release.state:
            built = release.manifest
            self.known = Counts(built.triples, built.graphs, built.classes)

    async def soon(self) -> Counts | None:
        """Give what is counted within a short time, else ``None``; then it is counted meanwhile.

        Also ``None`` where counting takes longer, or more memory, than a query may.
        """
        if self.known is None:
            if self._task is None or self._may_succeed_now(self._task):
                self._task, self._begun = asyncio.ensure_future(self._count()), time.monotonic()
                self._task.add_done_callback(_told)
            await asyncio.wait([self._task], timeout=_PATIENCE)
        return self.known

    async def close(self) -> None:
        """Stop to count."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _may_succeed_now(self, task: asyncio.Task[Counts]) -> bool:
        """Whether others were in the way of the last attempt, or it is some time ago."""
        if not task.done():
            return False
        busy = task.cancelled() or isinstance(task.exception(), EngineBusyError)
        return busy or time.monotonic() - self._begun > _AGAIN

    async def _count(self) -> Counts:
        tables = [await self._ask(name) for name in ("graph-sizes", "class-sizes")]
        sizes, classes = await aside(lambda: [_numbers(table) for table in tables])
        default = sizes.pop("", 0)
        self.known = Counts(default, dict(sorted(sizes.items())), dict(sorted(classes.items())))
        return self.known

    async def _ask(self, name: str) -> ResultTable:
        text, offer = own_query("serve/engine", name), Offer(ROWS, "")
        answer = await self._engine.query(QueryRequest(text, bindings=offer))
        try:
            written = b"".join([chunk async for chunk in answer.chunks])
        finally:
            answer.close()
        return await aside(lambda: read_rows(written))


def _told(task: asyncio.Task[Counts]) -> None:
    """Say once why there are no counts."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOG.warning("what the graph holds could not be counted: %s", error)


def _numbers(table: ResultTable) -> dict[str, int]:
    """Give the number behind each IRI; that of the default graph stands behind an empty one."""
    found = {}
    for iri, number in table.rows:
        if isinstance(number, ox.Literal):
            found[iri.value if isinstance(iri, ox.NamedNode) else ""] = int(number.value)
    return found
