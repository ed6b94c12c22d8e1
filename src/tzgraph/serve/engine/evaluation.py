"""What a thread or a worker does with a request: evaluate the query and write its result.

In place of a result its plan may be told, and how long it takes. These are two requests, each with
the limits of a query, so that the plan of one that never ends is known.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import pyoxigraph as ox

from tzgraph.names.index import NameIndex
from tzgraph.query.formats import ResultKind
from tzgraph.query.plan import measure, plan_query
from tzgraph.query.run import kind_of, run
from tzgraph.serve.engine.base import BASE, QueryRequest
from tzgraph.serve.engine.rows import write_result

__all__ = ["MEASURE", "PLAN", "EvaluationContext", "evaluate"]

#: The tasks that a request can have, see :class:`QueryRequest`.
PLAN, MEASURE = "plan", "measure"


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    """What is the same for all queries of a thread or a worker.

    :ivar prefixes: prefixes known to every query
    :ivar names: the index of names of the release
    :ivar endpoints: endpoints that queries may name, see :func:`tzgraph.query.run.run`
    :ivar relay: where to call them, see there
    :ivar most: rows that a result may have, 0 for any number
    """

    prefixes: Mapping[str, str]
    names: NameIndex | None = None
    endpoints: Sequence[str] = ()
    relay: str = ""
    most: int = 0


def evaluate(
    store: ox.Store,
    request: QueryRequest,
    context: EvaluationContext,
    begin: Callable[[ResultKind], IO[bytes]],
) -> None:
    """Evaluate a query, and write what the request wants of it.

    :param begin: gives what to write to, when it is known what kind of result there is
    :raises TzgraphError: if the query is refused or fails
    """
    since = time.monotonic()
    options: dict[str, Any] = {
        "prefixes": context.prefixes,
        "substitutions": {ox.Variable(name): term for name, term in request.substitutions},
        "default_graphs": request.default_graphs,
        "named_graphs": request.named_graphs,
        "base": BASE,
        "endpoints": context.endpoints,
        "names": context.names,
    }
    if request.task == PLAN:
        told: Any = plan_query(store, request.text, **options)
    else:
        result = run(store, request.text, **options, relay=context.relay)
        if not request.task:
            kind = kind_of(result)
            offer, most = request.offer(kind), context.most
            write_result(result, offer, begin(kind), prefixes=context.prefixes, most=most)
            return
        told = measure(result, since, context.most)
    begin(ResultKind.BINDINGS).write(json.dumps(told.as_dict()).encode())
