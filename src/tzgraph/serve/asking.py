"""Ask the engine for what a page or a document needs: small results, read as a whole."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.query.run import Term
from tzgraph.serve.answering import client_of, unless_client_leaves
from tzgraph.serve.engine import Answer, Offer, QueryRequest, ResultTooLargeError
from tzgraph.serve.service import Service

__all__ = ["Row", "ask_rows", "ask_triples", "read_all", "sparql"]

#: Terms by the name of their column; unbound ones are left out.
Row = Mapping[str, Term]
#: Bytes of a result that is held in memory as a whole.
LARGEST = 32 * 1024 * 1024


@cache
def sparql(name: str) -> str:
    """Read one of the server's own queries."""
    return (Path(__file__).parent / "sparql" / f"{name}.rq").read_text(encoding="utf-8")


async def ask_rows(
    request: Request,
    service: Service,
    text: str,
    terms: Mapping[str, Term] | None = None,
    graphs: Sequence[str] | None = None,
) -> list[Row]:
    """Give the rows of a SELECT query.

    :param text: the query
    :param terms: values of variables, by name
    :param graphs: the graphs to ask, by default the default view
    :raises TzgraphError: if the engine refuses or fails
    """
    data = await _ask(request, service, text, "tsv", terms, graphs)
    result = ox.parse_query_results(io.BytesIO(data), format=ox.QueryResultsFormat.TSV)
    if isinstance(result, ox.QueryBoolean):
        return []
    names = [variable.value for variable in result.variables]
    return [
        {name: term for name, term in zip(names, row, strict=True) if term is not None}
        for row in result
    ]


async def ask_triples(request: Request, service: Service, text: str) -> list[ox.Triple]:
    """Give the triples of a CONSTRUCT query.

    :raises TzgraphError: if the engine refuses or fails
    """
    data = await _ask(request, service, text, "ntriples")
    return [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)]


async def read_all(answer: Answer, limit: int = LARGEST) -> bytes:
    """Read an answer as a whole, and end it.

    :raises ResultTooLargeError: if it has more bytes than the limit
    """
    data = bytearray()
    try:
        async for chunk in answer.chunks:
            data += chunk
            if len(data) > limit:
                raise ResultTooLargeError(f"The result has more than {limit:,} bytes.")
    finally:
        answer.close()
    return bytes(data)


async def _ask(
    request: Request,
    service: Service,
    text: str,
    form: str,
    terms: Mapping[str, Term] | None = None,
    graphs: Sequence[str] | None = None,
) -> bytes:
    named = None if graphs is None else tuple(graphs)
    offer = Offer(form, "")
    asked = QueryRequest(
        text, named, named, offer, offer, tuple((terms or {}).items()), client_of(request)
    )

    async def work() -> bytes:
        return await read_all(await service.engine.query(asked))

    return await unless_client_leaves(request, work())
