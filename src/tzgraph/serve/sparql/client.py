"""Ask the engine for what a page or a document needs: small results, read as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeVar, cast

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.names.lookup import Lookup
from tzgraph.resources import own_query
from tzgraph.serve.engine.base import Offer, QueryRequest, Window
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.engine.rows import ROWS, Row, read_rows
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.response import client_of, read_all, unless_client_leaves
from tzgraph.terms import Term

__all__ = ["ask_rows", "ask_some", "ask_table", "ask_triples", "looked_up", "sparql"]

_T = TypeVar("_T")


def sparql(name: str) -> str:
    """Read one of the server's own queries."""
    return own_query("serve/sparql", name)


async def ask_rows(
    request: Request,
    service: Service,
    text: str,
    terms: Mapping[str, Term] | None = None,
    graphs: Sequence[str] | None = None,
    *,
    window: Window | None = None,
    timeout_s: float = 0,
) -> list[Row]:
    """Give the rows of a SELECT query.

    :param text: the query
    :param terms: values of variables, by name
    :param graphs: the graphs to ask, by default the default view
    :param window: which rows, and how much of each value, by default all
    :param timeout_s: seconds that it may take if they are fewer than any query may, 0 for as many
    :raises TzgraphError: if the engine refuses or fails
    """
    rows, _ = await ask_some(
        request, service, text, terms, graphs, window=window, timeout_s=timeout_s
    )
    return rows


async def ask_some(
    request: Request,
    service: Service,
    text: str,
    terms: Mapping[str, Term] | None = None,
    graphs: Sequence[str] | None = None,
    *,
    window: Window | None = None,
    timeout_s: float = 0,
) -> tuple[list[Row], bool]:
    """Give what :func:`ask_rows` gives, and whether the window leaves out rows behind them."""
    data = await _ask(request, service, text, ROWS, terms, graphs, window, timeout_s)
    return await aside(lambda: _rows(data))


def _rows(data: bytes) -> tuple[list[Row], bool]:
    table = read_rows(data)
    rows: list[Row] = [
        {name: term for name, term in zip(table.titles, row, strict=True) if term is not None}
        for row in table.rows
    ]
    return rows, table.more


async def ask_table(
    request: Request, service: Service, text: str
) -> Sequence[Sequence[Term | None]]:
    """Give the rows of a SELECT query with a term, or ``None``, for each column.

    :raises TzgraphError: if the engine refuses or fails
    """
    data = await _ask(request, service, text, ROWS)
    return await aside(lambda: read_rows(data).rows)


async def ask_triples(request: Request, service: Service, text: str) -> list[ox.Triple]:
    """Give the triples of a CONSTRUCT query.

    :raises TzgraphError: if the engine refuses or fails
    """
    data = await _ask(request, service, text, "ntriples")
    return await aside(lambda: _triples(data))


def _triples(data: bytes) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)]


async def looked_up(request: Request, service: Service, lookup: Lookup[_T]) -> _T:
    """Give what a lookup of names finds; it does its own work beside the event loop.

    :raises UnknownNameError: what the lookup raises
    :raises TzgraphError: if the engine refuses or fails
    """
    rows: list[Row] | None = None
    while True:
        text, found = await aside(partial(_step, lookup, rows))
        if text is None:
            return cast("_T", found)
        rows = await ask_rows(request, service, text)


def _step(lookup: Lookup[_T], rows: list[Row] | None) -> tuple[str | None, _T | None]:
    """Give what a lookup asks next, or else what it found."""
    try:
        return (next(lookup) if rows is None else lookup.send(rows)), None
    except StopIteration as end:
        return None, end.value


async def _ask(
    request: Request,
    service: Service,
    text: str,
    form: str,
    terms: Mapping[str, Term] | None = None,
    graphs: Sequence[str] | None = None,
    window: Window | None = None,
    timeout_s: float = 0,
) -> bytes:
    named = None if graphs is None else tuple(graphs)
    offer = Offer(form, "", window)
    asked = QueryRequest(
        *(text, named, named, offer, offer, tuple((terms or {}).items()), client_of(request)),
        timeout_s=timeout_s,
    )

    async def work() -> bytes:
        return await read_all(await service.engine.query(asked))

    return await unless_client_leaves(request, work())
