"""RDF files as sources: Turtle, N-Triples and TriG, checked for what the graph doesn't allow."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

import pyoxigraph as ox

from tzgraph.errors import Finding, Severity, UnsafeDataError
from tzgraph.literals import LiteralChanges
from tzgraph.parsing import open_regular, parse_rdf
from tzgraph.read.provenance import cell_base
from tzgraph.read.table import FindingSink
from tzgraph.terms import NO_XML
from tzgraph.vocabulary import PROV, RDF, Graphs

__all__ = ["copy_rdf_file", "described"]

_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".trig": ox.RdfFormat.TRIG,
}


def copy_rdf_file(
    path: Path,
    graph: ox.NamedNode | None,
    named: Mapping[str, bool],
    exists: Callable[[str], bool],
    out: TextIO,
    report: FindingSink,
) -> int:
    """Copy the triples of an RDF file to a file of N-Quads.

    :param path: the file; its suffix gives the syntax
    :param graph: the source's graph for triples that name none
    :param named: graphs of sources, the only ones that TriG may name; true where accepted
    :param exists: says whether an IRI of ours names something
    :param out: takes the N-Quads
    :param report: takes findings: syntax errors, blank nodes, foreign graphs, literals that the
        store will give back in another way
    :return: number of triples copied
    """
    copied = 0
    graphs: set[str] = set()
    reported: set[tuple[str, str]] = set()
    changes = LiteralChanges()
    try:
        for quad in _quads(path):
            target = quad.graph_name if isinstance(quad.graph_name, ox.NamedNode) else graph
            problem = _problem(quad, target, named, exists)
            if problem is not None:
                if problem[:2] not in reported:
                    reported.add(problem[:2])
                    code, message, hint = problem
                    report(Finding(Severity.VIOLATION, code, message, hint, path.name))
                continue
            if target is None:
                continue
            if type(value := quad.object) is ox.Literal:
                changes.see(value)
            out.write(f"{ox.Quad(quad.subject, quad.predicate, quad.object, target)} .\n")
            if named[target.value]:
                out.write(f"{ox.Triple(quad.subject, quad.predicate, quad.object)} .\n")
            graphs.add(target.value)
            copied += 1
    except (SyntaxError, OSError, UnsafeDataError) as error:
        report(_unreadable(path, error))
        return copied
    if changes.first is not None:
        report(Finding(Severity.WARNING, "literal-changes", *changes.told, path.name))
    base = cell_base(path.name)
    for name in sorted(graphs):
        out.write(f"<{base}> <{PROV}hadPrimarySource> <{name}> <{Graphs.PROVENANCE}> .\n")
    return copied


def described(path: Path) -> Iterator[str]:
    """Give the IRIs of ours that an RDF file describes: those that it gives a type.

    What can't be read is left to :func:`copy_rdf_file` to report.
    """
    with contextlib.suppress(SyntaxError, OSError, UnsafeDataError):
        for quad in _quads(path):
            subject = quad.subject
            if quad.predicate.value == RDF + "type" and isinstance(subject, ox.NamedNode):
                yield subject.value


def _quads(path: Path) -> Iterator[ox.Quad]:
    return parse_rdf(lambda: open_regular(path), _FORMATS[path.suffix])


def _problem(
    quad: ox.Quad,
    target: ox.NamedNode | None,
    named: Mapping[str, bool],
    exists: Callable[[str], bool],
) -> tuple[str, str, str] | None:
    """Code, message and hint of what is wrong with a triple, or ``None``."""
    if target is None or target.value not in named:
        return (
            "unknown-source",
            f"The graph {quad.graph_name} is no graph of a source.",
            "Name graphs https://w3id.org/tzgraph/graph/source/<id of sources.tsv>.",
        )
    if isinstance(quad.object, ox.Literal) and (unfit := NO_XML.search(quad.object.value)):
        return (
            "control-character",
            f"A value contains a character that no XML can hold, U+{ord(unfit[0]):04X}, "
            f"of {quad.subject}.",
            "Remove it.",
        )
    if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
        return (
            "blank-node",
            "The file contains blank nodes, which have no name that stays.",
            "Give every node an IRI.",
        )
    if isinstance(quad.object, ox.NamedNode) and not exists(quad.object.value):
        return (
            "dangling-id",
            f"{quad.object} is described nowhere and is no term of the ontology.",
            "Describe it, or correct the IRI.",
        )
    return None


def _unreadable(path: Path, error: SyntaxError | OSError | UnsafeDataError) -> Finding:
    if isinstance(error, UnsafeDataError):
        return Finding(
            Severity.VIOLATION,
            error.finding,
            error.message,
            error.hint,
            path.name,
            error.line,
            error.column,
            unreadable=True,
        )
    if isinstance(error, OSError) and error.strerror:
        return Finding(
            Severity.VIOLATION,
            "unreadable-file",
            f"The file can't be read: {error.strerror}.",
            "Check that it is a file, no folder, pipe or device, and may be read.",
            path.name,
            unreadable=True,
        )
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
