"""Pictures of results: bars where each row has one number, and the triples of a graph."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tzgraph.serve.views.result_table import ShownRows, ShownTerm

__all__ = ["Bars", "Network", "bars_of", "network_of"]

#: More would be no picture.
_MOST_BARS, _MOST_NODES, _MOST_EDGES = 40, 40, 80
#: Percent of the width that bars have; the rest is for the numbers behind them.
_ROOM = 82.0
_CHARACTERS = 30
#: Sizes of a network's boxes and the gaps between them.
_WIDTH, _HEIGHT, _ACROSS, _DOWN = 230, 30, 150, 16


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it is of, its number as it stands in the table, and where it begins and ends."""

    label: str
    number: str
    start: float
    width: float
    end: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Numbers as bars.

    :ivar title: what they are, and of what
    """

    title: str
    bars: Sequence[Bar]


def bars_of(result: ShownRows) -> Bars | None:
    """Draw a result as bars, if it has names and one number for each; a table says the same."""
    columns = result.columns
    numbers = [place for place, column in enumerate(columns) if column.is_number]
    names = [place for place, column in enumerate(columns) if not column.is_number]
    if len(numbers) != 1 or not names or not 2 <= len(result.rows) <= _MOST_BARS:
        return None
    written = [row[numbers[0]].text for row in result.rows]
    labels = _labels(result.rows, names)
    try:
        values = [float(text) for text in written]
    except ValueError:
        return None
    low, high = min(0.0, *values), max(0.0, *values)
    span = high - low
    if labels is None or not span or not all(map(math.isfinite, (span, *values))):
        return None
    bars = []
    for label, number, value in zip(labels, written, values, strict=True):
        start, end = (_ROOM * (edge - low) / span for edge in (min(value, 0.0), max(value, 0.0)))
        bars.append(Bar(label, number, round(start, 3), round(end - start, 3), round(end, 3)))
    return Bars(f"{columns[numbers[0]].title} by {columns[names[0]].title}", bars)


def _labels(rows: Sequence[Sequence[ShownTerm]], names: Sequence[int]) -> list[str] | None:
    """Give a name to each row: the first column's, or all of them if that is not enough."""
    for places in (names[:1], names):
        labels = [" · ".join(row[place].text for place in places) for row in rows]
        if all(labels) and len(set(labels)) == len(labels):
            return labels
    return None


@dataclass(frozen=True, slots=True)
class Box:
    """A thing in a network, and the upper left corner of its box."""

    label: str
    href: str | None
    title: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Joint:
    """A triple between two things, from the middle of a box's side to another's.

    :ivar at: where its label stands
    """

    label: str
    x1: int
    y1: int
    x2: int
    y2: int
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Network:
    """Triples as boxes in layers, joined by lines; values that are no things are left out."""

    nodes: Sequence[Box]
    edges: Sequence[Joint]
    width: int
    height: int
    box: tuple[int, int] = (_WIDTH, _HEIGHT)


def network_of(result: ShownRows) -> Network | None:
    """Draw the triples of a graph, if they are few and join things."""
    if len(result.columns) != 3 or len(result.rows) > _MOST_EDGES or result.more:
        return None
    triples = [tuple(row) for row in result.rows if row[0].href and row[2].href]
    things = {cell.href or "": cell for row in triples for cell in (row[0], row[2])}
    if not 2 <= len(things) <= _MOST_NODES:
        return None
    joined = [(row[0].href or "", row[1].text, row[2].href or "") for row in triples]
    places = _places(_layers(things, joined))
    leaving, coming = Counter(s for s, _, _ in joined), Counter(o for _, _, o in joined)
    edges = [
        _edge(label, places[s], places[o], near_start=coming[o] > leaving[s])
        for s, label, o in joined
        if s != o
    ]
    nodes = [
        Box(_brief(thing.text), thing.href, thing.note or thing.text, *places[href])
        for href, thing in things.items()
    ]
    right = max(node.x for node in nodes) + _WIDTH
    return Network(nodes, edges, right + 2, max(node.y for node in nodes) + _HEIGHT + 2)


def _layers(
    things: Mapping[str, ShownTerm], joined: Sequence[tuple[str, str, str]]
) -> list[list[str]]:
    """Put each thing one layer behind the first that leads to it, as far as that goes."""
    leads: dict[str, list[str]] = {href: [] for href in things}
    led = set()
    for subject, _, value in joined:
        if subject != value:
            leads[subject].append(value)
            led.add(value)
    layers: list[list[str]] = []
    placed: set[str] = set()
    # What nothing leads to comes first; in a circle, what stands first in the result does.
    for start in sorted(things, key=lambda href: href in led):
        here, depth = [start] if start not in placed else [], 0
        while here:
            placed.update(here)
            layers.extend([] for _ in range(depth + 1 - len(layers)))
            layers[depth] += here
            here = list(dict.fromkeys(o for s in here for o in leads[s] if o not in placed))
            depth += 1
    return layers


def _places(layers: Sequence[Sequence[str]]) -> dict[str, tuple[int, int]]:
    """Give the corners of the boxes; the middles of all layers are at one height."""
    step, most = _HEIGHT + _DOWN, max(map(len, layers))
    return {
        href: (1 + depth * (_WIDTH + _ACROSS), 1 + row * step + (most - len(layer)) * step // 2)
        for depth, layer in enumerate(layers)
        for row, href in enumerate(layer)
    }


def _edge(label: str, start: tuple[int, int], end: tuple[int, int], *, near_start: bool) -> Joint:
    """Join two boxes at the sides that face each other; in one layer, at their left sides.

    :param near_start: where the label has more room
    """
    middle = _HEIGHT // 2
    x1, y1 = start[0] + (_WIDTH if end[0] > start[0] else 0), start[1] + middle
    x2, y2 = end[0] + (_WIDTH if end[0] < start[0] else 0), end[1] + middle
    share = 0.35 if near_start else 0.65
    at = round(x1 + share * (x2 - x1)), round(y1 + share * (y2 - y1)) - 4
    return Joint(_brief(label), x1, y1, x2, y2, at)


def _brief(text: str) -> str:
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"
