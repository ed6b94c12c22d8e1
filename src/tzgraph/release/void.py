"""VoID: what a graph holds, counted by queries (https://www.w3.org/TR/void/).

The whole, which is the default view, and each named graph are datasets; a graph has its own name
as a dataset. Of the whole each class of the ontology has a partition for each property that its
things have, and that one for each class and datatype that it leads to, as tools that help to write
queries look for it (https://github.com/JervenBolleman/void-generator): these stand in the default
view, too. They are no things of any class, so that they do not count themselves. All the rest is
in the graph ``metadata`` alone, which has no counts of its own for the same reason.

A build asks its store (:func:`add_void`), a server what it serves after updates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.resources import own_query
from tzgraph.schema import Schema
from tzgraph.vocabulary import DCTERMS, ID, OWL, RDF, XSD, Graphs

__all__ = ["DATASET", "VOID", "VOID_EXT", "VOID_QUERIES", "VoidNames", "VoidTables"]
__all__ += ["add_void", "void_query", "void_triples"]

VOID = "http://rdfs.org/ns/void#"
VOID_EXT = "http://ldf.fi/void-ext#"
#: The whole as a dataset.
DATASET = Graphs.METADATA + "#dataset"
_BASE = f"{Graphs.METADATA}#"
_INTEGER = ox.NamedNode(XSD + "integer")
#: Numbers of a graph that are counted together.
_NUMBERS = ("triples", "distinctSubjects", "distinctObjects")
#: Queries for what stands in the default view, and those for the rest.
_OF_CLASSES = ("class-properties", "object-classes", "datatypes")
_OF_GRAPHS = ("graphs", "numbers", "entities", "properties", "classes")
_OF_WHOLE = ("licences", "examples", "links")
#: All queries, by name.
VOID_QUERIES = (*_OF_GRAPHS, *_OF_WHOLE, *_OF_CLASSES)

#: The rows of each query, by its name.
VoidTables: TypeAlias = Mapping[str, Sequence[Sequence[Any]]]


@dataclass(frozen=True)
class VoidNames:
    """What the description names.

    :ivar version: of the ontology
    :ivar prefixes: of vocabularies
    :ivar kinds: for a class the base of its things' IRIs
    :ivar curies: reads and writes CURIEs with those prefixes
    """

    version: str
    prefixes: Mapping[str, str]
    kinds: Mapping[str, str]
    curies: Curies


def void_query(name: str) -> str:
    """Give one of the queries."""
    return own_query("release", f"void-{name}")


def add_void(store: ox.Store, schema: Schema) -> None:
    """Describe what a store holds, in the graph ``metadata`` and, of classes, the default view.

    :param store: everything that the release holds
    :param schema: what its ontology says
    """
    names = VoidNames(schema.version, schema.prefixes, schema.id_bases, schema.curies)
    tables = {name: _rows(store, name) for name in (*_OF_CLASSES, "classes")}
    tree = list(_VoidTree(tables, names).triples())
    store.extend(ox.Quad(t.subject, t.predicate, t.object, ox.DefaultGraph()) for t in tree)
    # Now that nothing else comes into the default view.
    tables |= {name: _rows(store, name) for name in (*_OF_GRAPHS, *_OF_WHOLE)}
    described = void_triples(tables, names)
    metadata = ox.NamedNode(Graphs.METADATA)
    store.extend([ox.Quad(t.subject, t.predicate, t.object, metadata) for t in described])


def void_triples(tables: VoidTables, names: VoidNames) -> Iterator[ox.Triple]:
    """Give the description.

    :param tables: what the queries of :data:`VOID_QUERIES` gave
    """
    counted = _Counted(tables, names)
    yield from _whole(counted, names)
    for graph in counted.graphs:
        yield _triple(ox.NamedNode(graph), RDF + "type", VOID + "Dataset")
        yield _triple(ox.NamedNode(graph), DCTERMS + "isPartOf", DATASET)
        if graph != Graphs.METADATA:
            yield from counted.describe(graph, f"{graph}#")
    yield from _VoidTree(tables, names).triples()


def _whole(counted: _Counted, names: VoidNames) -> Iterator[ox.Triple]:
    node = ox.NamedNode(DATASET)
    yield _triple(node, RDF + "type", VOID + "Dataset")
    yield ox.Triple(node, ox.NamedNode(DCTERMS + "title"), ox.Literal("tzgraph"))
    for licence in counted.licences():
        yield _triple(node, DCTERMS + "license", licence)
    if names.version:
        version = ox.Literal(names.version)
        yield ox.Triple(node, ox.NamedNode(OWL + "versionInfo"), version)
    yield ox.Triple(node, ox.NamedNode(VOID + "uriSpace"), ox.Literal(ID))
    for graph in counted.graphs:
        yield _triple(node, VOID + "subset", graph)
    yield from counted.describe("", _BASE)
    used = (*counted.properties.get("", ()), *counted.classes.get("", ()))
    vocabularies = {_namespace(iri) for iri in used}
    for vocabulary in sorted(vocabularies - {""}):
        yield _triple(node, VOID + "vocabulary", vocabulary)
    for example in counted.examples():
        yield _triple(node, VOID + "exampleResource", example)
    yield from counted.linksets()


class _VoidTree:
    """Partitions of the default view: class, property, class or datatype that it leads to."""

    def __init__(self, tables: VoidTables, names: VoidNames) -> None:
        self._tables = tables
        self._names = names

    def triples(self) -> Iterator[ox.Triple]:
        """Give the partitions, in order."""
        sizes = {
            _value(of_class): number
            for graph, of_class, number in self._tables["classes"]
            if graph is None
        }
        properties = sorted(self._counts("class-properties").items())
        for of_class in sorted({key[0] for key, _ in properties}):
            part = self._part(of_class)
            yield _triple(part, VOID + "class", of_class)
            yield _number(part, "entities", _int(sizes[of_class]))
        for key, number in properties:
            part = self._part(*key)
            yield _triple(self._part(key[0]), VOID + "propertyPartition", part.value)
            yield _triple(part, VOID + "property", key[1])
            yield _number(part, "triples", number)
        for name, kind, space in (
            ("object-classes", "class", VOID),
            ("datatypes", "datatype", VOID_EXT),
        ):
            for (of_class, by, leads_to), number in sorted(self._counts(name).items()):
                part = self._part(of_class, by, f"{kind}-", leads_to)
                yield _triple(self._part(of_class, by), f"{space}{kind}Partition", part.value)
                yield _triple(part, space + kind, leads_to)
                yield _number(part, "triples", number)

    def _counts(self, name: str) -> dict[tuple[str, ...], int]:
        return {tuple(map(_value, row[:-1])): _int(row[-1]) for row in self._tables[name]}

    def _part(
        self, of_class: str, by: str = "", kind: str = "", leads_to: str = ""
    ) -> ox.NamedNode:
        behind = f"/{_name(by, self._names)}" if by else ""
        behind += f"/{kind}{_name(leads_to, self._names)}" if leads_to else ""
        return ox.NamedNode(f"{_BASE}class-{_name(of_class, self._names)}{behind}")


class _Counted:
    """Counts of each graph by its name, the default view's by an empty one."""

    def __init__(self, tables: VoidTables, names: VoidNames) -> None:
        self._tables = tables
        self._names = names
        self.graphs = sorted(row[0].value for row in tables["graphs"] if _is_iri(row[0]))
        self.numbers = {"": dict.fromkeys(_NUMBERS, 0)}
        for graph, *numbers in tables["numbers"]:
            self.numbers[_value(graph)] = dict(zip(_NUMBERS, map(_int, numbers), strict=True))
        self.entities = {_value(row[0]): _int(row[1]) for row in tables["entities"]}
        self.properties = self._partition("properties")
        self.classes = self._partition("classes")

    def describe(self, graph: str, base: str) -> Iterator[ox.Triple]:
        """Give the counts of a graph, and its partitions under a base."""
        node = ox.NamedNode(graph or DATASET)
        properties, classes = self.properties.get(graph, {}), self.classes.get(graph, {})
        numbers = {
            **self.numbers.get(graph, dict.fromkeys(_NUMBERS, 0)),
            "entities": self.entities.get(graph, 0),
            "properties": len(properties),
            "classes": len(classes),
        }
        for name, number in numbers.items():
            yield _number(node, name, number)
        for kind, of, counts in (
            ("property", "triples", properties),
            ("class", "entities", classes),
        ):
            for iri, number in sorted(counts.items()):
                part = ox.NamedNode(f"{base}{kind}-{_name(iri, self._names)}")
                yield ox.Triple(node, ox.NamedNode(f"{VOID}{kind}Partition"), part)
                yield _triple(part, VOID + kind, iri)
                yield _number(part, of, number)

    def licences(self) -> Iterator[str]:
        """Give the licences of the ontology."""
        yield from (row[0].value for row in self._tables["licences"] if _is_iri(row[0]))

    def examples(self) -> Iterator[str]:
        """Give the first thing of each kind that has ids of its own."""
        first = {(row[0].value, row[1].value): row[2].value for row in self._tables["examples"]}
        for kind in sorted(self._names.kinds.items()):
            if kind in first:
                yield first[kind]

    def linksets(self) -> Iterator[ox.Triple]:
        """Give the links to each vocabulary outside, by what links them."""
        spaces = sorted(self._names.prefixes.values(), key=len, reverse=True)
        found: dict[tuple[str, str], int] = {}
        for row in self._tables["links"]:
            predicate, iri = row[0].value, row[1].value
            space = next((s for s in spaces if s and iri.startswith(s)), "")
            if space and not iri.startswith(ID):
                found[predicate, space] = found.get((predicate, space), 0) + 1
        prefixes = {space: prefix for prefix, space in self._names.prefixes.items()}
        for (predicate, space), number in sorted(found.items()):
            local = f"{_name(predicate, self._names)}-{prefixes[space]}"
            node = ox.NamedNode(f"{_BASE}links-{local}")
            target = ox.NamedNode(f"{_BASE}target-{prefixes[space]}")
            yield _triple(node, RDF + "type", VOID + "Linkset")
            yield _triple(node, VOID + "subjectsTarget", DATASET)
            yield _triple(node, VOID + "objectsTarget", target.value)
            yield _triple(node, VOID + "linkPredicate", predicate)
            yield _number(node, "triples", number)
            yield _triple(node, DCTERMS + "isPartOf", DATASET)
            yield _triple(target, RDF + "type", VOID + "Dataset")
            yield ox.Triple(target, ox.NamedNode(VOID + "uriSpace"), ox.Literal(space))

    def _partition(self, name: str) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for graph, term, number in self._tables[name]:
            found.setdefault(_value(graph), {})[term.value] = _int(number)
        return found


def _rows(store: ox.Store, name: str) -> list[Sequence[Any]]:
    found = store.query(void_query(name))
    return [tuple(row) for row in found] if isinstance(found, ox.QuerySolutions) else []


def _name(iri: str, names: VoidNames) -> str:
    """Give a term as part of a fragment."""
    return quote(names.curies.compact(iri).strip("<>"), safe=":-._~")


def _is_iri(term: object) -> bool:
    return isinstance(term, ox.NamedNode)


def _value(graph: ox.NamedNode | None) -> str:
    return "" if graph is None else graph.value


def _int(term: ox.Literal) -> int:
    return int(term.value)


def _namespace(iri: str) -> str:
    """Give the part of an IRI that the terms of its vocabulary share.

    >>> _namespace("http://xmlns.com/foaf/0.1/name")
    'http://xmlns.com/foaf/0.1/'
    """
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _triple(subject: ox.NamedNode, predicate: str, obj: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.NamedNode(obj))


def _number(subject: ox.NamedNode, name: str, number: int) -> ox.Triple:
    value = ox.Literal(str(number), datatype=_INTEGER)
    return ox.Triple(subject, ox.NamedNode(VOID + name), value)
