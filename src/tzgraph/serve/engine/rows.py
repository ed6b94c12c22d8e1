"""Rows of a result on their way from where a query runs to where pages are made.

What runs the query writes them, and cuts them there: what comes after it is outside its limits of
time and memory. A line of JSON says what the columns are, one line each follows for the rows, and
the last one says what was left out. So all of it is read in a time that grows as its bytes do,
whatever the terms are, unlike the engine's own reader of TSV.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

import pyoxigraph as ox

from tzgraph.errors import QueryError
from tzgraph.query.formats import ResultKind, format_named
from tzgraph.query.rows import at_most
from tzgraph.query.run import Result, kind_of, serialize
from tzgraph.serve.engine.base import Offer, Window
from tzgraph.serve.engine.paging import write_part
from tzgraph.terms import Term

__all__ = [
    "CELL",
    "PAGE_BYTES",
    "ROWS",
    "ResultTable",
    "Row",
    "is_cut",
    "read_rows",
    "shortened",
    "write_result",
]

#: Terms by the name of their column; unbound ones are left out.
Row = Mapping[str, Term]
#: Name of the format, which no client can ask for.
ROWS = "rows"
#: Characters of a value on a page, and bytes of all rows of a page.
CELL, PAGE_BYTES = 2_000, 1024 * 1024
#: Columns and cells of rows that are cut, and characters of names in them.
_COLUMNS, _CELLS, _NAME = 200, 20_000, 200
_OF_GRAPH = ("subject", "predicate", "object")
_CUT = "…"


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Rows of a result, or its boolean.

    :ivar columns: how many columns the result has, of which the first have titles here
    :ivar more: whether there are rows behind these
    """

    titles: Sequence[str]
    rows: Sequence[Sequence[Term | None]]
    columns: int
    more: bool = False
    boolean: bool | None = None


def write_result(
    result: Result,
    offer: Offer,
    output: IO[bytes],
    *,
    prefixes: Mapping[str, str] | None = None,
    most: int = 0,
) -> None:
    """Write what a client gets of a result, in the process or thread that ran the query.

    :param offer: the format, and what of the result is wanted
    :param most: rows that a result may have, 0 for any number
    :raises QueryError: if the engine fails, or the format can't hold the result
    """
    kind = kind_of(result)
    if offer.format == ROWS:
        _write_rows(result, output, offer.window or Window(), most)
        return
    form = format_named(offer.format, kind)
    if offer.window is not None and kind is ResultKind.BINDINGS:
        write_part(result, form, output, offer.window, most)
    else:
        serialize(result, form, output, prefixes, most)


def _write_rows(result: Result, output: IO[bytes], window: Window, most: int) -> None:
    try:
        for line in _lines(result, window, most):
            output.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    except RuntimeError as error:
        raise QueryError(f"The query failed while it ran: {error}.") from error


def _lines(result: Result, window: Window, most: int) -> Iterator[object]:
    if isinstance(result, ox.QueryBoolean):
        yield {"titles": [], "columns": 0, "boolean": bool(result)}
        yield {}
        return
    found: Iterable[Any] = at_most(result, most) if most else result
    if isinstance(result, ox.QueryTriples):
        titles = list(_OF_GRAPH)
    else:
        titles = [variable.value for variable in result.variables]
    columns = len(titles)
    if window.cell:
        titles = [_short(title, _NAME) for title in titles[:_COLUMNS]]
    yield {"titles": titles, "columns": columns}
    left = window.bytes
    for number, row in enumerate(islice(found, window.offset, None)):
        is_full = bool(window.limit) and number >= window.limit
        if is_full or left < 0 or (window.cell and number * len(titles) >= _CELLS):
            yield {"more": True}
            return
        terms = (row.subject, row.predicate, row.object) if isinstance(row, ox.Triple) else row
        cells = [_cell(term, window.cell) for term in islice(terms, len(titles))]
        if window.bytes:
            left -= len(json.dumps(cells))
        yield cells
    yield {}


def _cell(term: Term | None, most: int) -> list[str] | None:
    if term is None:
        return None
    if most:
        term = shortened(term, most)
    if isinstance(term, ox.NamedNode):
        return ["iri", term.value]
    if isinstance(term, ox.BlankNode):
        return ["blank", term.value]
    if isinstance(term, ox.Literal):
        return ["literal", term.value, term.language or "", term.datatype.value]
    raise TypeError(f"no term of RDF 1.1: {term}")


def read_rows(data: bytes) -> ResultTable:
    """Read what was written; threads may call this."""
    head, *lines, last = (json.loads(line) for line in data.splitlines())
    rows = [[None if cell is None else _term(*cell) for cell in line] for line in lines]
    return ResultTable(
        head["titles"],
        rows,
        head["columns"],
        more=bool(last.get("more")),
        boolean=head.get("boolean"),
    )


def _term(kind: str, value: str, language: str = "", datatype: str = "") -> Term:
    if kind == "iri":
        return ox.NamedNode(value)
    if kind == "blank":
        return ox.BlankNode(value)
    if language:
        return ox.Literal(value, language=language)
    return ox.Literal(value, datatype=ox.NamedNode(datatype))


def shortened(term: Term, most: int = CELL) -> Term:
    """Give a term as pages show it: itself, or the beginning of one that is too long.

    >>> shortened(ox.Literal("abc"), 2)
    <Literal value=ab… datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#string>>
    """
    if isinstance(term, ox.NamedNode):
        return ox.NamedNode(_short(term.value, most)) if len(term.value) > most else term
    if isinstance(term, ox.Literal):
        kind = f"@{term.language}" if term.language else f"^^<{term.datatype.value}>"
        if len(term.value) <= most and len(kind) <= most:
            return term
        return ox.Literal(_short(term.value if len(term.value) > most else term.value + kind, most))
    return term


def is_cut(term: Term) -> bool:
    """Say whether a term is only the beginning of one."""
    value = term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""
    return len(value) > CELL


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + _CUT
