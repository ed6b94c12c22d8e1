"""Read a folder of sources: the list of sources first, then tables and RDF files.

Two passes over the tables: the first learns which things exist, so that the second can say of
every reference whether it leads anywhere. Nothing but the ids is kept; triples go straight to a
file of N-Quads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import pyoxigraph as ox

from tzgraph.errors import Finding, InputUnreadableError, Severity
from tzgraph.read.header import Header, read_header
from tzgraph.read.index import Index
from tzgraph.read.rdf import copy_rdf_file, described
from tzgraph.read.rows import RowWriter
from tzgraph.read.source import SourceInfo
from tzgraph.read.table import rows, split_values
from tzgraph.read.values import Resolver
from tzgraph.schema import Schema
from tzgraph.vocabulary import RDFS, TZ

__all__ = ["ReadResult", "SourceInfo", "read_sources"]

#: The table that lists the sources.
MANIFEST = "sources.tsv"
_RDF_SUFFIXES = (".ttl", ".nt", ".trig")
#: Findings kept; a table that is wrong in every row need not fill the memory.
_FINDINGS_LIMIT = 1_000


@dataclass
class ReadResult:
    """What reading gave: sources by slug, findings, and how much was written."""

    sources: dict[str, SourceInfo] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    left_out: int = 0

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
    files = _list(folder)
    result = ReadResult()
    with Index() as index, output.open("w", encoding="utf-8", newline="\n") as out:
        tables = _headers(folder, files, schema, result)
        _learn(folder, tables, index, result)
        rdf = [folder / name for name in files if name.endswith(_RDF_SUFFIXES)]
        for path in rdf:
            for iri in described(path):
                index.add(iri, path.name, path.name, 0)
        wanted = sum(name.endswith(".tsv") for name in files)
        resolver = Resolver(schema, index, incomplete=len(tables) < wanted)
        writer = RowWriter(resolver, result.sources, out, result.report)
        for name, header in tables.items():
            result.counts[name] = _write(folder / name, header, writer, result)
        for path in rdf:
            _copy(path, resolver, result, out)
    if MANIFEST not in tables:
        # Without the list of sources every row would be reported for its source.
        result.findings = [f for f in result.findings if f.code != "unknown-source"]
    result.findings.sort(key=lambda finding: finding.sort_key)
    return result


def _list(folder: Path) -> list[str]:
    try:
        names = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
    except OSError as error:
        raise InputUnreadableError(
            f"The sources folder {folder} can't be read: {error.strerror}.",
            "Give a folder that exists and may be read with --sources.",
        ) from error
    known = (".tsv", *_RDF_SUFFIXES)
    files = [name for name in names if name.endswith(known)]
    if MANIFEST not in files:
        raise InputUnreadableError(
            f"{folder} has no {MANIFEST}.", "It lists the sources; see docs/reference/tables.md."
        )
    # Sources first: the other tables name them.
    return [MANIFEST, *(name for name in files if name != MANIFEST)]


def _headers(
    folder: Path, files: list[str], schema: Schema, result: ReadResult
) -> dict[str, Header]:
    headers = {}
    for name in files:
        if name.endswith(".tsv"):
            header = read_header(folder / name, schema, result.report)
            if header is not None:
                headers[name] = header
    return headers


def _learn(folder: Path, tables: dict[str, Header], index: Index, result: ReadResult) -> None:
    """First pass: ids, labels, sources; of broken rows too, so that one error is one finding."""
    for name, header in tables.items():
        labels = header.position(RDFS + "label")
        for number, cells in _body(folder / name):
            slug = header.slug(cells)
            source = header.cell(cells, header.source)
            iri = header.base + slug
            earlier = index.add(iri, source, name, number)
            if earlier is not None and source:
                result.report(
                    Finding(
                        Severity.VIOLATION,
                        "duplicate-id",
                        f"“{slug}” is described by source “{source}” in "
                        f"{earlier[0]}, row {earlier[1]}, too.",
                        "Merge the rows, or give one another id.",
                        name,
                        number,
                        1,
                    )
                )
            if labels is not None:
                for label in _values(header.cell(cells, labels)):
                    index.add_label(label, iri)
            if name == MANIFEST:
                role = header.cell(cells, header.position(TZ + "sourceRole"))
                result.sources[slug] = SourceInfo(slug, iri, role.rsplit(":", 1)[-1])


def _body(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = rows(path, lambda _finding: None, lenient=True)
    return ((number, cells) for number, cells in reader if number > 1 and cells[0].strip())


def _values(cell: str) -> list[str]:
    try:
        return split_values(cell)
    except ValueError:
        return []


def _write(path: Path, header: Header, writer: RowWriter, result: ReadResult) -> int:
    """Second pass: write the statements of a table; give the number of rows."""
    written = 0
    writer.begin(path.name, header)
    for number, cells in rows(path, result.report):
        if number > 1:
            writer.row(number, cells)
            written += 1
    return written


def _copy(path: Path, resolver: Resolver, result: ReadResult, out: TextIO) -> None:
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
                path.name,
            )
        )
        return
    result.counts[path.name] = copy_rdf_file(
        path, graph, named, resolver.exists, out, result.report
    )
