"""The documentation of the ontology: every term with its definition and its axioms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.pages import Pages
from tzgraph.terms import Term
from tzgraph.vocabulary import OWL, RDF, RDFS, SKOS, TZ

__all__ = ["Entry", "Section", "ontology_page"]

_LABEL, _TYPE, _DEFINITION = RDFS + "label", RDF + "type", SKOS + "definition"
#: Sections by the class of their terms, in the order in which a term's place is looked for.
_SECTIONS = {
    OWL + "Class": "Classes",
    OWL + "ObjectProperty": "Object properties",
    OWL + "DatatypeProperty": "Data properties",
    OWL + "AnnotationProperty": "Annotation properties",
    OWL + "NamedIndividual": "Controlled terms",
}
#: What a page calls the properties of terms, in their order; others follow under their own name.
_NAMES = {
    RDFS + "subClassOf": "subclass of",
    OWL + "equivalentClass": "equivalent to",
    OWL + "disjointWith": "disjoint with",
    RDFS + "domain": "domain",
    RDFS + "range": "range",
    RDFS + "subPropertyOf": "subproperty of",
    OWL + "inverseOf": "inverse of",
    OWL + "propertyChainAxiom": "follows from the chain",
    OWL + "propertyDisjointWith": "disjoint with",
    SKOS + "altLabel": "also called",
}
#: What is said of a term by statements about others.
_BACKWARDS = {
    RDFS + "subClassOf": "superclass of",
    RDFS + "subPropertyOf": "superproperty of",
    RDFS + "domain": "properties of it",
    RDFS + "range": "properties that lead to it",
    _TYPE: "terms",
}
_CONNECTIVES = {
    OWL + "unionOf": " or ",
    OWL + "intersectionOf": " and ",
    OWL + "oneOf": ", ",
}
_RESTRICTIONS = {
    OWL + "someValuesFrom": " some ",
    OWL + "allValuesFrom": " only ",
    OWL + "hasValue": " value ",
}
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A term: its anchor, label, definition, kinds, and rows of a title and values.

    A value is a sequence of words and links, such as ``A or B``.
    """

    anchor: str
    iri: str
    label: str
    definitions: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[Shown, ...], ...]], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Terms of one kind, by label."""

    title: str
    anchor: str
    entries: tuple[Entry, ...]


def ontology_page(pages: Pages, triples: Iterable[ox.Triple]) -> str:
    """Give the documentation.

    :param triples: the ontology; threads may call this
    """
    reader = _Reader(pages, triples)
    about = reader.entry(TZ.removesuffix("#"))
    return pages.render("ontology.html", about=about, sections=reader.sections())


class _Reader:
    def __init__(self, pages: Pages, triples: Iterable[ox.Triple]) -> None:
        self._pages = pages
        self._out: dict[str, list[tuple[str, Term]]] = {}
        self._in: dict[str, list[tuple[str, str]]] = {}
        for triple in triples:
            subject, predicate = str(triple.subject), triple.predicate.value
            self._out.setdefault(subject, []).append((predicate, triple.object))
            self._in.setdefault(str(triple.object), []).append((predicate, subject))

    def sections(self) -> list[Section]:
        """Give all terms of the ontology, each in one section."""
        found: dict[str, list[Entry]] = {title: [] for title in _SECTIONS.values()}
        for node in self._out:
            iri = node.strip("<>")
            title = self._section(node)
            if iri.startswith(TZ) and title:
                found[title].append(self.entry(iri))
        return [
            Section(
                title,
                "section-" + title.lower().replace(" ", "-"),
                tuple(sorted(entries, key=lambda entry: (entry.label.lower(), entry.iri))),
            )
            for title, entries in found.items()
            if entries
        ]

    def entry(self, iri: str) -> Entry:
        """Give a term."""
        node = f"<{iri}>"
        definitions = (_text(term) for term in self._values(node, _DEFINITION))
        types = [t.value for t in self._values(node, _TYPE) if isinstance(t, ox.NamedNode)]
        kinds = sorted(t.removeprefix(OWL) for t in types if t.startswith(OWL))
        return Entry(
            iri.removeprefix(TZ),
            iri,
            self._label(node) or iri.removeprefix(TZ),
            tuple(definitions),
            tuple(kind for kind in kinds if kind != "NamedIndividual"),
            tuple(self._rows(node)),
        )

    def _section(self, node: str) -> str | None:
        types = {t.value for t in self._values(node, _TYPE) if isinstance(t, ox.NamedNode)}
        return next((title for iri, title in _SECTIONS.items() if iri in types), None)

    def _rows(self, node: str) -> Iterator[tuple[str, tuple[tuple[Shown, ...], ...]]]:
        said: dict[str, list[Term]] = {}
        for predicate, term in self._out.get(node, ()):
            if predicate == _TYPE and str(term).startswith(f"<{OWL}"):
                continue
            if predicate not in (_LABEL, _DEFINITION):
                said.setdefault(predicate, []).append(term)
        for predicate in sorted(said, key=_rank):
            values = (tuple(self._written(term)) for term in said[predicate])
            yield self._name(predicate), tuple(sorted(values, key=_words))
        for predicate, title in _BACKWARDS.items():
            others = {s for p, s in self._in.get(node, ()) if p == predicate and s.startswith("<")}
            if others:
                links = (self._link(ox.NamedNode(other[1:-1])) for other in others)
                yield title, tuple(sorted(((shown,) for shown in links), key=_words))

    def _name(self, predicate: str) -> str:
        if predicate in _NAMES:
            return _NAMES[predicate]
        if predicate == _TYPE:
            return "type"
        return self._label(f"<{predicate}>") or self._pages.curies.compact(predicate)

    def _label(self, node: str) -> str:
        return next(map(_text, self._values(node, _LABEL)), "")

    def _values(self, node: str, predicate: str) -> list[Term]:
        return [term for name, term in self._out.get(node, ()) if name == predicate]

    def _link(self, term: Term) -> Shown:
        shown = self._pages.cell(term)
        label = self._label(str(term)) if isinstance(term, ox.NamedNode) else ""
        return Shown(label or shown.text, shown.href, shown.note)

    def _written(self, term: Term, depth: int = 0) -> Iterator[Shown]:
        """Write a term or a class expression in the manner of the Manchester syntax."""
        if not isinstance(term, ox.BlankNode):
            yield self._link(term)
            return
        said = dict(self._out.get(str(term), ()))
        if depth > _DEEPEST:
            yield Shown("…")
        elif RDF + "first" in said:
            yield from self._joined(self._items(term), " then ", depth)
        elif (connective := next(iter(said.keys() & _CONNECTIVES), None)) is not None:
            yield Shown("(" if depth else "")
            yield from self._joined(self._items(said[connective]), _CONNECTIVES[connective], depth)
            yield Shown(")" if depth else "")
        elif (restriction := next(iter(said.keys() & _RESTRICTIONS), None)) is not None:
            yield from self._written(said[OWL + "onProperty"], depth + 1)
            yield Shown(_RESTRICTIONS[restriction])
            yield from self._written(said[restriction], depth + 1)
        elif OWL + "onDatatype" in said:
            yield from self._written(said[OWL + "onDatatype"], depth + 1)
            facets = [
                f"{facet.rpartition('#')[2]} {_text(value)}"
                for item in self._items(said[OWL + "withRestrictions"])
                for facet, value in self._out.get(str(item), ())
            ]
            yield Shown(f"[{', '.join(sorted(facets))}]")
        else:
            yield Shown("an expression that only the RDF shows")

    def _joined(self, items: Sequence[Term], word: str, depth: int) -> Iterator[Shown]:
        for number, item in enumerate(items):
            if number:
                yield Shown(word)
            yield from self._written(item, depth + 1)

    def _items(self, term: Term) -> list[Term]:
        """Give the items of an RDF list; one that runs in a circle ends."""
        items: list[Term] = []
        seen: set[str] = set()
        while str(term) not in seen and (said := dict(self._out.get(str(term), ()))):
            seen.add(str(term))
            if RDF + "first" not in said or RDF + "rest" not in said:
                break
            items.append(said[RDF + "first"])
            term = said[RDF + "rest"]
        return items


def _rank(predicate: str) -> tuple[int, str]:
    known = list(_NAMES)
    return (known.index(predicate) if predicate in known else len(known), predicate)


def _words(value: tuple[Shown, ...]) -> str:
    return "".join(shown.text for shown in value).lower()


def _text(term: Term) -> str:
    return term.value if isinstance(term, ox.Literal | ox.NamedNode) else str(term)
