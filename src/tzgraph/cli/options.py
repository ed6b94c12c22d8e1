"""What several commands share: options, and readers that go away."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tzgraph.settings import DEFAULT_DIR

if TYPE_CHECKING:
    from tzgraph.release.build import BuildOptions

__all__ = ["DIR", "Dir", "Ontology", "Shapes", "Sources", "build_options", "reader_may_leave"]

#: Where releases are.
Dir = Annotated[
    Path,
    typer.Option("--dir", envvar="TZGRAPH_DIR", help="Release folder.", show_default=True),
]
#: Where source tables are.
Sources = Annotated[
    Path | None,
    typer.Option("--sources", help="Folder of source tables; by default the shipped ones."),
]

#: Where the ontology is.
Ontology = Annotated[
    Path | None,
    typer.Option("--ontology", help="Folder of the ontology; by default the shipped one."),
]
#: Where the shapes are.
Shapes = Annotated[
    Path | None, typer.Option("--shapes", help="Folder of shapes; by default the shipped ones.")
]

DIR: Path = DEFAULT_DIR


def build_options(sources: Path | None, ontology: Path | None, shapes: Path | None) -> BuildOptions:
    """Give what a build reads: the folders named, and the shipped ones for the rest."""
    from tzgraph.release.build import BuildOptions

    default = BuildOptions()
    return BuildOptions(
        sources=sources or default.sources,
        ontology=ontology or default.ontology,
        shapes=shapes or default.shapes,
    )


@contextlib.contextmanager
def reader_may_leave() -> Iterator[None]:
    """Take it as no error if the reader of standard output goes away, as `head` does."""
    try:
        yield
    except BrokenPipeError:
        # Python would complain again when it closes the stream at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
