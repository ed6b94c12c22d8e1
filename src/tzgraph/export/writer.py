"""Exports: the same release gives the same bytes, in every syntax.

What is written comes from the sorted N-Quads of the release (of its store, if it was updated), as a
stream; Oxigraph's serialisers keep that order. Turtle and TriG nest the class expressions
of the ontology, which are the only blank nodes, with rdflib.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import pyoxigraph as ox

from tzgraph.errors import UsageError
from tzgraph.export.turtle import turtle_body, turtle_prefixes
from tzgraph.query import formats as query_formats
from tzgraph.query.xml import write_graph
from tzgraph.release.reader import Release
from tzgraph.vocabulary import GRAPH

__all__ = ["FORMATS", "export"]

_Quads = Callable[[], Iterator[ox.Quad]]

#: The syntaxes by name: those of the graphs that queries give.
FORMATS: Mapping[str, ox.RdfFormat] = {
    form.name: form.graph for form in query_formats.FORMATS if form.graph is not None
}
#: Quads in memory while they are divided by graph.
_BATCH = 50_000


def export(release: Release, name: str, out: IO[bytes], *, graph: str | None = None) -> None:
    """Write a release.

    Syntaxes for triples give the default view, those for quads all graphs.

    :param release: the release
    :param name: a key of :data:`FORMATS`
    :param out: takes the bytes
    :param graph: IRI of a named graph, or its name below ``https://w3id.org/tzgraph/graph/``
    :raises UsageError: if there is no such format or graph
    """
    if name not in FORMATS:
        near = get_close_matches(name, FORMATS, 1)
        raise UsageError(
            f"There is no export format “{name}”.",
            f"Did you mean “{near[0]}”?" if near else f"There are {', '.join(FORMATS)}.",
        )
    form = FORMATS[name]
    wanted: ox.NamedNode | ox.DefaultGraph | None = (
        None if form.supports_datasets else ox.DefaultGraph()
    )
    if graph is not None:
        wanted = ox.NamedNode(graph_iri(graph, release.graphs()))

    with release.sorted_quads() as path:

        def quads() -> Iterator[ox.Quad]:
            parsed = ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS)
            return (q for q in parsed if wanted is None or q.graph_name == wanted)

        prefixes = release.manifest.prefixes
        if form == ox.RdfFormat.TURTLE:
            _turtle(quads, prefixes, out)
        elif form == ox.RdfFormat.TRIG:
            _trig(quads, prefixes, out)
        elif form.supports_datasets:
            ox.serialize(quads(), out, form, prefixes=dict(prefixes))
        else:
            write_graph((quad.triple for quad in quads()), out, form, prefixes)


def graph_iri(name: str, graphs: Iterable[str]) -> str:
    """Give the IRI of a graph from its IRI or its name.

    :raises UsageError: if there is no such graph
    """
    known = sorted(graphs)
    for iri in (name.strip("<>"), GRAPH + name):
        if iri in known:
            return iri
    short = [iri.removeprefix(GRAPH) for iri in known]
    near = get_close_matches(name.removeprefix(GRAPH), short, 1)
    raise UsageError(
        f"There is no graph “{name}”.",
        f"Did you mean “{near[0]}”?" if near else f"There are {', '.join(short)}.",
    )


def _turtle(quads: _Quads, prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    out.write(turtle_prefixes(prefixes))
    for block in turtle_body(lambda: (q.triple for q in quads()), prefixes):
        out.write(block)


def _trig(quads: _Quads, prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    out.write(turtle_prefixes(prefixes))
    with TemporaryDirectory() as folder:
        for name, path in sorted(_divide(quads(), Path(folder)).items()):
            opening = "{\n" if name == "DEFAULT" else f"{name} {{\n"
            out.write(b"\n" + opening.encode())

            def triples(path: Path = path) -> Iterator[ox.Triple]:
                return (q.triple for q in ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES))

            for block in turtle_body(triples, prefixes):
                out.write(block)
            out.write(b"}\n")


def _divide(quads: Iterator[ox.Quad], folder: Path) -> dict[str, Path]:
    """Write the triples of each graph into a file of N-Triples, in their order."""
    files: dict[str, Path] = {}
    # There may be more graphs than files that can be open at once.
    while some := list(islice(quads, _BATCH)):
        parts: dict[str, list[ox.Triple]] = {}
        for quad in some:
            parts.setdefault(str(quad.graph_name), []).append(quad.triple)
        for name, triples in parts.items():
            with files.setdefault(name, folder / f"{len(files)}.nt").open("ab") as stream:
                ox.serialize(triples, stream, ox.RdfFormat.N_TRIPLES)
    return files
