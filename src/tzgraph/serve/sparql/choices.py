"""What parameters of a query can be chosen from: the things of their classes, if they are few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.curies import Curies
from tzgraph.errors import TzgraphError
from tzgraph.query.library import Parameter
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.client import ask_rows
from tzgraph.serve.sparql.labels import TIMEOUT_S
from tzgraph.vocabulary import OWL, RDFS

__all__ = ["MOST_CHOICES", "choices_for"]

#: Things of a class that are listed; of more, none is.
MOST_CHOICES = 250
_LONGEST = 300


async def choices_for(
    request: Request, service: Service, parameters: Iterable[Parameter]
) -> Mapping[str, Mapping[str, str]]:
    """Give the things that parameters can be chosen from: label by IRI, by type of the parameter.

    Asked for in one query, whose failure only leaves fields for text.

    :raises ProblemError: if the client leaves
    """
    curies = service.release.manifest.curies
    classes = _classes(parameters, curies)
    if not classes:
        return {}
    groups = [
        f"{{ SELECT ({ox.Literal(name)} AS ?type) ?thing ?label {{ {{ SELECT DISTINCT ?thing {{"
        f" ?thing a {ox.NamedNode(iri)} FILTER NOT EXISTS {{ ?thing <{OWL}deprecated> true }} }}"
        f" LIMIT {MOST_CHOICES + 1} }} OPTIONAL {{ ?thing <{RDFS}label> ?label }} }} }}"
        for name, iri in classes.items()
    ]
    text = f"SELECT ?type ?thing ?label {{ {' UNION '.join(groups)} }}"
    try:
        rows = await ask_rows(
            request, service, text, window=Window(cell=_LONGEST), timeout_s=TIMEOUT_S
        )
    except TzgraphError:
        return {}
    return {name: few for name, few in _by_type(rows, curies).items() if len(few) <= MOST_CHOICES}


def _classes(parameters: Iterable[Parameter], curies: Curies) -> dict[str, str]:
    found = {}
    for parameter in parameters:
        if parameter.is_class and (iri := curies.expand(parameter.type)):
            found[parameter.type] = iri
    return found


def _by_type(rows: Iterable[Row], curies: Curies) -> dict[str, dict[str, str]]:
    """Sort things into types, with one label each: the English one, else the first."""
    found: dict[str, dict[str, tuple[bool, str]]] = {}
    for row in rows:
        kind, thing, label = row["type"], row["thing"], row.get("label")
        if not (isinstance(kind, ox.Literal) and isinstance(thing, ox.NamedNode)):
            continue
        ranked = True, curies.compact(thing.value)
        if isinstance(label, ox.Literal) and label.value:
            ranked = label.language not in ("en", None), label.value
        of_type = found.setdefault(kind.value, {})
        of_type[thing.value] = min(of_type.get(thing.value, ranked), ranked)
    return {
        name: {iri: label for iri, (_, label) in things.items()} for name, things in found.items()
    }
