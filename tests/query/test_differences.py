"""What a query is told of differences that it meets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tzgraph.query.differences import DIFFERENCES, differences_met

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "differences.md"
FROM, NESTED, TAG, NUMBER = DIFFERENCES


def test_each_has_its_section_on_the_page() -> None:
    titles = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.M)
    fragments = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    assert set(DIFFERENCES) <= fragments


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("ASK { ?s ?p ?o FILTER(?o > 9223372036854775808) }", {NUMBER}),
        ("ASK { ?s ?p 1.1234567890123456789 }", {NUMBER}),
        ("SELECT (SUM(COUNT(*)) AS ?n) {}", {NESTED}),
        ("SELECT (SUM(1 + (COUNT(?x))) AS ?n) {}", {NESTED}),
        ("SELECT (COUNT(*) AS ?n) FROM <x:a> FROM <x:b> { ?s ?p ?o }", {FROM}),
        ("ASK { ?s ?p ?o FILTER(LANG(?o) = 'en-GB') }", {TAG}),
        ('ASK { ?s ?p ?o FILTER(lang(?o) != "EN") }', {TAG}),
        ("SELECT (SUM(MAX(?x)) AS ?n) { ?s ?p 99999999999999999999 }", {NUMBER, NESTED}),
    ],
)
def test_tells_what_a_query_meets(text: str, met: set[str]) -> None:
    assert set(differences_met(text)) == met


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p 9223372036854775807, 12345678901234567890e1, '99999999999999999999' }",
        "ASK { ?s ?p ?o } # 99999999999999999999 SUM(COUNT(*))",
        "ASK { <x:99999999999999999999> ?p _:n99999999999999999999 }",
        "ASK { ?s ?p 000000000000000000000000000001.5 }",
        "SELECT (COUNT(*) AS ?n) (SUM(?x) AS ?m) FROM <x:a> FROM NAMED <x:b> { ?s ?p ?x }",
        "SELECT ?s FROM <x:a> FROM <x:b> { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { { SELECT (MAX(?x) AS ?y) { ?s ?p ?x } } }",
        "SELECT (SUM(IF(EXISTS { SELECT (COUNT(*) AS ?c) {} }, 1, 0)) AS ?n) {}",
        "ASK { ?s ?p ?o FILTER(LANG(?o) = 'en-gb' && LANGMATCHES(LANG(?o), 'EN')) }",
        "",
        "SUM(",
        ")(",
    ],
)
def test_tells_nothing_where_there_is_nothing(text: str) -> None:
    assert differences_met(text) == ()
