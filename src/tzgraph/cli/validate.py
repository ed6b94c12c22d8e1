"""``tzgraph validate``."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tzgraph.cli.options import DIR, Dir, Ontology, Shapes, Sources, build_options
from tzgraph.errors import InputUnreadableError, UsageError
from tzgraph.output import Output

__all__ = ["validate"]


def validate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Tables or RDF files to check as if they lay among the sources."),
    ] = None,
    sources: Sources = None,
    ontology: Ontology = None,
    shapes: Shapes = None,
    warnings: Annotated[bool, typer.Option(help="Show warnings, too.")] = True,
    format_: Annotated[
        str, typer.Option("--format", "-f", help="text, json, or turtle, xml … (SHACL report).")
    ] = "text",
    engine: Annotated[
        str, typer.Option(help="sparql, or pyshacl: the reference, slower with much data.")
    ] = "sparql",
    release: Annotated[
        bool,
        typer.Option(
            "--release", help="Instead, read all files of the current release to find damage."
        ),
    ] = False,
    directory: Dir = DIR,
) -> None:
    """Read, reason and check against the shapes, without building a release.

    A file takes the place of the source of the same name, or is added to the sources. With
    --release, each file of the built graph, and of what updates made of it, is compared with what
    it was; exit code 2 says that some are damaged.

    Example: tzgraph validate my-edits/trials.tsv

    Example: tzgraph validate --release
    """
    from tzgraph.release.build import check_sources
    from tzgraph.resources import shipped
    from tzgraph.validate import ShaclEngine, as_json, as_text, report_rdf

    if format_ not in ("text", "json", "turtle", "xml", "nt", "json-ld"):
        raise UsageError(
            f"There is no format “{format_}”.", "Give text, json, turtle, xml, nt or json-ld."
        )
    if engine not in list(ShaclEngine):
        raise UsageError(f"There is no engine “{engine}”.", "Give sparql or pyshacl.")
    if release:
        _check_release(directory, format_, alone=not (files or sources or ontology or shapes))
        return
    with tempfile.TemporaryDirectory(prefix="tzgraph-") as scratch:
        folder = sources or shipped("sources")
        if files:
            folder = _beside(files, folder, Path(scratch) / "sources")
        work = Path(scratch) / "work"
        work.mkdir()
        found = check_sources(work, replace(build_options(folder, ontology, shapes), engine=engine))
    if not warnings:
        found = found.without_warnings()
    if format_ == "text":
        Output().write(as_text(found.findings) + "\n", people=True)
    elif format_ == "json":
        Output().write(as_json(found.detailed) + "\n")
    elif found.shacl is None:
        typer.echo(as_text(found.findings), err=True)
    else:
        Output().write(report_rdf(found.shacl, format_) + "\n")
    if found.note:
        typer.echo(found.note, err=True)
    raise typer.Exit(found.exit_code)


def _check_release(directory: Path, format_: str, *, alone: bool) -> None:
    """Tell what is damaged in the current release."""
    from tzgraph.release.checkup import check_release
    from tzgraph.validate import as_json as told

    if not alone:
        raise UsageError(
            "--release looks at what is built already.",
            "Give no files, --sources, --ontology or --shapes beside it.",
        )
    found, as_json = check_release(directory), format_ == "json"
    if as_json:
        typer.echo(told(found.findings))
    for finding in found.findings:
        typer.echo(str(finding), err=as_json)
    state = f", with state {found.state}," if found.state else ""
    if found.findings:
        typer.echo(
            f"Release {found.release}{state} is damaged. Put a backup in its place, or build "
            "again.",
            err=True,
        )
        raise typer.Exit(2)
    typer.echo(f"Release {found.release}{state} is whole.", err=as_json)


def _beside(files: list[Path], folder: Path, target: Path) -> Path:
    """Copy a folder of sources, with some files replaced or added."""
    from tzgraph.parsing import open_regular
    from tzgraph.read.sources import SUFFIXES

    target.mkdir()
    chosen = {path.name: path for path in [*sorted(folder.glob("[!.]*")), *files]}
    for name, path in chosen.items():
        try:
            if name.endswith(SUFFIXES) or path in files:
                with open_regular(path) as found, (target / name).open("wb") as copy:
                    shutil.copyfileobj(found, copy)
        except OSError as error:
            raise InputUnreadableError(
                f"{path} can't be read: {error.strerror}.", "Name a file that exists."
            ) from error
    return target
