"""VoID: what a release holds, counted on its store (https://www.w3.org/TR/void/).

The whole, which is the default view, and each named graph are datasets; a graph has its own name
as a dataset. All of it goes into the graph ``metadata`` alone: in the default view the counts would
count themselves. For that reason the graph ``metadata`` has no counts of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from tzgraph.resources import own_query
from tzgraph.schema import Schema
from tzgraph.terms import Term
from tzgraph.vocabulary import DCTERMS, ID, OWL, RDF, XSD, Graphs

__all__ = ["DATASET", "VOID", "add_void", "void_triples"]

VOID = "http://rdfs.org/ns/void#"
#: The whole as a dataset.
DATASET = Graphs.METADATA + "#dataset"
_INTEGER = ox.NamedNode(XSD + "integer")
#: Numbers of a graph that are counted together.
_NUMBERS = ("triples", "distinctSubjects", "distinctObjects")


def add_void(store: ox.Store, schema: Schema) -> int:
    """Add the description to the graph ``metadata``; give the number of triples.

    :param store: everything that the release holds
    :param schema: what its ontology says
    """
    metadata = ox.NamedNode(Graphs.METADATA)
    triples = list(void_triples(store, schema))
    store.extend(ox.Quad(t.subject, t.predicate, t.object, metadata) for t in triples)
    return len(triples)


def void_triples(store: ox.Store, schema: Schema) -> Iterator[ox.Triple]:
    """Give the description; see :func:`add_void`."""
    graphs = sorted(g.value for g in store.named_graphs() if isinstance(g, ox.NamedNode))
    counted = _Counted(store, schema)
    yield from _whole(counted, schema, graphs)
    for graph in graphs:
        node = ox.NamedNode(graph)
        yield _triple(node, RDF + "type", VOID + "Dataset")
        yield ox.Triple(node, ox.NamedNode(DCTERMS + "isPartOf"), ox.NamedNode(DATASET))
        if graph != Graphs.METADATA:
            yield from counted.describe(graph, f"{graph}#")


def _whole(counted: _Counted, schema: Schema, graphs: Iterable[str]) -> Iterator[ox.Triple]:
    node = ox.NamedNode(DATASET)
    yield _triple(node, RDF + "type", VOID + "Dataset")
    yield ox.Triple(node, ox.NamedNode(DCTERMS + "title"), ox.Literal("tzgraph"))
    for licence in counted.licences():
        yield _triple(node, DCTERMS + "license", licence)
    if schema.version:
        version = ox.Literal(schema.version)
        yield ox.Triple(node, ox.NamedNode(OWL + "versionInfo"), version)
    yield ox.Triple(node, ox.NamedNode(VOID + "uriSpace"), ox.Literal(ID))
    for graph in graphs:
        yield _triple(node, VOID + "subset", graph)
    yield from counted.describe("", f"{Graphs.METADATA}#")
    used = (*counted.properties.get("", ()), *counted.classes.get("", ()))
    vocabularies = {_namespace(iri) for iri in used}
    for vocabulary in sorted(vocabularies - {""}):
        yield _triple(node, VOID + "vocabulary", vocabulary)
    for example in counted.examples():
        yield _triple(node, VOID + "exampleResource", example)
    yield from counted.linksets()


class _Counted:
    """Counts of each graph by its name, the default view's by an empty one."""

    def __init__(self, store: ox.Store, schema: Schema) -> None:
        self._store = store
        self._schema = schema
        self.numbers = {"": dict.fromkeys(_NUMBERS, 0)}
        for graph, *numbers in _rows(store, "numbers"):
            self.numbers[_value(graph)] = dict(zip(_NUMBERS, map(_int, numbers), strict=True))
        self.entities = {_value(row[0]): _int(row[1]) for row in _rows(store, "entities")}
        self.properties = self._partition("properties")
        self.classes = self._partition("classes")

    def describe(self, graph: str, base: str) -> Iterator[ox.Triple]:
        """Give the counts of a graph, and its partitions under a base."""
        node = ox.NamedNode(graph or DATASET)
        properties, classes = self.properties.get(graph, {}), self.classes.get(graph, {})
        numbers = {
            **self.numbers.get(graph, {}),
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
                part = ox.NamedNode(f"{base}{kind}-{self._name(iri)}")
                yield ox.Triple(node, ox.NamedNode(f"{VOID}{kind}Partition"), part)
                yield _triple(part, VOID + kind, iri)
                yield _number(part, of, number)

    def licences(self) -> Iterator[str]:
        """Give the licences of the ontology."""
        yield from (row[0].value for row in _rows(self._store, "licences"))

    def examples(self) -> Iterator[str]:
        """Give the first thing of each kind that has ids of its own."""
        for of_class in sorted(self._schema.id_bases):
            if of_class in self.classes.get("", {}):
                base = self._schema.id_bases[of_class]
                given: dict[str, Term] = {"class": ox.NamedNode(of_class), "base": ox.Literal(base)}
                yield from (row[0].value for row in _rows(self._store, "example", given))

    def linksets(self) -> Iterator[ox.Triple]:
        """Give the links to each vocabulary outside, by what links them."""
        spaces = sorted(self._schema.prefixes.values(), key=len, reverse=True)
        found: dict[tuple[str, str], int] = {}
        for row in _rows(self._store, "links"):
            predicate, iri = row[0].value, row[1].value
            space = next((s for s in spaces if s and iri.startswith(s)), "")
            if space and not iri.startswith(ID):
                found[predicate, space] = found.get((predicate, space), 0) + 1
        names = {space: prefix for prefix, space in self._schema.prefixes.items()}
        for (predicate, space), number in sorted(found.items()):
            local = f"{self._name(predicate)}-{names[space]}"
            node = ox.NamedNode(f"{Graphs.METADATA}#links-{local}")
            target = ox.NamedNode(f"{Graphs.METADATA}#target-{names[space]}")
            yield _triple(node, RDF + "type", VOID + "Linkset")
            yield _triple(node, VOID + "subjectsTarget", DATASET)
            yield ox.Triple(node, ox.NamedNode(VOID + "objectsTarget"), target)
            yield _triple(node, VOID + "linkPredicate", predicate)
            yield _number(node, "triples", number)
            yield _triple(node, DCTERMS + "isPartOf", DATASET)
            yield _triple(target, RDF + "type", VOID + "Dataset")
            yield ox.Triple(target, ox.NamedNode(VOID + "uriSpace"), ox.Literal(space))

    def _name(self, iri: str) -> str:
        """Give a term as part of a fragment."""
        return quote(self._schema.curies.compact(iri).strip("<>"), safe=":-._~")

    def _partition(self, name: str) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for graph, term, number in _rows(self._store, name):
            found.setdefault(_value(graph), {})[term.value] = _int(number)
        return found


def _rows(
    store: ox.Store, name: str, given: Mapping[str, Term] | None = None
) -> Iterator[Sequence[Any]]:
    """Give the rows of a query in ``queries``.

    :param name: its name without ``void-``
    :param given: values of variables that it projects
    """
    values = {ox.Variable(key): term for key, term in (given or {}).items()}
    found = store.query(own_query("release", f"void-{name}"), substitutions=values)
    if isinstance(found, ox.QuerySolutions):
        for row in found:
            yield tuple(row)


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
