"""What the ontology says that reading tables and naming things depend on.

The ontology is the schema: which classes have ids of their own, what a column headed by a
property holds, which controlled terms exist. Nothing of that is in code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.errors import InputUnreadableError
from tzgraph.ontology_graph import OntologyGraph, load_ontology
from tzgraph.parsing import read_regular
from tzgraph.terms import Term
from tzgraph.vocabulary import ID, OWL, RDF, RDFS, SKOS, TZ, local_name

__all__ = ["ClassInfo", "PropertyInfo", "Schema", "load_prefixes", "load_schema"]

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


def _label(graph: OntologyGraph, node: ox.NamedNode) -> str:
    return graph.text(node, RDFS + "label") or local_name(node.value)


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
