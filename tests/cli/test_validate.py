"""``tzgraph validate``: checks without building, in several formats, also single files."""

import json
from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.namespace import RDF, SH

from tests.cli.commands import Sources, tzgraph


def test_the_shipped_sources_conform(tmp_path: Path) -> None:
    run = tzgraph("validate", cwd=tmp_path)
    assert run.returncode == 0
    assert run.stdout.splitlines()[-1].startswith("0 violations, ")
    assert list(tmp_path.iterdir()) == []


def test_text_has_a_line_for_each_finding_and_counts_them(sources: Sources) -> None:
    sources.drugs("a\t\ta\tdesk\tSeen\t", "b\tNothing\tb\tdesk\tSeen\t", "c\t\tc\tdesk\tSene\t")
    run = tzgraph("validate", "--sources", sources.folder)
    assert run.returncode == 1
    assert run.stderr == ""
    lines = run.stdout.splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == ["drugs.tsv:3:2", "drugs.tsv:4:5"]
    assert lines[-1] == "2 violations, 0 warnings."


def test_json_has_an_object_for_each_finding(sources: Sources) -> None:
    sources.drugs("a\t\ta|b\tdesk\tSeen\t")
    run = tzgraph("validate", "--sources", sources.folder, "--format", "json")
    assert run.returncode == 1
    assert run.stderr == ""
    violations = [f for f in json.loads(run.stdout) if f["severity"] == "violation"]
    (found,) = violations
    assert (found["file"], found["row"], found["column"]) == ("drugs.tsv", 2, 3)
    assert found["code"].startswith("shacl-")
    assert found["focus"] == "https://w3id.org/tzgraph/id/drug/a"
    assert found["path"].endswith("label>") or found["path"].endswith("label")


def test_turtle_is_a_validation_report(sources: Sources) -> None:
    sources.drugs("a\t\ta|b\tdesk\tSeen\t")
    run = tzgraph("validate", "--sources", sources.folder, "--format", "turtle")
    assert run.returncode == 1
    graph = Graph().parse(data=run.stdout, format="turtle")
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert str(graph.value(report, SH.conforms)) == "false"
    focus = {str(node) for node in graph.objects(None, SH.focusNode)}
    assert "https://w3id.org/tzgraph/id/drug/a" in focus


def test_what_can_not_be_read_has_no_validation_report(sources: Sources) -> None:
    sources.write("empty.tsv")
    run = tzgraph("validate", "--sources", sources.folder, "--format", "turtle")
    assert (run.returncode, run.stdout) == (2, "")
    assert "empty.tsv: violation empty-file" in run.stderr
    as_json = tzgraph("validate", "--sources", sources.folder, "--format", "json")
    assert as_json.returncode == 2
    assert [f["code"] for f in json.loads(as_json.stdout)] == ["empty-file"]


def test_a_file_takes_the_place_of_the_source_of_its_name(sources: Sources, tmp_path: Path) -> None:
    sources.drugs("a\tNothing\ta\tdesk\tSeen\t")
    edits = Sources(tmp_path / "edits")
    drugs = edits.drugs("a\t\ta\tdesk\tSeen\t")
    before = (sources.folder / "drugs.tsv").read_bytes()
    assert tzgraph("validate", "--sources", sources.folder).returncode == 1
    run = tzgraph("validate", drugs, "--sources", sources.folder)
    assert run.returncode == 0, run.stdout
    assert (sources.folder / "drugs.tsv").read_bytes() == before


def test_a_file_of_another_name_is_added(sources: Sources, tmp_path: Path) -> None:
    extra = tmp_path / "extra.tsv"
    extra.write_text(
        "tz:Drug\trdfs:label\ttz:targets\tsource\nexamplumab\tx\thre2\tdesk\n", encoding="utf-8"
    )
    run = tzgraph("validate", extra, "--sources", sources.folder)
    assert run.returncode == 1
    assert "drugs.tsv, row 2" in run.stdout or "extra.tsv, row 2" in run.stdout
    assert "extra.tsv:2:3: violation dangling-id" in run.stdout
    assert not (sources.folder / "extra.tsv").exists()


@pytest.mark.parametrize("arguments", [("no-such.tsv",), ("--sources", "no-such-folder"), (".",)])
def test_what_does_not_exist_exits_with_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    run = tzgraph("validate", *arguments, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error[unreadable-input]: ")
    assert arguments[-1] in run.stderr


def test_a_link_to_nowhere_among_the_sources_is_named(sources: Sources, tmp_path: Path) -> None:
    (sources.folder / "lost.tsv").symlink_to(tmp_path / "nowhere")
    run = tzgraph("validate", sources.folder / "drugs.tsv", "--sources", sources.folder)
    assert run.returncode == 2
    assert "lost.tsv" in run.stdout + run.stderr


def test_an_unknown_format_exits_with_2(sources: Sources) -> None:
    run = tzgraph("validate", "--sources", sources.folder, "--format", "pdf")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error[usage]: There is no format “pdf”.")
