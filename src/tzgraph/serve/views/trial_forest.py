"""The forest plots of one trial: its hazard ratios, endpoint by endpoint, as they were reported."""

from __future__ import annotations

from tzgraph.audit.model import ClaimPart
from tzgraph.audit.report.forest import Forest, Row, drawn
from tzgraph.serve.views.trial_figures import Figure, TrialFigures

__all__ = ["forests_of"]


def forests_of(figures: TrialFigures) -> tuple[Forest, ...]:
    """Draw the comparisons that have a hazard ratio; SVG without styles of its own."""
    rows = [row for figure in figures.comparisons if (row := _row(figure)) is not None]
    return drawn(rows)


def _row(figure: Figure) -> Row | None:
    if figure.ratio is None or not 0 < figure.ratio[0] < float("inf"):
        return None
    value, *limits = figure.ratio
    lower, upper = (n if n is not None and 0 < n < float("inf") else None for n in limits)
    endpoint = figure.one("endpoint")
    population = figure.one("population").partition(": ")[2] or figure.one("population")
    sides = [figure.one(name).partition(": ")[2] for name in ("comparesArm", "referenceArm")]
    detail = [f"{sides[0]} against {sides[1]}"] if all(sides) else []
    detail += [figure.one("analysisKind")]
    detail += [f"data up to {date}"] if (date := figure.one("dataCutoff")) else []
    ends = figure.number("ciLower"), figure.number("ciUpper")
    written = figure.number("hazardRatio")
    written += f" ({ends[0] or '?'}–{ends[1] or '?'})" if any(ends) else " (no interval)"
    return Row(
        ClaimPart(figure.node.value, "", endpoint=endpoint, recalled=figure.recalled),
        population or "population not given",
        " · ".join(filter(None, detail)),
        value,
        lower,
        upper,
        written,
    )
