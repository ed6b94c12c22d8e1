"""``/cell/…``: the row of a source table that a statement came from, with the cell marked.

The IRI of a cell ends in a fragment (``…/id/cell/drugs.tsv#cell=3,2``), which no client sends. So
pages link ``/cell/drugs.tsv?cell=3,2``, and ``/id/cell/drugs.tsv`` leads to ``/cell/drugs.tsv``,
where the client finds its fragment again as long as the row is among those shown. No file is
opened: a row is told from the graph (:mod:`tzgraph.read.rebuilt`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Literal, NamedTuple

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tzgraph.errors import UsageError
from tzgraph.read.provenance import CellRef
from tzgraph.read.rebuilt import SourceTable, source_files
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.serve.engine.errors import NothingThereError
from tzgraph.serve.engine.explaining import Work
from tzgraph.serve.messages.links import cell_path, link, link_header
from tzgraph.serve.messages.negotiate import HTML, choose
from tzgraph.serve.messages.problems import Refusal, fail, problem_responses
from tzgraph.serve.messages.routes import Absent, RequestRoute, content
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.payload import fields_once
from tzgraph.serve.sparql.response import unless_client_leaves
from tzgraph.serve.views.cell_page import RowWindow, cell_page, window_data
from tzgraph.serve.views.pages import Pages

__all__ = ["FORMATS", "router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)

#: Media types by the name of the format; the first where a client takes anything.
FORMATS = {"json": "application/json", "html": HTML}
#: Rows that are shown in front of the one that is asked for, and behind it.
_AROUND = 3
#: Rows that are shown where none is asked for.
_MOST_ROWS = 100
#: Digits of a number; no table has more rows than nine of them can say.
_NUMBER = re.compile(r"[0-9]{1,9}")
#: How like the name of a table another one is that may be meant.
_LIKE = 0.85
#: Characters of a name that is looked for among those of tables.
_COMPARED = 100


class CellAsked(NamedTuple):
    """What is asked for: a row and a column, if any, and a format by name."""

    row: int | None
    column: int | None
    format: str


def _file(file: Annotated[str, Path(examples=["drugs.tsv"])]) -> None:
    """Declare the part of the path that is read by name."""


def _parameters(
    cell: Annotated[
        str | Absent, Query(description="Row and column, counted from 1.", examples=["3,2"])
    ] = None,
    row: Annotated[str | Absent, Query(description="A row, in place of `cell`.")] = None,
    form: Annotated[
        Literal["json", "html"] | Absent,
        Query(alias="format", description="A format, in place of the header Accept."),
    ] = None,
) -> None:
    """Declare the parameters that :func:`_read` reads."""


@router.get("/id/cell/{file:path}", include_in_schema=False)
async def cell_iri_route(request: Request) -> Response:
    """Lead from the IRI of a table, or of places in it, to its page."""
    file = request.path_params["file"]
    return RedirectResponse(cell_path(CellRef(file)), 303)


@router.get(
    "/cell/{file:path}",
    operation_id="cell",
    summary="The row of a source table that a statement came from",
    description="Told from the graph as it is served: each column that states something, with its"
    " property and values. Without a row, the first rows of the table.",
    dependencies=[Depends(_file), Depends(_parameters)],
    responses={
        200: content("The row, with those around it.", FORMATS.values()),
        **problem_responses(400, 404, 406, 414, 503, 504),
    },
)
async def cell_route(request: Request) -> Response:
    """Answer ``/cell/{file}``.

    :raises NothingThereError: for a table or row that is not there
    :raises UsageError: if row and column can't be read
    """
    file, asked = request.path_params["file"], _read(request)
    media_type = _media_type(request, asked)
    service = service_of(request)
    work = service.explaining.run(_work(file, asked, media_type, service.pages))
    data = await unless_client_leaves(request, work)
    twin = "html" if media_type == FORMATS["json"] else "json"
    path = cell_path(CellRef(file, asked.row, asked.column))
    joined = f"{path}{'&' if '?' in path else '?'}format={twin}"
    headers = link_header([link(joined, "alternate", type=FORMATS[twin])])
    return Response(data, media_type=media_type, headers=headers)


def _read(request: Request) -> CellAsked:
    given = fields_once(request, ("cell", "row", "format"))
    cell, row = given.get("cell", "").strip(), given.get("row", "").strip()
    if cell and row:
        raise UsageError("Give cell or row, not both.")
    if cell:
        row, comma, column = (part.strip() for part in cell.partition(","))
        if not (_NUMBER.fullmatch(row) and comma and _NUMBER.fullmatch(column)):
            raise UsageError("cell has to be a row and a column, such as cell=3,2.")
        return CellAsked(int(row), int(column), given.get("format", ""))
    if row and not _NUMBER.fullmatch(row):
        raise UsageError("row has to be a whole number, such as row=3.")
    return CellAsked(int(row) if row else None, None, given.get("format", ""))


def _media_type(request: Request, asked: CellAsked) -> str:
    if asked.format:
        if asked.format not in FORMATS:
            raise UsageError(f"Rows come as {' or '.join(FORMATS)}.")
        return FORMATS[asked.format]
    chosen = choose(request.headers.get("accept"), list(FORMATS.values()))
    if chosen is None:
        detail = "Rows come in none of the formats asked for."
        raise fail(Refusal.NOT_ACCEPTABLE, detail, available=list(FORMATS.values()))
    return chosen


def _work(file: str, asked: CellAsked, media_type: str, pages: Pages) -> Work:
    def work(explainer: ReleaseExplainer, step: Callable[[], None]) -> bytes:
        window = _window(explainer.store, file, asked, step)
        if media_type == HTML:
            return cell_page(pages, explainer.store, window).encode()
        data = window_data(explainer.store, pages.curies, window)
        return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()

    return work


def _window(store: ox.Store, file: str, asked: CellAsked, step: Callable[[], None]) -> RowWindow:
    """Give the rows that are asked for.

    :raises NothingThereError: if there is no such table, row or column
    """
    table = SourceTable(store, file)
    if not table.columns:
        raise NothingThereError(_no_table(store, file))
    if asked.row is None:
        rows = []
        for each in table.rows(2, _MOST_ROWS + 1):
            step()
            rows.append(each)
        return RowWindow(table, rows[:_MOST_ROWS], more=len(rows) > _MOST_ROWS)
    row = table.row(asked.row)
    if row is None:
        first = next(table.rows(2, 1), None)
        where = f" Its first row that does is row {first.number}." if first else ""
        what = "the header" if asked.row == 1 else f"row {asked.row}"
        detail = f"Nothing in this graph comes from {what} of {file}.{where}"
        raise NothingThereError(detail)
    if asked.column == 0:
        raise NothingThereError("Columns are counted from 1.")
    behind = list(table.rows(asked.row + 1, _AROUND + 1))
    rows = [*table.before(asked.row, _AROUND), row, *behind[:_AROUND]]
    return RowWindow(table, rows, row, asked.column, more=len(behind) > _AROUND)


def _no_table(store: ox.Store, file: str) -> str:
    known = source_files(store)
    told = file if len(file) <= _COMPARED else file[:_COMPARED] + "…"
    detail = f"No statement of this graph comes from a table {told!r}."
    near = get_close_matches(file[:_COMPARED], known, 1, _LIKE)
    if near:
        return f"{detail} Did you mean {near[0]}?"
    return detail if known else f"{detail} None comes from a table at all."
