"""Terms while a file is read: collected in any order, then finished and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tzgraph.errors import Finding, Severity
from tzgraph.link.identifiers.curies import normalise
from tzgraph.link.ontology.model import Definition, Ontology, OntologyTerm, Relation, Scope, Synonym
from tzgraph.link.read.checks import check_hierarchy
from tzgraph.link.read.ids import Ids, species_of
from tzgraph.link.read.line_index import locate_lines
from tzgraph.link.read.source import Source, unusable
from tzgraph.link.read.vocabulary import TAXON_RELATIONS

__all__ = ["DraftOntology", "DraftTerm"]

_T = TypeVar("_T")

#: Terms that a file may have.
_TERMS_LIMIT = 1_500_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_VERSION = re.compile(r"(?:^|[-_])v?(\d{4}-\d{2}-\d{2}|(?<=v)\d+(?:\.\d+)+)(?=[-_.]|$)")
#: As OBO files write dates.
_TURNED = re.compile(r"(\d{2}):(\d{2}):(\d{4})")
#: A local identifier: neither a CURIE nor an IRI nor a text.
_LOCAL = re.compile(r"[\w.-]+")
#: Findings of one kind that are told in full.
_TOLD = 20


@dataclass(slots=True)
class DraftTerm:
    """What was read of a term so far."""

    kind: str = ""
    line: int | None = None
    labels: list[tuple[str, str]] = field(default_factory=list)
    other_labels: list[str] = field(default_factory=list)
    synonyms: list[Synonym] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    xrefs: list[str] = field(default_factory=list)
    exact: list[str] = field(default_factory=list)
    deprecated: bool = False
    replaced_by: list[str] = field(default_factory=list)
    consider: list[str] = field(default_factory=list)
    taxa: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    equivalents: list[Definition] = field(default_factory=list)

    def finish(self, iri: str) -> OntologyTerm:
        """Give the term."""
        label = _preferred(self.labels) or next(iter(self.other_labels), "")
        names = _unique([*(text for text, _ in self.labels), *self.other_labels])
        given = {*(text for text, _ in self.labels), label}
        extra = [Synonym(text, Scope.EXACT) for text in self.other_labels if text not in given]
        taxa = self.taxa or ([species] if (species := species_of(label)) else [])
        return OntologyTerm(
            iri=iri,
            label=label,
            kind=self.kind or "individual",
            labels=names if self.labels else names[:1],
            synonyms=_unique([*self.synonyms, *extra]),
            definition=next(iter([*self.definitions, *self.descriptions]), ""),
            parents=_unique(self.parents),
            xrefs=_unique(self.xrefs),
            exact=_unique(self.exact),
            deprecated=self.deprecated,
            replaced_by=_unique(self.replaced_by),
            consider=_unique(self.consider),
            taxa=_unique(taxa),
            types=_unique(self.types),
            line=self.line,
        )


@dataclass
class DraftOntology:
    """What was read of a file so far.

    ``alternatives`` are ids that were merged into a term: id → the term's IRI.
    """

    source: Source
    ids: Ids = field(default_factory=Ids)
    iri: str = ""
    version_iri: str = ""
    version: str = ""
    date: str = ""
    title: str = ""
    licence: str = ""
    partial: bool = False
    terms: dict[str, DraftTerm] = field(default_factory=dict)
    alternatives: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    #: Findings without a line → the IRI of what they are about.
    placeless: dict[int, str] = field(default_factory=dict)

    def term(self, iri: str) -> DraftTerm:
        """Give the draft of a term, a new one if it was not met before.

        :raises DataError: if there are too many
        """
        found = self.terms.get(iri)
        if found is None:
            if len(self.terms) >= _TERMS_LIMIT:
                raise unusable(
                    self.source.name,
                    "too-large",
                    f"The file has more than {_TERMS_LIMIT:,} terms.",
                    "Give a part of it, such as a subset that its makers publish.",
                )
            found = self.terms[iri] = DraftTerm()
        return found

    def prefix(self, ids: Iterable[str]) -> str:
        """Give the prefix for identifiers that nothing tells the vocabulary of: the file's name.

        :return: nothing if they have prefixes of their own, or aren't such that take one
        """
        sample = [text for text in ids if text]
        if not sample or not all(_LOCAL.fullmatch(text) for text in sample):
            return ""
        if any("_" in text and normalise(text.replace("_", ":", 1)) for text in sample):
            return ""
        stem = self.source.name.partition(".")[0]
        prefix = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-").lower()
        if not prefix or normalise(f"{prefix}:{sample[0]}"):
            prefix = f"file-{prefix}"
        self.ids.spaces = {**self.ids.spaces, prefix: f"{prefix}:"}
        self.warn(
            "no-prefix",
            f"Nothing tells of what vocabulary the identifiers are, such as {sample[0]}.",
            f"They are given as {prefix}:{sample[0]} and so on, after the file's name; put the "
            "vocabulary's prefix in place of that before you use them.",
        )
        return prefix

    def relate(self, iri: str, prop: str, targets: Iterable[str]) -> None:
        """Note that a class has relations to others; those to taxa say its species."""
        term = self.term(iri)
        for target in targets:
            if prop not in TAXON_RELATIONS:
                term.relations.append(Relation(prop, target))
            elif taxon := self.ids.taxon(target):
                term.taxa.append(taxon)

    def warn(
        self,
        code: str,
        message: str,
        hint: str,
        row: int | None = None,
        about: str = "",
    ) -> None:
        """Note something odd; of many of a kind, the first ones and a count are told.

        :param row: the line, if it is known
        :param about: else the IRI of the term that it is about, whose line is looked for
        """
        self.told[code] = self.told.get(code, 0) + 1
        if self.told[code] <= _TOLD:
            if row is None and about:
                self.placeless[len(self.findings)] = about
            name = self.source.name
            self.findings.append(Finding(Severity.WARNING, code, message, hint, name, row))

    def place(self) -> None:
        """Find the lines of findings that have none."""
        places = locate_lines(self.source, self.placeless.values())
        for number, iri in self.placeless.items():
            self.findings[number] = replace(self.findings[number], row=places.get(iri))

    def finish(self, syntax: str, statements: int) -> Ontology:
        """Check the whole, and give it.

        :param syntax: what the file is written in
        :param statements: how many triples, axioms, stanzas, nodes or rows were read
        """
        terms = {iri: draft.finish(iri) for iri, draft in self.terms.items()}
        for old, current in self.alternatives.items():
            if old not in terms:
                line = self.terms[current].line if current in self.terms else None
                kind = terms[current].kind if current in terms else "class"
                terms[old] = OntologyTerm(
                    old, "", kind, deprecated=True, replaced_by=(current,), line=line
                )
        if not terms:
            raise unusable(
                self.source.name,
                "no-terms",
                f"There are no terms in the file, which was read as {syntax}.",
                "Give a file that describes terms.",
            )
        check_hierarchy(terms, self.warn)
        self.place()
        for prefix, example in sorted(self.ids.unknown.items()):
            self.warn(
                "unknown-prefix",
                f"Nobody knows the prefix “{prefix}” (as in {example}).",
                "Its identifiers are left as they are written.",
            )
        for code, count in self.told.items():
            if count > _TOLD:
                self.findings.append(
                    Finding(
                        Severity.WARNING,
                        "more-findings",
                        f"{count - _TOLD:,} more findings {code} are not shown.",
                        file=self.source.name,
                    )
                )
        return Ontology(
            source=self.source.name,
            syntax=syntax,
            iri=self.iri,
            version_iri=self.version_iri,
            version=self.version or _release(self.version_iri) or _version_in(self.source.name),
            title=self.title,
            licence=self.licence,
            terms=terms,
            findings=tuple(sorted(self.findings, key=lambda f: f.sort_key)),
            date=self._date(),
            relations={
                iri: _unique(draft.relations)
                for iri, draft in self.terms.items()
                if draft.relations
            },
            definitions={
                iri: _unique(draft.equivalents)
                for iri, draft in self.terms.items()
                if draft.equivalents
            },
            statements=statements,
            partial=self.partial,
        )

    def _date(self) -> str:
        """The date in the name of the version, else one that the file gives."""
        named = _DATE.findall(f"{self.version_iri} {self.version or _version_in(self.source.name)}")
        given = _DATE.findall(self.date) or [
            f"{year}-{month}-{day}" for day, month, year in _TURNED.findall(self.date)
        ]
        return next(iter([*named, *given]), "")


def _release(version_iri: str) -> str:
    """The version in a version IRI.

    >>> _release("http://purl.obolibrary.org/obo/ro/releases/2025-12-17/ro.json")
    '2025-12-17'
    """
    dates = _DATE.findall(version_iri)
    return dates[-1] if dates else ""


def _version_in(file: str) -> str:
    """The version in a file's name, for formats that have no other place for it.

    >>> _version_in("EFO-ontology-v3.82.0.json"), _version_in("MONDO-v2025-09-02.json.gz")
    ('3.82.0', '2025-09-02')
    """
    found = _VERSION.search(file)
    return found[1] if found else ""


def _preferred(labels: list[tuple[str, str]]) -> str:
    """The label in English, or without language, or else the first."""
    for wanted in ("en", ""):
        for text, language in labels:
            if language.lower().partition("-")[0] == wanted:
                return text
    return labels[0][0] if labels else ""


def _unique(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))
