"""Serve agents over standard input and output: ``tzgraph mcp``.

The tools ask what an HTTP server would answer from, made in the same way, so that limits,
isolation and the change to a new release are the same; only nothing listens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request

from tzgraph.errors import UsageError
from tzgraph.query.library import QueryFile
from tzgraph.release import open_release
from tzgraph.serve.app import create_app
from tzgraph.serve.releases.service import attach
from tzgraph.serve.settings import ServeSettings, WriteSettings
from tzgraph.serve.state import ServerState
from tzgraph.settings import from_environment

__all__ = ["serve_stdio"]


def serve_stdio(
    directory: Path,
    settings: ServeSettings | None = None,
    library: Mapping[str, QueryFile] | None = None,
) -> None:
    """Answer an agent until it closes standard input.

    :param directory: release folder
    :param library: queries, by default those that ship
    :param settings: by default those of the environment
    :raises UsageError: if the extra ``mcp`` is missing, or a setting is wrong
    :raises NoReleaseError: if there is no release
    """
    try:
        from mcp.server.stdio import stdio_server

        from tzgraph.serve.agents.protocol import make_server
    except ImportError as error:
        raise UsageError(
            "Agents need the SDK of the Model Context Protocol.",
            "Install it with `pip install 'tzgraph[mcp]'`.",
        ) from error
    limits = settings or from_environment(ServeSettings)
    release = open_release(directory)
    # Updates have a route and a token of their own.
    limits = replace(limits, writes=WriteSettings())
    app = create_app(release, settings=limits, directory=directory, library=library)

    async def run() -> None:
        # First the processes of the engine, as they are forked, then threads that read.
        async with app.router.lifespan_context(app):
            server = make_server(lambda _context: _request(app))
            async with stdio_server() as (reading, writing):
                await server.run(reading, writing, server.create_initialization_options())

    asyncio.run(run())


@asynccontextmanager
async def _request(app: FastAPI) -> AsyncIterator[Request]:
    """Give a request that holds the release as it is now."""
    state: ServerState = app.state.server
    lease = state.switch.acquire()
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "query_string": b"",
        "headers": [],
        "client": None,
        "app": app,
    }
    attach(lease.service, scope)
    try:
        yield Request(scope, _never)
    finally:
        state.switch.release(lease)


async def _never() -> dict[str, Any]:
    """Wait: a client leaves by closing standard input, which ends all."""
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}
