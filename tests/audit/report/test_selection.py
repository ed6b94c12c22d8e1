"""Which claims of an audit a selection takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.audit.report.samples import CONTRADICTED, FULL, ID
from tzgraph.audit.model import AboutThing, Audit, Verdict
from tzgraph.audit.report.selection import Selection, counted
from tzgraph.errors import UsageError

JACOB = AboutThing(ID + "trial/jacob", "JACOB", "trial")
DRUG = AboutThing(ID + "drug/trastuzumab", "trastuzumab", "drug")
ONE = replace(CONTRADICTED, about=(JACOB, DRUG))
TWO = replace(
    CONTRADICTED,
    iri=ID + "claim/two",
    name="two",
    locator="4",
    text="Something else.",
    verdict=Verdict.SUPPORTED,
    citation_verdict=None,
    provisional=True,
    states=(),
    cites=(),
)
AUDIT = Audit(FULL.document, "1", (ONE, TWO))


def chosen(**given: str) -> list[str]:
    return [claim.name for claim in Selection.of(given).of_audit(AUDIT).claims]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, [ONE.name, "two"]),
        ({"verdict": "contradicted"}, [ONE.name]),
        ({"verdict": "tz:Supported"}, ["two"]),
        ({"verdict": "imprecise"}, []),
        ({"reference": "Contradicted"}, [ONE.name]),
        ({"section": "4"}, ["two"]),
        ({"section": " 3.2 "}, [ONE.name]),
        ({"section": "3"}, []),
        ({"provisional": "yes"}, ["two"]),
        ({"provisional": "NO"}, [ONE.name]),
        ({"trial": "jacob"}, [ONE.name]),
        ({"trial": "JACOB"}, [ONE.name]),
        ({"trial": "tztrial:jacob"}, [ONE.name]),
        ({"trial": ID + "trial/jacob"}, [ONE.name]),
        ({"trial": "trastuzumab"}, []),
        ({"about": "drug/trastuzumab"}, [ONE.name]),
        ({"about": "jacob"}, [ONE.name]),
        ({"about": "trastuz"}, []),
        ({"text": "os MEDIAN"}, [ONE.name]),
        ({"text": "median pembrolizumab"}, []),
        ({"text": "else", "verdict": "contradicted"}, []),
        ({"verdict": "", "text": "  ", "unknown": "x"}, [ONE.name, "two"]),
    ],
)
def test_takes_what_is_asked_for(given: dict[str, str], names: list[str]) -> None:
    assert chosen(**given) == names


@pytest.mark.parametrize(
    "given", [{"verdict": "wrong"}, {"reference": "yes"}, {"provisional": "maybe"}]
)
def test_what_is_no_answer_is_told(given: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="has to be"):
        Selection.of(given)


def test_counts_sections_and_trials() -> None:
    sections, trials = counted(AUDIT)
    assert sections == {"3.2": 1, "4": 1}
    assert trials == {JACOB: 1}


def test_all_else_of_an_audit_stays() -> None:
    found = Selection.of({"verdict": "imprecise"}).of_audit(FULL)
    assert (found.document, found.findings) == (FULL.document, FULL.findings)
    assert found.claims == tuple(c for c in FULL.claims if c.verdict is Verdict.IMPRECISE)
