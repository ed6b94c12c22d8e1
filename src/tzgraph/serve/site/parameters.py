"""Tell a parameter that names nothing from one whose answer is empty, through the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from difflib import get_close_matches

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.query.binding import ParameterError, parse_iri
from tzgraph.query.library import QueryFile
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.client import ask_rows, sparql
from tzgraph.terms import Term

__all__ = ["check_described"]

#: Characters of an id that are compared with others.
_LONGEST = 200


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
    for parameter in query.parameters:
        term = terms.get(parameter.name)
        if parameter.name not in given or not parameter.is_class:
            continue
        if not isinstance(term, ox.NamedNode):
            continue
        if await ask_rows(request, service, sparql("described"), {"thing": term}):
            continue
        of_class = parse_iri(parameter.type, service.release.manifest.curies)
        rows = await ask_rows(request, service, sparql("ids"), {"class": of_class})
        things = [row["thing"] for row in rows]
        ids = [t.value.rsplit("/", 1)[-1] for t in things if isinstance(t, ox.NamedNode)]
        written = term.value.rsplit("/", 1)[-1].lower()[:_LONGEST]
        near = await asyncio.to_thread(get_close_matches, written, ids, 1, 0.5)
        raise ParameterError(
            f"Parameter {parameter.name!r}: {term.value} is described nowhere in the graph.",
            f"Did you mean {near[0]}?" if near else "",
            (parameter.name,),
        )
