"""What is meant by an IRI that occurs nowhere, if that is certain.

The terms of the ontology are found but for a slip of the hand, all other things by labels and
synonyms, as :mod:`tzgraph.names` has it. Of several there is none: a wrong suggestion is worse.
"""

from __future__ import annotations

from dataclasses import replace

import pyoxigraph as ox

from tzgraph.names.lookup import Lookup, meant
from tzgraph.names.resolver import NameResolver
from tzgraph.names.slips import is_slip
from tzgraph.query.plan.model import AbsentIri, QueryPlan
from tzgraph.query.plan.patterns import IriRole
from tzgraph.resources import own_query
from tzgraph.vocabulary import TZ

__all__ = ["MAX_LOOKED_UP", "nearest", "with_nearest"]

#: IRIs of a query for which one is looked for that may be meant.
MAX_LOOKED_UP = 10
_TERMS = own_query("query/plan", "terms")
_PROPERTY, _CLASS = "property", "class"


def nearest(absent: AbsentIri, names: NameResolver) -> Lookup[str | None]:
    """Look up the IRI that is meant by one that occurs nowhere.

    :return: ``None`` unless there is one only, which fits what the IRI is in the query
    """
    if absent.roles & {IriRole.GRAPH, IriRole.DATASET}:
        return None
    if absent.iri.startswith(TZ) and (found := (yield from _term(absent))):
        return found
    hits = yield from meant(names, "", absent.iri)
    fitting = {hit.iri for hit in hits if _fits(hit.kind, absent.roles)}
    return fitting.pop() if len(fitting) == 1 else None


def with_nearest(plan: QueryPlan, names: NameResolver) -> Lookup[QueryPlan]:
    """Look up what is meant by the IRIs of a query that occur nowhere."""
    found = []
    for number, absent in enumerate(plan.absent):
        if number < MAX_LOOKED_UP and not absent.elsewhere:
            absent = replace(absent, nearest=(yield from nearest(absent, names)))
        found.append(absent)
    return replace(plan, absent=tuple(found))


def _term(absent: AbsentIri) -> Lookup[str | None]:
    """Look up the term of the ontology that is written in another case, or with a slip."""
    rows = yield _TERMS
    written = absent.iri.removeprefix(TZ)
    same, slips = set(), set()
    for row in rows:
        term, kind = row.get("term"), row.get("kind")
        if not isinstance(term, ox.NamedNode) or not isinstance(kind, ox.Literal):
            continue
        name = term.value.removeprefix(TZ)
        if _fits(kind.value, absent.roles):
            if name.lower() == written.lower():
                same.add(term.value)
            elif is_slip(written.lower(), name.lower()):
                slips.add(term.value)
    found = same or slips
    return found.pop() if len(found) == 1 else None


def _fits(kind: str, roles: frozenset[IriRole]) -> bool:
    """Say whether a thing of a kind can be what an IRI is in a query."""
    if IriRole.PREDICATE in roles:
        return kind == _PROPERTY and roles <= {IriRole.PREDICATE, IriRole.TERM}
    if IriRole.CLASS in roles:
        return kind == _CLASS
    return kind not in (_PROPERTY, _CLASS)
