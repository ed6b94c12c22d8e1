"""The page of a class: all things of it, with facets to narrow the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from tzgraph.pageviews import Layer, ListPath
from tzgraph.pageviews.lists import COUNTED, LISTED
from tzgraph.serve.views.class_list import AskedList, ClassList, FacetValue, FoundFacet
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.pages import Pages

__all__ = ["class_page"]

#: Values that a facet and a cell show at once.
_OPEN, _AT_ONCE = 6, 4


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of a facet, and where choosing it or taking it back leads."""

    facet: str
    value: FacetValue
    href: str


@dataclass(frozen=True, slots=True)
class _Facet:
    """A facet on the page.

    :ivar fields: what a form for another value of it sends along
    """

    found: FoundFacet
    shown: Sequence[_Value]
    folded: Sequence[_Value]
    is_predicted: bool
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Heading:
    """The head of a column.

    :ivar href: leads to the list in its order, or backwards if it is in its order
    :ivar order: in which order the list is by it: ``ascending``, ``descending`` or nothing
    """

    name: str
    href: str
    order: str
    is_predicted: bool = False


def class_page(pages: Pages, found: ClassList) -> str:
    """Give the page; threads may call this."""
    asked = found.asked
    rows = [
        (
            pages.cell(ox.NamedNode(row.iri)),
            row.label,
            [
                [(_shown(pages, cell.term, cell.label), cell.is_derived) for cell in cells]
                for cells in (row.cells.get(column.key, ()) for column in asked.columns)
            ],
        )
        for row in found.rows
    ]
    return pages.render(
        "class.html",
        here=f"/id/{asked.kind}",
        found=found,
        asked=asked,
        facets=[_facet(asked, facet) for facet in found.facets if facet.values],
        chosen=[
            _Value(facet.path.name, value, _toggled(asked, facet, value))
            for facet in found.facets
            for value in facet.values
            if value.is_chosen
        ],
        all_href=f"/id/{asked.kind}",
        headings=[_heading(asked, column) for column in (None, *asked.columns)],
        rows=rows,
        predicted=[column.layer is Layer.PREDICTED for column in asked.columns],
        pages={rel: page.path() for rel, page in found.pages().items()},
        twins=[(name, asked.path(suffix)) for suffix, name in (("csv", "CSV"), ("json", "JSON"))],
        counted=COUNTED,
        listed=LISTED,
        at_once=_AT_ONCE,
    )


def _shown(pages: Pages, term: ox.NamedNode | ox.Literal, label: str) -> Shown:
    cell = pages.cell(term)
    if isinstance(term, ox.NamedNode):
        return Shown(label, cell.href, pages.curies.compact(term.value))
    return Shown(label, cell.href, cell.note)


def _facet(asked: AskedList, facet: FoundFacet) -> _Facet:
    values = [
        _Value(facet.path.name, value, _toggled(asked, facet, value)) for value in facet.values
    ]
    first = [one for number, one in enumerate(values) if number < _OPEN or one.value.is_chosen]
    missing = [one for one in values if one.value.term is None and one not in first]
    shown = [*first, *missing]
    fields = [*asked.fields, *([("sort", asked.sort)] if asked.sort else [])]
    return _Facet(
        facet,
        shown,
        [one for one in values if one not in shown],
        facet.path.layer is Layer.PREDICTED,
        fields,
    )


def _toggled(asked: AskedList, facet: FoundFacet, value: FacetValue) -> str:
    """Give the address of the list with a value more, or without it."""
    key = facet.path.key
    if not value.is_chosen:
        return asked.with_value(key, value.written).path()
    return asked.without(key, [value.written]).path()


def _heading(asked: AskedList, column: ListPath | None) -> _Heading:
    key = "label" if column is None else column.key
    sorted_by = asked.sort or "label"
    order = {key: "ascending", f"-{key}": "descending"}.get(sorted_by, "")
    turned = f"-{key}" if order == "ascending" else key
    href = replace(asked, sort="" if turned == "label" else turned, offset=0).path()
    name = "name" if column is None else column.name
    return _Heading(name, href, order, column is not None and column.layer is Layer.PREDICTED)
