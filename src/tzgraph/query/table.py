"""Results as a text table for terminals."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, TypeAlias

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.query.run import Result
from tzgraph.terms import Term
from tzgraph.vocabulary import XSD

__all__ = ["Labels", "printable", "show", "write_markdown", "write_rows", "write_table"]

#: Gives the label of a thing, if it has one.
Labels: TypeAlias = Callable[[ox.NamedNode], str | None]
_MINIMUM = 8
_PREFIX = re.compile(r"[a-z][\w.-]*:(?=[^/\s])")


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


def write_table(
    result: Result,
    output: IO[str],
    curies: Curies,
    width: int | None = None,
    *,
    labels: Labels | None = None,
    markdown: bool = False,
) -> int:
    """Write a result as an aligned table, and give the number of its rows.

    :param result: what :func:`tzgraph.query.run.run` gave
    :param output: where to
    :param curies: shortens IRIs
    :param width: width of the terminal, to cut long cells to; ``None`` cuts nothing
    :param labels: gives the label of a thing, which is then shown in place of its IRI unless
        another thing of the table has it, too
    :param markdown: write a table of Markdown
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
    things = {cell for row in terms for cell in row if isinstance(cell, ox.NamedNode)}
    names = _names(things, labels)
    rows = [tuple(_named(cell, names) or show(cell, curies) for cell in row) for row in terms]
    numeric = tuple(_is_numeric([row[i] for row in terms]) for i in range(len(titles)))
    if markdown:
        write_markdown(titles, rows, numeric, output)
    else:
        write_rows(titles, rows, numeric, output, width)
    return len(rows)


def _names(things: Iterable[ox.NamedNode], labels: Labels | None) -> dict[ox.NamedNode, str]:
    """Give the labels of things, but for those that several have."""
    if labels is None:
        return {}
    found = {thing: printable(label) for thing in things if (label := labels(thing))}
    often = Counter(found.values())
    return {thing: label for thing, label in found.items() if often[label] == 1}


def _named(term: Term | None, names: Mapping[ox.NamedNode, str]) -> str | None:
    return names.get(term) if isinstance(term, ox.NamedNode) else None


def write_markdown(
    titles: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], output: IO[str]
) -> None:
    """Write texts as a table of Markdown (https://github.github.com/gfm/#tables-extension-)."""
    marks = ["--:" if right else "---" for right in numeric]
    for row in (titles, marks, *rows):
        cells = (cell.replace("\\", "\\\\").replace("|", "\\|") for cell in row)
        output.write(f"| {' | '.join(cells)} |\n")


def write_rows(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    output: IO[str],
    width: int | None,
) -> None:
    """Write texts as an aligned table; what is too wide for that, a row below the other.

    :param numeric: for each column, whether it is aligned at its right
    :param width: see :func:`write_table`
    """
    widths = [max(map(_width, column)) for column in zip(titles, *rows, strict=True)]
    if width is not None and _total(widths) > width:
        rows = _without_prefixes(rows)
        widths = [max(map(_width, column)) for column in zip(titles, *rows, strict=True)]
        if _total([min(one, _MINIMUM) for one in widths]) > width:
            _write_records(titles, rows, output, width)
            return
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


def _total(widths: Sequence[int]) -> int:
    """Give the width of a table with columns of these widths."""
    return sum(widths) + 2 * (len(widths) - 1)


def _without_prefixes(rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Take the prefix off the CURIEs of each column that has things of one kind only."""
    columns = []
    for column in zip(*rows, strict=True):
        prefixes = {_PREFIX.match(cell) for cell in column if cell}
        known = {found[0] if found else "" for found in prefixes}
        cut = len(next(iter(known))) if len(known) == 1 else 0
        columns.append([cell[cut:] for cell in column])
    return list(zip(*columns, strict=True))


def _write_records(
    titles: Sequence[str], rows: Sequence[Sequence[str]], output: IO[str], width: int
) -> None:
    """Write rows one below the other, a line for each value that is there."""
    left = min(max(map(_width, titles), default=0), max(width // 3, _MINIMUM))
    for number, row in enumerate(rows, 1):
        output.write(f"{f'── {number} ':─<{max(width, 1)}}\n")
        for title, cell in zip(titles, row, strict=True):
            if cell:
                value = _cell(cell, max(width - left - 2, _MINIMUM), False).rstrip()
                output.write(f"{_cell(title, left, False)}  {value}\n")


def _fit(widths: list[int], width: int | None) -> list[int]:
    """Narrow the widest columns until the table fits."""
    fitted = list(widths)
    if width is None:
        return fitted
    while fitted and _total(fitted) > width and max(fitted) > _MINIMUM:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _cell(text: str, width: int, right: bool) -> str:
    if _width(text) > width:
        while _width(text) > width - 1:
            text = text[:-1]
        text += "…"
    gap = " " * (width - _width(text))
    return gap + text if right else text + gap
