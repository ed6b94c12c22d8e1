"""``tzgraph explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from tzgraph.cli.options import DIR, Dir
from tzgraph.errors import UsageError
from tzgraph.output import Output, fitted, terminal_width

__all__ = ["explain"]


def explain(
    subject: Annotated[
        str,
        typer.Argument(help="A name, such as tzdrug:trastuzumab; alone, of a claim."),
    ],
    predicate: Annotated[
        str | None, typer.Argument(help="A name, such as tz:targets, or `a`.")
    ] = None,
    obj: Annotated[
        str | None,
        typer.Argument(metavar="OBJECT", help="A name or a literal, such as tztarget:her2."),
    ] = None,
    format_: Annotated[str, typer.Option("--format", "-f", help="text or json.")] = "text",
    directory: Dir = DIR,
) -> None:
    """Say why a triple holds: the cells that state it, or the rule and premises it follows from.

    For a verdict, what was said beside what was reported comes first. A claim alone asks for its
    effective verdict. What the graph does not have is not known to hold; that
    it does not is said where an axiom or a complete list excludes it. Exit code 1 says that the
    triple is not known to hold, 2 that a name is unknown.

    Example: tzgraph explain tzdrug:trastuzumab tz:targets tztarget:her2

    Example: tzgraph explain tzclaim:sun-c065
    """
    import json

    from tzgraph.audit.report.plain import line_width
    from tzgraph.explain import TripleStatus, as_text
    from tzgraph.release import open_release
    from tzgraph.release.explainer import ReleaseExplainer

    if format_ not in ("text", "json"):
        raise UsageError(f"There is no format “{format_}”.", "Give text or json.")
    release = open_release(directory)
    explainer = ReleaseExplainer(release, release.store())
    found = explainer.explain(subject, predicate, obj)
    if format_ == "json":
        text = json.dumps(found.as_dict(), indent=2, ensure_ascii=False)
    else:
        columns = terminal_width()
        with line_width(columns):
            told = as_text(found, explainer.terms.compact, explainer.labels())
        text = fitted(told, columns)
    Output().write(text + "\n", people=format_ == "text")
    if found.status is TripleStatus.ABSENT:
        raise typer.Exit(1)
