"""The ``tzgraph`` command: assembles the commands, turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from tzgraph.cli.audit import audit
from tzgraph.cli.backup import backup
from tzgraph.cli.build import build
from tzgraph.cli.explain import explain
from tzgraph.cli.export import export
from tzgraph.cli.import_ import import_
from tzgraph.cli.link import link
from tzgraph.cli.mcp import mcp
from tzgraph.cli.query import query
from tzgraph.cli.search import search
from tzgraph.cli.serve import serve
from tzgraph.cli.settings import settings
from tzgraph.cli.validate import validate
from tzgraph.errors import DataError, TzgraphError, UsageError
from tzgraph.output import standard_streams
from tzgraph.settings import CommandSettings, from_environment

__all__ = ["app", "main"]

#: What typer raises where a command is called wrongly; it has no public name of its own.
_WRONG_CALL: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="tzgraph",
    help="Build, check and serve an evidence-tracked knowledge graph of HER2-targeted therapy.",
    epilog="Exit codes: 0 ok · 1 data does not conform · 2 wrong usage or unreadable input · "
    "3 internal error.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(value: bool) -> None:
    if value:
        import tzgraph

        typer.echo(f"tzgraph {tzgraph.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


for _command in (
    *(build, validate, query, search, serve, mcp, export, backup, audit, explain, settings),
):
    app.command()(_command)
app.command("import")(import_)
app.add_typer(link, name="link")


def main() -> None:
    """Run the command line."""
    with standard_streams():
        sys.exit(_run())


def _run() -> int:
    """Run the command, tell what goes wrong, and give the exit code."""
    try:
        _demand_utf8()
        try:
            code = app(standalone_mode=False, prog_name="tzgraph")
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except _WRONG_CALL as error:
        return _told_of_call(error)
    except typer.Abort:
        return 1
    except DataError as error:
        for finding in error.findings:
            typer.echo(str(finding), err=True)
        return _told(error, error.exit_status)
    except TzgraphError as error:
        return _told(error, error.exit_code)
    except Exception as error:
        if (foreseen := _foreseen(error)) is not None:
            return _told(foreseen, foreseen.exit_code)
        if from_environment(CommandSettings).traceback:
            raise
        return _told(_unforeseen(error), 3)
    return 0


def _told_of_call(error: Exception) -> int:
    """Say what is wrong with a call, as commands say it of all else; without a command, give help.

    :param error: of typer's own
    """
    context = getattr(error, "ctx", None)
    said = getattr(error, "format_message", error.__str__)()
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(said, err=True)
        return 2
    command = context.command_path if context is not None else "tzgraph"
    hint = f"`{command} --help` lists what it takes."
    option = str(getattr(error, "option_name", ""))
    if command == "tzgraph query" and (name := option.lstrip("-")) in _parameters():
        hint = f"Values of a query’s parameters are given as --param {name}=…."
    return _told(UsageError(said if said.endswith((".", "?", ")")) else f"{said}.", hint), 2)


def _parameters() -> set[str]:
    """Give the names of the parameters of all queries of the library."""
    from tzgraph.query.library import load_library

    return {one.name for query in load_library().values() for one in query.parameters}


def _unforeseen(error: Exception) -> TzgraphError:
    """Say what happened: the machine may have let the command down, which is no fault to report."""
    if isinstance(error, MemoryError):
        return TzgraphError(
            "The machine has too little memory.", "Give less at once, or more of it."
        )
    if isinstance(error, OSError) and error.strerror:
        place = f" {error.filename}" if error.filename else ""
        return TzgraphError(
            f"The system refused{place}: {error.strerror}.", "Mend that, and repeat."
        )
    return TzgraphError(
        f"{type(error).__name__}: {error}", "Set TZGRAPH_TRACEBACK=1 to see where, and report it."
    )


def _told(error: TzgraphError, code: int) -> int:
    typer.echo(f"error[{error.code}]: {error}", err=True)
    return code


def _demand_utf8() -> None:
    """Refuse names that could be written neither into the graph nor into a report.

    :raises UsageError: if an argument or a setting isn't text
    """
    settings = {name: text for name, text in os.environ.items() if name.startswith("TZGRAPH_")}
    for what, text in (*(("argument", text) for text in sys.argv[1:]), *settings.items()):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            raise UsageError(
                f"The {what} “{shown}” is not text in UTF-8.",
                "Rename the file, or make a link to it that has another name.",
            ) from error


def _foreseen(error: Exception) -> TzgraphError | None:
    """Give what is wrong if the engine met damage in an open store, or Python a far clock."""
    if isinstance(error, OverflowError) and "timestamp" in str(error):
        return UsageError(
            "The clock of this machine is past the year 2262, which Python can't count.",
            "Set the clock.",
        )
    if not isinstance(error, RuntimeError | OSError):
        return None
    from tzgraph.release.reader import engine_damage

    return engine_damage(error)
