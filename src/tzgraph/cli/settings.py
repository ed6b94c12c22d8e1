"""``tzgraph settings``."""

from __future__ import annotations

import typer

__all__ = ["settings"]


def settings() -> None:
    """List the settings: environment variable, value, meaning, what it must be, default.

    At the end all that are wrong are named; the exit code is 2 then.

    Example: TZGRAPH_DIR=/srv/graph tzgraph settings
    """
    from tzgraph.serve.settings import SETTINGS, ServeSettings
    from tzgraph.settings import from_environment

    width = max(len(setting.variable) for setting in SETTINGS)
    for setting in SETTINGS:
        value = "(set)" if setting.text and setting.secret else setting.text or "(not set)"
        typer.echo(f"{setting.variable:<{width}}  {value}")
        bounds = "" if setting.kind == "text" else f" Must be {setting.kind}."
        default = f" Default: {setting.default_text}." if setting.default_text else ""
        typer.echo(f"{'':<{width}}  {setting.meaning}{bounds}{default}")
    from_environment(ServeSettings)
