"""Find the cell that a validation result is about.

A result names a node, a path and perhaps a value; a curator needs a file, a row and a column.
Where the value stands in a cell, that cell is the place. Where something is missing, it is the
empty cell: the row of the node and the column of the property, if its table has that column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.errors import Finding, Severity
from tzgraph.interop import as_oxigraph
from tzgraph.read.lookup import CellLookup
from tzgraph.read.provenance import CellRef
from tzgraph.vocabulary import RDF, RDFS, SH, XSD

if TYPE_CHECKING:
    from rdflib.term import Identifier

    from tzgraph.validate.shacl import ShaclResult
    from tzgraph.validate.statements import Statements

__all__ = ["CellIndex", "Located", "StoreCellIndex", "locate_results", "to_findings"]

_TYPE = RDF + "type"
_STEP = re.compile(r"(\^?)<([^<>]*)>")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BY_QUERY = SH + "SPARQLConstraintComponent"
#: How many other places a finding names.
_MOST_OTHERS = 3


class CellIndex(Protocol):
    """What is known about the cells that statements come from."""

    def cells(self, subject: str, predicate: str, obj: Identifier | None) -> list[CellRef]:
        """Give the cells that state this, in order; with any object if ``obj`` is ``None``."""
        ...

    def home(self, subject: str) -> CellRef | None:
        """Give the first id cell of a thing: where its row begins."""
        ...

    def column_of(self, file: str, predicate: str) -> int | None:
        """Give the column of a table that holds the property, in either direction."""
        ...


class StoreCellIndex:
    """The cells that graph ``provenance`` of a store tells of, asked with rdflib's terms."""

    def __init__(self, store: ox.Store) -> None:
        """Read from a store that has the graph ``…/graph/provenance``."""
        self._lookup = CellLookup(store)

    def cells(self, subject: str, predicate: str, obj: Identifier | None) -> list[CellRef]:
        """Give the cells that state this, in order; with any object if ``obj`` is ``None``."""
        value = None if obj is None else as_oxigraph(obj)
        return self._lookup.cells(ox.NamedNode(subject), ox.NamedNode(predicate), value)

    def home(self, subject: str) -> CellRef | None:
        """Give the first id cell of a thing: where its row begins."""
        return self._lookup.home(ox.NamedNode(subject))

    def column_of(self, file: str, predicate: str) -> int | None:
        """Give the column of a table that holds the property, in either direction."""
        return self._lookup.column_of(file, ox.NamedNode(predicate))


class Located(NamedTuple):
    """A finding, and the validation result that it was made from."""

    finding: Finding
    result: ShaclResult


def to_findings(
    results: Iterable[ShaclResult], cells: CellIndex, data: Statements, curies: Curies
) -> list[Finding]:
    """Give the findings of :func:`locate_results` alone."""
    return [located.finding for located in locate_results(results, cells, data, curies)]


def locate_results(
    results: Iterable[ShaclResult], cells: CellIndex, data: Statements, curies: Curies
) -> list[Located]:
    """Turn validation results into findings with file, row and column.

    :param results: what the shapes found
    :param cells: where statements come from
    :param data: the statements that were checked, for labels and for walking paths backwards
    :param curies: writes IRIs shortly
    :return: one finding for each result, sorted by place
    """
    found = [Located(_finding(result, cells, data, curies), result) for result in results]
    return sorted(found, key=lambda located: (located.finding.sort_key, located.result.sort_key))


def _finding(result: ShaclResult, cells: CellIndex, data: Statements, curies: Curies) -> Finding:
    """Give the finding of one result."""
    places = _places(result, cells, data)
    place = places[0] if places else CellRef("")
    return Finding(
        severity=Severity(result.severity),
        code=_code(result.component),
        message=_message(result, data, curies),
        hint=_others([c for c in places if (c.file, c.row) != (place.file, place.row)]),
        file=place.file,
        row=place.row,
        column=place.column,
    )


def _places(result: ShaclResult, cells: CellIndex, data: Statements) -> list[CellRef]:
    """Give the cells a result is about, the one to look at first; none if it has no cell."""
    focus = str(result.focus)
    steps = [(bool(sign), iri) for sign, iri in _STEP.findall(result.path)]
    steps += [(False, iri) for iri in result.used]
    exact = {c for inverse, iri in steps for c in _stating(result, inverse, iri, cells, data)}
    if exact:
        return sorted(exact, key=lambda cell: cell.sort_key)
    loose = {c for inverse, iri in steps if not inverse for c in cells.cells(focus, iri, None)}
    if loose:
        return sorted(loose, key=lambda cell: cell.sort_key) + _of_other_thing(result, steps, cells)
    home = cells.home(focus)
    rows = cells.cells(focus, _TYPE, None) or ([] if home is None else [home])
    for _, iri in steps:
        for row in rows:
            if row.row is not None and (column := cells.column_of(row.file, iri)) is not None:
                return [CellRef(row.file, row.row, column)]
    return rows[:1] if home is None else [home]


def _of_other_thing(
    result: ShaclResult, steps: list[tuple[bool, str]], cells: CellIndex
) -> list[CellRef]:
    """Give the cells of the thing that the focus node clashes with, such as one of the same label.

    The query of a shape gives that thing as the value, though no cell of the focus node holds it.
    """
    from rdflib import URIRef

    if result.component != _BY_QUERY or not isinstance(result.value, URIRef):
        return []
    found = {c for _, iri in steps for c in cells.cells(str(result.value), iri, None)}
    return sorted(found, key=lambda cell: cell.sort_key)


def _stating(
    result: ShaclResult, inverse: bool, predicate: str, cells: CellIndex, data: Statements
) -> Iterable[CellRef]:
    """Give the cells that state one step of the path between the focus node and the value.

    A result without a value (too many, or a node of the wrong class) is about all values.
    """
    from rdflib import URIRef
    from rdflib.term import Identifier

    focus, step = result.focus, URIRef(predicate)
    if result.path and result.value is not None:
        others = [result.value]
    elif inverse:
        others = [other for other in data.subjects(step, focus) if isinstance(other, URIRef)]
    else:
        others = [other for other in data.objects(focus, step) if isinstance(other, Identifier)]
    for other in others:
        if inverse:
            yield from cells.cells(str(other), predicate, focus)
        else:
            yield from cells.cells(str(focus), predicate, other)


def _others(places: list[CellRef]) -> str:
    """Say in which other rows the same is stated."""
    if not places:
        return ""
    named = ", ".join(f"{p.file}:{p.row}:{p.column}" for p in places[:_MOST_OTHERS])
    rest = len(places) - _MOST_OTHERS
    return f"See also {named}{f' and {rest} more' if rest > 0 else ''}."


def _code(component: str) -> str:
    """Give the code of a finding from the constraint component.

    >>> _code("http://www.w3.org/ns/shacl#MinCountConstraintComponent")
    'shacl-min-count'
    """
    name = component.removeprefix(SH).removesuffix("ConstraintComponent")
    return "shacl-" + _WORD_START.sub("-", name).lower()


def _message(result: ShaclResult, data: Statements, curies: Curies) -> str:
    """Name the node, say what the shape says, and show the value that it is about."""
    value = result.value
    shown = (
        f" Found: {_shown(value, data, curies)}."
        if value is not None and value != result.focus
        else ""
    )
    return f"{_shown(result.focus, data, curies)}: {result.message}{shown}"


def _shown(term: Identifier, data: Statements, curies: Curies) -> str:
    """Write a term for people: a CURIE with the label, or a quoted literal with its type."""
    from rdflib import Literal, URIRef

    if isinstance(term, Literal):
        if term.language:
            return f'"{term}"@{term.language}'
        kind = str(term.datatype or XSD + "string")
        return f'"{term}"' + ("" if kind == XSD + "string" else f" ({curies.compact(kind)})")
    if not isinstance(term, URIRef):
        return "a blank node"
    labels = sorted(str(label) for label in data.objects(term, URIRef(RDFS + "label")))
    return curies.compact(str(term)) + (f" ({labels[0]})" if labels else "")
