"""``tzgraph audit``."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tzgraph.cli.options import DIR, Dir, Out, Sources, release_files
from tzgraph.errors import UsageError
from tzgraph.output import Output

if TYPE_CHECKING:
    from tzgraph.audit.model import Audit
    from tzgraph.release import Release

__all__ = ["audit"]


def audit(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders with the claims of further documents; see --template."),
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", "-f", help="text, html, markdown, json or csv.")
    ] = "text",
    source: Annotated[
        str | None,
        typer.Option("--source", help="Only the document with this id in sources.tsv."),
    ] = None,
    output: Out = None,
    template: Annotated[
        str | None,
        typer.Option("--template", help="Write tables to fill in to this folder, and stop."),
    ] = None,
    sources: Sources = None,
    directory: Dir = DIR,
) -> None:
    """Hold what documents claim against what primary sources report.

    With folders, or with --sources, what is in them is audited without publishing it; without, the
    current release. Exit code 1 says that cells of the document's tables could not be read.

    Example: tzgraph audit --format html -o audit.html
    """
    from tzgraph.audit.report.formats import FORMATS
    from tzgraph.audit.template import write_template

    if template == "":
        raise UsageError("The name of the folder is empty.", "Give one that is new or empty.")
    if template is not None:
        for path in write_template(Path(template)):
            typer.echo(f"wrote {path}")
        typer.echo(f"Fill them in, then run: tzgraph audit {template}")
        return
    if format_ not in FORMATS:
        raise UsageError(f"There is no format “{format_}”.", f"Give one of {', '.join(FORMATS)}.")
    target = Output(output, _inputs(directory, sources, folders or []))
    with _release(directory, sources, folders or []) as release:
        audits = _audits(release, source, [folder.resolve().name for folder in folders or []])
    if len(audits) > 1 and format_ not in _JOINED:
        names = ", ".join(audit.document.source for audit in audits)
        raise UsageError(
            f"Several documents make claims: {names}.", f"Choose one with --source for {format_}."
        )
    text = "\n".join(FORMATS[format_](audit) for audit in audits)
    target.write(text, people=format_ in _JOINED)
    found = [finding for audit in audits for finding in audit.findings if finding.row is not None]
    for finding in found:
        typer.echo(str(finding), err=True)
    if any(finding.code not in _HARMLESS for finding in found):
        raise typer.Exit(1)


#: Formats for people, in which several documents can stand one after the other.
_JOINED = ("text", "markdown", "md")
#: Warnings that leave nothing out of the audit.
_HARMLESS = frozenset({"shacl-min-count", "invisible-character", "look-alike-character"})


def _inputs(directory: Path, sources: Path | None, folders: list[Path]) -> list[Path]:
    """Give what is read: the release, or what one is built from; a report may lie beside tables."""
    from tzgraph.read.sources import source_names
    from tzgraph.release import BuildOptions

    if sources is None and not folders:
        return release_files(directory)
    default = BuildOptions()
    tables = [folder / name for folder in folders for name in source_names(folder)]
    return [*tables, sources or default.sources, default.ontology, default.shapes]


@contextlib.contextmanager
def _release(directory: Path, sources: Path | None, folders: list[Path]) -> Iterator[Release]:
    """Open the current release, or build one aside with further folders."""
    from tzgraph.cli.build import show_progress
    from tzgraph.release import BuildOptions, build_release, open_release

    if sources is None and not folders:
        yield open_release(directory)
        return
    with tempfile.TemporaryDirectory(prefix="tzgraph-audit-") as aside:
        default = BuildOptions()
        options = BuildOptions(sources=sources or default.sources, more=tuple(folders))
        yield build_release(Path(aside), options, show_progress)


def _audits(release: Release, source: str | None, folders: list[str]) -> list[Audit]:
    """Read the audits of the documents asked for: one, those of the folders, or all."""
    from tzgraph.audit.collect import collect_audit, documents

    store = release.store()
    findings = release.findings()
    wanted = [source] if source else documents(store, folders)
    found = [collect_audit(store, name, release.manifest.id, findings) for name in wanted]
    if not found:
        raise UsageError(
            "No document makes claims.", "Add a table of tz:Claim rows; see --template."
        )
    return found
