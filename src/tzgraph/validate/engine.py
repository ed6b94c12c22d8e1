"""Which engine checks: shapes as SPARQL on the store, or pySHACL, the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tzgraph.errors import Finding, Severity
from tzgraph.interop import rdflib_graph
from tzgraph.validate.shacl import ShaclReport, check_graph
from tzgraph.validate.sparql import UntranslatableShapesError, check_store
from tzgraph.validate.sparql.graph import asserted_triples

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["EngineReport", "ShaclEngine", "check_with"]


class ShaclEngine(StrEnum):
    """The engines: ``sparql`` is fast and the default; ``pyshacl`` is the reference."""

    SPARQL = "sparql"
    PYSHACL = "pyshacl"


@dataclass(frozen=True, slots=True)
class EngineReport:
    """A report, the engine that made it, and a finding if it isn't the one asked for."""

    report: ShaclReport
    engine: ShaclEngine
    findings: tuple[Finding, ...] = ()


def check_with(
    engine: ShaclEngine,
    store: ox.Store,
    graphs: Sequence[str],
    shapes: Graph,
    ontology: str,
    folder: Path | None = None,
) -> EngineReport:
    """Check graphs of a store; shapes that can't be translated are given to pySHACL.

    :param graphs: names of the graphs to check, together as one data graph
    :param ontology: name of the graph with the ontology
    :param folder: where a large scratch store may be made
    :raises InputUnreadableError: if a shape is not well formed
    """
    findings: tuple[Finding, ...] = ()
    if engine is ShaclEngine.SPARQL:
        try:
            report = check_store(store, graphs, shapes, ontology, folder=folder)
            return EngineReport(report, ShaclEngine.SPARQL)
        except UntranslatableShapesError as error:
            message = f"{error.message} pySHACL checked instead, which takes longer."
            hint = "See docs/decisions/0006-shapes-run-as-sparql.md for what can't be translated."
            findings = (Finding(Severity.WARNING, error.code, message, hint),)
    data = rdflib_graph(asserted_triples(store, graphs))
    context = store.quads_for_pattern(None, None, None, ox.NamedNode(ontology))
    return EngineReport(
        check_graph(data, shapes, rdflib_graph(context)), ShaclEngine.PYSHACL, findings
    )
