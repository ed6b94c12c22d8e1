"""Mechanisms of resistance: what they act on at the left, what is set against them at the right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from tzgraph.audit.report.words import brief
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.views.pages import Pages
from tzgraph.serve.views.pictures.cells import text_of

__all__ = ["MechanismMap", "mechanism_map", "mechanism_page", "mechanism_picture"]

_STEP, _TOP = 26.0, 44.0
#: Where each column of names begins or, for the first, ends; and where lines leave and arrive.
_COLUMNS = {"acts": 250.0, "mechanism": 400.0, "against": 760.0}
_GAPS = {"acts": (258.0, 392.0), "against": (640.0, 752.0)}
_LETTERS = 34
#: Names in a column; a graph with more gets its table only.
_MOST = 150
#: How what is set against a mechanism is known, the surest first: the word and what it means.
_KNOWN = {
    "reported": "evidence says that it counters the mechanism",
    "predicted": "a rule derives it as a candidate: a hypothesis",
    "proposed": "somebody proposes it, nobody showed it",
    "refuted": "evidence says that it does not counter the mechanism",
}


@dataclass(frozen=True, slots=True)
class MapNode:
    """A name in a column."""

    iri: str
    label: str
    href: str | None

    @property
    def short(self) -> str:
        """What fits into the column."""
        return brief(self.label, _LETTERS)


@dataclass(frozen=True, slots=True)
class MapEdge:
    """A line between a mechanism and something.

    :ivar side: ``acts`` or ``against``
    :ivar relation: what holds, or how it is known
    """

    mechanism: MapNode
    side: str
    relation: str
    other: MapNode


@dataclass(frozen=True, slots=True)
class MechanismMap:
    """What is drawn and listed.

    :ivar linked: mechanisms with a line, from top to bottom
    :ivar alone: those without
    :ivar columns: the others by side, from top to bottom
    """

    linked: tuple[MapNode, ...]
    alone: tuple[MapNode, ...]
    columns: Mapping[str, tuple[MapNode, ...]]
    edges: tuple[MapEdge, ...]

    @property
    def is_drawn(self) -> bool:
        """Whether there is anything to draw, and not too much."""
        return 0 < len(self.linked) <= _MOST and all(len(c) <= _MOST for c in self.columns.values())

    @property
    def height(self) -> float:
        """Height of the picture."""
        return _TOP + max(len(self.linked), *map(len, self.columns.values())) * _STEP

    @property
    def names(self) -> list[tuple[str, MapNode, float, float]]:
        """Column, node, and where its name stands."""
        all_columns = {"mechanism": self.linked, **self.columns}
        return [
            (name, node, _COLUMNS[name], self._y(nodes, place) + 4)
            for name, nodes in all_columns.items()
            for place, node in enumerate(nodes)
        ]

    @property
    def lines(self) -> list[tuple[MapEdge, str]]:
        """Lines, and the paths along which they are drawn."""
        heights = {
            (name, node.iri): self._y(nodes, place)
            for name, nodes in (("mechanism", self.linked), *self.columns.items())
            for place, node in enumerate(nodes)
        }
        drawn = []
        for edge in self.edges:
            left, right = _GAPS[edge.side]
            ends = [heights["mechanism", edge.mechanism.iri], heights[edge.side, edge.other.iri]]
            begin, end = reversed(ends) if edge.side == "acts" else ends
            middle = (left + right) / 2
            path = f"M{left} {begin}C{middle} {begin} {middle} {end} {right} {end}"
            drawn.append((edge, path))
        return drawn

    def of(self, mechanism: MapNode, side: str) -> list[MapEdge]:
        """Give the lines of a mechanism at a side."""
        return [e for e in self.edges if e.side == side and e.mechanism == mechanism]

    def _y(self, nodes: Sequence[MapNode], place: int) -> float:
        room = self.height - _TOP
        return round(_TOP + room * (place + 0.5) / len(nodes), 1)


def mechanism_map(pages: Pages, rows: Sequence[Row]) -> MechanismMap:
    """Read the rows of the query for the map."""
    mechanisms: dict[str, MapNode] = {}
    edges: dict[tuple[str, str, str, str], MapEdge] = {}
    for row in rows:
        iri = text_of(row, "mechanism")
        shown = pages.cell(row.get("mechanism"))
        node = mechanisms.setdefault(iri, MapNode(iri, text_of(row, "label"), shown.href))
        if "thing" in row and (side := text_of(row, "side")) in _GAPS:
            other = MapNode(
                text_of(row, "thing"), text_of(row, "name"), pages.cell(row["thing"]).href
            )
            relation = text_of(row, "relation")
            edges.setdefault((iri, side, relation, other.iri), MapEdge(node, side, relation, other))
    kept = tuple(edges.values())
    with_lines = {edge.mechanism.iri for edge in kept}
    acts = sorted({e.other.iri: e.other for e in kept if e.side == "acts"}.values(), key=_label)
    linked = [node for iri, node in mechanisms.items() if iri in with_lines]
    # Twice, as each order is made by the other: few lines cross then.
    for _ in range(2):
        linked = _near(linked, acts, [(e.mechanism, e.other) for e in kept if e.side == "acts"])
        acts = _near(acts, linked, [(e.other, e.mechanism) for e in kept if e.side == "acts"])
    others = sorted(
        {e.other.iri: e.other for e in kept if e.side == "against"}.values(), key=_label
    )
    pairs = [(e.other, e.mechanism) for e in kept if e.side == "against"]
    return MechanismMap(
        tuple(linked),
        tuple(node for iri, node in mechanisms.items() if iri not in with_lines),
        {"acts": tuple(acts), "against": tuple(_near(others, linked, pairs))},
        kept,
    )


def _label(node: MapNode) -> tuple[str, str]:
    return node.label.casefold(), node.iri


def _near(
    nodes: Sequence[MapNode], to: Sequence[MapNode], pairs: Iterable[tuple[MapNode, MapNode]]
) -> list[MapNode]:
    """Order nodes by the middle of those they have lines to; those without come last."""
    places = {node.iri: place for place, node in enumerate(to)}
    found: dict[str, list[int]] = {}
    for node, other in pairs:
        if other.iri in places:
            found.setdefault(node.iri, []).append(places[other.iri])
    middle = {iri: sum(those) / len(those) for iri, those in found.items()}
    return sorted(nodes, key=lambda node: (middle.get(node.iri, len(to)), *_label(node)))


def mechanism_page(pages: Pages, found: MechanismMap, query: str) -> str:
    """Give the page of the map; threads may call this.

    :param query: the query that it is made of
    """
    asked = f"/sparql?{urlencode({'query': query})}"
    return pages.render("mechanisms.html", map=found, known=_KNOWN, asked=asked)


def mechanism_picture(pages: Pages, found: MechanismMap) -> str:
    """Give the picture alone, with its style in it; threads may call this."""
    return pages.render("_mechanisms.svg", map=found, alone=True)
