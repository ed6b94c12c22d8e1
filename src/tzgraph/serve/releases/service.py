"""What requests are answered from: all of one release, changed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Scope

from tzgraph.names.resolver import NameResolver
from tzgraph.pageviews import Views
from tzgraph.query.library import QueryFile
from tzgraph.release import Release
from tzgraph.serve.engine.base import Engine
from tzgraph.serve.engine.counts import StateCounts
from tzgraph.serve.engine.explaining import Explaining
from tzgraph.serve.engine.shared import SharedEngine
from tzgraph.serve.views.pages import Pages

__all__ = ["Service", "attach", "service_in", "service_of"]


@dataclass(frozen=True, slots=True)
class Service:
    """What requests are answered from, all of one state of a release and changed together.

    :ivar names: finds things by any of their names
    :ivar counts: how much the state holds
    :ivar views: how pages of things are laid out
    :ivar disk: where updates are on: answers from any state of the release, from disk
    """

    release: Release
    engine: Engine
    explaining: Explaining
    pages: Pages
    names: NameResolver
    library: Mapping[str, QueryFile]
    counts: StateCounts
    views: Views
    disk: SharedEngine | None = None

    async def close(self) -> None:
        """End what runs and free what is held."""
        await self.explaining.close()
        await self.counts.close()
        await self.engine.close()
        if self.disk is not None:
            await self.disk.leave()
        # Not when it is collected as garbage, which may be long after.
        self.release.close()


_KEY = "tzgraph.service"


def attach(service: Service, scope: Scope) -> None:
    """Let a request be answered from a service."""
    scope[_KEY] = service


def service_of(request: Request) -> Service:
    """Give what a request is answered from."""
    return service_in(request.scope)


def service_in(scope: Scope) -> Service:
    """Give what a request with this scope is answered from."""
    service: Service = scope[_KEY]
    return service
