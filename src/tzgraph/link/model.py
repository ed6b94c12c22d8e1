"""What an ontology or a vocabulary says of its terms, whatever syntax it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tzgraph.errors import Finding

__all__ = ["Ontology", "Scope", "Synonym", "Term"]


class Scope(StrEnum):
    """How the meaning of a synonym compares with that of its term."""

    EXACT = "exact"
    BROAD = "broad"
    NARROW = "narrow"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name of a term; ``language`` is a language tag, or empty."""

    text: str
    scope: Scope
    language: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One term.

    ``kind`` is ``class``, ``individual`` or ``property``. ``label`` is the preferred one (English
    if there is one), ``labels`` holds all. ``parents`` are the IRIs of what it is a kind of, and
    nothing else (no part-of). ``xrefs`` are CURIEs, ``exact`` are IRIs or CURIEs of terms of other
    ontologies that mean the same. ``taxa`` are CURIEs of NCBITaxon. ``line`` is where in the file
    the term is described, if the syntax has lines.

    >>> Term("http://example.org/EX_1", "wing", "class").deprecated
    False
    """

    iri: str
    label: str
    kind: str
    labels: tuple[str, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    definition: str = ""
    parents: tuple[str, ...] = ()
    xrefs: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    deprecated: bool = False
    replaced_by: tuple[str, ...] = ()
    consider: tuple[str, ...] = ()
    taxa: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Ontology:
    """The terms of a file by IRI, what the file says of itself, and what is wrong with it.

    ``source`` is the file's name, ``syntax`` what it turned out to be written in (such as
    ``rdfxml`` or ``obo``). ``findings`` of severity violation mean that parts of the file could
    not be used; a file that can't be read at all raises an error instead.
    """

    source: str
    syntax: str
    iri: str
    version_iri: str
    version: str
    title: str
    licence: str
    terms: Mapping[str, Term] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
