"""``tzgraph mcp``."""

from __future__ import annotations

from tzgraph.cli.options import DIR, Dir, Queries, own_library

__all__ = ["mcp"]


def mcp(queries: Queries = None, directory: Dir = DIR) -> None:
    """Serve agents over standard input and output (Model Context Protocol).

    An agent starts it; it ends when its standard input does. It needs the extra: pip install
    'tzgraph[mcp]'. `tzgraph serve` has the same tools under /mcp.

    Example: tzgraph mcp --dir my-build
    """
    from tzgraph.serve.stdio import serve_stdio

    serve_stdio(directory, library=own_library(queries))
