"""What is asked for of the list of a class: chosen values, an order, and how much at most."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.pageviews.model import ListPath

__all__ = ["COUNTED", "LISTED", "VALUES", "ListChoice", "ListOrder"]

#: Things of which facets are counted, things of a list, and values of a facet; as in the queries.
COUNTED, LISTED, VALUES = 1000, 5000, 60


@dataclass(frozen=True, slots=True)
class ListChoice:
    """The values of a facet that are chosen, any of which a thing has.

    :ivar iris: the things among them
    :ivar texts: the literals among them, as they are written
    :ivar missing: whether things without a value are chosen, too
    """

    facet: ListPath
    iris: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    missing: bool = False

    def terms(self) -> list[ox.NamedNode | ox.Literal | None]:
        """Give the values as terms, literals without their types."""
        found: list[ox.NamedNode | ox.Literal | None] = [*map(ox.NamedNode, self.iris)]
        found += map(ox.Literal, self.texts)
        return [*found, None] if self.missing else found

    def holds(self, term: ox.NamedNode | ox.Literal | None) -> bool:
        """Whether a value is chosen; ``None`` is that there is none."""
        if term is None:
            return self.missing
        return term.value in (self.iris if isinstance(term, ox.NamedNode) else self.texts)


@dataclass(frozen=True, slots=True)
class ListOrder:
    """In which order a list stands.

    :ivar column: by the values of which column, ``None`` for the labels of the things
    """

    column: ListPath | None = None
    descending: bool = False
