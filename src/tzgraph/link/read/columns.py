"""What the columns of a table of terms hold, by their headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tzgraph.link.identifiers import curies

__all__ = ["Columns", "columns_of", "main_pair", "pairs_of", "part_of_chembl", "prefix_for"]

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
#: Symbols of the gene, in tables of proteins.
_SYMBOLS = ("gene symbol", "hgnc symbol", "approved symbol")
_DEFINITIONS = ("definition", "description", "def", "summary")
_PARENTS = ("parents", "parent", "parent ids", "parent id", "is a", "superclasses", "subclass of")
_XREFS = ("xrefs", "xref", "dbxrefs", "dbxref", "cross references", "database cross references")
_ALTERNATIVES = ("alts", "alt ids", "alternative ids", "secondary accession numbers")
_TAXA = (
    "species",
    "organism",
    "taxon",
    "taxon id",
    "taxonomy id",
    "organism id",
    "ncbi taxon id",
    "tax id",
)
_STATUS = ("status", "deprecated", "obsolete", "is obsolete")
_TYPES = ("concept type", "type", "kind", "category")
#: Columns of identifiers of one database, in the tables of HGNC, DrugBank and ChEMBL.
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
    "inchi key": "inchikey",
    "cas number": "cas",
    "chebi id": "chebi",
    "entrez gene id": "ncbigene",
    "pubchem compound id": "pubchem.compound",
    "uniprot accessions": "uniprot",
}
#: Columns of identifiers without prefix beside those of names, as in CIViC and DGIdb.
_CONCEPTS = ("gene name", "drug name")
_GENES = ("gene", "gene name", "gene symbol", "feature name")
_NUMBERED = {
    "doid": ("doid", ("disease", "disease name")),
    "entrez id": ("ncbigene", (*_GENES, "name")),
    "ncbi gene id": ("ncbigene", (*_GENES, "name")),
    "geneid": ("ncbigene", ("symbol", *_GENES)),
}
#: What columns of ChEMBL's tables say of which of its identifiers these are.
_CHEMBL = {
    "chembl.target": {"organism", "tax id", "uniprot accessions", "target type", "target"},
    "chembl.compound": {"max phase", "molecular weight", "smiles", "molecule type", "drug"},
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
    type: int | None = None
    #: Columns of names that blanks separate.
    spaced: list[int] = field(default_factory=list)
    databases: dict[int, str] = field(default_factory=dict)
    prefix: str = ""
    #: Prefixes that stand for one of several vocabularies, and the one meant here.
    meant: dict[str, str] = field(default_factory=dict)
    #: Column of the gene that a variant is of, without which its name says little.
    whose: int | None = None
    #: Whether the table is about more than these terms.
    paired: bool = False
    #: Whether something tells what vocabulary the identifiers are of.
    told: bool = False


def columns_of(header: Sequence[str]) -> Columns | None:
    """Give what the columns hold, or ``None`` if none holds identifiers or none holds names.

    >>> columns_of(["HGNC ID", "Approved symbol", "Alias symbols"]).related
    [2]
    """
    names = [_normal(name) for name in header]
    place = {name: number for number, name in reversed(list(enumerate(names)))}
    ids = _first(_IDS, place)
    if ids is None and names and names[0].endswith(" id") and names[0] not in _TAXA:
        ids = 0
    labels = [place[name] for name in _LABELS if name in place and place[name] != ids]
    if ids is None or not labels:
        return None
    databases = {
        number: _XREF_COLUMNS[name]
        for number, name in enumerate(names)
        if name in _XREF_COLUMNS and number != ids
    }
    # Of symbols HGNC lists synonyms with commas, which names of other things may hold.
    listed = ("synonyms",) if "approved symbol" in place else ()
    return Columns(
        id=ids,
        labels=labels,
        exact=[place[name] for name in _EXACT if name in place and name not in listed],
        related=[place[name] for name in (*listed, *_RELATED) if name in place],
        definition=_first(_DEFINITIONS, place),
        parents=_first(_PARENTS, place),
        xrefs=_first(_XREFS, place),
        alternatives=_first(_ALTERNATIVES, place),
        taxon=_first(_TAXA, place),
        status=_first(_STATUS, place),
        type=_first(_TYPES, place),
        spaced=[place[name] for name in ("gene names",) if name in place],
        databases=databases,
    )


def pairs_of(header: Sequence[str]) -> list[Columns]:
    """Give the pairs of columns that hold an identifier and its name, in a table about more.

    Tables of interactions and evidence name a gene, a drug and a disease in each row.

    >>> [c.labels for c in pairs_of(["gene", "entrez_id", "drug_name", "drug_concept_id"])]
    [[0], [2]]
    """
    names = [_normal(name) for name in header]
    place = {name: number for number, name in reversed(list(enumerate(names)))}
    found = []
    for number, name in enumerate(names):
        prefix, labels = _NUMBERED.get(name, ("", ()))
        if not prefix and (stem := _stem(name)):
            labels = _CONCEPTS if stem == "concept" else (f"{stem} name", stem)
        label = _first(labels, place)
        if label is not None and label != number:
            whose = _first(_GENES, place) if names[label] == "variant" else None
            about = names[label] == "name"  # of the whole table
            definition = _first(_DEFINITIONS, place) if about else None
            one = Columns(id=number, labels=[label], definition=definition, whose=whose)
            one.prefix, one.paired = prefix, True
            found.append(one)
    if len(found) == 1:
        found[0].related = [place[name] for name in (*_EXACT, *_RELATED) if name in place]
        found[0].xrefs, found[0].taxon = _first(_XREFS, place), _first(_TAXA, place)
    return found


def main_pair(
    pairs: Sequence[Columns], header: Sequence[str], rows: Sequence[Sequence[str]]
) -> Columns | None:
    """Give the pair that each row of a table is about: the first whose identifiers rarely recur.

    Columns of synonyms and the like are then of it, too.

    >>> header = ["family id", "family name", "target id", "target name", "synonyms"]
    >>> found = main_pair(pairs_of(header), header, [["1", "a", "1", "x"], ["1", "a", "2", "y"]])
    >>> found.id, found.exact
    (2, [4])
    """
    for columns in pairs:
        ids = [text for cells in rows if (text := "".join(cells[columns.id : columns.id + 1]))]
        if rows and len(set(ids)) * 10 >= len(rows) * 9:
            break
    else:
        return None
    names = [_normal(name) for name in header]
    place = {name: number for number, name in reversed(list(enumerate(names)))}
    stem = _stem(names[columns.id])
    short = (f"{stem} abbreviation", f"{stem} abbreviated name", f"{stem} symbol", *_EXACT)
    columns.exact = [place[name] for name in short if name in place]
    columns.related = [place[name] for name in (*_RELATED, *_SYMBOLS) if name in place]
    columns.definition = _first(_DEFINITIONS, place)
    return columns


def prefix_for(header: str, file: str, ids: Iterable[str], others: Sequence[str] = ()) -> str:
    """Give the prefix that local identifiers belong under, or nothing if they say it themselves.

    It is named by the header ("DrugBank ID"), the file, or the header of an address beside it
    ("gene_civic_url"), and its identifiers look like these.

    >>> prefix_for("DrugBank ID", "x.csv", ["DB00072"])
    'drugbank'
    >>> prefix_for("gene_id", "x.tsv", ["3"], ["gene_id", "gene_civic_url", "name"])
    'civic.gid'
    """
    sample = [text for text in ids if text][:50]
    if not sample or all(":" in text for text in sample):
        return ""
    said = [(_stem(_normal(header)) or _normal(header)).replace(" ", "")]
    if _normal(header) == "entry":
        said.append("uniprot")
    part = part_of_chembl(header, file, others)
    beside = [w for n in map(_normal, others) if n.endswith(" url") for w in n.split()]
    owners = dict.fromkeys(w.lower() for w in (*beside, *_WORDS.findall(file)))
    said = [*([part] if part else []), *said, *(f"{owner}.{said[0]}" for owner in owners)]
    for word in (*said, *_WORDS.findall(file)):
        for name in (word, word.rpartition(".")[0]):
            pattern = curies.pattern(name)
            prefix = (curies.normalise(f"{name}:x") or "").partition(":")[0]
            if prefix and pattern and all(pattern.fullmatch(text) for text in sample):
                return prefix
    return ""


def part_of_chembl(header: str, file: str, others: Sequence[str]) -> str:
    """Give which of its vocabularies ChEMBL's identifiers are of, as other columns tell, if any.

    >>> part_of_chembl("ChEMBL ID", "x.csv", ["ChEMBL ID", "Name", "Organism"])
    'chembl.target'
    """
    signs = {_normal(header).removesuffix(" id").removesuffix(" concept"), *map(_normal, others)}
    for prefix, telling in _CHEMBL.items():
        if prefix in file.lower() or telling & signs:
            return prefix
    return ""


def _first(names: Iterable[str], place: dict[str, int]) -> int | None:
    return next((place[name] for name in names if name in place), None)


def _stem(name: str) -> str:
    """What a column of identifiers says they are of, or nothing if it is none.

    >>> _stem("drug concept id"), _stem("atc code"), _stem("symbol")
    ('drug', 'atc', '')
    """
    stem, blank, last = name.rpartition(" ")
    return stem.removesuffix(" concept") if blank and last in ("id", "code") else ""


def _normal(header: str) -> str:
    """A header in small letters, without signs and without who supplied the column."""
    text = re.sub(r"\(supplied by [^)]*+\)?", "", header.lower())
    return " ".join(re.findall(r"[a-z0-9]+", text))
