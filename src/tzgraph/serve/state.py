"""What the application holds beside the release that it serves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from tzgraph.serve.engine.base import Answer, QueryRequest
from tzgraph.serve.engine.cache import Cache
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.observe.logs import LineWriter
from tzgraph.serve.observe.metrics import Metrics
from tzgraph.serve.releases.manager import ReleaseManager
from tzgraph.serve.releases.service import Service
from tzgraph.serve.releases.updatable import UpdatableRelease
from tzgraph.serve.settings import ServeSettings

__all__ = ["MakePage", "ServerState", "state_of"]

#: Makes the page of a query's result, with the headers that its answer has so far.
MakePage: TypeAlias = Callable[
    [Request, Service, ProtocolQuery, QueryRequest, Answer, dict[str, str]], Awaitable[Response]
]


@dataclass(frozen=True, slots=True)
class ServerState:
    """What holds as long as the server runs.

    :ivar cache: results that are kept
    :ivar switch: knows whether the current release of the folder is the one that is served
    :ivar log: takes a line for each request; ``None`` if nobody reads them
    :ivar make_page: makes pages of results
    :ivar live: where updates are on: carries them out
    """

    settings: ServeSettings
    cache: Cache
    metrics: Metrics
    switch: ReleaseManager
    make_page: MakePage
    log: LineWriter | None = None
    live: UpdatableRelease | None = None


def state_of(request: Request) -> ServerState:
    """Give what the application holds that answers a request."""
    state: ServerState = request.app.state.server
    return state
