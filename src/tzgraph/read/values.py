"""What the text of a cell means: literals by datatype, IRIs by CURIE, local id or label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import partial

from tzgraph.curies import IriError
from tzgraph.names.slips import are_slips
from tzgraph.read.index import Index
from tzgraph.read.naming import CellNames
from tzgraph.schema import PropertyInfo, Schema
from tzgraph.vocabulary import GRAPH, ID, RDF, TZ, XSD

__all__ = ["BadValueError", "Resolver", "escape", "literal"]

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+")
_ADDRESS = re.compile(r"https?:", re.IGNORECASE)
#: Findings on cells that are no name.
_SURE = frozenset({"ambiguous-id", "unread"})
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
#: How near to what is written a term has to be: what is only like it may mean the opposite.
_NEAR = 0.85
#: Controlled terms that a message lists at most.
_LISTED = 12
_LANG_STRING = RDF + "langString"
_STRING = XSD + "string"

_LEXICAL: dict[str, tuple[re.Pattern[str], str]] = {
    XSD + "integer": (re.compile(r"[+-]?\d+", re.ASCII), "a whole number such as 12"),
    XSD + "decimal": (re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII), "a number such as 13.8"),
    XSD + "double": (
        re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII),
        "a number such as 1e-4",
    ),
    XSD + "boolean": (re.compile(r"true|false"), "true or false"),
    XSD + "date": (re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), "a date such as 2026-11-23"),
    XSD + "dateTime": (
        re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?", re.ASCII),
        "a date and time such as 2026-11-23T12:00:00Z",
    ),
    XSD + "gYear": (re.compile(r"\d{4}", re.ASCII), "a year such as 2026"),
    XSD + "anyURI": (_IRI, "an address such as https://example.org/"),
}


class BadValueError(ValueError):
    """A cell's text can't be what its column holds.

    :param code: stable code of the finding
    :param message: what is wrong
    :param hint: what to do
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def escape(text: str) -> str:
    """Escape a string for N-Quads."""
    return text.translate(_ESCAPES)


def literal(text: str, datatype: str) -> str:
    """Give a literal in N-Quads syntax.

    :param text: the value, unescaped
    :param datatype: IRI of the datatype; ``rdf:langString`` gives English text
    :raises BadValueError: if the text isn't in the lexical space

    >>> literal("13.8", XSD + "decimal")
    '"13.8"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    if datatype == _LANG_STRING:
        return f'"{escape(text)}"@en'
    if datatype == _STRING:
        return f'"{escape(text)}"'
    lexical = _LEXICAL.get(datatype)
    if lexical is not None and not (lexical[0].fullmatch(text) and _exists(text, datatype)):
        name = datatype.rsplit("#", 1)[-1]
        raise BadValueError(
            "wrong-datatype", f"“{text}” is not an xsd:{name}.", f"Write {lexical[1]}."
        )
    return f'"{escape(text)}"^^<{datatype}>'


def _exists(text: str, datatype: str) -> bool:
    """Whether a date that looks right is in the calendar."""
    try:
        if datatype == XSD + "date":
            date.fromisoformat(text)
        elif datatype == XSD + "dateTime":
            datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Resolver:
    """Turns cells into terms, knowing the schema and the ids of all tables.

    ``incomplete`` says that a table could not be read: then a reference to a class of which
    nothing at all is described is no finding of its own.
    """

    schema: Schema
    index: Index
    names: CellNames
    incomplete: bool = False

    def term(self, text: str, info: PropertyInfo, *, by_any_name: bool = False) -> str:
        """Give the value of a cell under a property, in N-Quads syntax.

        :param by_any_name: whether things may be named by any of their names
        :raises BadValueError: if the text can't be what the column holds
        """
        if info.datatype is not None:
            return literal(text, info.datatype)
        return f"<{self.iri(text, info, by_any_name=by_any_name)}>"

    def iri(self, text: str, info: PropertyInfo, *, by_any_name: bool = False) -> str:
        """Give the IRI that a cell under a property names.

        Tried in this order: ``<IRI>`` or an address, CURIE, local id, label; and any name.

        :raises BadValueError: if it names nothing that exists, or more than one thing
        """
        try:
            return self._written(text, info)
        except BadValueError as error:
            if not by_any_name or error.code in _SURE or text.startswith("<"):
                raise
            found = self._terms_called(text, info)
            found = found or self.names.named(self._local(text), partial(self._fits, info=info))
            if not found:
                raise self._unknown(text, info, error) from None
            return self._one(text, found)

    def _terms_called(self, text: str, info: PropertyInfo) -> list[str]:
        """The terms with a name that is a sign, such as ``%``."""
        named = {iri for iri, _prop, name in self.schema.term_names if name == text}
        return sorted(iri for iri in named if self._term_fits(iri, info))

    def _unknown(self, text: str, info: PropertyInfo, error: BadValueError) -> BadValueError:
        """Say of a name what it is the name of, or what may be meant but for a slip."""
        others = self.names.named(text, lambda iri: iri.startswith((ID, TZ)))
        if others:
            named = " and ".join(map(self.schema.curies.compact, others[:_LISTED]))
            wanted = self._classes(info.bases) or "another term"
            return BadValueError(
                "wrong-class", f"“{text}” names {named}.", f"This column takes {wanted}."
            )
        near = self.names.near(self._local(text), partial(self._fits, info=info))
        hint = f"Did you mean “{near[0]}”?" if len(near) == 1 else error.hint
        return BadValueError(error.code, error.message, hint)

    def _local(self, text: str) -> str:
        """What stands behind the prefix of one of our ids, or else all."""
        prefix, colon, local = text.partition(":")
        base = self.schema.curies.namespace(prefix) if colon and not local[:1].isspace() else None
        return local if base in self.schema.id_bases.values() else text

    def _fits(self, iri: str, info: PropertyInfo) -> bool:
        """Whether a thing is one that a column takes."""
        bases = info.bases or (() if info.term_classes else tuple(self.schema.id_bases.values()))
        return self._base_fits(iri, bases) or self._term_fits(iri, info)

    def _one(self, text: str, found: Sequence[str]) -> str:
        """Give the one thing that was found.

        :raises BadValueError: if there are more
        """
        if len(found) == 1:
            return found[0]
        choices = " or ".join(map(self.schema.curies.compact, found[:_LISTED]))
        raise BadValueError(
            "ambiguous-id", f"“{text}” may be {choices}.", "Write the one you mean as a CURIE."
        )

    def _written(self, text: str, info: PropertyInfo) -> str:
        """Give the IRI that a cell names by itself, its id or its label."""
        if not (text.startswith("<") and text.endswith(">")) and not _ADDRESS.match(text):
            found = self._candidates(text, info)
            if found:
                return self._one(text, found)
        try:
            iri = self.schema.curies.iri(text)
        except IriError as error:
            if error.code == "no-iri":
                raise self._dangling(text, info) from None
            raise BadValueError(error.code, error.message, error.hint) from error
        return self._existing(iri, text, info)

    def _candidates(self, text: str, info: PropertyInfo) -> list[str]:
        bases = info.bases or (() if info.term_classes else tuple(self.schema.id_bases.values()))
        found = {base + text for base in bases if self.index.has(base + text)}
        local = TZ + text
        if self._term_fits(local, info) or self._vocabulary_fits(local, info):
            found.add(local)
        if not found:
            found.update(iri for iri in self.index.labelled(text) if self._base_fits(iri, bases))
            found.update(
                iri
                for iri, label in self.schema.term_labels.items()
                if label == text and self._term_fits(iri, info)
            )
        return sorted(found)

    def _term_fits(self, iri: str, info: PropertyInfo) -> bool:
        classes = self.schema.terms.get(iri)
        return classes is not None and (
            not info.term_classes or not classes.isdisjoint(info.term_classes)
        )

    def _vocabulary_fits(self, iri: str, info: PropertyInfo) -> bool:
        if info.iri == RDF + "type":
            return iri in self.schema.classes
        return info.iri == RDF + "predicate" and iri in self.schema.properties

    @staticmethod
    def _base_fits(iri: str, bases: tuple[str, ...]) -> bool:
        return any(iri.startswith(base) for base in bases)

    def _existing(self, iri: str, text: str, info: PropertyInfo) -> str:
        """Check that an IRI of our own names something that is described."""
        if not self.exists(iri):
            raise self._dangling(text, info)
        return iri

    def exists(self, iri: str) -> bool:
        """Say whether an IRI is described, a term of the ontology, or none of ours."""
        if iri.startswith(TZ):
            schema = self.schema
            return iri in schema.terms or iri in schema.properties or iri in schema.classes
        return not iri.startswith((ID, GRAPH + "source/")) or self.index.has(iri)

    def _dangling(self, text: str, info: PropertyInfo) -> BadValueError:
        local = text.strip("<>").rsplit("/", 1)[-1].rsplit("#", 1)[-1].rsplit(":", 1)[-1]
        if self._unread(text, info):
            return BadValueError("unread", "", "")
        others = [base for base in self.schema.id_bases.values() if self.index.has(base + local)]
        if others and info.bases and info.bases != tuple(others):
            return BadValueError(
                "wrong-class",
                f"“{text}” is {self._classes(others)}, but this column takes "
                f"{self._classes(info.bases)}.",
                "Name a thing of that class.",
            )
        terms = self._local_terms(info)
        words = local.lower().split("-")
        # Ids of drugs that look alike are those of other drugs; terms of the ontology are few.
        near = [s for s in self.index.slugs(info.bases) if are_slips(words, s.lower().split("-"))]
        near = near or get_close_matches(local, terms, 1, _NEAR)
        hint = "Add a row for it, or correct the id."
        if near:
            hint = f"Did you mean “{near[0]}”?"
        elif terms and not info.bases and len(terms) <= _LISTED:
            hint = f"Write one of {', '.join(sorted(terms))}."
        return BadValueError(
            "dangling-id",
            f"“{text}” is described in no table and is no term of the ontology.",
            hint,
        )

    def _unread(self, text: str, info: PropertyInfo) -> bool:
        """Whether the table that would describe the thing is likely the one that wasn't read."""
        if not self.incomplete:
            return False
        prefix, colon, _ = text.partition(":")
        named = self.schema.curies.namespace(prefix) if colon else None
        bases = (named,) if named else info.bases or tuple(self.schema.id_bases.values())
        return not all(self.index.has_below(base) for base in bases)

    def _classes(self, bases: Iterable[str]) -> str:
        """The classes whose things have these bases, for a message."""
        wanted = set(bases)
        named = [
            self.schema.curies.compact(iri)
            for iri, info in sorted(self.schema.classes.items())
            if info.base in wanted and not self._inherits_base(iri)
        ]
        return " or ".join(named)

    def _inherits_base(self, iri: str) -> bool:
        info = self.schema.classes[iri]
        return any(
            ancestor != iri and self.schema.classes[ancestor].base == info.base
            for ancestor in info.ancestors
            if ancestor in self.schema.classes
        )

    def _local_terms(self, info: PropertyInfo) -> list[str]:
        if info.iri == RDF + "predicate":
            pool = list(self.schema.properties)
        elif info.iri == RDF + "type":
            pool = list(self.schema.classes)
        else:
            pool = [iri for iri in self.schema.terms if self._term_fits(iri, info)]
        return [iri.rsplit("#", 1)[-1] for iri in pool]
