"""The things of the graph that links are about: their names, kinds, species and links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.link.ontology.kinds import EntityKind, knowledge
from tzgraph.link.ontology.species import HUMAN
from tzgraph.vocabulary import ID, RDF, RDFS, SKOS, TZ

__all__ = ["MATCHES", "Link", "Thing", "name_groups", "read_things"]

#: Mapping predicates of SKOS, the strongest first.
MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a thing: the CURIE of the predicate and the IRI it leads to."""

    predicate: str
    target: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of the graph.

    ``names`` are its label and then its other names. ``broader`` are IRIs of things that it is a
    kind of; ``molecule`` is the IRI of the gene that it is or that encodes it, if any, and
    ``symbol`` the label of the gene that encodes it. ``class_label`` is that of its class.
    """

    iri: str
    curie: str
    kind: EntityKind
    names: tuple[str, ...]
    links: tuple[Link, ...] = ()
    broader: tuple[str, ...] = ()
    species: frozenset[str] = frozenset({HUMAN})
    molecule: str = ""
    symbol: str = ""
    class_label: str = ""

    @property
    def label(self) -> str:
        """The label, or else the CURIE."""
        return self.names[0] if self.names else self.curie


def read_things(store: ox.Store, curies: Curies) -> list[Thing]:
    """Read the things that can have links from the default view of a store, sorted by IRI.

    :param store: a release's store
    :param curies: writes CURIEs
    """
    classes = _kinds(store)
    kinds: dict[str, EntityKind] = {}
    labels: dict[str, str] = {}
    for class_iri, kind in classes.items():
        node = ox.NamedNode(class_iri)
        for quad in store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), node, _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(ID):
                kinds[quad.subject.value] = kind
                if kind is EntityKind.SEQUENCE:
                    labels[quad.subject.value] = _label(store, node)
    things = [_thing(store, iri, kinds[iri], curies) for iri in sorted(kinds)]
    above = {thing.iri: thing.broader for thing in things}
    genes = {thing.iri: thing.label for thing in things if thing.kind is EntityKind.GENE}
    return [
        replace(
            thing,
            broader=_nearest(thing.iri, above),
            class_label=labels.get(thing.iri, ""),
            symbol=genes.get(thing.molecule, "") if thing.kind is EntityKind.PROTEIN else "",
        )
        for thing in things
    ]


def _label(store: ox.Store, node: ox.NamedNode) -> str:
    found = store.quads_for_pattern(node, ox.NamedNode(RDFS + "label"), None, _DEFAULT)
    return min((q.object.value for q in found if isinstance(q.object, ox.Literal)), default="")


def _nearest(iri: str, above: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Leave out what is above something above too, as the reasoner has added it."""
    direct = above[iri]
    return tuple(
        one
        for one in direct
        if not any(one in above.get(other, ()) for other in direct if other != one)
    )


def _kinds(store: ox.Store) -> dict[str, EntityKind]:
    """Give the kind of each class that is, or is below, one whose things have links."""
    known = {TZ + name: kind for name, kind in knowledge().classes.items()}
    sub = ox.NamedNode(RDFS + "subClassOf")
    edges = [(q.subject, q.object) for q in store.quads_for_pattern(None, sub, None, _DEFAULT)]
    grown = True
    while grown:
        more = {
            s.value: known[o.value]
            for s, o in edges
            if isinstance(s, ox.NamedNode) and isinstance(o, ox.NamedNode)
            if o.value in known and s.value not in known
        }
        known.update(more)
        grown = bool(more)
    return known


def _thing(store: ox.Store, iri: str, kind: EntityKind, curies: Curies) -> Thing:
    node = ox.NamedNode(iri)

    def values(predicate: str) -> list[str]:
        found = store.quads_for_pattern(node, ox.NamedNode(predicate), None, _DEFAULT)
        return sorted(
            q.object.value for q in found if isinstance(q.object, ox.NamedNode | ox.Literal)
        )

    links = [Link(f"skos:{match}", target) for match in MATCHES for target in values(SKOS + match)]
    encoded = values(TZ + "encodedBy")
    return Thing(
        iri=iri,
        curie=curies.compact(iri),
        kind=kind,
        names=tuple(dict.fromkeys([*values(RDFS + "label"), *values(SKOS + "altLabel")])),
        links=tuple(links),
        broader=tuple(v for v in (*values(TZ + "subtypeOf"), *values(TZ + "partOf")) if v != iri),
        molecule=iri if kind is EntityKind.GENE else (encoded[0] if len(encoded) == 1 else ""),
    )


def name_groups(things: Iterable[Thing]) -> dict[str, tuple[str, ...]]:
    """Give names that mean one thing inside longer names, by IRI.

    A gene and what it encodes are one there: "ERBB2-positive" is "HER2-positive".
    """
    found: dict[str, dict[str, None]] = {}
    for thing in things:
        found.setdefault(thing.molecule or thing.iri, {}).update(dict.fromkeys(thing.names))
    return {iri: tuple(names) for iri, names in sorted(found.items())}
