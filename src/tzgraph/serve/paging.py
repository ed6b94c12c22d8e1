"""Windows of the rows of a result, cut while it comes in.

The query itself is not touched: LIMIT and OFFSET in its text would change what a query that has
them means. Each window runs the query again, and ends it when the window is full.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.query.csv_results import write_csv
from tzgraph.query.formats import Format
from tzgraph.serve.engine import Answer, ResultTooLargeError

__all__ = ["DEFAULT_ROWS", "MOST_ROWS", "Window", "cut", "write_window"]

#: Rows of a window, and rows that one may have.
DEFAULT_ROWS, MOST_ROWS = 1000, 10_000
_MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Window:
    """Some rows of a result as TSV, and whether there are rows behind them."""

    data: bytes
    more: bool = False
    rows: int = 0


async def cut(answer: Answer, offset: int, limit: int) -> Window:
    """Read a window out of an answer in TSV, and end the answer. A boolean is given as it is.

    :raises ResultTooLargeError: if the rows are too large to be held
    """
    head: bytes | None = None
    kept: list[bytes] = []
    rest, seen, size = b"", 0, 0
    try:
        async for chunk in answer.chunks:
            *lines, rest = (rest + chunk).split(b"\n")
            if head is None and lines:
                head = lines.pop(0)
            first = max(0, offset - seen)
            seen += len(lines)
            kept += lines[first : first + limit + 1 - len(kept)]
            size += len(chunk) if seen > offset else 0
            if len(kept) > limit:
                break
            if size > _MOST_BYTES or len(rest) > _MOST_BYTES:
                raise ResultTooLargeError(
                    f"The rows have more than {_MOST_BYTES:,} bytes.", "Ask for fewer with limit."
                )
    finally:
        answer.close()
    if head is None:
        return Window(rest, rows=1)
    rows = kept[:limit]
    return Window(b"\n".join([head, *rows, b""]), len(kept) > limit, len(rows))


def write_window(window: Window, form: Format) -> bytes:
    """Write a window in a format for bindings."""
    if form.name == "tsv":
        return window.data
    result = ox.parse_query_results(io.BytesIO(window.data), format=ox.QueryResultsFormat.TSV)
    output = io.BytesIO()
    if isinstance(result, ox.QuerySolutions) and form.name == "csv":
        write_csv(result, output)
    else:
        result.serialize(output, form.bindings)
    return output.getvalue()
