"""Have the engine call a relay in the place of endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tzgraph.query.rewrite.edits import Edit
from tzgraph.query.services import NOWHERE, Call

__all__ = ["redirections"]


def redirections(calls: Sequence[Call], endpoints: Sequence[str], relay: str) -> Iterator[Edit]:
    """Give the edits of a query that have the engine call a relay in the place of endpoints.

    Under the relay's address the path names an endpoint, by its place among those that may be
    called, the call, by its place in the query, and whether it is ``silent``.

    A call in GRAPH is put into a subquery, whose variables don't meet the graph's name, and the
    name is joined from outside, as the engine doesn't bind it where a group holds a call alone.

    >>> from tzgraph.query.guard import check
    >>> from tzgraph.query.rewrite.edits import apply
    >>> text = "ASK { GRAPH ?g { SERVICE <http://x/> { ?s ?p ?o } } }"
    >>> calls = check(text, endpoints=["http://x/"]).calls
    >>> apply(text, redirections(calls, ["http://x/"], "http://r/"))
    'ASK { GRAPH ?g {} GRAPH ?g { { SELECT * { SERVICE <http://r/0/0> { ?s ?p ?o } } } } }'
    """
    joined: set[int] = set()
    for number, call in enumerate(calls):
        if call.is_inner:
            yield Edit(call.start, call.end, NOWHERE)
            continue
        for place, name in call.graphs:
            if place not in joined:
                joined.add(place)
                yield Edit(place, place, f"GRAPH {name} {{}} ")
        address = f"{relay}{endpoints.index(call.endpoint)}/{number}"
        if call.graphs:
            yield Edit(call.word, call.word, "{ SELECT * { ")
        yield Edit(call.start, call.end, f"<{address}{'/silent' if call.silent else ''}>")
        if call.graphs:
            yield Edit(call.pattern[1], call.pattern[1], " } }")
