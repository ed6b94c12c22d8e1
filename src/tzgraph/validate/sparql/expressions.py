"""Constraints as SPARQL expressions that are true where a constraint is violated.

Every expression is total: it is true or false for any term and never an error, since an error
under ``FILTER`` would hide a violation. Shapes within shapes become ``EXISTS`` within
expressions, which Oxigraph evaluates for one binding at a time through its indexes, so no
intermediate result is held.

https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tzgraph.validate.sparql.lexical import ill_formed
from tzgraph.validate.sparql.model import Constraint, Shape, UntranslatableShapesError, bad_shapes
from tzgraph.validate.sparql.terms import as_number, as_sparql, as_text
from tzgraph.vocabulary import RDF, SH

if TYPE_CHECKING:
    from rdflib.term import Identifier

    from tzgraph.validate.sparql.graph import DataGraph

__all__ = ["ABOUT_FOCUS", "ShapeExpressions"]

#: Components that judge the values of a focus node together, or the focus node itself.
ABOUT_FOCUS = frozenset(
    ("MinCount", "MaxCount", "UniqueLang", "HasValue", "QualifiedMinCount", "QualifiedMaxCount")
)
#: https://www.w3.org/TR/shacl/#core-components-range
_ORDER = {"MinExclusive": ">", "MinInclusive": ">=", "MaxExclusive": "<", "MaxInclusive": "<="}
#: https://www.w3.org/TR/shacl/#core-components-property-pairs
_PAIR_ORDER = {"LessThan": "<", "LessThanOrEquals": "<="}
#: https://www.w3.org/TR/shacl/#NodeKindConstraintComponent
_KINDS = {
    "IRI": "isIRI({0})",
    "Literal": "isLiteral({0})",
    "BlankNode": "isBlank({0})",
    "BlankNodeOrIRI": "(isBlank({0}) || isIRI({0}))",
    "BlankNodeOrLiteral": "(isBlank({0}) || isLiteral({0}))",
    "IRIOrLiteral": "(isIRI({0}) || isLiteral({0}))",
}


class ShapeExpressions:
    """Writes expressions over shapes, knowing what occurs in the data.

    :param shapes: all shapes by node
    :param data: the data graph, which knows its classes and predicates
    """

    def __init__(self, shapes: Mapping[Identifier, Shape], data: DataGraph) -> None:
        self._shapes = shapes
        self._data = data
        self._numbers = itertools.count()

    def _new(self) -> str:
        return f"?x{next(self._numbers)}"

    def violates(self, node: Identifier, value: str, above: tuple[Identifier, ...] = ()) -> str:
        """Give the expression that is true if a node doesn't conform to a shape.

        :param node: the shape
        :param value: variable of the node to judge
        :param above: shapes that this one stands in, to notice recursion
        :raises UntranslatableShapesError: if the shape is recursive
        """
        self.no_recursion(node, above)
        shape = self._shapes[node]
        if shape.deactivated:
            return "false"
        if shape.sparql:
            raise UntranslatableShapesError([f"{node.n3()} has sh:sparql within another shape"])
        above = (*above, node)
        if shape.path is None:
            return any_of(
                *(self.value(c, value, value, above) for c in _of_values(shape)),
                *(self.focus(c, shape, value, above) for c in shape.constraints),
                *(self.violates(inner, value, above) for inner in shape.properties),
            )
        found = self._new()
        inner = any_of(
            *(self.value(c, value, found, above) for c in _of_values(shape)),
            *(self.violates(each, found, above) for each in shape.properties),
        )
        return any_of(
            self._some_value(shape, value, found, inner),
            *(self.focus(c, shape, value, above) for c in shape.constraints),
        )

    @staticmethod
    def no_recursion(node: Identifier, above: tuple[Identifier, ...]) -> None:
        """Make sure that a shape doesn't stand within itself.

        https://www.w3.org/TR/shacl/#shapes-recursion leaves open what that would mean.
        """
        if node in above:
            raise UntranslatableShapesError([f"the shape {node.n3()} is recursive"])

    def _some_value(self, shape: Shape, focus: str, value: str, test: str) -> str:
        """Give the expression that is true if a value node passes a test."""
        path = shape.path
        if path is None or test == "false" or not path.leads_anywhere(self._data.predicates):
            return "false"
        return f"EXISTS {{ {focus} {path.text} {value} {_filter(test)} }}"

    def value(
        self, constraint: Constraint, focus: str, value: str, above: tuple[Identifier, ...] = ()
    ) -> str:
        """Give the expression that is true if a value node violates a constraint.

        :param constraint: one that judges value nodes one by one
        :param focus: variable of the focus node
        :param value: variable of the value node, for node shapes the same
        """
        component, args = constraint.component, constraint.args
        if component in ("Node", "Not", "And", "Or", "Xone"):
            return self._logical(component, args, value, above)
        if component == "Class":
            return self._data.not_instance(value, args[0])
        if component in ("Equals", "Disjoint"):
            return self._pair(component, args[0], focus, value)
        if component in _PAIR_ORDER:
            return self._ordered_pair(component, args[0], focus, value)
        if component == "Closed":
            return f"EXISTS {{ {closed(constraint, value, self._new(), self._new())} }}"
        return simple_value(component, args, value)

    def _logical(
        self,
        component: str,
        args: tuple[Identifier, ...],
        value: str,
        above: tuple[Identifier, ...],
    ) -> str:
        """https://www.w3.org/TR/shacl/#core-components-logical, and ``sh:node``."""
        tests = [self.violates(arg, value, above) for arg in args]
        if component == "Not":
            return f"!({tests[0]})"
        if component == "Or":
            return all_of(*tests)
        if component == "Xone":
            return f"(({' + '.join(f'IF({test}, 0, 1)' for test in tests) or '0'}) != 1)"
        return any_of(*tests)

    def _pair(self, component: str, other: Identifier, focus: str, value: str) -> str:
        there = str(other) in self._data.predicates
        if component == "Disjoint":
            return f"EXISTS {{ {focus} <{other}> {value} }}" if there else "false"
        return f"NOT EXISTS {{ {focus} <{other}> {value} }}" if there else "true"

    def _ordered_pair(self, component: str, other: Identifier, focus: str, value: str) -> str:
        if str(other) not in self._data.predicates:
            return "false"
        than = self._new()
        test = f"!COALESCE({value} {_PAIR_ORDER[component]} {than}, false)"
        return f"EXISTS {{ {focus} <{other}> {than} {_filter(test)} }}"

    def focus(
        self, constraint: Constraint, shape: Shape, focus: str, above: tuple[Identifier, ...] = ()
    ) -> str:
        """Give the expression that is true if a focus node violates a constraint.

        Of constraints on value nodes it is the part that is not about one value node: for
        ``sh:equals`` the values that are missing. Of the others it is ``false``.
        """
        component, args = constraint.component, constraint.args
        if component == "Equals":
            return f"EXISTS {{ {self.missing(constraint, shape, focus, self._new())} }}"
        if component not in ABOUT_FOCUS:
            return "false"
        if component == "HasValue" and shape.path is None:
            return f"!sameTerm({focus}, {as_sparql(args[0])})"
        if component == "HasValue":
            return self._not(self._some(shape, focus, as_sparql(args[0]), "true"))
        if component == "UniqueLang":
            return self._unique_lang(shape, focus)
        if component in ("MinCount", "MaxCount"):
            return self._count(component[:3], shape, focus, as_number(args[0]), self._new(), "true")
        value = self._new()
        unfit = [self.violates(args[0], value, above)]
        unfit += [f"!({self.violates(other, value, above)})" for other in args[2:]]
        fits = f"!({any_of(*unfit)})"
        return self._count(component[9:12], shape, focus, as_number(args[1]), value, fits)

    def missing(self, constraint: Constraint, shape: Shape, focus: str, value: str) -> str:
        """Give the pattern of what ``sh:equals`` finds at the other property only.

        https://www.w3.org/TR/shacl/#EqualsConstraintComponent
        """
        if shape.path is None:
            test = f"!sameTerm({value}, {focus})"
        else:
            test = f"NOT EXISTS {{ {focus} {shape.path.text} {value} }}"
        return f"{focus} <{constraint.args[0]}> {value} {_filter(test)}"

    def _some(self, shape: Shape, focus: str, value: str, test: str) -> str:
        path = shape.path
        if path is None:
            raise bad_shapes(f"{shape.node.n3()} counts values and has no sh:path")
        if not path.leads_anywhere(self._data.predicates):
            return "false"
        return f"EXISTS {{ {focus} {path.text} {value} {_filter(test)} }}"

    @staticmethod
    def _not(test: str) -> str:
        if test in ("true", "false"):
            return "true" if test == "false" else "false"
        return f"NOT {test}" if test.startswith("EXISTS") else f"!({test})"

    def _unique_lang(self, shape: Shape, focus: str) -> str:
        """https://www.w3.org/TR/shacl/#UniqueLangConstraintComponent."""
        one, two = self._new(), self._new()
        test = f'LANG({one}) != "" && LCASE(LANG({one})) = LCASE(LANG({two}))'
        return self._two(shape, focus, one, two, test)

    def _two(self, shape: Shape, focus: str, one: str, two: str, test: str) -> str:
        """Give the expression that is true if two different value nodes pass a test."""
        inner = all_of(f"!sameTerm({one}, {two})", test)
        path = shape.path
        if path is None or not path.leads_anywhere(self._data.predicates):
            return "false"
        return (
            f"EXISTS {{ {focus} {path.text} {one} . {focus} {path.text} {two} {_filter(inner)} }}"
        )

    def _count(
        self, bound: str, shape: Shape, focus: str, number: int, value: str, test: str
    ) -> str:
        """Give the expression that is true if too few or too many value nodes pass a test.

        The usual bounds, none and one, are read from the first values found; others count.
        """
        at_least = number if bound == "Min" else number + 1
        if at_least <= 0:
            found = "true"
        elif at_least == 1:
            found = self._some(shape, focus, value, test)
        elif at_least == 2 and test == "true":
            found = self._two(shape, focus, value, self._new(), "true")
        else:
            found = self._at_least(shape, focus, at_least, value, test)
        return found if bound == "Max" else self._not(found)

    def _at_least(self, shape: Shape, focus: str, number: int, value: str, test: str) -> str:
        path = shape.path
        if path is None or not path.leads_anywhere(self._data.predicates):
            return "false"
        count = self._new()
        return (
            f"EXISTS {{ {{ SELECT {focus} (COUNT(DISTINCT {value}) AS {count}) WHERE "
            f"{{ {focus} {path.text} {value} {_filter(test)} }} GROUP BY {focus} }} "
            f"FILTER({count} >= {number}) }}"
        )


def closed(constraint: Constraint, focus: str, predicate: str, value: str) -> str:
    """Give the pattern of statements that ``sh:closed`` forbids.

    https://www.w3.org/TR/shacl/#ClosedConstraintComponent
    """
    allowed = ", ".join(as_sparql(arg) for arg in constraint.args)
    test = f"{predicate} NOT IN ({allowed})" if allowed else "true"
    return f"{focus} {predicate} {value} {_filter(test)}"


def simple_value(component: str, args: tuple[Identifier, ...], value: str) -> str:
    """Give the expression of a constraint that a value node violates by itself.

    https://www.w3.org/TR/shacl/#core-components-value-type and the sections after it
    """
    if component in _ORDER:
        return f"!COALESCE({value} {_ORDER[component]} {as_sparql(args[0])}, false)"
    if component == "Datatype":
        return _datatype(str(args[0]), value)
    if component == "NodeKind":
        name = str(args[0]).removeprefix(SH)
        if name not in _KINDS:
            raise bad_shapes(f"{args[0].n3()} is no node kind")
        return "!" + _KINDS[name].format(value)
    if component in ("MinLength", "MaxLength"):
        sign = "<" if component == "MinLength" else ">"
        return f"(isBlank({value}) || STRLEN(STR({value})) {sign} {as_number(args[0])})"
    if component == "Pattern":
        rest = "".join(f", {as_text(str(arg))}" for arg in args)
        return f"(isBlank({value}) || !COALESCE(REGEX(STR({value}){rest}), false))"
    if component == "In":
        return "!" + (any_of(*(f"sameTerm({value}, {as_sparql(arg)})" for arg in args)))
    if component == "LanguageIn":
        tests = (f"LANGMATCHES(LANG({value}), {as_text(str(arg))})" for arg in args)
        return f"!COALESCE({any_of(*tests)}, false)"
    raise AssertionError(component)


def _datatype(datatype: str, value: str) -> str:
    other = f"!COALESCE(sameTerm(DATATYPE({value}), <{datatype}>), false)"
    if datatype == RDF + "langString":
        return other
    ill = ill_formed(datatype, value)
    return other if ill is None else f"({other} || {ill})"


def _of_values(shape: Shape) -> list[Constraint]:
    return [c for c in shape.constraints if c.component not in ABOUT_FOCUS]


def _filter(test: str) -> str:
    return "" if test == "true" else f"FILTER({test})"


def any_of(*tests: str) -> str:
    """Join tests by or.

    >>> any_of("false", "?a", "?b")
    '(?a || ?b)'
    """
    return _joined(tests, "||", decisive="true", neutral="false")


def all_of(*tests: str) -> str:
    """Join tests by and.

    >>> all_of("true", "?a", "?b")
    '(?a && ?b)'
    """
    return _joined(tests, "&&", decisive="false", neutral="true")


def _joined(tests: tuple[str, ...], operator: str, *, decisive: str, neutral: str) -> str:
    """Join tests by an operator; one test decides alone, another adds nothing."""
    if decisive in tests:
        return decisive
    kept = list(dict.fromkeys(test for test in tests if test != neutral))
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else f"({f' {operator} '.join(kept)})"
