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
from itertools import combinations

import pyoxigraph as ox

from tzgraph.ontology_graph import OntologyGraph
from tzgraph.reason.expressions import Body, ClassExpressions, NotHornError
from tzgraph.reason.rule import TYPE, ConsistencyCheck, Pattern, Rule
from tzgraph.terms import Term
from tzgraph.vocabulary import OWL, RDF, RDFS

__all__ = ["CompiledOntology", "compile_ontology"]

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


@dataclass
class CompiledOntology:
    """Rules and checks of an ontology, and what of it neither says."""

    rules: list[Rule] = field(default_factory=list)
    checks: list[ConsistencyCheck] = field(default_factory=list)
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
        self.ex = ClassExpressions(graph, compact, self.out.unused)
        self.text = self.ex.text

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
            bodies = list(self.ex.bodies(sub, "?x"))
            heads = list(self.ex.heads(sup, "?x"))
        except NotHornError as error:
            self.out.unused.append(f"{axiom}: {error}")
            return
        for body in bodies:
            for extra, head, head_name in heads:
                whole = body + extra
                names = dict.fromkeys([name, *whole.names, *([head_name] if head_name else [])])
                self.rule(" + ".join(names), axiom, whole, head)

    # -- property axioms -------------------------------------------------------------------

    def properties(self) -> None:
        g = self.graph
        for prop, cls in g.pairs(RDFS + "domain"):
            self.typed(prop, cls, "prp-dom", "?x")
        for prop, cls in g.pairs(RDFS + "range"):
            if not self.ex.is_datatype(cls) and prop not in g.named(OWL + "DatatypeProperty"):
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
                Body((body,)),
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
            heads = list(self.ex.heads(cls, variable))
        except NotHornError as error:
            self.out.unused.append(f"{axiom}: {error}")
            return
        for extra, head, _name in heads:
            self.rule(name, axiom, Body((self.ex.role(prop, "?x", "?y"),)) + extra, head)

    def implies(
        self, name: str, left: Term, right: Term, axiom: str, *, swap: bool = False
    ) -> None:
        if isinstance(left, ox.BlankNode) or isinstance(right, ox.BlankNode):
            self.out.unused.append(f"{axiom}: an anonymous inverse has no rule")
            return
        body = Body((Pattern("?x", str(left), "?y"),))
        head = ("?y", "?x") if swap else ("?x", "?y")
        self.rule(name, axiom, body, Pattern(head[0], str(right), head[1]))

    def chain(self, prop: Term, links: list[Term]) -> None:
        names = ["?x", *(f"?c{n}" for n in range(1, len(links))), "?y"]
        steps = tuple(self.ex.role(link, names[n], names[n + 1]) for n, link in enumerate(links))
        axiom = f"{' ∘ '.join(self.text(link) for link in links)} ⊑ {self.text(prop)}"
        self.rule("prp-spo2", axiom, Body(steps), Pattern("?x", str(prop), "?y"))

    # -- hierarchies and checks ------------------------------------------------------------

    def paired(self, kind: str) -> Iterator[tuple[Term, Term]]:
        """The pairs of members of all axioms of a kind such as ``AllDisjointClasses``."""
        for node in self.graph.subjects(RDF + "type", ox.NamedNode(OWL + kind)):
            members = self.ex.get(node, "members")
            yield from combinations(self.graph.items(members) if members is not None else [], 2)

    def hierarchies(self) -> None:
        for name, prop in (("scm-sco", "subClassOf"), ("scm-spo", "subPropertyOf")):
            predicate = f"<{RDFS}{prop}>"
            body = Body((Pattern("?x", predicate, "?y", "+"),), ("isIRI(?x)", "isIRI(?y)"))
            self.rule(name, f"rdfs:{prop} is transitive", body, Pattern("?x", predicate, "?y"))
        for left, right in self.graph.pairs(OWL + "equivalentClass"):
            if isinstance(left, ox.NamedNode) and isinstance(right, ox.BlankNode):
                members = self.ex.get(right, "intersectionOf")
                for member in self.graph.items(members) if members is not None else []:
                    if isinstance(member, ox.NamedNode):
                        head = Pattern(str(left), f"<{RDFS}subClassOf>", str(member))
                        axiom = f"{self.text(left)} ≡ {self.text(right)}"
                        self.rule("scm-int", axiom, Body(), head)

    def disjointness(self) -> None:
        pairs: list[tuple[Term, Term, str]] = [
            (a, b, "cax-dw") for a, b in self.graph.pairs(OWL + "disjointWith")
        ]
        pairs += [(a, b, "cax-adc") for a, b in self.paired("AllDisjointClasses")]
        for a, b, name in pairs:
            text = f"{self.text(a)} and {self.text(b)} are disjoint"
            title = f"It is both {self.text(a)} and {self.text(b)}."
            try:
                bodies = [x + y for x in self.ex.bodies(a, "?x") for y in self.ex.bodies(b, "?x")]
            except NotHornError as error:
                self.out.unused.append(f"{text}: {error}")
                continue
            for body in bodies:
                self.check(name, text, body, title)
        disjoint: list[tuple[Term, Term, str]] = [
            (a, b, "prp-pdw") for a, b in self.graph.pairs(OWL + "propertyDisjointWith")
        ]
        disjoint += [(a, b, "prp-adp") for a, b in self.paired("AllDisjointProperties")]
        for a, b, name in disjoint:
            body = Body((self.ex.role(a, "?x", "?y"), self.ex.role(b, "?x", "?y")))
            text = f"{self.text(a)} and {self.text(b)} are disjoint"
            title = f"{self.text(a)} and {self.text(b)} lead to the same thing."
            self.check(name, text, body, title)
        for prop in self.graph.named(OWL + "IrreflexiveProperty"):
            body = Body((Pattern("?x", str(prop), "?x"),))
            self.check(
                "prp-irp",
                f"{self.text(prop)} is irreflexive",
                body,
                f"{self.text(prop)} leads from it to itself.",
            )
        for prop in self.graph.named(OWL + "AsymmetricProperty"):
            body = Body((Pattern("?x", str(prop), "?y"), Pattern("?y", str(prop), "?x")))
            self.check(
                "prp-asyp",
                f"{self.text(prop)} is asymmetric",
                body,
                f"{self.text(prop)} leads there and back.",
            )
        body = Body((Pattern("?x", TYPE, f"<{OWL}Nothing>"),))
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

    def rule(self, name: str, axiom: str, body: Body, head: Pattern) -> None:
        if head in body.patterns:
            return
        unbound = set(head.variables) - {v for p in body.patterns for v in p.variables}
        if unbound:
            self.out.unused.append(f"{axiom}: a rule would bind nothing")
            return
        self.out.rules.append(Rule(name, axiom, (head,), body.patterns, body.where, axiom))

    def check(self, name: str, axiom: str, body: Body, title: str) -> None:
        self.out.checks.append(ConsistencyCheck(name, title, body.patterns, body.where, axiom))
