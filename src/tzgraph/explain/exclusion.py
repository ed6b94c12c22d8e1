"""Why a triple that is not in the graph does not hold, where the graph can say so.

What a graph does not hold is unknown. It is false only where an axiom excludes it beside what the
graph does hold, or where the graph lists all values of the property (``tz:listedInFull``).
"""

from __future__ import annotations

import pyoxigraph as ox

from tzgraph.explain.about import found_about

__all__ = ["Exclusion", "find_exclusion"]

#: A sentence, and the triple that holds instead, in N-Triples syntax.
Exclusion = tuple[str, tuple[str, str, str]]

_WHY = {
    "one value": "the property has one value",
    "one subject": "the value belongs to one thing",
    "listed in full": "the graph lists all values of the property",
    "disjoint properties": "the properties exclude each other",
    "asymmetric": "the property does not lead there and back",
    "irreflexive": "the property does not lead from a thing to itself",
    "disjoint classes": "the classes have no member in common",
}


def find_exclusion(store: ox.Store, triple: tuple[str, str, str]) -> Exclusion | None:
    """Give what excludes a triple that is absent, or ``None`` where it is only not known.

    :param store: the store of a release, with the ontology in the default graph
    :param triple: its terms in N-Triples syntax
    """
    for row in found_about(store, "excluded", triple):
        instead = tuple(str(row[name]) for name in ("subject", "predicate", "object"))
        return _WHY[getattr(row["why"], "value", "")], (instead[0], instead[1], instead[2])
    return None
