"""Small graphs, what our rules make of them, and what owlrl makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import owlrl
import pyoxigraph as ox
from rdflib import Graph

from tzgraph.interop import as_oxigraph, rdflib_graph
from tzgraph.ontology_graph import OntologyGraph
from tzgraph.reason import (
    CompiledOntology,
    Inconsistency,
    Rule,
    check,
    compile_ontology,
    load_domain_rules,
    materialise,
)
from tzgraph.release import Release
from tzgraph.resources import shipped
from tzgraph.vocabulary import OWL, RDF, RDFS, TZ, XSD, Graphs

__all__ = [
    "E",
    "Reasoned",
    "Triple",
    "accepted_graphs",
    "by_owlrl",
    "domain_rules",
    "facts",
    "parse",
    "reasoned",
    "short",
]

E = "http://example.org/"
_PREFIXES = "".join(
    f"@prefix {prefix}: <{iri}> .\n"
    for prefix, iri in {"": E, "owl": OWL, "rdf": RDF, "rdfs": RDFS, "xsd": XSD, "tz": TZ}.items()
)
_W3C = (OWL, RDF, RDFS, XSD)
_TYPE = ox.NamedNode(RDF + "type")
_INFERRED = Graphs.INFERRED

Triple = tuple[str, str, str]


@dataclass(frozen=True)
class Reasoned:
    """A store after reasoning, with the ontology's rules, and what was asserted and inferred."""

    store: ox.Store
    compiled: CompiledOntology
    asserted: frozenset[ox.Triple]
    inferred: frozenset[ox.Triple]

    @property
    def hits(self) -> list[Inconsistency]:
        """What the checks find."""
        return check(self.store, self.compiled.checks)

    @property
    def new(self) -> set[Triple]:
        """The inferred facts about individuals, in short."""
        return facts(self.inferred)


def parse(turtle: str) -> list[ox.Triple]:
    """Read Turtle with the usual prefixes; ``:`` is :data:`E`."""
    return [q.triple for q in ox.parse(_PREFIXES + turtle, format=ox.RdfFormat.TURTLE)]


def reasoned(turtle: str, rules: Sequence[Rule] = (), *, extra: str = "") -> Reasoned:
    """Reason over an ontology with facts; ``extra`` are facts that are not compiled."""
    graph = OntologyGraph(parse(turtle))
    compiled = compile_ontology(graph)
    store = ox.Store()
    asserted = [q.triple for q in graph] + parse(extra)
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in asserted)
    materialise(store, [*compiled.rules, *rules], _INFERRED)
    inferred = store.quads_for_pattern(None, None, None, ox.NamedNode(_INFERRED))
    return Reasoned(
        store, compiled, frozenset(asserted), frozenset(quad.triple for quad in inferred)
    )


def by_owlrl(triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    """Close a graph with owlrl; triples that RDF does not allow are left out."""
    graph = rdflib_graph(triples)
    closure = owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
    )
    closure.expand(graph)
    return set(_oxigraph(graph))


def _oxigraph(graph: Graph) -> Iterable[ox.Triple]:
    for subject, predicate, obj in graph:
        terms = [as_oxigraph(term) for term in (subject, predicate, obj)]  # type: ignore[arg-type]  # rdflib's Node
        if not isinstance(terms[0], ox.Literal) and isinstance(terms[1], ox.NamedNode):
            yield ox.Triple(terms[0], terms[1], terms[2])


def facts(triples: Iterable[ox.Triple]) -> set[Triple]:
    """The facts among triples: named classes and properties of individuals, in short.

    What stands in the vocabularies of the W3C, blank nodes and ``owl:sameAs`` are left out, so
    that only what an ontology of ours can say is compared.
    """
    found = set()
    for triple in triples:
        if not isinstance(triple.subject, ox.NamedNode) or isinstance(triple.object, ox.BlankNode):
            continue
        about = triple.object if triple.predicate == _TYPE else triple.predicate
        if _is_w3c(about) or _is_w3c(triple.subject):
            continue
        found.add((short(triple.subject), short(triple.predicate), short(triple.object)))
    return found


def _is_w3c(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> bool:
    return isinstance(term, ox.NamedNode) and term.value.startswith(_W3C)


def short(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """A term without the namespaces of tests; literals by value, as stores rewrite numbers."""
    if isinstance(term, ox.NamedNode):
        return "a" if term == _TYPE else term.value.removeprefix(E)
    if isinstance(term, ox.Literal) and term.datatype.value == XSD + "decimal":
        return str(float(term.value))
    return str(term)


def domain_rules() -> list[Rule]:
    """The domain rules that ship with tzgraph."""
    return load_domain_rules(shipped("ontology") / "rules")


def accepted_graphs(release: Release) -> list[str]:
    """Names of the graphs of sources whose statements are asserted."""
    secondary = TZ + "SecondarySource"
    return [s["graph"] for s in release.manifest.sources if s["role"] != secondary]
