"""What a shell completes: names of queries, their parameters, formats."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tzgraph.query.library import QueryFile

__all__ = ["format_names", "parameter_names", "query_names"]


def query_names(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Give the queries whose names begin so, with their titles."""
    return [
        (name, query.title) for name, query in _library(ctx).items() if name.startswith(incomplete)
    ]


def parameter_names(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Give the parameters of the query that is named, with what they are."""
    library = _library(ctx)
    # Of a line that is not at its end yet, typer reads no parameters.
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    named = (library.get(word) for word in (ctx.params.get("name") or "", *line.split()))
    query = next((one for one in named if one is not None), None)
    return [
        (f"{one.name}=", one.explanation or one.type)
        for one in (query.parameters if query else ())
        if one.name.startswith(incomplete)
    ]


def format_names(incomplete: str) -> Iterator[str]:
    """Give the formats of results that begin so."""
    from tzgraph.query.formats import FORMATS

    return (form.name for form in FORMATS if form.name.startswith(incomplete))


def _library(ctx: typer.Context) -> Mapping[str, QueryFile]:
    """Give the queries that can be named; what can't be read is told when they are run."""
    from tzgraph.cli.options import own_queries
    from tzgraph.errors import TzgraphError
    from tzgraph.query.library import load_libraries, load_library

    given = ctx.params.get("queries")
    try:
        return load_libraries(own_queries(Path(given) if given else None))
    except TzgraphError:
        return load_library()
