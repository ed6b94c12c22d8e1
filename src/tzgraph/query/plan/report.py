"""The plan of a query, and what is said under an empty result, for people to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tzgraph.query.plan.model import AbsentIri, Measured, PatternPlan, QueryPlan
from tzgraph.query.table import printable

__all__ = ["absent_text", "measured_text", "notes_on_empty", "notes_on_sum", "plan_lines"]

#: Patterns without a match that are named under an empty result.
_NAMED = 5


def plan_lines(plan: QueryPlan) -> Iterator[str]:
    """Give the lines of a plan, without the run."""
    by = f"the engine, with {', '.join(plan.evaluator.endpoints)}"
    yield f"{plan.form or 'Query'}, answered by {by if plan.evaluator.endpoints else 'the engine'}"
    if not plan.is_parsed:
        yield "The query isn't understood here, so nothing is known of its patterns."
    for iri, known in (plan.evaluator.functions or {}).items():
        said = "known" if known else "unknown, so each call is an error"
        yield f"Function {printable(iri)}: {said}"
    if plan.rewritten is not None:
        yield f"Rewritten: {', '.join(plan.rewrites)}"
        yield from (f"    {printable(line)}" for line in plan.rewritten.splitlines())
    if plan.patterns:
        yield from _table(plan.patterns)
    if plan.left_out:
        yield f"{plan.left_out:,} more patterns are not counted."
    yield from (f"Hint: {message}" for _code, message in plan.hints)


def _table(patterns: tuple[PatternPlan, ...]) -> Iterator[str]:
    yield f"{'line':>5}  {'triples':>16}  pattern"
    for one in patterns:
        shown = f"GRAPH {one.graph} {{ {one.pattern} }}" if one.graph else one.pattern
        triples = "" if one.count is None else str(one.count)
        yield f"{one.line:>5}  {triples:>16}  {printable(shown)}"
        for name, count in one.steps:
            yield f"{'':>5}  {count!s:>16}    {printable(name)}"


def measured_text(measured: Measured) -> str:
    """Say how a query ran.

    >>> measured_text(Measured(0.5, 1)), measured_text(Measured(0.001, boolean=True))
    ('1 row in 0.500 s', 'yes in 0.001 s')
    """
    found = "yes" if measured.boolean else "no"
    if measured.rows is not None:
        found = f"{measured.rows:,} row{'' if measured.rows == 1 else 's'}"
    return f"{found} in {measured.seconds:.3f} s"


def notes_on_sum(plan: QueryPlan, compact: Callable[[str], str]) -> Iterator[str]:
    """Say what of a query that has one row whatever there is occurs nowhere, if anything.

    :param compact: shortens IRIs
    """
    if plan.sums_up and plan.absent:
        yield "The one row sums up what this graph states, which may be nothing."
        yield from (absent_text(absent, compact) for absent in plan.absent)


def notes_on_empty(plan: QueryPlan, compact: Callable[[str], str]) -> Iterator[str]:
    """Say why a result may be empty, as far as that is certain.

    :param compact: shortens IRIs
    """
    lines = {absent.line for absent in plan.absent if not absent.elsewhere}
    empty = [one for one in plan.patterns if one.is_empty and one.line not in lines]
    if plan.form != "ASK":
        yield "No rows: this graph doesn't state it, which doesn't say that it doesn't hold."
    elif plan.absent or empty:
        yield "“no” says that this graph doesn't state it, not that it doesn't hold."
    for absent in plan.absent:
        yield absent_text(absent, compact)
    for one in empty[:_NAMED]:
        where = f" in GRAPH {one.graph}" if one.graph else ""
        yield f"Line {one.line}: no triple{where} has {printable(one.pattern)}"
    if len(empty) > _NAMED:
        yield f"{len(empty) - _NAMED} more patterns have no match."
    told = plan.absent or plan.left_out or plan.form == "ASK"
    if plan.patterns and not told and all(map(_matches, plan.patterns)):
        yield "Each pattern alone has matches: what has none is all of them together, or a filter."


def _matches(one: PatternPlan) -> bool:
    counts = [count for _name, count in one.steps] if one.count is None else [one.count]
    return all(count.triples for count in counts)


def absent_text(absent: AbsentIri, compact: Callable[[str], str]) -> str:
    """Say that an IRI occurs nowhere, and which is meant, if that is certain."""
    place = f"Line {absent.line}: " if absent.line else ""
    said = f"{place}{printable(absent.written)} "
    if absent.elsewhere == "named":
        return f"{said}is in named graphs only: ask for it in GRAPH ?g {{ … }}."
    if absent.elsewhere == "other":
        return f"{said}is only in graphs that are not asked."
    nearest = f" Is {compact(absent.nearest)} meant?" if absent.nearest else ""
    return f"{said}occurs nowhere in this graph.{nearest}"
