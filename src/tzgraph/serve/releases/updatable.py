"""Show readers the states that updates make: from disk at once, from memory when it is quiet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tzgraph.errors import TzgraphError
from tzgraph.release import Release
from tzgraph.serve.engine.base import Engine
from tzgraph.serve.engine.cache import Cache, CachingEngine
from tzgraph.serve.engine.counts import StateCounts
from tzgraph.serve.engine.explaining import Explaining
from tzgraph.serve.engine.shared import StateEngine
from tzgraph.serve.isolation.machine import fits_in_memory
from tzgraph.serve.releases.manager import ReleaseManager
from tzgraph.serve.releases.service import Service
from tzgraph.serve.settings import ServeSettings
from tzgraph.serve.updates import Writer

__all__ = ["UpdatableRelease"]

_LOG = logging.getLogger(__name__)


class UpdatableRelease:
    """A graph that changes while it is served.

    :param root: the release folder
    :param settings: limits
    :param switch: gives requests what they are answered from
    :param engine: makes an engine that holds a release in memory
    :param cache: where results are kept
    """

    def __init__(
        self,
        root: Path,
        settings: ServeSettings,
        switch: ReleaseManager,
        engine: Callable[[Release, ServeSettings], Engine],
        cache: Cache,
    ) -> None:
        self._settings = settings
        self._switch = switch
        self._engine = engine
        self._cache = cache
        self._settling: asyncio.Task[None] | None = None
        self.writer = Writer(
            root,
            settings.writes,
            release=lambda: switch.service.release,
            show=self.show,
            follow=lambda: switch.follow(root),
        )

    def start(self) -> None:
        """Begin to take updates."""
        self.writer.start()
        self._switch.paused = lambda: self.writer.busy

    async def close(self) -> None:
        """Take no more updates."""
        self._stop_settling()
        await self.writer.close()

    async def show(self, state: Release) -> None:
        """Let new requests see a state of the release that is served."""
        self._stop_settling()
        service = self._switch.service
        if service.disk is None:
            raise RuntimeError("the server was not made for updates")
        self._switch.activate(
            self._on(service, state, StateEngine(service.disk, str(state.store_path)))
        )
        settings = self._settings
        if settings.writes.reload_delay_s and fits_in_memory(
            state, settings.queries.graph_memory_mb
        ):
            self._settling = asyncio.ensure_future(self._settle())

    def _on(self, service: Service, state: Release, engine: Engine) -> Service:
        """Give a service like another one on a state, with an engine that has started."""
        caching = CachingEngine(engine, self._cache, state.id)
        known = service.counts.known if service.release.id == state.id else None
        return replace(
            service,
            release=state,
            names=service.names.of_state(updated=bool(state.state)),
            engine=caching,
            counts=StateCounts(state, caching, known),
            explaining=Explaining(state, timeout_s=self._settings.queries.timeout_s),
            disk=None if service.disk is None else service.disk.hold(),
        )

    async def _settle(self) -> None:
        """Load the state into memory when no update has come for a while."""
        await asyncio.sleep(self._settings.writes.reload_delay_s)
        service = self._switch.service
        engine = self._engine(service.release, self._settings)
        try:
            await engine.start()
        except (OSError, TzgraphError) as error:
            _LOG.warning("the updated graph stays on disk: %s", error)
            return
        if self._switch.service is service:
            self._switch.activate(self._on(service, service.release.again(), engine))
        else:
            await engine.close()

    def _stop_settling(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None
