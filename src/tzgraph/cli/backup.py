"""``tzgraph backup``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tzgraph.cli.options import DIR, Dir

__all__ = ["backup"]


def backup(
    target: Annotated[
        Path, typer.Argument(help="Folder to make; it can take the place of the release folder.")
    ],
    directory: Dir = DIR,
) -> None:
    """Copy the current release with its updates and imports, while it is served and updated.

    To restore, move the copy to where the release folder was.

    Example: tzgraph backup backups/monday
    """
    from tzgraph.release.backup import back_up

    made = back_up(directory, target)
    state = f" with the updates up to state {made.state}" if made.state else ""
    typer.echo(f"Release {made.release}{state}: {made.bytes / 1e6:,.1f} MB in {target}, all read.")
