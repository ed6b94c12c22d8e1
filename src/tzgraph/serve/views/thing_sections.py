"""Where the statements about a thing stand on its page, by the views that are declared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyoxigraph as ox

from tzgraph.pageviews import ValueRole, ViewProperty, Views, ViewSection
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.thing import Statement, ThingDescription
from tzgraph.serve.views.thing_notes import Notes
from tzgraph.serve.views.thing_values import Mark, Value, ValueMaker
from tzgraph.vocabulary import RDF, RDFS, Graphs

__all__ = ["Group", "Layout", "PageSection", "lay_out"]

#: Runs of digits, by which values are sorted as numbers.
_DIGITS = re.compile(r"(\d+)")
_SAID = ViewSection("about", "What is said of it", 100)
_REFERS = ViewSection("referring", "What refers to it", 110)
#: What the head says, whether or not a view does.
_HEAD = ((RDFS + "label", False), (RDF + "type", False))
_DERIVED = (Graphs.INFERRED, Graphs.AUDIT)


@dataclass(frozen=True, slots=True)
class Group:
    """The values under one property.

    :ivar name: what it is called here, with a link to what it means
    :ivar inverse: whether the name is that of the property in its own direction, so that the thing
        is its object
    """

    name: Shown
    values: tuple[Value, ...]
    inverse: bool = False

    @property
    def mark(self) -> Mark | None:
        """The mark that all values have, ``None`` if they differ."""
        marks = {value.mark for value in self.values}
        return marks.pop() if len(marks) == 1 else None


@dataclass(frozen=True, slots=True)
class PageSection:
    """A section of the page with its values."""

    section: ViewSection
    groups: tuple[Group, ...] = ()


@dataclass(slots=True)
class Layout:
    """What stands where.

    :ivar sections: in their order, also those that only have a panel
    :ivar roles: values of properties with a role, such as identifiers
    :ivar rest: all other statements about the thing, and those that refer to it
    """

    sections: list[PageSection] = field(default_factory=list)
    roles: dict[ValueRole, list[Group]] = field(default_factory=dict)
    rest: list[Group] = field(default_factory=list)


def lay_out(thing: ThingDescription, notes: Notes, views: Views, maker: ValueMaker) -> Layout:
    """Put each statement about a thing at its place, each once."""
    return _Placing(thing, notes, views, maker).layout()


class _Placing:
    def __init__(
        self, thing: ThingDescription, notes: Notes, views: Views, maker: ValueMaker
    ) -> None:
        self._thing = thing
        self._notes = notes
        self._views = views
        self._maker = maker
        self._chosen = views.of(thing.types)
        self._stated = {
            (s.property.value, str(s.other), inverse) for s, inverse in self._statements()
        }
        #: The properties of these statements that say more than a property does.
        self._below: dict[str, set[str]] = {}
        for name in {name for name, _, _ in self._stated}:
            for above in views.above.get(name, ()):
                self._below.setdefault(above, set()).add(name)

    def _statements(self) -> Iterable[tuple[Statement, bool]]:
        yield from ((statement, False) for statement in self._thing.about)
        for statement in self._thing.referring:
            # A blank node has neither a name to show nor a page to go to.
            if not isinstance(statement.other, ox.BlankNode):
                yield statement, True

    def layout(self) -> Layout:
        refuted = ((s, key[2]) for key, s in self._notes.refuted.items() if key not in self._stated)
        placed: dict[str, dict[tuple[str, bool], list[Statement]]] = {}
        rest: dict[tuple[str, bool], list[Statement]] = {}
        roles: dict[ValueRole, dict[tuple[str, bool], list[Statement]]] = {}
        for statement, inverse in (*self._statements(), *refuted):
            key = (statement.property.value, inverse)
            shown = self._chosen.properties.get(key)
            if shown is not None and shown.role is ValueRole.HIDDEN:
                continue
            if shown is None and not self._chosen.named and key not in _HEAD:
                shown = ViewProperty(*key, section=(_REFERS if inverse else _SAID).iri)
            if (
                shown is None
                or shown.role is ValueRole.BOOKKEEPING
                or self._repeats(statement, inverse)
            ):
                rest.setdefault(key, []).append(statement)
            elif shown.role is ValueRole.VALUE:
                placed.setdefault(shown.section, {}).setdefault(key, []).append(statement)
            else:
                roles.setdefault(shown.role, {}).setdefault(key, []).append(statement)
        sections = [*self._chosen.sections, *(() if self._chosen.named else (_SAID, _REFERS))]
        sections.sort(key=lambda section: (section.order, section.title, section.iri))
        return Layout(
            [
                PageSection(section, tuple(self._groups(placed.get(section.iri, {}))))
                for section in sections
                if section.panel is not None or section.iri in placed
            ],
            {role: self._groups(found) for role, found in roles.items()},
            self._groups(rest),
        )

    def _repeats(self, statement: Statement, inverse: bool) -> bool:
        """Whether a derived statement says nothing that another one of these doesn't say."""
        if not statement.graphs or any(graph not in _DERIVED for graph in statement.graphs):
            return False
        name, other = statement.property.value, str(statement.other)
        if any((lower, other, inverse) in self._stated for lower in self._below.get(name, ())):
            return True
        turned = self._views.inverses.get(name, frozenset())
        return inverse and any((each, other, False) in self._stated for each in turned)

    def _groups(self, found: dict[tuple[str, bool], list[Statement]]) -> list[Group]:
        """Give the statements of each property, in declared order, then in that of the names."""
        ordered = []
        for (name, inverse), same in found.items():
            declared = self._chosen.properties.get((name, inverse))
            called = (declared and declared.name) or self._views.names.get((name, inverse), "")
            title = self._maker.named(same[0].property, [called] if called else same[0].names)
            values = [self._maker.value(s, inverse=inverse, declared=declared) for s in same]
            values.sort(key=_by_text)
            order = declared.order if declared is not None else float("inf")
            place = (inverse, order, title.text.casefold(), name)
            if declared is not None:
                place = (False, *place[1:])
            ordered.append((place, Group(title, tuple(values), inverse and not called)))
        return [group for _, group in sorted(ordered, key=lambda pair: pair[0])]


def _by_text(value: Value) -> list[tuple[bool, int, str]]:
    """Give what to sort values by: what is shown, with numbers in the order of numbers.

    >>> shown = [Value(Shown(text), Mark.STATED) for text in ("residues 218", "residues 23", "a")]
    >>> [value.shown.text for value in sorted(shown, key=_by_text)]
    ['a', 'residues 23', 'residues 218']
    """
    parts = _DIGITS.split(value.shown.text.casefold())
    # int() refuses numbers of thousands of digits; such ones sort as long words.
    return [
        (part.isdecimal(), int(part) if part.isdecimal() and len(part) < 20 else 0, part)
        for part in parts
    ]
