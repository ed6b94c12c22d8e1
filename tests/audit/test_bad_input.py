"""Mistakes in a document's tables: they are told with their place, and the rest is audited."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.audit.laid import audit_in, laid_over
from tests.audit.sheets import Folder, audit_of
from tzgraph.audit.collect import documents
from tzgraph.audit.model import Audit, AuditedClaim, Verdict
from tzgraph.audit.template import TEMPLATE
from tzgraph.errors import DataError, Finding, InputUnreadableError, Severity
from tzgraph.release import BuildOptions, build_release
from tzgraph.vocabulary import ID, TZ

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


def _audited(paper: Folder) -> tuple[Audit, list[Finding]]:
    """The audit of a paper, which never fails for a row, and all warnings."""
    with laid_over(paper.path) as aside:
        assert {finding.severity for finding in aside.findings} == {Severity.WARNING}
        return audit_in(aside, "my-review"), list(aside.findings)


def _places(findings: list[Finding], code: str) -> set[tuple[str, int | None, int | None]]:
    return {(f.file, f.row, f.column) for f in findings if f.code == code}


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audit, list[Finding]]:
    """The audit of a paper of which rows of each table are broken, in ways that once stopped it."""
    root = tmp_path_factory.mktemp("rough")
    paper = _paper(root / "paper")
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
        {
            "tz:Assessment": "of-nothing",
            "rdfs:label": "of nothing",
            "tz:assesses": "my-review-02",
            "tz:assessedAs": "Suported",
            "tz:aspect": "Content",
            "source": "my-curation",
        },
    )
    head, rows = paper.read("publications")
    work = dict.fromkeys(head, "") | {"tz:Publication": "late", "rdfs:label": "Late 20l9"}
    work |= {"tz:year": "20l9", "source": "my-curation"}
    paper.write("publications", head, [*rows, [work[name] for name in head]])
    paper.change("claims", ("my-review-09",), cites="late")
    head, rows = paper.read("statedresults")
    rows[0][head.index("source")] = "my-reviev"
    paper.write("statedresults", head, rows)
    table = paper.path / "claims.tsv"
    lines = table.read_text(encoding="utf-8").splitlines()
    text = lines[0].split("\t").index("dcterms:description")
    place = {line.split("\t")[0]: number for number, line in enumerate(lines)}
    for name, cell in _CELLS.items():
        cells = lines[place[name]].split("\t")
        cells[text] = cell
        lines[place[name]] = "\t".join(cells)
    lines[place["my-review-06"]] += "\t"
    data = [line.encode("latin-1" if "très" in line else "utf-8") for line in lines]
    table.write_bytes(b"\n".join(data) + b"\n")
    return _audited(paper)


#: Paraphrases that are written so that they once stopped the audit.
_CELLS = {
    "my-review-02": '"It is ""targeted"""',
    "my-review-04": 'prolonged survival, "significantly"',
    "my-review-05": "très long",
}


def _row_of(name: str) -> int:
    _head, rows = Folder(TEMPLATE).read("claims")
    return next(number for number, row in enumerate(rows, 2) if row[0] == name)


def test_a_row_of_a_curators_table_is_left_out(rough: tuple[Audit, list[Finding]]) -> None:
    audit, warned = rough
    assert _places(warned, "dangling-id") >= {("paper/assessments.tsv", 2, 3)}
    # What conforms in no way is left out, too.
    assert any(f.file == "paper/assessments.tsv" and f.row == 3 for f in warned)
    assert not [j for claim in audit.claims for j in claim.judgements if not j.rule]


def test_what_hangs_on_a_row_that_was_left_out_is_not_judged(
    rough: tuple[Audit, list[Finding]],
) -> None:
    audit, warned = rough
    assert _places(warned, "wrong-datatype") == {("paper/publications.tsv", 3, 4)}
    assert "row-not-read" in {j.rule for j in _claim(audit, "my-review-09").judgements}


def test_rows_of_a_source_that_is_not_listed_are_left_out(
    rough: tuple[Audit, list[Finding]],
) -> None:
    audit, warned = rough
    (place,) = _places(warned, "unknown-source")
    assert place[:2] == ("paper/statedresults.tsv", 2)
    assert "row-not-read" in {j.rule for j in _claim(audit, "my-review-01").deciding}


def test_quotes_around_cells_are_taken_off_and_told(rough: tuple[Audit, list[Finding]]) -> None:
    audit, warned = rough
    rows = {row for _file, row, _column in _places(warned, "stray-quote")}
    assert rows == {_row_of("my-review-02"), _row_of("my-review-04")}
    assert _claim(audit, "my-review-02").text == 'It is "targeted"'
    claim = _claim(audit, "my-review-04")
    assert claim.text == 'prolonged survival, "significantly"'
    assert claim.verdict is Verdict.CONTRADICTED


def test_a_cell_in_another_encoding_is_left_out(rough: tuple[Audit, list[Finding]]) -> None:
    audit, warned = rough
    ((file, row, column),) = _places(warned, "bad-utf-8")
    assert (file, row) == ("paper/claims.tsv", _row_of("my-review-05"))
    assert column
    assert "row-not-read" in {j.rule for j in _claim(audit, "my-review-05").judgements}


def test_a_row_of_another_width_is_left_out_and_the_rest_is_audited(
    rough: tuple[Audit, list[Finding]],
) -> None:
    audit, warned = rough
    assert _places(warned, "row-width") == {("paper/claims.tsv", _row_of("my-review-06"), None)}
    assert {claim.name for claim in audit.claims} == {
        f"my-review-{number:02}" for number in range(1, 17)
    }
    # Nothing is said of its cells, as nobody knows which is which; that there is a claim is.
    cut = _claim(audit, "my-review-06")
    assert (cut.text, cut.verdict, cut.states) == ("", Verdict.UNVERIFIED, ())
    assert {judgement.rule for judgement in cut.judgements} == {"row-not-read"}
    judged = [claim for claim in audit.claims if claim.verdict is not Verdict.UNVERIFIED]
    assert len(judged) >= 4


def test_a_source_of_no_known_role_takes_its_rows_along(tmp_path: Path) -> None:
    paper = _paper(tmp_path / "paper")
    paper.edit(
        "sources",
        lambda row: (
            row | {"tz:sourceRole": "Reviewer"} if row["tz:Source"] == "my-curation" else row
        ),
    )
    audit, warned = _audited(paper)
    assert _places(warned, "unknown-role")
    assert {f.file for f in warned if f.code == "unknown-source"} >= {"paper/publications.tsv"}
    assert len(audit.claims) == 16


def test_a_fact_that_an_axiom_forbids_is_left_out(tmp_path: Path) -> None:
    paper = _paper(tmp_path / "paper")
    head, rows = paper.read("publications")
    work = dict.fromkeys(head, "") | {"tz:Publication": "bang-2010", "rdfs:label": "Bang, again"}
    work |= {"tz:year": "2011", "source": "my-curation"}
    paper.write("publications", head, [*rows, [work[name] for name in head]])
    node, link = ox.NamedNode(f"{ID}publication/bang-2010"), ox.NamedNode(TZ + "year")
    with laid_over(paper.path) as aside:
        warned = [f for f in aside.findings if f.code not in _LACKING]
        assert [f for f in warned if "bang-2010" in f.message]
        years = {q.object for q in aside.store.quads_for_pattern(node, link, None, None)}
        assert [year.value for year in years if isinstance(year, ox.Literal)] == ["2010"]
        assert len(audit_in(aside, "my-review").claims) == 16


#: Findings on what is missing.
_LACKING = frozenset({"shacl-min-count", "shacl-sparql"})


def test_a_table_in_another_encoding_is_unreadable(tmp_path: Path) -> None:
    paper = _paper(tmp_path / "paper")
    table = paper.path / "claims.tsv"
    table.write_bytes(table.read_text(encoding="utf-8").encode("utf-16"))
    with pytest.raises(DataError) as caught:
        build_release(tmp_path / "build", BuildOptions(more=(paper.path,)))
    assert {f.file for f in caught.value.findings if f.unreadable} == {"paper/claims.tsv"}
    assert caught.value.exit_status == 2


def test_a_folder_given_twice_is_told(tmp_path: Path) -> None:
    paper = _paper(tmp_path / "paper")
    with pytest.raises(InputUnreadableError, match=r"two files paper/.*\.tsv") as caught:
        build_release(tmp_path / "build", BuildOptions(more=(paper.path, paper.path)))
    assert "Rename" in caught.value.hint


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputUnreadableError, match="can't be read"):
        build_release(tmp_path / "build", BuildOptions(more=(tmp_path / "none",)))


def test_rows_with_ids_of_another_document_are_left_out(tmp_path: Path) -> None:
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
    with laid_over(tmp_path / "one", tmp_path / "two") as aside:
        taken = [finding for finding in aside.findings if finding.code == "id-taken"]
        assert {finding.file for finding in taken} >= {"two/claims.tsv", "two/statedresults.tsv"}
        assert all(finding.column == 1 and finding.row for finding in taken)
        assert len(audit_in(aside, "my-review").claims) == 16
        assert documents(aside.store) == ["my-review", "sun-review"]
