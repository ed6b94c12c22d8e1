"""Folders laid over a graph, such as the claims of documents that are to be audited.

What is wrong in their rows never stops the rest. What a document says is quoted: it loses the cell.
What is asserted in such a folder counts as fact, so a row with something wrong is left out whole,
with what hangs on it; of what a document says, that can't be judged then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import DataError, Finding, Severity
from tzgraph.names.index import name_lines
from tzgraph.read import SourceInfo, read_further
from tzgraph.read.index import Index
from tzgraph.read.lookup import CellLookup
from tzgraph.read.provenance import CellRef
from tzgraph.read.sources import ReadResult
from tzgraph.reason import Rule, materialise
from tzgraph.release.load import load_nquads
from tzgraph.schema import Schema
from tzgraph.terms import Term
from tzgraph.vocabulary import RDFS, TZ, Graphs

__all__ = ["Further", "add_further"]

_DEFAULT = ox.DefaultGraph()
_INFERRED, _METADATA, _PROVENANCE = (
    ox.NamedNode(name) for name in (Graphs.INFERRED, Graphs.METADATA, Graphs.PROVENANCE)
)
_LABEL = ox.NamedNode(RDFS + "label")
#: Where something was read, which says nothing of what it says.
_PLACES = frozenset({TZ + "statedIn", TZ + "listedIn"})


@dataclass
class Further:
    """What was laid over a graph.

    :ivar read: what reading the folders gave
    :ivar added: what they assert, as quads of the default view
    """

    store: ox.Store
    read: ReadResult
    added: list[ox.Quad]
    _gone: set[str] = field(default_factory=set)

    @property
    def files(self) -> Collection[str]:
        """The names of the tables and files."""
        return self.read.counts.keys()

    def thing_at(self, file: str, row: int | None) -> str:
        """Give the thing that a row of the folders describes, or nothing."""
        if file not in self.files or row is None:
            return ""
        found = CellLookup(self.store).described(CellRef(file, row))
        return found.value if found is not None else ""

    def describes(self, thing: str) -> bool:
        """Whether a row of the folders describes a thing."""
        rows = CellLookup(self.store).rows(ox.NamedNode(thing))
        return any(cell.file in self.files for cell, _graph in rows)

    def leave_out_wrong(
        self, things: Iterable[str], found: Iterable[Finding], focus: Mapping[Finding, str]
    ) -> tuple[list[Finding], set[str]]:
        """Leave out rows in which something is wrong.

        :param things: what is left out anyhow
        :param found: what is wrong; the rows with violations are left out, too
        :param focus: the things that findings of shapes are about
        :return: the findings, as warnings, and what documents say that hangs on the rows
        :raises DataError: if a violation is not in these folders
        """
        gone = set(things)
        told = []
        for finding in found:
            if finding.severity is Severity.VIOLATION:
                thing = self.thing_at(finding.file, finding.row) or focus.get(finding, "")
                if not thing or not self.describes(thing):
                    raise DataError([finding])
                gone.add(thing)
            told.append(replace(finding, severity=Severity.WARNING))
        return told, self.leave_out(gone)

    def leave_out(self, things: Iterable[str]) -> set[str]:
        """Remove what the folders assert of things, and of what hangs on them.

        :return: what documents say that hangs on them
        """
        quoted = {info.graph for info in self.read.sources.values() if not info.accepted}
        queue = sorted(set(things) - self._gone)
        self._gone.update(queue)
        hanging: set[str] = set()
        while queue:
            node = ox.NamedNode(queue.pop())
            for quad in list(self.store.quads_for_pattern(None, None, node, None)):
                subject, graph = quad.subject, quad.graph_name
                if not isinstance(subject, ox.NamedNode) or not isinstance(graph, ox.NamedNode):
                    continue
                if quad.predicate.value in _PLACES or graph in (_PROVENANCE, _INFERRED):
                    continue
                if graph.value in quoted:
                    hanging.add(subject.value)
                elif subject.value not in self._gone and self.describes(subject.value):
                    self._gone.add(subject.value)
                    queue.append(subject.value)
            self._remove(node)
        self.added = [quad for quad in self.added if quad in self.store]
        return hanging

    def _remove(self, node: ox.NamedNode) -> None:
        """Remove what rows of the folders assert of a thing."""
        accepted = {info.graph for info in self.read.sources.values() if info.accepted}
        for cell, graph in CellLookup(self.store).rows(node):
            if cell.file not in self.files or graph.value not in accepted:
                continue
            said = [
                *self.store.quads_for_pattern(node, None, None, graph),
                *(
                    quad
                    for quad in self.store.quads_for_pattern(None, None, node, graph)
                    if not self._has_row(quad.subject, graph)
                ),
            ]
            for quad in said:
                self.store.remove(quad)
                if not self._asserted(quad, accepted):
                    self.store.remove(ox.Quad(quad.subject, quad.predicate, quad.object))

    def _has_row(self, thing: Term, graph: ox.NamedNode) -> bool:
        return any(other == graph for _cell, other in CellLookup(self.store).rows(thing))

    def _asserted(self, quad: ox.Quad, accepted: Collection[str]) -> bool:
        others = self.store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        return any(
            isinstance(other.graph_name, ox.NamedNode) and other.graph_name.value in accepted
            for other in others
        )

    def reason(self, rules: list[Rule]) -> int:
        """Derive anew what follows, now that the folders assert more; give the number of triples.

        Rules also look for what is absent, so what was derived before may not hold any more.
        """
        for quad in list(self.store.quads_for_pattern(None, None, None, _INFERRED)):
            self.store.remove(quad)
            self.store.remove(ox.Quad(quad.subject, quad.predicate, quad.object))
        self.store.extend(self.added)
        return materialise(self.store, rules, Graphs.INFERRED)


def add_further(
    store: ox.Store,
    folders: tuple[Path, ...],
    schema: Schema,
    sources: dict[str, SourceInfo],
    scratch: Path,
) -> Further:
    """Read folders and add what can be read of them to a store.

    :param store: holds the sources, and what follows from them
    :param sources: those of the store, by slug
    :param scratch: a folder for a file that is removed again
    :raises InputUnreadableError: if a folder can't be read
    """
    nquads = scratch / "further.nq"
    with Index() as index:
        _learn(index, store, sources.values())
        read = read_further(
            folders, schema, nquads, index, sources, lambda: name_lines(store, schema.curies)
        )
    parsed = ox.parse(path=str(nquads), format=ox.RdfFormat.N_QUADS)
    asserted = {info.graph for info in sources.values() if info.accepted}
    stated = dict.fromkeys(quad for quad in parsed if quad.graph_name == _DEFAULT)
    added = [quad for quad in stated if not _known(store, quad, asserted)]
    load_nquads(store, nquads)
    nquads.unlink()
    return Further(store, read, added)


def _known(store: ox.Store, quad: ox.Quad, asserted: Collection[str]) -> bool:
    """Whether a source states it already."""
    found = store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
    return any(
        isinstance(other.graph_name, ox.NamedNode) and other.graph_name.value in asserted
        for other in found
    )


def _learn(index: Index, store: ox.Store, sources: Iterable[SourceInfo]) -> None:
    """Learn what the sources of a store describe, and by which labels."""
    places = CellLookup(store)
    for source in sources:
        index.add(source.graph, "", "", 0)
        graph = ox.NamedNode(source.graph)
        for thing in sorted(set(_subjects(store, graph)), key=str):
            home = next((cell for cell, by in places.rows(thing) if by == graph), CellRef(""))
            index.add(thing.value, source.slug, home.file, home.row or 0)
        for quad in store.quads_for_pattern(None, _LABEL, None, graph):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                index.add_label(quad.object.value, quad.subject.value)


def _subjects(store: ox.Store, graph: ox.NamedNode) -> Iterator[ox.NamedNode]:
    for quad in store.quads_for_pattern(None, None, None, graph):
        if isinstance(quad.subject, ox.NamedNode):
            yield quad.subject
