"""Make the plan of a query, and measure its run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from tzgraph.errors import QueryError
from tzgraph.names.index import NameIndex
from tzgraph.query.functions import MAX_UNKNOWN, is_known
from tzgraph.query.guard import check
from tzgraph.query.plain import Plain, plain
from tzgraph.query.plan.counting import Dataset, TripleCount
from tzgraph.query.plan.hints import hints_for
from tzgraph.query.plan.model import AbsentIri, Evaluator, Measured, PatternPlan, QueryPlan
from tzgraph.query.plan.patterns import Asked, AskedIri, IriRole, asked_by, shown, steps_of
from tzgraph.query.rewrite.graphs import AGGREGATES, has_aggregate
from tzgraph.query.rows import at_most
from tzgraph.query.run import Result, as_rewritten, graphs_of, used_prefixes, written_values
from tzgraph.query.syntax import parse
from tzgraph.query.syntax.tree import Expression, ParsedQuery, PropertyPath, Term, TermKind, walk
from tzgraph.query.tokens import line_and_column
from tzgraph.terms import Term as RdfTerm

__all__ = ["MAX_IRIS", "MAX_PATTERNS", "SECONDS", "advice_on", "measure", "plan_query", "sums_up"]

#: Patterns and IRIs of a query that are looked up in the data, and steps of a path.
MAX_PATTERNS = MAX_IRIS = 100
_MAX_STEPS = 20
#: Seconds in which they are; what is left then is not counted.
SECONDS = 2.0
#: Characters of a pattern that are shown.
_SHOWN = 200


def plan_query(
    store: ox.Store,
    text: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    substitutions: Mapping[ox.Variable, RdfTerm] | None = None,
    default_graphs: Iterable[str] | None = None,
    named_graphs: Iterable[str] | None = None,
    base: str | None = None,
    endpoints: Sequence[str] = (),
    names: NameIndex | None = None,
) -> QueryPlan:
    """Give the plan of a query without running it; the parameters are those of :func:`~.run.run`.

    :raises QueryError: if the query is refused before the engine sees it
    :raises FederationDeniedError: if it asks for another server

    >>> store = ox.Store()
    >>> store.load(b"<x:s> <x:p> 1, 2 .", ox.RdfFormat.TURTLE)
    >>> plan = plan_query(store, "SELECT * { ?s <x:p> ?o ; <x:q> ?v }")
    >>> [str(one.count) for one in plan.patterns], [one.iri for one in plan.absent]
    (['2', '0'], ['x:q'])
    """
    read = plain(text)
    rewritten, calls = as_rewritten(read, prefixes, endpoints, substitutions, names, base or "")
    called = tuple(dict.fromkeys(call.endpoint for call in calls))
    query = parse(read.text, base or "")
    if query is None:
        form = check(read.text, endpoints=endpoints, prefixes=prefixes).form or ""
    else:
        form = query.form
    found = QueryPlan(
        form,
        query is not None,
        rewrites=rewritten.names,
        rewritten=rewritten.text if rewritten.names else None,
        evaluator=Evaluator(called, aggregates=len(rewritten.aggregates)),
    )
    if query is None:
        return found
    written = written_values(substitutions)
    restricted = default_graphs is not None or named_graphs is not None
    options = {
        "base_iri": base,
        "prefixes": used_prefixes(prefixes or {}, read.text),
        "default_graph": graphs_of(default_graphs) if restricted else None,
        "named_graphs": graphs_of(named_graphs) if restricted else None,
    }
    until = time.monotonic() + SECONDS
    dataset = Dataset(store, query, read.text, written, options, until)
    asked = asked_by(query, read.text, prefixes)
    given = list(_given((substitutions or {}).values(), default_graphs, named_graphs))
    functions = dict(_functions(query, dataset))
    return QueryPlan(
        query.form,
        True,
        tuple(_counted(asked, dataset, read)),
        max(0, len(asked.patterns) - MAX_PATTERNS),
        found.rewrites,
        found.rewritten,
        Evaluator(called, functions, len(rewritten.aggregates)),
        tuple((hint.code, hint.message) for hint in hints_for(query, read.text, written, prefixes)),
        tuple(_absent(asked, given, dataset, read)),
        _sums_up(query),
    )


def _counted(asked: Asked, dataset: Dataset, read: Plain) -> Iterator[PatternPlan]:
    left = MAX_PATTERNS
    for one in asked.patterns[:MAX_PATTERNS]:
        triple = one.triple
        graph = "" if one.graph is None else _name(one.graph)
        about = shown(triple, read.text)[:_SHOWN], graph, _line(read, triple.start)
        if isinstance(triple.verb, PropertyPath):
            steps = []
            for step in list(steps_of(triple.verb))[: min(left, _MAX_STEPS)]:
                steps.append((step.value, dataset.count(one, step)))
                left -= 1
            yield PatternPlan(*about, None, tuple(steps))
        elif left <= 0 or TermKind.TRIPLE in (triple.subject.kind, triple.object.kind):
            yield PatternPlan(*about, TripleCount(None))
        else:
            left -= 1
            yield PatternPlan(*about, dataset.count(one, triple.verb))


def _absent(
    asked: Asked, given: Iterable[AskedIri], dataset: Dataset, read: Plain
) -> Iterator[AbsentIri]:
    """Give the IRIs of a query that are not where it asks for them.

    :param given: IRIs that are no part of the text, each written in angle brackets
    """
    iris = list(asked.iris.values())[:MAX_IRIS]
    resolved = dataset.resolved(one.written for one in iris)
    lines = [_line(read, one.start) for one in iris]
    named = list(zip(iris, resolved, lines, strict=True))
    named += [(one, one.written[1:-1], 0) for one in given]
    for one, iri, line in named[:MAX_IRIS]:
        elsewhere = None if iri is None else _elsewhere(one, iri, dataset)
        if iri is not None and elsewhere is not None:
            yield AbsentIri(iri, one.written, line, one.roles, elsewhere)


def _elsewhere(one: AskedIri, iri: str, dataset: Dataset) -> str | None:
    """Say where an IRI is that is not where it is asked for, see :class:`AbsentIri`.

    :return: ``None`` if it is there, or nothing is known
    """
    if IriRole.DATASET in one.roles:
        return None if dataset.has_graph(iri) else ""
    where = dataset.where(iri)
    if where is None or where.default or (where.named and not one.in_default):
        return None
    if where.named:
        return "named"
    return "other" if where.store else ""


def _given(
    values: Iterable[RdfTerm], default: Iterable[str] | None, named: Iterable[str] | None
) -> Iterator[AskedIri]:
    """Give the IRIs that a query is given beside its text."""
    for term in values:
        if isinstance(term, ox.NamedNode):
            yield AskedIri(str(term), 0, frozenset({IriRole.TERM}), in_default=False)
    for iri in (*(default or ()), *(named or ())):
        yield AskedIri(f"<{iri}>", 0, frozenset({IriRole.DATASET}), in_default=False)


def _functions(query: ParsedQuery, dataset: Dataset) -> Iterator[tuple[str, bool]]:
    """Give the functions that a query calls by IRI, and whether there are such functions."""
    calls = (n.function for n in walk(query) if isinstance(n, Expression) and n.function)
    written = list(dict.fromkeys(term.value for term in calls))[:MAX_UNKNOWN]
    for iri in dataset.resolved(written):
        if iri is not None:
            yield iri, is_known(ox.NamedNode(iri))


def _name(term: Term) -> str:
    return f"?{term.value}" if term.kind is TermKind.VARIABLE else term.value


def _line(read: Plain, offset: int) -> int:
    line, column = line_and_column(read.text, offset)
    return read.place(line, column)[0] if read.changes else line


def measure(result: Result, since: float, most: int = 0) -> Measured:
    """Read a result to its end, and say how many rows it has and how long that took.

    :param result: what :func:`tzgraph.query.run.run` gave
    :param since: when the query began, in the time of :func:`time.monotonic`
    :param most: rows that there may be, 0 for any number
    :raises TooManyRowsError: if there are more
    :raises QueryError: if the engine fails
    """
    if isinstance(result, ox.QueryBoolean):
        return Measured(time.monotonic() - since, boolean=bool(result))
    found: Iterable[object] = result
    try:
        rows = sum(1 for _ in (at_most(found, most) if most else found))
    except RuntimeError as error:
        raise QueryError(f"The query failed while it ran: {error}.") from error
    return Measured(time.monotonic() - since, rows)


def sums_up(text: str) -> bool:
    """Say whether a query has one row whatever there is, as it counts or sums all solutions.

    >>> sums_up("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    True
    >>> sums_up("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s")
    False
    """
    capitals = text.upper()
    if not any(map(capitals.__contains__, AGGREGATES)):
        return False
    query = parse(plain(text).text)
    return query is not None and _sums_up(query)


def _sums_up(query: ParsedQuery) -> bool:
    parts = (*query.items, *query.having)
    return query.form == "SELECT" and not query.group_by and any(map(has_aggregate, parts))


def advice_on(
    text: str,
    values: Mapping[str, str] | None = None,
    prefixes: Mapping[str, str] | None = None,
) -> str:
    """Say what of a query that took too long should be changed, as far as its text tells.

    :param values: what is known to be the value of variables, as it is written
    :param prefixes: prefixes that it need not declare
    :return: two sentences or so, empty if there is nothing to say

    >>> advice_on("SELECT * { ?s ?p ?o }")
    ''
    """
    read = plain(text)
    query = parse(read.text)
    found = hints_for(query, read.text, values, prefixes) if query else []
    return " ".join(hint.message for hint in found[:_SAID])


#: Hints that an error has room for.
_SAID = 2
