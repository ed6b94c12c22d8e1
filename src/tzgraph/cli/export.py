"""``tzgraph export``."""

from __future__ import annotations

from typing import Annotated

import typer

from tzgraph.cli.options import DIR, Dir, Out, release_files
from tzgraph.output import Output

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
    output: Out = None,
    directory: Dir = DIR,
) -> None:
    """Write the graph: triple formats give the default view, quad formats all graphs.

    Example: tzgraph export --format turtle --graph ontology -o ontology.ttl
    """
    from tzgraph.export.writer import export as write
    from tzgraph.release import open_release

    target = Output(output, release_files(directory))
    release = open_release(directory)
    with target.stream() as out:
        write(release, format_, out, graph=graph)
    target.tell()
