"""What a result depends on, as a short name, and whether it depends on nothing else.

A release never changes, so release, query, dataset, values and formats together say which result
a query has, before it is evaluated; and so does the code that rewrites, runs and writes it, which
another tzgraph on the same release may have otherwise. Caches and entity tags rest on that.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from pathlib import Path

import pyoxigraph as ox

from tzgraph import query
from tzgraph.query.plain import plain
from tzgraph.query.tokens import TokenKind, tokenize
from tzgraph.serve.engine.base import QueryRequest

__all__ = ["digest_of", "is_stable"]

#: Functions whose value is another one each time.
_VOLATILE = ("NOW", "RAND", "UUID", "BNODE")  # STRUUID ends like UUID
_SUSPECT = ("now", "rand", "uuid", "bnode", "service", "\\")
#: Characters of a query that is looked at closely.
_LONGEST = 16 * 1024


def _code() -> str:
    """Give a name for the code that results depend on: the engine's and that of the queries."""
    found = hashlib.blake2b(ox.__version__.encode(), digest_size=16)
    for path in sorted(Path(query.__path__[0]).rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


_CODE = _code()


def is_stable(text: str) -> bool:
    """Say whether a query has the same result each time it is asked of the same data.

    The engine asks for no gap around keywords, so ``BYRAND()`` calls RAND. In doubt the answer is
    no, also for long queries that have such a word anywhere, be it in a string.

    >>> is_stable("ASK {}"), is_stable("SELECT (now() AS ?t) {}"), is_stable("SELECT ?now {}")
    (True, False, True)
    >>> is_stable("SELECT * { ?s ?p 'RAND()' } # NOW()"), is_stable("SELECT * {} ORDER BYRAND()")
    (True, False)
    """
    lower = text.lower()
    if not any(word in lower for word in _SUSPECT):  # a pattern takes twenty times as long
        return True
    if len(text) > _LONGEST:
        return False
    last = ""
    for token in tokenize(plain(text).text):
        if token.kind in (TokenKind.SPACE, TokenKind.STRING):
            continue
        if token.doubtful or (token.text == "(" and last.endswith(_VOLATILE)):
            return False
        last = token.word
        if token.kind is TokenKind.IRI:
            # In another reading it compares with what is called.
            if any(f"{name}(" in last for name in _VOLATILE):
                return False
        elif token.kind is TokenKind.VARIABLE:
            # What is a name here may be one less something there.
            last = last.partition("-")[2]
        elif "SERVICE" in last.partition(":")[0]:
            return False
    return True


def digest_of(request: QueryRequest) -> str:
    """Give a name for all of a request that its result depends on; not for who asks.

    >>> digest_of(QueryRequest("ASK {}", client="a")) == digest_of(QueryRequest("ASK {}"))
    True
    """
    parts = (
        _CODE,
        request.text,
        request.default_graphs,
        request.named_graphs,
        request.bindings and astuple(request.bindings),
        request.graph and astuple(request.graph),
        [(name, str(term)) for name, term in request.substitutions],
    )
    written = json.dumps(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(written, digest_size=16).hexdigest()
