"""The figures of a trial, read from rows: results of arms and comparisons, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from tzgraph.serve.engine.rows import Row
from tzgraph.serve.views.digits import Digits
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.thing_values import ValueMaker
from tzgraph.terms import Term
from tzgraph.vocabulary import TZ

__all__ = ["Figure", "TrialFigures", "figures_of"]

#: What the ontology says of an interval without a level.
_USUAL_LEVEL = "95"
_RATIO, _LOWER, _UPPER = TZ + "hazardRatio", TZ + "ciLower", TZ + "ciUpper"
#: How units stand behind a number.
_UNITS = {TZ + "Percent": " %", TZ + "One": ""}


@dataclass(frozen=True, slots=True)
class Figure:
    """A result or a comparison: its properties, with the labels of their values."""

    node: ox.NamedNode
    values: Mapping[str, Sequence[tuple[Term, str]]]
    digits: Digits

    def all(self, name: str) -> list[str]:
        """Give the labels of the values of a property, or the values where they have none."""
        return [label or _plain(term) for term, label in self.values.get(TZ + name, ())]

    def one(self, name: str) -> str:
        """Give the first of them, empty if there is none."""
        return next(iter(self.all(name)), "")

    def iri(self, name: str) -> str:
        """Give the first value of a property as an IRI, empty if there is none."""
        found = self.values.get(TZ + name, ())
        return next((t.value for t, _ in found if isinstance(t, ox.NamedNode)), "")

    def number(self, name: str) -> str:
        """Give a number with the digits that were reported, empty if there is none."""
        found = self.values.get(TZ + name, ())
        texts = (t.value for t, _ in found if isinstance(t, ox.Literal))
        return next((self.digits.of(self.node, TZ + name, text) for text in texts), "")

    @property
    def is_comparison(self) -> bool:
        """Whether it compares arms."""
        return TZ + "comparesArm" in self.values

    @property
    def recalled(self) -> bool:
        """Whether its row, or one of its numbers, is from memory."""
        return self.iri("checkStatus") == TZ + "Recalled" or TZ + "recalledProperty" in self.values

    @property
    def interval(self) -> str:
        """The confidence interval with its level, empty if none is reported."""
        lower, upper = self.number("ciLower"), self.number("ciUpper")
        if not (lower or upper):
            return ""
        level = self.number("confidenceLevel") or _USUAL_LEVEL
        return f"{level} % CI {lower or 'not given'} to {upper or 'not given'}"

    @property
    def text(self) -> str:
        """The figure of an arm as people write it."""
        number = self.number("value")
        if not number:
            return self.one("valueStatus")
        iri = self.iri("unit")
        word = self.one("unit")
        unit = _UNITS.get(iri, f" {word if number == '1' else word + 's'}" if word else "")
        status = self.one("valueStatus")
        return f"{number}{unit}" + (f" ({status})" if status else "")

    @property
    def p_value(self) -> str:
        """The p-value, empty if none is reported."""
        if exact := self.number("pValue"):
            return exact
        bound = self.number("pValueBelow")
        return f"< {bound}" if bound else ""

    @property
    def ratio(self) -> tuple[float, float | None, float | None] | None:
        """The hazard ratio with its limits as numbers, to be drawn."""
        numbers = [self.number(name) for name in ("hazardRatio", "ciLower", "ciUpper")]
        value, lower, upper = (_float(number) for number in numbers)
        return None if value is None else (value, lower, upper)


@dataclass(frozen=True, slots=True)
class TrialFigures:
    """The figures of a trial in order: by endpoint, whole populations first, then by time.

    :ivar endpoints: IRIs of the primary endpoints
    """

    results: tuple[Figure, ...] = ()
    comparisons: tuple[Figure, ...] = ()
    populations: Mapping[str, Figure] = field(default_factory=dict)
    endpoints: tuple[str, ...] = ()

    def is_part(self, figure: Figure) -> bool:
        """Whether a figure is of a subgroup."""
        population = self.populations.get(figure.iri("population"))
        if population is None:
            return False
        kinds = (TZ + "PlannedSubgroup", TZ + "PostHocSubgroup")
        return bool(population.iri("subgroupOf")) or population.iri("populationKind") in kinds


def figures_of(rows: Iterable[Row], digits: Digits, primary: Sequence[str]) -> TrialFigures:
    """Read the rows of ``trial-figures.rq``.

    :param digits: how the figures are written
    :param primary: IRIs of the primary endpoints
    """
    found: dict[ox.NamedNode, dict[str, list[tuple[Term, str]]]] = {}
    for row in rows:
        node, name, value = row.get("figure"), row.get("property"), row.get("value")
        if not isinstance(node, ox.NamedNode) or not isinstance(name, ox.NamedNode):
            continue
        label = row.get("label")
        text = label.value if isinstance(label, ox.Literal) else ""
        values = found.setdefault(node, {}).setdefault(name.value, [])
        if value is not None and all(value != term for term, _ in values):
            values.append((value, text))
    figures = [Figure(node, values, digits) for node, values in found.items()]
    populations = {f.node.value: f for f in figures if not f.iri("endpoint")}
    sorted_out = TrialFigures(populations=populations, endpoints=tuple(primary))

    def order(figure: Figure) -> tuple[bool, str, bool, str, str, str]:
        endpoint = figure.iri("endpoint")
        return (
            endpoint not in primary,
            figure.one("endpoint"),
            sorted_out.is_part(figure),
            figure.one("population"),
            # What has no date of its own is the first report.
            figure.one("dataCutoff"),
            figure.node.value,
        )

    numbered = sorted((f for f in figures if f.iri("endpoint")), key=order)
    return TrialFigures(
        tuple(f for f in numbered if not f.is_comparison),
        tuple(f for f in numbered if f.is_comparison),
        populations,
        tuple(primary),
    )


def named(maker: ValueMaker, figure: Figure, name: str) -> Shown | None:
    """Give the first value of a property as the page shows it."""
    for term, label in figure.values.get(TZ + name, ()):
        return maker.named(term, [label] if label else [])
    return None


def _plain(term: Term) -> str:
    return term.value if isinstance(term, ox.Literal | ox.NamedNode) else ""


def _float(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
