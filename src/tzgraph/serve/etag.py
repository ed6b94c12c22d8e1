"""Entity tags: what a result is made from, as a short name (RFC 9110, 8.8.3).

A release never changes, so release, query, dataset, values and formats together say which result
an answer holds, before the query is evaluated. The tags are weak: the same result may come
compressed, or with its rows in another order where the query asks for none.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import astuple

from tzgraph.serve.engine import QueryRequest

__all__ = ["digest_of", "is_stable", "matches"]

#: Functions whose value is another one each time, and what asks other endpoints.
_VOLATILE = re.compile(r"(?<![?$:\w])(?:NOW|RAND|UUID|STRUUID|SERVICE)\b", re.IGNORECASE)
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def is_stable(text: str) -> bool:
    """Say whether a query has the same result each time it is asked of the same data.

    A word in a string or comment may make it look as if it had not.

    >>> is_stable("ASK {}"), is_stable("SELECT (now() AS ?t) {}"), is_stable("SELECT ?now {}")
    (True, False, True)
    """
    return _VOLATILE.search(text) is None


def digest_of(request: QueryRequest) -> str:
    """Give a name for all of a request that its result depends on; not for who asks.

    >>> digest_of(QueryRequest("ASK {}", client="a")) == digest_of(QueryRequest("ASK {}"))
    True
    """
    parts = (
        request.text,
        request.default_graphs,
        request.named_graphs,
        request.bindings and (request.bindings.format, request.bindings.media_type),
        request.graph and (request.graph.format, request.graph.media_type),
        [(name, str(term)) for name, term in request.substitutions],
        request.window and astuple(request.window),
    )
    written = json.dumps(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(written, digest_size=16).hexdigest()


def matches(header: str | None, tag: str) -> bool:
    """Say whether a header If-None-Match names a tag; ``*`` is not looked at.

    >>> matches('"x", W/"a"', 'W/"a"'), matches('"a"', 'W/"a"'), matches("*", 'W/"a"')
    (True, True, False)
    """
    return tag.removeprefix("W/") in _TAG.findall(header or "")
