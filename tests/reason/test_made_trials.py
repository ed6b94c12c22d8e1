"""What made-up trials show: the rules on comparisons together, up to the finding."""

from __future__ import annotations

import pytest

from tests.reason.graphs import domain_rules, reasoned
from tzgraph.vocabulary import TZ

_RULES = [rule for rule in domain_rules() if rule.name.startswith("comparison-")]
_TRIAL = """
:trial tz:hasArm :arm , :reference ; tz:primaryEndpoint tz:OverallSurvival ; {trial} .
:part tz:subgroupOf :itt .
:comparison a tz:Comparison ; tz:comparisonOf :trial ;
  tz:comparesArm :arm ; tz:referenceArm :reference ;
  tz:endpoint tz:OverallSurvival ; tz:population :itt ; {comparison} .
tz:OverallSurvival tz:higherIsBetter true .
"""
_MET = "tz:allocation tz:Randomised ; tz:primaryEndpointMet true"
_MISSED = "tz:allocation tz:Randomised ; tz:primaryEndpointMet false"
_OPEN = "tz:allocation tz:Randomised"
_CLEAR = "tz:hazardRatio 0.70 ; tz:ciLower 0.55 ; tz:ciUpper 0.90 ; tz:pValue 0.0044"


def found(trial: str, comparison: str, more: str = "") -> tuple[set[str], set[str]]:
    """Findings (but for the direction) and limits of a comparison of a trial."""
    text = _TRIAL.format(trial=trial, comparison=comparison) + more
    new = reasoned("", _RULES, extra=text).new
    plain = {(p.removeprefix(TZ), o.removeprefix(TZ)) for s, p, o in new if s == "comparison"}
    directions = {"NumericallyBetter", "NumericallyWorse"}
    return (
        {o for p, o in plain if p == "finding"} - directions,
        {o for p, o in plain if p == "limitedBy"},
    )


@pytest.mark.parametrize(
    ("trial", "comparison", "finding"),
    [
        (_MET, _CLEAR, "Superior"),
        ("tz:primaryEndpointMet true", _CLEAR, "Superior"),  # tables of today say no more
        (_MISSED, _CLEAR, "NoDifference NominallySignificant"),
        (_OPEN, _CLEAR, "NominallySignificant"),
        (_OPEN, _CLEAR + " ; tz:endpointOutcome tz:Met", "Superior"),
        (_MET, _CLEAR + " ; tz:endpointOutcome tz:NotYetMet", "NominallySignificant NotYetShown"),
        (_MET, _CLEAR + " ; tz:analysisKind tz:InterimAnalysis", "NominallySignificant"),
        (_MET, _CLEAR + " ; tz:analysisKind tz:InterimAnalysis ; tz:alpha 0.0273", "Superior"),
        (
            _MET,
            _CLEAR + " ; tz:analysisKind tz:InterimAnalysis ; tz:alpha 0.001",
            "NotYetShown",
        ),
        (
            "tz:allocation tz:SingleGroup ; tz:primaryEndpointMet true",
            _CLEAR,
            "NominallySignificant",
        ),
        # The interval holds 1, whatever the p-value.
        (_MET, "tz:hazardRatio 0.84 ; tz:ciLower 0.70 ; tz:ciUpper 1.01 ; tz:pValue 0.03", ""),
        (
            _MET,
            "tz:hazardRatio 0.84 ; tz:ciLower 0.70 ; tz:ciUpper 1.01 ; tz:pValue 0.03 ; "
            "tz:sidedness tz:TwoSided",
            "",
        ),
        (
            _MET,
            "tz:hazardRatio 0.84 ; tz:ciLower 0.70 ; tz:ciUpper 1.01 ; tz:pValue 0.03 ; "
            "tz:sidedness tz:OneSided",
            "NoDifference",
        ),
        # A p-value alone: one of unknown sidedness has to be below 0.025.
        (_MET, "tz:hazardRatio 0.80 ; tz:pValue 0.03", ""),
        (_MET, "tz:hazardRatio 0.80 ; tz:pValue 0.024", "Superior"),
        (_MET, "tz:hazardRatio 0.80 ; tz:pValue 0.03 ; tz:sidedness tz:TwoSided", "Superior"),
        (_MET, "tz:hazardRatio 0.80", ""),
        (_MET, "tz:hazardRatio 0.80 ; tz:endpointOutcome tz:Met", ""),
        # An interval of 80 % decides nothing by itself; one that holds 1 does.
        (
            _MET,
            "tz:hazardRatio 0.80 ; tz:ciLower 0.70 ; tz:ciUpper 0.92 ; tz:confidenceLevel 80.0",
            "",
        ),
        (
            _MISSED,
            "tz:hazardRatio 0.91 ; tz:ciLower 0.67 ; tz:ciUpper 1.22 ; tz:confidenceLevel 80.0 ; "
            "tz:pValue 0.33",
            "NoDifference",
        ),
        # Non-inferiority is no superiority, and no lack of difference.
        (
            _MET,
            "tz:hazardRatio 0.95 ; tz:ciLower 0.80 ; tz:ciUpper 1.12 ; tz:pValue 0.01 ; "
            "tz:hypothesis tz:NonInferiorityHypothesis ; tz:margin 1.25 ; "
            "tz:endpointOutcome tz:Met",
            "NonInferior",
        ),
        (
            _MET,
            "tz:hazardRatio 0.95 ; tz:pValue 0.01 ; tz:hypothesis tz:NonInferiorityHypothesis",
            "",
        ),
        # A worse arm.
        (
            _OPEN,
            "tz:hazardRatio 1.43 ; tz:ciLower 1.11 ; tz:ciUpper 1.82 ; tz:pValue 0.0044",
            "Inferior NominallySignificant",
        ),
        (
            _OPEN,
            "tz:hazardRatio 1.43 ; tz:ciLower 1.11 ; tz:ciUpper 1.82 ; tz:pValue 0.99 ; "
            "tz:sidedness tz:OneSided",
            "",
        ),
    ],
)
def test_finding_of_a_made_up_comparison(trial: str, comparison: str, finding: str) -> None:
    assert found(trial, comparison)[0] == set(finding.split())


def test_what_limits_a_comparison_is_said() -> None:
    part = _CLEAR + " ; tz:population :part"
    assert found(_MET, part) == ({"NominallySignificant"}, {"SubgroupLimit"})
    assert found(_MET, part + " ; tz:endpointOutcome tz:Met") == ({"Superior"}, set())
    third = ":trial tz:hasArm :third ."
    assert found(_MET, _CLEAR, third) == ({"NominallySignificant"}, {"SeveralTestsLimit"})
    pooled = third + ":third tz:allocation tz:PooledGroups ."
    assert found(_MET, _CLEAR, pooled) == ({"Superior"}, set())
    pooled = ":arm tz:allocation tz:PooledGroups ."
    assert found(_MET, _CLEAR, pooled)[1] == {"NotRandomisedLimit"}
    gate = ":gate tz:endpointOutcome tz:Missed . :comparison tz:testedAfter :gate ."
    met = _CLEAR + " ; tz:endpointOutcome tz:Met"
    assert found(_MET, met, gate) == ({"NominallySignificant"}, {"EarlierTestLimit"})


def test_one_endpoint_can_be_met_and_the_other_not() -> None:
    """As in a trial with two primary endpoints and three arms."""
    more = """
    :trial tz:hasArm :third ; tz:primaryEndpoint tz:ProgressionFreeSurvival .
    tz:ProgressionFreeSurvival tz:higherIsBetter true .
    :pfs a tz:Comparison ; tz:comparisonOf :trial ;
      tz:comparesArm :arm ; tz:referenceArm :reference ;
      tz:endpoint tz:ProgressionFreeSurvival ; tz:population :itt ; tz:hazardRatio 0.65 ;
      tz:ciLower 0.52 ; tz:ciUpper 0.81 ; tz:pValueBelow 0.0001 ; tz:endpointOutcome tz:Met .
    """
    missed = "tz:hazardRatio 0.80 ; tz:pValue 0.0564 ; tz:endpointOutcome tz:Missed"
    new = reasoned("", _RULES, extra=_TRIAL.format(trial=_MET, comparison=missed) + more).new
    findings = {(s, o.removeprefix(TZ)) for s, p, o in new if p == TZ + "finding"}
    assert ("pfs", "Superior") in findings
    assert ("comparison", "NoDifference") in findings
    assert ("comparison", "Superior") not in findings
