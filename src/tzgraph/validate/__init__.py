"""Validation: what the shapes find in the asserted graph, and in which cell it stands.

:mod:`~tzgraph.validate.shacl` checks, :mod:`~tzgraph.validate.locate` finds the cells,
:mod:`~tzgraph.validate.report` writes the findings down.
"""

from __future__ import annotations

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

__all__ = [
    "CellIndex",
    "Located",
    "ShaclReport",
    "ShaclResult",
    "StoreCellIndex",
    "as_json",
    "as_text",
    "check_graph",
    "load_shapes",
    "locate_results",
    "report_rdf",
    "to_findings",
    "validate_graph",
]
