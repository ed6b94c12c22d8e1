"""What is told of a query in place of its result: its plan, and how long it takes.

These are two requests, each with the limits of a query, so that the plan of one that never ends is
known.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import IO

import pyoxigraph as ox

from tzgraph.names.index import NameIndex
from tzgraph.query.plan import measure, plan_query
from tzgraph.query.plan.model import QueryPlan
from tzgraph.query.run import Result, run
from tzgraph.serve.engine.base import BASE, QueryRequest

__all__ = ["MEASURE", "PLAN", "write_task"]

#: The tasks that a request can have, see :class:`QueryRequest`.
PLAN, MEASURE = "plan", "measure"


def write_task(
    store: ox.Store,
    request: QueryRequest,
    output: IO[bytes],
    *,
    prefixes: Mapping[str, str],
    endpoints: Sequence[str] = (),
    relay: str = "",
    names: NameIndex | None = None,
    most: int = 0,
) -> None:
    """Write what a request wants in place of its result, as an object of JSON.

    :param endpoints: endpoints that it may call, see :func:`tzgraph.query.run.run`
    :param relay: where to call them, see there
    :param names: the index of names of the release
    :param most: rows that a result may have, 0 for any number
    :raises TzgraphError: if the query is refused or fails
    """
    since = time.monotonic()
    told = _told(store, request, prefixes, endpoints, relay, names)
    found = told if isinstance(told, QueryPlan) else measure(told, since, most)
    output.write(json.dumps(found.as_dict()).encode())


def _told(
    store: ox.Store,
    request: QueryRequest,
    prefixes: Mapping[str, str],
    endpoints: Sequence[str],
    relay: str,
    names: NameIndex | None,
) -> QueryPlan | Result:
    terms = {ox.Variable(name): term for name, term in request.substitutions}
    if request.task == PLAN:
        return plan_query(
            store,
            request.text,
            prefixes=prefixes,
            substitutions=terms,
            default_graphs=request.default_graphs,
            named_graphs=request.named_graphs,
            base=BASE,
            endpoints=endpoints,
            names=names,
        )
    return run(
        store,
        request.text,
        prefixes=prefixes,
        substitutions=terms,
        default_graphs=request.default_graphs,
        named_graphs=request.named_graphs,
        base=BASE,
        endpoints=endpoints,
        relay=relay,
        names=names,
    )
