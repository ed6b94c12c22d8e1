"""What several commands share: options, and which files a release folder is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tzgraph.settings import DIRECTORY, CommandSettings

if TYPE_CHECKING:
    from tzgraph.release.build import BuildOptions

__all__ = [
    "DIR",
    "Dir",
    "Ontology",
    "Out",
    "Shapes",
    "Sources",
    "build_options",
    "module_file",
    "release_files",
]

#: Where a command writes: it makes a :class:`tzgraph.output.Output` of it, with what it reads.
Out = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="File to write; by default standard output."
    ),
]

#: Where releases are.
Dir = Annotated[
    Path,
    typer.Option("--dir", envvar=DIRECTORY, help="Release folder.", show_default=True),
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

DIR: Path = CommandSettings().directory


def build_options(sources: Path | None, ontology: Path | None, shapes: Path | None) -> BuildOptions:
    """Give what a build reads: the folders named, and the shipped ones for the rest."""
    from tzgraph.release.build import BuildOptions

    default = BuildOptions()
    return BuildOptions(
        sources=sources or default.sources,
        ontology=ontology or default.ontology,
        shapes=shapes or default.shapes,
    )


def module_file(ontology: Path, name: str) -> Path:
    """Give the file of an optional module of the ontology: by its name there, or by its path.

    :raises InputUnreadableError: if there is no such module
    """
    from tzgraph.errors import InputUnreadableError

    folder = ontology / "optional"
    found = folder / f"{name}.ttl"
    if found.is_file():
        return found
    if Path(name).is_file():
        return Path(name)
    known = ", ".join(sorted(path.stem for path in folder.glob("*.ttl"))) or "none"
    raise InputUnreadableError(
        f"There is no module {name!r} of the ontology.",
        f"Give the path of a Turtle file, or the name of a module in {folder}: {known}.",
    )


def release_files(directory: Path) -> list[Path]:
    """Give what a command reads that opens the current release."""
    from tzgraph.release.layout import ReleaseLayout

    layout = ReleaseLayout(directory)
    return [directory / "current", layout.releases, layout.updates, layout.imports]
