"""Findings for what axioms forbid: the cells that together make a thing inconsistent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pyoxigraph as ox

from tzgraph.errors import Finding, Severity
from tzgraph.explain import Explainer, Explanation
from tzgraph.read.lookup import CellLookup
from tzgraph.read.provenance import CellRef
from tzgraph.reason import Inconsistency, Rule

__all__ = ["findings_of"]

#: Cells named in one finding at most.
_CELLS = 6


def findings_of(
    hits: Sequence[Inconsistency],
    store: ox.Store,
    rules: Sequence[Rule],
    compact: Callable[[str], str],
) -> Iterator[Finding]:
    """Give a finding for each inconsistency, at a cell that brings it about.

    :param hits: what the checks found
    :param store: the store they ran on
    :param rules: the rules that derived what it holds
    :param compact: writes an IRI in short
    """
    explainer = Explainer(store, rules)
    places = CellLookup(store)
    for hit in hits:
        thing = ox.NamedNode(hit.thing.strip("<>"))
        cells = sorted(set(_cells(hit, explainer)), key=lambda cell: cell.sort_key)
        home = places.home(thing)
        # A cell of the thing's own row is nearest to the mistake; the id cell states only the
        # class of the table.
        place = min(cells, key=partial(_distance, home), default=home)
        named = ", ".join(f"{c.file}:{c.row}:{c.column}" for c in cells[:_CELLS])
        yield Finding(
            Severity.VIOLATION,
            hit.check.name,
            f"{compact(thing.value)}: {hit.check.title}",
            f"The ontology says: {hit.check.axiom}."
            + (f" It follows from {named}: correct one of them." if named else ""),
            place.file if place else "",
            place.row if place else None,
            place.column if place else None,
        )


def _distance(home: CellRef | None, cell: CellRef) -> tuple[bool, bool]:
    own = home is not None and (cell.file, cell.row) == (home.file, home.row)
    return not own, cell.column == 1


def _cells(hit: Inconsistency, explainer: Explainer) -> Iterator[CellRef]:
    for pattern in hit.check.body:
        terms = [
            hit.thing if term == "?x" else term
            for term in (pattern.subject, pattern.predicate, pattern.object)
        ]
        if not any(term.startswith("?") for term in terms):
            yield from _leaves(explainer.explain(*terms))


def _leaves(node: Explanation) -> Iterator[CellRef]:
    for origin in node.origins:
        if origin.cell is not None:
            yield origin.cell
    for premise in node.premises:
        yield from _leaves(premise)
