"""Identifiers as files write them, and the IRIs and CURIEs that they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tzgraph.link.identifiers import curies

__all__ = ["OBO", "Ids", "species_of"]

#: Base of the IRIs of OBO ontologies.
OBO = "http://purl.obolibrary.org/obo/"
_SCHEMES = ("http://", "https://", "urn:", "ftp://")
_PLAIN = re.compile(r"[^\s<>\"{}|^`\\]+")
#: Local identifiers that are not taken apart further: what follows the prefix may repeat it.
_DOUBLED = re.compile(r"[A-Za-z][\w.]*[:_].")
_SPECIES_IN_NAME = re.compile(r"\((human|mouse|rat|homo sapiens|mus musculus|rattus norvegicus)\)$")
#: As the species columns and names of the known vocabularies write them.
_SPECIES = {
    "homo sapiens": "9606",
    "human": "9606",
    "mus musculus": "10090",
    "mouse": "10090",
    "rattus norvegicus": "10116",
    "rat": "10116",
}
_TAXON = re.compile(r"(?:.*(?:NCBITaxon|taxonomy|taxon)[:_/])?(\d+)", re.IGNORECASE)


@dataclass
class Ids:
    """What turns the identifiers of one file into IRIs and CURIEs.

    ``spaces`` are prefixes that the file declares. ``unknown`` collects prefixes that nobody
    knows, with an identifier for each.
    """

    spaces: Mapping[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    _known: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    def iri(self, text: str, *, obo: bool = False) -> str:
        """Give the IRI of an identifier, as it is written if its prefix is not known.

        :param text: a CURIE or an IRI
        :param obo: where nothing else is known, an OBO PURL is made, as OBO files mean it

        >>> Ids().iri("DOID:162")
        'http://purl.obolibrary.org/obo/DOID_162'
        """
        text = text.strip()
        if text.startswith(_SCHEMES):
            return text
        prefix, colon, local = text.partition(":")
        if not colon or not local:
            return text
        if _DOUBLED.match(local) and (found := curies.expand(text)):
            return found
        known = self._prefix(prefix)
        if known is not None:
            return known[1] + local
        if prefix in self.spaces:
            return self.spaces[prefix] + local
        if obo and _PLAIN.fullmatch(text):
            return f"{OBO}{prefix}_{local}"
        self.unknown.setdefault(prefix, text)
        return text

    def curie(self, text: str) -> str:
        """Give an identifier or IRI as a CURIE in the Bioregistry's spelling, else as written.

        >>> Ids().curie("UMLS_CUI:C0018923"), Ids().curie("http://purl.obolibrary.org/obo/DOID_162")
        ('umls:C0018923', 'doid:162')
        """
        text = text.strip()
        if text.startswith(_SCHEMES):
            return curies.compress(text) or text
        prefix, colon, local = text.partition(":")
        if not colon or not local:
            return text
        if _DOUBLED.match(local):
            return curies.normalise(text) or text
        known = self._prefix(prefix)
        return f"{known[0]}:{local}" if known else text

    def taxon(self, text: str) -> str:
        """Give the CURIE of a taxon, by its number, IRI or name, or nothing.

        >>> Ids().taxon("NCBITaxon:9606"), Ids().taxon("Homo sapiens (Human)")
        ('ncbitaxon:9606', 'ncbitaxon:9606')
        """
        text = text.strip()
        if found := _TAXON.fullmatch(text):
            return f"ncbitaxon:{found[1]}"
        number = _SPECIES.get(text.partition("(")[0].strip().lower())
        return f"ncbitaxon:{number}" if number else ""

    def _prefix(self, prefix: str) -> tuple[str, str] | None:
        """The usual spelling of a prefix, and the IRI before local identifiers."""
        if prefix not in self._known:
            normal, iri = curies.normalise(f"{prefix}:0"), curies.expand(f"{prefix}:0")
            known = normal is not None and iri is not None
            self._known[prefix] = (normal[:-2], iri[:-1]) if known and normal and iri else None
        return self._known[prefix]


def species_of(label: str) -> str:
    """Give the CURIE of the species that a name ends in, or nothing.

    >>> species_of("ERBB2 (human)")
    'ncbitaxon:9606'
    """
    found = _SPECIES_IN_NAME.search(label.lower())
    return f"ncbitaxon:{_SPECIES[found[1]]}" if found else ""
