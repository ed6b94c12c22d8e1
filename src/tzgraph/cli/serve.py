"""The command ``tzgraph serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from tzgraph.cli.options import DIR, Dir, Queries, own_library, own_queries

__all__ = ["serve"]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    queries: Queries = None,
    directory: Dir = DIR,
) -> None:
    """Serve the graph over HTTP; build it first if there is no release.

    A new file in the folder of --queries is seen when the server starts again.

    Example: tzgraph serve --port 8080
    """
    from tzgraph.cli.build import show_progress
    from tzgraph.serve.server import is_loopback
    from tzgraph.serve.server import serve as run_server

    if not is_loopback(host):
        typer.echo(
            f"warning: {host} is reachable from other machines, without authentication.",
            err=True,
        )
    run_server(
        directory,
        host,
        port,
        report=lambda line: typer.echo(line, err=True),
        progress=show_progress,
        library=own_library(queries) if own_queries(queries) else None,
    )
