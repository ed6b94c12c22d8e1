"""A document's numbers against each other: what does not fit is told with both numbers."""

from __future__ import annotations

import shutil

import pytest

from tests.audit.laid import audit_in, laid_over
from tests.audit.sheets import Folder
from tzgraph.audit.model import Audit, Verdict
from tzgraph.audit.template import TEMPLATE
from tzgraph.errors import Severity


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    root = tmp_path_factory.mktemp("own")
    shutil.copytree(TEMPLATE, root / "paper")
    paper = Folder(root / "paper")
    paper.change("statedresults", ("my-review-12",), value="51.3", unit="Percent")
    paper.change("statedresults", ("my-review-02",), ciLower="18.2", ciUpper="19.3")
    paper.change("statedcomparisons", ("my-review-05",), ciLower="0.60", ciUpper="0.91")
    paper.change("statedcomparisons", ("my-review-11",), hazardRatio="0.64")
    again = {
        "tz:StatedResult": "my-review-01-again",
        "rdfs:label": "ToGA: overall survival, given once more",
        "tz:resultOf": "toga-trastuzumab",
        "tz:endpoint": "OverallSurvival",
        "tz:value": "16.8",
        "tz:unit": "Month",
        "source": "my-review",
        "tz:checkStatus": "Seen",
    }
    other = again | {
        "tz:StatedResult": "my-review-01-other",
        "tz:resultOf": "toga-chemotherapy",
        "tz:value": "11.1",
    }
    paper.append("statedresults", again, other)
    paper.change("claims", ("my-review-01",), statesResult="my-review-01|my-review-01-again")
    paper.change("claims", ("my-review-11",), statesResult="my-review-11|my-review-01-other")
    with laid_over(root / "paper") as aside:
        return audit_in(aside, "my-review")


@pytest.mark.parametrize(
    ("file", "row", "numbers"),
    [
        ("statedresults", 5, ("51.3", "206", "350", "58.9")),  # a share and its counts
        ("statedresults", 3, ("17.5", "18.2", "19.3")),  # a value and its interval
        ("statedcomparisons", 3, ("0.50", "0.60", "0.91")),  # a ratio and its interval
        ("statedcomparisons", 4, ("26", "0.64", "36")),  # a reduction and its ratio
        ("statedcomparisons", 4, ("2.7", "16.8", "11.1", "5.7")),  # a difference and its values
    ],
)
def test_numbers_that_do_not_fit_are_told_together(
    file: str, row: int, numbers: tuple[str, ...], audit: Audit
) -> None:
    found = [f for f in audit.findings if f.file == f"paper/{file}.tsv" and f.row == row]
    told = [f for f in found if all(_has(f.message, number) for number in numbers)]
    assert told, [f.message for f in found]
    assert {f.severity for f in told} == {Severity.WARNING}


def _has(message: str, number: str) -> bool:
    """Whether a message has a number, however many zeros its store keeps."""
    plain = number.rstrip("0") if "." in number else number
    return number in message or plain in message


def test_numbers_that_do_not_fit_are_compared_all_the_same(audit: Audit) -> None:
    verdicts = {claim.name: claim.verdict for claim in audit.claims}
    assert verdicts["my-review-05"] is Verdict.CONTRADICTED
    assert verdicts["my-review-02"] is Verdict.CONTRADICTED


def test_two_places_that_disagree_are_told(audit: Audit) -> None:
    pairs = [(pair.one, pair.other) for pair in audit.disagreements if pair.within]
    assert {(one.endpoint, frozenset({one.text, other.text})) for one, other in pairs} == {
        ("overall survival", frozenset({"about 14 months", "16.8 months"})),
        (
            "overall survival",
            frozenset(
                {
                    "hazard ratio 0.50 (95 % CI 0.60 to 0.91)",
                    "hazard ratio 0.64, hazard lower by 26 %, difference 2.7 months",
                }
            ),
        ),
    }
