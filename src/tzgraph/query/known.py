"""Tell a parameter that names nothing from one whose answer is empty."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.errors import UsageError
from tzgraph.query.binding import parse_iri
from tzgraph.query.library import QueryFile
from tzgraph.terms import Term

__all__ = ["check_known"]


def check_known(
    query: QueryFile,
    terms: Mapping[ox.Variable, Term],
    store: ox.Store,
    curies: Curies,
) -> None:
    """Make sure that values of parameters that take things of a class are described.

    :param query: the query, with its parameters
    :param terms: its values, as :func:`tzgraph.query.binding.bind` gives them
    :param store: the graph
    :param curies: reads the classes' CURIEs
    :raises UsageError: naming the nearest id of the class, if a value is described nowhere
    """
    for parameter in query.parameters:
        term = terms.get(ox.Variable(parameter.name))
        if not parameter.is_class or not isinstance(term, ox.NamedNode):
            continue
        if next(iter(store.quads_for_pattern(term, None, None, None)), None) is not None:
            continue
        of_class = parse_iri(parameter.type, curies)
        found = store.query(f"SELECT DISTINCT ?thing {{ ?thing a {of_class} }}")
        slugs = sorted(
            str(row[0]).strip("<>").rsplit("/", 1)[-1]
            for row in (found if isinstance(found, ox.QuerySolutions) else ())
        )
        near = get_close_matches(term.value.rsplit("/", 1)[-1].lower(), slugs, 1, 0.5)
        raise UsageError(
            f"{parameter.name}={term.value} is described nowhere in the graph.",
            f"Did you mean {near[0]}?" if near else f"There are {', '.join(slugs[:20])}.",
        )
