"""What is said beyond a number: counts, differences, times, analyses, events, frequencies.

Each function gives pieces of a sentence for :class:`tzgraph.audit.parts.Describer`; pieces that a
figure does not have are left out.
"""

from __future__ import annotations

from typing import Protocol

import pyoxigraph as ox

from tzgraph.audit.terms import text_of
from tzgraph.terms import Term
from tzgraph.vocabulary import SKOS, TZ

__all__ = [
    "Names",
    "about_frequency",
    "about_number",
    "circumstances",
    "counts",
    "gaps",
    "precedence",
    "unit",
    "years",
]

#: Units whose notation no reader would know, or that is none.
_UNITS = {"mo": "months", "wk": "weeks", "d": "days", "a": "years", "1": ""}
_PLACES = {"First": "the first", "Only": "the only one"}


class Names(Protocol):
    """Looks things up: a describer does."""

    def one(self, node: Term | None, name: str) -> Term | None:
        """Give a value of a property, or ``None``."""

    def label(self, node: Term | None) -> str:
        """Give the label of a thing."""

    def written(self, node: ox.NamedNode, name: str) -> str:
        """Give a value as its cell has it."""


def unit(names: Names, node: Term | None, name: str = "unit") -> str:
    """Give the unit of a figure as it follows a number, with a space before it."""
    notation = text_of(names.one(names.one(node, name), SKOS + "notation"))
    known = _UNITS.get(notation, notation)
    return f" {known}" if known else ""


def counts(names: Names, node: ox.NamedNode) -> str:
    """Give “24 of 46”, or nothing."""
    some, all_of_them = (names.written(node, name) for name in ("numerator", "denominator"))
    return f"{some} of {all_of_them}" if some and all_of_them else ""


def gaps(names: Names, node: ox.NamedNode) -> list[str]:
    """Give the differences that a comparison states."""
    said = []
    if reduction := names.written(node, "hazardReduction"):
        said.append(f"hazard lower by {reduction} %")
    if difference := names.written(node, "difference"):
        said.append(f"difference {difference}{unit(names, node)}")
    if relative := names.written(node, "relativeDifference"):
        said.append(f"difference {relative} %")
    return said


def circumstances(names: Names, node: ox.NamedNode) -> list[str]:
    """Give what narrows a figure: time point, event, grade, cause, analysis, follow-up."""
    said = []
    if time := names.written(node, "timePoint"):
        said.append(f"at {time}{unit(names, node, 'timeUnit') or ' months'}")
    for name in ("adverseEvent", "toxicityGrade", "attribution", "consequence", "analysisKind"):
        said.append(names.label(names.one(node, name)))
    if months := names.written(node, "medianFollowUp"):
        said.append(f"median follow-up {months} months")
    return [text for text in said if text]


def about_frequency(names: Names, node: ox.NamedNode) -> list[str]:
    """Give what a frequency is of: “gastric cancer · new cases in a year · World · 2020”."""
    links = ("frequencyOf", "frequencyIn", "frequencyMeasure")
    what, group, measure = (names.label(names.one(node, name)) for name in links)
    place, year = (text_of(names.one(node, name)) for name in ("place", "year"))
    return [x for x in (what, f"in {group}" if group else "", measure, place, year) if x]


def about_number(names: Names, node: ox.NamedNode) -> list[str]:
    """Give what a number is of: “ToGA · enrolment”."""
    return [names.label(names.one(node, name)) for name in ("aboutThing", "aboutProperty")]


def precedence(names: Names, node: ox.NamedNode) -> str:
    """Give “the first on HER2”, or nothing."""
    kind = text_of(names.one(node, "precedence")).removeprefix(TZ)
    target = names.label(names.one(node, "amongTarget"))
    text = _PLACES.get(kind, "")
    return text + (f" on {target}" if text and target else "")


def years(names: Names, node: ox.NamedNode) -> str:
    """Give “from 2011” or “from 1990 to 1999”, or nothing."""
    first, last = (text_of(names.one(node, name)) for name in ("yearFrom", "yearTo"))
    return " ".join(
        x for x in (f"from {first}" if first else "", f"to {last}" if last else "") if x
    )
