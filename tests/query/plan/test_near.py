"""What is said under an empty result; what is meant is said only if it is certain."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests import shipped
from tzgraph.names.lookup import answered
from tzgraph.query.plan import plan_query
from tzgraph.query.plan.near import with_nearest
from tzgraph.query.plan.report import notes_on_empty

STATED = "No rows: this graph doesn't state it, which doesn't say that it doesn't hold."


def notes(text: str) -> list[str]:
    release = shipped.shipped_release()
    store, manifest = release.store(), release.manifest
    names = release.names()
    plan = plan_query(store, text, prefixes=manifest.prefixes, names=names.index)
    plan = answered(with_nearest(plan, names), store)
    return list(notes_on_empty(plan, manifest.curies.compact))


def nearest(text: str) -> Mapping[str, str]:
    """Give what is meant by what is nowhere."""
    found = (note.partition(": ")[2] for note in notes(text) if "occurs nowhere" in note)
    parts = (note.partition(" occurs nowhere in this graph.") for note in found)
    return {name: said.removeprefix(" Is ").removesuffix(" meant?") for name, _, said in parts}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A slip or another case in a term of the ontology, of the kind that fits.
        ("SELECT * { ?d tz:targts ?t }", {"tz:targts": "tz:targets"}),
        ("SELECT * { ?d tz:Targets ?t }", {"tz:Targets": "tz:targets"}),
        ("SELECT * { ?d tz:target ?t }", {"tz:target": "tz:targets"}),
        ("SELECT * { ?d a tz:drug }", {"tz:drug": "tz:Drug"}),
        ("SELECT * { ?d a tz:targets2 }", {"tz:targets2": ""}),
        # The same name in another namespace.
        ("SELECT * { ?d tz:targets tz:Trastuzumab }", {"tz:Trastuzumab": "tzdrug:trastuzumab"}),
        ("SELECT * { <http://x/trastuzumab> ?p ?o }",
         {"<http://x/trastuzumab>": "tzdrug:trastuzumab"}),
        ("SELECT * { ?d <http://x/targets> ?t }", {"<http://x/targets>": "tz:targets"}),
        # A slip in the name of a thing; other drugs, and what may be two things, are not meant.
        ("DESCRIBE tzdrug:trastuzumabb", {"tzdrug:trastuzumabb": "tzdrug:trastuzumab"}),
        ("DESCRIBE tzdrug:cetuximab", {"tzdrug:cetuximab": ""}),
        ("DESCRIBE tzdrug:neratinib-x", {"tzdrug:neratinib-x": ""}),
        ("DESCRIBE <http://x/HER2>", {"<http://x/HER2>": ""}),
        ("DESCRIBE tztarget:her7", {"tztarget:her7": ""}),
        # What fits in no such place: a drug is no property and no class.
        ("SELECT * { ?s tz:trastuzumab ?o }", {"tz:trastuzumab": ""}),
        ("SELECT * { ?s a tz:trastuzumab }", {"tz:trastuzumab": ""}),
        ("SELECT * { GRAPH tz:Trastuzumab { ?s ?p ?o } }", {"tz:Trastuzumab": ""}),
        # None of the names of other vocabularies.
        ("SELECT * { ?s <http://schema.org/alternateName> ?o }",
         {"<http://schema.org/alternateName>": ""}),
    ],
)  # fmt: skip
def test_what_is_meant_by_what_is_nowhere(text: str, expected: Mapping[str, str]) -> None:
    assert nearest(text) == expected


def test_a_pattern_without_a_match_is_named() -> None:
    text = "SELECT * {\n ?s tz:targets tzdrug:trastuzumab .\n ?s ?p ?o }"
    assert notes(text) == [STATED, "Line 2: no triple has ?s tz:targets tzdrug:trastuzumab"]


def test_patterns_that_match_alone() -> None:
    text = "SELECT * { ?s tz:targets ?t ; a tz:Trial }"
    each = "Each pattern alone has matches: what has none is all of them together, or a filter."
    assert notes(text) == [STATED, each]


def test_no_is_not_doubted_without_a_reason() -> None:
    assert notes("ASK { tzdrug:trastuzumab tz:targets tzdrug:trastuzumab . ?s ?p ?o }")[1:] == [
        "Line 1: no triple has tzdrug:trastuzumab tz:targets tzdrug:trastuzumab"
    ]
    assert notes("ASK { ?s tz:targets ?t FILTER(1 = 2) }") == []


def test_what_looks_for_names_is_no_pattern() -> None:
    text = """PREFIX text: <http://jena.apache.org/text#>
    SELECT * { ?d text:query "herceptin" ; a tz:Trial }"""
    each = "Each pattern alone has matches: what has none is all of them together, or a filter."
    assert notes(text) == [STATED, each]
