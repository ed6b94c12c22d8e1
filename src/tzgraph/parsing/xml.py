"""XML that is well-formed, not too deep, and whose entities don't grow.

Expat reads the whole document, so that nothing depends on where in it something stands. Oxigraph
takes what looks like the declaration of an entity as one where XML has none (in a comment, say),
and puts in what it refers to even if the entity is never used; so that is counted as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

from tzgraph.errors import UnsafeDataError
from tzgraph.parsing.rdf12 import rdf12, rdf12_attribute

__all__ = ["MAX_XML_DEPTH", "XmlGuard"]

#: Elements within each other.
MAX_XML_DEPTH = 250
#: Characters that an entity may stand for, and all entities together.
_ENTITY_LIMIT = 2_000
_ENTITIES_LIMIT = 1_000_000
#: By how many times a document may grow when entities are put in, and what it may grow by anyway.
_GROWTH = 16
_GROWTH_ANYWAY = 8_000_000
#: Expat's own error for it (XML_ERROR_AMPLIFICATION_LIMIT_BREACH), which has no name in Python.
_AMPLIFIED = 43
_DECLARATION = b"<!ENTITY"
_DECLARED = re.compile(rb"<!ENTITY([^<\"]*+)\"([^<\"]*+)\"")
_REFERENCE = re.compile(r"&([^&;\s]++);")
_REFERENCE_BYTES = re.compile(rb"&([^#&;\s<>\"'][^&;\s<>\"']*+);")


class XmlGuard:
    """Looks at XML that comes in pieces, before a parser gets each.

    :param rdf: whether it is RDF/XML, where attributes of RDF 1.2 are refused
    """

    doubtful = False

    def __init__(self, *, rdf: bool = False) -> None:
        self._depth = 0
        self._lengths: dict[str, int] = {}
        self._read = self._grown = self._declared = 0
        self._ended = False
        #: What may be the beginning of a declaration.
        self._held = b""
        # With namespaces, as prefixes may be any; only RDF/XML is known to have declared them.
        self._parser = expat.ParserCreate(namespace_separator=" " if rdf else None)
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._declare

    def feed(self, piece: bytes) -> None:
        """Look at the next piece, the last of which is empty.

        :raises UnsafeDataError: if the document is not well-formed, is nested too deeply, or has
            entities that grow
        :raises Rdf12Error: if it is RDF/XML and asks for RDF 1.2
        """
        if self._ended:
            return
        self._ended = not piece
        try:
            self._parser.Parse(piece, self._ended)
        except expat.ExpatError as error:
            if error.code == _AMPLIFIED:
                raise self._growing("", _GROWTH_ANYWAY) from error
            raise UnsafeDataError(
                "syntax-error",
                f"The XML is not well-formed: {expat.ErrorString(error.code)}.",
                "Fetch the file again, or tell its makers.",
                error.lineno,
                error.offset + 1,
            ) from error
        self._find_declarations(piece)
        self._count_growth(piece)

    def _begin(self, _name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_XML_DEPTH:
            raise UnsafeDataError(
                "too-deep",
                f"More than {MAX_XML_DEPTH} elements are nested in each other.",
                "No data need that; don't trust them.",
                *self._place(),
            )
        for attribute, value in attributes.items():
            if what := rdf12_attribute(attribute, value):
                raise rdf12(what, *self._place())

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _declare(
        self, name: str, _parameter: bool, value: str | None, *_external: str | None
    ) -> None:
        # The value of one that is elsewhere is not known: nothing is ever fetched.
        self._define(name, value or "")

    def _find_declarations(self, piece: bytes) -> None:
        """Count what Oxigraph would take as declarations, wherever it stands."""
        data = self._held + piece
        end = 0
        for match in _DECLARED.finditer(data):
            named = match[1].decode("utf-8", "replace").replace("%", " ", 1).split()
            self._define(named[0] if named else "", match[2].decode("utf-8", "replace"))
            end = match.end()
        begun = data.rfind(b"<", end)
        whole = data[begun : begun + len(_DECLARATION)] if begun >= 0 else b"-"
        self._held = data[begun:] if _DECLARATION.startswith(whole) else b""
        if len(self._held) > 4 * _ENTITY_LIMIT:
            raise self._growing("", len(self._held))

    def _define(self, name: str, value: str) -> None:
        """Note what an entity stands for, the longest if it is said several times."""
        inner = sum(self._lengths.get(other, 0) for other in _REFERENCE.findall(value))
        length = len(value) + inner
        self._lengths[name] = max(self._lengths.get(name, 0), length)
        self._declared += length
        if length > _ENTITY_LIMIT or self._declared > _ENTITIES_LIMIT:
            raise self._growing(name, length)

    def _count_growth(self, piece: bytes) -> None:
        self._read += len(piece)
        if self._lengths:
            for name in _REFERENCE_BYTES.findall(piece):
                self._grown += self._lengths.get(name.decode("utf-8", "replace"), 0)
            if self._grown > self._read * _GROWTH + _GROWTH_ANYWAY:
                raise self._growing("", self._grown)

    def _growing(self, name: str, length: int) -> UnsafeDataError:
        what = f"The entity “{name}” has" if name else "The entities put in have"
        return UnsafeDataError(
            "growing-entity",
            f"{what} at least {length:,} characters.",
            "Entities are for the beginnings of IRIs; don't trust these data.",
            *self._place(),
        )

    def _place(self) -> tuple[int, int]:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
