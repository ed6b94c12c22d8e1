"""Check mappings against ontology files and other people's mapping sets."""

from __future__ import annotations

from tzgraph.link.check.model import Checked, CheckReport, Problem, Status
from tzgraph.link.check.run import check_links

__all__ = ["CheckReport", "Checked", "Problem", "Status", "check_links"]
