"""The part of an ontology that the graph's links need: linked terms, and all above them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.errors import UsageError
from tzgraph.link.identifiers import curies
from tzgraph.link.ontology.model import Definition, Ontology, OntologyTerm, Relation, Scope
from tzgraph.link.read.obo import RELATIONS
from tzgraph.link.read.vocabulary import OBO, OIO
from tzgraph.vocabulary import DCTERMS, ID, OWL, PROV, RDF, RDFS, SKOS, TZ, Graphs

__all__ = [
    "Module",
    "default_name",
    "licence_iri",
    "linked_terms",
    "module_of",
    "module_quads",
]

#: Links that make a term of an ontology one that the graph needs.
_LINKS = tuple(f"{SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related"))
SPDX = "http://spdx.org/rdf/terms#"
_SYNONYMS = {scope: f"{OIO}has{scope.value.title()}Synonym" for scope in Scope}
_REPLACED = OBO + "IAO_0100001"
_CONSIDER = OIO + "consider"
_NAMED_RELATIONS = {iri: name.replace("_", " ") for name, iri in RELATIONS.items()}
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+")
_ADDRESS = re.compile(r"(?:https?|ftp|urn|doi|info):", re.IGNORECASE)
_OBO_ONTOLOGY = re.compile(re.escape(OBO) + r"([A-Za-z][\w-]*?)(?:/.*)?(?:\.(?:owl|obo|json))?")


@dataclass(frozen=True, slots=True)
class Module:
    """What of an ontology the graph needs.

    ``linked`` are the terms that it links to, ``terms`` these and all above them, ``missing``
    linked terms that the ontology should have by their prefix and hasn't.
    """

    ontology: Ontology
    linked: tuple[str, ...]
    terms: Mapping[str, OntologyTerm]
    missing: tuple[str, ...] = ()


def linked_terms(store: ox.Store) -> set[str]:
    """Give the IRIs of terms of others that the graph links to by SKOS mapping properties.

    :param store: of a release
    """
    view = ox.DefaultGraph()
    found = (
        quad
        for link in _LINKS
        for quad in store.quads_for_pattern(None, ox.NamedNode(link), None, view)
    )
    return {
        quad.object.value
        for quad in found
        if isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.NamedNode)
        and quad.subject.value.startswith((ID, TZ))
        and not quad.object.value.startswith((ID, TZ))
    }


def default_name(ontology: Ontology) -> str:
    """Give the name that an ontology goes by: its OBO name, or the prefix of most of its terms.

    >>> default_name(Ontology("x", "obo", "http://purl.obolibrary.org/obo/mondo.owl", *[""] * 4))
    'mondo'
    """
    own = _OBO_ONTOLOGY.fullmatch(ontology.iri)
    if own:
        return own[1].lower()
    prefix = _main_prefix(ontology.terms)
    stem = re.split(r"[.\d_-]", ontology.source, maxsplit=1)[0]
    return re.sub(r"[^a-z0-9.-]+", "-", (prefix or stem).lower()).strip("-.") or "ontology"


def _main_prefix(terms: Iterable[str]) -> str:
    """The prefix that most of the terms have."""
    prefixes = Counter((curies.compress(iri) or "").partition(":")[0] for iri in terms)
    prefixes.pop("", None)
    return min(prefixes, key=lambda prefix: (-prefixes[prefix], prefix), default="")


def module_of(ontology: Ontology, linked: Collection[str]) -> Module:
    """Give the linked terms of an ontology, what replaces obsolete ones, and all above them.

    Terms are found by IRI, or by CURIE where the ontology writes other IRIs than the graph; the
    graph's way is taken for all.
    """
    by_name = {_name(iri): iri for iri in ontology.terms}
    found = sorted(iri for iri in linked if _name(iri) in by_name)
    todo = [by_name[_name(iri)] for iri in found]
    needed: dict[str, OntologyTerm] = {}
    while todo:
        iri = todo.pop()
        if iri not in needed and iri in ontology.terms:
            term = needed[iri] = ontology.terms[iri]
            todo += [*term.parents, *(by_name.get(_name(i), i) for i in term.replaced_by)]
    main = _main_prefix(ontology.terms)
    missing = [
        iri
        for iri in (() if ontology.partial else sorted(linked))
        if _name(iri) not in by_name and _name(iri).startswith(f"{main}:")
    ]
    return Module(ontology, tuple(found), dict(sorted(needed.items())), tuple(missing))


def _name(iri: str) -> str:
    """What an IRI and others for the same have in common: its CURIE, if it has one."""
    return curies.compress(iri) or iri


def _reference(text: str) -> ox.NamedNode | ox.Literal:
    """What an ontology refers to: an IRI, but not one that a browser would run (javascript:)."""
    harmless = _ADDRESS.match(text) is not None
    try:
        return ox.NamedNode(text) if harmless else ox.Literal(text)
    except ValueError:
        return ox.Literal(text)


def _usual(iri: str) -> str:
    """The IRI that the graph uses for what an IRI names."""
    curie = curies.compress(iri)
    return (curies.expand(curie) if curie else None) or iri


def module_quads(module: Module, name: str, digest: str) -> list[str]:
    """Give a module as sorted N-Quads: its graph, and what ``metadata`` says of it.

    :param name: the last part of the name of its graph
    :param digest: SHA-256 of the ontology's file
    """
    graph = ox.NamedNode(Graphs.IMPORT + name)
    writer = _Writer(module)
    lines = {f"{ox.Quad(*triple, graph)} ." for triple in writer.triples()}
    about = _about(module, graph, digest)
    metadata = ox.NamedNode(Graphs.METADATA)
    lines |= {f"{ox.Quad(graph, p, o, metadata)} ." for p, o in about}
    return sorted(lines)


def licence_iri(text: str) -> str:
    """Give the IRI of a licence that a user names.

    :param text: ``https://…``, or a CURIE of a known prefix
    :raises UsageError: if it is neither

    >>> licence_iri("wikidata:Q6938433")
    'http://www.wikidata.org/entity/Q6938433'
    """
    iri = text if text.startswith(("http://", "https://")) else curies.expand(text) or ""
    try:
        if iri.startswith(("http://", "https://")):
            return ox.NamedNode(iri).value
    except ValueError:
        pass
    raise UsageError(
        f"“{text}” is no licence: it is neither an http(s) IRI nor a CURIE.",
        "Write it such as https://creativecommons.org/licenses/by/4.0/ or wikidata:Q6938433.",
    )


def _about(
    module: Module, graph: ox.NamedNode, digest: str
) -> Iterator[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]]:
    """What is known of the ontology that a module is of."""
    ontology = module.ontology
    title = ontology.title or graph.value.removeprefix(Graphs.IMPORT)
    said = " ".join(part for part in (title, ontology.version) if part)
    label = ox.Literal(f"Imported from {said}", language="en")
    yield ox.NamedNode(RDFS + "label"), label
    texts = {
        DCTERMS + "title": title,
        OWL + "versionInfo": ontology.version,
        DCTERMS + "issued": ontology.date,
        SPDX + "fileName": ontology.source,
        SPDX + "checksumValue": digest,
    }
    for predicate, text in texts.items():
        if text:
            yield ox.NamedNode(predicate), ox.Literal(text)
    references = {
        DCTERMS + "source": ontology.iri,
        PROV + "wasDerivedFrom": ontology.version_iri,
        DCTERMS + "license": ontology.licence,
    }
    for predicate, text in references.items():
        if text:
            yield ox.NamedNode(predicate), _reference(text)


_Triple = tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]


class _Writer:
    """Writes what a module says. Expressions get blank nodes that are named by what they say."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.ontology = module.ontology
        self.properties: set[str] = set()

    def triples(self) -> Iterator[_Triple]:
        for iri, term in self.module.terms.items():
            yield from self.describe(iri, term)
        for prop in sorted(self.properties):
            node = _node(prop)
            yield node, _TYPE, _owl("ObjectProperty")
            known = self.ontology.terms.get(prop)
            label = known.label if known and known.label else _NAMED_RELATIONS.get(prop, "")
            if label:
                yield node, _LABEL, ox.Literal(label)
        yield from _declarations()

    def describe(self, iri: str, term: OntologyTerm) -> Iterator[_Triple]:
        node = _node(iri)
        individual = term.kind == "individual"
        yield node, _TYPE, _owl("NamedIndividual" if individual else "Class")
        if term.label:
            yield node, _LABEL, ox.Literal(term.label)
        if term.definition:
            yield node, ox.NamedNode(SKOS + "definition"), ox.Literal(term.definition)
        yield from self.names(node, term)
        above = ox.NamedNode(SKOS + "broader" if individual else RDFS + "subClassOf")
        for parent in term.parents:
            if parent in self.module.terms:
                yield node, above, _node(parent)
        if not individual:
            yield from self.axioms(iri, node)
        yield from self.history(node, term)

    def names(self, node: ox.NamedNode, term: OntologyTerm) -> Iterator[_Triple]:
        for synonym in term.synonyms:
            text = ox.Literal(synonym.text, language=synonym.language or None)
            yield node, ox.NamedNode(_SYNONYMS[synonym.scope]), text

    def history(self, node: ox.NamedNode, term: OntologyTerm) -> Iterator[_Triple]:
        """Say that a term is obsolete, and what to use instead."""
        if term.deprecated:
            yield node, _owl("deprecated"), ox.Literal(True)
        for predicate, others in ((_REPLACED, term.replaced_by), (_CONSIDER, term.consider)):
            for other in others:
                if _IRI.fullmatch(other):
                    yield node, ox.NamedNode(predicate), _node(other)

    def axioms(self, iri: str, node: ox.NamedNode) -> Iterator[_Triple]:
        """Relations and definitions whose terms are all in the module."""
        terms = self.module.terms
        for relation in self.ontology.relations.get(iri, ()):
            if relation.target in terms:
                yield node, ox.NamedNode(RDFS + "subClassOf"), (some := self.restriction(relation))
                yield from self.shape(some, relation)
        for definition in self.ontology.definitions.get(iri, ()):
            parts = [*definition.classes, *(r.target for r in definition.relations)]
            if all(part in terms for part in parts):
                yield from self.equivalent(node, definition)

    def equivalent(self, node: ox.NamedNode, definition: Definition) -> Iterator[_Triple]:
        same = _owl("equivalentClass")
        nodes: list[ox.NamedNode | ox.BlankNode] = [_node(c) for c in definition.classes]
        for relation in definition.relations:
            nodes.append(self.restriction(relation))
            yield from self.shape(self.restriction(relation), relation)
        if len(nodes) == 1:
            yield node, same, nodes[0]
            return
        key = " ".join(sorted(map(str, nodes)))
        whole = _blank(f"and {key}")
        yield node, same, whole
        yield whole, _TYPE, _owl("Class")
        rest: ox.NamedNode | ox.BlankNode = ox.NamedNode(RDF + "nil")
        for number, part in enumerate(sorted(nodes, key=str)):
            cell = _blank(f"list {number} {key}")
            yield cell, ox.NamedNode(RDF + "first"), part
            yield cell, ox.NamedNode(RDF + "rest"), rest
            rest = cell
        yield whole, _owl("intersectionOf"), rest

    def restriction(self, relation: Relation) -> ox.BlankNode:
        return _blank(f"some {_usual(relation.property)} {_usual(relation.target)}")

    def shape(self, node: ox.BlankNode, relation: Relation) -> Iterator[_Triple]:
        self.properties.add(relation.property)
        yield node, _TYPE, _owl("Restriction")
        yield node, _owl("onProperty"), _node(relation.property)
        yield node, _owl("someValuesFrom"), _node(relation.target)


_TYPE = ox.NamedNode(RDF + "type")
_LABEL = ox.NamedNode(RDFS + "label")


def _declarations() -> Iterator[_Triple]:
    """Say that annotation properties are such, so that the graph is OWL 2 DL."""
    for iri in (*_SYNONYMS.values(), _REPLACED, _CONSIDER, SKOS + "definition"):
        yield ox.NamedNode(iri), _TYPE, _owl("AnnotationProperty")


def _node(iri: str) -> ox.NamedNode:
    usual = _usual(iri)
    return ox.NamedNode(usual if _IRI.fullmatch(usual) else f"urn:x-tzgraph:{_hash(usual)}")


def _owl(name: str) -> ox.NamedNode:
    return ox.NamedNode(OWL + name)


def _blank(key: str) -> ox.BlankNode:
    return ox.BlankNode("m" + _hash(key))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
