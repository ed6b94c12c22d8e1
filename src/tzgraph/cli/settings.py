"""``tzgraph settings``."""

from __future__ import annotations

import typer

__all__ = ["settings"]


def settings() -> None:
    """List the settings: environment variable, value, default, meaning.

    Example: TZGRAPH_DIR=/srv/graph tzgraph settings
    """
    from tzgraph.settings import SETTINGS

    width = max(len(setting.variable) for setting in SETTINGS)
    for setting in SETTINGS:
        value = ("(set)" if setting.secret else setting.value) if setting.value else "(not set)"
        typer.echo(f"{setting.variable:<{width}}  {value}")
        default = f" Default: {setting.default}." if setting.default else ""
        typer.echo(f"{'':<{width}}  {setting.meaning}{default}")
