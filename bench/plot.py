"""Draw the figures of ``bench/scale.py --json``: ``python bench/plot.py FILE... > docs/scale.svg``.

Two panels, both axes logarithmic: seconds and peak memory of each stage by rows. The standard
library draws them, so that nothing has to be installed.
"""

from __future__ import annotations

import json
import sys
from math import ceil, floor, log10
from pathlib import Path

#: Stages in the order of a build, with a colour that stays distinct without red and green.
COLOURS = {
    "read": "#0072b2",
    "load": "#e69f00",
    "reason": "#009e73",
    "validate": "#cc79a7",
    "publish": "#d55e00",
    "plain triples": "#888888",
}
WIDTH, HEIGHT, LEFT, TOP, GAP = 300, 260, 70, 50, 90
#: Least distance of two names at the right, in pixels.
LINE = 14

Figures = dict[int, dict[str, dict[str, float]]]


def main() -> None:
    """Write the plot to standard output."""
    figures: Figures = {}
    for name in sys.argv[1:]:
        known = json.loads(Path(name).read_text(encoding="utf-8"))
        figures |= {int(rows): stages for rows, stages in known.items()}
    print(svg(dict(sorted(figures.items()))))


def svg(figures: Figures) -> str:
    """Give the whole drawing."""
    panels = [
        panel(figures, "seconds", "seconds", LEFT),
        panel(figures, "peak", "peak memory, MB", LEFT + WIDTH + GAP + 90),
    ]
    width, height = LEFT + 2 * WIDTH + GAP + 200, TOP + HEIGHT + 60
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            'font-family="sans-serif" font-size="12" aria-labelledby="title">',
            '<title id="title">Seconds and memory of each stage of a build, by rows</title>',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *panels,
            "</svg>",
        ]
    )


def panel(figures: Figures, key: str, title: str, left: int) -> str:
    """Give one panel: axes with decades, a line for each stage, its name at the end."""
    values = [s[name][key] for s in figures.values() for name in COLOURS if name in s]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    first, last = log10(min(figures)), log10(max(figures))

    def x(rows: float) -> float:
        return left + WIDTH * (log10(rows) - first) / (last - first)

    def y(value: float) -> float:
        return TOP + HEIGHT * (high - log10(value)) / (high - low)

    out = [f'<text x="{left}" y="{TOP - 22}" font-weight="bold">{title}</text>']
    for power in range(low, high + 1):
        at = y(10**power)
        out.append(f'<path d="M{left} {at:.1f}h{WIDTH}" stroke="#dddddd"/>')
        out.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{10**power:,g}</text>')
    for rows in figures:
        out.append(f'<path d="M{x(rows):.1f} {TOP}v{HEIGHT}" stroke="#dddddd"/>')
        out.append(
            f'<text x="{x(rows):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{rows:,}</text>'
        )
    out.append(
        f'<text x="{left + WIDTH / 2}" y="{TOP + HEIGHT + 40}" text-anchor="middle">rows</text>'
    )
    lines = {
        name: [(x(rows), y(s[name][key])) for rows, s in figures.items() if name in s]
        for name in COLOURS
    }
    below: float = TOP + HEIGHT + LINE
    for name, points in sorted(lines.items(), key=lambda line: -line[1][-1][1]):
        colour = COLOURS[name]
        path = "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
        dashes = ' stroke-dasharray="5 4"' if name == "plain triples" else ""
        out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        below = min(points[-1][1] + 4, below - LINE)
        shown = "bulk_load alone" if name == "plain triples" else name
        out.append(f'<text x="{left + WIDTH + 8}" y="{below:.1f}" fill="{colour}">{shown}</text>')
    return "\n".join(out)


if __name__ == "__main__":
    main()
