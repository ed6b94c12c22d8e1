"""What is written in cells: names, bounds, references, and what can't be, from claim to verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.laid import audit_in, laid_over
from tests.audit.sheets import Folder
from tzgraph.audit.model import Audit, AuditedClaim, Verdict
from tzgraph.audit.template import TEMPLATE
from tzgraph.errors import Severity

_TOGA, _KN = "toga-trastuzumab", "keynote-811-pembrolizumab"
_BOUND, _NOT_READ = "figure-at-the-bound", ("Unverified", "row-not-read")
#: Cells of a stated result, and the verdict and the rule that decides.
_RESULTS: list[tuple[dict[str, str], str, str]] = [
    # names as documents write them
    ({"resultOf": "DG-01: T-DXd", "endpoint": "mOS", "value": "12.5"}, "Supported", ""),
    ({"resultOf": "dg01-t-dxd", "endpoint": "os", "value": "12.5"}, "Supported", ""),
    ({"resultOf": "KN-811 pembrolizumab", "endpoint": "OS", "value": "20.0"}, "Supported", ""),
    ({"resultOf": "NCT03615326: placebo", "value": "16.8"}, "Supported", ""),
    ({"resultOf": "ToGA: trastuzumab and chemotherapy", "value": "13.8"}, "Supported", ""),
    ({"resultOf": "DESTINY\u2011Gastric01: Enhertu", "value": "12.5"}, "Supported", ""),
    ({"resultOf": "DG-01 t-dxd", "endpoint": "ORR", "value": "51.3", "unit": "%"}, "Supported", ""),
    ({"resultOf": _TOGA, "value": "13.8", "unit": "mo"}, "Supported", ""),
    ({"resultOf": "madeup-01", "value": "13.8"}, *_NOT_READ),
    ({"resultFor": "Herceptin", "value": "12.5"}, *_NOT_READ),
    ({"resultOf": _TOGA, "value": "51.3%"}, *_NOT_READ),
    ({"resultOf": _TOGA, "value": "12·5"}, *_NOT_READ),
    # tolerance
    (
        {"resultOf": "destiny-gastric01-t-dxd", "endpoint": "PFS", "value": "1", "unit": "Year",
         "approximate": "true"},
        "Contradicted",
        "figure-differs",
    ),
    ({"resultOf": _TOGA, "value": "14", "approximate": "true"}, "Supported", ""),
    ({"resultOf": _TOGA, "value": "14"}, "Supported", ""),
    ({"resultOf": "destiny-gastric02-t-dxd", "endpoint": "PFS", "value": "5.5",
      "ciLower": "4.2", "ciUpper": "7.3"}, "Imprecise", "figure-limit-off"),
    # bounds
    ({"resultOf": _KN, "valueAbove": "20"}, "Imprecise", _BOUND),
    ({"resultOf": _KN, "valueAtLeast": "20"}, "Supported", ""),
    ({"resultOf": _KN, "valueAtMost": "20"}, "Supported", ""),
    ({"resultOf": _KN, "valueBelow": "20"}, "Imprecise", _BOUND),
    ({"resultOf": _KN, "valueAbove": "19"}, "Supported", ""),
    ({"resultOf": _KN, "valueAbove": "19", "valueBelow": "21"}, "Supported", ""),
    # what can't be
    ({"resultOf": _TOGA, "value": "-5"}, *_NOT_READ),
    ({"resultOf": _TOGA, "value": "13.8", "unit": "Percent"}, *_NOT_READ),
    ({"resultOf": _TOGA, "endpoint": "ORR", "value": "47.3"}, *_NOT_READ),
    ({"resultOf": _TOGA, "endpoint": "ORR", "value": "147.3", "unit": "%"},
     *_NOT_READ),
    ({"resultOf": "destiny-gastric02-t-dxd", "endpoint": "PFS", "value": "5.5",
      "ciLower": "7.3", "ciUpper": "4.2"}, *_NOT_READ),
    ({"resultOf": _TOGA, "population": "jacob-itt", "value": "13.8"},
     *_NOT_READ),
]  # fmt: skip
#: Cells of a reference to Bang 2010, or by DOI or PMID, and which detail is told to differ.
_REFERENCES: list[tuple[dict[str, str], str]] = [
    *(({"firstAuthor": author}, "") for author in (
        "Bang YJ", "Bang, Y. J.", "Y.-J. Bang", "Bang et al.", "Yung-Jue Bang", "BANG YJ",
        "Bang Y\N{HYPHEN}J, Van Cutsem E, Feyereislova A, et al.", "Bang Yung-Jue",
    )),
    ({"firstAuthor": "Shitara K"}, "first author"),
    ({"firstAuthor": "Van Cutsem E"}, "first author"),
    *(({"journal": journal}, "") for journal in (
        "THE LANCET", "Lancet (London, England)", "Lancet", "The Lancet.",
    )),
    ({"journal": "Lancet Oncol"}, "journal"),
    ({"journal": "Annals of Gastric Wonders"}, "journal"),
    ({"volume": "376(9742)"}, ""),
    ({"volume": "Vol. 376", "issue": "9742"}, ""),
    ({"volume": "376", "issue": "9999"}, "issue"),
    ({"volume": "376(9999)"}, "issue"),
    ({"volume": "377"}, "volume"),
    *(({"pages": pages}, "") for pages in ("pp. 687-697", "687\N{EN DASH}97", "687", "p 687")),
    ({"pages": "687-999"}, "last page"),
    ({"pages": "678-697"}, "first page"),
    ({"year": "2011"}, "year"),
    ({"refersTo": "", "doi": "https://doi.org/10.1016/s0140-6736(10)61121-x"}, ""),
    ({"refersTo": "", "pmid": "PMID: 20728210", "year": "2011"}, "year"),
    ({"doi": "10.1016/S0140-6736(10)99999-X"}, "DOI"),
    ({"pmid": "1"}, "PMID"),
]  # fmt: skip
_APPROVED = ("Enhertu", "HERCEPTIN", "ds\N{NON-BREAKING HYPHEN}8201a")
_STATED = {
    "s-subject": ("JACOB", "enrolment", "780", "Supported"),
    "s-alias": ("tztrial:KN-811", "tz:givesDrug", "Keytruda", "Supported"),
    "s-unknown": ("tztrial:madeup-01", "tz:givesDrug", "Keytruda", "Unverified"),
}
_LISTED = {
    "l-one": ("DS8201a|T-DXd", "Contradicted"),
    "l-two": ("DS\N{NON-BREAKING HYPHEN}8201|ZW25", "Supported"),
    "l-unknown": ("DS-8201|XY-1", "Unverified"),
}
_LOCATORS = (
    "Conclusions and outlook", "Key Points", "Highlights", "Simple Summary", "Figure 2B", "page 7",
    "Supplementary Table 3", "§3.2", "lines 12-14", "III.A", "3.2", "Results, paragraph 3",
)  # fmt: skip


class _Paper:
    """The tables of a made-up document, filled claim by claim."""

    def __init__(self, path: Path) -> None:
        self.folder = Folder(path)
        template = Folder(TEMPLATE)
        for table in template.path.glob("*.tsv"):
            head, rows = template.read(table.stem)
            kept = rows if table.stem in ("sources", "publications") else []
            self.folder.write(table.stem, head, kept)

    def claim(self, name: str, **cells: str) -> None:
        known = {"tz:Claim": name, "dcterms:description": "So it says.", "tz:statedIn": "my-review",
                 "tz:locator": "3.2", "tz:claimKind": "trial-result"}  # fmt: skip
        self._row("claims", name, known, cells)

    def states(self, name: str, table: str, kind: str, how: str, **cells: str) -> None:
        self.claim(name, **{how: name})
        self._row(table, name, {f"tz:{kind}": name}, cells)

    def _row(self, table: str, name: str, known: dict[str, str], cells: dict[str, str]) -> None:
        row = {"rdfs:label": f"{table} {name}", "source": "my-review", "tz:checkStatus": "Seen"}
        row |= known | {k if ":" in k else f"tz:{k}": text for k, text in cells.items()}
        self.folder.append(table, row)


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    paper = _Paper(tmp_path_factory.mktemp("words") / "paper")
    for number, (cells, _verdict, _rule) in enumerate(_RESULTS):
        filled = {"endpoint": "OverallSurvival", "unit": "months"} | cells
        paper.states(f"r-{number}", "statedresults", "StatedResult", "statesResult", **filled)
    for number, (cells, _what) in enumerate(_REFERENCES):
        filled = {"year": "2010", "refersTo": "bang-2010", "listedIn": "my-review"} | cells
        paper.states(f"ref-{number}", "references", "CitedReference", "statesReference", **filled)
    for number, drug in enumerate(_APPROVED):
        paper.states(
            f"a-{number}", "statedapprovals", "StatedApproval", "statesApproval", approves=drug
        )
    for name, (subject, predicate, obj, _verdict) in _STATED.items():
        ends = {"rdf:subject": subject, "rdf:predicate": predicate, "rdf:object": obj}
        paper.claim(name, **ends)
    for name, (names, _verdict) in _LISTED.items():
        paper.claim(name, listsAsDistinct=names)
    for number, place in enumerate(_LOCATORS):
        paper.claim(f"at-{number}", locator=place, **{"rdf:subject": "jacob", "rdf:object": "780",
                                                     "rdf:predicate": "tz:enrolment"})  # fmt: skip
    comparison = {"comparesArm": "jacob-pertuzumab", "referenceArm": "jacob-placebo",
                  "endpoint": "OS", "hazardRatio": "84"}  # fmt: skip
    paper.states("hr-84", "statedcomparisons", "StatedComparison", "statesResult", **comparison)
    ratio = {"comparesArm": "ToGA: trastuzumab and chemotherapy", "endpoint": "OS",
             "referenceArm": "ToGA: chemotherapy", "hazardRatio": "1"}  # fmt: skip
    paper.states("hr-1", "statedcomparisons", "StatedComparison", "statesResult", **ratio)
    with laid_over(paper.folder.path) as aside:
        return audit_in(aside, "my-review")


def _claim(audit: Audit, name: str) -> AuditedClaim:
    return next(claim for claim in audit.claims if claim.name == name)


def _told(claim: AuditedClaim) -> Iterator[str]:
    return (d.what for judgement in claim.deciding for d in judgement.differences)


@pytest.mark.parametrize("number", range(len(_RESULTS)))
def test_a_result_is_read_as_it_is_written(number: int, audit: Audit) -> None:
    cells, verdict, rule = _RESULTS[number]
    claim = _claim(audit, f"r-{number}")
    assert claim.verdict == verdict, (cells, claim.judgements)
    if rule:
        assert rule in {judgement.rule for judgement in claim.deciding}


@pytest.mark.parametrize("number", range(len(_REFERENCES)))
def test_a_reference_is_right_in_any_usual_form_and_what_is_wrong_is_named(
    number: int, audit: Audit
) -> None:
    cells, what = _REFERENCES[number]
    claim = _claim(audit, f"ref-{number}")
    assert claim.verdict == ("Contradicted" if what else "Supported"), cells
    assert list(_told(claim)) == ([what] if what else [])


@pytest.mark.parametrize("number", range(len(_APPROVED)))
def test_a_drug_goes_by_any_of_its_names(number: int, audit: Audit) -> None:
    assert _claim(audit, f"a-{number}").verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("name", _STATED)
def test_the_ends_of_a_statement_go_by_any_of_their_names(name: str, audit: Audit) -> None:
    assert _claim(audit, name).verdict == _STATED[name][-1]


@pytest.mark.parametrize("name", _LISTED)
def test_names_listed_as_distinct_are_the_same_in_any_spelling(name: str, audit: Audit) -> None:
    assert _claim(audit, name).verdict == _LISTED[name][-1]


@pytest.mark.parametrize("number", range(len(_LOCATORS)))
def test_a_place_in_a_document_is_free_text(number: int, audit: Audit) -> None:
    claim = _claim(audit, f"at-{number}")
    assert claim.locator == _LOCATORS[number]
    assert not [f for f in audit.findings if _LOCATORS[number] in f.message]


def test_a_hazard_ratio_that_can_not_be_is_a_finding(audit: Audit) -> None:
    assert {j.rule for j in _claim(audit, "hr-84").deciding} == {"row-not-read"}
    assert any("84" in f.message and f.column for f in audit.findings)


def test_the_number_that_differs_is_told_and_by_how_much(audit: Audit) -> None:
    claim = _claim(audit, "hr-1")
    assert claim.verdict is Verdict.CONTRADICTED
    (difference,) = claim.deciding[0].differences
    assert str(difference) == "The hazard ratio is 1 here and 0.74 there (0.26 more)"


def test_an_unknown_name_brings_no_misleading_suggestion(audit: Audit) -> None:
    told = [f for f in audit.findings if "madeup" in f.message]
    assert len(told) >= 2
    assert not [f for f in told if "Did you mean" in f.hint]


def test_a_name_of_something_else_is_told_as_such(audit: Audit) -> None:
    (told,) = (f for f in audit.findings if "Herceptin" in f.message and f.code == "wrong-class")
    assert "tzdrug:trastuzumab" in told.message
    assert "tz:Regimen" in told.hint


def test_all_that_is_wrong_is_a_warning(audit: Audit) -> None:
    assert {finding.severity for finding in audit.findings} == {Severity.WARNING}
