"""Run a query on a store, and write its result down.

Errors of the engine become :class:`~tzgraph.errors.QueryError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import IO, Any, TypeAlias, cast

import pyoxigraph as ox

from tzgraph.errors import InputUnreadableError, QueryError, TzgraphError, UsageError
from tzgraph.names.index import NameIndex
from tzgraph.query.csv_results import write_csv
from tzgraph.query.formats import Format, ResultKind
from tzgraph.query.functions import Functions, with_unknown
from tzgraph.query.guard import (
    QuerySyntaxError,
    QueryTooComplexError,
    ServiceRefusedError,
    check,
    move_place,
)
from tzgraph.query.library import QueryFile
from tzgraph.query.plain import Plain, plain
from tzgraph.query.rdf12 import refuse_rdf12
from tzgraph.query.redirection import redirections
from tzgraph.query.rewrite import NAMES_REWRITTEN, Rewritten, rewrite
from tzgraph.query.rewrite.edits import apply
from tzgraph.query.rows import CountedOutput, NoticedOutput, at_most
from tzgraph.query.services import NOWHERE, Call, declared_prefixes
from tzgraph.query.syntax_errors import syntax_error
from tzgraph.query.tokens import tokens_of
from tzgraph.query.written import refuse_untagged
from tzgraph.query.xml import XmlOutput, write_graph
from tzgraph.terms import Term

__all__ = [
    "REPORT",
    "NeedsFederationError",
    "Result",
    "as_rewritten",
    "check_queries",
    "graphs_of",
    "kind_of",
    "run",
    "serialize",
    "serialize_noticed",
    "used_prefixes",
    "written_values",
]

Result: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_NOT_PROJECTED = re.compile(r"does not contains variable (\?\S+) in its SELECT projection")
#: What to do about what is no fault of a query.
REPORT = "This is a mistake of tzgraph: please report it, with the query."


class NeedsFederationError(QueryError):
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
    endpoints: Sequence[str] = (),
    relay: str = "",
    names: NameIndex | None = None,
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
    :param endpoints: endpoints that SERVICE may name
    :param relay: the address below which to call in their place; ``""`` if not from here
    :param names: the index of names of the release, for ``text:query``
    :raises QueryError: if the query can't be parsed (then with ``line`` and ``column``) or run
    :raises FederationDeniedError: if it asks for another server
    :raises Rdf12QueryError: if it has anything of RDF 1.2
    :raises NeedsFederationError: if it asks for one that it may ask for, but not from here

    >>> bool(run(ox.Store(), "ASK {}"))
    True
    """
    read = plain(text)
    engine_query, rewritten = _prepared(
        read, prefixes, endpoints, relay, substitutions, names, base or ""
    )
    restricted = default_graphs is not None or named_graphs is not None

    def ask(functions: Functions) -> Result:
        return store.query(
            engine_query,
            base_iri=base,
            prefixes=used_prefixes(prefixes or {}, engine_query),
            substitutions=dict(substitutions) if substitutions else None,
            default_graph=graphs_of(default_graphs) if restricted else None,
            named_graphs=graphs_of(named_graphs) if restricted else None,
            custom_functions=dict(functions) or None,
            custom_aggregate_functions=dict(rewritten.aggregates) or None,
        )

    try:
        return with_unknown(ask, rewritten.functions)
    except SyntaxError as error:
        known = (prefixes, endpoints, base)
        raise _syntax_error(
            read, str(error.msg), *known, is_rewritten=bool(rewritten.names)
        ) from error
    except RuntimeError as error:
        raise _run_error(error) from error
    except (OSError, ValueError) as error:
        raise QueryError(f"The query can't be run: {error}.") from error


def _prepared(
    read: Plain,
    prefixes: Mapping[str, str] | None,
    endpoints: Sequence[str],
    relay: str,
    substitutions: Mapping[ox.Variable, Term] | None,
    names: NameIndex | None,
    base: str,
) -> tuple[str, Rewritten]:
    """Give what the engine gets for a query: checked, rewritten, and checked again.

    :return: the text, and what was rewritten
    :raises FederationDeniedError: if it asks for a server that it may not ask for
    :raises NeedsFederationError: if it asks for one that it may ask for, but not from here
    :raises QuerySyntaxError: if it is RDF 1.2, or a pattern of REGEX can't be compiled
    """
    rewritten, calls = as_rewritten(read, prefixes, endpoints, substitutions, names, base)
    if calls and not relay:
        raise NeedsFederationError("The query calls other endpoints.")
    text = rewritten.text
    return apply(text, redirections(calls, endpoints, relay)) if calls else text, rewritten


def as_rewritten(
    read: Plain,
    prefixes: Mapping[str, str] | None = None,
    endpoints: Sequence[str] = (),
    substitutions: Mapping[ox.Variable, Term] | None = None,
    names: NameIndex | None = None,
    base: str = "",
) -> tuple[Rewritten, tuple[Call, ...]]:
    """Give how a query is rewritten, and the endpoints that it calls then.

    The parameters are those of :func:`run`, but for the query as it is read.

    :raises QuerySyntaxError: at a part that can't be rewritten, or is more than the engine bears
    :raises FederationDeniedError: if it asks for a server that it may not ask for
    """
    calls = _calls(read, prefixes, endpoints)
    if "angString" in read.text:
        refuse_untagged(read.text, declared_prefixes(tokens_of(read.text), prefixes or {}))
    try:
        refuse_rdf12(read.text)
        rewritten = rewrite(
            read.text,
            prefixes=prefixes,
            base=base,
            values=written_values(substitutions),
            names=names,
        )
    except QuerySyntaxError as error:
        _place(error, read)
        raise
    if rewritten.names:
        try:
            again = check(rewritten.text, endpoints=endpoints, prefixes=prefixes).calls
        except QueryTooComplexError:
            if NAMES_REWRITTEN in rewritten.names:  # as it is written it finds nothing
                raise
            rewritten = Rewritten(read.text)
        else:
            # Calls are known by their numbers.
            same = [call.endpoint for call in again] == [call.endpoint for call in calls]
            rewritten, calls = (rewritten, again) if same else (Rewritten(read.text), calls)
    return rewritten, calls


def written_values(substitutions: Mapping[ox.Variable, Term] | None) -> dict[str, str]:
    """Give values of variables as they are written in SPARQL, but for blank nodes, by name."""
    return {
        variable.value: str(term)
        for variable, term in (substitutions or {}).items()
        if isinstance(term, ox.NamedNode | ox.Literal)
    }


def _calls(
    read: Plain, prefixes: Mapping[str, str] | None, endpoints: Sequence[str]
) -> tuple[Call, ...]:
    """Give the endpoints that a query calls, where it passes as written and as read."""
    found = check(read.client_text, endpoints=endpoints, prefixes=prefixes).calls
    if read.text == read.client_text:
        return found
    try:
        return check(read.text, endpoints=endpoints, prefixes=prefixes).calls
    except (QuerySyntaxError, ServiceRefusedError) as error:
        _place(error, read)
        raise


def _syntax_error(
    read: Plain,
    message: str,
    prefixes: Mapping[str, str] | None,
    endpoints: Sequence[str],
    base: str | None,
    *,
    is_rewritten: bool,
) -> QueryError:
    """Give the error for a text that the engine can't parse, about the text before rewrites."""

    def parse(spread: str) -> None:
        ox.Store().query(spread, base_iri=base, prefixes=dict(prefixes or {}))
        if is_rewritten:
            raise TzgraphError(f"The query can't be parsed as it was rewritten: {message}.", REPORT)

    instead = {call.start: NOWHERE for call in _calls(read, prefixes, endpoints)}
    error = syntax_error(read.text, parse, message, instead)
    _place(error, read)
    return error


def _place(error: QuerySyntaxError | ServiceRefusedError, read: Plain) -> None:
    """Have an error say where in the client's text it is."""
    if read.changes:
        move_place(error, *read.place(error.line, error.column))


def kind_of(result: Result) -> ResultKind:
    """Say whether a result is bindings or a graph."""
    return ResultKind.GRAPH if isinstance(result, ox.QueryTriples) else ResultKind.BINDINGS


def serialize(
    result: Result,
    form: Format,
    output: IO[bytes],
    prefixes: Mapping[str, str] | None = None,
    most: int = 0,
) -> None:
    """Write a result down, in the thread that ran the query.

    :param result: what :func:`run` gave; it can be written once
    :param form: the format, other than the text table (see :mod:`tzgraph.query.table`)
    :param output: where to
    :param prefixes: prefixes to shorten IRIs with, in formats that have them
    :param most: solutions or triples that there may be, 0 for any number, which is faster
    :raises UsageError: if the format can't hold such a result
    :raises TooManyRowsError: if there are more; part of it may be written
    :raises NotInXmlError: if the format is XML, which can't hold it; part of it may be written
    :raises QueryError: if the engine fails while results are read
    :raises OSError: if the output can't be written
    """
    try:
        if isinstance(result, ox.QueryTriples) and form.graph is not None:
            write_graph(at_most(result, most) if most else result, output, form.graph, prefixes)
        elif isinstance(result, ox.QuerySolutions) and form.name == "csv":
            write_csv(result, output, most)
        elif not isinstance(result, ox.QueryTriples) and form.bindings is not None:
            if form.bindings == ox.QueryResultsFormat.XML:
                output = cast("IO[bytes]", XmlOutput(output))
            if most and isinstance(result, ox.QuerySolutions):
                output = cast("IO[bytes]", CountedOutput(output, form.bindings, most))
            result.serialize(output, form.bindings)
        else:
            raise UsageError(f"{form.title} can't hold this result.")
    except RuntimeError as error:
        raise _failed(error) from error


def serialize_noticed(
    result: Result, form: Format, output: IO[bytes], prefixes: Mapping[str, str] | None = None
) -> bool:
    """Write a result down as :func:`serialize` does, and say whether it is not empty.

    The answer to ASK is empty if it is no.

    :raises TzgraphError: as that does
    """
    if isinstance(result, ox.QueryTriples) and form.graph is not None:
        found = _first(result)
        _write_triples(chain(found, result), form.graph, output, prefixes)
        return bool(found)
    noticed = NoticedOutput(output, None if form.name == "csv" else form.bindings)
    is_true = isinstance(result, ox.QueryBoolean) and bool(result)
    serialize(result, form, cast("IO[bytes]", noticed), prefixes)
    return is_true or (isinstance(result, ox.QuerySolutions) and noticed.has_rows)


def _first(result: ox.QueryTriples) -> list[ox.Triple]:
    try:
        return list(islice(result, 1))
    except RuntimeError as error:
        raise _failed(error) from error


def _write_triples(
    triples: Iterable[ox.Triple],
    form: ox.RdfFormat,
    output: IO[bytes],
    prefixes: Mapping[str, str] | None,
) -> None:
    try:
        write_graph(triples, output, form, prefixes)
    except RuntimeError as error:
        raise _failed(error) from error


def _failed(error: RuntimeError) -> QueryError:
    return QueryError(f"The query failed while it ran: {error}.")


def check_queries(library: Mapping[str, QueryFile], prefixes: Mapping[str, str]) -> None:
    """Read all queries of a library, so that what is wrong is told before somebody asks one.

    :param prefixes: prefixes that they need not declare
    :raises InputUnreadableError: if one can't be parsed, with its line and column
    """
    for query in library.values():
        try:
            run(ox.Store(), query.text, prefixes=prefixes)
        except QuerySyntaxError as error:
            raise InputUnreadableError(
                f"The query {query.name} can't be parsed: {error}", "Mend the file."
            ) from error
        except TzgraphError:
            continue  # it may need what only the server has


def used_prefixes(prefixes: Mapping[str, str], text: str) -> dict[str, str]:
    """Give the prefixes that a query may use: the engine reads each of them for each query.

    >>> used_prefixes({"a": "http://a/", "b": "http://b/"}, "ASK { ?s a:p ?o }")
    {'a': 'http://a/'}
    """
    if "\\" in text:  # a name may be written with escapes
        return dict(prefixes)
    return {prefix: prefixes[prefix] for prefix in prefixes if prefix + ":" in text}


def graphs_of(iris: Iterable[str] | None) -> list[Any]:
    """Give the names of graphs as the engine takes them.

    :raises UsageError: if one is no absolute IRI
    """
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
