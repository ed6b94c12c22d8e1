"""``/sparql?explain=``: the plan of a query, and how it ran, in place of its result."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tzgraph.curies import Curies
from tzgraph.errors import TzgraphError
from tzgraph.names.index import LONGEST_NAME, slug_of
from tzgraph.query.plan.model import AbsentIri, QueryPlan
from tzgraph.query.plan.near import MAX_LOOKED_UP, nearest
from tzgraph.query.plan.report import absent_text, notes_on_empty, notes_on_sum
from tzgraph.serve.engine.base import Offer, QueryRequest
from tzgraph.serve.engine.errors import EngineBusyError
from tzgraph.serve.engine.evaluation import MEASURE, PLAN
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.links import local_path
from tzgraph.serve.messages.notes import ResultNote
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.client import looked_up
from tzgraph.serve.sparql.response import read_all, unless_client_leaves, wanted_of

__all__ = ["PLAN_TYPE", "explain_query", "notes_on"]

#: Media type of plans.
PLAN_TYPE = "application/json"
_EMPTY = "This graph doesn't state it, which doesn't say that it doesn't hold."


async def explain_query(request: Request, service: Service, query: ProtocolQuery) -> Response:
    """Answer with the plan of a query and how it ran; of one that ends at a limit, with which.

    :raises ProblemError: if the request can't be read
    :raises TzgraphError: if the query is refused, or there is no room for it
    """
    # Whatever the client takes, the plan is JSON.
    as_json = replace(query, formats=("json",), download=True)
    offer = Offer("json", PLAN_TYPE)
    wanted = await aside(lambda: wanted_of(request, service, as_json))
    wanted = replace(wanted, bindings=offer, graph=offer)
    plan = await _plan(request, service, wanted)
    try:
        plan["run"] = await _ask(request, service, replace(wanted, task=MEASURE))
    except EngineBusyError:
        raise
    except TzgraphError as error:
        if error.status < _OURS:
            raise
        plan["run"] = {"error": error.code, "detail": str(error)}
    if plan["run"].get("rows") == 0 or plan["run"].get("boolean") is False:
        plan["note"] = _EMPTY
    elif plan["sums_up"] and plan["absent"]:
        plan["note"] = next(notes_on_sum(QueryPlan.from_dict(plan), str))
    return JSONResponse(plan, headers={"Cache-Control": "no-store"})


async def _plan(request: Request, service: Service, wanted: QueryRequest) -> dict[str, Any]:
    """Give the plan of a query, with what is meant by IRIs that occur nowhere."""
    plan = await _ask(request, service, replace(wanted, task=PLAN))
    for absent in plan["absent"][:MAX_LOOKED_UP]:
        if not absent["elsewhere"]:
            one = AbsentIri.from_dict(absent)
            found = await looked_up(request, service, nearest(one, service.names))
            if found is not None:
                absent["nearest"] = found
    return plan


async def notes_on(
    request: Request, service: Service, wanted: QueryRequest, is_empty: bool
) -> list[ResultNote]:
    """Say why a result may be empty, or sum up nothing.

    :param wanted: what was asked
    :return: sentences, with where to look for names that the graph doesn't know; none if that
        can't be found out now
    """
    offer = Offer("json", PLAN_TYPE)
    try:
        plan = await _plan(request, service, replace(wanted, bindings=offer, graph=offer))
    except TzgraphError:
        return []  # the result is there all the same
    plan_of, curies = QueryPlan.from_dict(plan), service.release.manifest.curies
    notes = notes_on_empty if is_empty else notes_on_sum
    unknown = {absent_text(one, curies.compact): one for one in plan_of.absent}
    return [
        ResultNote(text, _links(unknown.get(text), curies))
        for text in notes(plan_of, curies.compact)
    ]


def _links(absent: AbsentIri | None, curies: Curies) -> tuple[tuple[str, str], ...]:
    """Give where to look for what is meant by an IRI that occurs nowhere."""
    if absent is None or absent.elsewhere:
        return ()
    path = local_path(absent.nearest) if absent.nearest else None
    meant = ((curies.compact(absent.nearest), path),) if absent.nearest and path else ()
    words = slug_of(absent.iri).replace("-", " ").strip()[:LONGEST_NAME]
    sought = ((f"Search for “{words}”", "/search?" + urlencode({"q": words})),) if words else ()
    return meant + sought


#: Statuses from which on a limit or a failure ended the query, and not what it asks.
_OURS = 500


async def _ask(request: Request, service: Service, wanted: QueryRequest) -> dict[str, Any]:
    async def work() -> bytes:
        return await read_all(await service.engine.query(wanted))

    data = await unless_client_leaves(request, work())
    found: dict[str, Any] = await aside(lambda: json.loads(data))
    return found
