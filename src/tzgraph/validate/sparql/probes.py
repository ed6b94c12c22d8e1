"""Shapes as queries: which queries a check runs, and what each of their rows means.

A query asks for focus nodes, with their value nodes where a constraint judges these one by one,
and filters by the constraints' expressions. All constraints on the same nodes, of whatever shape,
go into one query: what costs is walking the nodes, not the tests. A row then says by a column for
each constraint which of them it violates.

https://www.w3.org/TR/shacl/#validation-definition
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tzgraph.validate.sparql.expressions import ABOUT_FOCUS, ShapeExpressions, any_of, closed
from tzgraph.validate.sparql.model import Constraint, Shape, SparqlConstraint
from tzgraph.validate.sparql.prebind import select_with_target
from tzgraph.vocabulary import SH

if TYPE_CHECKING:
    from rdflib.term import Identifier

    from tzgraph.validate.sparql.graph import DataGraph

__all__ = ["Probe", "Query", "ShapeCheck", "plan"]


#: Variable of the nodes that targets choose.
_FOCUS = "?f0"
#: What stands around a pattern that gives a focus node many times, to have it once.
_ONCE, _ONCE_END = f"{{ SELECT DISTINCT {_FOCUS} {{ ", " } }"


@dataclass(frozen=True, slots=True)
class ShapeCheck:
    """What a row that passes a test says: which constraint of which shape is violated."""

    shape: Shape
    component: str
    test: str
    has_value: bool
    sparql: SparqlConstraint | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """Nodes to look at (a graph pattern and its variables), and one check of them."""

    where: str
    focus: str
    value: str
    check: ShapeCheck
    #: Variable of the property that a row is about, for ``sh:closed``.
    predicate: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A query with all checks of the same nodes.

    ``focus``, ``value`` and ``predicate`` are variables, the latter two empty where there is
    none. With more than one check, variable ``c0``, ``c1`` … says whether each is violated.
    """

    text: str
    checks: tuple[ShapeCheck, ...]
    focus: str
    value: str = ""
    predicate: str = ""


def plan(shapes: Mapping[Identifier, Shape], data: DataGraph) -> Iterator[Query]:
    """Give the queries that find all violations.

    :param shapes: all shapes by node
    :param data: the data graph with the target nodes listed
    :raises UntranslatableShapesError: if a constraint has no translation
    """
    groups: dict[tuple[str, str, str, str], list[ShapeCheck]] = {}
    for probe in _probes(shapes, data):
        if probe.check.test != "false":
            key = (probe.where, probe.focus, probe.value, probe.predicate)
            groups.setdefault(key, []).append(probe.check)
    for (where, focus, value, predicate), checks in groups.items():
        yield _query(where, focus, value, predicate, checks)
    yield from _sparql_queries(shapes, data)


def _query(where: str, focus: str, value: str, predicate: str, checks: list[ShapeCheck]) -> Query:
    """Write the query of some checks on the same nodes.

    One check needs no column: every row violates it.
    """
    test = any_of(*(check.test for check in checks))
    columns = " ".join(dict.fromkeys(name for name in (focus, value, predicate) if name))
    if len(checks) > 1:
        columns += "".join(f" ({check.test} AS ?c{n})" for n, check in enumerate(checks))
    condition = "" if test == "true" else f" FILTER({test})"
    text = f"SELECT {columns} WHERE {{ {where}{condition} }}"
    return Query(text, tuple(checks), focus[1:], value[1:], predicate[1:])


def target_name(shape: Shape) -> str:
    """Give the IRI under which the target nodes of a shape are listed."""
    return f"urn:tzgraph:shape:{shape.node}"


def target_patterns(shape: Shape, data: DataGraph, variable: str) -> list[str]:
    """Give patterns that together match the focus nodes of a shape.

    https://www.w3.org/TR/shacl/#targets
    """
    found = []
    once = _ONCE.replace(_FOCUS, variable)
    for target in shape.targets:
        if target.kind == "targetClass":
            found += data.instances(str(target.node), variable)
        elif target.kind == "targetNode":
            found.append(data.listed(target_name(shape), variable))
        elif str(target.node) not in data.predicates:
            continue
        elif target.kind == "targetSubjectsOf":
            found.append(f"{variable} <{target.node}> ?__any .")
        else:
            found.append(f"{once}?__any <{target.node}> {variable} .{_ONCE_END}")
    return list(dict.fromkeys(found))


def _probes(shapes: Mapping[Identifier, Shape], data: DataGraph) -> Iterator[Probe]:
    expressions = ShapeExpressions(shapes, data)
    for shape in shapes.values():
        if shape.targets and not shape.deactivated:
            for where in target_patterns(shape, data, _FOCUS):
                yield from _of_shape(shape, where, 0, shapes, expressions, data)


def _of_shape(
    shape: Shape,
    where: str,
    depth: int,
    shapes: Mapping[Identifier, Shape],
    expressions: ShapeExpressions,
    data: DataGraph,
    above: tuple[Identifier, ...] = (),
) -> Iterator[Probe]:
    """Give the probes of a shape whose focus nodes a pattern matches, and of those within it."""
    if shape.deactivated:
        return
    expressions.no_recursion(shape.node, above)
    above = (*above, shape.node)
    focus = f"?f{depth}"
    yield from _about_focus(shape, where, focus, expressions, above)
    if shape.path is None:
        value, values = focus, where
    else:
        if not shape.path.leads_anywhere(data.predicates):
            return
        value, values = f"?f{depth + 1}", _values(shape, where, focus, f"?f{depth + 1}")
    for constraint in shape.constraints:
        if constraint.component not in ABOUT_FOCUS | {"Closed"}:
            test = expressions.value(constraint, focus, value, above)
            check = ShapeCheck(shape, _iri(constraint), test, has_value=True)
            yield Probe(values, focus, value, check)
        if constraint.component == "Closed":
            pattern = closed(constraint, value, "?p", "?o")
            check = ShapeCheck(shape, _iri(constraint), "true", has_value=True)
            yield Probe(f"{values} {pattern}", focus, "?o", check, "?p")
    for inner in shape.properties:
        deeper = depth if shape.path is None else depth + 1
        yield from _of_shape(shapes[inner], values, deeper, shapes, expressions, data, above)


def _values(shape: Shape, where: str, focus: str, value: str) -> str:
    """Give the pattern of focus and value nodes.

    A property that chose the focus nodes gives them once for each of its values. Joined with the
    values of another path, that would grow with the square of a hub's degree. So if it is the
    path itself, its values are the value nodes; else the path is walked and the target tested.
    """
    path = shape.path
    if path is None:
        return where
    values = f"{focus} {path.text} {value} ."
    chosen = where.removeprefix(_ONCE).removesuffix(_ONCE_END)
    if focus != _FOCUS or "?__any" not in chosen:
        return f"{where} {values}"
    if chosen == f"{focus} {path.text} ?__any .":
        return values
    if path.may_stay or "+" in path.text:
        # Where such a path begins has to be known first.
        return f"{_ONCE}{chosen}{_ONCE_END} {values}"
    return f"{values} FILTER(EXISTS {{ {chosen} }})"


def _about_focus(
    shape: Shape,
    where: str,
    focus: str,
    expressions: ShapeExpressions,
    above: tuple[Identifier, ...],
) -> Iterator[Probe]:
    """Give the probes of constraints that judge the value nodes together."""
    for constraint in shape.constraints:
        if constraint.component in ABOUT_FOCUS:
            test = expressions.focus(constraint, shape, focus, above)
            # https://www.w3.org/TR/shacl/#HasValueConstraintComponent: there is no value
            yield Probe(
                where, focus, "", ShapeCheck(shape, _iri(constraint), test, has_value=False)
            )
        elif constraint.component == "Equals":
            pattern = expressions.missing(constraint, shape, focus, "?m")
            check = ShapeCheck(shape, _iri(constraint), "true", has_value=True)
            yield Probe(f"{where} {pattern}", focus, "?m", check)


def _iri(constraint: Constraint) -> str:
    return f"{SH}{constraint.component}ConstraintComponent"


def _sparql_queries(shapes: Mapping[Identifier, Shape], data: DataGraph) -> Iterator[Query]:
    """https://www.w3.org/TR/shacl/#sparql-constraints-validation."""
    for shape in shapes.values():
        if shape.deactivated or not shape.sparql:
            continue
        for constraint in shape.sparql:
            for where in target_patterns(shape, data, "?this"):
                component = f"{SH}SPARQLConstraintComponent"
                check = ShapeCheck(shape, component, "true", has_value=True, sparql=constraint)
                text = select_with_target(constraint, shape, where)
                yield Query(text, (check,), "this", "value", "path")


def listed_targets(shapes: Iterable[Shape], data: DataGraph, *, among_data: bool) -> None:
    """List the nodes of ``sh:targetNode`` in the data graph."""
    for shape in shapes:
        nodes = [target for target in shape.targets if target.kind == "targetNode"]
        data.add_targets(target_name(shape), nodes, among_data=among_data)
