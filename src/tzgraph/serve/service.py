"""What the routes answer from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from tzgraph.query.library import QueryFile
from tzgraph.release import Release
from tzgraph.serve.engine import Engine
from tzgraph.serve.explaining import Explaining
from tzgraph.serve.pages import Pages

__all__ = ["Service", "service_of"]


@dataclass(frozen=True, slots=True)
class Service:
    """What requests are answered from, all of one release and changed together."""

    release: Release
    engine: Engine
    explaining: Explaining
    pages: Pages
    library: Mapping[str, QueryFile]


def service_of(request: Request) -> Service:
    """Give what a request is answered from, for as long as it lasts."""
    service: Service = request.app.state.service
    return service
