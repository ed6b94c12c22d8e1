"""Forest plots: hazard ratios with their confidence intervals on a logarithmic axis."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, isfinite, log

import svg

from tzgraph.audit.model import ClaimPart
from tzgraph.audit.report.drawing import GRID, INK, QUIET, picture, say
from tzgraph.audit.report.words import brief, one_line, plural

__all__ = ["Axis", "Forest", "Row", "drawn", "forests", "ratio_text"]

_WIDTH = 760.0
_LEFT, _RIGHT = 332.0, 628.0
_LINE = 13.5
#: So many letters of the small print fit beside the plot; more lines than these are cut.
_LETTERS, _LINES = 53, 3
#: A picture can't be split between pages, so longer groups get several of about the same length.
_ROWS = 10
_TICKS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
#: The axis goes no further than this for limits, as one wide interval would flatten all others.
_NARROW, _WIDE = 0.35, 1.9


@dataclass(frozen=True, slots=True)
class Row:
    """A hazard ratio as it is drawn: ``name`` in bold, ``detail`` below it.

    ``written`` is the ratio with its interval as it was reported, where that is known.
    """

    part: ClaimPart
    name: str
    detail: str
    value: float
    lower: float | None
    upper: float | None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Forest:
    """The plot of one endpoint: the picture, and its rows for a table."""

    endpoint: str
    picture: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis between two ticks."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Give where a value stands across the picture; beyond the ends, at the end.

        >>> Axis(0.5, 2).at(1) == (Axis(0.5, 2).at(0.5) + Axis(0.5, 2).at(2)) / 2
        True
        """
        inside = min(max(value, self.low), self.high)
        share = (log(inside) - log(self.low)) / (log(self.high) - log(self.low))
        return _LEFT + share * (_RIGHT - _LEFT)

    @property
    def ticks(self) -> tuple[float, ...]:
        """The values that are marked."""
        return tuple(tick for tick in _TICKS if self.low <= tick <= self.high)


def forests(ratios: Iterable[ClaimPart]) -> tuple[Forest, ...]:
    """Draw hazard ratios, by endpoint and within it in the order given.

    What is no positive number has no place on the axis and is left out. All plots have one axis,
    so that they can be compared.
    """
    return drawn([row for part in ratios for row in _row(part)])


def drawn(rows: Sequence[Row]) -> tuple[Forest, ...]:
    """Draw rows; see :func:`forests`."""
    if not rows:
        return ()
    axis = _axis(rows)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.part.endpoint, []).append(row)
    plots: list[Forest] = []
    for endpoint, group in groups.items():
        length = ceil(len(group) / ceil(len(group) / _ROWS))
        for start in range(0, len(group), length):
            some = tuple(group[start : start + length])
            name = f"forest-{len(plots) + 1}"
            title = one_line(endpoint) or "Endpoint not given"
            title += ", continued" if start else ""
            plots.append(Forest(title, _draw(name, title, some, axis), some))
    return tuple(plots)


def ratio_text(row: Row) -> str:
    """Give a ratio with its interval as people write it.

    >>> ratio_text(Row(ClaimPart("", ""), "", "", 0.74, 0.6, 0.91))
    '0.74 (0.60–0.91)'
    >>> ratio_text(Row(ClaimPart("", ""), "", "", 0.74, None, None))
    '0.74 (no interval)'
    """
    if row.written:
        return row.written
    if row.lower is None and row.upper is None:
        return f"{row.value:.2f} (no interval)"
    lower, upper = ("?" if n is None else f"{n:.2f}" for n in (row.lower, row.upper))
    return f"{row.value:.2f} ({lower}–{upper})"


def _row(part: ClaimPart) -> Iterator[Row]:
    if part.ratio is None:
        return
    value, lower, upper = part.ratio
    if not _drawable(value):
        return
    lower, upper = (n if n is not None and _drawable(n) else None for n in (lower, upper))
    about = one_line(part.about)
    name = one_line(part.trial) or about.partition(":")[0] or "trial not given"
    # The trial and the endpoint are said already, by the bold name and the title.
    pieces = [piece.removeprefix(f"{name}:").strip() for piece in about.split(" · ")]
    said = {name.casefold(), one_line(part.endpoint).casefold(), ""}
    detail = " · ".join(piece for piece in pieces if piece.casefold() not in said)
    yield Row(part, name, detail, value, lower, upper)


def _drawable(value: float) -> bool:
    return isfinite(value) and value > 0


def _axis(rows: Iterable[Row]) -> Axis:
    values = [row.value for row in rows]
    lowers = [row.lower for row in rows if row.lower is not None]
    uppers = [row.upper for row in rows if row.upper is not None]
    low = min([*values, 0.6, max(min(lowers, default=1), _NARROW)])
    high = max([*values, 1.2, min(max(uppers, default=1), _WIDE)])
    below = [tick for tick in _TICKS if tick < low]
    above = [tick for tick in _TICKS if tick > high]
    return Axis(below[-1] if below else _TICKS[0], above[0] if above else _TICKS[-1])


def _draw(name: str, title: str, rows: tuple[Row, ...], axis: Axis) -> str:
    y, content = 44.0, list[svg.Element]()
    for row in rows:
        lines = _detail_lines(row.detail)
        content += _drawn_row(row, lines, y, axis)
        y += 22 + _LINE * len(lines)
    frame = [
        say("Trial and comparison", 0, 18, size=12, fill=QUIET),
        say("Hazard ratio (95 % CI)", _WIDTH, 18, size=12, fill=QUIET, anchor="end"),
        *_drawn_axis(axis, 28, y),
    ]
    recalled = sum(row.part.recalled for row in rows)
    each = "; ".join(f"{row.name} {ratio_text(row)}" for row in rows)
    description = f"{plural(len(rows), 'hazard ratio')}, {recalled} of them recalled. {each}."
    title = f"Hazard ratios: {title}"
    return picture(name, title, description, (_WIDTH, y + 40), [*frame, *content])


def _drawn_axis(axis: Axis, top: float, bottom: float) -> Iterator[svg.Element]:
    for tick in axis.ticks:
        x = round(axis.at(tick), 1)
        one = tick == 1
        yield svg.Line(
            x1=x,
            x2=x,
            y1=top,
            y2=bottom,
            stroke=QUIET if one else GRID,
            stroke_width=1.5 if one else 1,
            stroke_dasharray=None if one else [2, 3],
        )
        yield say(f"{tick:g}", x, bottom + 15, size=12, anchor="middle", bold=one)
    yield svg.Line(x1=_LEFT, x2=_RIGHT, y1=bottom, y2=bottom, stroke=QUIET)
    middle = axis.at(1)
    yield say(
        "← first treatment better", middle - 8, bottom + 32, size=12, fill=QUIET, anchor="end"
    )
    yield say("second better →", middle + 8, bottom + 32, size=12, fill=QUIET)


def _drawn_row(row: Row, lines: list[str], y: float, axis: Axis) -> Iterator[svg.Element]:
    middle = y - 4
    yield say(brief(row.name, 40), 0, y, bold=True)
    for index, line in enumerate(lines):
        yield say(line, 0, y + _LINE * (index + 1), size=11, fill=QUIET)
    yield from _interval(row, middle, axis)
    yield from _marker(row, middle, axis)
    yield say(ratio_text(row), _WIDTH, y, anchor="end")


def _interval(row: Row, y: float, axis: Axis) -> Iterator[svg.Element]:
    """Draw the interval; an end that leaves the axis is an arrow, one that is unknown is bare."""
    ends = [(row.lower, axis.low, -1), (row.upper, axis.high, 1)]
    at = [axis.at(row.value if limit is None else limit) for limit, _, _ in ends]
    if at[0] != at[1]:
        yield svg.Line(
            x1=round(at[0], 1), x2=round(at[1], 1), y1=y, y2=y, stroke=INK, class_=["line"],
            stroke_width=1.6,
        )  # fmt: skip
    for x, (limit, end, side) in zip(at, ends, strict=True):
        if limit is None:
            continue
        if side * (limit - end) > 0:
            tip, base = round(x + side * 7, 1), round(x - side * 1, 1)
            points = [svg.Point(tip, y), svg.Point(base, y - 4.5), svg.Point(base, y + 4.5)]
            yield svg.Polygon(points=points, fill=INK, class_=["solid"])
        else:
            at_x = round(x, 1)
            yield svg.Line(
                x1=at_x, x2=at_x, y1=y - 4, y2=y + 4, stroke=INK, stroke_width=1.6, class_=["line"]
            )


def _marker(row: Row, y: float, axis: Axis) -> Iterator[svg.Element]:
    """Draw the ratio itself: filled if it was looked up, hollow if it was recalled."""
    x = axis.at(row.value)
    yield svg.Rect(
        x=round(x - 5, 1),
        y=y - 5,
        width=10,
        height=10,
        fill="#ffffff" if row.part.recalled else INK,
        stroke=INK,
        stroke_width=1.8,
        class_=["hollow" if row.part.recalled else "solid"],
    )


def _detail_lines(detail: str) -> list[str]:
    lines = textwrap.wrap(detail, _LETTERS)
    if len(lines) > _LINES:
        return [*lines[: _LINES - 1], brief(" ".join(lines[_LINES - 1 :]), _LETTERS)]
    return lines
