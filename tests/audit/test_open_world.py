"""What may be meant and is not known is unverified; disease, line and arms select what counts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.audit.laid import audit_in, laid_over
from tests.audit.sheets import Folder, claims_of
from tests.shared import need
from tzgraph.audit.model import AuditedClaim, Verdict
from tzgraph.release import BuildOptions, Release, build_release

Claims = dict[str, AuditedClaim]

_HERE = Path(__file__).parent / "open_world"
#: Claims of the cases kept outside that are about what this file tests.
_OURS = (
    *("f1b", "f2a", "f2b", "f3a", "f3b", "f4a", "f4b", "f4c", "f5a", "f5b", "f5c"),
    *("f7a", "f7b", "f8a", "f8b", "f10a", "f10b", "f12"),
)
#: Claims that rest on a statement of completeness, and what they are without it.
_RESTING = {
    "known-in-full": "Unverified",
    "approved-before": "Unverified",
    "no-more-than-half": "Contradicted",
    "known-cutoff": "Contradicted",
    "arms-exchanged": "Contradicted",
    "told-by-p-value": "Contradicted",
    "tested-to-the-end": "Contradicted",
}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


_EXPECTED = _rows(_HERE / "expected.tsv")


def _claims(release: Release) -> Claims:
    return claims_of(release, "now") | claims_of(release, "later")


def _laid_over(folder: Path, *documents: str) -> Claims:
    with laid_over(folder) as aside:
        return {c.name: c for name in documents for c in audit_in(aside, name).claims}


@pytest.fixture(scope="module")
def claims() -> Claims:
    return _laid_over(_HERE / "tables", "now", "later")


@pytest.fixture(scope="module")
def without_statements(tmp_path_factory: pytest.TempPathFactory) -> Claims:
    root = tmp_path_factory.mktemp("without-statements")
    sources = Folder.of_shipped(root / "sources")
    (sources.path / "completeness.tsv").unlink()
    options = BuildOptions(sources.path, more=(_HERE / "tables",))
    return _claims(build_release(root / "build", options))


@pytest.mark.parametrize("row", _EXPECTED, ids=lambda row: row["claim"])
def test_a_claim_gets_its_verdict_by_its_rule(row: dict[str, str], claims: Claims) -> None:
    claim = claims[row["claim"]]
    rules = {j.rule for j in claim.judgements if j.aspect == "Content"}
    assert (claim.verdict, row["rule"] in rules) == (row["verdict"], True), rules


def test_each_rule_on_what_is_open_has_a_claim() -> None:
    rules = {row["rule"] for row in _EXPECTED}
    assert rules >= {f"another-{what}-known" for what in ("figure", "finding", "approval")}
    assert {row["verdict"] for row in _EXPECTED} == {
        "Supported",
        "Imprecise",
        "Contradicted",
        "Unverified",
    }


def test_what_is_known_is_shown_with_its_cutoff(claims: Claims) -> None:
    (judgement,) = claims["later-look"].judgements
    assert [part.about for part in judgement.checked_against] != []
    assert all("2024-03-20" in part.about for part in judgement.checked_against)
    assert judgement.checked_against[0].text.startswith("hazard ratio 0.8")


def test_without_statements_what_rests_on_them_is_open(
    claims: Claims, without_statements: Claims
) -> None:
    found = {name: str(without_statements[name].verdict) for name in _RESTING}
    assert found == _RESTING
    moved = {n for n, c in claims.items() if without_statements[n].verdict is not c.verdict}
    assert moved == {n for n, verdict in _RESTING.items() if verdict == "Unverified"}


def test_the_cases_kept_outside_get_their_verdicts() -> None:
    folder = need("cases/audit/repro")
    expected = {r["id"]: r["expected"] for r in _rows(need("cases/audit/repro-expected.tsv"))}
    found = _laid_over(folder, "repro")
    wrong = {n: str(found[n].verdict) for n in _OURS if found[n].verdict.lower() != expected[n]}
    assert wrong == {}
    # Unverified until the graph had the final analysis.
    assert found["f1a"].verdict is Verdict.SUPPORTED
