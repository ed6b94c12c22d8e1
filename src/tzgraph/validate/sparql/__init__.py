"""SHACL as SPARQL: the shapes run as queries on an Oxigraph store.

A shape is read (:mod:`.parse`), its constraints become expressions (:mod:`.expressions`), these
become queries (:mod:`.probes`), and :mod:`.run` runs them on a scratch store (:mod:`.graph`).
"""

from __future__ import annotations

from tzgraph.validate.sparql.model import UntranslatableShapesError
from tzgraph.validate.sparql.run import check_quads, check_store

__all__ = ["UntranslatableShapesError", "check_quads", "check_store"]
