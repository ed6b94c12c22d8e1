"""The conforming graph of the tests, and the changes of ``failing.txt`` that break it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rdflib import Graph

from tzgraph.vocabulary import GRAPH, ID, PROV, RDF, RDFS, SKOS, TZ, XSD

__all__ = ["PREFIXES", "Case", "changed", "conforming", "read_cases", "short"]

HERE = Path(__file__).parent
PREFIXES = {
    "tz": TZ,
    "id": ID,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "prov": PROV,
    "xsd": XSD,
    "dcterms": "http://purl.org/dc/terms/",
}
_HEADER = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
_OURS = re.compile(r"(?<![\w:/<.])([a-z]+/[A-Za-z0-9.-]+)")
_GRAPH = re.compile(r"graph:([a-z]+/[a-z0-9-]+)")


@dataclass(frozen=True)
class Case:
    """A change to the conforming graph, and the results it has: shape, focus, path, severity."""

    line: int
    shape: str
    changes: tuple[str, ...]
    severity: str
    focus: str
    path: str
    others: frozenset[tuple[str, str]]

    def __str__(self) -> str:
        return f"{self.shape}:{self.line}"


def conforming() -> Graph:
    """Read the graph that conforms: all files of it, as one."""
    graph = Graph()
    for path in sorted(HERE.glob("conforming*.ttl")):
        graph.parse(path)
    return graph


def read_cases() -> list[Case]:
    """Read ``failing.txt`` and the files beside it, whose lines are counted on."""
    cases = []
    text = "".join(path.read_text("utf-8") for path in sorted(HERE.glob("failing*.txt")))
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        parts = [p.replace("\\|", "|").strip() for p in re.split(r"(?<!\\)\|", line)]
        shape, severity, changes, focus, path, others = [*parts, "", "", ""][:6]
        edits = tuple(edit.strip() for edit in changes.split(" ; "))
        subject, predicate = edits[0].split()[:2]
        found = (pair.strip().split("@") for pair in others.split(",") if pair.strip())
        cases.append(
            Case(
                line=number,
                shape=shape,
                changes=edits,
                severity={"W": "warning", "V": "violation"}[severity],
                focus=focus or subject,
                path="" if path == "-" else path or predicate,
                others=frozenset((name, node) for name, node in found),
            )
        )
    return cases


def changed(graph: Graph, changes: tuple[str, ...]) -> Graph:
    """Apply changes to a graph, in place."""
    turtle = ""
    for change in changes:
        subject, predicate, sign, objects = [*change.split(maxsplit=3), ""][:4]
        if predicate == "a":
            sign, objects = "+", sign
        if sign == "=":
            probe = Graph().parse(data=_HEADER + _iris(f"{subject} {predicate} 0 ."))
            ((node, term, _),) = probe
            graph.remove((node, term, None))
        if objects != "_":
            turtle += _iris(f"{subject} {predicate} {objects} .\n")
    return graph.parse(data=_HEADER + turtle)


def short(iri: str) -> str:
    """Write IRIs in a text the way ``failing.txt`` does."""
    text = re.sub(r"<([^<>]*)>", r"\1", iri).replace(GRAPH, "graph:").replace(ID, "")
    for prefix, namespace in PREFIXES.items():
        text = text.replace(namespace, prefix + ":")
    return text


def _iris(text: str) -> str:
    """Write out the IRIs of things and graphs, outside literals."""
    pieces = re.split(r'("[^"]*"|<[^>]*>)', text)
    for position in range(0, len(pieces), 2):
        piece = _GRAPH.sub(rf"<{GRAPH}\1>", pieces[position])
        pieces[position] = _OURS.sub(rf"<{ID}\1>", piece)
    return "".join(pieces)
