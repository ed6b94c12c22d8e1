"""Each rule of the audit, on its own: where it fires, and where it just doesn't."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.audit.figures import audit_rules
from tests.reason.rule_cases import Case, cases_of, conditions, differences, without
from tzgraph.reason import Rule
from tzgraph.reason.engine import strata
from tzgraph.resources import shipped
from tzgraph.vocabulary import ID, TZ

_FOLDER = shipped("ontology") / "audit"
_NAMES = sorted(path.stem for path in _FOLDER.glob("*.rq"))
_CASES = cases_of(Path(__file__).parent / "cases")


@cache
def _rules() -> dict[str, Rule]:
    return {rule.name: rule for rule in audit_rules()}


@cache
def _heads() -> frozenset[str]:
    return frozenset(p.predicate[1:-1] for rule in _rules().values() for p in rule.head)


def _cases(name: str) -> list[Case]:
    return [case for case in _CASES if case.rule == name]


def test_cases_are_those_of_rules() -> None:
    assert {case.rule for case in _CASES} - set(_NAMES) == set()


@pytest.mark.parametrize("name", _NAMES)
def test_a_rule_has_a_case_where_it_fires_and_a_near_miss(name: str) -> None:
    cases = _cases(name)
    assert cases, f"add a case for {name} to {Path(__file__).parent / 'cases'}"
    assert all(case.then for case in cases)
    assert any(not change.fires for case in cases for change in case.changes)


@pytest.mark.parametrize("name", _NAMES)
def test_a_rule_does_what_its_cases_say(name: str) -> None:
    wrong = [text for case in _cases(name) for text in differences(_rules()[name], case, _heads())]
    assert wrong == []


@pytest.mark.parametrize("name", _NAMES)
def test_each_condition_of_a_rule_matters_to_a_case(name: str) -> None:
    rule = _rules()[name]
    idle = [
        rule.where[condition[0] : condition[1]]
        for condition in conditions(rule.where)
        if not any(
            list(differences(without(rule, condition), case, _heads())) for case in _cases(name)
        )
    ]
    assert idle == [], "no case changes if these conditions are left out"


def test_rules_say_what_they_are() -> None:
    for name, rule in _rules().items():
        assert rule.title != name
        assert rule.axiom.endswith("."), name
        assert not rule.title.endswith("."), name


def test_assessments_name_their_rules_by_the_names_of_the_files() -> None:
    for name, rule in _rules().items():
        assesses = any(p.predicate == f"<{TZ}assessedAs>" for p in rule.head)
        by = {p.object for p in rule.head if p.predicate == f"<{TZ}byRule>"}
        assert by == ({f"<{ID}rule/{name}>"} if assesses else set()), name
        if assesses:
            assert f'"-{name}")) AS ?assessment)' in rule.where, name


def test_titles_differ() -> None:
    titles = [rule.title for rule in _rules().values()]
    assert sorted(set(titles)) == sorted(titles)


def test_there_is_an_order_to_run_the_rules_in() -> None:
    order = strata(list(_rules().values()))
    assert sorted(rule.name for stratum in order for rule in stratum) == _NAMES


def test_what_judges_runs_before_what_weighs_judgements() -> None:
    order = strata(list(_rules().values()))
    level = {rule.name: depth for depth, stratum in enumerate(order) for rule in stratum}
    judging = [n for n in _NAMES if any("assessedAs" in p.predicate for p in _rules()[n].head)]
    weighing = [n for n in _NAMES if n.startswith("verdict-rule-")]
    assert max(level[n] for n in judging) < min(
        level[n] for n in weighing if n != "verdict-rule-contradicted"
    )
    assert level["no-primary-source"] > max(
        level[n] for n in judging if any("settles" in p.predicate for p in _rules()[n].head)
    )


def test_rules_have_neither_alternatives_nor_paths() -> None:
    """An explanation shows all patterns of a body as premises, so all of them have to hold.

    Of a UNION only one side does, and the steps of a path have no pattern. Paths are refused when
    a rule is read; alternatives go into rules of their own.
    """
    for name, rule in _rules().items():
        text = (_FOLDER / f"{name}.rq").read_text(encoding="utf-8")
        assert re.search(r"\bUNION\b", text, re.IGNORECASE) is None, name
        assert all(p.predicate.startswith(("<", "?")) and not p.path for p in rule.body), name
