"""The list of a class, as it was asked for and found: facets with counts, and rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.pageviews import ListPath
from tzgraph.pageviews.lists import COUNTED, LISTED, VALUES, ListChoice
from tzgraph.query.table import show
from tzgraph.serve.engine.rows import Row
from tzgraph.terms import Term
from tzgraph.vocabulary import XSD

__all__ = [
    "NOT_STATED",
    "AskedList",
    "ClassList",
    "FacetValue",
    "FoundFacet",
    "ListCell",
    "ListRow",
    "list_as_csv",
    "list_as_json",
    "make_list",
]

#: The value of a facet of which nobody has said which it is.
NOT_STATED = "not stated"
_BOOLEAN = ox.NamedNode(XSD + "boolean")
_YES_NO = {"true": "yes", "false": "no"}
_Fields = tuple[tuple[str, str], ...]
_Value = ox.NamedNode | ox.Literal | None


@dataclass(frozen=True, slots=True)
class AskedList:
    """A list as it is asked for.

    :ivar kind: of which things, as in their addresses
    :ivar title: its heading
    :ivar note: a sentence below it, may be empty
    :ivar of_class: IRI of the class of the things
    :ivar fields: facets and values, as they are written in addresses
    :ivar sort: key of the column in whose order it stands, with a hyphen before it if backwards
    """

    kind: str
    title: str
    note: str
    of_class: str
    facets: tuple[ListPath, ...]
    columns: tuple[ListPath, ...]
    choices: tuple[ListChoice, ...] = ()
    fields: _Fields = ()
    sort: str = ""
    limit: int = 0
    offset: int = 0
    #: What is asked for without saying so.
    usual: int = 0

    def path(self, suffix: str = "") -> str:
        """Give the address of this list, or of the same in a format."""
        given = [*self.fields]
        if self.sort:
            given.append(("sort", self.sort))
        if self.limit != self.usual:
            given.append(("limit", str(self.limit)))
        if self.offset:
            given.append(("offset", str(self.offset)))
        end = f".{suffix}" if suffix else ""
        return f"/id/{self.kind}{end}" + (f"?{urlencode(given)}" if given else "")

    def with_value(self, key: str, value: str) -> AskedList:
        """Give the list with one more value, from its beginning."""
        return replace(self, fields=(*self.fields, (key, value)), offset=0)

    def without(self, key: str, values: Iterable[str] | None = None) -> AskedList:
        """Give the list without some values of a facet, by default all."""
        left = [
            f for f in self.fields if f[0] != key or (values is not None and f[1] not in values)
        ]
        return replace(self, fields=tuple(left), offset=0)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet.

    :ivar term: the value, ``None`` if it is that there is none
    :ivar written: as it stands in addresses
    :ivar inferred: of how many things it is derived
    """

    term: _Value
    label: str
    written: str
    things: int
    inferred: int = 0
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FoundFacet:
    """A facet with its values, the most frequent first, and whether there are more of them."""

    path: ListPath
    values: tuple[FacetValue, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class ListCell:
    """A value in a column."""

    term: ox.NamedNode | ox.Literal
    label: str
    is_derived: bool = False


@dataclass(frozen=True, slots=True)
class ListRow:
    """A thing, with its values by the keys of columns."""

    iri: str
    label: str
    cells: Mapping[str, Sequence[ListCell]]


@dataclass(frozen=True, slots=True)
class ClassList:
    """A list as it was found.

    :ivar total: how many things it has; one more than are listed if it is more
    :ivar more: whether there are rows behind these
    :ivar is_cut: whether values of the rows were left out
    """

    asked: AskedList
    total: int
    facets: tuple[FoundFacet, ...]
    rows: tuple[ListRow, ...]
    more: bool = False
    is_cut: bool = False

    @property
    def is_larger(self) -> bool:
        """Whether there are more things than are listed."""
        return self.total > LISTED

    @property
    def is_sampled(self) -> bool:
        """Whether facets are counted of the first things only."""
        return self.total > COUNTED

    @property
    def part(self) -> tuple[int, int]:
        """Numbers of the first and the last row."""
        return self.asked.offset + 1, self.asked.offset + len(self.rows)

    def pages(self) -> dict[str, AskedList]:
        """Give the lists before and after this one, by relation."""
        asked, found = self.asked, {}
        if asked.offset:
            found["prev"] = replace(asked, offset=max(0, asked.offset - asked.limit))
        if self.more:
            found["next"] = replace(asked, offset=asked.offset + asked.limit)
        return found


def make_list(
    asked: AskedList,
    curies: Curies,
    counts: Sequence[Row],
    things: Sequence[Row],
    cells: Sequence[Row],
    *,
    labels: Mapping[str, str],
    is_cut: bool = False,
) -> ClassList:
    """Put together what the queries gave; threads may call this.

    :param things: those of the list, and one more if there are any behind them
    :param labels: of what is chosen, by IRI
    """
    values: dict[str, dict[_Value, FacetValue]] = {facet.key: {} for facet in asked.facets}
    chosen = {choice.facet.key: choice for choice in asked.choices}
    paths = {facet.key: facet for facet in asked.facets}
    total = 0
    for row in counts:
        key, things_with = _text(row.get("facet")), int(_text(row.get("things")) or 0)
        if not key:
            total = things_with
            continue
        term = row.get("value")
        # What has no name can't be chosen; and a thing of no narrower class is not unknown.
        if term is not None and not isinstance(term, ox.NamedNode | ox.Literal):
            continue
        if not things_with or (term is None and paths[key].is_type):
            continue
        label = _label(term, row.get("label"), curies)
        written = _written(term, curies)
        choice = chosen.get(key)
        is_chosen = choice is not None and choice.holds(term)
        inferred = int(_text(row.get("inferred")) or 0)
        value = FacetValue(term, label, written, things_with, inferred, is_chosen)
        values[key].setdefault(term, value)
    for choice in asked.choices:
        for term in choice.terms():
            label = _label(term, None, curies)
            if isinstance(term, ox.NamedNode):
                label = labels.get(term.value, label)
            held = values[choice.facet.key]
            # Literals of other types may be written alike.
            if not any(_written(one, curies) == _written(term, curies) for one in held):
                held[term] = FacetValue(term, label, _written(term, curies), 0, 0, is_chosen=True)
    facets = []
    for facet in asked.facets:
        found = list(values[facet.key].values())
        kept = [*found[:VALUES], *(value for value in found[VALUES:] if value.is_chosen)]
        # What nobody has stated is known least, and stands last.
        kept.sort(key=lambda value: value.term is None)
        facets.append(FoundFacet(facet, tuple(kept), more=len(found) > VALUES))
    by_thing = _cells(cells, curies)
    rows = [
        ListRow(iri := _text(row["thing"]), _text(row.get("label")), by_thing.get(iri, {}))
        for row in things[: asked.limit]
    ]
    more = len(things) > asked.limit
    return ClassList(asked, total, tuple(facets), tuple(rows), more=more, is_cut=is_cut)


def _cells(rows: Iterable[Row], curies: Curies) -> dict[str, dict[str, list[ListCell]]]:
    found: dict[str, dict[str, dict[object, ListCell]]] = {}
    for row in rows:
        term = row["value"]
        if isinstance(term, ox.NamedNode | ox.Literal):
            column = found.setdefault(_text(row["thing"]), {}).setdefault(_text(row["column"]), {})
            derived = _text(row.get("derived")) == "true"
            column.setdefault(term, ListCell(term, _label(term, row.get("label"), curies), derived))
    return {
        thing: {
            key: sorted(cells.values(), key=lambda cell: (cell.label.casefold(), str(cell.term)))
            for key, cells in columns.items()
        }
        for thing, columns in found.items()
    }


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""


def _label(term: Term | None, label: Term | None, curies: Curies) -> str:
    if term is None:
        return NOT_STATED
    if isinstance(label, ox.Literal):
        return label.value
    if not isinstance(term, ox.Literal):
        return show(term, curies)
    return _YES_NO.get(term.value, term.value) if term.datatype == _BOOLEAN else term.value


def _written(term: _Value, curies: Curies) -> str:
    if term is None:
        return NOT_STATED
    if isinstance(term, ox.Literal):
        return term.value
    return curies.compact(term.value).strip("<>")


# -- the same for programs ------------------------------------------------------------------------


def list_as_json(found: ClassList) -> dict[str, object]:
    """Give the list for programs."""
    asked = found.asked
    return {
        "kind": asked.kind,
        "title": asked.title,
        "class": asked.of_class,
        "total": min(found.total, LISTED),
        "total_is_lower_bound": found.is_larger,
        "counted": min(found.total, COUNTED),
        "facets": [_facet_as_json(facet) for facet in found.facets],
        "columns": [{"key": one.key, "name": one.name} for one in asked.columns],
        "rows": [
            {
                "iri": row.iri,
                "label": row.label,
                **{
                    column.key: [_cell_as_json(cell) for cell in row.cells.get(column.key, ())]
                    for column in asked.columns
                },
            }
            for row in found.rows
        ],
        **{rel: page.path("json") for rel, page in found.pages().items()},
    }


def _facet_as_json(facet: FoundFacet) -> dict[str, object]:
    values = [
        {
            **({} if value.term is None else _term_as_json(value.term)),
            "label": value.label,
            "written": value.written,
            "things": value.things,
            "inferred": value.inferred,
            "chosen": value.is_chosen,
        }
        for value in facet.values
    ]
    return {"key": facet.path.key, "name": facet.path.name, "values": values, "more": facet.more}


def _cell_as_json(cell: ListCell) -> dict[str, object]:
    return {**_term_as_json(cell.term), "label": cell.label, "inferred": cell.is_derived}


def _term_as_json(term: Term) -> dict[str, str]:
    return {"iri" if isinstance(term, ox.NamedNode) else "value": _text(term)}


def list_as_csv(found: ClassList) -> str:
    """Give the rows as CSV (RFC 4180), the values of a cell with a bar between them.

    What is derived is marked as on the page.
    """
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    columns = found.asked.columns
    writer.writerow(["iri", "label", *(column.key for column in columns)])
    for row in found.rows:
        cells = [
            " | ".join(
                f"{cell.label} (derived)" if cell.is_derived else cell.label
                for cell in row.cells.get(column.key, ())
            )
            for column in columns
        ]
        writer.writerow([row.iri, row.label, *cells])
    return output.getvalue()
