"""Turtle that people can read: sorted, prefixed, a block for each thing, nested expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from itertools import groupby

import pyoxigraph as ox

from tzgraph.curies import Curies

__all__ = ["turtle_body", "turtle_prefixes"]

_BATCH = 1_000


def turtle_prefixes(prefixes: Mapping[str, str]) -> bytes:
    """Give the prefix declarations."""
    lines = [f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in sorted(prefixes.items())]
    return "".join(lines).encode()


def turtle_body(
    triples: Callable[[], Iterable[ox.Triple]], prefixes: Mapping[str, str]
) -> Iterator[bytes]:
    """Give triples as Turtle without prefix declarations, block by block.

    :param triples: gives the triples, sorted by subject, each time it is called
    :param prefixes: the prefixes that the document declares
    """
    nesting = {t.subject for t in triples() if isinstance(t.object, ox.BlankNode)}
    nested: list[ox.Triple] = []
    batch: list[ox.Triple] = []
    for subject, group in groupby(triples(), key=lambda t: t.subject):
        if isinstance(subject, ox.BlankNode) or subject in nesting:
            nested.extend(group)
            continue
        batch.extend(group)
        if len(batch) >= _BATCH:
            yield _flat(batch, prefixes)
            batch = []
    if batch:
        yield _flat(batch, prefixes)
    if nested:
        yield _nested(nested, prefixes)


def _flat(triples: list[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    text = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=dict(prefixes)) or b""
    lines = []
    for line in text.splitlines():
        if line.startswith(b"@prefix"):
            continue
        # A line that doesn't begin with a blank begins a new subject.
        lines.append(line if line.startswith((b" ", b"\t")) else b"\n" + line)
    return b"\n".join(lines) + b"\n"


def _nested(triples: list[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    from rdflib import Literal
    from rdflib.plugins.serializers.turtle import TurtleSerializer
    from rdflib.term import Node

    from tzgraph.interop import as_oxigraph, rdflib_graph

    class Serializer(TurtleSerializer):
        """Writes each literal as it is and on one line; rdflib writes the decimal 1 as 1.0."""

        def label(self, node: Node, position: int) -> str:
            if not isinstance(node, Literal):
                return str(super().label(node, position))
            text = str(as_oxigraph(node))
            if node.datatype is None:
                return text
            quoted, sign, _datatype = text.rpartition("^^")
            datatype = str(node.datatype)
            return quoted + sign + (curies.prefixed_name(datatype) or f"<{datatype}>")

    curies = Curies(prefixes)
    graph = rdflib_graph(triples)
    for prefix, iri in prefixes.items():
        graph.bind(prefix, iri, override=True, replace=True)
    out = BytesIO()
    Serializer(graph).serialize(out, encoding="utf-8")
    lines = [line for line in out.getvalue().split(b"\n") if not line.startswith(b"@prefix")]
    return b"\n" + b"\n".join(lines).strip(b"\n") + b"\n"
