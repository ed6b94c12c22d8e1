"""What queries of ours find about a triple."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from tzgraph.resources import own_query

__all__ = ["found_about"]


def found_about(
    store: ox.Store, name: str, triple: tuple[str, str, str]
) -> Iterator[ox.QuerySolution]:
    """Give the solutions of a query of this package, in which a triple stands for ?s ?p ?o.

    :param name: of the query
    :param triple: its terms in N-Triples syntax
    """
    about = next(ox.parse(f"{' '.join(triple)} .", format=ox.RdfFormat.TURTLE))
    terms = {"s": about.subject, "p": about.predicate, "o": about.object}
    substitutions = {ox.Variable(variable): term for variable, term in terms.items()}
    found = store.query(own_query("explain", name), substitutions=substitutions)
    if isinstance(found, ox.QuerySolutions):
        yield from found
