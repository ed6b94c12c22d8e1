"""Tell a parameter that names nothing from one whose answer is empty, through the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.requests import Request

from tzgraph.query.known import DESCRIBED, THINGS, named, unknown_thing
from tzgraph.query.library import QueryFile
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.client import ask_rows
from tzgraph.terms import Term

__all__ = ["check_described"]


async def check_described(
    request: Request,
    service: Service,
    query: QueryFile,
    given: Mapping[str, str],
    terms: Mapping[str, Term],
) -> None:
    """Make sure that values that the client gave for things of a class are described.

    :raises ParameterError: naming the nearest id of the class
    """
    values = {name: term for name, term in terms.items() if name in given}
    for one in named(query, values, service.release.manifest.curies):
        if not await ask_rows(request, service, DESCRIBED, {"thing": one.thing}):
            rows = await ask_rows(request, service, THINGS, {"class": one.of_class})
            things = [row["thing"] for row in rows]
            raise await asyncio.to_thread(unknown_thing, one, things)
