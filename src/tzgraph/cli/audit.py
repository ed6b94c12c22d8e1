"""``tzgraph audit``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tzgraph.cli.options import DIR, Dir, Out, Sources, release_files
from tzgraph.errors import UsageError
from tzgraph.output import Output, fitted, terminal_width
from tzgraph.settings import cache_dir

if TYPE_CHECKING:
    from pyoxigraph import Store

    from tzgraph.audit.model import Audit
    from tzgraph.audit.report.selection import Selection
    from tzgraph.errors import Finding

__all__ = ["audit"]


def _verdicts(incomplete: str) -> list[str]:
    """Give the verdicts that begin so, for the shell."""
    known = ("contradicted", "imprecise", "supported", "unverified")
    return [name for name in known if name.startswith(incomplete.lower())]


def audit(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders with the claims of further documents; see --template."),
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", "-f", help="text, html, markdown, json, csv or editor.")
    ] = "text",
    source: Annotated[
        str | None,
        typer.Option("--source", help="Only the document with this id in sources.tsv."),
    ] = None,
    verdict: Annotated[
        str,
        typer.Option(
            "--verdict",
            help="Only claims that are contradicted, imprecise, supported or unverified.",
            autocompletion=_verdicts,
        ),
    ] = "",
    section: Annotated[
        str, typer.Option("--section", help="Only claims of this section, such as 3.2.")
    ] = "",
    trial: Annotated[
        str, typer.Option("--trial", help="Only claims about this trial: id, CURIE or label.")
    ] = "",
    provisional: Annotated[
        bool | None,
        typer.Option(
            "--provisional/--settled",
            help="Only claims whose verdict rests on what was not looked up, or only the others.",
        ),
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

    Example: tzgraph audit --verdict contradicted --trial ToGA
    """
    from tzgraph.audit.report.formats import FORMATS
    from tzgraph.audit.report.plain import line_width
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
    wanted = _selection(verdict, section, trial, provisional)
    target = Output(output, _inputs(directory, sources, folders or []))
    with _graph(directory, sources, folders or []) as graph:
        audits = _audits(graph, source, [folder.resolve().name for folder in folders or []])
    if len(audits) > 1 and format_ not in _JOINED:
        names = ", ".join(audit.document.source for audit in audits)
        raise UsageError(
            f"Several documents make claims: {names}.", f"Choose one with --source for {format_}."
        )
    found = list(dict.fromkeys(f for audit in audits for f in audit.findings if f.row is not None))
    audits = _selected(audits, wanted)
    columns = terminal_width() if format_ == "text" and target.path is None else None
    with line_width(columns):
        text = fitted("\n".join(FORMATS[format_](audit) for audit in audits), columns)
    target.write(text, people=format_ in _JOINED)
    target.tell()
    _tell(found)
    if any(finding.code not in _HARMLESS for finding in found):
        raise typer.Exit(1)


#: Formats for people, in which several documents can stand one after the other.
_JOINED = ("text", "markdown", "md")
#: Warnings that leave nothing out of the audit.
_HARMLESS = frozenset({"shacl-min-count", "invisible-character", "look-alike-character"})


def _selection(
    verdict: str, section: str, trial: str, provisional: bool | None
) -> Selection | None:
    """Give which claims are wanted, ``None`` for all.

    :raises UsageError: if there is no such verdict
    """
    from tzgraph.audit.report.selection import Selection

    said = "" if provisional is None else "yes" if provisional else "no"
    given = {"verdict": verdict, "section": section, "trial": trial, "provisional": said}
    found = Selection.of(given)
    return found if found.given else None


def _selected(audits: list[Audit], wanted: Selection | None) -> list[Audit]:
    """Leave claims out that are not wanted; say so, and what there is if none is left.

    It is told on standard error: a report with some claims looks like a whole one.
    """
    if wanted is None:
        return audits
    from tzgraph.audit.report.selection import counted

    chosen = [wanted.of_audit(audit) for audit in audits]
    left, all_ = (sum(len(audit.claims) for audit in each) for each in (chosen, audits))
    typer.echo(f"{left} of {all_} claims: {_in_words(wanted)}.", err=True)
    if not left:
        sections = dict.fromkeys(name for audit in audits for name in counted(audit)[0])
        trials = {thing.label for audit in audits for thing in counted(audit)[1]}
        typer.echo(
            f"Sections: {', '.join(sections)}. Trials: {', '.join(sorted(trials))}.", err=True
        )
    return chosen


def _in_words(wanted: Selection) -> str:
    return ", ".join(f"{name} {value}" for name, value in wanted.given.items())


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
def _graph(directory: Path, sources: Path | None, folders: list[Path]) -> Iterator[_Graph]:
    """Open the current release, or build a graph aside with further folders."""
    from tzgraph.cli.build import show_progress
    from tzgraph.release import BuildOptions, open_release
    from tzgraph.release.aside import built_aside
    from tzgraph.release.kept import KeptGraphs

    if sources is None and not folders:
        release = open_release(directory)
        yield _Graph(release.manifest.id, release.store(), tuple(release.findings()))
        return
    options = BuildOptions(sources=sources or BuildOptions().sources, more=tuple(folders))
    folder = cache_dir()
    with built_aside(options, show_progress, KeptGraphs(folder) if folder else None) as aside:
        yield _Graph(aside.id, aside.store, aside.findings)


class _Graph(NamedTuple):
    """A graph with an audit in it, its id, and what is wrong with what it was built from."""

    id: str
    store: Store
    findings: tuple[Finding, ...]


def _audits(graph: _Graph, source: str | None, folders: list[str]) -> list[Audit]:
    """Read the audits of the documents asked for: one, those of the folders, or all."""
    from tzgraph.audit.collect import collect_audit, documents

    wanted = [source] if source else documents(graph.store, folders)
    found = [collect_audit(graph.store, name, graph.id, graph.findings) for name in wanted]
    if not found:
        _tell(f for f in graph.findings if f.file.startswith(tuple(f"{x}/" for x in folders)))
        raise UsageError(
            "No document makes claims.", "Add a table of tz:Claim rows; see --template."
        )
    return found


def _tell(findings: Iterable[Finding]) -> None:
    for finding in findings:
        typer.echo(str(finding), err=True)
