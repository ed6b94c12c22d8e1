"""What views declare, as values: sections, their properties, and what only repeats."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from tzgraph.vocabulary import RDF

__all__ = [
    "Chosen",
    "Layer",
    "ListPath",
    "Panel",
    "ValueRole",
    "View",
    "ViewProperty",
    "ViewSection",
    "Views",
]


class ValueRole(StrEnum):
    """What the values of a property are on a page."""

    #: They stand in a section.
    VALUE = "Value"
    #: They say in a sentence what the thing is.
    DEFINITION = "Definition"
    #: Other names.
    SYNONYM = "Synonym"
    #: They name the thing elsewhere, and lead there.
    IDENTIFIER = "Identifier"
    #: They say how the thing's row was checked.
    CHECK = "Check"
    #: They keep the books, and stand with all other statements.
    BOOKKEEPING = "Bookkeeping"
    #: They only hold together what a panel shows, and stand nowhere.
    HIDDEN = "Hidden"


class Layer(StrEnum):
    """What kind of knowledge a property holds, where its graph does not say it."""

    #: A hypothesis that rules derived, to be told apart from what follows of itself.
    PREDICTED = "Predicted"


class Panel(StrEnum):
    """A part of a page that the server makes of queries of its own."""

    TRIAL_DESIGN = "TrialDesign"
    TRIAL_ARMS = "TrialArms"
    TRIAL_RESULTS = "TrialResults"
    TRIAL_COMPARISONS = "TrialComparisons"
    CLAIM_CARD = "ClaimCard"
    CLAIMS = "Claims"
    MAPPING_SETS = "MappingSets"
    GRAPH_CLASSES = "GraphClasses"
    GRAPH_PROPERTIES = "GraphProperties"


@dataclass(frozen=True, slots=True)
class ViewSection:
    """A section of pages.

    :ivar iri: its name
    :ivar title: its heading
    :ivar order: sections stand in the order of it, then of their titles
    :ivar note: a sentence below the heading, may be empty
    :ivar folded: whether it is closed until somebody opens it
    :ivar panel: what the server makes of it, ``None`` if it only has values
    """

    iri: str
    title: str
    order: float = 0
    note: str = ""
    folded: bool = False
    panel: Panel | None = None


@dataclass(frozen=True, slots=True)
class ViewProperty:
    """How a property is shown.

    :ivar path: the property
    :ivar inverse: whether the thing is its object
    :ivar name: what it is called, empty for its label
    :ivar section: IRI of the section; empty where the role needs none
    :ivar order: place in the section
    :ivar layer: what kind of knowledge it is, ``None`` for what its graph says
    :ivar link: address of what a value names, with ``{}`` in its place
    """

    path: str
    inverse: bool = False
    name: str = ""
    section: str = ""
    order: float = 0
    role: ValueRole = ValueRole.VALUE
    layer: Layer | None = None
    link: str = ""

    @property
    def key(self) -> tuple[str, bool]:
        """What tells it from the other properties of a view."""
        return self.path, self.inverse


@dataclass(frozen=True, slots=True)
class ListPath:
    """A facet or a column of the list of a class.

    :ivar key: what it is called in addresses, CSV and JSON
    :ivar name: what it is called on pages
    :ivar steps: the path from a thing to its values, each step in SPARQL
    :ivar literal: whether values are literals and not things
    :ivar order: its place
    :ivar layer: what kind of knowledge it is, ``None`` for what its graph says
    """

    key: str
    name: str
    steps: tuple[str, ...]
    literal: bool = False
    order: float = 0
    layer: Layer | None = None

    @property
    def sparql(self) -> str:
        """The path."""
        return "/".join(self.steps)

    @property
    def is_type(self) -> bool:
        """Whether the values are the classes of a thing."""
        return self.steps == (f"<{RDF}type>",)


@dataclass(frozen=True, slots=True)
class View:
    """How things of a class are shown.

    :ivar iri: its name
    :ivar classes: the class and all below it; empty for a view of everything
    :ivar properties: how properties are shown
    :ivar sections: IRIs of further sections, which have panels
    :ivar title: heading of the list of all things of the class, may be empty
    :ivar note: a sentence below it, may be empty
    :ivar facets: by what the list can be narrowed
    :ivar columns: what the list shows of each thing
    """

    iri: str
    classes: frozenset[str] = frozenset()
    properties: tuple[ViewProperty, ...] = ()
    sections: tuple[str, ...] = ()
    title: str = ""
    note: str = ""
    facets: tuple[ListPath, ...] = ()
    columns: tuple[ListPath, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the views say of one thing together.

    :ivar properties: by path and direction
    :ivar sections: in their order
    :ivar named: whether a view of one of its classes says where values stand
    """

    properties: Mapping[tuple[str, bool], ViewProperty]
    sections: tuple[ViewSection, ...]
    named: bool


@dataclass(frozen=True)
class Views:
    """All views of a release, and what of its ontology they need.

    :ivar views: those of narrower classes before those of wider ones
    :ivar sections: by IRI
    :ivar above: the properties that say less than a property does
    :ivar inverses: the properties that say the same in the other direction
    :ivar wider: the classes above a class
    """

    views: tuple[View, ...] = ()
    sections: Mapping[str, ViewSection] = field(default_factory=dict)
    above: Mapping[str, frozenset[str]] = field(default_factory=dict)
    inverses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    wider: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, types: Collection[str]) -> Chosen:
        """Give what is declared for a thing of some classes.

        Where views of several of its classes name a property, the narrowest decides.
        """
        kinds = set(types)
        properties: dict[tuple[str, bool], ViewProperty] = {}
        sections: set[str] = set()
        named = False
        for view in self.views:
            if view.classes and not view.classes & kinds:
                continue
            if view.classes:
                named |= any(shown.role is ValueRole.VALUE for shown in view.properties)
            for shown in view.properties:
                properties.setdefault(shown.key, shown)
            sections |= set(view.sections)
        sections |= {shown.section for shown in properties.values() if shown.section}
        found = (self.sections[iri] for iri in sections)
        ordered = sorted(found, key=lambda s: (s.order, s.title, s.iri))
        return Chosen(properties, tuple(ordered), named)

    def listing(self, of_class: str) -> View | None:
        """Give the view that says how the list of a class looks, ``None`` if none does."""
        for view in self.views:
            declares = view.facets or view.columns
            if declares and (not view.classes or of_class in view.classes):
                return view
        return None

    @cached_property
    def names(self) -> Mapping[tuple[str, bool], str]:
        """What properties are called by any view, by path and direction."""
        found: dict[tuple[str, bool], str] = {}
        for view in self.views:
            for shown in view.properties:
                if shown.name:
                    found.setdefault(shown.key, shown.name)
        return found

    def narrowest(self, types: Iterable[str]) -> list[str]:
        """Give the classes of which none is below another, in the order given."""
        given = list(types)
        above = {wide for kind in given for wide in self.wider.get(kind, ())}
        return [kind for kind in given if kind not in above]
