"""``tzgraph search``."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Annotated

import typer

from tzgraph.cli.options import DIR, Dir
from tzgraph.errors import UsageError
from tzgraph.output import Output, terminal_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tzgraph.curies import Curies
    from tzgraph.names.resolver import Hit

__all__ = ["search"]

_FORMATS = ("table", "json", "csv", "tsv")


def search(
    words: Annotated[
        list[str],
        typer.Argument(help="A name, or words of one: label, synonym, brand, acronym, CURIE, id."),
    ],
    format_: Annotated[
        str, typer.Option("--format", "-f", help="table, json, csv or tsv.")
    ] = "table",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Hits at most.")] = 20,
    directory: Dir = DIR,
) -> None:
    """Find things by any of their names, the best first.

    Case, hyphens and Greek letters don't matter, nor does a slip of the hand in a longer word. What
    is not found is unknown; that is an answer, with exit code 0.

    Example: tzgraph search herceptn

    Example: tzgraph search trastuzumab gastric --format json
    """
    from tzgraph.names.lookup import answered, find
    from tzgraph.names.resolver import MOST_HITS
    from tzgraph.release import open_release

    if format_ not in _FORMATS:
        raise UsageError(f"There is no format “{format_}”.", f"Give {', '.join(_FORMATS)}.")
    if limit > MOST_HITS:
        raise UsageError(f"--limit {limit} is too many.", f"Give up to {MOST_HITS}.")
    text = " ".join(words)
    release = open_release(directory)
    hits = answered(find(release.names(), text, limit), release.store())
    if format_ == "table":
        Output().write(_table(hits, text, release.manifest.curies), people=True)
    else:
        Output().write(_written(hits, format_))


def _written(hits: Sequence[Hit], form: str) -> str:
    """Write hits for programs."""
    import csv
    import json

    if form == "json":
        return json.dumps([hit.as_dict() for hit in hits], indent=2, ensure_ascii=False) + "\n"
    out = io.StringIO()
    names = ("iri", "label", "kind", "matched", "by", "score")
    writer = csv.DictWriter(out, names, delimiter="," if form == "csv" else "\t")
    writer.writeheader()
    writer.writerows(hit.as_dict() for hit in hits)
    return out.getvalue()


def _table(hits: Sequence[Hit], text: str, curies: Curies) -> str:
    """Write hits for people."""
    from tzgraph.query.table import printable, write_rows

    if not hits:
        return printable(f"“{text}” is unknown: nothing in the graph has such a name.") + "\n"
    rows = [(curies.compact(hit.iri), hit.label, hit.kind, hit.matched, hit.by) for hit in hits]
    shown = [tuple(map(printable, row)) for row in rows]
    out = io.StringIO()
    titles = ("thing", "label", "kind", "matched", "by")
    write_rows(titles, shown, [False] * len(titles), out, terminal_width())
    return out.getvalue()
