"""What the columns of a table of terms hold, by their headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tzgraph.link import curies

__all__ = ["Columns", "columns_of", "prefix_for"]

_IDS = (
    *("id", "identifier", "curie", "iri", "uri", "term id", "class id", "concept id", "obo id"),
    *("ontology id", "hgnc id", "drugbank id", "chembl id", "molecule chembl id", "ncit id"),
    *("mesh id", "uniprot id", "entry", "accession", "code", "concept code"),
)
#: The better label first; others of them are exact synonyms.
_LABELS = (
    *("approved symbol", "symbol", "gene symbol", "label", "rdfs label", "preferred label"),
    *("preferred name", "pref name", "pref label", "common name", "display name", "name"),
    *("term label", "term name", "concept name", "title", "term", "approved name"),
    *("protein names", "original label", "gene names primary"),
)
_EXACT = (
    *("synonyms", "synonym", "exact synonyms", "exact synonym", "alternative names", "alt labels"),
    *("alternative terms", "alternative therapeutic names", "other names", "trade names"),
)
_RELATED = (
    *("alias", "aliases", "alias symbols", "alias symbol", "alias name", "alias names"),
    *("previous symbols", "previous symbol", "previous names", "previous name", "prev symbol"),
    *("prev name", "related synonyms", "related synonym", "gene names", "abbreviations"),
)
_DEFINITIONS = ("definition", "description", "def", "summary")
_PARENTS = ("parents", "parent", "parent ids", "parent id", "is a", "superclasses", "subclass of")
_XREFS = ("xrefs", "xref", "dbxrefs", "dbxref", "cross references", "database cross references")
_ALTERNATIVES = ("alts", "alt ids", "alternative ids", "secondary accession numbers")
_TAXA = ("species", "organism", "taxon", "taxon id", "taxonomy id", "organism id", "ncbi taxon id")
_STATUS = ("status", "deprecated", "obsolete", "is obsolete")
#: Columns of identifiers of one database, in the tables of HGNC and DrugBank.
_XREF_COLUMNS = {
    "cas": "cas",
    "unii": "unii",
    "ncbi gene id": "ncbigene",
    "entrez id": "ncbigene",
    "ensembl gene id": "ensembl",
    "uniprot id": "uniprot",
    "uniprot ids": "uniprot",
    "omim id": "omim",
    "umls": "umls",
    "umls cui": "umls",
    "standard inchi key": "inchikey",
}
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9.]*")


@dataclass
class Columns:
    """The positions of columns by what they hold; ``prefix`` stands before local identifiers."""

    id: int
    labels: list[int] = field(default_factory=list)
    exact: list[int] = field(default_factory=list)
    related: list[int] = field(default_factory=list)
    definition: int | None = None
    parents: int | None = None
    xrefs: int | None = None
    alternatives: int | None = None
    taxon: int | None = None
    status: int | None = None
    #: Columns of names that blanks separate.
    spaced: list[int] = field(default_factory=list)
    databases: dict[int, str] = field(default_factory=dict)
    prefix: str = ""


def columns_of(header: Sequence[str]) -> Columns | None:
    """Give what the columns hold, or ``None`` if none holds identifiers or none holds names.

    >>> columns_of(["HGNC ID", "Approved symbol", "Alias symbols"]).related
    [2]
    """
    names = [_normal(name) for name in header]
    place = {name: number for number, name in reversed(list(enumerate(names)))}
    ids = _first(_IDS, place)
    if ids is None and names and names[0].endswith(" id"):
        ids = 0
    labels = [place[name] for name in _LABELS if name in place and place[name] != ids]
    if ids is None or not labels:
        return None
    databases = {
        number: _XREF_COLUMNS[name]
        for number, name in enumerate(names)
        if name in _XREF_COLUMNS and number != ids
    }
    return Columns(
        id=ids,
        labels=labels,
        exact=[place[name] for name in _EXACT if name in place],
        related=[place[name] for name in _RELATED if name in place],
        definition=_first(_DEFINITIONS, place),
        parents=_first(_PARENTS, place),
        xrefs=_first(_XREFS, place),
        alternatives=_first(_ALTERNATIVES, place),
        taxon=_first(_TAXA, place),
        status=_first(_STATUS, place),
        spaced=[place[name] for name in ("gene names",) if name in place],
        databases=databases,
    )


def prefix_for(header: str, file: str, ids: Iterable[str]) -> str:
    """Give the prefix that local identifiers belong under, or nothing if they say it themselves.

    It is named by the header ("DrugBank ID") or the file, and its identifiers look like these.

    >>> prefix_for("DrugBank ID", "x.csv", ["DB00072"])
    'drugbank'
    """
    sample = [text for text in ids if text][:50]
    if not sample or all(":" in text for text in sample):
        return ""
    said = [_normal(header).removesuffix(" id").replace(" ", "")]
    if _normal(header) == "entry":
        said.append("uniprot")
    for word in (*said, *_WORDS.findall(file)):
        for name in (word, word.rpartition(".")[0]):
            pattern = curies.pattern(name)
            prefix = (curies.normalise(f"{name}:x") or "").partition(":")[0]
            if prefix and pattern and all(pattern.fullmatch(text) for text in sample):
                return prefix
    return ""


def _first(names: Iterable[str], place: dict[str, int]) -> int | None:
    return next((place[name] for name in names if name in place), None)


def _normal(header: str) -> str:
    """A header in small letters, without signs and without who supplied the column."""
    text = re.sub(r"\(supplied by [^)]*\)", "", header.lower())
    return " ".join(re.findall(r"[a-z0-9]+", text))
