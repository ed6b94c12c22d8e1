"""A protein to scale: its domains, the epitopes in them, its forms, and what each form keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import pyoxigraph as ox

from tzgraph.audit.report.words import brief
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.views.pages import Pages
from tzgraph.serve.views.pictures.cells import text_of
from tzgraph.vocabulary import TZ

__all__ = ["ProteinMap", "protein_map", "protein_page", "protein_picture"]

_LEFT, _WIDTH, _STEP, _TOP = 236.0, 720.0, 24.0, 34.0
#: Letters of a label beside the picture.
_LETTERS = 32
#: Parts that are drawn, and ranges of one; a protein with more gets a table only.
_MOST_PARTS, _MOST_RANGES = 120, 200
#: Digits of the number of a residue.
_DIGITS = 6
_KINDS = {
    "domain": "Domains",
    "epitope": "Epitopes, and the drugs that bind them",
    "form": "Forms",
    "change": "Changes",
}
#: What a rule derives of a form and an epitope: sign and word.
_FATES = {
    "retainsEpitope": ("✓", "kept"),
    "partlyRetainsEpitope": ("◐", "kept in part"),
    "losesEpitope": ("✗", "lost"),
    "altersEpitope": ("≠", "altered"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part or form of the protein.

    :ivar ranges: first and last residues, none if they are not known
    :ivar drugs: names and paths of the drugs that bind it
    :ivar recalled: whether its residues were recalled, and not looked up yet
    """

    iri: str
    kind: str
    label: str
    href: str | None
    ranges: tuple[tuple[int, int], ...]
    drugs: tuple[tuple[str, str | None], ...]
    recalled: bool

    @property
    def residues(self) -> str:
        """The residues as people write them, empty if they are not known."""
        return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in self.ranges)


@dataclass(frozen=True, slots=True)
class ResidueBar:
    """A part as it is drawn.

    :ivar boxes: left ends and widths
    """

    part: Part
    label: str
    y: float
    boxes: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """What is derived of a form and an epitope, and the path that says why."""

    sign: str
    word: str
    why: str


@dataclass(frozen=True, slots=True)
class ProteinMap:
    """All that is drawn and listed of a protein.

    :ivar length: residues
    :ivar fates: of forms, by epitope
    """

    name: str
    curie: str
    length: int
    parts: tuple[Part, ...]
    fates: Mapping[str, Mapping[str, tuple[Fate, ...]]]

    def of(self, *kinds: str) -> list[Part]:
        """Give the parts of some kinds."""
        return [part for part in self.parts if part.kind in kinds]

    @property
    def bars(self) -> Iterator[ResidueBar]:
        """The parts with residues, each in its row."""
        drawn = [p for p in self.parts if p.ranges and len(p.ranges) <= _MOST_RANGES]
        for number, part in enumerate(drawn[:_MOST_PARTS]):
            boxes = tuple(
                (self._at(a), max(3.0, self._at(b + 1) - self._at(a))) for a, b in part.ranges
            )
            yield ResidueBar(part, brief(part.label, _LETTERS), _TOP + number * _STEP, boxes)

    @property
    def height(self) -> float:
        """Height of the picture."""
        return _TOP + len(list(self.bars)) * _STEP + 8

    @property
    def ticks(self) -> list[tuple[int, float]]:
        """Residues that are marked, and where."""
        step = next(s for s in (50, 100, 200, 500, 1000, 10**9) if self.length / s <= 7)
        inner = range(step, self.length - step // 2, step)
        return [(n, round(self._at(n), 1)) for n in (1, *inner, self.length)]

    def _at(self, residue: int) -> float:
        share = (residue - 1) / max(self.length, 1)
        return round(_LEFT + min(max(share, 0.0), 1.0) * _WIDTH, 1)


def protein_map(
    pages: Pages, node: ox.NamedNode, name: str, parts: Sequence[Row], fates: Sequence[Row]
) -> ProteinMap:
    """Read the rows of the queries for a map.

    :param name: what the protein is called
    """
    found: dict[str, list[Row]] = {}
    for row in parts:
        found.setdefault(text_of(row, "thing"), []).append(row)
    read = [_part(pages, rows) for rows in found.values()]
    order = list(_KINDS)
    read.sort(key=lambda p: (order.index(p.kind), p.ranges[:1] or ((10**9, 0),), p.label))
    lengths = [length for row in parts if (length := _residue(row, "length"))]
    last = max((b for part in read for _, b in part.ranges), default=1)
    derived: dict[str, dict[str, tuple[Fate, ...]]] = {}
    for row in fates:
        form, epitope, relation = (text_of(row, n) for n in ("form", "epitope", "relation"))
        sign, word = _FATES[relation.removeprefix(TZ)]
        asked = {"subject": form, "predicate": relation, "object": epitope}
        why = {key: pages.curies.compact(value) for key, value in asked.items()}
        of_form = derived.setdefault(form, {})
        of_form[epitope] = (
            *of_form.get(epitope, ()),
            Fate(sign, word, f"/explain?{urlencode(why)}"),
        )
    curie = pages.curies.compact(node.value)
    return ProteinMap(name, curie, max([last, *lengths[:1]]), tuple(read), derived)


def _part(pages: Pages, rows: Sequence[Row]) -> Part:
    first = rows[0]
    ends = [(_residue(row, "first"), _residue(row, "last")) for row in rows]
    drugs = {text_of(row, "name"): pages.cell(row["drug"]).href for row in rows if "drug" in row}
    return Part(
        text_of(first, "thing"),
        text_of(first, "kind"),
        text_of(first, "label"),
        pages.cell(first.get("thing")).href,
        tuple(sorted({(a, b) for a, b in ends if 0 < a <= b})),
        tuple(sorted(drugs.items())),
        text_of(first, "recalled") == "true",
    )


def _residue(row: Row, name: str) -> int:
    """Give a number of residues, 0 if there is none or it can't be one."""
    text = text_of(row, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def protein_page(pages: Pages, found: ProteinMap, slug: str, query: str) -> str:
    """Give the page of a map; threads may call this.

    :param slug: the end of its path
    :param query: the query that gives its parts
    """
    asked = urlencode({"query": query, "$protein": found.curie})
    return pages.render(
        "protein.html",
        map=found,
        slug=slug,
        kinds=_KINDS,
        legend=list(_FATES.values()),
        asked=f"/sparql?{asked}",
    )


def protein_picture(pages: Pages, found: ProteinMap) -> str:
    """Give the picture alone, with its style in it; threads may call this."""
    return pages.render("_protein.svg", map=found, alone=True)
