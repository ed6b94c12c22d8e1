"""``tzgraph link``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from tzgraph.cli.options import DIR, Dir, Out, release_files
from tzgraph.errors import NoReleaseError, UsageError
from tzgraph.output import Output

if TYPE_CHECKING:
    from tzgraph.errors import Finding
    from tzgraph.link.graph.things import Thing
    from tzgraph.link.sssom.reader import MappingSet

__all__ = ["link"]

link = typer.Typer(
    help="Check links to other ontologies, and suggest new ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_Format = Annotated[str, typer.Option("--format", "-f", help="table, json or sssom.")]
_With = Annotated[
    list[Path] | None,
    typer.Option(
        "--with",
        help="Mapping set of others (SSSOM), or an ontology for its cross-references; repeatable.",
    ),
]
_SHOWN = 20
_Result = TypeVar("_Result")


@link.command()
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Ontologies, in any syntax; without, what needs none is checked."),
    ] = None,
    mappings: Annotated[
        list[Path] | None,
        typer.Option("--mappings", help="SSSOM file to check instead of the graph; repeatable."),
    ] = None,
    others: _With = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings make the exit code 1, too.")
    ] = False,
    format_: _Format = "table",
    output: Out = None,
    directory: Dir = DIR,
) -> None:
    """Check links against ontologies, against each other, and against other mapping sets.

    Exit code 1 says that a link is wrong: to a term that is missing, obsolete, of another species
    or no identifier of its vocabulary, or exact where only one of several can be.

    Example: tzgraph link check mondo.owl.gz --with mondo.sssom.tsv
    """
    from tzgraph.link.check import check_links
    from tzgraph.link.check.output import FORMATS
    from tzgraph.link.inputs.files import read_link_files

    write = _writer(FORMATS, format_, output, directory, files, mappings, others)
    things, own = _graph(directory, optional=bool(mappings))
    given = read_link_files([*(files or [])])
    against = read_link_files([*(others or [])])
    _show((*given.findings, *against.findings))
    sets = [*given.sets, *against.as_sets()]
    reports = [
        check_links(mapping_set, given.ontologies, sets, things)
        for mapping_set in _mapping_sets(mappings or [], own)
    ]
    _show(finding for report in reports for finding in report.findings)
    write(reports)
    raise typer.Exit(max((report.exit_code(strict=strict) for report in reports), default=0))


@link.command()
def suggest(
    files: Annotated[
        list[Path], typer.Argument(help="Ontologies, in any syntax, and SSSOM mapping sets.")
    ],
    others: _With = None,
    min_score: Annotated[
        float, typer.Option("--min-score", min=0, max=1, help="Lowest score that is shown.")
    ] = 0.75,
    all_: Annotated[
        bool, typer.Option("--all", help="Suggest also where a link into the vocabulary exists.")
    ] = False,
    format_: _Format = "table",
    output: Out = None,
    directory: Dir = DIR,
) -> None:
    """Suggest links from things of the graph to terms of ontologies, each with score and reasons.

    Nothing is written into the graph: review the suggestions, and put those that are right into a
    mapping set of your own.

    Example: tzgraph link suggest ncit.owl --format sssom -o to-review.sssom.tsv
    """
    from tzgraph.link.inputs.files import read_link_files
    from tzgraph.link.suggest import SuggestOptions, suggest_links
    from tzgraph.link.suggest.output import FORMATS

    write = _writer(FORMATS, format_, output, directory, files, others)
    things, _own = _graph(directory, optional=False)
    given = read_link_files(files)
    against = read_link_files([*(others or [])])
    _show((*given.findings, *against.findings))
    sets = (*given.sets, *against.as_sets())
    options = SuggestOptions(min_score, linked=all_)
    write(suggest_links(things, given.ontologies, sets, options))


@link.command()
def compare(
    files: Annotated[list[Path], typer.Argument(help="Mapping sets of others (SSSOM).")],
    agreed: Annotated[bool, typer.Option(help="List also what both say.")] = False,
    format_: Annotated[str, typer.Option("--format", "-f", help="table or json.")] = "table",
    output: Out = None,
    directory: Dir = DIR,
) -> None:
    """Compare the links of the graph with mapping sets of other projects.

    A thing that matches a term exactly should have the links that the other set gives that term.

    Example: tzgraph link compare mondo_exactmatch_doid.sssom.tsv
    """
    from tzgraph.link.check import compare as library

    formats = {"table": library.as_table, "json": library.as_json}
    write = _writer(formats, format_, output, directory, files)
    _things, own = _graph(directory, optional=False)
    others = _mapping_sets(files, None)
    _show(finding for other in others for finding in other.findings)
    found = [c for other in others for c in library.compare_sets(own or other, other)]
    hidden = [] if agreed else [c for c in found if c.outcome is library.LinkOutcome.AGREE]
    write([c for c in found if c not in hidden])
    if hidden:
        typer.echo(f"{len(hidden)} agree; --agreed lists them.", err=True)


def _writer(
    formats: Mapping[str, Callable[[_Result], str]],
    name: str,
    output: str | None,
    directory: Path,
    *inputs: list[Path] | None,
) -> Callable[[_Result], None]:
    """Give what writes a result in the format of this name."""
    if name not in formats:
        raise UsageError(f"There is no format “{name}”.", f"Give one of {', '.join(formats)}.")
    read = [path for paths in inputs for path in paths or ()]
    target = Output(output, [*read, *release_files(directory)])

    def write(result: _Result) -> None:
        target.write(formats[name](result) + "\n", people=name == "table")
        target.tell()

    return write


def _graph(directory: Path, *, optional: bool) -> tuple[list[Thing], MappingSet | None]:
    """Read the things and links of the release; nothing if there is none and none is needed."""
    from tzgraph.link.graph.mappings import graph_mappings
    from tzgraph.link.graph.things import read_things
    from tzgraph.release import open_release

    try:
        release = open_release(directory)
    except NoReleaseError:
        if optional:
            return [], None
        raise
    store = release.store()
    things = read_things(store, release.manifest.curies)
    return things, graph_mappings(store, things)


def _mapping_sets(paths: list[Path], own: MappingSet | None) -> list[MappingSet]:
    from tzgraph.link.inputs.files import read_link_files

    if not paths:
        return [own] if own is not None else []
    found = read_link_files(paths)
    if found.ontologies:
        names = ", ".join(ontology.source for ontology in found.ontologies)
        raise UsageError(
            f"--mappings takes SSSOM files, and {names} is none.", "Name ontologies as FILE."
        )
    return list(found.sets)


def _show(findings: Iterable[Finding]) -> None:
    """Show the first findings of files on standard error."""
    found = list(findings)
    for finding in found[:_SHOWN]:
        typer.echo(str(finding), err=True)
    if len(found) > _SHOWN:
        typer.echo(f"and {len(found) - _SHOWN} more findings of the files", err=True)
