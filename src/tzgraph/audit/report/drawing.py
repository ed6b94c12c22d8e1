"""What the charts have in common: the picture's frame, safe text, colours and patterns."""

from __future__ import annotations

from collections.abc import Sequence

import svg
from markupsafe import escape

from tzgraph.audit.model import Verdict
from tzgraph.audit.report.words import one_line

__all__ = ["FILLS", "GRID", "INK", "QUIET", "patch", "patterns", "picture", "say"]

INK, QUIET, GRID = "#1b2430", "#566072", "#b9c1cb"
#: The colour of each verdict. They differ in lightness too, and two have a pattern besides.
FILLS = {
    Verdict.CONTRADICTED: "#9b1c1c",
    Verdict.IMPRECISE: "#f2c14e",
    Verdict.SUPPORTED: "#86bfca",
    Verdict.UNVERIFIED: "#eef1f4",
}
#: Lines drawn over the colour in a square of 8 by 8 (x and y of both ends), and their colour.
_HATCHES = {
    Verdict.IMPRECISE: (((0, 8, 8, 0), (-2, 2, 2, -2), (6, 10, 10, 6)), "#a8730a"),
    Verdict.UNVERIFIED: (((3.2, 4, 4.8, 4),), "#7d8896"),
}


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


def patterns(name: str) -> svg.Defs:
    """Give the definitions of the patterns that :func:`patch` draws with."""
    return svg.Defs(
        elements=[
            svg.Pattern(
                id=f"{name}-{verdict.value.lower()}",
                width=8,
                height=8,
                patternUnits="userSpaceOnUse",
                elements=[
                    svg.Line(x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=1.4)
                    for x1, y1, x2, y2 in lines
                ],
            )
            for verdict, (lines, colour) in _HATCHES.items()
        ]
    )


def patch(
    name: str, verdict: Verdict, x: float, y: float, width: float, height: float
) -> list[svg.Element]:
    """Give a rectangle in the colour and pattern of a verdict."""
    fills = [FILLS[verdict]]
    if verdict in _HATCHES:
        fills.append(f"url(#{name}-{verdict.value.lower()})")
    return [
        svg.Rect(
            x=round(x, 1),
            y=round(y, 1),
            width=round(width, 1),
            height=round(height, 1),
            fill=fill,
            stroke=QUIET,
            stroke_width=0.8,
        )
        for fill in fills
    ]
