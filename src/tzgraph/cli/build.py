"""``tzgraph build``."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tzgraph.cli.options import DIR, Dir, Ontology, Shapes, Sources, build_options, module_file

if TYPE_CHECKING:
    from tzgraph.errors import Finding
    from tzgraph.release import Progress

__all__ = ["build", "show_progress"]


def build(
    sources: Sources = None,
    ontology: Ontology = None,
    shapes: Shapes = None,
    dl: Annotated[
        bool, typer.Option("--dl", help="Check with HermiT, too (needs owlready2 and Java).")
    ] = False,
    drop_updates: Annotated[
        bool,
        typer.Option(
            "--drop-updates", help="Leave behind what updates changed; else it is taken over."
        ),
    ] = False,
    mappings: Annotated[
        list[Path] | None,
        typer.Option(
            help="Mapping set of another project (SSSOM), put beside ours unstated; repeatable."
        ),
    ] = None,
    modules: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="MODULE",
            help="Module to add to the ontology: alignment, or a Turtle file; repeatable.",
        ),
    ] = None,
    views: Annotated[
        list[Path] | None,
        typer.Option(help="Turtle file with views for pages of things; repeatable."),
    ] = None,
    directory: Dir = DIR,
) -> None:
    """Build the graph from source tables and make it the current release.

    Example: tzgraph build --sources my-sources --dir my-build
    """
    from tzgraph.release import build_release

    base = build_options(sources, ontology, shapes)
    options = dataclasses.replace(
        base,
        dl=dl,
        drop_updates=drop_updates,
        mappings=tuple(mappings or ()),
        modules=tuple(module_file(base.ontology, name) for name in modules or ()),
        views=tuple(views or ()),
    )
    warnings: list[Finding] = []
    release = build_release(directory, options, show_progress, warn=warnings.append)
    manifest = release.manifest
    typer.echo(
        f"Release {manifest.id}: {manifest.triples:,} triples in the default view, "
        f"{manifest.quads:,} quads in all, in {release.path}"
    )
    if warnings:
        again = f" --sources {sources}" if sources else ""
        typer.echo(f"{len(warnings)} warnings; `tzgraph validate{again}` lists them.", err=True)


def show_progress(progress: Progress) -> None:
    """Tell a stage: on a terminal a line that is written over when the stage ends."""
    with contextlib.suppress(BrokenPipeError):  # a build goes on if nobody reads
        _tell(progress, live=sys.stderr.isatty())


def _tell(progress: Progress, *, live: bool) -> None:
    if progress.seconds is None:
        if live:
            typer.echo(f"… {progress.stage}\r", err=True, nl=False)
        else:
            typer.echo(f"{progress.stage}: begun", err=True)
        return
    mark = "\x1b[2K✓" if live else ""
    line = f"{mark} {progress.stage}" if live else progress.stage
    typer.echo(f"{line}: {progress.seconds:.2f} s  {progress.detail}", err=True)
