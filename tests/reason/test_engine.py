"""Rules run until nothing new comes, in an order in which absence means absence."""

from __future__ import annotations

from itertools import permutations

import pyoxigraph as ox
import pytest

from tests.reason.graphs import parse, short
from tzgraph.errors import UsageError
from tzgraph.reason import Rule, materialise
from tzgraph.reason.domain import parse_rule
from tzgraph.reason.engine import strata

_INFERRED = "https://example.org/inferred"


def _rule(name: str, head: str, where: str) -> Rule:
    return parse_rule(
        name, f"PREFIX : <http://example.org/>\nCONSTRUCT {{ {head} }} WHERE {{ {where} }}"
    )


def _run(turtle: str, rules: list[Rule]) -> set[str]:
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in parse(turtle))
    count = materialise(store, rules, _INFERRED)
    quads = list(store.quads_for_pattern(None, None, None, ox.NamedNode(_INFERRED)))
    assert count == len(quads)
    return {" ".join(map(short, (q.subject, q.predicate, q.object))) for q in quads}


_ABSENT = {
    "FILTER NOT EXISTS": "?x :node ?y FILTER NOT EXISTS { ?x :reached ?y }",
    "not EXISTS": "?x :node ?y FILTER(!EXISTS { ?x :reached ?y })",
    "NOT EXISTS among others": "?x :node ?y FILTER(?x = ?x && NOT EXISTS { ?x :reached ?y })",
    "MINUS": "?x :node ?y MINUS { ?x :reached ?y }",
    "count": (
        "?x :node ?y { SELECT ?x (COUNT(?z) AS ?n)"
        " WHERE { ?x :node ?w OPTIONAL { ?x :reached ?z } } GROUP BY ?x } FILTER(?n = 0)"
    ),
}


@pytest.mark.parametrize("kind", _ABSENT)
def test_what_negates_runs_after_what_it_negates(kind: str) -> None:
    rules = [
        _rule("lonely", "?x :lonely ?y", _ABSENT[kind]),
        _rule("reached", "?x :reached ?y", "?x :step ?y"),
        _rule("step", "?x :step ?y", "?x :edge ?y"),
        _rule("sad", "?x :sad ?y", "?x :lonely ?y"),
    ]
    turtle = ":a :edge :v ; :node :v . :b :node :v ."
    for order in permutations(rules):
        assert _run(turtle, list(order)) == {
            *("a step v", "a reached v", "b lonely v", "b sad v"),
        }


def test_negation_upon_negation_has_a_stratum_each() -> None:
    rules = [
        _rule("third", "?x :third ?y", "?x :node ?y FILTER NOT EXISTS { ?x :second ?y }"),
        _rule("second", "?x :second ?y", "?x :node ?y FILTER NOT EXISTS { ?x :first ?y }"),
        _rule("first", "?x :first ?y", "?x :edge ?y"),
    ]
    assert [[rule.name for rule in level] for level in strata(rules)] == [
        ["first"],
        ["second"],
        ["third"],
    ]
    assert _run(":a :node :v ; :edge :v . :b :node :v .", rules) == {
        *("a first v", "b second v", "a third v"),
    }


@pytest.mark.parametrize(
    "bodies",
    [
        {"p": "?x :node ?y FILTER NOT EXISTS { ?x :p ?y }"},
        {"p": "?x :node ?y FILTER NOT EXISTS { ?x :q ?y }", "q": "?x :p ?y"},
        {"p": "{ SELECT ?x ?y (COUNT(?z) AS ?n) WHERE { ?x :p ?y , ?z } GROUP BY ?x ?y }"},
    ],
)
def test_a_negative_cycle_is_an_error(bodies: dict[str, str]) -> None:
    rules = [_rule(name, f"?x :{name} ?y", where) for name, where in bodies.items()]
    with pytest.raises(UsageError, match="derive what they need to be absent"):
        strata(rules)


def test_a_positive_cycle_is_none() -> None:
    rules = [_rule("q", "?y :q ?x", "?x :p ?y"), _rule("p", "?y :p ?x", "?x :q ?y")]
    assert len(strata(rules)) == 1
    assert _run(":a :p :b .", rules) == {"b q a"}


def test_a_rule_whose_exists_comes_late_runs_again() -> None:
    rules = [
        _rule("seen", "?x :seen ?y", "?x :node ?y FILTER EXISTS { ?x :late ?y }"),
        _rule("late", "?x :late ?y", "?x :edge ?y"),
    ]
    assert _run(":a :node :v ; :edge :v .", rules) == {"a seen v", "a late v"}


def test_what_is_there_is_not_derived_again() -> None:
    rule = _rule("q", "?x :q ?y", "?x :p ?y")
    assert _run(":a :p :b ; :q :b . :c :p :d .", [rule]) == {"c q d"}
    assert _run(":a :q :b .", [rule]) == set()
    assert strata([]) == []


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_what_a_rule_derives_comes_in_batches(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr("tzgraph.reason.engine._BATCH", batch)
    monkeypatch.setattr("tzgraph.reason.engine._MANY", 2)
    rules = [
        _rule("step", "?x :far ?y", "?x :near ?y"),
        _rule("on", "?x :far ?z", "?x :far ?y . ?y :far ?z"),
    ]
    turtle = ":a :near :b . :b :near :c . :c :near :d . :a :far :b ."
    assert _run(turtle, rules) == {
        *("b far c", "c far d"),
        *("a far c", "b far d", "a far d"),
    }
