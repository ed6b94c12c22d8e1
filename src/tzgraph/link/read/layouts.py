"""Tables of terms in layouts of their own: gene sets, pathways, NCIt's flat file, OncoTree's."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tzgraph.link.identifiers import curies
from tzgraph.link.read.columns import Columns
from tzgraph.link.read.ids import Ids

__all__ = ["Arrange", "TableLayout", "as_it_is", "layout_of"]

Arrange = Callable[[list[str]], list[list[str]]]

_BARE_ID = re.compile(r"[A-Za-z]{1,6}[:_]?\d{3,}")
_NCIT = re.compile(r"C\d{3,}")
_REACTOME = re.compile(r"R-[A-Z]{3}-\d+")
#: A name as WikiPathways writes it into gene sets: name, source, id, species.
_WIKIPATHWAYS = re.compile(r"(.+)%WikiPathways_\d*%(WP\d+)%(.+)", re.DOTALL)
#: A type of tumour as OncoTree's table has it: name and code.
_TUMOUR = re.compile(r"(.+) \(([\w-]+)\)")


#: What a row of Babelon may tell of a term: its label, a synonym or its definition.
_PROPERTIES = {"rdfs:label": 0, "skos:preflabel": 0, "oboinowl:hasexactsynonym": 1}
_PROPERTIES |= {"oio:hasexactsynonym": 1, "iao:0000115": 2, "skos:definition": 2}


def as_it_is(cells: list[str]) -> list[list[str]]:
    """Give a row as the only one."""
    return [cells]


@dataclass(frozen=True)
class TableLayout:
    """What the columns hold, and how a row is put in their order; it may tell of several terms.

    ``header`` says whether the first row is one, ``partial`` whether only some terms of the
    vocabulary are there.
    """

    columns: Columns
    told: str
    arrange: Arrange = as_it_is
    header: bool = False
    partial: bool = False


def layout_of(rows: Sequence[Sequence[str]]) -> TableLayout | None:
    """Tell the layout of a table by its first rows, or ``None`` if they have a header, or none.

    >>> layout_of([["A", "R-HSA-1", "BRCA1", "ATM"], ["B", "R-HSA-2", "TP53"]]).columns.labels
    [1]
    """
    if not rows or any(len(cells) < 2 for cells in rows):
        return None
    if {"subject_id", "predicate_id", "source_value"} <= set(rows[0]):
        columns = Columns(id=0, labels=[1], exact=[2], definition=3)
        return TableLayout(columns, "", partial(_property, rows[0]), header=True, partial=True)
    levels = [n for n, name in enumerate(rows[0]) if re.fullmatch(r"level_\d", name)]
    if levels and "metamaintype" in rows[0]:
        columns = Columns(id=0, labels=[1], parents=2, prefix="oncotree")
        columns.databases = {3: "ncit", 4: "umls"}
        others = [rows[0].index(n) if n in rows[0] else None for n in ("metanci", "metaumls")]
        return TableLayout(columns, "", partial(_tumours, levels, others), header=True)
    if all(_NCIT.fullmatch(cells[0]) and len(cells) > 6 for cells in rows):
        columns = Columns(id=0, labels=[1], exact=[2], parents=3, definition=4, status=5)
        columns.prefix = "ncit"
        return TableLayout(columns, "It was read as NCIt's flat file.", _flat)
    if all(_set_id(cells) for cells in rows):
        columns = Columns(id=0, labels=[1], taxon=2)
        told = "It was read as a list of gene sets, less the genes."
        return TableLayout(columns, told, _gene_set, partial=True)
    if all(_REACTOME.fullmatch(cells[0]) and not _REACTOME.match(cells[1]) for cells in rows):
        columns = Columns(id=0, labels=[1], taxon=2, prefix="reactome")
        return TableLayout(columns, "The columns were taken for ids, names and species.")
    if all(_BARE_ID.fullmatch(cells[0]) and not _BARE_ID.fullmatch(cells[1]) for cells in rows):
        columns = Columns(id=0, labels=[1], exact=[2] if len(rows[0]) > 2 else [])
        told = "The first column was taken for ids, the second for names, the third for synonyms."
        return TableLayout(columns, told)
    return None


def _tumours(
    levels: Sequence[int], others: Sequence[int | None], cells: list[str]
) -> list[list[str]]:
    """OncoTree: each level is below the one before it, references are those of the last."""
    path = [m for n in levels if (m := _TUMOUR.fullmatch(cells[n] if n < len(cells) else ""))]
    references = [cells[n] if n is not None and n < len(cells) else "" for n in others]
    above = ["", *(one[2] for one in path)]
    return [
        [one[2], one[1], parent, *(references if one is path[-1] else [])]
        for one, parent in zip(path, above, strict=False)
    ]


def _property(header: Sequence[str], cells: list[str]) -> list[list[str]]:
    """Babelon: one property of a term a row, in one language and in another."""
    row = dict(zip(header, cells, strict=False))
    if row.get("source_language", "en").partition("-")[0] != "en":
        return []
    told = ["", "", ""]
    if (place := _PROPERTIES.get(row.get("predicate_id", "").lower())) is None:
        return []
    told[place] = row.get("source_value", "")
    return [[row.get("subject_id", ""), *told]]


def _flat(cells: list[str]) -> list[list[str]]:
    """NCIt: code, (IRI or name), parents, synonyms with the preferred one first, definition."""
    cells = [*cells, "", "", ""]
    preferred, _, others = cells[3].partition("|")
    return [[cells[0], preferred, others, cells[2], cells[4], cells[6].replace("_", " ")]]


def _set_id(cells: Sequence[str]) -> str:
    """The CURIE of the pathway that a gene set (name, id or address, genes) is of, if it is."""
    if wiki := _WIKIPATHWAYS.fullmatch(cells[0]):
        return f"wikipathways:{wiki[2]}"
    if _REACTOME.fullmatch(cells[1]) and not _REACTOME.match(cells[0]):
        return f"reactome:{cells[1]}"
    return (curies.compress(cells[1]) or "") if cells[1].startswith(("http:", "https:")) else ""


def _gene_set(cells: list[str]) -> list[list[str]]:
    wiki = _WIKIPATHWAYS.fullmatch(cells[0])
    name, species = (wiki[1], wiki[3]) if wiki else (cells[0], "")
    taxon = Ids().taxon(species) if species else ""
    return [[_set_id([*cells, ""]), name, taxon]]
