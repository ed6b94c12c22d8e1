"""Mistakes in a document's tables: they are told with their place, and the rest is audited."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.audit.sheets import Folder, audit_of
from tzgraph.audit.model import Audit, AuditedClaim, Verdict
from tzgraph.audit.template import TEMPLATE
from tzgraph.errors import DataError, Finding, InputUnreadableError, Severity
from tzgraph.release import BuildOptions, build_release

#: Table, row, column, what is written there, and the claim that it makes unverified (what is
#: contradicted anyhow stays so).
_MISTAKES = [
    ("statedresults", "my-review-01", "tz:resultOf", "no-such-arm", "my-review-01"),
    ("statedresults", "my-review-02", "tz:value", "about 17", "my-review-02"),
    ("statedresults", "my-review-03", "tz:unit", "Fortnight", "my-review-03"),
    ("statedcomparisons", "my-review-04", "tz:endpoint", "NoSuchEndpoint", "my-review-04"),
    ("statedcomparisons", "my-review-05", "tz:hazardRatio", "0,50", "my-review-05"),
    ("claims", "my-review-06", "rdf:subject", "tztrial:no-such-trial", "my-review-06"),
    ("claims", "my-review-01", "tz:citesAs", "no-such-reference", "my-review-01"),
    ("claims", "my-review-09", "tz:cites", "no-such-paper", ""),
]


def _paper(folder: Path) -> Folder:
    shutil.copytree(TEMPLATE, folder)
    return Folder(folder)


def _broken(folder: Path) -> Folder:
    paper = _paper(folder)
    for table, name, column, text, _claim in _MISTAKES:
        head, rows = paper.read(table)
        for row in rows:
            if row[0] == name:
                row[head.index(column)] = text
        paper.write(table, head, rows)
    paper.change("claims", ("my-review-10",), locator="")
    return paper


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audit, list[Finding]]:
    """The audit of a paper with mistakes, and the warnings of the build, which succeeds."""
    root = tmp_path_factory.mktemp("broken")
    paper = _broken(root / "paper")
    warned: list[Finding] = []
    release = build_release(root / "build", BuildOptions(more=(paper.path,)), warn=warned.append)
    return audit_of(release, "my-review"), warned


def _claim(audit: Audit, name: str) -> AuditedClaim:
    return next(claim for claim in audit.claims if claim.name == name)


@pytest.mark.parametrize(("table", "name", "column", "text", "claim"), _MISTAKES)
def test_a_mistake_is_told_with_its_cell(
    table: str,
    name: str,
    column: str,
    text: str,
    claim: str,
    built: tuple[Audit, list[Finding]],
) -> None:
    audit, warned = built
    head, rows = Folder(TEMPLATE).read(table)
    place = (
        f"paper/{table}.tsv",
        next(n for n, row in enumerate(rows, 2) if row[0] == name),
        head.index(column) + 1,
    )
    for findings in (audit.findings, warned):
        found = [f for f in findings if (f.file, f.row, f.column) == place]
        assert {f.severity for f in found} == {Severity.WARNING}
        assert any(text.rsplit(":", 1)[-1] in f.message and f.hint for f in found)
    if claim:
        assert _claim(audit, claim).verdict is Verdict.UNVERIFIED


def test_a_missing_locator_is_told_with_its_row(built: tuple[Audit, list[Finding]]) -> None:
    audit, _warned = built
    head, _rows = Folder(TEMPLATE).read("claims")
    row = next(n for n, name in Folder(TEMPLATE).lines("claims") if name == "my-review-10")
    found = [f for f in audit.findings if (f.file, f.row) == ("paper/claims.tsv", row)]
    assert any("locator" in f.message for f in found)
    assert {f.severity for f in found} == {Severity.WARNING}
    assert head.index("tz:locator") > 0


def test_the_rest_is_audited(built: tuple[Audit, list[Finding]]) -> None:
    audit, _warned = built
    assert len(audit.claims) == 16
    assert _claim(audit, "my-review-07").verdict is Verdict.CONTRADICTED
    assert _claim(audit, "my-review-08").verdict is Verdict.CONTRADICTED
    assert {part.text for part in _claim(audit, "my-review-02").states} == {""}


def test_what_could_not_be_read_is_never_supported(built: tuple[Audit, list[Finding]]) -> None:
    audit, _warned = built
    for _table, name, *_rest in _MISTAKES:
        claim = _claim(audit, name)
        judged = {j.verdict for j in claim.judgements if j.aspect == "Content"}
        assert Verdict.UNVERIFIED in judged, name
        assert Verdict.SUPPORTED not in judged
        assert claim.verdict is not Verdict.SUPPORTED


def test_only_what_is_wrong_in_the_document_is_told_of_it(
    built: tuple[Audit, list[Finding]],
) -> None:
    audit, _warned = built
    assert audit.findings
    assert all(f.file.startswith("paper/") for f in audit.findings)


def test_a_mistake_in_a_curators_table_is_a_violation(tmp_path: Path) -> None:
    paper = _paper(tmp_path / "paper")
    paper.append(
        "assessments",
        {
            "tz:Assessment": "mine",
            "rdfs:label": "mine on claim 1",
            "tz:assesses": "no-such-claim",
            "tz:assessedAs": "Supported",
            "tz:aspect": "Content",
            "source": "my-curation",
        },
    )
    with pytest.raises(DataError) as caught:
        build_release(tmp_path / "build", BuildOptions(more=(paper.path,)))
    found = [f for f in caught.value.findings if f.severity is Severity.VIOLATION]
    assert {(f.file, f.row) for f in found} == {("paper/assessments.tsv", 2)}
    assert any("no-such-claim" in f.message and f.column == 3 for f in found)


def test_a_source_that_is_not_listed_is_a_violation(tmp_path: Path) -> None:
    paper = _paper(tmp_path / "paper")
    head, rows = paper.read("statedresults")
    rows[0][head.index("source")] = "my-reviev"
    paper.write("statedresults", head, rows)
    with pytest.raises(DataError) as caught:
        build_release(tmp_path / "build", BuildOptions(more=(paper.path,)))
    (found,) = (f for f in caught.value.findings if f.code == "unknown-source")
    assert (found.file, found.row) == ("paper/statedresults.tsv", 2)


def test_text_in_another_encoding_is_unreadable(tmp_path: Path) -> None:
    paper = _paper(tmp_path / "paper")
    table = paper.path / "claims.tsv"
    table.write_bytes(
        table.read_text(encoding="utf-8").replace("bright", "très bright").encode("latin-1")
    )
    with pytest.raises(DataError) as caught:
        build_release(tmp_path / "build", BuildOptions(more=(paper.path,)))
    (found,) = (f for f in caught.value.findings if f.unreadable)
    assert found.file == "paper/claims.tsv"
    assert caught.value.exit_status == 2


def test_a_folder_given_twice_is_told(tmp_path: Path) -> None:
    paper = _paper(tmp_path / "paper")
    with pytest.raises(InputUnreadableError, match=r"two files paper/.*\.tsv") as caught:
        build_release(tmp_path / "build", BuildOptions(more=(paper.path, paper.path)))
    assert "Rename" in caught.value.hint


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputUnreadableError, match="can't be read"):
        build_release(tmp_path / "build", BuildOptions(more=(tmp_path / "none",)))


def test_ids_of_another_document_are_refused(tmp_path: Path) -> None:
    for name, source in (("one", "my-review"), ("two", "other-review")):
        paper = _paper(tmp_path / name)
        if source != "my-review":
            for table in ("sources", "publications"):
                head, rows = paper.read(table)
                kept = [row for row in rows if row[0] == "my-review"]
                for row in kept:
                    row[0], row[1] = source, f"{source}: {row[1]}"
                paper.write(table, head, kept)
            for path in paper.path.glob("*.tsv"):
                if path.stem not in ("sources", "publications"):
                    text = path.read_text("utf-8").replace("\tmy-review\tSeen", f"\t{source}\tSeen")
                    path.write_text(text, "utf-8")
    options = BuildOptions(more=(tmp_path / "one", tmp_path / "two"))
    with pytest.raises(DataError) as caught:
        build_release(tmp_path / "build", options)
    taken = [finding for finding in caught.value.findings if finding.code == "id-taken"]
    assert {finding.file for finding in taken} >= {"two/claims.tsv", "two/statedresults.tsv"}
    assert all(finding.column == 1 and finding.row for finding in taken)
