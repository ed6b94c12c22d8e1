"""Run the queries of shapes on a store and collect the results.

https://www.w3.org/TR/shacl/#validation
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tzgraph.interop import as_rdflib
from tzgraph.validate.shacl import ShaclReport, ShaclResult
from tzgraph.validate.sparql.graph import DataGraph, asserted_triples, context_triples, rows_of
from tzgraph.validate.sparql.messages import generic_message
from tzgraph.validate.sparql.model import Shape, UntranslatableShapesError, bad_shapes
from tzgraph.validate.sparql.parse import read_shapes
from tzgraph.validate.sparql.probes import Query, ShapeCheck, listed_targets, plan
from tzgraph.validate.sparql.report import build_report

if TYPE_CHECKING:
    from rdflib import Graph, Literal

    from tzgraph.terms import Term

__all__ = ["check_quads", "check_store"]

#: Memory of a scratch store for each quad of the checked store, measured, in bytes: about half of
#: the quads are asserted triples.
_BYTES_PER_QUAD = 200
#: Quads of a store that is copied into memory where the size of the machine isn't known.
_IF_UNKNOWN = 3_000_000
_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")


def check_store(
    store: ox.Store,
    graphs: Sequence[str],
    shapes: Graph,
    ontology: str,
    *,
    in_memory: int | None = None,
    folder: Path | None = None,
) -> ShaclReport:
    """Check named graphs of a store, together as one data graph, against shapes.

    :param store: holds the graphs; it is only read
    :param graphs: names of the graphs to check
    :param shapes: the shapes graph
    :param ontology: name of the graph with the ontology, of which the check sees subclasses,
        types of terms and which IRIs are properties
    :param in_memory: with more quads than this in the store, the scratch store is on disk, which
        takes about twice as long; by default what fits into a quarter of the machine's memory
    :param folder: where a scratch store on disk is made (and removed); by default where the
        system keeps temporary files
    :return: all results in a fixed order, as :func:`tzgraph.validate.shacl.check_graph` gives them
    :raises UntranslatableShapesError: if a shape has no translation; nothing was checked
    :raises InputUnreadableError: if a shape is not well formed
    """

    def triples() -> Iterator[ox.Quad]:
        yield from asserted_triples(store, graphs)
        yield from context_triples(store, ontology)

    if len(store) <= (_most_in_memory() if in_memory is None else in_memory):
        return check_quads(triples(), shapes)
    with tempfile.TemporaryDirectory(prefix="tzgraph-shacl-", dir=folder) as scratch:
        return check_quads(triples(), shapes, Path(scratch) / "store")


def _most_in_memory() -> int:
    """Give how many quads a store may have whose asserted triples are copied into memory."""
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return _IF_UNKNOWN
    return size // 4 // _BYTES_PER_QUAD


def check_quads(quads: Iterable[ox.Quad], shapes: Graph, folder: Path | None = None) -> ShaclReport:
    """Check triples, given as quads of the default graph, against shapes.

    :param folder: where to put the scratch store; ``None`` keeps it in memory
    """
    known = read_shapes(shapes)
    data = DataGraph(folder)
    data.add(quads)
    stays = any(shape.path is not None and shape.path.may_stay for shape in known.values())
    listed_targets(known.values(), data, among_data=stays)
    found: dict[ShaclResult, tuple[ShapeCheck, tuple[Literal, ...]]] = {}
    queries = list(plan(known, data))
    _look_at_patterns(known.values(), data)
    for query in queries:
        for result, check, messages in _results(query, data):
            found.setdefault(result, (check, messages))
    ordered = sorted(found, key=lambda result: result.sort_key)
    explained = [(result, *found[result]) for result in ordered]
    return ShaclReport(tuple(ordered), partial(build_report, explained, shapes))


def _look_at_patterns(shapes: Iterable[Shape], data: DataGraph) -> None:
    """Make sure that the engine can read each pattern: it would only say "no match".

    https://www.w3.org/TR/shacl/#PatternConstraintComponent
    """
    from tzgraph.validate.sparql.terms import as_text

    problems = []
    for shape in shapes:
        for constraint in shape.constraints:
            if constraint.component == "Pattern":
                rest = "".join(f", {as_text(str(arg))}" for arg in constraint.args)
                test = f'ASK {{ FILTER(COALESCE(IF(REGEX("", {rest[2:]}), true, true), false)) }}'
                if not data.store.query(test):
                    problems.append(f"the pattern {constraint.args[0].n3()} of {shape.node.n3()}")
    if problems:
        raise UntranslatableShapesError(problems)


def _results(
    query: Query, data: DataGraph
) -> Iterator[tuple[ShaclResult, ShapeCheck, tuple[Literal, ...]]]:
    """Give the results of one query, as its rows come."""
    try:
        rows = rows_of(data.store, query.text)
    except SyntaxError as error:
        raise bad_shapes(f"{query.checks[0].shape.node.n3()}: {error}") from error
    for row in rows:
        for number, check in enumerate(query.checks):
            if len(query.checks) > 1 and not _is_true(row[f"c{number}"]):
                continue
            yield _result(row, query, check, data)


def _is_true(term: Term | None) -> bool:
    return isinstance(term, ox.Literal) and term.value == "true"


def _result(
    row: ox.QuerySolution, query: Query, check: ShapeCheck, data: DataGraph
) -> tuple[ShaclResult, ShapeCheck, tuple[Literal, ...]]:
    """Give the result that a row stands for.

    https://www.w3.org/TR/shacl/#results-validation-result
    """
    shape = check.shape
    focus = row[query.focus]
    value = _get(row, query.value) if check.has_value else None
    if value is None and check.sparql is not None and shape.path is None:
        value = focus  # https://www.w3.org/TR/shacl/#sparql-constraints-variables
    predicate = _get(row, query.predicate)
    if isinstance(predicate, ox.NamedNode):
        path = f"<{predicate.value}>"
    else:
        path = "" if shape.path is None else shape.path.text
    messages = _messages(check, row, value)
    result = ShaclResult(
        focus=as_rdflib(focus),
        path=path,
        value=None if value is None else as_rdflib(value),
        severity=shape.severity,
        message=" ".join(sorted(str(message) for message in messages)),
        shape=str(shape.node),
        component=check.component,
        used=() if path else _used(shape, focus, data),
    )
    return result, check, messages


def _get(row: ox.QuerySolution, name: str) -> Term | None:
    """Give the value of a variable; none if the query has no such variable."""
    if not name:
        return None
    try:
        found: Term | None = row[name]
    except KeyError:
        return None
    return found


def _messages(check: ShapeCheck, row: ox.QuerySolution, value: Term | None) -> tuple[Literal, ...]:
    """https://www.w3.org/TR/shacl/#results-message, with what ``{?var}`` stands for filled in."""
    from rdflib import Literal

    sparql = check.sparql
    messages = (sparql.messages if sparql else ()) or check.shape.messages
    if sparql is None or not messages:
        return messages or (Literal(generic_message(check.shape, check.component)),)

    def shown(match: re.Match[str]) -> str:
        term = value if match[1] == "value" else _get(row, match[1])
        return match[0] if term is None else str(as_rdflib(term))

    return tuple(Literal(_PLACEHOLDER.sub(shown, str(m)), lang=m.language) for m in messages)


def _used(shape: Shape, focus: Term, data: DataGraph) -> tuple[str, ...]:
    """Give the properties by which the shape chose the focus node."""
    if isinstance(focus, ox.Literal | ox.Triple):
        return ()
    kinds = (t for t in shape.targets if t.kind == "targetSubjectsOf")
    names = sorted(str(target.node) for target in kinds)
    return tuple(name for name in names if data.holds(focus, name))
