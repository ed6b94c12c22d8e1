"""The plan of a query: what it asks for, how much of that there is, and how it is answered.

The engine tells nothing of its own plan, so nothing of it is told here: counts are asked of it, the
rewrites are ours, and the time is measured.
"""

from tzgraph.query.plan.planner import advice_on, measure, plan_query, sums_up

__all__ = ["advice_on", "measure", "plan_query", "sums_up"]
