"""What a release folder was last built from, so that it can be built again when imports change."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from tzgraph.errors import InputUnreadableError
from tzgraph.output import Output
from tzgraph.release.options import BuildOptions

__all__ = ["ORIGIN", "read_origin", "write_origin"]

#: In the release folder, and no part of a release: it has paths of the machine.
ORIGIN = "built-from.json"
#: What a build did once and another has no reason to do: it changes nothing that is read.
_ONCE = ("dl", "drop_updates")


def write_origin(root: Path, options: BuildOptions) -> None:
    """Write the options of a folder's release; only values that differ from the defaults."""
    default = BuildOptions()
    said: dict[str, Any] = {}
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if field.name in _ONCE or value == getattr(default, field.name):
            continue
        if isinstance(value, Path):
            value = str(value.resolve())
        elif isinstance(value, tuple):
            value = [str(path.resolve()) for path in value]
        said[field.name] = value
    Output(str(root / ORIGIN)).write(json.dumps(said, indent=2) + "\n")


def read_origin(root: Path) -> BuildOptions:
    """Give what a folder's current release was built from.

    :raises InputUnreadableError: if the note is damaged, or a folder that it names is gone
    """
    path = root / ORIGIN
    if not path.exists():
        return BuildOptions()
    default = BuildOptions()
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        known = {field.name: getattr(default, field.name) for field in dataclasses.fields(default)}
        given = {name: _like(known[name], value) for name, value in said.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputUnreadableError(
            f"{path} can't be read: {error!r}.", "Run `tzgraph build` again, then this."
        ) from error
    options = dataclasses.replace(default, **given)
    for folder in (options.sources, options.ontology, options.shapes, *options.more):
        if not folder.exists():
            raise InputUnreadableError(
                f"The release was built from {folder}, which is gone.",
                "Run `tzgraph build` with the folders that are there now, then this.",
            )
    return options


def _like(default: object, value: Any) -> Any:
    """A value of JSON as what its default is."""
    if isinstance(default, Path):
        return Path(value)
    if isinstance(default, tuple):
        return tuple(Path(item) for item in value)
    return value
