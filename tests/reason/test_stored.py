"""Rules survive the way into a release and out of it."""

from __future__ import annotations

import pytest

from tests.shipped import shipped_release
from tzgraph.errors import InputUnreadableError
from tzgraph.ontology_graph import load_ontology
from tzgraph.reason import compile_ontology, load_audit_rules, load_domain_rules
from tzgraph.reason.declare import DECLARATION
from tzgraph.reason.stored import rules_as_json, rules_from_json
from tzgraph.resources import shipped
from tzgraph.schema import load_schema


def test_a_release_keeps_the_rules_it_was_built_with() -> None:
    folder = shipped("ontology")
    ontology = load_ontology(folder)
    curies = load_schema(folder, ontology).curies
    compiled = compile_ontology(ontology, curies.compact).rules
    domain, audit = load_domain_rules(folder / "rules"), load_audit_rules(folder / "audit")
    rules = [*compiled, *domain, *audit]
    assert min(len(compiled), len(domain), len(audit)) > 10
    assert rules_from_json(rules_as_json(rules)) == rules
    assert shipped_release().rules() == [*rules, DECLARATION]


@pytest.mark.parametrize(
    "text",
    ["", "{", "7", "[7]", '[{"nam": "x"}]', '[{"name": "x"}]', '[{"name": "x", "head": [["a"]]}]'],
)
def test_other_files_are_refused(text: str) -> None:
    with pytest.raises(InputUnreadableError) as caught:
        rules_from_json(text)
    assert "Build the graph again" in str(caught.value)
