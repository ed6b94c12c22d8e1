"""Terms of the shapes graph in SPARQL syntax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tzgraph.interop import as_oxigraph
from tzgraph.validate.sparql.model import UntranslatableShapesError, bad_shapes

if TYPE_CHECKING:
    from rdflib.term import Identifier

__all__ = ["as_number", "as_sparql", "as_text"]


def as_sparql(term: Identifier) -> str:
    """Write an IRI or literal as SPARQL does.

    :raises UntranslatableShapesError: for a blank node: a query can't name one
    """
    from rdflib import BNode

    if isinstance(term, BNode):
        raise UntranslatableShapesError([f"the blank node {term.n3()} as a value of a constraint"])
    return str(as_oxigraph(term))


def as_text(text: str) -> str:
    r"""Write a string as SPARQL does.

    >>> print(as_text('a"b\\d'))
    "a\"b\\d"
    """
    import pyoxigraph as ox

    return str(ox.Literal(text))


def as_number(term: Identifier) -> int:
    """Read a count of a constraint.

    :raises InputUnreadableError: if it is no whole number
    """
    try:
        return int(str(term))
    except ValueError as error:
        raise bad_shapes(f"{term.n3()} is no whole number") from error
