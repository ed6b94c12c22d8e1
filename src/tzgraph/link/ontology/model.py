"""What an ontology or a vocabulary says of its terms, whatever syntax it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tzgraph.errors import Finding

__all__ = ["Definition", "Ontology", "OntologyTerm", "Relation", "Scope", "Synonym"]


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
class Relation:
    """Each thing of a class has this property with some thing of another class (IRIs)."""

    property: str
    target: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A class is the same as what is of all these classes and has all these relations."""

    classes: tuple[str, ...]
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class OntologyTerm:
    """One term.

    ``kind`` is ``class``, ``individual`` or ``property``. ``label`` is the preferred one (English
    if there is one), ``labels`` holds all. ``parents`` are the IRIs of what it is a kind of, and
    nothing else (no part-of). ``xrefs`` are CURIEs, in the Bioregistry's spelling where the prefix
    is known; ``exact`` are IRIs of terms of other ontologies that mean the same, ``replaced_by``
    and ``consider`` the IRIs of what to use instead (all as written where the prefix is not known).
    ``types`` are what an individual is an instance of: IRIs, or words such as "Drug" of a table.
    ``taxa`` are CURIEs such as ``ncbitaxon:9606``. ``line`` is where in the file the term is
    described, if the syntax has lines.

    >>> OntologyTerm("http://example.org/EX_1", "wing", "class").deprecated
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
    types: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Ontology:
    """The terms of a file by IRI, what the file says of itself, and what is wrong with it.

    ``source`` is the file's name, ``syntax`` what it turned out to be written in (such as
    ``rdfxml`` or ``obo``). ``relations`` and ``definitions`` are what axioms say of classes, by
    IRI, beside their parents. ``partial`` says that the file is about something else, such as drugs
    and their targets, so that what it doesn't have may well be in the vocabulary. ``date`` is that
    of the version as the file gives it, ``statements`` counts the triples, axioms, stanzas, nodes
    or rows that were read. ``findings`` are warnings: of
    a file that can't be used as a whole nothing is given, but an error raised.
    """

    source: str
    syntax: str
    iri: str
    version_iri: str
    version: str
    title: str
    licence: str
    terms: Mapping[str, OntologyTerm] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    date: str = ""
    relations: Mapping[str, tuple[Relation, ...]] = field(default_factory=dict)
    definitions: Mapping[str, tuple[Definition, ...]] = field(default_factory=dict)
    statements: int = 0
    partial: bool = False
