"""What a release says of itself, counted on its store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from tzgraph.read import ReadResult
from tzgraph.release.integrity import Expected
from tzgraph.release.manifest import Manifest
from tzgraph.schema import Schema
from tzgraph.vocabulary import DCTERMS, RDF, RDFS, TZ, Graphs

__all__ = ["describe"]

_TYPE = ox.NamedNode(RDF + "type")


def describe(
    store: ox.Store,
    schema: Schema,
    result: ReadResult,
    quads: int,
    files: Mapping[str, Expected],
) -> Manifest:
    """Give the manifest of a release.

    :param store: everything that it holds
    :param schema: what its ontology says
    :param result: what reading its sources gave
    :param quads: number of quads in all
    :param files: the files beside the store, by name
    """
    graphs: Counter[str] = Counter()
    for name in sorted(store.named_graphs(), key=str):
        if isinstance(name, ox.NamedNode):
            graphs[name.value] = _count(store, f"GRAPH {name} {{ ?s ?p ?o }}")
    triples = quads - graphs.total()
    classes: dict[str, int] = {}
    for iri in sorted(schema.classes):
        if count := _count(store, f"?s {_TYPE} <{iri}>"):
            classes[iri] = count
    from importlib.metadata import version  # slow to import, and no query needs it

    return Manifest.named(
        version=version("tzgraph"),
        ontology_version=schema.version,
        engine=f"pyoxigraph {version('pyoxigraph')}",
        triples=triples,
        quads=quads,
        graphs=dict(sorted(graphs.items())),
        classes=classes,
        prefixes=dict(schema.prefixes),
        kinds=schema.id_bases,
        sources=tuple(_sources(store, result)),
        files={name: file.sha256 for name, file in sorted(files.items())},
        sizes={name: file.size for name, file in sorted(files.items())},
    )


def _count(store: ox.Store, pattern: str) -> int:
    """Count the matches of a pattern, none of which becomes a Python object."""
    found = store.query(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
    if isinstance(found, ox.QuerySolutions):
        for row in found:
            if isinstance(row[0], ox.Literal):
                return int(row[0].value)
    return 0


def _sources(store: ox.Store, result: ReadResult) -> Iterator[dict[str, str]]:
    metadata = ox.NamedNode(Graphs.METADATA)
    wanted = {"label": RDFS + "label", "license": DCTERMS + "license"}
    for slug, info in sorted(result.sources.items()):
        described = {"slug": slug, "graph": info.graph, "role": TZ + info.role}
        for key, predicate in wanted.items():
            quads = store.quads_for_pattern(
                ox.NamedNode(info.graph), ox.NamedNode(predicate), None, metadata
            )
            for quad in quads:
                if isinstance(quad.object, ox.Literal | ox.NamedNode):
                    described[key] = quad.object.value
        yield described
