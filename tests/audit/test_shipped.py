"""How well the rules judge: the computed verdicts of the review, against those read by a person."""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.audit.sheets import claims_of
from tzgraph.audit.model import AuditedClaim, Verdict
from tzgraph.release import open_release

#: Written by reading the primary facts, before there were rules.
_EXPECTED = Path(__file__).parent / "expected.tsv"


@cache
def _expected() -> dict[str, Verdict]:
    with _EXPECTED.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return {row["claim"]: Verdict(row["expected"].capitalize()) for row in rows}


@pytest.fixture(scope="module")
def claims(shipped_dir: Path) -> dict[str, AuditedClaim]:
    return claims_of(open_release(shipped_dir), "sun-review")


def _computed(claim: AuditedClaim) -> bool:
    """Whether the verdict is that of rules alone."""
    return not any(j.curator and j.aspect == "Content" for j in claim.judgements)


def test_the_expected_verdicts_are_those_of_the_trial_results(
    claims: dict[str, AuditedClaim],
) -> None:
    assert len(_expected()) == 48
    assert {claims[name].kind for name in _expected()} <= {"trial-result", "reference"}
    assert [name for name in _expected() if not _computed(claims[name])] == []


def test_precision_and_recall_of_the_computed_verdicts(claims: dict[str, AuditedClaim]) -> None:
    pairs = [(name, claims[name].verdict, wanted) for name, wanted in _expected().items()]
    wrong = [
        f"{name}: {found}, expected {wanted}" for name, found, wanted in pairs if found != wanted
    ]
    right = Counter(found for _name, found, wanted in pairs if found == wanted)
    given = Counter(found for _name, found, _wanted in pairs)
    due = Counter(wanted for _name, _found, wanted in pairs)
    scores = {
        verdict: (right[verdict] / max(given[verdict], 1), right[verdict] / due[verdict])
        for verdict in due
    }
    overall = right.total() / len(pairs)
    table = "\n".join(
        f"{verdict:<13} precision {precision:.2f}  recall {recall:.2f}"
        for verdict, (precision, recall) in scores.items()
    )
    told = f"\n{table}\noverall {overall:.2f} of {len(pairs)}\n" + "\n".join(wrong)
    assert all(pair == (1.0, 1.0) for pair in scores.values()), told
    assert overall == 1.0, told


def test_each_verdict_rests_on_a_judgement(claims: dict[str, AuditedClaim]) -> None:
    bare = [c.name for c in claims.values() if not c.judgements]
    assert bare == []
    content = [
        c.name for c in claims.values() if not any(j.aspect == "Content" for j in c.judgements)
    ]
    assert content == []


def test_each_judgement_has_a_reason(claims: dict[str, AuditedClaim]) -> None:
    for claim in claims.values():
        for one in claim.judgements:
            assert bool(one.rule) != bool(one.curator), one.iri
            assert one.reason, one.iri
            assert (
                one.verdict is Verdict.UNVERIFIED
                or one.rule == "statement-holds"
                or (one.checked_against or one.pages or one.curator)
            ), one.iri


def test_a_judgement_by_rule_shows_what_it_was_held_against(
    claims: dict[str, AuditedClaim],
) -> None:
    (judged,) = (j for j in claims["sun-c077"].judgements if j.rule == "figure-of-a-subgroup")
    assert [part.text for part in judged.stated] == ["20.1 months"]
    texts = {(part.text, part.trial) for part in judged.checked_against}
    assert ("20.1 months (95 % CI 17.9 to 22.9)", "KEYNOTE-811") in texts
    assert ("20.0 months (95 % CI 17.8 to 22.1)", "KEYNOTE-811") in texts
    assert {cell.file for part in judged.checked_against for cell in part.cells} == {"results.tsv"}


def test_what_rests_on_recalled_figures_alone_is_provisional(
    claims: dict[str, AuditedClaim],
) -> None:
    assert claims["sun-c124"].provisional  # what the judgement rests on was recalled
    assert not claims["sun-c077"].provisional
    for claim in claims.values():
        held = [part for j in claim.deciding for part in j.checked_against if j.rule]
        if claim.provisional and held and not any(j.curator for j in claim.deciding):
            assert any(part.recalled for part in held), claim.name
