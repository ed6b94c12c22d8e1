"""What several commands share: options, and which files a release folder is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tzgraph.settings import DIRECTORY, CommandSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tzgraph.query.library import QueryFile
    from tzgraph.release.build import BuildOptions

__all__ = [
    "DIR",
    "Dir",
    "Ontology",
    "Out",
    "Queries",
    "Shapes",
    "Sources",
    "build_options",
    "module_file",
    "own_library",
    "own_queries",
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

#: Where queries of one's own are.
Queries = Annotated[
    Path | None,
    typer.Option(
        "--queries",
        help="Folder of queries of your own, beside the shipped ones; or TZGRAPH_QUERIES.",
    ),
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


def own_queries(given: Path | None) -> Path | None:
    """Give the folder of queries of one's own: that of the option, else of the setting."""
    from tzgraph.settings import from_environment

    set_ = from_environment(CommandSettings).queries
    return given or (Path(set_) if set_ else None)


def own_library(given: Path | None) -> Mapping[str, QueryFile]:
    """Read the query library, with queries of one's own; say which hide shipped ones.

    :raises InputUnreadableError: if the folder or a file in it can't be read
    """
    from tzgraph.query.library import load_libraries

    return load_libraries(own_queries(given), lambda line: typer.echo(f"warning: {line}", err=True))


def release_files(directory: Path) -> list[Path]:
    """Give what a command reads that opens the current release."""
    from tzgraph.release.layout import ReleaseLayout

    layout = ReleaseLayout(directory)
    return [directory / "current", layout.releases, layout.updates, layout.imports]
