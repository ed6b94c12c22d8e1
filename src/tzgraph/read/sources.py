"""Read a folder of sources: the list of sources first, then tables and RDF files.

Two passes over the tables: the first learns which things exist, so that the second can say of
every reference whether it leads anywhere. Nothing but the ids is kept; triples go straight to a
file of N-Quads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

import pyoxigraph as ox

from tzgraph.errors import Finding, InputUnreadableError, Severity
from tzgraph.names.index import IDENTIFIERS, LABELS, SLUG
from tzgraph.read.header import Header, read_header
from tzgraph.read.index import Index
from tzgraph.read.naming import CellNames, NameRow
from tzgraph.read.rdf import copy_rdf_file, described
from tzgraph.read.rows import RowWriter
from tzgraph.read.source import ROLES, SourceInfo
from tzgraph.read.table import FindingSink, Salvage, rows, split_values
from tzgraph.read.values import Resolver
from tzgraph.schema import Schema
from tzgraph.vocabulary import RDFS, TZ

__all__ = ["ReadResult", "SourceInfo", "read_further", "read_sources"]

#: The table that lists the sources.
MANIFEST = "sources.tsv"
_RDF_SUFFIXES = (".ttl", ".nt", ".trig")
#: What names of files that are read end in.
SUFFIXES = (".tsv", *_RDF_SUFFIXES)
#: Findings kept; a table that is wrong in every row need not fill the memory.
_FINDINGS_LIMIT = 1_000
_CLAIM = TZ + "Claim"


@dataclass
class ReadResult:
    """What reading gave: sources by slug, findings, and how much was written."""

    sources: dict[str, SourceInfo] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    #: Things of secondary sources whose rows could not be read in full.
    damaged: set[str] = field(default_factory=set)
    #: Things of which a row of a further folder was left out.
    gone: set[str] = field(default_factory=set)

    def report(self, finding: Finding) -> None:
        """Take a finding; past a limit only count it."""
        if len(self.findings) < _FINDINGS_LIMIT:
            self.findings.append(finding)
        else:
            self.left_out += 1

    @property
    def failed(self) -> bool:
        """Whether anything found fails a build."""
        return self.left_out > 0 or any(f.severity is Severity.VIOLATION for f in self.findings)


def read_sources(folder: Path, schema: Schema, output: Path) -> ReadResult:
    """Read a folder of sources into a file of N-Quads.

    :param folder: holds ``sources.tsv`` and tables (``*.tsv``) or RDF files (``.ttl .nt .trig``)
    :param schema: what the ontology says
    :param output: the file of N-Quads to write: statements in the graph of their source,
        descriptions of the sources in graph ``metadata``, places in graph ``provenance``
    :return: sources, counts and findings; with violations the output isn't fit for use
    :raises InputUnreadableError: if the folder can't be listed
    """
    result = ReadResult()
    with Index() as index, output.open("w", encoding="utf-8", newline="\n") as out:
        reader = _Reader(_files(folder), schema, index, result, out)
        has_manifest = MANIFEST in reader.read()
    if not has_manifest:
        # Without the list of sources every row would be reported for its source.
        result.findings = [f for f in result.findings if f.code != "unknown-source"]
    result.findings.sort(key=lambda finding: finding.sort_key)
    return result


def read_further(
    folders: Sequence[Path],
    schema: Schema,
    output: Path,
    index: Index,
    sources: Mapping[str, SourceInfo],
    names: Callable[[], Iterable[str]],
) -> ReadResult:
    """Read folders that are laid over sources, such as the claims of documents.

    Their files are named with the folder, and a list of sources in them adds to the first. What is
    wrong in a row is a warning: what a document says loses the cell, what is asserted the row.

    :param folders: each with tables or RDF files
    :param index: knows what the sources describe; gets what the folders describe
    :param sources: those that are known, by slug
    :param names: gives the lines of an index of the names of what the sources describe
    :return: as :func:`read_sources`, with all sources; ``gone`` has what was left out
    :raises InputUnreadableError: if a folder can't be listed, or two have one name
    """
    result = ReadResult(sources=dict(sources))
    with output.open("w", encoding="utf-8", newline="\n") as out:
        files = _further_files(folders)
        _Reader(files, schema, index, result, out, further=True, known=names).read()
    result.findings.sort(key=lambda finding: finding.sort_key)
    return result


@dataclass
class _Reader:
    """Reads files in two passes: the first learns which things exist."""

    files: dict[str, Path]
    schema: Schema
    index: Index
    result: ReadResult
    out: TextIO
    further: bool = False
    #: Gives the lines of an index of names that are known already.
    known: Callable[[], Iterable[str]] = tuple
    #: File and number of rows that say again what another one says.
    _again: set[tuple[str, int]] = field(default_factory=set)

    def read(self) -> dict[str, Header]:
        """Read the files; give the headers of the tables that could be read."""
        result = self.result
        tables = _headers(self.files, self.schema, result)
        self._learn(tables)
        rdf = {name: path for name, path in self.files.items() if name.endswith(_RDF_SUFFIXES)}
        for name, path in rdf.items():
            for iri in described(path):
                self.index.add(iri, path.name, name, 0)
        wanted = sum(name.endswith(".tsv") for name in self.files)
        names = CellNames(self.known, lambda: self._names(tables), self.schema.curies)
        resolver = Resolver(self.schema, self.index, names, incomplete=len(tables) < wanted)
        writer = RowWriter(resolver, result.sources, self.out, result.report)
        for name, header in tables.items():
            result.counts[name] = self._write(name, header, writer)
        for name, path in rdf.items():
            _copy(name, path, resolver, result, self.out)
        result.damaged = writer.damaged
        result.gone |= writer.left_out
        return tables

    def _learn(self, tables: Mapping[str, Header]) -> None:
        """First pass: ids, labels, sources; of broken rows too, so one error is one finding."""
        for name, header in tables.items():
            labels = header.position(RDFS + "label")
            for number, cells in _body(self.files[name]):
                slug = header.slug(cells)
                source = header.cell(cells, header.source)
                iri = header.base + slug
                earlier = self.index.add(iri, source, name, number)
                if earlier is not None and source:
                    self._reject(
                        (name, number),
                        "duplicate-id",
                        f"“{slug}” is described by source “{source}” in "
                        f"{earlier[0]}, row {earlier[1]}, too.",
                        "Merge the rows, or give one another id.",
                    )
                self._report_taken(self.index.others(iri, source), slug, source, (name, number))
                if labels is not None:
                    for label in _values(header.cell(cells, labels)):
                        self.index.add_label(label, iri)
                if _is_manifest(name):
                    role = header.cell(cells, header.position(TZ + "sourceRole"))
                    self._add_source(SourceInfo(slug, iri, role.rsplit(":", 1)[-1]))

    def _names(self, tables: Mapping[str, Header]) -> Iterator[NameRow]:
        """Give the names that the tables give to things, and those of terms."""
        yield from self.schema.term_names
        for name, header in tables.items():
            columns = [
                (prop, number)
                for prop in (*LABELS, *IDENTIFIERS)
                if (number := header.position(prop)) is not None
            ]
            for _number, cells in _body(self.files[name]):
                iri = header.base + header.slug(cells)
                yield iri, SLUG, ""
                for prop, number in columns:
                    for value in _values(header.cell(cells, number)):
                        yield iri, prop, value

    def _add_source(self, source: SourceInfo) -> None:
        """Take a source; of a further folder only one of which is known what to do with it."""
        if not self.further or (source.role in ROLES and source.slug not in self.result.sources):
            self.result.sources[source.slug] = source

    def _reject(self, place: tuple[str, int], code: str, message: str, hint: str) -> None:
        """Report a row for its id; of a further folder it is left out."""
        severity = Severity.WARNING if self.further else Severity.VIOLATION
        self.result.report(Finding(severity, code, message, hint, place[0], place[1], 1))
        self._again.add(place)

    def _report_taken(
        self,
        others: Sequence[tuple[str, str, int]],
        slug: str,
        source: str,
        place: tuple[str, int],
    ) -> None:
        """Report an id that two documents use: what they say would run together."""
        quoted = {name for name, info in self.result.sources.items() if not info.accepted}
        for other, file, row in others:
            if source in quoted and other in quoted:
                message = f"“{slug}” is an id of “{other}” ({file}, row {row}), too."
                hint = "Give it an id of your own, such as one that begins with the source's."
                self._reject(place, "id-taken", message, hint)

    def _write(self, name: str, header: Header, writer: RowWriter) -> int:
        """Second pass: write the statements of a table; give the number of rows."""
        written = 0
        path = self.files[name]
        salvage = Salvage() if self.further else None
        writer.begin(name, header, further=self.further)
        for number, cells in rows(path, _named(name, path, self.result), salvage=salvage):
            if number > 1 and not (self.further and (name, number) in self._again):
                damaged = salvage is not None and number in salvage.cells
                writer.row(number, cells, damaged=damaged)
                written += 1
        for number, cells in salvage.rows.items() if salvage is not None else ():
            whose = self._document(cells) if header.class_iri == _CLAIM else ""
            if whose and header.source is not None and (name, number) not in self._again:
                # Which cell is which is unknown, but that there is a claim is not.
                kept = [""] * max(column.number for column in header.columns)
                kept[0], kept[header.source - 1] = cells[0], whose
                writer.row(number, kept, damaged=True)
                written += 1
            elif slug := header.slug(cells):
                self.result.gone.add(header.base + slug)
        return written

    def _document(self, cells: Sequence[str]) -> str:
        """The document that a row of another width names, the last one if there are several."""
        known = {s.slug for s in self.result.sources.values() if not s.accepted}
        return next((text for cell in reversed(cells) if (text := cell.strip()) in known), "")


def _files(folder: Path) -> dict[str, Path]:
    """Give the files to read by name."""
    files = {name: folder / name for name in source_names(folder)}
    if MANIFEST not in files:
        raise InputUnreadableError(
            f"{folder} has no {MANIFEST}.", "It lists the sources; see docs/reference/tables.md."
        )
    return _in_order(files)


def _further_files(folders: Sequence[Path]) -> dict[str, Path]:
    """Give the files to read by the name that findings and provenance call them."""
    files: dict[str, Path] = {}
    for folder in folders:
        prefix = folder.resolve().name
        added = {f"{prefix}/{name}": folder / name for name in source_names(folder)}
        if twice := sorted(added.keys() & files):
            raise InputUnreadableError(
                f"There are two files {twice[0]}.", "Rename one of the folders."
            )
        files |= added
    return _in_order(files)


def _in_order(files: Mapping[str, Path]) -> dict[str, Path]:
    """Sources first: the other tables name them."""
    return dict(sorted(files.items(), key=lambda item: not _is_manifest(item[0])))


def _is_manifest(name: str) -> bool:
    return name.rsplit("/", 1)[-1] == MANIFEST


def source_names(folder: Path) -> list[str]:
    """Give the names of the tables and RDF files of a folder, in order.

    :raises InputUnreadableError: if the folder can't be read
    """
    try:
        names = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
    except OSError as error:
        raise InputUnreadableError(
            f"The sources folder {folder} can't be read: {error.strerror}.",
            "Give a folder that exists and may be read with --sources.",
        ) from error
    return [name for name in names if name.endswith(SUFFIXES)]


def _headers(files: Mapping[str, Path], schema: Schema, result: ReadResult) -> dict[str, Header]:
    headers = {}
    for name, path in files.items():
        if name.endswith(".tsv"):
            header = read_header(path, schema, _named(name, path, result))
            if header is not None:
                headers[name] = header
    return headers


def _named(name: str, path: Path, result: ReadResult) -> FindingSink:
    """Report findings under the name that the file goes by."""
    if name == path.name:
        return result.report
    return lambda finding: result.report(replace(finding, file=name))


def _body(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = rows(path, lambda _finding: None, lenient=True)
    return ((number, cells) for number, cells in reader if number > 1 and cells[0].strip())


def _values(cell: str) -> list[str]:
    try:
        return split_values(cell)
    except ValueError:
        return []


def _copy(name: str, path: Path, resolver: Resolver, result: ReadResult, out: TextIO) -> None:
    named = {info.graph: info.accepted for info in result.sources.values()}
    own = result.sources.get(path.stem)
    graph = ox.NamedNode(own.graph) if own else None
    if graph is None and path.suffix != ".trig":
        result.report(
            Finding(
                Severity.VIOLATION,
                "unknown-source",
                f"The file's name without suffix, “{path.stem}”, is no source.",
                f"Add a row for it to {MANIFEST}, or rename the file.",
                name,
            )
        )
        return
    report = _named(name, path, result)
    result.counts[name] = copy_rdf_file(path, graph, named, resolver.exists, out, report)
