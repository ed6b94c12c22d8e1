"""Figures that stand in no table, judged by the rules of the audit."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.audit.model import Verdict
from tzgraph.audit.single import FigureJudge, StatedFigure
from tzgraph.errors import UsageError
from tzgraph.release import open_release
from tzgraph.vocabulary import ID, TZ, XSD

_ARM = ox.NamedNode(ID + "arm/toga-trastuzumab")


def _of(number: str, endpoint: str = "OverallSurvival") -> StatedFigure:
    return StatedFigure(
        "StatedResult",
        {
            "resultOf": _ARM,
            "endpoint": ox.NamedNode(TZ + endpoint),
            "unit": ox.NamedNode(TZ + "Month"),
            "value": ox.Literal(number, datatype=ox.NamedNode(XSD + "decimal")),
        },
    )


@pytest.fixture(scope="module")
def judge(shipped_dir: Path) -> FigureJudge:
    release = open_release(shipped_dir)
    return FigureJudge(release.store(), release.rules())


def test_several_figures_are_judged_each_for_itself(judge: FigureJudge) -> None:
    found = judge.judge([_of("13.8"), _of("14.2"), _of("33"), _of("1", "EventFreeSurvival")])
    assert [claim.verdict for claim in found] == [
        Verdict.SUPPORTED,
        Verdict.UNVERIFIED,
        Verdict.CONTRADICTED,
        Verdict.UNVERIFIED,
    ]
    assert found[0].deciding[0].rule == "figure-borne-out"
    assert found[0].deciding[0].checked_against[0].text.startswith("13.8 months")


def test_what_was_asked_leaves_no_trace(judge: FigureJudge) -> None:
    before = set(judge._store)
    first = judge.judge([_of("33")])
    assert set(judge._store) == before
    assert judge.judge([_of("33")]) == first
    with pytest.raises(ValueError, match="a"):
        judge.judge([StatedFigure("StatedResult", {"a b": _ARM, "\n": ox.NamedNode("a")})])
    assert set(judge._store) == before


def test_what_documents_say_is_not_what_is_reported(judge: FigureJudge) -> None:
    # The review's own number for an arm of JACOB, which no report has.
    arm = ox.NamedNode(ID + "arm/jacob-placebo")
    figure = _of("17.5")
    found = judge.judge([StatedFigure(figure.kind, {**figure.values, "resultOf": arm})])
    assert found[0].verdict is not Verdict.SUPPORTED


def test_reported_figures_have_their_digits_and_cells(judge: FigureJudge) -> None:
    found = judge.reported(ID + "trial/toga", TZ + "OverallSurvival")
    texts = [part.text for part in found]
    assert any(text.startswith("13.8 months") for text in texts)
    assert any("0.74" in text for text in texts)
    assert all(part.cells and part.source for part in found)
    assert judge.reported(ID + "trial/none", TZ + "OverallSurvival") == []


def test_too_much_is_refused(judge: FigureJudge, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="too many"):
        judge.judge([_of("1")] * 201)
    with pytest.raises(UsageError, match="no rules"):
        FigureJudge(ox.Store(), [])
    monkeypatch.setattr("tzgraph.audit.single.MOST_QUADS", 1)
    with pytest.raises(UsageError, match="up to 1 statements"):
        FigureJudge(judge._store, judge._rules)
