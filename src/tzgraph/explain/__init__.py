"""Say why a triple is in the graph: the cells it came from, or the rule and its premises."""

from tzgraph.explain.text import as_text
from tzgraph.explain.tree import Explainer, Explanation, Origin, Status

__all__ = ["Explainer", "Explanation", "Origin", "Status", "as_text"]
