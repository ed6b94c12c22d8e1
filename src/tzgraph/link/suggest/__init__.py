"""Suggestions of links, each with a score and its reasons; nothing is written into the graph."""

from __future__ import annotations

from tzgraph.link.suggest.model import Evidence, Suggestion
from tzgraph.link.suggest.run import SuggestOptions, suggest_links

__all__ = ["Evidence", "SuggestOptions", "Suggestion", "suggest_links"]
