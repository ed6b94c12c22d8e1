"""Terms in the words of people: labels of things, plain text of literals."""

from __future__ import annotations

import re

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.explain.terms import read_term
from tzgraph.query.table import printable, show
from tzgraph.terms import Term
from tzgraph.vocabulary import DCTERMS, ID, OWL, PROV, RDF, RDFS, SKOS, TZ, local_name

__all__ = ["Labels"]

_LABEL, _TYPE = ox.NamedNode(RDFS + "label"), ox.NamedNode(RDF + "type")
#: How sentences say what has no label of ours.
_WORDS = {RDF + "type": "is a"}
#: Vocabularies whose names are words.
_NAMED = (RDF, RDFS, OWL, PROV, SKOS, DCTERMS)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: Terms of the ontology in the titles of rules that stand for axioms.
_IN_TITLE = re.compile(r"\btz:[A-Za-z][A-Za-z0-9]*")


class Labels:
    """Gives terms their English labels, each looked up once.

    :param store: holds the labels, in any graph
    :param curies: shortens the IRIs of what has none
    """

    def __init__(self, store: ox.Store, curies: Curies) -> None:
        self._store = store
        self._curies = curies
        self._known: dict[Term, str] = {}

    def of(self, term: Term) -> str:
        """Give a label, the text of a literal, or else what comes nearest.

        That is for a thing of ours the label of its class and the end of its IRI, for a term of a
        well-known vocabulary its name, for others a CURIE.
        """
        found = self._known.get(term)
        if found is None:
            found = self._known[term] = self._found(term)
        return found

    def link(self, term: ox.NamedNode) -> str:
        """Give the label of a property; of one without, the words of its name."""
        found = self.of(term)
        return _words(term.value) or found if found == self._compact(term) else found

    def written(self, term: str) -> str:
        """Give a term in N-Triples syntax in words."""
        read = read_term(term)
        return printable(term) if read is None else self.of(read)

    def in_title(self, text: str) -> str:
        """Give the title of a rule with labels in place of the ontology's terms."""
        return _IN_TITLE.sub(lambda m: f"“{self.of(ox.NamedNode(TZ + m[0][3:]))}”", text)

    def _compact(self, term: ox.NamedNode) -> str:
        return show(term, self._curies)

    def _found(self, term: Term) -> str:
        if not isinstance(term, ox.NamedNode):
            return show(term, self._curies)
        if term.value in _WORDS:
            return _WORDS[term.value]
        if label := self._label(term):
            return label
        if term.value.startswith(_NAMED):
            return _words(term.value) or self._compact(term)
        kinds = self._classes(term) if term.value.startswith(ID) else []
        return f"{kinds[0]} {local_name(term.value)}" if kinds else self._compact(term)

    def _label(self, term: ox.NamedNode) -> str:
        quads = self._store.quads_for_pattern(term, _LABEL, None, None)
        labels = {q.object for q in quads if isinstance(q.object, ox.Literal)}
        ordered = sorted(labels, key=lambda x: (x.language != "en", bool(x.language), x.value))
        return printable(ordered[0].value) if ordered else ""

    def _classes(self, term: ox.NamedNode) -> list[str]:
        """Give the labels of the classes that have the kind of a thing in their name, or any."""
        kind = term.value.removeprefix(ID).partition("/")[0]
        quads = self._store.quads_for_pattern(term, _TYPE, None, None)
        classes = {q.object for q in quads if isinstance(q.object, ox.NamedNode)}
        ours = sorted(
            (c for c in classes if c.value.startswith(TZ)),
            key=lambda c: (local_name(c.value).lower() != kind, c.value),
        )
        return [label for c in ours if (label := self._label(c))]


def _words(iri: str) -> str:
    return _HUMP.sub(" ", local_name(iri)).replace("_", " ").lower()
