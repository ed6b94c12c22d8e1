"""``tzgraph import``."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tzgraph.cli.options import DIR, Dir
from tzgraph.errors import UsageError
from tzgraph.output import Output

if TYPE_CHECKING:
    from tzgraph.link.imports.extract import Module
    from tzgraph.link.imports.registry import Changes

__all__ = ["import_"]

#: Terms shown of each kind of change.
_SHOWN = 10


def import_(
    file: Annotated[
        Path | None,
        typer.Argument(help="An ontology in any usual syntax, packed or not."),
    ] = None,
    module: Annotated[
        bool,
        typer.Option("--module", help="Take what the graph links to, and all above it."),
    ] = False,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the import; by default the ontology's.")
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", help="Version of the ontology, if the file has none.")
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--licence", help="Licence (https://… or a CURIE), if the file has none."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be taken or change, and stop.")
    ] = False,
    remove: Annotated[str | None, typer.Option("--remove", help="Take an import away.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the imports.")] = False,
    directory: Dir = DIR,
) -> None:
    """Bring the part of an ontology that the graph links to into a graph of its own.

    The release is then built again, from what it was built from. Importing another version of
    the ontology replaces the first, and says what changed.

    Example: tzgraph import mondo.owl --module
    """
    if sum((file is not None, remove is not None, list_)) != 1:
        raise UsageError("Nothing, or too much, is to be done.", "Give FILE, --remove or --list.")
    if list_:
        _list(directory)
    elif remove is not None:
        _remove(remove, directory)
    elif file is not None:
        if not module:
            raise UsageError(
                "Only a part of an ontology can be imported: what the graph links to.",
                "Add --module to say so.",
            )
        _add(file, name, directory, {"version": version, "licence": licence}, dry_run=dry_run)


def _list(directory: Path) -> None:
    from tzgraph.link.imports.registry import imported
    from tzgraph.release.layout import ReleaseLayout

    found = imported(ReleaseLayout(directory).imports)
    for entry in found:
        parts = [
            f"{entry.terms:,} terms of {entry.title}",
            entry.version,
            entry.date,
            entry.licence,
        ]
        typer.echo(f"{entry.name}: {' · '.join(dict.fromkeys(p for p in parts if p))}")
    if not found:
        typer.echo("Nothing is imported.", err=True)


def _remove(name: str, directory: Path) -> None:
    from tzgraph.link.imports.registry import files
    from tzgraph.release.layout import ReleaseLayout

    layout = ReleaseLayout(directory)
    path = files(layout.imports).get(name)
    if path is None:
        there = ", ".join(files(layout.imports)) or "none"
        raise UsageError(f"There is no import “{name}”.", f"There are: {there}.")
    before = path.read_bytes()
    path.unlink()
    _rebuild(directory, path, before)


def _add(
    file: Path,
    name: str | None,
    directory: Path,
    said: dict[str, str | None],
    *,
    dry_run: bool,
) -> None:
    from tzgraph.errors import DataError, Finding, Severity
    from tzgraph.link.imports.extract import (
        default_name,
        licence_iri,
        linked_terms,
        module_of,
        module_quads,
    )
    from tzgraph.link.imports.registry import changes, check_name, files, write_import
    from tzgraph.link.read import read_ontology
    from tzgraph.release import open_release
    from tzgraph.release.canonical import sha256
    from tzgraph.release.layout import ReleaseLayout

    if name is not None:
        check_name(name)
    if said["licence"]:
        said = {**said, "licence": licence_iri(said["licence"])}
    linked = linked_terms(open_release(directory).store())
    found = read_ontology(file)
    missing = {what: text for what, text in said.items() if text and not getattr(found, what)}
    ontology = dataclasses.replace(found, **missing)  # type: ignore[arg-type]  # both are texts
    for finding in ontology.findings:
        typer.echo(str(finding), err=True)
    module = module_of(ontology, linked)
    if not module.linked:
        message = f"The graph links to none of the {len(ontology.terms):,} terms."
        hint = "Link to some in a table or a mapping set, and build."
        raise DataError([Finding(Severity.VIOLATION, "nothing-linked", message, hint, file.name)])
    for iri in module.missing:
        message = f"The graph links to {iri}, which is not in the file."
        hint = "Check the link with `tzgraph link check`."
        typer.echo(
            str(Finding(Severity.WARNING, "missing-term", message, hint, file.name)), err=True
        )
    name = check_name(name or default_name(ontology))
    layout = ReleaseLayout(directory)
    lines = module_quads(module, name, sha256(file))
    _tell(module, name)
    different = changes(layout.imports, name, lines)
    if different is not None:
        _tell_changes(different)
    path = files(layout.imports).get(name)
    before = path.read_bytes() if path else None
    if before == "".join(f"{line}\n" for line in lines).encode():
        typer.echo("This is imported already.")
        return
    if not dry_run:
        write_import(layout.imports, name, lines, file)
        _rebuild(directory, files(layout.imports)[name], before)


def _tell(module: Module, name: str) -> None:
    ontology = module.ontology
    version = f" {ontology.version}" if ontology.version else ""
    typer.echo(
        f"{name}{version}: {len(module.terms):,} of {len(ontology.terms):,} terms, "
        f"{len(module.linked):,} of them linked"
    )


def _tell_changes(found: Changes) -> None:
    kinds = {
        "added": found.added,
        "removed": found.removed,
        "newly obsolete": found.obsolete,
        "relabelled": found.relabelled,
        "with other parents": found.moved,
    }
    for kind, terms in kinds.items():
        if terms:
            typer.echo(f"{len(terms):,} {kind}:")
            for iri, what in terms[:_SHOWN]:
                typer.echo(f"  {iri} {what}".rstrip())
            if len(terms) > _SHOWN:
                typer.echo(f"  … and {len(terms) - _SHOWN:,} more")
    if not found:
        typer.echo("No term changed.")


def _rebuild(directory: Path, path: Path, before: bytes | None) -> None:
    """Build the release again; if that fails, put the import's file back as it was."""
    from tzgraph.cli.build import show_progress
    from tzgraph.release import build_release
    from tzgraph.release.origin import read_origin

    try:
        release = build_release(directory, read_origin(directory), show_progress)
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            with Output(str(path)).stream() as out:
                out.write(before)
        raise
    manifest = release.manifest
    typer.echo(f"Release {manifest.id}: {manifest.triples:,} triples in the default view")
