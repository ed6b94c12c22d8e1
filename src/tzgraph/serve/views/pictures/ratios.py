"""Hazard ratios over all trials: a forest plot for each endpoint, chosen by facets in the URL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import pyoxigraph as ox

from tzgraph.audit.model import ClaimPart
from tzgraph.audit.report.forest import Forest, drawn
from tzgraph.audit.report.forest import Row as ForestRow
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.views.digits import Digits
from tzgraph.serve.views.pages import Pages
from tzgraph.serve.views.pictures.cells import text_of
from tzgraph.serve.views.trial_figures import Figure, figures_of

__all__ = ["FACETS", "RatioRows", "ratios_page"]

#: By what comparisons are chosen: the parameter, and what its field is called.
FACETS = {
    "endpoint": "endpoint",
    "disease": "disease",
    "line": "line of treatment",
    "drug": "drug in the trial",
}
#: Ratios that are drawn.
_MOST = 200


@dataclass(frozen=True, slots=True)
class RatioRows:
    """Rows of the queries: the comparisons, by what they are chosen, and how they are written."""

    figures: Sequence[Row]
    facets: Sequence[Row]
    digits: Sequence[Row]


@dataclass(frozen=True, slots=True)
class RatioLine:
    """A comparison in the table.

    :ivar trial: label and path, and so are population and publication
    """

    trial: tuple[str, str | None]
    figure: tuple[str, str | None]
    endpoint: str
    population: str
    arms: str
    cutoff: str
    written: str
    interval: str
    recalled: bool
    publication: tuple[str, str | None]


def ratios_page(pages: Pages, rows: RatioRows, chosen: Mapping[str, str], query: str) -> str:
    """Give the page; threads may call this.

    :param chosen: what each facet has to be, empty for anything
    :param query: the query for the comparisons
    """
    facets: dict[str, dict[str, list[str]]] = {}
    for row in rows.facets:
        of_figure = facets.setdefault(text_of(row, "figure"), {})
        of_figure.setdefault(text_of(row, "facet"), []).append(text_of(row, "name"))
    figures = figures_of(rows.figures, Digits(rows.digits), ()).comparisons
    fitting = [f for f in figures if _fits(facets.get(f.node.value, {}), chosen)]
    fitting.sort(key=lambda f: (f.one("endpoint"), f.one("comparisonOf"), f.one("dataCutoff")))
    return pages.render(
        "ratios.html",
        fields=[(name, title, _choices(facets, name, chosen)) for name, title in FACETS.items()],
        chosen=chosen,
        forests=_forests(fitting[:_MOST]),
        lines=[_line(pages, figure) for figure in fitting],
        number=len(figures),
        asked=f"/sparql?{urlencode({'query': query})}",
    )


def _fits(facets: Mapping[str, Sequence[str]], chosen: Mapping[str, str]) -> bool:
    return all(not value or value in facets.get(name, ()) for name, value in chosen.items())


def _choices(
    facets: Mapping[str, Mapping[str, Sequence[str]]], name: str, chosen: Mapping[str, str]
) -> list[tuple[str, int]]:
    """Give the values of a facet, and how many comparisons have them among those chosen else."""
    others = {facet: value for facet, value in chosen.items() if facet != name}
    kept = [of_figure for of_figure in facets.values() if _fits(of_figure, others)]
    counts = Counter(value for of_figure in kept for value in of_figure.get(name, ()))
    if (value := chosen.get(name, "")) and value not in counts:
        counts[value] = 0
    return sorted(counts.items())


def _forests(figures: Sequence[Figure]) -> tuple[Forest, ...]:
    rows = []
    for figure in figures:
        if figure.ratio is None or not 0 < figure.ratio[0] < float("inf"):
            continue
        value, *limits = figure.ratio
        lower, upper = (n if n is not None and 0 < n < float("inf") else None for n in limits)
        endpoint = figure.one("endpoint")
        part = ClaimPart(figure.node.value, "", endpoint=endpoint, recalled=figure.recalled)
        detail = [_population(figure), _arms(figure)]
        detail += [f"data up to {date}"] if (date := figure.one("dataCutoff")) else []
        name = figure.one("comparisonOf")
        told = " · ".join(filter(None, detail))
        rows.append(ForestRow(part, name, told, value, lower, upper, _written(figure)))
    return drawn(rows)


def _line(pages: Pages, figure: Figure) -> RatioLine:
    return RatioLine(
        (figure.one("comparisonOf"), _path(pages, figure.iri("comparisonOf"))),
        (_written(figure), _path(pages, figure.node.value)),
        figure.one("endpoint"),
        _population(figure),
        _arms(figure),
        figure.one("dataCutoff"),
        figure.number("hazardRatio"),
        figure.interval,
        figure.recalled,
        (figure.one("reportedIn"), _path(pages, figure.iri("reportedIn"))),
    )


def _path(pages: Pages, iri: str) -> str | None:
    return pages.cell(ox.NamedNode(iri)).href if iri else None


def _population(figure: Figure) -> str:
    """Give the population without the trial's name, which labels begin with."""
    label = figure.one("population")
    return label.partition(": ")[2] or label


def _arms(figure: Figure) -> str:
    sides = [figure.one(name).partition(": ")[2] for name in ("comparesArm", "referenceArm")]
    return f"{sides[0]} against {sides[1]}" if all(sides) else ""


def _written(figure: Figure) -> str:
    ends = figure.number("ciLower"), figure.number("ciUpper")
    interval = f"({ends[0] or '?'}–{ends[1] or '?'})" if any(ends) else "(no interval)"
    return f"{figure.number('hazardRatio')} {interval}"
