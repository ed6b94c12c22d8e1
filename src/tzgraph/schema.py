"""What the ontology says that reading tables and naming things depend on.

The ontology is the schema: which classes have ids of their own, what a column headed by a
property holds, which controlled terms exist. Nothing of that is in code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.errors import InputUnreadableError, UnsafeDataError
from tzgraph.parsing import parse_rdf, read_regular
from tzgraph.terms import Term
from tzgraph.vocabulary import ID, OWL, RDF, RDFS, SKOS, TZ

__all__ = ["ClassInfo", "OntologyGraph", "PropertyInfo", "Schema", "load_ontology", "load_schema"]

_TYPE = ox.NamedNode(RDF + "type")

#: Columns for predicates of RDF itself, which an OWL 2 DL ontology may not declare.
_RDF_COLUMNS = ("type", "subject", "predicate", "object")


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class: its IRI, label, the base of its things' IRIs (own or inherited), its superclasses.

    ``ancestors`` contains the class itself.
    """

    iri: str
    label: str
    base: str | None
    ancestors: frozenset[str]


@dataclass(frozen=True, slots=True)
class PropertyInfo:
    """What a column headed by this property holds.

    ``datatype`` is the IRI of a datatype (``rdf:langString`` for English text), or ``None`` if
    cells hold IRIs. ``bases`` are the id bases and ``term_classes`` the classes that a local id
    may belong to; both are empty where the property has no range. ``backwards`` says the same of
    a column that is read backwards, whose cells hold subjects.
    """

    iri: str
    label: str
    datatype: str | None
    bases: tuple[str, ...] = ()
    term_classes: frozenset[str] = frozenset()
    backwards: PropertyInfo | None = None


@dataclass(frozen=True)
class Schema:
    """Classes, properties, controlled terms and prefixes, by IRI."""

    classes: Mapping[str, ClassInfo]
    properties: Mapping[str, PropertyInfo]
    terms: Mapping[str, frozenset[str]]
    term_labels: Mapping[str, str]
    prefixes: Mapping[str, str]
    version: str
    #: All names of the controlled terms: IRI of the term, of the property, and the name.
    term_names: Sequence[tuple[str, str, str]] = ()
    _by_label: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def curies(self) -> Curies:
        """What reads and writes CURIEs with these prefixes."""
        return Curies(self.prefixes)

    def property_by_label(self, label: str) -> str | None:
        """Give the IRI of the property with this label, or ``None``."""
        return self._by_label.get(label)

    def is_a(self, class_iri: str, ancestor: str) -> bool:
        """Say whether a class is the other or a subclass of it."""
        info = self.classes.get(class_iri)
        return info is not None and ancestor in info.ancestors

    @property
    def id_bases(self) -> dict[str, str]:
        """Class IRI → base of its things' IRIs, for classes that have one of their own."""
        return {iri: info.base for iri, info in sorted(self.classes.items()) if info.base}


class OntologyGraph:
    """The ontology's triples with the few ways of walking them that are needed.

    Blank nodes are named by what refers to them and what they hold, so that the same axiom gives
    the same name, whatever else the file says.
    """

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._dataset = ox.Dataset(
            ox.Quad(t.subject, t.predicate, t.object) for t in _stable_blank_nodes(list(triples))
        )

    def __iter__(self) -> Iterator[ox.Quad]:
        """All triples, as quads of the default graph."""
        return iter(self._dataset)

    def objects(self, subject: ox.NamedNode | ox.BlankNode, predicate: str) -> list[Term]:
        """Objects of the triples with this subject and predicate, in a fixed order."""
        found = [
            q.object
            for q in self._dataset.quads_for_subject(subject)
            if q.predicate.value == predicate
        ]
        return sorted(found, key=str)

    def value(self, subject: ox.NamedNode | ox.BlankNode, predicate: str) -> Term | None:
        """The first of :meth:`objects`, or ``None``."""
        return next(iter(self.objects(subject, predicate)), None)

    def subjects(self, predicate: str, obj: Term) -> list[ox.NamedNode | ox.BlankNode]:
        """Subjects of the triples with this predicate and object, in a fixed order."""
        found = [
            q.subject for q in self._dataset.quads_for_object(obj) if q.predicate.value == predicate
        ]
        return sorted((s for s in found if isinstance(s, ox.NamedNode | ox.BlankNode)), key=str)

    def pairs(self, predicate: str) -> list[tuple[ox.NamedNode | ox.BlankNode, Term]]:
        """Subject and object of all triples with this predicate, in a fixed order."""
        found = [
            (q.subject, q.object)
            for q in self._dataset.quads_for_predicate(ox.NamedNode(predicate))
            if isinstance(q.subject, ox.NamedNode | ox.BlankNode)
        ]
        return sorted(found, key=lambda pair: (str(pair[0]), str(pair[1])))

    def items(self, head: Term) -> list[Term]:
        """Members of an RDF list; one that runs in a circle ends."""
        members: list[Term] = []
        seen: set[Term] = set()
        while isinstance(head, ox.BlankNode) and head not in seen:
            seen.add(head)
            first = self.value(head, RDF + "first")
            rest = self.value(head, RDF + "rest")
            if first is None or rest is None:
                break
            members.append(first)
            head = rest
        return members

    def named(self, class_iri: str) -> list[ox.NamedNode]:
        """Named nodes of a type, in a fixed order."""
        found = self.subjects(RDF + "type", ox.NamedNode(class_iri))
        return [node for node in found if isinstance(node, ox.NamedNode)]

    def text(self, subject: ox.NamedNode, predicate: str) -> str | None:
        """The lexical form of a literal or the IRI of a node, or ``None``."""
        found = self.value(subject, predicate)
        return found.value if isinstance(found, ox.Literal | ox.NamedNode) else None


def load_ontology(folder: Path, more: Iterable[Path] = ()) -> OntologyGraph:
    """Read the Turtle files of an ontology folder as one ontology.

    :param more: further Turtle files, such as optional modules
    :raises InputUnreadableError: if the folder has none, or one isn't Turtle
    """
    files = sorted(folder.glob("*.ttl"))
    if not files:
        raise InputUnreadableError(
            f"There is no Turtle file in {folder}.", "Give a folder that holds an ontology."
        )
    triples: list[ox.Triple] = []
    for path in (*files, *more):
        try:
            text = read_regular(path)
            triples.extend(q.triple for q in parse_rdf(text, ox.RdfFormat.TURTLE))
        except (SyntaxError, OSError, UnsafeDataError) as error:
            said = getattr(error, "strerror", None) or error
            raise InputUnreadableError(
                f"{path.name} can't be read as Turtle: {said}", "Correct it at the place named."
            ) from error
    return OntologyGraph([*triples, *_defined_by(triples)])


def _defined_by(triples: Sequence[ox.Triple]) -> Iterator[ox.Triple]:
    """Say of each term of the ontology's namespace that the ontology defines it."""
    typed = [t for t in triples if t.predicate.value == RDF + "type"]
    headers = [t.subject for t in typed if t.object == ox.NamedNode(OWL + "Ontology")]
    if len(headers) != 1 or not isinstance(headers[0], ox.NamedNode):
        return
    terms = {t.subject.value for t in typed if isinstance(t.subject, ox.NamedNode)}
    for term in sorted(terms):
        if term.startswith(headers[0].value + "#"):
            yield ox.Triple(ox.NamedNode(term), ox.NamedNode(RDFS + "isDefinedBy"), headers[0])


def load_prefixes(folder: Path) -> dict[str, str]:
    """Read ``prefixes.json``, a JSON-LD context of prefix → IRI."""
    path = folder / "prefixes.json"
    try:
        context = json.loads(read_regular(path))["@context"]
        return {str(prefix): str(iri) for prefix, iri in context.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise InputUnreadableError(
            f"{path} can't be read as a JSON-LD context: {error!r}",
            'It has to look like {"@context": {"prefix": "IRI"}}.',
        ) from error


def load_schema(folder: Path, graph: OntologyGraph | None = None) -> Schema:
    """Read an ontology folder (``*.ttl`` and ``prefixes.json``) as a schema.

    :raises InputUnreadableError: if a file is missing or malformed
    """
    graph = graph or load_ontology(folder)
    classes = _classes(graph)
    prefixes = load_prefixes(folder)
    for iri, info in classes.items():
        kind = graph.text(ox.NamedNode(iri), TZ + "idKind")
        if kind and info.base:
            prefixes.setdefault("tz" + kind, info.base)
    properties = _properties(graph, classes)
    terms = {
        node.value: frozenset(
            t.value
            for t in graph.objects(node, RDF + "type")
            if isinstance(t, ox.NamedNode) and t.value in classes
        )
        for node in graph.named(OWL + "NamedIndividual")
    }
    ontology = next(iter(graph.named(OWL + "Ontology")), None)
    return Schema(
        classes=classes,
        properties=properties,
        terms=terms,
        term_labels={iri: _label(graph, ox.NamedNode(iri)) for iri in terms},
        prefixes=dict(sorted(prefixes.items())),
        version=(graph.text(ontology, OWL + "versionInfo") or "") if ontology else "",
        term_names=tuple(_term_names(graph, terms)),
        _by_label={info.label: iri for iri, info in properties.items()},
    )


def _term_names(graph: OntologyGraph, terms: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for iri in terms:
        for prop in (RDFS + "label", SKOS + "altLabel", SKOS + "notation"):
            for value in graph.objects(ox.NamedNode(iri), prop):
                if isinstance(value, ox.Literal):
                    yield iri, prop, value.value


class _BlankNodeNames:
    """Names for the blank nodes of class expressions, which form trees: by content and place."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.held: dict[str, list[ox.Triple]] = {}
        self.above: dict[str, ox.Triple] = {}
        self.contents: dict[str, str] = {}
        self.names: dict[str, str] = {}
        for triple in triples:
            if isinstance(triple.subject, ox.BlankNode):
                self.held.setdefault(triple.subject.value, []).append(triple)
            if isinstance(triple.object, ox.BlankNode):
                self.above[triple.object.value] = triple

    def content(self, node: str) -> str:
        """A digest of all that a node holds."""
        if node not in self.contents:
            self.contents[node] = ""  # a cycle, which OWL forbids, ends here
            held = [
                f"{t.predicate} {self.content(t.object.value)}"
                if isinstance(t.object, ox.BlankNode)
                else f"{t.predicate} {t.object}"
                for t in self.held.get(node, [])
            ]
            self.contents[node] = _digest(*sorted(held))
        return self.contents[node]

    def name(self, node: str) -> str:
        """A name from the node's content and the place that refers to it."""
        if node not in self.names:
            self.names[node] = "b" + self.content(node)
            if node in self.above:
                above = self.above[node]
                subject = above.subject
                place = self.name(subject.value) if isinstance(subject, ox.BlankNode) else subject
                self.names[node] = "b" + _digest(
                    str(place), str(above.predicate), self.content(node)
                )
        return self.names[node]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _stable_blank_nodes(triples: list[ox.Triple]) -> Iterator[ox.Triple]:
    """Rename blank nodes so that the same axiom gives the same names."""
    names = _BlankNodeNames(triples)

    def renamed(term: Any) -> Any:
        return ox.BlankNode(names.name(term.value)) if isinstance(term, ox.BlankNode) else term

    for t in triples:
        yield ox.Triple(renamed(t.subject), t.predicate, renamed(t.object))


def _label(graph: OntologyGraph, node: ox.NamedNode) -> str:
    return graph.text(node, RDFS + "label") or node.value.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def _classes(graph: OntologyGraph) -> dict[str, ClassInfo]:
    parents: dict[str, list[str]] = {}
    for node in graph.named(OWL + "Class"):
        supers = graph.objects(node, RDFS + "subClassOf")
        parents[node.value] = [s.value for s in supers if isinstance(s, ox.NamedNode)]

    def ancestors(iri: str) -> list[str]:
        ordered, queue = [], [iri]
        while queue:
            current = queue.pop(0)
            if current not in ordered:
                ordered.append(current)
                queue.extend(parents.get(current, []))
        return ordered

    def base(iri: str) -> str | None:
        for ancestor in ancestors(iri):
            node = ox.NamedNode(ancestor)
            explicit = graph.text(node, TZ + "idBase")
            kind = graph.text(node, TZ + "idKind")
            if explicit or kind:
                return explicit or f"{ID}{kind}/"
        return None

    return {
        iri: ClassInfo(iri, _label(graph, ox.NamedNode(iri)), base(iri), frozenset(ancestors(iri)))
        for iri in parents
    }


def _properties(graph: OntologyGraph, classes: Mapping[str, ClassInfo]) -> dict[str, PropertyInfo]:
    found: dict[str, PropertyInfo] = {}
    for node in graph.named(OWL + "AnnotationProperty"):
        column = graph.text(node, TZ + "columnType") or RDF + "langString"
        datatype = None if column == RDFS + "Resource" else column
        found[node.value] = PropertyInfo(node.value, _label(graph, node), datatype)
    for name in ("label", "comment"):
        found[RDFS + name] = PropertyInfo(RDFS + name, name, RDF + "langString")
    found[RDFS + "seeAlso"] = PropertyInfo(RDFS + "seeAlso", "see also", None)
    for name in _RDF_COLUMNS:
        found[RDF + name] = PropertyInfo(RDF + name, name, None)
    for node in graph.named(OWL + "DatatypeProperty"):
        datatype = graph.text(node, RDFS + "range") or "http://www.w3.org/2001/XMLSchema#string"
        found[node.value] = PropertyInfo(node.value, _label(graph, node), datatype)
    for node in graph.named(OWL + "ObjectProperty"):
        backwards = _between(graph, node, "domain", classes)
        found[node.value] = replace(_between(graph, node, "range", classes), backwards=backwards)
    return found


def _between(
    graph: OntologyGraph, node: ox.NamedNode, end: str, classes: Mapping[str, ClassInfo]
) -> PropertyInfo:
    """What stands at one end (``domain`` or ``range``) of a property between things."""
    found = _end_classes(graph, node, end, classes)
    bases = {base for iri in found if (base := classes[iri].base)}
    return PropertyInfo(
        node.value, _label(graph, node), None, tuple(sorted(bases)), frozenset(found)
    )


def _end_classes(
    graph: OntologyGraph, node: ox.NamedNode, end: str, classes: Mapping[str, ClassInfo]
) -> set[str]:
    """Classes at one end of a property, subclasses included, inherited from superproperties too."""
    tops: set[str] = set()
    queue: list[Term] = [node]
    seen: set[str] = set()
    while queue:
        current = queue.pop(0)
        if not isinstance(current, ox.NamedNode) or current.value in seen:
            continue
        seen.add(current.value)
        for value in graph.objects(current, RDFS + end):
            members = [value]
            if isinstance(value, ox.BlankNode):
                union = graph.value(value, OWL + "unionOf")
                members = graph.items(union) if union is not None else []
            tops.update(m.value for m in members if isinstance(m, ox.NamedNode))
        if not tops:
            queue.extend(graph.objects(current, RDFS + "subPropertyOf"))
    return {iri for iri, info in classes.items() if info.ancestors & tops}
