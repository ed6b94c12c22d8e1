"""Functions that queries call and the engine doesn't have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

import pyoxigraph as ox

from tzgraph.terms import Term

__all__ = ["MAX_UNKNOWN", "Functions", "is_known", "with_unknown"]

Functions = Mapping[ox.NamedNode, Callable[..., Term | None]]

#: Functions that a query may call without there being one.
MAX_UNKNOWN = 20
_UNKNOWN = re.compile(r"The custom function <(.*)> is not supported\Z")
_T = TypeVar("_T")


def with_unknown(ask: Callable[[Functions], _T], known: Functions | None = None) -> _T:
    """Run a query so that a call of a function that isn't known is an error of the expression.

    The engine refuses the whole query, where SPARQL 1.1 Query, section 17.6, has an error raised
    when the expression is evaluated: FILTER drops the solution, COALESCE takes another value.

    :param ask: runs the query with these functions beside the engine's own
    :param known: functions of ours that the query calls
    :raises RuntimeError: as the engine does; also at more than :data:`MAX_UNKNOWN` such functions

    >>> text = "SELECT (COALESCE(<x:f>(1), 'none') AS ?x) {}"
    >>> store = ox.Store()
    >>> result = with_unknown(lambda functions: store.query(text, custom_functions=functions))
    >>> next(iter(result))["x"].value
    'none'
    """
    functions = dict(known or {})
    while True:
        try:
            return ask(functions)
        except RuntimeError as error:
            found = _UNKNOWN.match(str(error))
            if found is None or len(functions) - len(known or {}) == MAX_UNKNOWN:
                raise
            functions[ox.NamedNode(found[1])] = _no_value


def is_known(function: ox.NamedNode) -> bool:
    """Say whether the engine has a function.

    >>> is_known(ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    True
    >>> is_known(ox.NamedNode("x:f"))
    False
    """
    try:
        ox.Store().query(f"SELECT ({function}(?x) AS ?y) {{ ?x ?p ?o }}")
    except RuntimeError as error:
        return _UNKNOWN.match(str(error)) is None
    return True


def _no_value(*_arguments: Term) -> None:
    """Have no value, which the engine takes for an error of the expression."""
