"""Charts of the verdicts: one bar for the document, and one for each section."""

from __future__ import annotations

from collections import Counter

import svg

from tzgraph.audit.model import Audit, Verdict
from tzgraph.audit.report.drawing import FILLS, GRID, QUIET, patch, picture, say
from tzgraph.audit.report.words import SIGNS, brief, plural

__all__ = ["by_section", "overview", "strip"]

_WIDTH = 760.0
_LABELS = 110.0
_TOTALS = 34.0
#: A number has to have this much room to stand in its part of a bar.
_ROOM = 9.0


def overview(audit: Audit) -> str:
    """Draw the verdicts of the whole document as one bar, or give nothing if there are no claims.

    >>> from tzgraph.audit.model import AuditedDocument
    >>> overview(Audit(AuditedDocument("", "", ""), release="1"))
    ''
    """
    counts = audit.count()
    if not counts:
        return ""
    name, height = "overview", 40.0
    content = [*_bar(counts, 1, 1, (_WIDTH - 2) / counts.total(), height)]
    content += _legend(0, height + 22)
    description = f"Of {plural(counts.total(), 'claim')} {_listed(counts)}."
    return picture(name, "Verdicts", description, (_WIDTH, height + 34), content)


def strip(counts: Counter[Verdict], name: str = "strip") -> str:
    """Draw the verdicts as one bar without words, for a page that has them beside it.

    :param name: what the ids in the picture begin with

    >>> strip(Counter())
    ''
    """
    if not counts.total():
        return ""
    content: list[svg.Element] = []
    x, unit = 1.0, (_WIDTH - 2) / counts.total()
    for verdict in Verdict:
        if width := counts[verdict] * unit:
            content += patch(verdict, x, 1, width, 26)
        x += width
    description = f"Of {plural(counts.total(), 'claim')} {_listed(counts)}."
    return picture(name, "Verdicts", description, (_WIDTH, 28), content)


def by_section(audit: Audit) -> str:
    """Draw the verdicts of each section as a bar, or give nothing if there are no claims."""
    sections = audit.sections
    if not sections:
        return ""
    name, top, step = "sections", 36.0, 27.0
    most = max(audit.count(section).total() for section in sections)
    unit = (_WIDTH - _LABELS - _TOTALS) / most
    content = [*_legend(_LABELS, 14)]
    for index, section in enumerate(sections):
        counts, y = audit.count(section), top + index * step
        label = brief(section or "no section", 14)
        content.append(say(label, _LABELS - 10, y + 15, anchor="end"))
        content += _bar(counts, _LABELS, y, unit, step - 6)
        end = _LABELS + counts.total() * unit
        content.append(say(str(counts.total()), end + 7, y + 15, fill=QUIET))
    bottom = top + len(sections) * step
    content.append(svg.Line(x1=_LABELS, x2=_LABELS, y1=top - 4, y2=bottom, stroke=GRID))
    each = "; ".join(f"{s or 'no section'}: {_listed(audit.count(s))}" for s in sections)
    title = "Verdicts by section of the document"
    return picture(name, title, f"{each}.", (_WIDTH, bottom + 4), content)


def _bar(
    counts: Counter[Verdict], x: float, y: float, unit: float, height: float
) -> list[svg.Element]:
    """Give the parts of a bar, each with its number where there is room."""
    parts: list[svg.Element] = []
    for verdict in Verdict:
        count = counts[verdict]
        width = count * unit
        if not count:
            continue
        parts += patch(verdict, x, y, width, height)
        if width >= _ROOM * len(str(count)) + 5:
            dark = verdict is Verdict.CONTRADICTED
            number = say(
                str(count),
                x + width / 2,
                y + height / 2 + 4.5,
                anchor="middle",
                bold=True,
                # Not INK: it stays dark on the bars when the page is dark.
                fill="#ffffff" if dark else "#1b2431",
                halo=FILLS[verdict],
            )
            parts.append(number)
        x += width
    return parts


def _legend(x: float, y: float) -> list[svg.Element]:
    parts: list[svg.Element] = []
    for verdict in Verdict:
        parts += patch(verdict, x + 1, y - 11, 22, 13)
        label = f"{SIGNS[verdict]} {verdict.value}"
        parts.append(say(label, x + 30, y))
        x += 56 + 7.5 * len(label)
    return parts


def _listed(counts: Counter[Verdict]) -> str:
    return ", ".join(f"{counts[v]} {v.value.lower()}" for v in Verdict if counts[v])
