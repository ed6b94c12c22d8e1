"""The page of a query of the library: what it takes beside the rows is asked for here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.query.library import QueryFile
from tzgraph.serve.engine.base import Answer
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.engine.rows import read_rows
from tzgraph.serve.messages.problems import Problem
from tzgraph.serve.messages.view import VIEW, RowsView
from tzgraph.serve.observe.record import seconds_of
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.choices import choices_for
from tzgraph.serve.sparql.labels import labels_for
from tzgraph.serve.sparql.payload import read_fields
from tzgraph.serve.sparql.response import read_all, unless_client_leaves
from tzgraph.serve.views.query_page import query_page
from tzgraph.serve.views.result_table import address_of, labelled_terms, table_values
from tzgraph.terms import Term

__all__ = ["ShownQuery", "form_page", "rows_page"]


@dataclass(frozen=True, slots=True)
class ShownQuery:
    """What a page shows.

    :ivar values: values of parameters as written
    :ivar terms: the same as terms, with defaults
    :ivar view: how the rows are shown
    :ivar window: rows that are read at a time
    """

    query: QueryFile
    values: Mapping[str, str]
    terms: Mapping[ox.Variable, Term]
    view: RowsView
    window: int


async def form_page(
    request: Request,
    service: Service,
    query: QueryFile,
    values: Mapping[str, str],
    problem: Problem | None = None,
    *,
    is_graph: bool = False,
) -> str:
    """Give the page of a query without rows: with its form, and with what is wrong.

    :raises ProblemError: if the client leaves
    """
    choices = await choices_for(request, service, query.parameters)
    return await aside(
        lambda: query_page(
            service.pages, query, values, choices, problem=problem, is_graph=is_graph
        )
    )


async def rows_page(
    request: Request, service: Service, shown: ShownQuery, answer: Answer
) -> tuple[str, Mapping[str, str]]:
    """Give the page of a query with its rows, and the paths of the rows before and after these.

    :raises TzgraphError: if the query fails while its rows are read
    :raises ProblemError: if the client leaves
    """
    data = await unless_client_leaves(request, read_all(answer))
    seconds = seconds_of(request.scope)
    table = await aside(lambda: read_rows(data))
    terms = {variable.value: term for variable, term in shown.terms.items()}
    labels = await labels_for(
        request, service, [*terms.values(), *labelled_terms(table, shown.view)]
    )
    choices = await choices_for(request, service, shown.query.parameters)
    fields = read_fields(request.scope["query_string"])
    view = {name: value for name, value in fields if name in VIEW}
    address = address_of(request.url.path, [f for f in fields if f[0] not in VIEW], view)

    def work() -> tuple[str, Mapping[str, str]]:
        rows = table_values(
            service.pages, table, shown.view, labels.of, address, window=shown.window
        )
        page = query_page(
            *(service.pages, shown.query, shown.values, choices),
            terms=terms,
            labels=labels.of,
            missing=labels.missing,
            rows=rows,
            hidden=[(name, value) for name, value in fields if name not in ("filter", "page")],
            seconds=seconds,
        )
        return page, rows.steps

    return await aside(work)
