"""``tzgraph audit``: formats, documents, folders, and what is told when something is wrong."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.cli.commands import Sources, tzgraph
from tzgraph.audit.template import TEMPLATE
from tzgraph.release import BuildOptions, build_release

_CLAIMS = (
    "tz:Claim\trdfs:label\tdcterms:description\ttz:locator\ttz:claimKind\tsource\ttz:checkStatus"
)


def _documents(sources: Sources, *slugs: str) -> Path:
    """Add documents with a claim each."""
    table = sources.folder / "sources.tsv"
    with table.open("a", encoding="utf-8") as lines:
        for slug in slugs:
            lines.write(
                f"{slug}\tDocument {slug}\tA document, {slug}."
                "\t<https://creativecommons.org/licenses/by/4.0/>\t2026-11-23\tSecondarySource\tdesk\n"
            )
    sources.write(
        "claims.tsv",
        _CLAIMS,
        *(
            f"{slug}-1\tclaim 1 of {slug}\tAll will be well.\t1\tprediction\t{slug}\tSeen"
            for slug in slugs
        ),
    )
    return sources.folder


# -- the current release -----------------------------------------------------------------------


def test_the_current_release_is_audited_as_text(shipped_dir: Path) -> None:
    run = tzgraph("audit", "--dir", shipped_dir)
    assert run.returncode == 0, run.stderr
    assert "sun-c065" in run.stdout
    assert re.search(r"contradicted", run.stdout, re.IGNORECASE)
    assert run.stderr == ""


def test_json_holds_each_claim_with_its_judgements(shipped_dir: Path) -> None:
    run = tzgraph("audit", "--source", "sun-review", "-f", "json", TZGRAPH_DIR=str(shipped_dir))
    assert run.returncode == 0, run.stderr
    audit = json.loads(run.stdout)
    claims = {claim["name"]: claim for claim in audit["claims"]}
    assert len(claims) == 202
    assert claims["sun-c065"]["verdict"] == "Contradicted"
    rules = {judgement["rule"] for judgement in claims["sun-c065"]["judgements"]}
    assert {"figure-differs", "figure-of-another-arm"} <= rules


@pytest.mark.parametrize("format_", ["html", "csv"])
def test_a_report_is_written_to_a_file(format_: str, shipped_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "audit"
    run = tzgraph("audit", "--dir", shipped_dir, "--format", format_, "-o", file)
    assert (run.returncode, run.stdout) == (0, "")
    text = file.read_text(encoding="utf-8")
    if format_ == "html":
        assert text.lower().startswith("<!doctype html>")
        assert "sun-c065" in text
    else:
        names = {cell for row in csv.reader(text.splitlines()) for cell in row}
        assert "sun-c065" in names


def test_a_file_that_cannot_be_written_is_told(shipped_dir: Path, tmp_path: Path) -> None:
    run = tzgraph("audit", "--dir", shipped_dir, "-o", tmp_path / "none" / "audit.txt")
    assert run.returncode == 2
    assert "audit.txt can't be written" in run.stderr


def test_an_unknown_document_is_told_with_those_there_are(shipped_dir: Path) -> None:
    run = tzgraph("audit", "--dir", shipped_dir, "--source", "sun-reviw")
    assert (run.returncode, run.stdout) == (2, "")
    assert "“sun-reviw” makes no claims" in run.stderr
    assert "Give one of sun-review." in run.stderr


def test_an_unknown_format_is_told(shipped_dir: Path) -> None:
    run = tzgraph("audit", "--dir", shipped_dir, "--format", "pdf")
    assert (run.returncode, run.stdout) == (2, "")
    for name in ("text", "html", "markdown", "json", "csv"):
        assert name in run.stderr


def test_without_a_release_the_way_to_one_is_told(tmp_path: Path) -> None:
    run = tzgraph("audit", "--dir", tmp_path)
    assert run.returncode == 2
    assert "tzgraph build" in run.stderr


# -- folders -----------------------------------------------------------------------------------


def test_the_template_is_written_once_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    run = tzgraph("audit", "--template", folder)
    assert run.returncode == 0
    assert {p.name for p in folder.iterdir()} == {p.name for p in TEMPLATE.iterdir()}
    assert f"tzgraph audit {folder}" in run.stdout
    again = tzgraph("audit", "--template", folder)
    assert (again.returncode, again.stdout) == (2, "")
    assert "already has" in again.stderr


def test_a_folder_is_audited_without_publishing_and_its_mistakes_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    assert tzgraph("audit", "--template", folder).returncode == 0
    table = folder / "statedresults.tsv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("\t17.5\t", "\tabout 17\t"), encoding="utf-8")
    run = tzgraph("audit", folder, "--format", "csv", cwd=tmp_path)
    assert run.returncode == 1
    assert "paper/statedresults.tsv:3:8: warning" in run.stderr
    verdicts = {row["name"]: row["verdict"] for row in csv.DictReader(io.StringIO(run.stdout))}
    assert verdicts["my-review-02"] == "Unverified"
    assert verdicts["my-review-03"] == "Imprecise"
    assert not [name for name in verdicts if name.startswith("sun-")]
    assert [p.name for p in tmp_path.iterdir()] == ["paper"]


@pytest.mark.parametrize("twice", [False, True])
def test_a_folder_that_is_missing_or_given_twice_is_told(tmp_path: Path, *, twice: bool) -> None:
    folder = tmp_path / "paper"
    if twice:
        assert tzgraph("audit", "--template", folder).returncode == 0
    run = tzgraph("audit", folder, *([folder] if twice else []))
    assert (run.returncode, run.stdout) == (2, "")
    assert ("two files" if twice else "can't be read") in run.stderr
    assert "Traceback" not in run.stderr


def test_text_in_another_encoding_is_told(sources: Sources) -> None:
    folder = _documents(sources, "paper")
    table = folder / "claims.tsv"
    table.write_bytes(table.read_bytes().replace(b"well", "très bien".encode("latin-1")))
    run = tzgraph("audit", "--sources", folder)
    assert (run.returncode, run.stdout) == (2, "")
    assert "claims.tsv" in run.stderr


# -- several documents -------------------------------------------------------------------------


def test_documents_follow_each_other_in_text_and_are_chosen_for_the_rest(
    sources: Sources, tmp_path: Path
) -> None:
    build_release(tmp_path, BuildOptions(_documents(sources, "one-paper", "two-papers")))
    run = tzgraph("audit", "--dir", tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.index("one-paper-1") < run.stdout.index("two-papers-1")
    run = tzgraph("audit", "--dir", tmp_path, "--format", "json")
    assert (run.returncode, run.stdout) == (2, "")
    assert "Several documents make claims: one-paper, two-papers." in run.stderr
    run = tzgraph("audit", "--dir", tmp_path, "--format", "json", "--source", "two-papers")
    assert [claim["name"] for claim in json.loads(run.stdout)["claims"]] == ["two-papers-1"]


def test_sources_without_claims_are_told(sources: Sources) -> None:
    run = tzgraph("audit", "--sources", sources.folder)
    assert (run.returncode, run.stdout) == (2, "")
    assert "No document makes claims." in run.stderr
    assert "--template" in run.stderr


# -- mistakes ----------------------------------------------------------------------------------


def test_a_mistake_in_a_documents_row_is_a_warning_of_a_build(
    sources: Sources, tmp_path: Path
) -> None:
    folder = _documents(sources, "paper")
    table = folder / "claims.tsv"
    head, row = table.read_text(encoding="utf-8").splitlines()
    table.write_text(f"{head}\ttz:cites\n{row}\tno-such-paper\n", encoding="utf-8")
    run = tzgraph("build", "--sources", folder, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "warnings; `tzgraph validate" in run.stderr
    run = tzgraph("audit", cwd=tmp_path)
    assert run.returncode == 1
    assert "claims.tsv:2:8: warning" in run.stderr
    assert "no-such-paper" in run.stderr
    assert "paper-1" in run.stdout
