"""The tables to fill in, and the made-up document in them as an example that works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.laid import audit_in, laid_over
from tests.audit.sheets import Folder
from tzgraph.audit.model import Audit
from tzgraph.audit.template import TEMPLATE, write_template
from tzgraph.errors import OutputUnwritableError, Severity, UsageError

#: Verdict, rules that come to it, and the verdict on the citation, of each claim.
_VERDICTS = {
    "my-review-01": ("Supported", {"figure-borne-out"}, "Supported"),
    "my-review-02": ("Contradicted", {"figure-differs", "figure-of-another-arm"}, None),
    "my-review-03": ("Imprecise", {"figure-of-a-subgroup"}, None),
    "my-review-04": ("Contradicted", {"finding-not-shown"}, None),
    "my-review-05": ("Contradicted", {"figure-differs"}, None),
    "my-review-06": ("Contradicted", {"drug-not-given"}, None),
    "my-review-07": ("Contradicted", {"statement-refuted"}, None),
    "my-review-08": ("Contradicted", {"reference-wrong"}, None),
    "my-review-09": ("Contradicted", {"names-of-one-thing"}, None),
    "my-review-10": ("Unverified", {"not-structured"}, None),
    "my-review-11": ("Supported", {"figure-borne-out"}, None),
    "my-review-12": ("Supported", {"figure-borne-out"}, None),
    "my-review-13": ("Supported", {"figure-borne-out"}, None),
    "my-review-14": ("Imprecise", {"number-counted-otherwise"}, None),
    "my-review-15": ("Supported", {"denial-not-given"}, None),
    "my-review-16": ("Contradicted", {"only-not-on-record"}, None),
}


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    folder = tmp_path_factory.mktemp("template") / "my-paper"
    write_template(folder)
    with laid_over(folder) as aside:
        return audit_in(aside, "my-review")


def test_the_tables_are_copied(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    written = write_template(folder)
    assert written == sorted(folder.iterdir())
    assert {path.name for path in written} == {path.name for path in TEMPLATE.iterdir()}
    for path in written:
        assert path.read_bytes() == (TEMPLATE / path.name).read_bytes()


def test_rows_of_the_tables_are_full() -> None:
    for path in TEMPLATE.glob("*.tsv"):
        head, rows = Folder(TEMPLATE).read(path.stem)
        assert len(set(head)) == len(head), path.name
        assert all(len(row) == len(head) for row in rows), path.name


def test_an_empty_folder_and_one_with_other_files_will_do(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    assert write_template(tmp_path)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "claims.tsv").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"already has claims\.tsv") as caught:
        write_template(tmp_path)
    assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["claims.tsv"]
    assert (tmp_path / "claims.tsv").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputUnwritableError, match="can't be written"):
        write_template(tmp_path / "file" / "folder")


def test_the_example_has_nothing_wrong(audit: Audit) -> None:
    assert [f for f in audit.findings if f.severity is not Severity.WARNING] == []
    assert audit.findings == ()


def test_all_claims_of_the_example_are_listed(audit: Audit) -> None:
    assert {claim.name for claim in audit.claims} == set(_VERDICTS)


@pytest.mark.parametrize("name", _VERDICTS)
def test_each_claim_of_the_example_shows_a_verdict(name: str, audit: Audit) -> None:
    (claim,) = (claim for claim in audit.claims if claim.name == name)
    verdict, rules, citation = _VERDICTS[name]
    assert (claim.verdict, claim.citation_verdict) == (verdict, citation)
    assert {judgement.rule for judgement in claim.deciding} == rules


# -- what is read out of a release --------------------------------------------------------------


def test_the_document_is_described(audit: Audit) -> None:
    assert audit.document.source == "my-review"
    assert audit.document.label == "Example 2026: a review to audit"
    assert audit.document.citation.startswith("Example A.")
    assert audit.release


def test_claims_stand_in_the_order_of_their_rows(audit: Audit) -> None:
    in_table = [name for _row, name in Folder(TEMPLATE).lines("claims")]
    assert [claim.name for claim in audit.claims] == in_table
    assert audit.sections == ("1", "2", "3", "4", "References")
    cells = [(c.file, c.row, c.column) for claim in audit.claims for c in claim.cells]
    assert cells == [("my-paper/claims.tsv", row, 1) for row in range(2, 18)]


def test_what_a_claim_says_and_what_was_reported_are_told(audit: Audit) -> None:
    claim = next(claim for claim in audit.claims if claim.name == "my-review-02")
    assert [part.text for part in claim.states] == ["17.5 months"]
    assert claim.states[0].trial == "JACOB"
    assert claim.states[0].endpoint == "overall survival"
    held = {(p.text, p.publication) for j in claim.deciding for p in j.checked_against}
    assert any(text.startswith("14.2 months") for text, _publication in held)
    assert any(text.startswith("17.5 months") for text, _publication in held)
    assert all(publication for _text, publication in held)
    assert all(
        part.link.startswith("https://")
        for j in claim.deciding
        for part in j.checked_against
        if "2018" in part.publication
    )


def test_a_claim_without_terms_of_the_graph_is_counted(audit: Audit) -> None:
    assert audit.unstructured == 1
    (claim,) = (claim for claim in audit.claims if not claim.structured)
    assert (claim.name, claim.text) == (
        "my-review-10",
        "The future of HER2-directed treatment is bright.",
    )
    assert claim.left_in_words == "forecast"


def test_a_citation_is_given_as_the_document_has_it(audit: Audit) -> None:
    claim = next(claim for claim in audit.claims if claim.name == "my-review-01")
    assert claim.cites == ("[1] Bang, The Lancet 2011;376:687-697",)


def test_hazard_ratios_of_the_trials_spoken_of_are_given(audit: Audit) -> None:
    assert {part.trial for part in audit.ratios} == {"ToGA", "JACOB", "KEYNOTE-811"}
    for part in audit.ratios:
        assert part.ratio is not None
        value, low, high = part.ratio
        assert low is None or high is None or low < value < high
