"""How a page shows the rows of a result, as its URL says: labels, order, what is sought, page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tzgraph.errors import UsageError

__all__ = ["BOTH", "IRIS", "LABELS", "VIEW", "RowsView", "read_view"]

#: The parameters; other answers than pages know none of them.
VIEW = ("show", "sort", "filter", "page", "offset")
#: How things are shown.
LABELS, BOTH, IRIS = "labels", "both", "iris"
#: Characters of what is sought, and of the name of a column.
_LONGEST = 200
_MOST_PAGES, _MOST_ROWS = 100_000, 10**9


@dataclass(frozen=True, slots=True)
class RowsView:
    """How rows are shown.

    :ivar show: whether things are shown by their labels, their CURIEs, or both
    :ivar sort: the column by which rows are sorted, empty to leave them as they come
    :ivar descending: whether they are sorted the other way round
    :ivar filter: what a row has to show to be there, empty for all rows
    :ivar page: which part of the rows, from 1 on
    :ivar offset: rows of the result before those from which pages are made
    """

    show: str = LABELS
    sort: str = ""
    descending: bool = False
    filter: str = ""
    page: int = 1
    offset: int = 0


def read_view(given: Mapping[str, str], show: str = LABELS) -> RowsView:
    """Read the parameters of a URL.

    :param show: how things are shown if it doesn't say
    :raises UsageError: if a value can't be read

    >>> read_view({"sort": "-value", "page": "2"})
    RowsView(show='labels', sort='value', descending=True, filter='', page=2, offset=0)
    """
    shown = given.get("show", "") or show
    if shown not in (LABELS, BOTH, IRIS):
        raise UsageError(f"show has to be one of {LABELS}, {BOTH}, {IRIS}.")
    for name in ("sort", "filter"):
        if len(given.get(name, "")) > _LONGEST:
            raise UsageError(f"{name} has more than {_LONGEST} characters.")
    column = given.get("sort", "")
    return RowsView(
        shown,
        column.removeprefix("-"),
        column.startswith("-"),
        given.get("filter", "").strip(),
        _number("page", given, 1, _MOST_PAGES),
        _number("offset", given, 0, _MOST_ROWS),
    )


def _number(name: str, given: Mapping[str, str], least: int, most: int) -> int:
    text = given.get(name, "").strip() or str(least)
    if not (text.isascii() and text.isdigit() and least <= int(text[:12]) <= most):
        raise UsageError(f"{name} has to be a whole number from {least} to {most:,}.")
    return int(text)
