"""Say why a triple is in the graph: the cells it came from, or the rule and its premises."""

from tzgraph.explain.comparison import ClaimComparison
from tzgraph.explain.model import Explanation, Origin, TripleStatus
from tzgraph.explain.text import as_text
from tzgraph.explain.tree import Explainer

__all__ = ["ClaimComparison", "Explainer", "Explanation", "Origin", "TripleStatus", "as_text"]
