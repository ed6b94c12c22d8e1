"""``tzgraph explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from tzgraph.cli.options import DIR, Dir
from tzgraph.errors import UsageError

__all__ = ["explain"]


def explain(
    subject: Annotated[str, typer.Argument(help="IRI or CURIE, such as tzdrug:trastuzumab.")],
    predicate: Annotated[str, typer.Argument(help="IRI or CURIE, such as tz:targets, or `a`.")],
    obj: Annotated[
        str, typer.Argument(metavar="OBJECT", help="IRI, CURIE or literal, such as tztarget:her2.")
    ],
    format_: Annotated[str, typer.Option("--format", "-f", help="text or json.")] = "text",
    directory: Dir = DIR,
) -> None:
    """Say why a triple holds: the cells that state it, or the rule and premises it follows from.

    Example: tzgraph explain tzdrug:trastuzumab tz:targets tztarget:her2
    """
    import json

    from tzgraph.explain import Status, as_text
    from tzgraph.explain.terms import explain_triple
    from tzgraph.release import open_release

    if format_ not in ("text", "json"):
        raise UsageError(f"There is no format “{format_}”.", "Give text or json.")
    release = open_release(directory)
    found, terms = explain_triple(release, release.store(), subject, predicate, obj)
    if format_ == "json":
        typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        typer.echo(as_text(found, terms.compact))
    if found.status is Status.ABSENT:
        raise typer.Exit(1)
