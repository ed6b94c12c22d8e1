"""Compile the axioms of an ontology into rules: the declared subset of OWL 2 RL.

Each axiom becomes rules of its own (a description logic program), named after the rules of
OWL 2 Profiles, section 4.3 (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules):

=================== ==========================================================================
prp-dom, prp-rng    ``rdfs:domain``, ``rdfs:range`` with a named class
prp-symp, prp-trp   symmetric and transitive properties
prp-spo1, prp-eqp   ``rdfs:subPropertyOf``, ``owl:equivalentProperty``
prp-spo2            ``owl:propertyChainAxiom``, of any length
prp-inv             ``owl:inverseOf``
cax-sco, cax-eqc    ``rdfs:subClassOf``, ``owl:equivalentClass``
cls-int, cls-uni    intersections, unions (left of an axiom)
cls-svf, cls-hv     ``someValuesFrom`` (left; also a datatype with facets), ``hasValue``
cls-avf             ``allValuesFrom`` (right)
cls-oo              ``oneOf`` (left)
scm-sco, scm-spo    hierarchies of named classes and properties
checks              cax-dw, cax-adc, prp-pdw, prp-adp, prp-irp, prp-asyp, cls-nothing2
=================== ==========================================================================

Nested class expressions are unfolded, so no blank node becomes the class of anything. There is
no ``owl:sameAs`` machinery: names are unique here, and functional properties and keys are
checked by SHACL. What an axiom says beyond this set is listed in ``unused``, never dropped in
silence; the DL reasoner sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, count

import pyoxigraph as ox

from tzgraph.reason.rule import TYPE, Check, Pattern, Rule
from tzgraph.schema import OntologyGraph
from tzgraph.terms import Term
from tzgraph.vocabulary import OWL, RDF, RDFS, XSD

__all__ = ["CompiledOntology", "compile_ontology"]

_Node = ox.NamedNode | ox.BlankNode
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
#: Kinds of axioms, by their types, that this subset leaves to SHACL or DL.
_LEFT_OUT = {
    OWL + "FunctionalProperty": "checked by SHACL, as names are unique",
    OWL + "InverseFunctionalProperty": "checked by SHACL, as names are unique",
    OWL + "ReflexiveProperty": "it has no rule",
    OWL + "AllDifferent": "names are unique",
    OWL + "NegativePropertyAssertion": "it has no rule",
}
#: Likewise by their predicates; the last four on named classes are syntax of OWL 1.
_LEFT_OUT_PREDICATES = {
    "disjointUnionOf": "write it as a union and disjointness",
    "hasKey": "checked by SHACL, as names are unique",
    "sameAs": "names are unique",
    "differentFrom": "names are unique",
    "complementOf": "it has no rule",
    "unionOf": "write it with owl:equivalentClass",
    "intersectionOf": "write it with owl:equivalentClass",
    "oneOf": "write it with owl:equivalentClass",
}


class _NotHornError(Exception):
    """A class expression has no place on this side of a rule."""


@dataclass(frozen=True)
class _Body:
    """One way of being in a class: patterns and filters."""

    patterns: tuple[Pattern, ...] = ()
    filters: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __add__(self, other: _Body) -> _Body:
        return _Body(
            self.patterns + other.patterns,
            self.filters + other.filters,
            self.names + other.names,
        )

    @property
    def where(self) -> str:
        return " ".join([*map(str, self.patterns), *(f"FILTER({f})" for f in self.filters)])


@dataclass
class CompiledOntology:
    """Rules and checks of an ontology, and what of it neither says."""

    rules: list[Rule] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def compile_ontology(graph: OntologyGraph, compact: Callable[[str], str] = str) -> CompiledOntology:
    """Compile the axioms of an ontology.

    :param graph: the ontology
    :param compact: shortens IRIs in the texts of axioms
    :return: rules in a fixed order
    """
    return _Compiler(graph, compact).compile()


class _Compiler:
    def __init__(self, graph: OntologyGraph, compact: Callable[[str], str]) -> None:
        self.graph = graph
        self.compact = compact
        self.out = CompiledOntology()
        self.fresh = count(1)

    def compile(self) -> CompiledOntology:
        self.classes()
        self.properties()
        self.hierarchies()
        self.disjointness()
        self.left_out()
        return self.out

    # -- class axioms ----------------------------------------------------------------------

    def classes(self) -> None:
        for sub, sup in self.graph.pairs(RDFS + "subClassOf"):
            self.subclass(sub, sup, "cax-sco", f"{self.text(sub)} ⊑ {self.text(sup)}")
        for left, right in self.graph.pairs(OWL + "equivalentClass"):
            axiom = f"{self.text(left)} ≡ {self.text(right)}"
            self.subclass(left, right, "cax-eqc1", axiom)
            self.subclass(right, left, "cax-eqc2", axiom)

    def subclass(self, sub: Term, sup: Term, name: str, axiom: str) -> None:
        try:
            bodies = list(self.bodies(sub, "?x"))
            heads = list(self.heads(sup, "?x"))
        except _NotHornError as error:
            self.out.unused.append(f"{axiom}: {error}")
            return
        for body in bodies:
            for extra, head, head_name in heads:
                whole = body + extra
                names = dict.fromkeys([name, *whole.names, *([head_name] if head_name else [])])
                self.rule(" + ".join(names), axiom, whole, head)

    def bodies(self, expression: Term, variable: str) -> Iterator[_Body]:
        """Ways of being in a class, where it stands left of an axiom."""
        if isinstance(expression, ox.NamedNode):
            anything = expression.value == OWL + "Thing"
            yield _Body() if anything else _Body((Pattern(variable, TYPE, str(expression)),))
            return
        node = self.blank(expression)
        union, both = self.get(node, "unionOf"), self.get(node, "intersectionOf")
        if union is not None:
            for member in self.graph.items(union):
                for body in self.bodies(member, variable):
                    yield _Body(names=("cls-uni",)) + body
        elif both is not None:
            yield from self.conjunction(self.graph.items(both), variable)
        elif (members := self.get(node, "oneOf")) is not None:
            values = ", ".join(str(m) for m in self.graph.items(members))
            yield _Body((), (f"{variable} IN ({values})",), ("cls-oo",))
        else:
            yield from self.restriction_body(node, variable)

    def conjunction(self, members: list[Term], variable: str) -> Iterator[_Body]:
        combined = [_Body(names=("cls-int1",))]
        for member in members:
            combined = [a + b for a in combined for b in self.bodies(member, variable)]
        # A filter alone binds nothing; patterns have to come first, which SPARQL sees to.
        yield from combined

    def restriction_body(self, node: _Node, variable: str) -> Iterator[_Body]:
        prop = self.get(node, "onProperty")
        if prop is None:
            raise _NotHornError("this class expression has no rule on the left")
        value, some = self.get(node, "hasValue"), self.get(node, "someValuesFrom")
        if value is not None:
            yield _Body((self.role(prop, variable, str(value)),), (), ("cls-hv2",))
        elif some is not None:
            other = f"?v{next(self.fresh)}"
            name = "cls-svf2" if some == _THING else "cls-svf1"
            first = _Body((self.role(prop, variable, other),), (), (name,))
            if self.is_datatype(some):
                yield first + _Body((), tuple(self.facets(some, other)))
            else:
                for body in self.bodies(some, other):
                    yield first + body
        else:
            raise _NotHornError("this restriction has no rule on the left")

    def heads(self, expression: Term, variable: str) -> Iterator[tuple[_Body, Pattern, str]]:
        """What being in a class means, where it stands right of an axiom."""
        if isinstance(expression, ox.NamedNode):
            if expression.value != OWL + "Thing":
                yield _Body(), Pattern(variable, TYPE, str(expression)), ""
            return
        node = self.blank(expression)
        both, prop = self.get(node, "intersectionOf"), self.get(node, "onProperty")
        if both is not None:
            for member in self.graph.items(both):
                try:
                    for extra, head, _name in self.heads(member, variable):
                        yield extra, head, "cls-int2"
                except _NotHornError as error:
                    self.out.unused.append(f"{self.text(member)} on the right: {error}")
            return
        value, every = self.get(node, "hasValue"), self.get(node, "allValuesFrom")
        if prop is not None and value is not None:
            yield _Body(), self.role(prop, variable, str(value)), "cls-hv1"
        elif prop is not None and every is not None and not self.is_datatype(every):
            other = f"?v{next(self.fresh)}"
            extra = _Body((self.role(prop, variable, other),))
            for deeper, head, _name in self.heads(every, other):
                yield extra + deeper, head, "cls-avf"
        else:
            raise _NotHornError("it has no consequence that a rule can state")

    def is_datatype(self, node: Term) -> bool:
        if isinstance(node, ox.NamedNode):
            return node.value.startswith(XSD) or node.value in _LITERALS
        return self.get(self.blank(node), "onDatatype") is not None

    def facets(self, node: Term, variable: str) -> Iterator[str]:
        if isinstance(node, ox.NamedNode):
            types = ", ".join(f"<{iri}>" for iri in _WIDER.get(node.value, (node.value,)))
            every = node.value == RDFS + "Literal"
            yield f"isLiteral({variable})" if every else f"DATATYPE({variable}) IN ({types})"
            return
        base = self.get(self.blank(node), "onDatatype")
        if not isinstance(base, ox.NamedNode):
            raise _NotHornError("this datatype has no rule")
        yield from self.facets(base, variable)
        restrictions = self.get(self.blank(node), "withRestrictions")
        for item in self.graph.items(restrictions) if restrictions is not None else []:
            found = [(q.predicate.value, q.object) for q in self.graph if q.subject == item]
            for facet, limit in sorted(found, key=str):
                operator = _FACETS.get(facet.removeprefix(XSD))
                if operator is None:
                    raise _NotHornError(f"the facet {self.compact(facet)} has no rule")
                yield f"{variable} {operator} {limit}"

    def limits(self, node: ox.BlankNode) -> Iterator[str]:
        """The facets of a datatype as people write them."""
        restrictions = self.get(node, "withRestrictions")
        for item in self.graph.items(restrictions) if restrictions is not None else []:
            for facet, operator in _FACETS.items():
                for limit in self.graph.objects(self.blank(item), XSD + facet):
                    if isinstance(limit, ox.Literal):
                        yield f"value {operator} {limit.value}"

    # -- property axioms -------------------------------------------------------------------

    def properties(self) -> None:
        g = self.graph
        for prop, cls in g.pairs(RDFS + "domain"):
            self.typed(prop, cls, "prp-dom", "?x")
        for prop, cls in g.pairs(RDFS + "range"):
            if not self.is_datatype(cls) and prop not in g.named(OWL + "DatatypeProperty"):
                self.typed(prop, cls, "prp-rng", "?y")
        for sub, sup in g.pairs(RDFS + "subPropertyOf"):
            self.implies("prp-spo1", sub, sup, f"{self.text(sub)} ⊑ {self.text(sup)}")
        for left, right in g.pairs(OWL + "equivalentProperty"):
            axiom = f"{self.text(left)} ≡ {self.text(right)}"
            self.implies("prp-eqp1", left, right, axiom)
            self.implies("prp-eqp2", right, left, axiom)
        self.inverses()
        for prop in g.named(OWL + "SymmetricProperty"):
            self.implies("prp-symp", prop, prop, f"{self.text(prop)} is symmetric", swap=True)
        for prop in g.named(OWL + "TransitiveProperty"):
            body = Pattern("?x", str(prop), "?y", "+")
            self.rule(
                "prp-trp",
                f"{self.text(prop)} is transitive",
                _Body((body,)),
                Pattern("?x", str(prop), "?y"),
            )
        for prop, chain in g.pairs(OWL + "propertyChainAxiom"):
            self.chain(prop, g.items(chain))

    def inverses(self) -> None:
        for left, right in self.graph.pairs(OWL + "inverseOf"):
            if isinstance(left, ox.NamedNode):  # else it is an expression, not an axiom
                axiom = f"{self.text(left)} inverse of {self.text(right)}"
                self.implies("prp-inv1", left, right, axiom, swap=True)
                self.implies("prp-inv2", right, left, axiom, swap=True)

    def typed(self, prop: Term, cls: Term, name: str, variable: str) -> None:
        axiom = f"{self.text(prop)} {'domain' if name == 'prp-dom' else 'range'} {self.text(cls)}"
        try:
            heads = list(self.heads(cls, variable))
        except _NotHornError as error:
            self.out.unused.append(f"{axiom}: {error}")
            return
        for extra, head, _name in heads:
            self.rule(name, axiom, _Body((self.role(prop, "?x", "?y"),)) + extra, head)

    def implies(
        self, name: str, left: Term, right: Term, axiom: str, *, swap: bool = False
    ) -> None:
        if isinstance(left, ox.BlankNode) or isinstance(right, ox.BlankNode):
            self.out.unused.append(f"{axiom}: an anonymous inverse has no rule")
            return
        body = _Body((Pattern("?x", str(left), "?y"),))
        head = ("?y", "?x") if swap else ("?x", "?y")
        self.rule(name, axiom, body, Pattern(head[0], str(right), head[1]))

    def chain(self, prop: Term, links: list[Term]) -> None:
        names = ["?x", *(f"?c{n}" for n in range(1, len(links))), "?y"]
        steps = tuple(self.role(link, names[n], names[n + 1]) for n, link in enumerate(links))
        axiom = f"{' ∘ '.join(self.text(link) for link in links)} ⊑ {self.text(prop)}"
        self.rule("prp-spo2", axiom, _Body(steps), Pattern("?x", str(prop), "?y"))

    def role(self, prop: Term, subject: str, obj: str) -> Pattern:
        """A pattern of a property or of the inverse of one."""
        if isinstance(prop, ox.BlankNode):
            inverse = self.get(prop, "inverseOf")
            if inverse is None:
                raise _NotHornError("this property expression has no rule")
            return Pattern(obj, str(inverse), subject)
        return Pattern(subject, str(prop), obj)

    # -- hierarchies and checks ------------------------------------------------------------

    def paired(self, kind: str) -> Iterator[tuple[Term, Term]]:
        """The pairs of members of all axioms of a kind such as ``AllDisjointClasses``."""
        for node in self.graph.subjects(RDF + "type", ox.NamedNode(OWL + kind)):
            members = self.get(node, "members")
            yield from combinations(self.graph.items(members) if members is not None else [], 2)

    def hierarchies(self) -> None:
        for name, prop in (("scm-sco", "subClassOf"), ("scm-spo", "subPropertyOf")):
            predicate = f"<{RDFS}{prop}>"
            body = _Body((Pattern("?x", predicate, "?y", "+"),), ("isIRI(?x)", "isIRI(?y)"))
            self.rule(name, f"rdfs:{prop} is transitive", body, Pattern("?x", predicate, "?y"))
        for left, right in self.graph.pairs(OWL + "equivalentClass"):
            if isinstance(left, ox.NamedNode) and isinstance(right, ox.BlankNode):
                members = self.get(right, "intersectionOf")
                for member in self.graph.items(members) if members is not None else []:
                    if isinstance(member, ox.NamedNode):
                        head = Pattern(str(left), f"<{RDFS}subClassOf>", str(member))
                        axiom = f"{self.text(left)} ≡ {self.text(right)}"
                        self.rule("scm-int", axiom, _Body(), head)

    def disjointness(self) -> None:
        pairs: list[tuple[Term, Term, str]] = [
            (a, b, "cax-dw") for a, b in self.graph.pairs(OWL + "disjointWith")
        ]
        pairs += [(a, b, "cax-adc") for a, b in self.paired("AllDisjointClasses")]
        for a, b, name in pairs:
            text = f"{self.text(a)} and {self.text(b)} are disjoint"
            title = f"It is both {self.text(a)} and {self.text(b)}."
            try:
                bodies = [x + y for x in self.bodies(a, "?x") for y in self.bodies(b, "?x")]
            except _NotHornError as error:
                self.out.unused.append(f"{text}: {error}")
                continue
            for body in bodies:
                self.check(name, text, body, title)
        disjoint: list[tuple[Term, Term, str]] = [
            (a, b, "prp-pdw") for a, b in self.graph.pairs(OWL + "propertyDisjointWith")
        ]
        disjoint += [(a, b, "prp-adp") for a, b in self.paired("AllDisjointProperties")]
        for a, b, name in disjoint:
            body = _Body((self.role(a, "?x", "?y"), self.role(b, "?x", "?y")))
            text = f"{self.text(a)} and {self.text(b)} are disjoint"
            title = f"{self.text(a)} and {self.text(b)} lead to the same thing."
            self.check(name, text, body, title)
        for prop in self.graph.named(OWL + "IrreflexiveProperty"):
            body = _Body((Pattern("?x", str(prop), "?x"),))
            self.check(
                "prp-irp",
                f"{self.text(prop)} is irreflexive",
                body,
                f"{self.text(prop)} leads from it to itself.",
            )
        for prop in self.graph.named(OWL + "AsymmetricProperty"):
            body = _Body((Pattern("?x", str(prop), "?y"), Pattern("?y", str(prop), "?x")))
            self.check(
                "prp-asyp",
                f"{self.text(prop)} is asymmetric",
                body,
                f"{self.text(prop)} leads there and back.",
            )
        body = _Body((Pattern("?x", TYPE, f"<{OWL}Nothing>"),))
        self.check("cls-nothing2", "owl:Nothing has no member", body, "It is in owl:Nothing.")

    def left_out(self) -> None:
        for kind, why in _LEFT_OUT.items():
            for node in self.graph.subjects(RDF + "type", ox.NamedNode(kind)):
                self.out.unused.append(f"{self.text(node)} a {self.compact(kind)}: {why}")
        for name, why in _LEFT_OUT_PREDICATES.items():
            for node, value in self.graph.pairs(OWL + name):
                if isinstance(node, ox.NamedNode):
                    axiom = f"{self.text(node)} {self.compact(OWL + name)} {self.text(value)}"
                    self.out.unused.append(f"{axiom}: {why}")

    # -- helpers ---------------------------------------------------------------------------

    def rule(self, name: str, axiom: str, body: _Body, head: Pattern) -> None:
        if head in body.patterns:
            return
        unbound = set(head.variables) - {v for p in body.patterns for v in p.variables}
        if unbound:
            self.out.unused.append(f"{axiom}: a rule would bind nothing")
            return
        self.out.rules.append(Rule(name, axiom, (head,), body.patterns, body.where, axiom))

    def check(self, name: str, axiom: str, body: _Body, title: str) -> None:
        self.out.checks.append(Check(name, title, body.patterns, body.where, axiom))

    def get(self, node: _Node, name: str) -> Term | None:
        return self.graph.value(node, OWL + name)

    @staticmethod
    def blank(term: Term) -> ox.BlankNode:
        if not isinstance(term, ox.BlankNode):
            raise _NotHornError(f"{term} is no class expression")
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
