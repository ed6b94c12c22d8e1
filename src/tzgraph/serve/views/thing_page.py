"""The page of a thing: what its head, its statements and its tables show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.release.void import VOID
from tzgraph.serve.engine.rows import Row, is_cut
from tzgraph.serve.messages.documents import SUFFIXES, ResourceDocument
from tzgraph.serve.messages.links import local_path
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.pages import Pages
from tzgraph.serve.views.thing import (
    INDIVIDUAL,
    MOST_ABOUT,
    MOST_REFERRING,
    Statement,
    ThingDescription,
)
from tzgraph.terms import Term
from tzgraph.vocabulary import DCTERMS, OWL, RDF, RDFS, SKOS, TZ, Graphs

__all__ = ["TABLES", "thing_page"]

#: Tables of things of a class: title, and the query in ``sparql/`` that gives the rows.
TABLES = {
    TZ + "Trial": (
        ("Arms", "trial-arms"),
        ("Results", "trial-results"),
        ("Comparisons", "trial-comparisons"),
    ),
    VOID + "Dataset": (
        ("Mapping sets", "graph-mapping-sets"),
        ("Classes", "graph-classes"),
        ("Properties", "graph-properties"),
    ),
}
_VERDICTS = (TZ + "verdict", TZ + "citationVerdict")
_LABEL, _TYPE = RDFS + "label", RDF + "type"
_SYNONYMS = (SKOS + "altLabel",)
_TEXTS = (SKOS + "definition", DCTERMS + "description")
#: What stands in the head of the page, or in a table.
_NOT_LISTED = frozenset(
    {
        *(_LABEL, _TYPE, *_SYNONYMS, *_TEXTS, *_VERDICTS),
        *(VOID + "classPartition", VOID + "propertyPartition"),
    }
)
#: What a record of a link, an ``owl:Axiom``, says of which link; and a label in it.
_ENDS = ("annotatedSource", "annotatedProperty", "annotatedTarget")
_OBJECT_LABEL = "https://w3id.org/sssom/object_label"
#: Runs of digits, by which values are sorted as numbers.
_DIGITS = re.compile(r"(\d+)")
#: Graphs that are no source, as the page names them.
_NAMES = {
    Graphs.INFERRED: "inferred",
    Graphs.AUDIT: "audit",
    Graphs.ONTOLOGY: "ontology",
    Graphs.METADATA: "metadata",
    Graphs.MAPPINGS: "mappings",
}


@dataclass(frozen=True, slots=True)
class Value:
    """What stands at the other end of a statement, who states it, and where it is explained.

    :ivar label: label of a term of another ontology, which is shown by its CURIE
    """

    shown: Shown
    label: str = ""
    sources: tuple[Shown, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The values under one property."""

    name: Shown
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class FactTable:
    """A table of facts about the thing."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]


def thing_page(
    pages: Pages,
    thing: ThingDescription,
    document: ResourceDocument,
    tables: Iterable[tuple[str, Sequence[Row]]] = (),
    questions: Iterable[tuple[str, str]] = (),
) -> str:
    """Give the page of a thing.

    :param document: the page as a document, for links to its twins
    :param tables: titles and rows of further tables
    :param questions: titles and paths of queries about the thing
    """
    page = _Page(pages, thing)
    return pages.render(
        "thing.html",
        title=page.title,
        curie=pages.curies.compact(thing.node.value),
        iri=thing.node.value,
        types=page.values(_TYPE),
        verdicts=[group for name in _VERDICTS for group in page.groups(thing.about, name)],
        texts=page.values(*_TEXTS),
        synonyms=page.values(*_SYNONYMS),
        about=[g for g in page.groups(thing.about) if g.name.note not in _NOT_LISTED],
        # A blank node has neither a name to show nor a page to go to.
        referring=page.groups(
            (s for s in thing.referring if not isinstance(s.other, ox.BlankNode)), forward=False
        ),
        tables=[table for title, rows in tables if (table := page.table(title, rows))],
        twins=[
            (suffix, f"{document.path}.{suffix}", name)
            for suffix, name in SUFFIXES.items()
            if suffix != "html"
        ],
        # What a graph holds comes after what it is.
        counts_last=VOID + "Dataset" in thing.types,
        questions=list(questions),
        is_cut=thing.is_cut,
        limits=(MOST_ABOUT, MOST_REFERRING),
        is_removed=thing.is_removed,
    )


class _Page:
    def __init__(self, pages: Pages, thing: ThingDescription) -> None:
        self._pages = pages
        self._thing = thing
        labels = [term.value for term in thing.values(_LABEL) if isinstance(term, ox.Literal)]
        self.title = labels[0] if labels else self._link() or pages.curies.compact(thing.node.value)

    def _link(self) -> str:
        """Give what a record of a link says, empty if the thing is none."""
        parts = [self._thing.values(OWL + name) for name in _ENDS]
        if not all(parts):
            return ""
        said = " ".join(self._pages.cell(part[0]).text for part in parts)
        labels = self._thing.values(_OBJECT_LABEL)
        return f"{said} ({self._pages.cell(labels[0]).text})" if labels else said

    def values(self, *properties: str) -> list[Value]:
        """Give the values under properties, in the order of these."""
        return [
            self._value(statement, forward=True)
            for name in properties
            for statement in self._thing.about
            if statement.property.value == name and statement.other != INDIVIDUAL
        ]

    def groups(
        self, statements: Iterable[Statement], wanted: str = "", *, forward: bool = True
    ) -> list[Group]:
        """Group statements by property, in the order of its name."""
        found: dict[str, list[Statement]] = {}
        for statement in statements:
            if not wanted or statement.property.value == wanted:
                found.setdefault(statement.property.value, []).append(statement)
        groups = [
            Group(
                self._named(same[0].property, same[0].names),
                tuple(sorted((self._value(s, forward=forward) for s in same), key=_by_text)),
            )
            for same in found.values()
        ]
        return sorted(groups, key=lambda group: (group.name.text.lower(), group.name.note))

    def table(self, title: str, rows: Sequence[Row]) -> FactTable | None:
        """Give a table of rows, in which ``?xLabel`` is what is shown of ``?x``."""
        seen = {name for row in rows for name in row} - {"thing"}
        columns = [name for name in _in_order(rows) if name in seen and name[-5:] != "Label"]
        if not columns:
            return None
        cells = tuple(tuple(self._cell(row, name) for name in columns) for row in rows)
        return FactTable(title, tuple(map(_heading, columns)), cells)

    def _cell(self, row: Row, name: str) -> Shown:
        term, label = row.get(name), row.get(name + "Label")
        if term is None:
            return Shown("")
        return self._named(term, [] if label is None else [label])

    def _value(self, statement: Statement, *, forward: bool) -> Value:
        shown, label = self._shown(statement)
        ends = (self._thing.node, statement.other)
        first, last = ends if forward else (ends[1], ends[0])
        # What was counted when the release was built follows from no cell and no rule; and what is
        # only the beginning of a value can't be asked for.
        is_counted = statement.property.value.startswith(VOID) or str(last).startswith(f"<{VOID}")
        asked = not is_counted and not is_cut(statement.other)
        why = self._pages.explain_path(first, statement.property, last) if asked else ""
        sources = tuple(self._source(graph, statement.record) for graph in statement.graphs)
        return Value(shown, label, sources, why)

    def _shown(self, statement: Statement) -> tuple[Shown, str]:
        """Give a thing of ours by its label; a term of others by its CURIE, with its label."""
        term, labels = statement.other, statement.labels or statement.recorded
        shown = self._pages.cell(term)
        is_foreign = isinstance(term, ox.NamedNode) and not shown.is_local
        if labels and is_foreign and not shown.text.startswith("<"):
            return shown, self._pages.cell(_english(labels)).text
        return self._named(term, labels), ""

    def _named(self, term: Term, labels: Sequence[Term]) -> Shown:
        shown = self._pages.cell(term)
        if labels and isinstance(term, ox.NamedNode):
            text = self._pages.cell(_english(labels)).text
            return Shown(text, shown.href, term.value)
        return shown

    def _source(self, graph: str, record: str) -> Shown:
        if graph == Graphs.MAPPINGS and record:
            return Shown("mapping", local_path(record), "the record of this link")
        shown = self._pages.cell(ox.NamedNode(graph))
        name = _NAMES.get(graph) or graph.removeprefix(Graphs.SOURCE)
        return Shown(name, shown.href, self._pages.source_label(graph))


def _heading(name: str) -> str:
    """Give the name of a variable in words.

    >>> _heading("hazardRatio")
    'hazard ratio'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _by_text(value: Value) -> list[tuple[bool, int, str]]:
    """Give what to sort values by: what is shown, with numbers in the order of numbers.

    >>> shown = [Value(Shown(text)) for text in ("residues 218", "residues 23", "a")]
    >>> [value.shown.text for value in sorted(shown, key=_by_text)]
    ['a', 'residues 23', 'residues 218']
    """
    parts = _DIGITS.split(value.shown.text.casefold())
    return [(p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts]


def _english(labels: Sequence[Term]) -> Term:
    """Give the English label, if there is one."""
    english = (t for t in labels if isinstance(t, ox.Literal) and t.language == "en")
    return next(english, labels[0])


def _in_order(rows: Sequence[Row]) -> list[str]:
    """Give the names of all columns, each after those that stand before it in a row."""
    names: list[str] = []
    for row in rows:
        place = 0
        for name in row:
            if name in names:
                place = names.index(name) + 1
            else:
                names.insert(place, name)
                place += 1
    return names
