"""An engine that several services use, each for a state of its own."""

from __future__ import annotations

from dataclasses import replace

from tzgraph.serve.engine.base import Answer, Engine, EngineStatus, QueryRequest

__all__ = ["SharedEngine", "StateEngine"]


class SharedEngine:
    """Counts who uses an engine, and closes it when nobody does any more.

    :param engine: one that can be told in each request which store to ask
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._users = 0

    def hold(self) -> SharedEngine:
        """Use the engine until :meth:`leave`."""
        self._users += 1
        return self

    async def leave(self) -> None:
        """Use it no longer."""
        self._users -= 1
        if not self._users:
            await self.engine.close()


class StateEngine:
    """Asks a shared engine about one store.

    :param shared: the engine, which somebody else holds
    :param store: folder of the store
    """

    def __init__(self, shared: SharedEngine, store: str) -> None:
        self._shared = shared
        self._store = store

    async def start(self) -> None:
        """Do nothing: it has started."""

    async def close(self) -> None:
        """Do nothing: others may use it."""

    def status(self) -> EngineStatus:
        """Say how the shared engine is."""
        return self._shared.engine.status()

    async def query(self, request: QueryRequest) -> Answer:
        """Ask about the store; see :class:`Engine`."""
        return await self._shared.engine.query(replace(request, store=self._store))
