"""Class expressions as what a rule can say: conditions on the left, consequences on the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pyoxigraph as ox

from tzgraph.ontology_graph import OntologyGraph
from tzgraph.reason.rule import TYPE, Pattern
from tzgraph.terms import Term
from tzgraph.vocabulary import OWL, RDF, RDFS, XSD

__all__ = ["Body", "ClassExpressions", "NotHornError"]

_THING = ox.NamedNode(OWL + "Thing")
#: Datatypes that are no datatypes of XML Schema.
_LITERALS = frozenset({RDFS + "Literal", RDF + "langString", RDF + "PlainLiteral"})
_INTEGERS = tuple(
    XSD + name
    for name in (
        *("integer", "nonPositiveInteger", "negativeInteger", "long", "int", "short", "byte"),
        *("nonNegativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
        "positiveInteger",
    )
)
#: Datatypes whose values are among those of another, itself included.
_WIDER = {XSD + "integer": _INTEGERS, XSD + "decimal": (XSD + "decimal", *_INTEGERS)}
_FACETS = {"minInclusive": ">=", "maxInclusive": "<=", "minExclusive": ">", "maxExclusive": "<"}


class NotHornError(Exception):
    """A class expression has no place on this side of a rule."""


@dataclass(frozen=True)
class Body:
    """One way of being in a class: patterns and filters."""

    patterns: tuple[Pattern, ...] = ()
    filters: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __add__(self, other: Body) -> Body:
        """Both conditions together."""
        return Body(
            self.patterns + other.patterns,
            self.filters + other.filters,
            self.names + other.names,
        )

    @property
    def where(self) -> str:
        """The condition as a SPARQL group."""
        return " ".join([*map(str, self.patterns), *(f"FILTER({f})" for f in self.filters)])


class ClassExpressions:
    """Reads the class and property expressions of an ontology.

    :param graph: the ontology
    :param compact: shortens IRIs in texts
    :param unused: takes a line for each part of an expression that no rule can state
    """

    def __init__(
        self, graph: OntologyGraph, compact: Callable[[str], str], unused: list[str]
    ) -> None:
        self.graph = graph
        self.compact = compact
        self.unused = unused
        self.fresh = count(1)

    def bodies(self, expression: Term, variable: str) -> Iterator[Body]:
        """Ways of being in a class, where it stands left of an axiom."""
        if isinstance(expression, ox.NamedNode):
            anything = expression.value == OWL + "Thing"
            yield Body() if anything else Body((Pattern(variable, TYPE, str(expression)),))
            return
        node = self.blank(expression)
        union, both = self.get(node, "unionOf"), self.get(node, "intersectionOf")
        if union is not None:
            for member in self.graph.items(union):
                for body in self.bodies(member, variable):
                    yield Body(names=("cls-uni",)) + body
        elif both is not None:
            yield from self._conjunction(self.graph.items(both), variable)
        elif (members := self.get(node, "oneOf")) is not None:
            values = ", ".join(str(m) for m in self.graph.items(members))
            yield Body((), (f"{variable} IN ({values})",), ("cls-oo",))
        else:
            yield from self._restriction(node, variable)

    def _conjunction(self, members: list[Term], variable: str) -> Iterator[Body]:
        combined = [Body(names=("cls-int1",))]
        for member in members:
            combined = [a + b for a in combined for b in self.bodies(member, variable)]
        # A filter alone binds nothing; patterns have to come first, which SPARQL sees to.
        yield from combined

    def _restriction(self, node: ox.NamedNode | ox.BlankNode, variable: str) -> Iterator[Body]:
        prop = self.get(node, "onProperty")
        if prop is None:
            raise NotHornError("this class expression has no rule on the left")
        value, some = self.get(node, "hasValue"), self.get(node, "someValuesFrom")
        if value is not None:
            yield Body((self.role(prop, variable, str(value)),), (), ("cls-hv2",))
        elif some is not None:
            other = f"?v{next(self.fresh)}"
            name = "cls-svf2" if some == _THING else "cls-svf1"
            first = Body((self.role(prop, variable, other),), (), (name,))
            if self.is_datatype(some):
                yield first + Body((), tuple(self.facets(some, other)))
            else:
                for body in self.bodies(some, other):
                    yield first + body
        else:
            raise NotHornError("this restriction has no rule on the left")

    def heads(self, expression: Term, variable: str) -> Iterator[tuple[Body, Pattern, str]]:
        """What being in a class means, where it stands right of an axiom."""
        if isinstance(expression, ox.NamedNode):
            if expression.value != OWL + "Thing":
                yield Body(), Pattern(variable, TYPE, str(expression)), ""
            return
        node = self.blank(expression)
        both, prop = self.get(node, "intersectionOf"), self.get(node, "onProperty")
        if both is not None:
            for member in self.graph.items(both):
                try:
                    for extra, head, _name in self.heads(member, variable):
                        yield extra, head, "cls-int2"
                except NotHornError as error:
                    self.unused.append(f"{self.text(member)} on the right: {error}")
            return
        value, every = self.get(node, "hasValue"), self.get(node, "allValuesFrom")
        if prop is not None and value is not None:
            yield Body(), self.role(prop, variable, str(value)), "cls-hv1"
        elif prop is not None and every is not None and not self.is_datatype(every):
            other = f"?v{next(self.fresh)}"
            extra = Body((self.role(prop, variable, other),))
            for deeper, head, _name in self.heads(every, other):
                yield extra + deeper, head, "cls-avf"
        else:
            raise NotHornError("it has no consequence that a rule can state")

    def is_datatype(self, node: Term) -> bool:
        """Whether a range or filler is a datatype and not a class."""
        if isinstance(node, ox.NamedNode):
            return node.value.startswith(XSD) or node.value in _LITERALS
        return self.get(self.blank(node), "onDatatype") is not None

    def facets(self, node: Term, variable: str) -> Iterator[str]:
        """What a value has to be to fit a datatype, as SPARQL filters."""
        if isinstance(node, ox.NamedNode):
            types = ", ".join(f"<{iri}>" for iri in _WIDER.get(node.value, (node.value,)))
            every = node.value == RDFS + "Literal"
            yield f"isLiteral({variable})" if every else f"DATATYPE({variable}) IN ({types})"
            return
        base = self.get(self.blank(node), "onDatatype")
        if not isinstance(base, ox.NamedNode):
            raise NotHornError("this datatype has no rule")
        yield from self.facets(base, variable)
        restrictions = self.get(self.blank(node), "withRestrictions")
        for item in self.graph.items(restrictions) if restrictions is not None else []:
            found = [(q.predicate.value, q.object) for q in self.graph if q.subject == item]
            for facet, limit in sorted(found, key=str):
                operator = _FACETS.get(facet.removeprefix(XSD))
                if operator is None:
                    raise NotHornError(f"the facet {self.compact(facet)} has no rule")
                yield f"{variable} {operator} {limit}"

    def limits(self, node: ox.BlankNode) -> Iterator[str]:
        """The facets of a datatype as people write them."""
        restrictions = self.get(node, "withRestrictions")
        for item in self.graph.items(restrictions) if restrictions is not None else []:
            for facet, operator in _FACETS.items():
                for limit in self.graph.objects(self.blank(item), XSD + facet):
                    if isinstance(limit, ox.Literal):
                        yield f"value {operator} {limit.value}"

    def role(self, prop: Term, subject: str, obj: str) -> Pattern:
        """A pattern of a property or of the inverse of one."""
        if isinstance(prop, ox.BlankNode):
            inverse = self.get(prop, "inverseOf")
            if inverse is None:
                raise NotHornError("this property expression has no rule")
            return Pattern(obj, str(inverse), subject)
        return Pattern(subject, str(prop), obj)

    def get(self, node: ox.NamedNode | ox.BlankNode, name: str) -> Term | None:
        """The value of a property of OWL, by its local name."""
        return self.graph.value(node, OWL + name)

    @staticmethod
    def blank(term: Term) -> ox.BlankNode:
        """The node of a class expression.

        :raises NotHornError: if it is none
        """
        if not isinstance(term, ox.BlankNode):
            raise NotHornError(f"{term} is no class expression")
        return term

    def text(self, term: Term) -> str:
        """A class expression or property as a reader of description logic writes it."""
        if isinstance(term, ox.NamedNode):
            return self.compact(term.value)
        if not isinstance(term, ox.BlankNode):
            return str(term)
        for name, sign in (("unionOf", " ⊔ "), ("intersectionOf", " ⊓ ")):
            members = self.get(term, name)
            if members is not None:
                return f"({sign.join(self.text(m) for m in self.graph.items(members))})"
        prop = self.get(term, "onProperty")
        for name, sign in (("hasValue", "∋"), ("someValuesFrom", "∃"), ("allValuesFrom", "∀")):
            value = self.get(term, name)
            if prop is not None and value is not None:
                return f"({self.text(prop)} {sign} {self.text(value)})"
        if self.get(term, "onDatatype") is not None:
            return " and ".join(self.limits(term))
        inverse = self.get(term, "inverseOf")
        return f"inverse({self.text(inverse)})" if inverse is not None else "an expression"
