"""The tool that holds a figure of a trial against what is reported of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import permutations
from typing import Annotated, Any, Literal, TypeAlias

import pyoxigraph as ox
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.requests import Request

from tzgraph.audit.model import AuditedClaim, ClaimPart, Verdict
from tzgraph.audit.single import StatedFigure
from tzgraph.errors import UsageError
from tzgraph.names.lookup import thing_named
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.resources import own_query
from tzgraph.serve.agents.answers import FigureAnswer, FigureVerdict, NamedThing
from tzgraph.serve.agents.asking import known_as
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.sparql.client import ask_rows, looked_up
from tzgraph.terms import Term
from tzgraph.vocabulary import TZ, XSD

__all__ = ["FigureArguments", "check_figure"]

_NUMBER = re.compile(r"([<>]?) ?(-?[0-9]{1,9}(?:\.[0-9]{1,9})?) ?(%?)")
#: Arms of a trial that are tried where none is named, and in pairs.
_MOST_ARMS, _MOST_PAIRED = 60, 8
_VERDICTS = {
    Verdict.SUPPORTED: FigureVerdict.SUPPORTED,
    Verdict.CONTRADICTED: FigureVerdict.CONTRADICTED,
    Verdict.IMPRECISE: FigureVerdict.IMPRECISE,
    Verdict.UNVERIFIED: FigureVerdict.UNKNOWN,
}
#: Properties of what is compared, by the kind of number.
_COMPARED = {"hazard_ratio": "hazardRatio", "p_value": "pValue", "difference": "difference"}
_Kind: TypeAlias = Literal["value", "hazard_ratio", "p_value", "difference"]


def _as_text(given: object) -> object:
    """Give a number as text, as agents may write one."""
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return str(given) if is_number else given


_Number = Annotated[str, BeforeValidator(_as_text)]


class FigureArguments(BaseModel):
    """A figure, and what it is said of."""

    model_config = ConfigDict(extra="forbid")

    trial: str = Field(description="Any name of the trial.", min_length=1, max_length=2000)
    endpoint: str = Field(
        description="Any name of the endpoint, such as OS.", min_length=1, max_length=2000
    )
    value: _Number = Field(
        description='The number as written, as text: its digits say how exact it is. "< 0.001" and'
        ' "not reached" can be said, too.',
        max_length=50,
    )
    kind: _Kind = Field(
        default="value", description="value: of an arm (median, rate); the others compare two arms."
    )
    unit: str = Field(
        default="",
        description="Such as month or percent; left out, the unit of reports.",
        max_length=200,
    )
    arm: str = Field(
        default="",
        description="The arm, by a name or a word that only its label has; the first of two.",
        max_length=2000,
    )
    reference_arm: str = Field(default="", description="The second of two arms.", max_length=2000)
    ci_lower: _Number = Field(
        default="", description="Lower end of the 95 % interval.", max_length=50
    )
    ci_upper: _Number = Field(
        default="", description="Upper end of the 95 % interval.", max_length=50
    )
    population: str = Field(
        default="", description="Any name of the population, if not all.", max_length=2000
    )
    data_cutoff: date | None = Field(
        default=None, description="Date up to which data were looked at."
    )
    approximate: bool = Field(default=False, description="Whether it is given as about right only.")


async def check_figure(request: Request, asked: FigureArguments) -> FigureAnswer:
    """Hold a figure against what is reported, by the rules of the audit.

    :raises UnknownNameError: if a name is that of nothing, or of several things
    :raises UsageError: if a number can't be read
    """
    service = service_of(request)
    trial = await _named(request, service, asked.trial, "Trial")
    endpoint = await _named(request, service, asked.endpoint, "Endpoint")
    values = await _values(request, service, asked, trial, endpoint)
    arms = await _arms(request, service, trial)
    tried = _tried(asked, arms)
    figures = [StatedFigure(_class_of(asked.kind), {**values, **one}) for one in tried]
    frame = {
        "release": service.release.id,
        "trial": known_as(service, trial).model_dump(),
        "endpoint": known_as(service, endpoint).model_dump(),
    }

    def work(explainer: ReleaseExplainer, step: Callable[[], None]) -> bytes:
        step()
        judge = explainer.judge
        step()
        claims = judge.judge(figures)
        step()
        judged = [
            _judgement(service, claim, one, arms) for claim, one in zip(claims, tried, strict=True)
        ]
        is_named = len(tried) == 1 and bool(asked.arm)
        verdict = _verdict([claim.verdict for claim in claims], is_named=is_named)
        decided = [one for one in judged if one["verdict"] == verdict]
        reported = [_part(part) for part in judge.reported(trial, endpoint)]
        answer = {
            **frame,
            "verdict": verdict,
            "provisional": any(one["provisional"] for one in decided),
            "judgements": decided if verdict == FigureVerdict.SUPPORTED else judged,
            "reported": reported,
            "notes": _notes(verdict, reported, arms, is_named=is_named),
        }
        return json.dumps(answer, ensure_ascii=False).encode()

    return FigureAnswer.model_validate_json(await service.explaining.run(work))


def _class_of(kind: str) -> str:
    return "StatedComparison" if kind in _COMPARED else "StatedResult"


async def _named(request: Request, service: Service, text: str, of_class: str) -> str:
    base = service.release.manifest.kinds.get(TZ + of_class, "")
    lookup = thing_named(service.names, text, base=base, of_class=TZ + of_class)
    return await looked_up(request, service, lookup)


async def _values(
    request: Request, service: Service, asked: FigureArguments, trial: str, endpoint: str
) -> dict[str, Term]:
    """Give what is said, by local name of the property."""
    found: dict[str, Term] = {"endpoint": ox.NamedNode(endpoint)}
    unit = asked.unit.strip()
    if asked.value.strip().casefold() == "not reached":
        if asked.kind != "value":
            raise UsageError("Only a value of an arm can be not reached.", "Give a number.")
        found["valueStatus"] = ox.NamedNode(TZ + "NotReached")
    else:
        sign, number, percent = _number("value", asked.value)
        unit = unit or percent
        found[_property(asked.kind, sign)] = number
    for name, text in (("ciLower", asked.ci_lower), ("ciUpper", asked.ci_upper)):
        if text.strip():
            found[name] = _number(name, text)[1]
    if asked.approximate:
        found["approximate"] = ox.Literal(True)
    if asked.data_cutoff is not None:
        found["dataCutoff"] = ox.Literal(
            asked.data_cutoff.isoformat(), datatype=ox.NamedNode(XSD + "date")
        )
    if asked.population.strip():
        population = await _named(request, service, asked.population, "Population")
        found["population"] = ox.NamedNode(population)
    if asked.kind in ("value", "difference"):
        found["unit"] = await _unit(request, service, unit, trial, endpoint)
    return found


def _number(what: str, text: str) -> tuple[str, ox.Literal, str]:
    """Give the sign before a number, the number, and the unit behind it.

    :raises UsageError: if it is none
    """
    read = _NUMBER.fullmatch(text.strip())
    if read is None:
        raise UsageError(
            f"{what}: “{text}” is no number.",
            'Give digits with a point, such as "13.8", with < or > before them if it is a bound.',
        )
    sign, number, percent = read.groups()
    literal = ox.Literal(number, datatype=ox.NamedNode(XSD + "decimal"))
    return sign, literal, "percent" if percent else ""


def _property(kind: _Kind, sign: str) -> str:
    """Give the local name of the property of a number.

    :raises UsageError: if there is none for a bound of this kind
    """
    if not sign:
        return _COMPARED.get(kind, "value")
    bounds = {
        ("value", "<"): "valueBelow",
        ("value", ">"): "valueAbove",
        ("p_value", "<"): "pValueBelow",
    }
    if (kind, sign) not in bounds:
        raise UsageError(f"A {kind} can't be given with {sign}.", "Give the number.")
    return bounds[kind, sign]


async def _unit(
    request: Request, service: Service, written: str, trial: str, endpoint: str
) -> ox.NamedNode:
    """Give the unit that is named, else the one in which the endpoint is reported.

    :raises UsageError: if none is named, and there is not just one
    """
    if written:
        singular = "percent" if written == "%" else written.removesuffix("s")
        return ox.NamedNode(await _named(request, service, singular, "Unit"))
    terms: dict[str, Term] = {"trial": ox.NamedNode(trial), "endpoint": ox.NamedNode(endpoint)}
    rows = await ask_rows(request, service, own_query("serve/agents", "units"), terms)
    units = [unit for row in rows if isinstance(unit := row.get("unit"), ox.NamedNode)]
    if len(units) == 1:
        return units[0]
    compact = service.release.manifest.curies.compact
    known = ", ".join(compact(unit.value) for unit in units) or "none"
    raise UsageError(
        f"The unit is not said, and reports of this endpoint have several or none: {known}.",
        "Give unit, such as month or percent.",
    )


async def _arms(request: Request, service: Service, trial: str) -> dict[str, str | None]:
    """Give the arms of a trial with their labels."""
    terms: dict[str, Term] = {"trial": ox.NamedNode(trial)}
    found: dict[str, str | None] = {}
    for row in await ask_rows(request, service, own_query("serve/agents", "arms"), terms):
        arm, label = row.get("arm"), row.get("label")
        if isinstance(arm, ox.NamedNode):
            found.setdefault(arm.value, label.value if isinstance(label, ox.Literal) else None)
    return found


def _tried(
    asked: FigureArguments, arms: Mapping[str, str | None]
) -> Sequence[dict[str, ox.NamedNode]]:
    """Give the arms that the figure may be of, by local name of the property.

    :raises UsageError: if an arm that is named is none of them, or several
    """
    one = _arm("arm", asked.arm, arms)
    if asked.kind == "value":
        if asked.reference_arm:
            raise UsageError("A value is of one arm.", "Leave out reference_arm, or give kind.")
        return [{"resultOf": ox.NamedNode(arm)} for arm in one or list(arms)[:_MOST_ARMS]]
    other = _arm("reference_arm", asked.reference_arm, arms)
    pairs = permutations(list(arms)[:_MOST_PAIRED] if not (one and other) else [*one, *other], 2)
    return [
        {"comparesArm": ox.NamedNode(first), "referenceArm": ox.NamedNode(second)}
        for first, second in pairs
        if (not one or first in one) and (not other or second in other)
    ]


def _arm(what: str, text: str, arms: Mapping[str, str | None]) -> list[str]:
    """Give the arm that a text names: by the end of its IRI, or words of its label.

    :raises UsageError: if it is none of the trial, or not only one
    """
    said = text.strip().casefold()
    if not said:
        return []
    ends = [iri for iri in arms if said in (iri.casefold(), re.split(r"[/:]", iri)[-1].casefold())]
    ends = ends or [iri for iri in arms if said.rpartition(":")[2] == iri.rsplit("/", 1)[-1]]
    found = ends or [iri for iri, label in arms.items() if said == (label or "").casefold()]
    found = found or [iri for iri, label in arms.items() if said in (label or "").casefold()]
    if len(found) == 1:
        return found
    known = "; ".join(f"{iri.rsplit('/', 1)[-1]} ({label})" for iri, label in arms.items())
    several = "no" if not found else f"each of {len(found)}"
    raise UsageError(
        f"{what}: “{text}” names {several} arm{'s' if found else ''} of the trial.",
        f"Arms known: {known or 'none'}.",
    )


def _verdict(verdicts: Iterable[Verdict], *, is_named: bool) -> FigureVerdict:
    """Give the verdict on a figure that may be of any of some arms.

    It may be of an arm that the graph lacks: only where the arm is named is it contradicted.
    """
    found = [_VERDICTS[verdict] for verdict in verdicts]
    if FigureVerdict.SUPPORTED in found:
        return FigureVerdict.SUPPORTED
    return found[0] if is_named and found else FigureVerdict.UNKNOWN


def _notes(
    verdict: FigureVerdict,
    reported: Sequence[object],
    arms: Mapping[str, str | None],
    *,
    is_named: bool,
) -> list[str]:
    if not arms:
        return ["The graph knows no arm of this trial, so it can't decide."]
    if not reported:
        return ["The graph holds no report of this endpoint in this trial, so it can't decide."]
    if verdict is FigureVerdict.UNKNOWN and not is_named:
        return ["No figure that is reported of an arm fits. Name the arm to learn more."]
    if verdict is FigureVerdict.UNKNOWN:
        return ["Another report that the graph lacks may have it: it is neither right nor wrong."]
    return []


def _judgement(
    service: Service,
    claim: AuditedClaim,
    tried: Mapping[str, ox.NamedNode],
    arms: Mapping[str, str | None],
) -> dict[str, Any]:
    deciding = claim.deciding
    first = deciding[0] if deciding else None
    named: list[NamedThing] = [
        known_as(service, arm.value, arms.get(arm.value)) for arm in tried.values()
    ]
    return {
        "arms": [one.model_dump() for one in named],
        "verdict": _VERDICTS[claim.verdict],
        "provisional": claim.provisional,
        "rule": first.rule if first else "",
        "title": first.title if first else "",
        "reason": first.reason if first else "",
        "against": [_part(part) for one in deciding for part in one.checked_against],
        "differences": [str(each) for one in deciding for each in one.differences],
    }


def _part(part: ClaimPart) -> dict[str, Any]:
    return {
        **{
            name: getattr(part, name)
            for name in ("iri", "text", "about", "source", "publication", "link", "recalled")
        },
        "cells": [cell.iri for cell in part.cells],
    }
