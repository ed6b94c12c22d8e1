"""Which release is served, and the change to another one while requests come in.

The new release is opened beside the old one, tried out, and takes its place in one step. Each
request holds the release that it came to; the old one is closed when nobody holds it any more. A
release that can't be opened, or does not hold what its manifest says, is refused, and the old one
stays.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tzgraph.errors import InputUnreadableError, TzgraphError
from tzgraph.release import Release, open_release
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.updates import Updates
from tzgraph.serve.engine.base import Offer, QueryRequest
from tzgraph.serve.engine.cache import Cache
from tzgraph.serve.engine.errors import EngineBusyError
from tzgraph.serve.observe.metrics import Metrics
from tzgraph.serve.releases.service import Service

__all__ = ["ReleaseLease", "ReleaseManager"]

_LOG = logging.getLogger(__name__)
_COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
#: Seconds after which a release that was refused is tried again.
_AGAIN = 60.0


@dataclass(eq=False, slots=True)
class ReleaseLease:
    """A service, and how many requests hold it."""

    service: Service
    users: int = 0
    unused: asyncio.Event = field(default_factory=asyncio.Event)


class ReleaseManager:
    """Gives requests the current release, and changes it.

    :param make: opens a release and starts its engine
    :param cache: emptied at a change
    :param metrics: counts changes
    :param refused: code of what is wrong with the current release of the folder, if the first one
        is served in its place
    """

    def __init__(
        self,
        make: Callable[[Release], Awaitable[Service]],
        cache: Cache,
        metrics: Metrics,
        refused: str = "",
    ) -> None:
        self._make = make
        self._cache = cache
        self._metrics = metrics
        self._current: ReleaseLease | None = None
        self._retiring: dict[ReleaseLease, asyncio.Task[None]] = {}
        self._refused = ""
        self._refused_at = 0.0
        #: Code of what is wrong with the current release of the folder, empty if it is served.
        self.refused = refused
        #: Says whether this server itself is about to put another state in place.
        self.paused: Callable[[], bool] = lambda: False

    @property
    def service(self) -> Service:
        """What new requests are answered from."""
        if self._current is None:
            raise RuntimeError("the server has not started")
        return self._current.service

    def acquire(self) -> ReleaseLease:
        """Give the current release to a request, and keep it open until it is released."""
        lease = self._current
        if lease is None:
            raise RuntimeError("the server has not started")
        lease.users += 1
        return lease

    def release(self, lease: ReleaseLease) -> None:
        """Take a lease back that a request needs no more."""
        lease.users -= 1
        if not lease.users and lease is not self._current:
            lease.unused.set()

    async def start(self, release: Release) -> None:
        """Open the first release.

        :raises TzgraphError: if it can't be
        """
        self._current = ReleaseLease(await self._make(release))

    async def move_to(self, release: Release) -> None:
        """Open another release beside the current one and put it in its place.

        :raises TzgraphError: if it can't be opened, or is not what its manifest says
        """
        # Of the release that is served only another state has come, small and sealed by its writer.
        known = self._current is not None and self.service.release.path == release.path
        await asyncio.to_thread(release.demand_whole, whole=not known)
        service = await self._make(release)
        try:
            await _try_out(service)
        except BaseException:
            await service.close()
            raise
        self.activate(service)

    def activate(self, service: Service) -> None:
        """Let new requests be answered from a service; the old one is closed when it is unused."""
        old, self._current = self._current, ReleaseLease(service)
        if old is None:
            return
        if old.service.release.id != service.release.id:
            self._cache.clear()
        if not old.users:
            old.unused.set()
        self._retiring[old] = asyncio.ensure_future(self._retire(old))

    def watching(self, directory: Path | None, interval_s: float) -> asyncio.Future[None]:
        """Begin to watch a release folder; to be cancelled when the server stops.

        :param directory: ``None`` to watch nothing
        :param interval_s: seconds from one look to the next, 0 for never
        """
        if directory is None or not interval_s:
            return asyncio.get_running_loop().create_future()
        return asyncio.ensure_future(self.watch(directory, interval_s))

    async def watch(self, directory: Path, interval_s: float) -> None:
        """Look again and again whether a release folder has another current release.

        :param interval_s: seconds from one look to the next
        """
        while True:
            await asyncio.sleep(interval_s)
            if self.paused():
                continue
            served = self.service.release
            try:
                name = ReleaseLayout(directory).current_id()
                now = (name, Updates(directory, name).current()) if name else None
            except TzgraphError as error:
                self._refuse(str(error), error)
                continue
            if now is None:
                continue
            if now == (served.manifest.id, served.state):
                self._refused = self.refused = ""
            elif str(now) != self._refused or time.monotonic() - self._refused_at > _AGAIN:
                await self._follow(directory, str(now))

    async def follow(self, directory: Path) -> None:
        """Serve the current release of a folder now.

        :raises EngineBusyError: if it can't be served, which may pass
        """
        name = ReleaseLayout(directory).current_id() or ""
        if name != self.service.release.manifest.id:
            await self._follow(directory, name)
        if name != self.service.release.manifest.id:
            raise EngineBusyError(
                "The new release can't be served yet.", "Try again later; else build again."
            )

    async def close(self) -> None:
        """Close all releases, also those that are in use."""
        held = [*self._retiring, *([self._current] if self._current is not None else [])]
        for task in self._retiring.values():
            task.cancel()
        for one in held:
            await one.service.close()

    async def _follow(self, directory: Path, name: str) -> None:
        started = time.monotonic()
        try:
            await self.move_to(await asyncio.to_thread(open_release, directory))
        except Exception as error:  # whatever is wrong with it, the old one stays
            if not isinstance(error, TzgraphError | OSError):
                _LOG.exception("a release could not be opened")
            self._refuse(name, error)
        else:
            self.refused = ""
            self._metrics.switches["done"] += 1
            took = time.monotonic() - started
            current = self.service.release.id
            _LOG.info("release %s is served, %.1f s after it was seen", current, took)

    def _refuse(self, name: str, error: Exception) -> None:
        """Tell once in a while that the current release of the folder can't be served."""
        self.refused = getattr(error, "code", "") or TzgraphError.code
        if name == self._refused and time.monotonic() - self._refused_at <= _AGAIN:
            return
        self._metrics.switches["refused"] += 1
        self._refused, self._refused_at = name, time.monotonic()
        kept = self.service.release.id
        _LOG.error("release %s is refused, %s stays: %s", name, kept, error)

    async def _retire(self, old: ReleaseLease) -> None:
        await old.unused.wait()
        await old.service.close()
        self._metrics.kills.update(old.service.engine.status().kills)
        del self._retiring[old]


async def _try_out(service: Service) -> None:
    """Let the engine count the triples.

    :raises TzgraphError: if it can't, or there are others than the manifest says
    """
    request = QueryRequest(_COUNT, bindings=Offer("csv", "text/csv"))
    answer = await service.engine.query(request)
    try:
        written = b"".join([chunk async for chunk in answer.chunks])
    finally:
        answer.close()
    manifest = service.release.manifest
    counted = written.split() == [b"n", str(manifest.triples).encode()]
    if not counted and not service.release.state:
        raise InputUnreadableError(
            f"Release {manifest.id} does not hold the triples that its manifest counts.",
            "Build again.",
        )
