"""RDF files as sources: Turtle, N-Triples and TriG, checked for what the graph doesn't allow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import pyoxigraph as ox

from tzgraph.errors import Finding, Severity
from tzgraph.read.places import cell_base
from tzgraph.read.table import Report
from tzgraph.vocabulary import PROV, Graphs

__all__ = ["copy_rdf_file"]

_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".trig": ox.RdfFormat.TRIG,
}


def copy_rdf_file(
    path: Path,
    graph: ox.NamedNode | None,
    named: Mapping[str, bool],
    out: TextIO,
    report: Report,
) -> int:
    """Copy the triples of an RDF file to a file of N-Quads.

    :param path: the file; its suffix gives the syntax
    :param graph: the source's graph for triples that name none
    :param named: graphs of sources, the only ones that TriG may name; true where accepted
    :param out: takes the N-Quads
    :param report: takes findings: syntax errors, blank nodes, foreign graphs
    :return: number of triples copied
    """
    copied = 0
    graphs: set[str] = set()
    blank = foreign = term = False
    try:
        for quad in ox.parse(path=path, format=_FORMATS[path.suffix]):
            target = quad.graph_name if isinstance(quad.graph_name, ox.NamedNode) else graph
            if target is None or target.value not in named:
                foreign = foreign or _foreign(path, str(quad.graph_name), report)
                continue
            if isinstance(quad.object, ox.Triple):
                term = term or _triple_term(path, report)
                continue
            if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
                blank = blank or _blank(path, report)
                continue
            out.write(f"{ox.Quad(quad.subject, quad.predicate, quad.object, target)} .\n")
            if named[target.value]:
                out.write(f"{ox.Triple(quad.subject, quad.predicate, quad.object)} .\n")
            graphs.add(target.value)
            copied += 1
    except (SyntaxError, OSError) as error:
        report(_unreadable(path, error))
        return copied
    base = cell_base(path.name)
    for name in sorted(graphs):
        out.write(f"<{base}> <{PROV}hadPrimarySource> <{name}> <{Graphs.PROVENANCE}> .\n")
    return copied


def _foreign(path: Path, name: str, report: Report) -> bool:
    report(
        Finding(
            Severity.VIOLATION,
            "unknown-source",
            f"The graph {name} is no graph of a source.",
            "Name graphs https://w3id.org/tzgraph/graph/source/<id of sources.tsv>.",
            path.name,
        )
    )
    return True


def _blank(path: Path, report: Report) -> bool:
    report(
        Finding(
            Severity.VIOLATION,
            "blank-node",
            "The file contains blank nodes, which have no name that stays.",
            "Give every node an IRI.",
            path.name,
        )
    )
    return True


def _triple_term(path: Path, report: Report) -> bool:
    report(
        Finding(
            Severity.VIOLATION,
            "triple-term",
            "The file contains triple terms of RDF 1.2, which not all formats can hold.",
            "State evidence or claims in tables, with rdf:subject, rdf:predicate, rdf:object.",
            path.name,
        )
    )
    return True


def _unreadable(path: Path, error: SyntaxError | OSError) -> Finding:
    place = re.search(r"line (\d+) (?:column|between columns) (\d+)", str(error))
    row, column = (int(group) for group in place.groups()) if place else (None, None)
    return Finding(
        Severity.VIOLATION,
        "unreadable-file",
        f"The file can't be read as RDF: {error}.",
        "Correct it at the place named.",
        path.name,
        row,
        column,
        unreadable=True,
    )
