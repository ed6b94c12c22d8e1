"""Our links beside the mapping set of another project."""

from __future__ import annotations

import json

from tzgraph.link.check.compare import LinkOutcome, as_json, as_table, compare_sets
from tzgraph.link.sssom.mapping import MappingSet, SssomMapping


def _set(*rows: str, modifier: str = "") -> MappingSet:
    made = []
    for number, row in enumerate(rows, 2):
        subject, predicate, obj = row.split()
        made.append(
            SssomMapping(
                subject,
                f"skos:{predicate}Match",
                obj,
                "semapv:LexicalMatching",
                predicate_modifier=modifier,
                line=number,
            )
        )
    return MappingSet("x", {}, tuple(made))


OURS = _set(
    "tzdisease:a exact mondo:1",
    "tzdisease:a exact doid:1",
    "tzdisease:b exact mondo:2",
    "tzdisease:b broad doid:2",
    "tzdisease:c exact mondo:3",
    "tzdisease:d exact mondo:4",
    "tzdisease:d exact doid:4",
    "tzdisease:e broad mondo:5",
)


def _found(*rows: str) -> list[tuple[LinkOutcome, str, str, str]]:
    return [(c.outcome, c.thing, c.theirs, c.ours) for c in compare_sets(OURS, _set(*rows))]


def test_what_both_say_agrees_from_either_end_and_is_told_once() -> None:
    for row in ("mondo:1 exact doid:1", "doid:1 exact mondo:1"):
        agreed = [c for c in compare_sets(OURS, _set(row)) if c.outcome is LinkOutcome.AGREE]
        assert [(c.thing, c.line) for c in agreed] == [("tzdisease:a", 2)]


def test_another_term_of_the_same_vocabulary_differs() -> None:
    assert _found("mondo:1 exact doid:9", "mondo:4 exact doid:4") == [
        (
            LinkOutcome.DIFFER,
            "tzdisease:a",
            "skos:exactMatch doid:9",
            "skos:exactMatch doid:1",
        ),
        (LinkOutcome.AGREE, "tzdisease:d", "skos:exactMatch doid:4", "skos:exactMatch doid:4"),
    ]


def test_another_predicate_differs_and_is_turned_round_with_the_mapping() -> None:
    (first, *_rest) = _found("mondo:2 exact doid:2")
    assert first == (
        LinkOutcome.DIFFER,
        "tzdisease:b",
        "skos:exactMatch doid:2",
        "skos:broadMatch doid:2",
    )
    turned = _found("doid:2 narrow mondo:2")
    both = "skos:broadMatch doid:2"
    assert (LinkOutcome.AGREE, "tzdisease:b", both, both) in turned


def test_what_only_one_has_is_told() -> None:
    found = _found("mondo:3 exact doid:3")
    assert found == [
        (LinkOutcome.ONLY_THERE, "tzdisease:c", "skos:exactMatch doid:3", ""),
        (LinkOutcome.ONLY_HERE, "tzdisease:a", "", "skos:exactMatch mondo:1"),
        (LinkOutcome.ONLY_HERE, "tzdisease:d", "", "skos:exactMatch mondo:4"),
    ]


def test_nothing_follows_from_a_broader_term_or_a_denied_mapping() -> None:
    # e is only broader-matched to mondo:5; and a Not says nothing.
    assert "tzdisease:e" not in {row[1] for row in _found("mondo:5 exact doid:5")}
    assert compare_sets(OURS, _set("mondo:3 exact doid:3", modifier="Not")) == []


def test_a_comparison_is_written_as_table_and_json() -> None:
    found = compare_sets(OURS, _set("mondo:3 exact doid:3"))
    table = as_table(found).splitlines()
    assert table[1].split() == [
        "only",
        "there",
        "tzdisease:c",
        "mondo:3",
        "skos:exactMatch",
        "doid:3",
    ]
    assert table[-1] == "0 differ, 1 only there, 2 only here, 0 agree."
    assert json.loads(as_json(found))[0] == {
        "outcome": "only there",
        "thing": "tzdisease:c",
        "via": "mondo:3",
        "theirs": "skos:exactMatch doid:3",
        "ours": "",
        "line": 2,
    }
