"""Numbers of figures as intervals in a common unit, so that rules can compare them.

A number is as exact as its digits: ``20.1`` stands for anything above 20.05 and below 20.15. Two
numbers that are rounded differently are then the same if their intervals meet. What the interval
is:

====================================  ==========================================================
a number                              half a unit of the last digit on both sides
a p-value                             a whole unit of it, as reports also cut digits off
``tz:valueFrom`` and ``tz:valueTo``   from the one to the other, each as exact as its digits
``tz:valueBelow``, ``tz:pValueBelow`` anything below
``tz:valueAbove``                     anything above
``tz:valueAtMost``                    anything below, and the number itself, as exact as it is
``tz:valueAtLeast``                   anything above, and the number itself, as exact as it is
``tz:approximate``                    a unit of the last digit or a twentieth, if that is more
``tz:hazardReduction``                the hazard ratio that it leaves, from the one in percent
``tz:numerator``, ``tz:denominator``  each as a count; their share is the value in percent, if no
                                      other is given
====================================  ==========================================================

However few its digits are, a number stands for nothing that is more than 15 % off: a hazard ratio
of “1” is not 0.74, and “about 1 year” not 5.6 months. Of a p-value it is a quarter; a p-value of
“0” is one that is rounded to that with three digits.

A time that is converted (``tz:conversionFactor``) adds half a percent on both sides: reports count
a month as anything between 4.33 and 4.35 weeks. A share is exact in percent and as a fraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyoxigraph as ox

from tzgraph.audit.terms import View, local_name, solutions
from tzgraph.read.lookup import CellLookup
from tzgraph.resources import own_query
from tzgraph.vocabulary import ID, RDF, TZ, XSD

__all__ = ["Interval", "interval", "quantities"]

#: Stands for no bound: no figure comes near it.
_FAR = Decimal(10) ** 9
_SLACK = Decimal("0.005")
#: A share of counts is exact, but an interval has two ends, and a store few digits.
_TINY = Decimal("0.000001")
#: From fractions to percent nothing is lost.
_EXACT = (Decimal(1), Decimal(100))
_KINDS = (
    *("value", "hazardRatio", "ciLower", "ciUpper", "pValue", "numerator", "denominator"),
    *("difference", "relativeDifference"),
)
#: Kinds in the unit of the figure, and those that “about” is said of.
_IN_UNIT = ("value", "ciLower", "ciUpper", "difference")
_ABOUT = ("value", "hazardRatio", "difference", "relativeDifference")
_REDUCTION, _COUNT, _ALL = (TZ + n for n in ("hazardReduction", "numerator", "denominator"))
_FROM, _TO, _BELOW, _ABOVE, _MOST, _LEAST = (
    TZ + "value" + end for end in ("From", "To", "Below", "Above", "AtMost", "AtLeast")
)
_P_BELOW = TZ + "pValueBelow"
_ONE, _PERCENT = ox.NamedNode(TZ + "One"), ox.NamedNode(TZ + "Percent")
_DECIMAL = ox.NamedNode(XSD + "decimal")


@dataclass(frozen=True, slots=True)
class Interval:
    """What a number as written may stand for; the ends are not included."""

    low: Decimal
    high: Decimal

    def scaled(self, factor: Decimal) -> Interval:
        """Give the interval in another unit."""
        ends = (self.low * factor, self.high * factor)
        if factor in _EXACT:
            return Interval(*ends)
        return Interval(ends[0] - abs(ends[0]) * _SLACK, ends[1] + abs(ends[1]) * _SLACK)


def interval(
    number: str,
    *,
    about: bool = False,
    units: Decimal = Decimal("0.5"),
    most: Decimal = Decimal("0.15"),
) -> Interval:
    """Give what a number may stand for.

    :param number: as written; its digits say how exact it is
    :param about: whether it is given as about right only
    :param units: how many units of the last digit it may be off
    :param most: the share of itself that it may be off, however few its digits are
    :raises ArithmeticError: if it is no decimal number

    >>> interval("20.0")
    Interval(low=Decimal('19.95'), high=Decimal('20.05'))
    >>> interval("1")
    Interval(low=Decimal('0.85'), high=Decimal('1.15'))
    """
    value = Decimal(number)
    exponent = value.as_tuple().exponent
    unit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    off = max(unit, abs(value) / 20) if about else unit * units
    if value:
        off = min(off, abs(value) * most)
    return Interval(value - off, value + off)


def _p_value(number: str) -> Interval:
    """Give what a p-value may stand for: reports round them, and cut digits off."""
    if not Decimal(number):
        number = max(number, "0.000", key=len)
    return interval(number, units=Decimal(1), most=Decimal("0.25"))


@dataclass(slots=True)
class _Figure:
    """The numbers of a figure, as written, by property; its common unit and the factor to it."""

    numbers: dict[str, str]
    about: bool
    unit: ox.NamedNode
    factor: Decimal


def quantities(store: ox.Store, view: View) -> Iterator[ox.Triple]:
    """Give the quantities of all figures as triples.

    :param store: holds figures and, in graph ``provenance``, their digits as written
    :param view: the graphs that hold the figures
    """
    for iri, figure in _figures(store, view).items():
        for kind, (found, properties) in _intervals(figure).items():
            counted = properties == [_COUNT, _ALL]
            unit = _PERCENT if counted else figure.unit if kind in _IN_UNIT else _ONE
            limits = found if counted or unit == _ONE else found.scaled(figure.factor)
            node = ox.NamedNode(f"{ID}quantity/{local_name(iri)}-{kind.lower()}")
            yield ox.Triple(node, ox.NamedNode(RDF + "type"), ox.NamedNode(TZ + "Quantity"))
            yield ox.Triple(node, ox.NamedNode(TZ + "quantityOf"), ox.NamedNode(iri))
            yield ox.Triple(node, ox.NamedNode(TZ + "quantityKind"), ox.NamedNode(TZ + kind))
            yield ox.Triple(node, ox.NamedNode(TZ + "limitsIn"), unit)
            for name in properties:
                yield ox.Triple(node, ox.NamedNode(TZ + "fromProperty"), ox.NamedNode(name))
            for name, limit in (("lowerLimit", limits.low), ("upperLimit", limits.high)):
                number = ox.Literal(f"{limit.normalize():f}", datatype=_DECIMAL)
                yield ox.Triple(node, ox.NamedNode(TZ + name), number)


def _figures(store: ox.Store, view: View) -> dict[str, _Figure]:
    places = CellLookup(store)
    found: dict[str, _Figure] = {}
    for row in solutions(store, own_query("audit", "figures"), view):
        node, link, number = row["figure"], row["property"], row["number"]
        if not (
            isinstance(node, ox.NamedNode)
            and isinstance(link, ox.NamedNode)
            and isinstance(number, ox.Literal)
        ):
            continue
        about, unit, factor = row["about"], row["unit"], row["factor"]
        figure = found.setdefault(
            node.value,
            _Figure(
                {},
                isinstance(about, ox.Literal) and about.value == "true",
                unit if isinstance(unit, ox.NamedNode) else _ONE,
                Decimal(factor.value) if isinstance(factor, ox.Literal) else Decimal(1),
            ),
        )
        figure.numbers[link.value] = _as_written(places, node, link, number)
    return dict(sorted(found.items()))


def _as_written(
    places: CellLookup, node: ox.NamedNode, link: ox.NamedNode, number: ox.Literal
) -> str:
    """The digits of a number: of its cell, if the store dropped some."""
    texts = (places.verbatim(cell) for cell in places.cells(node, link, number))
    return next((text for text in texts if text is not None), number.value)


def _intervals(figure: _Figure) -> dict[str, tuple[Interval, list[str]]]:
    """The intervals of a figure by kind, each with the properties that it comes from."""
    found: dict[str, tuple[Interval, list[str]]] = {}
    numbers = figure.numbers
    for kind in _KINDS:
        if TZ + kind in numbers:
            number, about = numbers[TZ + kind], figure.about and kind in _ABOUT
            exact = _p_value(number) if kind == "pValue" else interval(number, about=about)
            found[kind] = (exact, [TZ + kind])
    if _FROM in numbers and _TO in numbers:
        ends = interval(numbers[_FROM]).low, interval(numbers[_TO]).high
        found.setdefault("value", (Interval(*ends), [_FROM, _TO]))
    if _REDUCTION in numbers:
        left = interval(numbers[_REDUCTION], about=figure.about)
        rest = Interval(1 - left.high / 100, 1 - left.low / 100)
        found.setdefault("hazardRatio", (rest, [_REDUCTION]))
    if bounds := [name for name in (_ABOVE, _LEAST, _BELOW, _MOST) if name in numbers]:
        found.setdefault("value", (_bounded(numbers), bounds))
    if _COUNT in numbers and Decimal(numbers.get(_ALL, "0")) > 0:
        share = (100 * Decimal(numbers[_COUNT]) / Decimal(numbers[_ALL])).quantize(_TINY)
        found.setdefault("value", (Interval(share - _TINY, share + _TINY), [_COUNT, _ALL]))
    if _P_BELOW in numbers:
        below = Interval(-_FAR, Decimal(numbers[_P_BELOW]))
        found.setdefault("pValue", (below, [_P_BELOW]))
    return found


def _bounded(numbers: Mapping[str, str]) -> Interval:
    """Give what is between bounds, which may be missing; those of “at least” are part of it."""
    lows, highs = [-_FAR], [_FAR]
    if _ABOVE in numbers:
        lows.append(Decimal(numbers[_ABOVE]))
    if _LEAST in numbers:
        lows.append(interval(numbers[_LEAST]).low)
    if _BELOW in numbers:
        highs.append(Decimal(numbers[_BELOW]))
    if _MOST in numbers:
        highs.append(interval(numbers[_MOST]).high)
    return Interval(max(lows), min(highs))
