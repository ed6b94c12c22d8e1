"""What several commands share: options, and readers that go away."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from tzgraph.settings import DEFAULT_DIR

__all__ = ["DIR", "Dir", "Sources", "reader_may_leave"]

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

DIR: Path = DEFAULT_DIR


@contextlib.contextmanager
def reader_may_leave() -> Iterator[None]:
    """Take it as no error if the reader of standard output goes away, as `head` does."""
    try:
        yield
    except BrokenPipeError:
        # Python would complain again when it closes the stream at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
