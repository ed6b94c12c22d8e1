"""What the application holds beside the release that it serves."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from tzgraph.serve.engine.cache import Cache
from tzgraph.serve.observe.logs import LineWriter
from tzgraph.serve.observe.metrics import Metrics
from tzgraph.serve.releases.manager import ReleaseManager
from tzgraph.serve.releases.updatable import UpdatableRelease
from tzgraph.serve.settings import ServeSettings

__all__ = ["ServerState", "state_of"]


@dataclass(frozen=True, slots=True)
class ServerState:
    """What holds as long as the server runs.

    :ivar cache: results that are kept
    :ivar switch: knows whether the current release of the folder is the one that is served
    :ivar log: takes a line for each request; ``None`` if nobody reads them
    :ivar live: where updates are on: carries them out
    """

    settings: ServeSettings
    cache: Cache
    metrics: Metrics
    switch: ReleaseManager
    log: LineWriter | None = None
    live: UpdatableRelease | None = None


def state_of(request: Request) -> ServerState:
    """Give what the application holds that answers a request."""
    state: ServerState = request.app.state.server
    return state
