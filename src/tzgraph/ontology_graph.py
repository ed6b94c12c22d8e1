"""The ontology as it stands in its files: triples, with the few ways of walking them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from tzgraph.errors import InputUnreadableError, UnsafeDataError
from tzgraph.parsing import parse_rdf, read_regular
from tzgraph.terms import Term
from tzgraph.vocabulary import OWL, RDF, RDFS

__all__ = ["OntologyGraph", "load_ontology", "with_modules"]


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


def load_ontology(folder: Path) -> OntologyGraph:
    """Read the Turtle files of an ontology folder as one ontology.

    :raises InputUnreadableError: if the folder has none, or one isn't Turtle
    """
    files = sorted(folder.glob("*.ttl"))
    if not files:
        raise InputUnreadableError(
            f"There is no Turtle file in {folder}.", "Give a folder that holds an ontology."
        )
    triples = _read_turtle(files)
    return OntologyGraph([*triples, *_defined_by(triples)])


def with_modules(own: OntologyGraph, files: Sequence[Path]) -> OntologyGraph:
    """Give an ontology with the Turtle files of further modules.

    :raises InputUnreadableError: if one isn't Turtle
    """
    if not files:
        return own
    triples = [*(quad.triple for quad in own), *_read_turtle(files)]
    return OntologyGraph([*triples, *_defined_by(triples)])


def _read_turtle(files: Iterable[Path]) -> list[ox.Triple]:
    triples: list[ox.Triple] = []
    for path in files:
        try:
            text = read_regular(path)
            triples.extend(q.triple for q in parse_rdf(text, ox.RdfFormat.TURTLE))
        except (SyntaxError, OSError, UnsafeDataError) as error:
            said = getattr(error, "strerror", None) or error
            raise InputUnreadableError(
                f"{path.name} can't be read as Turtle: {said}", "Correct it at the place named."
            ) from error
    return triples


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
