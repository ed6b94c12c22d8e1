"""What a comparison of arms shows: each rule on its own, where it fires and just doesn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reason.graphs import domain_rules
from tests.reason.rule_cases import cases_of, conditions, differences, without

_CASES = cases_of(Path(__file__).parent / "cases")
_RULES = {rule.name: rule for rule in domain_rules() if rule.name.startswith("comparison-")}


@pytest.mark.parametrize("name", _RULES)
def test_a_rule_does_what_its_cases_say(name: str) -> None:
    cases = [case for case in _CASES if case.rule == name]
    assert any(not change.fires for case in cases for change in case.changes), "add a case"
    rule = _RULES[name]
    assert [text for case in cases for text in differences(rule, case, frozenset())] == []
    for condition in conditions(rule.where):
        idle = without(rule, condition)
        assert any(list(differences(idle, case, frozenset())) for case in cases), condition


def test_cases_are_those_of_rules() -> None:
    assert {case.rule for case in _CASES} == set(_RULES)
