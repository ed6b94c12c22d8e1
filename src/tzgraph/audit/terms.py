"""Small things that all parts of the audit need: querying a view, names of things."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from tzgraph.terms import Term
from tzgraph.vocabulary import ID

__all__ = ["View", "local_name", "solutions", "text_of"]

#: Graphs that a query sees as one.
View = Sequence[ox.NamedNode | ox.BlankNode | ox.DefaultGraph]
_SLUG = re.compile(r"[a-z0-9]+/[a-z0-9][a-z0-9._-]*")


def solutions(
    store: ox.Store, query: str, graphs: View | None = None
) -> Iterator[ox.QuerySolution]:
    """Run a SELECT query.

    :param graphs: what stands for the default graph
    """
    found = store.query(query, default_graph=list(graphs) if graphs else None)
    if isinstance(found, ox.QuerySolutions):
        yield from found


def local_name(iri: str) -> str:
    """Give a slug for a thing that is its own: kind and id of ours, a digest of others.

    >>> local_name("https://w3id.org/tzgraph/id/result/toga-os")
    'result-toga-os'
    """
    rest = iri.removeprefix(ID)
    if _SLUG.fullmatch(rest):
        return rest.replace("/", "-")
    return hashlib.sha256(iri.encode()).hexdigest()[:16]


def text_of(term: Term | None) -> str:
    """Give the text of a literal, the IRI of a node, or nothing."""
    if term is None:
        return ""
    return term.value if isinstance(term, ox.Literal) else str(term).strip("<>")
