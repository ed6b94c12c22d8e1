"""Check mappings against ontology files and other people's mapping sets."""

from __future__ import annotations

from tzgraph.link.check.model import CheckedLink, CheckReport, LinkProblem, LinkStatus
from tzgraph.link.check.run import check_links

__all__ = ["CheckReport", "CheckedLink", "LinkProblem", "LinkStatus", "check_links"]
