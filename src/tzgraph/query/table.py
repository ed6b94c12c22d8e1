"""Results as a text table for terminals."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import IO

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.query.run import Result
from tzgraph.terms import Term
from tzgraph.vocabulary import XSD

__all__ = ["printable", "show", "write_rows", "write_table"]

_MINIMUM = 8


def show(term: Term | None, curies: Curies) -> str:
    """Give a term as people read it: CURIEs, plain text and numbers, nothing for unbound.

    Control characters are made visible, so that data can't steer the terminal.
    """
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        text = curies.compact(term.value)
    elif isinstance(term, ox.Literal):
        plain = term.datatype.value.startswith(XSD) or term.language
        text = term.value if plain else f"{term.value}^^{curies.compact(term.datatype.value)}"
    else:
        text = str(term)
    return printable(text)


def printable(text: str) -> str:
    r"""Make control characters visible.

    >>> printable("\x1b[2J")
    '\\x1b[2J'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def write_table(result: Result, output: IO[str], curies: Curies, width: int | None = None) -> int:
    """Write a result as an aligned table, and give the number of its rows.

    :param result: what :func:`tzgraph.query.run.run` gave
    :param output: where to
    :param curies: shortens IRIs
    :param width: width of the terminal, to cut long cells to; ``None`` cuts nothing
    """
    if isinstance(result, ox.QueryBoolean):
        output.write("yes\n" if result else "no\n")
        return 1
    if isinstance(result, ox.QuerySolutions):
        titles = [variable.value for variable in result.variables]
        terms = [tuple(solution) for solution in result]
    else:
        titles = ["subject", "predicate", "object"]
        terms = [(triple.subject, triple.predicate, triple.object) for triple in result]
    rows = [tuple(show(term, curies) for term in row) for row in terms]
    numeric = tuple(_is_numeric([row[i] for row in terms]) for i in range(len(titles)))
    write_rows(titles, rows, numeric, output, width)
    return len(rows)


def write_rows(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    output: IO[str],
    width: int | None,
) -> None:
    """Write texts as an aligned table.

    :param numeric: for each column, whether it is aligned at its right
    :param width: see :func:`write_table`
    """
    widths = [max(map(_width, column)) for column in zip(titles, *rows, strict=True)]
    widths = _fit(widths, width)
    for row in (titles, ["─" * w for w in widths], *rows):
        cells = (_cell(c, w, right) for c, w, right in zip(row, widths, numeric, strict=True))
        output.write("  ".join(cells).rstrip() + "\n")


def _is_numeric(terms: Sequence[Term | None]) -> bool:
    types = {t.datatype.value if isinstance(t, ox.Literal) else "" for t in terms if t is not None}
    return bool(types) and types <= {XSD + name for name in ("integer", "decimal", "double")}


def _width(text: str) -> int:
    """Give the columns a text takes: wide East Asian characters two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def _fit(widths: list[int], width: int | None) -> list[int]:
    """Narrow the widest columns until the table fits."""
    fitted = list(widths)
    if width is None:
        return fitted
    while fitted and sum(fitted) + 2 * (len(fitted) - 1) > width and max(fitted) > _MINIMUM:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _cell(text: str, width: int, right: bool) -> str:
    if _width(text) > width:
        while _width(text) > width - 1:
            text = text[:-1]
        text += "…"
    gap = " " * (width - _width(text))
    return gap + text if right else text + gap
