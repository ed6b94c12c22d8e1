"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tzgraph.settings import DEFAULT_DIR

__all__ = ["Dir", "Sources"]

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
