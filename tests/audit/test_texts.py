"""Texts that were encoded without a look at the rules, and how their audit is scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.score_audit import audited, rows, table

TEXTS = Path(__file__).parent / "texts"


def test_precision_counts_what_was_said_and_recall_what_was_due() -> None:
    expected = {
        "a": frozenset({"contradicted"}),
        "b": frozenset({"contradicted", "imprecise"}),
        "c": frozenset({"supported"}),
        "d": frozenset({"contradicted"}),
    }
    given = {"a": "contradicted", "b": "imprecise", "c": "contradicted", "d": "unverified"}
    _, _, contradicted, imprecise, supported, unverified, flags = table(expected, given)
    assert contradicted == "| contradicted | 2 | 1 | 0.50 | 2 | 1 | 0.50 |"
    assert imprecise == "| imprecise | 1 | 1 | 1.00 | 0 | 0 | – |"
    assert supported == "| supported | 0 | 0 | – | 1 | 0 | 0.00 |"
    assert unverified == "| unverified | 1 | 0 | 0.00 | 0 | 0 | – |"
    assert flags == "| any flag | 3 | 2 | 0.67 | 3 | 2 | 0.67 |"


@pytest.mark.parametrize("folder", ["mend", "mend-2"])
def test_each_encoded_claim_has_an_expected_verdict(folder: str) -> None:
    expected = {row["claim"]: row for row in rows(TEXTS / folder / "expected.tsv")}
    claims = {
        row["tz:Claim"]
        for path in (TEXTS / folder).glob("*/claims.tsv")
        for row in rows(path)
        if row["tz:Claim"]
    }
    assert claims == set(expected)
    wanted = {row["verdict"] for row in expected.values()}
    assert {one for words in wanted for one in words.split("|")} == {
        *("contradicted", "imprecise", "supported", "unverified"),
    }
    # What is right may be unknown to the graph, and is never wrong.
    right = [row for row in expected.values() if row["truth"] == "right"]
    assert right
    assert not [row["claim"] for row in right if "contradicted" in row["verdict"].split("|")]


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["mend", "mend-2"])
def test_no_right_claim_is_contradicted_and_flags_are_right(folder: str) -> None:
    expected = {row["claim"]: row for row in rows(TEXTS / folder / "expected.tsv")}
    given = {
        name: verdict
        for path in sorted((TEXTS / folder).glob("*/claims.tsv"))
        for name, verdict in audited(path.parent)
    }
    assert given.keys() == expected.keys()
    flags = [name for name, verdict in given.items() if verdict in ("contradicted", "imprecise")]
    right = [name for name in flags if given[name] in expected[name]["verdict"].split("|")]
    assert len(right) >= 0.95 * len(flags)
    wrong = [name for name in given if expected[name]["truth"] == "right"]
    assert not [name for name in wrong if given[name] == "contradicted"]
