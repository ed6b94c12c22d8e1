"""``tzgraph link``: formats, exit codes, bad input."""

import gzip
import io
import json
from pathlib import Path

import pytest

from tests.cli.commands import tzgraph
from tzgraph.link.sssom.reader import read_sssom
from tzgraph.resources import shipped

SSSOM = "subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification\n"
MANUAL = "semapv:ManualMappingCuration"
OBO = """format-version: 1.2
ontology: small

[Term]
id: MONDO:0006244
name: HER2 positive breast carcinoma

[Term]
id: MONDO:0000009
name: obsolete gone
is_obsolete: true
replaced_by: MONDO:0006244

[Term]
id: EFO:1000294
name: HER2 Positive Breast Carcinoma
"""


@pytest.fixture
def ontology(tmp_path: Path) -> Path:
    path = tmp_path / "small.obo"
    path.write_text(OBO, encoding="utf-8")
    return path


def mappings(folder: Path, *rows: tuple[str, str, str]) -> Path:
    """Write a mapping set: subject, object, label of the object."""
    path = folder / "ours.sssom.tsv"
    lines = [f"{s}\tskos:exactMatch\t{o}\t{label}\t{MANUAL}\n" for s, o, label in rows]
    path.write_text(SSSOM + "".join(lines), encoding="utf-8")
    return path


def test_the_graph_is_fine_without_files(shipped_dir: Path) -> None:
    run = tzgraph("link", "check", "--dir", shipped_dir)
    assert (run.returncode, run.stderr) == (0, "")
    assert "only identifiers and doubles are checked" in run.stdout


def test_a_mapping_set_is_checked_without_a_release(tmp_path: Path, ontology: Path) -> None:
    ours = mappings(
        tmp_path,
        ("tzdisease:a", "MONDO:0006244", "HER2 positive breast carcinoma"),
        ("tzdisease:b", "MONDO:0000009", ""),
        ("tzdisease:c", "MONDO:0000001", ""),
        ("tzdisease:d", "EFO:1000294", "something else"),
    )
    arguments = ("link", "check", ontology, "--mappings", ours, "--dir", tmp_path / "none")
    run = tzgraph(*arguments)
    assert run.returncode == 1
    assert "4 mappings: 1 missing, 1 obsolete, 1 label differs, 1 ok" in run.stdout
    assert "replaced by mondo:0006244 (HER2 positive breast carcinoma)" in run.stdout
    report = json.loads(tzgraph(*arguments, "--format", "json").stdout)
    assert report["counts"] == {"missing": 1, "obsolete": 1, "label differs": 1, "ok": 1}
    assert report["mappings"][1]["problems"][0]["replacement"] == "mondo:0006244"
    assert report["mappings"][1]["line"] == 3
    output = tmp_path / "checked.sssom.tsv"
    assert tzgraph(*arguments, "-f", "sssom", "-o", output).returncode == 1
    checked = read_sssom(output)
    assert not checked.findings
    assert [m.comment.partition(":")[0] for m in checked.mappings] == [
        "ok", "obsolete", "missing", "label differs",
    ]  # fmt: skip


def test_warnings_fail_only_if_strict(tmp_path: Path, ontology: Path) -> None:
    ours = mappings(tmp_path, ("tzdisease:d", "EFO:1000294", "something else"))
    arguments = ("link", "check", ontology, "--mappings", ours)
    assert tzgraph(*arguments).returncode == 0
    assert tzgraph(*arguments, "--strict").returncode == 1


def test_other_sets_are_compared(tmp_path: Path) -> None:
    ours = mappings(tmp_path, ("tzdisease:a", "MONDO:0006244", ""), ("tzdisease:a", "DOID:1", ""))
    other = tmp_path / "other.sssom.tsv"
    other.write_text(
        SSSOM + f"MONDO:0006244\tskos:exactMatch\tDOID:0060079\t\t{MANUAL}\n", encoding="utf-8"
    )
    run = tzgraph("link", "check", "--mappings", ours, "--with", other)
    assert "mondo:0006244 = doid:0060079 (other.sssom.tsv), where ours says doid:1" in run.stdout


def test_suggestions_are_a_mapping_set_to_review(shipped_dir: Path, ontology: Path) -> None:
    arguments = ("link", "suggest", ontology, "--all", "--dir", shipped_dir)
    table = tzgraph(*arguments)
    assert (table.returncode, table.stderr) == (0, "")
    assert "tzdisease:her2-positive-breast-cancer" in table.stdout
    assert "to be reviewed" in table.stdout
    found = json.loads(tzgraph(*arguments, "-f", "json").stdout)["suggestions"]
    exact = [s for s in found if s["predicate_id"] == "skos:exactMatch"]
    assert {s["object_id"] for s in exact} == {"mondo:0006244", "efo:1000294"}
    assert all(0.75 <= s["score"] <= 1 and s["reasons"] for s in found)
    output = ontology.with_name("review.sssom.tsv")
    assert tzgraph(*arguments, "-f", "sssom", "-o", output).returncode == 0
    review = read_sssom(output)
    assert not review.findings
    assert len(review.mappings) == len(found)
    assert all(m.confidence and m.comment for m in review.mappings)


def test_the_same_input_gives_the_same_bytes(shipped_dir: Path, ontology: Path) -> None:
    arguments = ("link", "suggest", ontology, "--all", "-f", "sssom", "--dir", shipped_dir)
    runs = {tzgraph(*arguments, PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "2")}
    assert len(runs) == 1


def test_a_mapping_set_may_be_given_as_a_file(shipped_dir: Path, tmp_path: Path) -> None:
    ours = mappings(tmp_path, ("MONDO:0006244", "umls:C1960398", "HER2 breast"))
    run = tzgraph("link", "suggest", ours, "--min-score", "0.5", "--dir", shipped_dir)
    assert run.returncode == 0
    assert "umls:C1960398" in run.stdout


@pytest.mark.parametrize("command", ["check", "suggest"])
def test_all_damaged_files_are_told_and_nothing_is_written(
    command: str, shipped_dir: Path, tmp_path: Path
) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as stream:
        stream.write(OBO.encode() * 1000)
    cut = tmp_path / "cut.obo.gz"
    cut.write_bytes(packed.getvalue()[:100])
    page = tmp_path / "page.sssom.tsv"
    page.write_text("<!DOCTYPE html><html><body>Not found</body></html>\n", encoding="utf-8")
    output = tmp_path / "out"
    run = tzgraph("link", command, cut, page, "-o", output, "--dir", shipped_dir)
    assert run.returncode == 2
    assert "cut.obo.gz" in run.stderr
    assert "page.sssom.tsv" in run.stderr
    assert "Traceback" not in run.stderr
    assert not output.exists()


def test_a_set_without_justifications_is_told_with_its_line(tmp_path: Path) -> None:
    ours = tmp_path / "ours.sssom.tsv"
    ours.write_text(
        SSSOM
        + "tzdisease:a\tskos:exactMatch\tMONDO:0006244\t\t\n"
        + f"tzdisease:b\tskos:exactMatch\tMONDO:0000001\t\t{MANUAL}\n",
        encoding="utf-8",
    )
    run = tzgraph("link", "check", "--mappings", ours)
    assert run.returncode == 1
    assert "ours.sssom.tsv:2" in run.stderr
    assert "no-justification" in run.stderr


def test_wrong_usage(tmp_path: Path, ontology: Path) -> None:
    for arguments, said in (
        (("check", "--format", "xlsx"), "There is no format “xlsx”"),
        (("check", tmp_path / "missing.obo", "--mappings", ontology), "--mappings takes SSSOM"),
        (("suggest", ontology, "--dir", tmp_path / "none"), "There is no built graph"),
    ):
        run = tzgraph("link", *arguments)
        assert run.returncode == 2, arguments
        assert said in run.stderr or "can't be read" in run.stderr
    run = tzgraph("link", "check", tmp_path / "missing.obo", "--mappings", ontology)
    assert run.returncode == 2
    assert tzgraph("link", "suggest").returncode == 2


def test_links_of_the_graph_keep_why_they_were_made(shipped_dir: Path, tmp_path: Path) -> None:
    output = tmp_path / "checked.sssom.tsv"
    run = tzgraph("link", "check", "-f", "sssom", "-o", output, "--dir", shipped_dir)
    assert run.returncode == 0, run.stderr
    checked = read_sssom(output)
    assert not checked.findings
    ours = [
        mapping
        for path in sorted(shipped("ontology").glob("mappings/*.sssom.tsv"))
        for mapping in read_sssom(path).mappings
    ]
    assert {(*m.key, m.confidence) for m in checked.mappings} == {
        (*m.key, m.confidence) for m in ours if m.subject_id.startswith("tz")
    }
    assert len({m.mapping_justification for m in checked.mappings}) > 1


def test_several_sets_are_one_document(tmp_path: Path, ontology: Path) -> None:
    first = mappings(tmp_path, ("tzdisease:a", "MONDO:0006244", ""))
    (tmp_path / "more").mkdir()
    second = mappings(
        tmp_path / "more",
        ("tzdisease:a", "MONDO:0006244", ""),
        ("tzdisease:b", "MONDO:0000001", ""),
    )
    arguments = ("link", "check", ontology, "--mappings", first, "--mappings", second)
    told = json.loads(tzgraph(*arguments, "-f", "json").stdout)
    assert [report["counts"] for report in told] == [{"ok": 1}, {"missing": 1, "ok": 1}]
    output = tmp_path / "checked.sssom.tsv"
    assert tzgraph(*arguments, "-f", "sssom", "-o", output).returncode == 1
    checked = read_sssom(output)
    assert not checked.findings
    assert [m.subject_id for m in checked.mappings] == ["tzdisease:a", "tzdisease:b"]


def test_each_kind_of_problem_is_told(shipped_dir: Path, tmp_path: Path) -> None:
    terms = tmp_path / "terms.obo"
    terms.write_text(
        OBO
        + """
[Term]
id: HGNC:3430
name: ERBB2

[Term]
id: UniProtKB:P06494
name: Erbb2 (rat)
relationship: RO:0002162 NCBITaxon:10116

[Term]
id: DOID:0060079
name: Her2-receptor positive breast cancer
""",
        encoding="utf-8",
    )
    other = tmp_path / "other.sssom.tsv"
    other.write_text(
        SSSOM + f"MONDO:0006244\tskos:exactMatch\tDOID:0060079\t\t{MANUAL}\n", encoding="utf-8"
    )
    her2, breast = "tztarget:her2", "tzdisease:her2-positive-breast-cancer"
    ours = mappings(
        tmp_path,
        (breast, "MONDO:0006244", "another name"),
        (breast, "MONDO:0000009", ""),
        (breast, "DOID:1612", ""),
        ("tzdisease:gastric-cancer", "DOID:1612", ""),
        ("tzdisease:gastric-cancer", "MONDO:7777777", ""),
        (her2, "UniProtKB:P06494", ""),
        ("tzprocess:emt", "HGNC:3430", ""),
        ("tzprocess:adcc", "GO:0001788", ""),
    )
    arguments = ("link", "check", terms, "--mappings", ours, "--with", other, "--dir", shipped_dir)
    run = tzgraph(*arguments, "-f", "json")
    assert (run.returncode, run.stderr) == (1, "")
    told = json.loads(run.stdout)
    found = {
        (one["object_id"], problem["status"], problem["severity"])
        for one in told["mappings"]
        for problem in one["problems"]
    }
    assert found >= {
        ("mondo:0006244", "label differs", "warning"),
        ("mondo:0006244", "two terms", "violation"),
        ("mondo:0006244", "contradiction", "warning"),
        ("mondo:0000009", "obsolete", "violation"),
        ("mondo:7777777", "missing", "violation"),
        ("doid:1612", "two things", "violation"),
        ("uniprot:P06494", "other species", "violation"),
        ("hgnc:3430", "other kind", "warning"),
    }
    assert told["counts"]["not checked"] == 1
    bad = tmp_path / "bad.sssom.tsv"
    bad.write_text(SSSOM + f"{her2}\tskos:exactMatch\tGO:GO:0001837\t\t{MANUAL}\n")
    run = tzgraph("link", "check", "--mappings", bad)
    assert run.returncode == 1
    assert "doubled-prefix" in run.stderr
    assert "go:0001837" in run.stderr


@pytest.mark.parametrize("command", ["check", "suggest"])
def test_nothing_is_left_where_a_file_can_not_be_written(
    command: str, shipped_dir: Path, tmp_path: Path, ontology: Path
) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    for output in (folder, tmp_path / "none" / "x.tsv"):
        run = tzgraph("link", command, ontology, "-o", output, "--dir", shipped_dir)
        assert run.returncode == 2
        assert "can't be written" in run.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.obo", "taken"]
