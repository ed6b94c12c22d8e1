"""Terms as people write them, and back."""

from __future__ import annotations

import re

import pyoxigraph as ox

from tzgraph.curies import Curies, IriError
from tzgraph.errors import UsageError
from tzgraph.terms import Term

__all__ = ["Terms", "read_term"]

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
#: What may stand behind a literal's last quote.
_SUFFIX = re.compile(r"@[A-Za-z-]+|\^\^\S+|")
_XSD = "http://www.w3.org/2001/XMLSchema#"


class Terms:
    """Reads and writes terms with the prefixes of a release.

    :param curies: its prefixes
    """

    def __init__(self, curies: Curies) -> None:
        self._curies = curies

    def node(self, text: str) -> str:
        """Give an IRI in N-Triples syntax from ``<IRI>``, an address or a CURIE.

        :raises UsageError: if it is none of them
        """
        try:
            return f"<{self._curies.iri(text)}>"
        except IriError as error:
            raise UsageError(error.message, error.hint) from None

    def term(self, text: str) -> str:
        """Give an IRI or literal, see :meth:`node` and :meth:`literal`.

        :raises UsageError: if it can't be read
        """
        return self.literal(text) or self.node(text)

    def literal(self, text: str) -> str:
        """Give a literal; a bare number is a decimal or integer, ``"…"@en`` a string.

        :return: empty if it is no literal
        :raises UsageError: if it can't be read
        """
        if _NUMBER.fullmatch(text):
            kind = "decimal" if "." in text else "integer"
            return f'"{text}"^^<{_XSD}{kind}>'
        # Datatypes and languages hold no quotes, so the last one ends the value.
        start, quote, suffix = text.rpartition('"')
        if not (start.startswith('"') and quote and _SUFFIX.fullmatch(suffix)):
            return ""
        value = start[1:]
        try:
            if suffix.startswith("^^"):
                datatype = ox.NamedNode(self.node(suffix[2:])[1:-1])
                return str(ox.Literal(value, datatype=datatype))
            return str(ox.Literal(value, language=suffix[1:]) if suffix else ox.Literal(value))
        except ValueError as error:
            raise UsageError(
                f"{text} is no literal: {error}.", 'Write one such as "HER2"@en.'
            ) from error

    def compact(self, term: str) -> str:
        """Write a term in N-Triples syntax with a prefix where one fits."""
        if not term.startswith("<"):
            head, sign, datatype = term.rpartition("^^")
            return f"{head}^^{self.compact(datatype)}" if sign else term
        return self._curies.compact(term[1:-1])


def read_term(term: str) -> Term | None:
    """Give a term in N-Triples syntax as a value, or ``None`` if it can't be one.

    >>> str(read_term("<http://example.org/a>"))
    '<http://example.org/a>'
    """
    try:
        triples = list(ox.parse(f"<x:s> <x:p> {term} .", format=ox.RdfFormat.N_TRIPLES))
    except SyntaxError:
        return None
    found: Term = triples[0].object
    return found
