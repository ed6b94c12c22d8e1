"""The command ``tzgraph query``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tzgraph.cli.complete import format_names, parameter_names, query_names
from tzgraph.cli.options import DIR, Dir, Queries, own_library
from tzgraph.errors import UsageError
from tzgraph.output import Output, hanging, terminal_width

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyoxigraph as ox

    from tzgraph.query.formats import Format
    from tzgraph.query.library import QueryFile
    from tzgraph.query.plan.model import QueryPlan
    from tzgraph.query.run import Result
    from tzgraph.release.manifest import Manifest
    from tzgraph.release.reader import Release
    from tzgraph.terms import Term

__all__ = ["query"]


def query(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A query of the library, a file, or - for standard input.",
            autocompletion=query_names,
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            "-p",
            metavar="NAME=VALUE",
            help="Value of a parameter.",
            autocompletion=parameter_names,
        ),
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, markdown, json, xml, csv, tsv; for graphs table, markdown, turtle,"
            " ntriples, rdfxml, jsonld, nquads, trig.",
            autocompletion=format_names,
        ),
    ] = None,
    iris: Annotated[
        bool, typer.Option("--iris", help="Show CURIEs in tables, where things have labels.")
    ] = False,
    queries: Queries = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Show the plan: patterns with their counts, rewrites, time; no result.",
        ),
    ] = False,
    directory: Dir = DIR,
) -> None:
    """Run a query; without a name, list the queries of the library.

    Under an empty result, standard error says what of the query the graph doesn't have. Tables
    show labels of things, and fit the terminal; other formats have IRIs.

    Example: tzgraph query drugs-on-target --param target=her2 --format csv

    Example: tzgraph query drugs-on-target --param target=her2 --explain
    """
    from tzgraph.names.lookup import answered
    from tzgraph.query.binding import bind
    from tzgraph.query.differences import DIFFERENCES, differences_met
    from tzgraph.query.formats import format_named
    from tzgraph.query.named import name_things, with_defaults
    from tzgraph.query.plan import sums_up
    from tzgraph.query.run import run

    library = own_library(queries)
    if name is None:
        _list_library(library)
        return
    wanted = format_named(format_name) if format_name else None
    if explain and wanted is not None and wanted.name not in ("table", "json"):
        raise UsageError("A plan is no result: it comes as a table or as JSON.", "Give -f json.")
    query_file = _query_file(name, library)
    values = _values(param or [])
    from tzgraph.release import open_release

    release = open_release(directory)
    manifest = release.manifest
    store = release.store()
    values = with_defaults(query_file, values)
    names = release.names()
    values = answered(name_things(query_file, values, manifest.kinds, names), store)
    substitutions = bind(query_file, values, manifest.curies, manifest.kinds)
    if explain:
        is_json = wanted is not None and wanted.name == "json"
        _explain(release, store, query_file.text, substitutions, as_json=is_json)
        return
    result = run(
        store,
        query_file.text,
        prefixes=manifest.prefixes,
        substitutions=substitutions,
        names=names.index,
    )
    for met in differences_met(query_file.text):
        typer.echo(f"Mind: {DIFFERENCES[met]} (docs/reference/differences.md#{met}).", err=True)
    is_empty = not _write(result, wanted, manifest, None if iris else store)
    del result
    if is_empty or sums_up(query_file.text):
        plan = _plan(release, store, query_file.text, substitutions)
        _tell_notes(plan, manifest, is_empty=is_empty)


def _plan(
    release: Release, store: ox.Store, text: str, substitutions: Mapping[ox.Variable, Term]
) -> QueryPlan:
    """Give the plan of a query, with what is meant by IRIs that the graph doesn't have."""
    from tzgraph.names.lookup import answered
    from tzgraph.query.plan import plan_query
    from tzgraph.query.plan.near import with_nearest

    names = release.names()
    found = plan_query(
        store,
        text,
        prefixes=release.manifest.prefixes,
        substitutions=substitutions,
        names=names.index,
    )
    return answered(with_nearest(found, names), store)


def _explain(
    release: Release,
    store: ox.Store,
    text: str,
    substitutions: Mapping[ox.Variable, Term],
    *,
    as_json: bool,
) -> None:
    """Write the plan of a query, run it to its end, and write how it ran."""
    import json
    import time

    from tzgraph.query.plan import measure
    from tzgraph.query.plan.report import measured_text, plan_lines
    from tzgraph.query.run import run

    plan = _plan(release, store, text, substitutions)
    output = Output()
    if not as_json:
        # Before it is run, which may take as long as it likes.
        output.write("".join(f"{line}\n" for line in plan_lines(plan)), people=True)
        sys.stdout.flush()
    names, since = release.names().index, time.monotonic()
    result = run(
        store,
        text,
        prefixes=release.manifest.prefixes,
        substitutions=substitutions,
        names=names,
    )
    measured = measure(result, since)
    del result
    if as_json:
        told = {**plan.as_dict(), "run": measured.as_dict()}
        output.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        return
    output.write(f"{measured_text(measured)}\n", people=True)
    _tell_notes(plan, release.manifest, is_empty=measured.is_empty)


def _tell_notes(plan: QueryPlan, manifest: Manifest, *, is_empty: bool) -> None:
    """Say on standard error why a result may be empty, or sum up nothing."""
    from tzgraph.query.plan.report import notes_on_empty, notes_on_sum

    sys.stdout.flush()
    notes = notes_on_empty if is_empty else notes_on_sum
    for line in notes(plan, manifest.curies.compact):
        typer.echo(line, err=True)


def _list_library(library: Mapping[str, QueryFile]) -> None:
    """List queries with their parameters, in lines that fit the terminal."""
    queries = library.values()
    columns = terminal_width()
    width = max((len(entry.name) for entry in queries), default=0)
    if columns is not None:
        width = min(width, columns // 3)
    for entry in queries:
        for line in hanging(f"{entry.name:<{width}}  {entry.title}", width + 2, columns):
            typer.echo(line)
        for parameter in entry.parameters:
            default = f" = {parameter.default}" if parameter.default is not None else ""
            default = ", may be left out" if parameter.optional else default
            note = f"  {parameter.explanation}" if parameter.explanation else ""
            text = f"--param {parameter.name}=…  ({parameter.type}{default}){note}"
            indent = min(width + 6, 12) if columns is not None else width + 6
            for line in hanging(f"{'':<{indent}}{text}", indent + 4, columns):
                typer.echo(line)


def _query_file(name: str, library: Mapping[str, QueryFile]) -> QueryFile:
    from tzgraph.errors import InputUnreadableError
    from tzgraph.query.library import find_query, parse_query, read_query

    if name == "-":
        try:
            data = sys.stdin.buffer.read()
            return parse_query(data.decode("utf-8"), name="-", file="<stdin>")
        except OSError as error:
            raise InputUnreadableError(
                f"Standard input can't be read: {error.strerror}.", "Give the query there."
            ) from error
        except UnicodeDecodeError as error:
            raise InputUnreadableError(
                f"Standard input is not UTF-8: {error.reason}.", "Save the query as UTF-8."
            ) from error
    if name.endswith(".rq") or "/" in name or "\\" in name:
        return read_query(Path(name))
    return find_query(name, library)


def _values(pairs: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--param {pair!r} is not NAME=VALUE.", "Write --param target=her2.")
        if key in values:
            raise UsageError(f"--param {key} is given twice.", "Keep one of them.")
        values[key] = value
    return values


def _write(
    result: Result, wanted: Format | None, manifest: Manifest, labelled: ox.Store | None
) -> bool:
    """Write a result, and say whether it is not empty.

    :param labelled: has the labels that tables show
    """
    import pyoxigraph as ox

    from tzgraph.names.index import label_of
    from tzgraph.query.formats import ResultKind, format_named
    from tzgraph.query.run import kind_of, serialize_noticed
    from tzgraph.query.table import write_table

    kind = kind_of(result)
    default = "table" if kind is ResultKind.BINDINGS else "turtle"
    fmt = format_named(wanted.name if wanted else default, kind)
    if fmt.name in ("table", "markdown"):
        is_no = isinstance(result, ox.QueryBoolean) and not result
        rows = write_table(
            result,
            sys.stdout,
            manifest.curies,
            terminal_width(),
            labels=None if labelled is None else lambda node: label_of(labelled, node),
            markdown=fmt.name == "markdown",
        )
        sys.stdout.flush()
        return rows > 0 and not is_no
    with Output().stream() as out:
        return serialize_noticed(result, fmt, out, manifest.prefixes)
