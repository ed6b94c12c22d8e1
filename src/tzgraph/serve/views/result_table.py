"""Rows of a result as pages show them: by labels, in an order, those that are sought, page by page.

All of it is done on the rows that a page window holds (:mod:`tzgraph.serve.engine.rows`), which are
bounded, so it says of larger results that it is done on a part of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import pyoxigraph as ox

from tzgraph.query.table import printable
from tzgraph.serve.engine.rows import CELL, ResultTable, is_cut
from tzgraph.serve.messages.view import BOTH, IRIS, LABELS, VIEW, RowsView
from tzgraph.serve.views.pages import Pages
from tzgraph.terms import Term
from tzgraph.vocabulary import XSD

__all__ = [
    "PAGE_ROWS",
    "Address",
    "ShownRows",
    "address_of",
    "heading",
    "labelled_terms",
    "table_values",
]

#: Rows of a page.
PAGE_ROWS = 100
#: Gives the URL of the same page with some parameters changed; those with ``None`` are left out.
Address = Callable[[Mapping[str, str | None]], str]

_NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
#: Runs of digits, by which texts are sorted as numbers, and characters that are looked at for it.
_DIGITS, _SORTED = re.compile(r"([0-9]+)"), 200
#: How parts of names of variables are written.
_WORDS = {"ci": "CI", "nct": "NCT", "iri": "IRI", "doi": "DOI", "url": "URL", "her2": "HER2"}
_WORDS |= {"cutoff": "cut-off", "uniprot": "UniProt", "hgnc": "HGNC", "mesh": "MeSH"}
_SWITCH = {LABELS: "labels", BOTH: "labels and ids", IRIS: "ids"}
_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")


@dataclass(frozen=True, slots=True)
class ShownTerm:
    """A term of a row: what is shown, where it leads, and the CURIE of what has a label."""

    text: str
    href: str | None = None
    note: str = ""
    is_local: bool = True
    id: str = ""


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """The head of a column.

    :ivar title: its name in words
    :ivar name: its name in the query
    :ivar href: where it is sorted by, the other way round if it is
    :ivar order: ``ascending``, ``descending`` or empty
    :ivar is_number: whether all it holds are numbers
    """

    title: str
    name: str
    href: str
    order: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class ShownRows:
    """What the templates show of rows.

    :ivar rows: the rows of this page
    :ivar boolean: the result, if it is one
    :ivar held: rows of the window
    :ivar found: those of them that hold what is sought
    :ivar first: how many of these are before this page
    :ivar more: whether there are rows behind the window
    :ivar cut: characters after which values are cut, 0 if none is
    :ivar all_columns: how many columns the result has
    :ivar unknown_column: what it should be sorted by, if there is no such column
    :ivar steps: URLs of the rows before and after these, as ``prev`` and ``next``
    :ivar switch: how things can be shown: what it is called, its URL, and whether it is this one
    :ivar unfiltered: URL of the same with all rows
    """

    columns: Sequence[ColumnHead]
    rows: Sequence[Sequence[ShownTerm]]
    view: RowsView
    boolean: bool | None
    held: int
    found: int
    first: int
    more: bool
    cut: int
    all_columns: int
    unknown_column: str
    steps: Mapping[str, str]
    switch: Sequence[tuple[str, str, bool]]
    unfiltered: str

    @property
    def count(self) -> str:
        """Say how many rows there are, and which of them these are."""
        view, behind = self.view, self.view.offset
        last = self.first + len(self.rows)
        if self.found < self.held:
            said = f"{self.found:,} of {self.held:,} rows hold “{view.filter}”"
            if self.found > len(self.rows):
                said += f", here {self.first + 1:,} to {last:,}"
        elif not self.rows:
            said = (
                f"No rows from {behind + self.first + 1:,} on" if behind or self.first else "0 rows"
            )
        elif self.more or behind or self.held > len(self.rows):
            of = f"{'more than ' if self.more else ''}{behind + self.held:,}"
            said = f"Rows {behind + self.first + 1:,} to {behind + last:,} of {of}"
        else:
            said = f"{self.held:,} row{'' if self.held == 1 else 's'}"
        if self.more and (view.filter or view.sort):
            part = f"{behind + 1:,} to {behind + self.held:,}"
            said += f"; only rows {part} of all are sorted and filtered"
        return said


def heading(name: str) -> str:
    """Give the name of a variable in words.

    >>> heading("hazardRatio"), heading("pValue"), heading("seen_at_first_hand"), heading("nctId")
    ('hazard ratio', 'P value', 'seen at first hand', 'NCT id')
    """
    words = _BORDER.sub(" ", name).split()
    lower = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    said = " ".join(_WORDS.get(word, word) for word in lower) or name
    return "P value" if said == "p value" else said


def address_of(path: str, fields: Sequence[tuple[str, str]], view: Mapping[str, str]) -> Address:
    """Give what makes the URLs of other views of a result.

    :param fields: parameters that stay
    :param view: those of the view, as they are
    """

    def address(changed: Mapping[str, str | None]) -> str:
        now = {**view, **changed}
        said = [(name, value) for name in VIEW if (value := now.get(name))]
        return f"{path}?{urlencode([*fields, *said])}#result"

    return address


def labelled_terms(table: ResultTable, view: RowsView) -> Iterator[Term | None]:
    """Give the terms whose labels the page of a table needs: of other rows, none is looked at."""
    if view.show == IRIS:
        return
    rows = table.rows
    if not (view.sort or view.filter):
        start = (view.page - 1) * PAGE_ROWS
        rows = rows[start : start + PAGE_ROWS]
    for row in rows:
        yield from row


def table_values(
    pages: Pages,
    table: ResultTable,
    view: RowsView,
    labels: Mapping[str, str],
    address: Address | None = None,
    window: int = 0,
) -> ShownRows:
    """Give what the templates show of rows; threads may call this.

    :param labels: labels by IRI
    :param address: gives the URLs of other views, ``None`` if there are none: then all rows of the
        window are on the page as they come
    :param window: rows that a window may have, to go back by
    """
    show = _Show(pages, {} if view.show == IRIS else labels)
    rows: Sequence[Sequence[Term | None]] = table.rows
    ordered = table.titles.index(view.sort) if view.sort in table.titles else None
    if address is not None:
        if view.filter:
            rows = show.matching(rows, view.filter)
        if ordered is not None:
            rows = show.ordered(rows, ordered, descending=view.descending)
    found = len(rows)
    first = (view.page - 1) * PAGE_ROWS if address is not None else 0
    rows = rows[first : first + PAGE_ROWS] if address is not None else rows
    cut = any(term is not None and is_cut(term) for row in rows for term in row)
    columns = [
        _column(name, place, rows, view, address if found > 1 else None)
        for place, name in enumerate(table.titles)
    ]
    return ShownRows(
        columns=columns,
        rows=[[show.cell(term) for term in row] for row in rows],
        view=view,
        boolean=table.boolean,
        held=len(table.rows),
        found=found,
        first=first,
        more=table.more,
        cut=CELL if cut else 0,
        all_columns=table.columns,
        unknown_column="" if not view.sort or ordered is not None else view.sort,
        steps=_steps(table, view, found, address, window) if address else {},
        switch=[
            (title, address({"show": way}), view.show == way)
            for way, title in _SWITCH.items()
            if address
        ],
        unfiltered=address({"filter": None, "page": None}) if address else "",
    )


def _column(
    name: str,
    place: int,
    rows: Sequence[Sequence[Term | None]],
    view: RowsView,
    address: Address | None,
) -> ColumnHead:
    here = view.sort == name
    order = ("descending" if view.descending else "ascending") if here else ""
    other = f"-{name}" if order == "ascending" else name
    href = address({"sort": other, "page": None}) if address else ""
    types = {
        term.datatype.value if isinstance(term, ox.Literal) else ""
        for row in rows
        if (term := row[place]) is not None
    }
    title = name if view.show == IRIS else heading(name)
    return ColumnHead(title, name, href, order, bool(types) and types <= _NUMBERS)


def _steps(
    table: ResultTable, view: RowsView, found: int, address: Address, window: int
) -> dict[str, str]:
    """Give where the rows before and after these are: on another page, or in another window."""
    steps = {}
    if view.page > 1:
        last = max(1, min(view.page - 1, math.ceil(found / PAGE_ROWS)))
        steps["prev"] = address({"page": str(last) if last > 1 else None})
    elif view.offset:
        before = max(0, view.offset - window)
        steps["prev"] = address({"offset": str(before) if before else None, "page": None})
    if view.page * PAGE_ROWS < found:
        steps["next"] = address({"page": str(view.page + 1)})
    elif table.more:
        behind = view.offset + len(table.rows)
        steps["next"] = address({"offset": str(behind), "page": None})
    return steps


def _is_plain(term: Term | None) -> bool:
    """Say whether a value needs no word of what kind it is of."""
    if not isinstance(term, ox.Literal):
        return False
    return term.language == "en" or term.datatype.value.startswith(XSD)


class _Show:
    """Shows terms, by their labels where they have one."""

    def __init__(self, pages: Pages, labels: Mapping[str, str]) -> None:
        self._pages = pages
        self._labels = labels

    def cell(self, term: Term | None) -> ShownTerm:
        shown = self._pages.cell(term)
        if label := self._label(term):
            return ShownTerm(label, shown.href, shown.text, shown.is_local, id=shown.text)
        note = "" if _is_plain(term) and not (term and is_cut(term)) else shown.note
        return ShownTerm(shown.text, shown.href, note, shown.is_local)

    def _label(self, term: Term | None) -> str:
        if not isinstance(term, ox.NamedNode):
            return ""
        return printable(self._labels.get(term.value, ""))

    def _text(self, term: Term | None) -> str:
        return self._label(term) or self._pages.cell(term).text

    def matching(
        self, rows: Sequence[Sequence[Term | None]], sought: str
    ) -> list[Sequence[Term | None]]:
        """Give the rows of which a cell has a text in it, be it in its label, CURIE or IRI."""
        sought = sought.casefold()
        seen: dict[Term, bool] = {}

        def has(term: Term | None) -> bool:
            if term is None:
                return False
            if term not in seen:
                shown = self.cell(term)
                texts = (shown.text, shown.note if isinstance(term, ox.NamedNode) else "")
                seen[term] = any(sought in text.casefold() for text in texts)
            return seen[term]

        return [row for row in rows if any(map(has, row))]

    def ordered(
        self, rows: Sequence[Sequence[Term | None]], place: int, *, descending: bool
    ) -> list[Sequence[Term | None]]:
        """Sort rows by what a column shows: numbers, then texts; those without it come last."""
        bound = [row for row in rows if row[place] is not None]
        bound.sort(key=lambda row: self._key(row[place]), reverse=descending)
        return [*bound, *(row for row in rows if row[place] is None)]

    def _key(self, term: Term | None) -> tuple[int, float, list[tuple[bool, int, str]]]:
        if isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS:
            try:
                number = float(term.value)
            except ValueError:
                number = math.nan
            if not math.isnan(number):
                return 0, number, []
        parts = _DIGITS.split(self._text(term)[:_SORTED].casefold())
        return 1, 0.0, [(p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts]
