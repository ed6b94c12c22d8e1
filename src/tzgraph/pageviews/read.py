"""Read views from Turtle files, and say of a mistake in one where it is.

A view is written in the terms of SHACL (https://www.w3.org/TR/shacl/#nonValidation): property
shapes with ``sh:path``, ``sh:name``, ``sh:order`` and ``sh:group``. It is no shape itself: it has a
class of its own and no target, so nothing is validated by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from tzgraph.errors import InputUnreadableError, UnsafeDataError
from tzgraph.ontology_graph import OntologyGraph
from tzgraph.pageviews.model import (
    Layer,
    ListPath,
    Panel,
    ValueRole,
    View,
    ViewProperty,
    Views,
    ViewSection,
)
from tzgraph.pageviews.paths import RESERVED_KEYS, key_of_name, read_path
from tzgraph.parsing import parse_rdf, read_regular
from tzgraph.terms import Term
from tzgraph.vocabulary import OWL, RDF, RDFS, SH, local_name

__all__ = ["VIEW", "VIEWS", "load_views"]

#: Folder of an ontology with its views.
VIEWS = "views"
#: Base of the terms that SHACL lacks, prefix ``view:``.
VIEW = "https://w3id.org/tzgraph/view#"
_TERMS = ("View", "of", "role", "layer", "link", "folded", "panel", "section", "facet", "column")
_PROPERTIES = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
_ANYTHING = OWL + "Thing"
_Node = ox.NamedNode | ox.BlankNode
_Word = TypeVar("_Word", ValueRole, Layer, Panel)


def load_views(files: Sequence[Path], ontology: OntologyGraph) -> Views:
    """Read the views of some files, with what of the ontology pages need.

    :param files: Turtle files; none is no mistake
    :param ontology: says which classes and properties there are
    :raises InputUnreadableError: at the first mistake, with its file
    """
    known = _Known(ontology)
    read = [_File(path, known) for path in files]
    sections: dict[str, ViewSection] = {}
    for file in read:
        for section in file.sections():
            if section.iri in sections:
                raise file.wrong(section.iri, "is declared in another file, too")
            sections[section.iri] = section
    wider = _closure(ontology, RDFS + "subClassOf")
    views = [view for file in read for view in file.views(sections, wider)]
    return Views(
        # Narrow before wide; those of everything are last.
        tuple(sorted(views, key=lambda v: (not v.classes, len(v.classes), v.iri))),
        sections,
        _closure(ontology, RDFS + "subPropertyOf"),
        _inverses(ontology),
        wider,
    )


class _Known:
    """The terms that the ontology has."""

    def __init__(self, ontology: OntologyGraph) -> None:
        self.own = tuple(f"{node.value}#" for node in ontology.named(OWL + "Ontology"))
        self.classes = {node.value for node in ontology.named(OWL + "Class")}
        self.literals = {n.value for n in ontology.named(OWL + "DatatypeProperty")}
        self.properties = {n.value for kind in _PROPERTIES for n in ontology.named(OWL + kind)}


class _File:
    """The triples of one file."""

    def __init__(self, path: Path, known: _Known) -> None:
        self._path = path
        self._known = known
        try:
            quads = list(parse_rdf(read_regular(path), ox.RdfFormat.TURTLE))
        except (SyntaxError, OSError, UnsafeDataError) as error:
            said = getattr(error, "strerror", None) or error
            raise InputUnreadableError(
                f"{path.name} can't be read as Turtle: {said}", "Correct it at the place named."
            ) from error
        self._held: dict[_Node, dict[str, list[Term]]] = {}
        for quad in quads:
            if isinstance(quad.subject, _Node):
                about = self._held.setdefault(quad.subject, {})
                about.setdefault(quad.predicate.value, []).append(quad.object)
            for term in (quad.predicate, quad.object):
                self._demand_term(quad.subject, term)

    def wrong(self, node: object, what: str, hint: str = "") -> InputUnreadableError:
        """Give the error for something in the file."""
        name = local_name(node.value if isinstance(node, _Node) else str(node))
        hint = hint or "docs/reference/views.md says what a view may hold."
        return InputUnreadableError(f"{self._path.name}: {name} {what}.", hint)

    def sections(self) -> Iterable[ViewSection]:
        """Give the sections that the file declares."""
        for node in self._of_type(SH + "PropertyGroup"):
            title = self._text(node, RDFS + "label")
            if not title:
                raise self.wrong(node, "is a section without rdfs:label")
            yield ViewSection(
                node.value,
                title,
                self._order(node, node),
                self._text(node, RDFS + "comment"),
                self._text(node, VIEW + "folded") == "true",
                self._word(node, node, "panel", Panel),
            )

    def views(
        self, sections: dict[str, ViewSection], wider: dict[str, frozenset[str]]
    ) -> Iterable[View]:
        """Give the views that the file declares.

        :param sections: of all files
        :param wider: the classes above a class
        """
        for node in self._of_type(VIEW + "View"):
            classes = {
                name.value
                for name in self._values(node, VIEW + "of")
                if isinstance(name, ox.NamedNode)
            }
            if not classes:
                raise self.wrong(node, "is a view without view:of")
            for name in sorted(classes - {_ANYTHING}):
                self._demand_known(node, name, self._known.classes, "class")
            below = {kind for kind, above in wider.items() if above & classes}
            properties = [
                self._property(node, shape, sections)
                for shape in self._values(node, SH + "property")
            ]
            properties.sort(key=lambda shown: (shown.order, shown.key))
            keys = [shown.key for shown in properties]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            if twice:
                raise self.wrong(node, f"has two shapes for {local_name(twice[0][0])}")
            panels = [
                self._section(node, name, sections) for name in self._values(node, VIEW + "section")
            ]
            every = _ANYTHING in classes
            yield View(
                node.value,
                frozenset() if every else frozenset(classes | below),
                tuple(properties),
                tuple(sorted(panels)),
                self._text(node, RDFS + "label"),
                self._text(node, RDFS + "comment"),
                self._lists(node, "facet"),
                self._lists(node, "column"),
            )

    def _lists(self, view: _Node, term: str) -> tuple[ListPath, ...]:
        """Give the facets or the columns of a view, in their order."""
        found: list[ListPath] = []
        for shape in self._values(view, VIEW + term):
            name = self._text(shape, SH + "name") if isinstance(shape, _Node) else ""
            key, what = key_of_name(name), f"has a view:{term}"
            if not isinstance(shape, _Node) or not key or key in RESERVED_KEYS:
                told = ", ".join(RESERVED_KEYS)
                raise self.wrong(view, f"{what} without a sh:name of its own (none of {told})")
            paths = self._values(shape, SH + "path")
            if len(paths) != 1:
                raise self.wrong(view, f"{what} {name!r} without one sh:path")
            path = read_path(self._held, paths[0], partial(self.wrong, view))
            for iri in path.properties:
                self._demand_known(view, iri, self._known.properties, "property")
            found.append(
                ListPath(
                    key,
                    name,
                    path.steps,
                    literal=path.properties[-1] in self._known.literals,
                    order=self._order(view, shape),
                    layer=self._word(view, shape, "layer", Layer),
                )
            )
        keys = [one.key for one in found]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise self.wrong(view, f"has two of view:{term} that are called {twice[0]}")
        return tuple(sorted(found, key=lambda one: (one.order, one.key)))

    def _property(self, view: _Node, shape: Term, sections: dict[str, ViewSection]) -> ViewProperty:
        if not isinstance(shape, _Node):
            raise self.wrong(view, "has a sh:property that is no node")
        paths = self._values(shape, SH + "path")
        path, inverse = (paths[0] if len(paths) == 1 else None), False
        if isinstance(path, ox.BlankNode):
            turned = self._values(path, SH + "inversePath")
            path, inverse = (turned[0] if len(turned) == 1 else None), True
        if not isinstance(path, ox.NamedNode):
            raise self.wrong(
                view, "has a sh:property without one sh:path, a property or sh:inversePath of one"
            )
        self._demand_known(view, path.value, self._known.properties, "property")
        role = self._word(view, shape, "role", ValueRole) or ValueRole.VALUE
        groups = self._values(shape, SH + "group")
        if len(groups) > 1 or (role is ValueRole.VALUE and not groups):
            raise self.wrong(view, f"has no one sh:group for {local_name(path.value)}")
        link = self._text(shape, VIEW + "link")
        if link and (link.count("{}") != 1 or not link.startswith(("https://", "http://"))):
            raise self.wrong(view, f"has the view:link {link!r}, no web address with one {{}}")
        return ViewProperty(
            path.value,
            inverse=inverse,
            name=self._text(shape, SH + "name"),
            section=self._section(view, groups[0], sections) if groups else "",
            order=self._order(view, shape),
            role=role,
            layer=self._word(view, shape, "layer", Layer),
            link=link,
        )

    def _section(self, view: _Node, name: Term, sections: dict[str, ViewSection]) -> str:
        if not isinstance(name, ox.NamedNode) or name.value not in sections:
            said = local_name(name.value) if isinstance(name, ox.NamedNode) else str(name)
            raise self.wrong(view, f"names the section {said}, which is no sh:PropertyGroup")
        return name.value

    def _demand_term(self, node: object, term: Term) -> None:
        """Refuse terms of this vocabulary that it does not have, such as ``view:rol``."""
        if isinstance(term, ox.NamedNode) and term.value.startswith(VIEW):
            name = term.value.removeprefix(VIEW)
            words = [*_TERMS, *ValueRole, *Layer, *Panel]
            if name not in words:
                raise self.wrong(node, f"uses view:{name}, which there is not", _near(name, words))

    def _demand_known(self, view: _Node, iri: str, known: set[str], word: str) -> None:
        """Refuse a term of the ontology's namespace that the ontology does not declare."""
        if iri in known or not self._known.own or not iri.startswith(self._known.own):
            return
        raise self.wrong(
            view,
            f"names the {word} {local_name(iri)}, which the ontology does not have",
            _near(local_name(iri), [local_name(name) for name in sorted(known)]),
        )

    def _word(self, about: _Node, node: _Node, term: str, words: type[_Word]) -> _Word | None:
        given = self._values(node, VIEW + term)
        if not given:
            return None
        name = given[0].value.removeprefix(VIEW) if isinstance(given[0], ox.NamedNode) else ""
        if len(given) > 1 or name not in list(words):
            told = ", ".join(f"view:{word}" for word in words)
            raise self.wrong(about, f"has a view:{term} that is none of {told}")
        return words(name)

    def _order(self, about: _Node, node: _Node) -> float:
        text = self._text(node, SH + "order") or "0"
        try:
            return float(text)
        except ValueError:
            raise self.wrong(about, f"has the sh:order {text!r}, no number") from None

    def _of_type(self, of_class: str) -> list[ox.NamedNode]:
        wanted = ox.NamedNode(of_class)
        typed = [
            node for node, about in self._held.items() if wanted in about.get(RDF + "type", ())
        ]
        found = [node for node in typed if isinstance(node, ox.NamedNode)]
        if len(found) < len(typed):
            raise self.wrong(of_class, "is the class of a node without a name")
        return sorted(found, key=str)

    def _values(self, node: _Node, predicate: str) -> list[Term]:
        return self._held.get(node, {}).get(predicate, [])

    def _text(self, node: _Node, predicate: str) -> str:
        values = self._values(node, predicate)
        return next((v.value for v in values if isinstance(v, ox.Literal)), "")


def _near(name: str, words: Sequence[str]) -> str:
    near = get_close_matches(name, words, 1)
    return f"Did you mean {near[0]}?" if near else ""


def _closure(ontology: OntologyGraph, predicate: str) -> dict[str, frozenset[str]]:
    """Give all that stands above each named term, however many steps away."""
    direct: dict[str, set[str]] = {}
    for below, above in ontology.pairs(predicate):
        if isinstance(below, ox.NamedNode) and isinstance(above, ox.NamedNode):
            direct.setdefault(below.value, set()).add(above.value)
    found: dict[str, frozenset[str]] = {}
    for start in sorted(direct):
        seen, left = set[str](), [start]
        while left:
            for above_it in direct.get(left.pop(), ()):
                if above_it not in seen:
                    seen.add(above_it)
                    left.append(above_it)
        found[start] = frozenset(seen - {start})
    return found


def _inverses(ontology: OntologyGraph) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one, other in ontology.pairs(OWL + "inverseOf"):
        if isinstance(one, ox.NamedNode) and isinstance(other, ox.NamedNode):
            found.setdefault(one.value, set()).add(other.value)
            found.setdefault(other.value, set()).add(one.value)
    for node in ontology.named(OWL + "SymmetricProperty"):
        found.setdefault(node.value, set()).add(node.value)
    return {name: frozenset(others) for name, others in sorted(found.items())}
