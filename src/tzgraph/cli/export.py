"""``tzgraph export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tzgraph.cli.options import DIR, Dir, reader_may_leave

__all__ = ["export"]


def export(
    format_: Annotated[
        str,
        typer.Option("--format", "-f", help="turtle, ntriples, nquads, trig, rdfxml or jsonld."),
    ] = "turtle",
    graph: Annotated[
        str | None,
        typer.Option("--graph", help="One named graph: its IRI or name, such as source/toga."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; by default standard output.")
    ] = None,
    directory: Dir = DIR,
) -> None:
    """Write the graph: triple formats give the default view, quad formats all graphs.

    Example: tzgraph export --format turtle --graph ontology -o ontology.ttl
    """
    from tzgraph.export.writer import export as write
    from tzgraph.export.writer import write_file
    from tzgraph.release import open_release

    release = open_release(directory)
    if output is not None:
        write_file(release, format_, output, graph=graph)
    else:
        with reader_may_leave():
            write(release, format_, sys.stdout.buffer, graph=graph)
            sys.stdout.flush()
