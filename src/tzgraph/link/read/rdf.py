"""Ontologies in RDF: a stream of triples, of which only what says something of terms is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO

import pyoxigraph as ox

from tzgraph.errors import UnsafeDataError
from tzgraph.link.identifiers.curies import compress
from tzgraph.link.ontology.model import Definition, Relation, Synonym
from tzgraph.link.read.draft import DraftOntology
from tzgraph.link.read.mistakes import syntax_error, unsafe
from tzgraph.link.read.source import Source
from tzgraph.link.read.vocabulary import DC, OIO, TAXON_RELATIONS, Role, role_of, scope_of
from tzgraph.parsing import parse_rdf
from tzgraph.terms import Term
from tzgraph.vocabulary import DCTERMS, OWL, RDF, RDFS, SKOS

__all__ = ["read_rdf", "read_triples"]

_KINDS = {
    OWL + "Class": "class",
    RDFS + "Class": "class",
    OWL + "DeprecatedClass": "class",
    OWL + "ObjectProperty": "property",
    OWL + "DatatypeProperty": "property",
    OWL + "AnnotationProperty": "property",
    RDF + "Property": "property",
    OWL + "NamedIndividual": "individual",
    SKOS + "Concept": "individual",
}
_HEADERS = (OWL + "Ontology", SKOS + "ConceptScheme")
_OBSOLETE = (OIO + "ObsoleteClass", OWL + "DeprecatedClass", OWL + "DeprecatedProperty")
_SHAPE = frozenset(
    [
        *(OWL + name for name in ("onProperty", "someValuesFrom", "intersectionOf")),
        *(RDF + name for name in ("first", "rest")),
    ]
)
_ANNOTATION = frozenset(
    [
        *(OWL + f"annotated{part}" for part in ("Source", "Property", "Target")),
        OIO + "source",
    ]
)
#: Where its value is an IRI, that is the official one of what a file gives an IRI of its own.
_IDENTIFIERS = (DC + "identifier", DCTERMS + "identifier")
_EQUIVALENT = OWL + "equivalentClass"
_TYPE = RDF + "type"
#: What ontologies say of themselves, the better first.
_ABOUT = {
    "version_iri": (OWL + "versionIRI",),
    "version": (OWL + "versionInfo", "http://purl.org/pav/version"),
    "title": (DCTERMS + "title", DC + "title", RDFS + "label", SKOS + "prefLabel"),
    "licence": (
        DCTERMS + "license",
        "http://creativecommons.org/ns#license",
        DCTERMS + "rights",
        DC + "rights",
        "http://schema.org/license",
    ),
    "date": (DCTERMS + "modified", DCTERMS + "issued", DCTERMS + "date", DC + "date", OIO + "date"),
}
_ABOUT_ALL = frozenset(name for names in _ABOUT.values() for name in names)
#: Subjects of which it is remembered what they may say as an ontology, until one is met.
_MAYBE_HEADERS = 500
_BAD_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


def read_rdf(source: Source, form: ox.RdfFormat, draft: DraftOntology) -> int:
    """Read a file of RDF.

    :param source: the file
    :param form: its syntax
    :param draft: takes what is read
    :return: number of triples
    :raises DataError: if it breaks a rule of the syntax, is truncated, or would crash the parser
    """
    return read_triples(source.open, form, draft, source)


def read_triples(
    opened: Callable[[], IO[bytes]] | bytes,
    form: ox.RdfFormat,
    draft: DraftOntology,
    source: Source,
) -> int:
    """Read RDF from what opens it, or from bytes; see :func:`read_rdf`."""
    reader = _Reader(draft)
    base = "file:///" + re.sub(r"[^\w.-]", "_", source.name, flags=re.ASCII)
    try:
        for quad in parse_rdf(opened, form, base=base, lenient=True):
            reader.take(quad.subject, quad.predicate.value, quad.object)
    except UnsafeDataError as error:
        raise unsafe(source, error) from error
    except (SyntaxError, ValueError) as error:
        raise syntax_error(source, form, error) from error
    reader.finish()
    return reader.count


class _Reader:
    """State of reading triples: expressions without a name are put together at the end."""

    def __init__(self, draft: DraftOntology) -> None:
        self.draft = draft
        self.count = 0
        self.headers: list[str] = []
        self.about: dict[str, dict[str, str]] = {}
        self.typed: set[str] = set()
        self.official: dict[str, str] = {}
        self.shapes: dict[str, dict[str, Term]] = {}
        self.above: list[tuple[str, str]] = []
        self.same: list[tuple[str, str]] = []
        self.roles: dict[str, Role | None] = {}
        #: The subject of the triple before, and whether its IRI is one.
        self.subject = ""
        self.usable = True
        #: The annotation of an axiom that is being read: its blank node and what it says.
        self.annotation: tuple[str, dict[str, Term]] = ("", {})

    def take(self, subject: Term, predicate: str, value: Term) -> None:
        """Take a triple."""
        self.count += 1
        if isinstance(subject, ox.NamedNode):
            name = subject.value
            if name != self.subject:
                self.subject, self.usable = name, self.good(name)
            if self.usable:
                self.of_term(name, predicate, value)
        elif isinstance(subject, ox.BlankNode):
            if predicate in _ANNOTATION:
                self.annotate(subject.value, predicate, value)
            elif predicate in _SHAPE:
                self.shapes.setdefault(subject.value, {})[predicate] = value

    def good(self, iri: str) -> bool:
        """Whether an IRI is one: lenient parsing lets others through, so as not to stop at one."""
        if not _BAD_IRI.search(iri):
            return True
        hint = "What it says was left out; tell the ontology's makers."
        self.draft.warn("malformed-iri", f"“{iri}” is no IRI.", hint)
        return False

    def of_term(self, subject: str, predicate: str, value: Term) -> None:
        if predicate == _TYPE:
            self.type(subject, value)
            return
        if predicate == _EQUIVALENT:
            self.equivalent(subject, value)
            return
        if predicate in _IDENTIFIERS and isinstance(value, ox.NamedNode):
            if value.value != subject and compress(value.value):
                self.official[subject] = value.value
            return
        if predicate in _ABOUT_ALL and (subject in self.about or len(self.about) < _MAYBE_HEADERS):
            self.about.setdefault(subject, {}).setdefault(predicate, _text(value))
        try:
            role = self.roles[predicate]
        except KeyError:
            role = self.roles[predicate] = role_of(predicate)
        if role is not None:
            self.say(subject, role, value)
        if predicate == RDFS + "subClassOf":  # which makes it a class, declared or not
            term = self.draft.term(subject)
            term.kind = term.kind or "class"

    def type(self, subject: str, value: Term) -> None:
        if not isinstance(value, ox.NamedNode):
            return
        name = value.value
        if name in _HEADERS:
            self.headers.append(subject)
            return
        kind = _KINDS.get(name)
        term = self.draft.term(subject)
        # A class that is an individual, too, is a class first (OWL 2 calls that punning).
        if kind and (not term.kind or term.kind == "individual"):
            term.kind = kind
        if name in _OBSOLETE:
            term.deprecated = True
        elif not kind and not name.startswith((OWL, RDFS, RDF, SKOS)):
            term.types.append(name)
        self.typed.add(subject)

    def equivalent(self, subject: str, value: Term) -> None:
        if isinstance(value, ox.NamedNode) and self.good(value.value):
            self.draft.term(subject).equivalents.append(Definition((value.value,)))
        elif isinstance(value, ox.BlankNode):
            self.same.append((subject, value.value))

    def say(self, subject: str, role: Role, value: Term) -> None:
        """Note what a property says of a term."""
        if role is Role.PARENT:
            self.parent(subject, value)
        elif isinstance(value, ox.Literal):
            self.say_text(subject, role, value.value.strip(), value.language or "")
        elif isinstance(value, ox.NamedNode):
            self.say_reference(subject, role, value.value)

    def parent(self, subject: str, value: Term) -> None:
        if isinstance(value, ox.BlankNode):
            self.above.append((subject, value.value))
        elif isinstance(value, ox.NamedNode) and self.good(value.value):
            if value.value == OIO + "ObsoleteClass":
                self.draft.term(subject).deprecated = True
            elif not value.value.startswith((OWL, RDFS)):
                self.draft.term(subject).parents.append(value.value)

    def say_text(self, subject: str, role: Role, text: str, language: str) -> None:
        if not text:
            return
        term, scope = self.draft.term(subject), scope_of(role)
        if scope is not None:
            term.synonyms.append(Synonym(text, scope, language))
        elif role is Role.LABEL:
            term.labels.append((text, language))
        elif role is Role.OTHER_LABEL:
            term.other_labels.append(text)
        elif role is Role.DEFINITION:
            term.definitions.append(text)
        elif role is Role.DESCRIPTION:
            term.descriptions.append(text)
        elif role is Role.DEPRECATED:
            term.deprecated = term.deprecated or text.lower() in ("true", "1")
        elif role is Role.STATUS:
            term.deprecated = term.deprecated or text in ("Obsolete_Concept", "Retired_Concept")
        else:
            self.say_reference(subject, role, text)

    def say_reference(self, subject: str, role: Role, text: str) -> None:
        """Note a reference, which may be an IRI or a CURIE."""
        ids = self.draft.ids
        if text.startswith(("http:", "https:")) and _BAD_IRI.search(text):
            hint = "It was left out; tell the ontology's makers."
            self.draft.warn("malformed-iri", f"“{text}” of {subject} is no IRI.", hint)
            return
        term = self.draft.term(subject)
        if role is Role.XREF:
            term.xrefs.append(ids.curie(text))
        elif role is Role.EXACT_MATCH:
            term.exact.append(ids.iri(text))
        elif role is Role.REPLACED_BY:
            term.replaced_by.append(ids.iri(text, obo=True))
        elif role is Role.CONSIDER:
            term.consider.append(ids.iri(text, obo=True))
        elif role is Role.TAXON and (taxon := ids.taxon(text)):
            term.taxa.append(taxon)
        elif role is Role.ALTERNATIVE_ID:
            self.draft.alternatives.setdefault(ids.iri(text, obo=True), subject)
        elif role is Role.CHILD:
            self.draft.term(text).parents.append(subject)

    def annotate(self, node: str, predicate: str, value: Term) -> None:
        """Collect an annotation of an axiom; its triples follow each other in usual files."""
        if node != self.annotation[0]:
            self.settle_annotation()
            self.annotation = (node, {})
        self.annotation[1][predicate] = value

    def settle_annotation(self) -> None:
        """Take cross-references that their makers call equivalent (as Mondo does) as such."""
        said = self.annotation[1]
        subject, target = said.get(OWL + "annotatedSource"), said.get(OWL + "annotatedTarget")
        if (
            isinstance(subject, ox.NamedNode)
            and isinstance(target, ox.Literal)
            and role_of(_text(said.get(OWL + "annotatedProperty"))) is Role.XREF
            and _text(said.get(OIO + "source")).lower() == "mondo:equivalentto"
        ):
            self.draft.term(subject.value).exact.append(self.draft.ids.iri(target.value))

    def finish(self) -> None:
        """Put the expressions together, and tell the ontology from its terms."""
        self.settle_annotation()
        for subject, node in self.above:
            classes, relations = self.expression(node)
            self.draft.term(subject).parents += classes
            self.relate(subject, relations)
        for subject, node in self.same:
            classes, relations = self.expression(node)
            term = self.draft.term(subject)
            if self.complete(node) and (classes or relations):
                term.equivalents.append(Definition(tuple(classes), tuple(relations)))
            term.parents += classes
            taxa = [r for r in relations if r.property in TAXON_RELATIONS]
            self.relate(subject, taxa)
        self.header()
        for iri in [
            *self.headers,
            *(i for i, t in self.draft.terms.items() if not self.wanted(i, t.kind)),
        ]:
            self.draft.terms.pop(iri, None)
        # Data on things that others name, such as the genes of a pathway.
        self.draft.partial = not self.headers and all(
            term.types and not term.kind for term in self.draft.terms.values()
        )
        self.rename()

    def rename(self) -> None:
        """Call terms by their official IRIs."""
        terms = self.draft.terms
        new = {old: iri for old, iri in self.official.items() if old in terms and iri not in terms}
        for old, iri in new.items():
            terms[iri] = terms.pop(old)
        for term in terms.values() if new else ():
            term.parents = [new.get(parent, parent) for parent in term.parents]

    def wanted(self, iri: str, kind: str) -> bool:
        """Whether something is a term: declared as one, or something with a name or parents."""
        if iri.startswith((OWL, RDFS, RDF)):
            return False
        term = self.draft.terms[iri]
        return bool(kind or term.labels or term.other_labels or term.parents)

    def relate(self, subject: str, relations: list[Relation]) -> None:
        for relation in relations:
            self.draft.relate(subject, relation.property, [relation.target])

    def expression(self, node: str) -> tuple[list[str], list[Relation]]:
        """The named classes and the existential restrictions that an expression joins by and."""
        classes: list[str] = []
        relations: list[Relation] = []
        for part in self.conjuncts(node):
            if isinstance(part, ox.NamedNode) and self.good(part.value):
                classes.append(part.value)
            elif isinstance(part, ox.BlankNode):
                ends = [e.value for e in self.restriction(part) if isinstance(e, ox.NamedNode)]
                if len(ends) == 2 and all(map(self.good, ends)):
                    relations.append(Relation(*ends))
        return classes, relations

    def complete(self, node: str) -> bool:
        """Whether an expression is made of named classes and existential restrictions alone."""
        parts = list(self.conjuncts(node))
        return bool(parts) and all(
            isinstance(part, ox.NamedNode)
            or (
                isinstance(part, ox.BlankNode)
                and all(isinstance(end, ox.NamedNode) for end in self.restriction(part))
            )
            for part in parts
        )

    def restriction(self, node: ox.BlankNode) -> tuple[Term | None, Term | None]:
        """The property and the class of an existential restriction."""
        shape = self.shapes.get(node.value, {})
        return shape.get(OWL + "onProperty"), shape.get(OWL + "someValuesFrom")

    def conjuncts(self, node: str) -> Iterator[Term]:
        """What an expression joins by and, also in several steps; a circle of them does no harm."""
        waiting: list[Term] = [ox.BlankNode(node)]
        met = {node}
        while waiting:
            part = waiting.pop()
            inner = None
            if isinstance(part, ox.BlankNode):
                inner = self.shapes.get(part.value, {}).get(OWL + "intersectionOf")
            if inner is None:
                yield part
                continue
            for one in reversed(list(self.parts(inner))):
                if not isinstance(one, ox.BlankNode) or one.value not in met:
                    waiting.append(one)
                    met.add(one.value if isinstance(one, ox.BlankNode) else "")

    def parts(self, head: Term | None) -> Iterator[Term]:
        met: set[str] = set()
        while isinstance(head, ox.BlankNode) and head.value not in met:
            met.add(head.value)
            cell = self.shapes.get(head.value, {})
            if RDF + "first" in cell:
                yield cell[RDF + "first"]
            head = cell.get(RDF + "rest")

    def header(self) -> None:
        if not self.headers:
            return
        self.draft.iri = self.headers[0]
        said = self.about.get(self.headers[0], {})
        for name, properties in _ABOUT.items():
            found = next((said[p] for p in properties if said.get(p)), "")
            setattr(self.draft, name, found)


def _text(value: Term | None) -> str:
    return value.value if isinstance(value, ox.NamedNode | ox.Literal) else ""
