"""Run a query on a store, and write its result down.

Errors of the engine become :class:`~tzgraph.errors.QueryError`. Oxigraph's places of syntax
errors are behind the real ones, because each keyword that it tries counts as read before it is
compared (``ASK {?s ?p }`` is wrong at column 12, and Oxigraph says 13). So a query that does not
parse is parsed once more with wide gaps between its tokens, where a keyword tried at a token
ends before the next token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import IO, Any, TypeAlias

import pyoxigraph as ox

from tzgraph.errors import QueryError, UsageError
from tzgraph.query.csv_results import write_csv
from tzgraph.query.formats import Format, ResultKind
from tzgraph.query.guard import QuerySyntaxError, check
from tzgraph.query.services import Call, redirect
from tzgraph.query.tokens import Kind, Token, line_and_column, tokenize

__all__ = ["CallsOutError", "Result", "Term", "kind_of", "run", "serialize"]

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Result: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_PLACE = re.compile(r"error at (\d+):(\d+): expected (.*)", re.DOTALL)
_NOT_PROJECTED = re.compile(r"does not contains variable (\?\S+) in its SELECT projection")
#: Wider than the longest keyword, ENCODE_FOR_URI.
_WIDE = " " * 24
_SEPARATE = frozenset("{}()[];,")
#: An endpoint that can't be called.
_NOWHERE = "<x:x>"


class CallsOutError(QueryError):
    """A query calls endpoints that it may call, but not from here."""

    code = "calls-out"


def run(
    store: ox.Store,
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    substitutions: Mapping[ox.Variable, Term] | None = None,
    default_graphs: Iterable[str] | None = None,
    named_graphs: Iterable[str] | None = None,
    base: str | None = None,
    services: Mapping[str, str] | None = None,
) -> Result:
    """Run a query.

    As in the SPARQL 1.1 Protocol, section 2.1.4, a dataset given here replaces that of the
    query's FROM clauses; if only one of the two kinds of graph is given, there are none of the
    other. Results are read while they are asked for, in the thread that called this function.

    :param store: what to ask
    :param text: a SPARQL 1.1 query
    :param prefixes: prefixes that the query need not declare
    :param substitutions: terms to put in for variables, see :mod:`tzgraph.query.binding`
    :param default_graphs: IRIs of the graphs that together are the default graph
    :param named_graphs: IRIs of the graphs that GRAPH sees
    :param base: what relative IRIs are relative to where the query has no BASE
    :param services: what to call in the place of each endpoint that SERVICE may name; ``""`` if it
        may, but not from here
    :raises QueryError: if the query can't be parsed (then with ``line`` and ``column``) or run
    :raises FederationDeniedError: if it asks for another server
    :raises CallsOutError: if it asks for one that it may ask for, but not from here

    >>> bool(run(ox.Store(), "ASK {}"))
    True
    """
    calls = check(text, endpoints=services or (), prefixes=prefixes).calls
    if services and not all(services[call.endpoint] for call in calls):
        raise CallsOutError("The query calls other endpoints.")
    restricted = default_graphs is not None or named_graphs is not None
    try:
        return store.query(
            redirect(text, calls, services or {}) if calls else text,
            base_iri=base,
            prefixes=dict(prefixes or {}),
            substitutions=dict(substitutions) if substitutions else None,
            default_graph=_graphs(default_graphs) if restricted else None,
            named_graphs=_graphs(named_graphs) if restricted else None,
        )
    except SyntaxError as error:
        raise _syntax_error(text, prefixes or {}, str(error.msg), calls) from error
    except RuntimeError as error:
        raise _run_error(error) from error
    except (OSError, ValueError) as error:
        raise QueryError(f"The query can't be run: {error}.") from error


def kind_of(result: Result) -> ResultKind:
    """Say whether a result is bindings or a graph."""
    return ResultKind.GRAPH if isinstance(result, ox.QueryTriples) else ResultKind.BINDINGS


def serialize(
    result: Result, form: Format, output: IO[bytes], prefixes: Mapping[str, str] | None = None
) -> None:
    """Write a result down, in the thread that ran the query.

    :param result: what :func:`run` gave; it can be written once
    :param form: the format, other than the text table (see :mod:`tzgraph.query.table`)
    :param output: where to
    :param prefixes: prefixes to shorten IRIs with, in formats that have them
    :raises UsageError: if the format can't hold such a result
    :raises QueryError: if the engine fails while results are read
    :raises OSError: if the output can't be written
    """
    try:
        if isinstance(result, ox.QueryTriples) and form.graph is not None:
            ox.serialize(result, output, form.graph, prefixes=dict(prefixes or {}))
        elif isinstance(result, ox.QuerySolutions) and form.name == "csv":
            write_csv(result, output)
        elif not isinstance(result, ox.QueryTriples) and form.bindings is not None:
            result.serialize(output, form.bindings)
        else:
            raise UsageError(f"{form.title} can't hold this result.")
    except RuntimeError as error:
        raise QueryError(f"The query failed while it ran: {error}.") from error


def _graphs(iris: Iterable[str] | None) -> list[Any]:
    try:
        return [ox.NamedNode(iri) for iri in iris or ()]
    except ValueError as error:
        raise UsageError(f"The name of a graph is no absolute IRI: {error}.") from error


def _run_error(error: RuntimeError) -> QueryError:
    found = _NOT_PROJECTED.search(str(error))
    if found is None:
        return QueryError(f"The query can't be run: {error}.")
    return QueryError(
        f"The query gives {found[1]} no place to put a value in.",
        "A SELECT has to name the parameter in its result; ASK and CONSTRUCT have to use it in"
        f" a pattern, for example VALUES {found[1]} {{ UNDEF }}.",
    )


def _syntax_error(
    text: str, prefixes: Mapping[str, str], message: str, calls: Iterable[Call]
) -> QuerySyntaxError:
    tokens = [token for token in tokenize(text) if token.kind is not Kind.SPACE]
    # With wide gaps it may parse, and be run.
    spread, starts = _spread(text, {call.start: _NOWHERE for call in calls})
    try:
        ox.Store().query(spread, prefixes=dict(prefixes))
    except SyntaxError as error:
        found = _PLACE.match(str(error.msg))
    except (OSError, RuntimeError, ValueError):
        found = None
    else:
        found = None
    if found is None:
        found = _PLACE.match(message)
        line, column = (int(found[1]), int(found[2])) if found else (1, 1)
        return QuerySyntaxError("the query can't be parsed here.", line, column)
    offset = _offset(spread, int(found[1]), int(found[2]))
    token: Token | None = None
    for start, candidate in zip(starts, tokens, strict=True):
        if start <= offset:
            token = candidate
    reason = _reason(found[3])
    if token is None or offset >= starts[-1] + len(tokens[-1].text) + len(_WIDE):
        line, column = line_and_column(text, len(text.rstrip()))
        return QuerySyntaxError(reason or "the query ends too early.", line, column)
    shown = token.text if len(token.text) <= 40 else token.text[:40] + "…"
    line, column = line_and_column(text, token.start)
    said = f"{reason[:-1]}: {shown}" if reason else f"{shown!r} can't stand here."
    return QuerySyntaxError(said, line, column)


def _reason(expected: str) -> str:
    """Give what the engine says, where it is a sentence and no list of what it tried."""
    telling = re.search(r"\b[A-Z][A-Za-z]+(?: [A-Za-z]{2,})+(?: [A-Za-z]+)*", expected)
    return f"{telling[0]}." if telling else ""


def _spread(text: str, instead: Mapping[int, str]) -> tuple[str, list[int]]:
    """Put wide gaps between tokens, and say where each one went.

    :param instead: other tokens, by where those begin in whose place they stand
    """
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for token in tokenize(text):
        gap = _WIDE if token.kind is Kind.SPACE or token.text in _SEPARATE else ""
        starts_at = length + (len(gap) if token.kind is not Kind.SPACE else 0)
        if token.kind is Kind.SPACE:
            parts.append(gap)
        else:
            parts.extend((gap, instead.get(token.start, token.text), gap))
            starts.append(starts_at)
        length += sum(map(len, parts[-3:])) if token.kind is not Kind.SPACE else len(gap)
    return "".join(parts) + 2 * _WIDE, starts


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1
