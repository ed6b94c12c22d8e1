"""Validation: what the shapes find in the asserted graph, and in which cell it stands.

:mod:`~tzgraph.validate.sparql` checks, with :mod:`~tzgraph.validate.shacl` (pySHACL) as the
reference and where shapes have no translation, :mod:`~tzgraph.validate.locate` finds the cells,
:mod:`~tzgraph.validate.report` writes the findings down.
"""

from __future__ import annotations

from tzgraph.validate.engine import EngineReport, ShaclEngine, check_with
from tzgraph.validate.locate import (
    CellIndex,
    Located,
    StoreCellIndex,
    locate_results,
    to_findings,
)
from tzgraph.validate.report import as_json, as_text, report_rdf
from tzgraph.validate.shacl import (
    ShaclReport,
    ShaclResult,
    check_graph,
    load_shapes,
    validate_graph,
)
from tzgraph.validate.sparql import UntranslatableShapesError, check_quads, check_store
from tzgraph.validate.statements import Statements, StoreStatements

__all__ = [
    "CellIndex",
    "EngineReport",
    "Located",
    "ShaclEngine",
    "ShaclReport",
    "ShaclResult",
    "Statements",
    "StoreCellIndex",
    "StoreStatements",
    "UntranslatableShapesError",
    "as_json",
    "as_text",
    "check_graph",
    "check_quads",
    "check_store",
    "check_with",
    "load_shapes",
    "locate_results",
    "report_rdf",
    "to_findings",
    "validate_graph",
]
