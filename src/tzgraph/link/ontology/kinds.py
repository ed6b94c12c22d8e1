"""What kind of thing a vocabulary's term is: a gene, a disease, a process ...

No list of terms is needed. What tells is, in this order: the prefix, where a vocabulary holds one
kind only; the nearest ancestor that is a well-known root; the class of an individual; the word that
ends the label of the term and of its ancestors ("gastric *carcinoma*"); the genus of the definition
("a *cell* that ..."); the title of the vocabulary. ``kinds.json`` holds these words, prefixes and
roots.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from tzgraph.link.ontology.model import Ontology, OntologyTerm
from tzgraph.vocabulary import local_name

__all__ = ["EntityKind", "KindFinder", "Knowledge", "head_kind", "knowledge"]


class EntityKind(StrEnum):
    """Coarse kinds of things; ``UNKNOWN`` says that nothing told."""

    GENE = "gene"
    PROTEIN = "protein"
    DRUG = "drug"
    DISEASE = "disease"
    PROCESS = "process"
    CELL = "cell"
    CELL_LINE = "cell line"
    ANATOMY = "anatomy"
    ASSAY = "assay"
    TRIAL = "trial"
    ORGANISM = "organism"
    PHENOTYPE = "phenotype"
    ALTERATION = "alteration"
    BIOMARKER = "biomarker"
    REGIMEN = "regimen"
    MECHANISM = "resistance mechanism"
    SEQUENCE = "sequence feature"
    GENE_GROUP = "gene group"
    EVIDENCE = "evidence"
    RELATION = "relation"
    INFORMATION = "information"
    PUBLICATION = "publication"
    UNIT = "unit"
    QUALITY = "quality"
    COMPONENT = "cellular component"
    FUNCTION = "molecular function"
    ORGANISATION = "organisation"
    GEOGRAPHY = "geography"
    SEX_OR_AGE = "sex or age"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What tells a kind: prefixes, root terms, head words, words of titles, our own classes.

    ``all_species`` are prefixes of vocabularies whose genes and proteins are those of all species,
    where they don't name one.
    """

    prefixes: dict[str, EntityKind]
    roots: dict[str, EntityKind]
    heads: dict[str, EntityKind]
    titles: dict[str, EntityKind]
    classes: dict[str, EntityKind]
    all_species: frozenset[str]


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """Read ``kinds.json``, once."""
    data = json.loads(Path(__file__).with_name("kinds.json").read_text(encoding="utf-8"))

    def by_word(section: str) -> dict[str, EntityKind]:
        return {word: EntityKind(kind) for kind, words in data[section].items() for word in words}

    return Knowledge(
        by_word("prefixes"),
        {root.casefold(): kind for root, kind in by_word("roots").items()},
        by_word("heads"),
        by_word("titles"),
        {name: EntityKind(kinds[0]) for name, kinds in data["classes"].items()},
        frozenset(data["all_species"]),
    )


#: Where the name proper of a label or the genus of a definition ends.
_END = re.compile(
    r"\b(?:that|which|who|whose|where|in|of|on|by|with|without|from|for|to|during|due|arising|"
    r"involving|characterized|characterised|caused|used|derived|located|occurring|composed|"
    r"consisting|resulting|having|containing|affecting|is|are|encodes?|plays?|may)\b|[,.;:(\[/]"
)
_TUMOUR = re.compile(r"\w{3,}(?<!str)(?<!chr)(?<!gen)omas?")
_TUMOURS = frozenset({"cancer", "malignancy", "neoplasm", "tumor", "tumour"})
_START = re.compile(
    r"^(?:obsolete[ .]*)?(?:a|an|the|any|one|this|these|most|all|rare|common|human)\s+"
    r"(?:of\s+the\s+)?"
)


class KindFinder:
    """Finds the kinds of the terms of one ontology.

    :param ontology: the terms
    :param compress: gives the CURIE of an IRI, or ``None``
    """

    def __init__(self, ontology: Ontology, compress: Callable[[str], str | None]) -> None:
        self._terms = ontology.terms
        self._compress = compress
        self._found: dict[str, EntityKind] = {}
        words = re.findall(r"[a-z]+", ontology.title.casefold())
        told = {knowledge().titles[w] for w in words if w in knowledge().titles}
        self._title = next(iter(told)) if len(told) == 1 else EntityKind.UNKNOWN

    def kind(self, term: OntologyTerm) -> EntityKind:
        """Give the kind of a term; ``UNKNOWN`` if nothing tells it."""
        if term.iri not in self._found:
            self._found[term.iri] = self._find(term)
        return self._found[term.iri]

    def _find(self, term: OntologyTerm) -> EntityKind:
        if term.kind == "property":
            return EntityKind.RELATION
        known = knowledge()
        curie = (self._compress(term.iri) or "").casefold()
        kind = known.prefixes.get(curie.partition(":")[0])
        if kind is EntityKind.PHENOTYPE and _ends_in_tumour(term.label):
            return EntityKind.DISEASE
        if kind is not None:
            return kind
        line = list(self._line(term))
        for one in line:
            kind = known.roots.get((self._compress(one.iri) or "").casefold())
            if kind is not None:
                return kind
        for name in (*map(self._class_name, term.types), *(one.label for one in line)):
            kind = head_kind(name)
            if kind is not EntityKind.UNKNOWN:
                return kind
        if term.definition:
            kind = head_kind(term.definition[:200])
            if kind is not EntityKind.UNKNOWN:
                return kind
        return self._title

    def _class_name(self, iri: str) -> str:
        """The label of a class, or what its IRI calls it: ``…#GeneProduct`` is a gene product."""
        if iri in self._terms and self._terms[iri].label:
            return self._terms[iri].label
        return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", local_name(iri))

    def _line(self, term: OntologyTerm) -> Iterator[OntologyTerm]:
        """Give a term and its ancestors, the nearest first; cycles do no harm."""
        seen = {term.iri}
        level = [term]
        while level:
            yield from level
            parents = dict.fromkeys(p for one in level for p in one.parents if p not in seen)
            seen.update(parents)
            level = [self._terms[p] for p in parents if p in self._terms]


def _ends_in_tumour(name: str) -> bool:
    """Whether a name is that of a tumour, which vocabularies of phenotypes have, too."""
    words = re.findall(r"[a-z]+", _END.split(name.casefold(), maxsplit=1)[0])
    last = words[-1].removesuffix("s") if words else ""
    return last in _TUMOURS or bool(_TUMOUR.fullmatch(last))


def head_kind(name: str) -> EntityKind:
    """Tell a kind by the word that ends a name.

    >>> str(head_kind("carcinoma of the stomach")), str(head_kind("ERBB2 Gene"))
    ('disease', 'gene')
    >>> str(head_kind("ERBB2"))
    'unknown'
    """
    heads = knowledge().heads
    text = _START.sub("", name.casefold().strip()).replace("tumour", "tumor")
    text = text.replace("signalling", "signaling").replace("isation", "ization")
    start = _END.split(text, maxsplit=1)[0]
    words = re.findall(r"[a-z0-9]+", start if start.strip() else text)
    if not words:
        return EntityKind.UNKNOWN
    for head in (" ".join(words[-2:]), words[-1]):
        for form in (head, head.removesuffix("s"), head.removesuffix("es")):
            if form in heads:
                return heads[form]
    return EntityKind.DISEASE if _TUMOUR.fullmatch(words[-1]) else EntityKind.UNKNOWN
