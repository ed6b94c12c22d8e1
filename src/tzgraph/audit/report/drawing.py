"""What the charts have in common: the picture's frame, safe text, colours and patterns."""

from __future__ import annotations

from collections.abc import Sequence

import svg
from markupsafe import escape

from tzgraph.audit.model import Verdict
from tzgraph.audit.report.words import one_line

__all__ = ["FILLS", "GRID", "INK", "QUIET", "patch", "picture", "say"]

INK, QUIET, GRID = "#1b2430", "#566072", "#b9c1cb"
#: The colour of each verdict. They differ in lightness too, and two have a pattern besides.
FILLS = {
    Verdict.CONTRADICTED: "#9b1c1c",
    Verdict.IMPRECISE: "#f2c14e",
    Verdict.SUPPORTED: "#86bfca",
    Verdict.UNVERIFIED: "#eef1f4",
}
#: The colour of the lines or dots that are drawn over the colour of two of them.
_HATCHED, _DOTTED = "#a8730a", "#7d8896"
#: How far apart they are.
_STEP = 7


def say(
    text: str,
    x: float,
    y: float,
    *,
    size: float = 13,
    anchor: str = "start",
    fill: str = INK,
    bold: bool = False,
    halo: str | None = None,
) -> svg.Text:
    """Give a text of the picture; it stays text, which can be searched and copied.

    svg.py writes texts as they are, so each text of a picture is escaped here and in
    :func:`picture`, and nowhere else; attributes hold only numbers and names of ours.

    :param anchor: which end of the text stands at ``x``: start, middle or end
    :param halo: a colour around the letters, for texts that stand on a pattern

    >>> say("a < b", 0, 0).text
    'a &lt; b'
    """
    return svg.Text(
        text=str(escape(one_line(text))),
        x=round(x, 1),
        y=round(y, 1),
        font_size=size,
        font_weight="bold" if bold else None,
        text_anchor="middle" if anchor == "middle" else "end" if anchor == "end" else None,
        fill=fill,
        stroke=halo,
        stroke_width=4 if halo else None,
        paint_order="stroke" if halo else None,
        class_=["ink"] if fill == INK else ["quiet"] if fill == QUIET else None,
    )


def picture(
    name: str,
    title: str,
    description: str,
    size: tuple[float, float],
    content: Sequence[svg.Element],
) -> str:
    """Give a picture that stands in a page or alone, with its title and description.

    :param name: what the ids in the picture begin with; one page must not have it twice
    :param size: width and height, in the units of the content
    """
    width, height = (round(length) for length in size)
    drawing = svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, width, height),
        width=width,
        height=height,
        extra={
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
            "font-family": "system-ui, -apple-system, 'Segoe UI', sans-serif",
        },
        elements=[
            svg.Title(id=f"{name}-title", text=str(escape(one_line(title)))),
            svg.Desc(id=f"{name}-desc", text=str(escape(one_line(description)))),
            *content,
        ],
    )
    return drawing.as_str()


def patch(verdict: Verdict, x: float, y: float, width: float, height: float) -> list[svg.Element]:
    """Give a rectangle in the colour of a verdict, with its hatching or dots.

    They are drawn and not an SVG pattern, which browsers print as large images.
    """
    parts: list[svg.Element] = [_rectangle(x, y, width, height, FILLS[verdict])]
    if verdict is Verdict.IMPRECISE:
        parts.append(svg.Path(d=_hatching(x, y, width, height), stroke=_HATCHED, stroke_width=1.3))
    if verdict is Verdict.UNVERIFIED:
        parts.append(svg.Path(d=_dots(x, y, width, height), stroke=_DOTTED, stroke_width=1.3))
    return [*parts, _rectangle(x, y, width, height, "none")]


def _rectangle(x: float, y: float, width: float, height: float, fill: str) -> svg.Rect:
    x, y, width, height = (round(number, 1) for number in (x, y, width, height))
    stroke = QUIET if fill == "none" else None
    return svg.Rect(
        x=x, y=y, width=width, height=height, fill=fill, stroke=stroke, stroke_width=0.8
    )


def _hatching(x: float, y: float, width: float, height: float) -> list[svg.PathData]:
    """Give lines from the lower left to the upper right, cut off at the rectangle's sides."""
    lines: list[svg.PathData] = []
    for start in range(_STEP // 2, int(width + height), _STEP):
        left, right = max(0.0, start - height), min(float(start), width)
        lines.append(svg.MoveTo(round(x + left, 1), round(y + start - left, 1)))
        lines.append(svg.LineTo(round(x + right, 1), round(y + start - right, 1)))
    return lines


def _dots(x: float, y: float, width: float, height: float) -> list[svg.PathData]:
    dots: list[svg.PathData] = []
    for down in range(_STEP // 2, int(height), _STEP):
        for across in range(_STEP // 2, int(width - 1), _STEP):
            dots.append(svg.MoveTo(round(x + across, 1), round(y + down, 1)))
            dots.append(svg.LineTo(round(x + across + 1.4, 1), round(y + down, 1)))
    return dots
