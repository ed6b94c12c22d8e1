"""RDF 1.2 is refused at every door (decision 18): what it is, and how that is told.

Of its terms, RDF 1.1 has neither triples nor texts with a base direction. Reified triples and
annotations are other ways to write triple terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import IO

import pyoxigraph as ox

from tzgraph.errors import Rdf12Error
from tzgraph.terms import Term
from tzgraph.vocabulary import RDF

__all__ = ["RDF12_HINT", "direction_in_json", "is_rdf12", "rdf12", "rdf12_attribute"]

RDF12_HINT = (
    "Write RDF 1.1: a statement about a statement as a thing of its own, with rdf:subject, "
    "rdf:predicate and rdf:object; a text without its direction."
)
_ITS = "http://www.w3.org/2005/11/its"
_DIRECTION = re.compile(rb'"@direction"')
_PIECE = 1 << 18


def is_rdf12(term: Term) -> bool:
    """Say whether a term is none of RDF 1.1.

    >>> is_rdf12(ox.Literal("x", language="en")), is_rdf12(ox.Triple(*[ox.NamedNode("x:y")] * 3))
    (False, True)
    """
    if isinstance(term, ox.Literal):
        return term.direction is not None
    return isinstance(term, ox.Triple)


def rdf12(what: str, line: int | None = None, column: int | None = None) -> Rdf12Error:
    """Give the error for what is of RDF 1.2.

    :param what: what it is
    :param line: line of the place, from 1, where it is known
    :param column: column of the place, from 1
    """
    message = f"This is RDF 1.2, which is refused: {what}."
    return Rdf12Error(Rdf12Error.code, message, RDF12_HINT, line, column)


def rdf12_attribute(name: str, value: str) -> str:
    """Say what an attribute of RDF/XML asks of RDF 1.2, nothing if it is of RDF 1.1.

    Where the document does not say ``rdf:version="1.2"``, Oxigraph leaves out what such an
    attribute stands at, without a word.

    :param name: namespace and local name with a space between them

    >>> rdf12_attribute("http://www.w3.org/2005/11/its dir", "rtl")
    'a text with a base direction (its:dir)'
    """
    namespace, _, local = name.rpartition(" ")
    if namespace == _ITS and local == "dir":
        return "a text with a base direction (its:dir)"
    if namespace == RDF and local in ("annotation", "annotationNodeID"):
        return f"an annotation (rdf:{local})"
    if (namespace, local, value) == (RDF, "parseType", "Triple"):
        return 'a triple term (rdf:parseType="Triple")'
    return ""


def direction_in_json(opened: Callable[[], IO[bytes]]) -> tuple[int | None, int | None]:
    """Give line and column of what gives texts of JSON-LD a base direction, if that can be said."""
    line = 1
    held = b""
    with opened() as stream:
        while piece := stream.read(_PIECE):
            data = held + piece
            if found := _DIRECTION.search(data):
                before = data[: found.start()]
                start = before.rfind(b"\n") + 1
                column = len(before[start:].decode("utf-8", "replace")) + 1
                return line + before.count(b"\n"), column
            end = max(0, len(data) - 16)
            line += data.count(b"\n", 0, end)
            held = data[end:]
    return None, None
