"""``tzgraph query``: plans, and what is said under an empty result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import tzgraph

STATED = "No rows: this graph doesn't state it, which doesn't say that it doesn't hold."
TYPO = "SELECT ?d { ?d tz:targts tztarget:her2 }"
MEANT = "Line 1: tz:targts occurs nowhere in this graph. Is tz:targets meant?"


def written(folder: Path, text: str) -> Path:
    path = folder / "asked.rq"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plan_to_read(shipped_dir: Path, tmp_path: Path) -> None:
    text = "SELECT ?d {\n ?d tz:targets ?t .\n ?d tz:counters|tz:proposedAgainst ?m }"
    run = tzgraph("query", written(tmp_path, text), "--explain", "--dir", shipped_dir)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[:2] == [
        "SELECT, answered by the engine",
        "Rewritten: paths-with-all-solutions",
    ]
    rows = [line.split(None, 2) for line in lines]
    assert ["line", "triples", "pattern"] in rows
    (counted,) = [row for row in rows if row[-1] == "?d tz:targets ?t"]
    assert counted[0] == "2"
    assert int(counted[1]) > 20
    assert lines[-1].split()[1:3] == ["rows", "in"]


def test_a_plan_for_programs(shipped_dir: Path) -> None:
    run = tzgraph(
        *("query", "drugs-on-target", "-p", "target=her2", "--explain", "-f", "json"),
        *("--dir", shipped_dir),
    )
    found = json.loads(run.stdout)
    assert found["parsed"]
    assert found["run"]["rows"] > 10
    assert all(one["triples"] for one in found["patterns"] if "steps" not in one)


def test_under_one_row_that_sums_up_nothing(shipped_dir: Path, tmp_path: Path) -> None:
    asked = written(tmp_path, f"SELECT (COUNT(*) AS ?n) {TYPO[10:]}")
    notes = ["The one row sums up what this graph states, which may be nothing.", MEANT]
    for more in ([], ["--explain"]):
        run = tzgraph("query", asked, *more, "--dir", shipped_dir)
        assert run.stderr.splitlines() == notes
    known = written(tmp_path, "SELECT (COUNT(*) AS ?n) { ?d tz:targets tztarget:her2 }")
    assert tzgraph("query", known, "--dir", shipped_dir).stderr == ""
    groups = f"SELECT ?d (COUNT(*) AS ?n) {TYPO[10:]} GROUP BY ?d"
    run = tzgraph("query", written(tmp_path, groups), "--dir", shipped_dir)
    assert run.stderr.splitlines() == [STATED, MEANT]


@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "xml"])
def test_under_no_rows(shipped_dir: Path, tmp_path: Path, form: str) -> None:
    run = tzgraph("query", written(tmp_path, TYPO), "-f", form, "--dir", shipped_dir)
    assert run.returncode == 0
    assert run.stderr.splitlines() == [STATED, MEANT]
    assert "nowhere" not in run.stdout
    some = written(tmp_path, "SELECT ?d { ?d tz:targets tztarget:her2 }")
    run = tzgraph("query", some, "-f", form, "--dir", shipped_dir)
    assert run.stderr == ""


@pytest.mark.parametrize("form", ["table", "turtle", "ntriples", "jsonld"])
def test_under_an_empty_graph(shipped_dir: Path, tmp_path: Path, form: str) -> None:
    empty = written(tmp_path, "DESCRIBE tzdrug:trastuzumabb")
    run = tzgraph("query", empty, "-f", form, "--dir", shipped_dir)
    meant = "Line 1: tzdrug:trastuzumabb occurs nowhere in this graph. Is tzdrug:trastuzumab meant?"
    assert run.stderr.splitlines() == [STATED, meant]
    some = written(tmp_path, "DESCRIBE tzdrug:trastuzumab")
    run = tzgraph("query", some, "-f", form, "--dir", shipped_dir)
    assert run.stderr == ""
    assert "trastuzumab" in run.stdout


@pytest.mark.parametrize("form", ["table", "json"])
def test_under_no(shipped_dir: Path, tmp_path: Path, form: str) -> None:
    asked = written(tmp_path, "ASK { tzdrug:trastuzumab tz:targts ?t }")
    run = tzgraph("query", asked, "-f", form, "--dir", shipped_dir)
    said = "“no” says that this graph doesn't state it, not that it doesn't hold."
    assert run.stderr.splitlines() == [said, MEANT]
    asked = written(tmp_path, "ASK { tzdrug:trastuzumab tz:targets ?t FILTER(1 = 2) }")
    assert tzgraph("query", asked, "-f", form, "--dir", shipped_dir).stderr == ""


def test_what_is_written_badly(shipped_dir: Path, tmp_path: Path) -> None:
    half = written(tmp_path, "SELECT * { ?s ?p")
    run = tzgraph("query", half, "--explain", "--dir", shipped_dir)
    assert run.returncode == 2
    assert "query-syntax" in run.stderr
    run = tzgraph("query", written(tmp_path, TYPO), "--explain", "-f", "csv", "--dir", shipped_dir)
    assert run.returncode == 2
    assert "-f json" in run.stderr


def test_control_characters_are_shown(shipped_dir: Path, tmp_path: Path) -> None:
    asked = written(tmp_path, "SELECT * { ?s tz:targets '\x1b[2Jx' }")
    run = tzgraph("query", asked, "--explain", "--dir", shipped_dir)
    assert run.returncode == 0
    assert "\x1b" not in run.stdout + run.stderr


def test_a_difference_that_a_query_meets(shipped_dir: Path, tmp_path: Path) -> None:
    text = "SELECT ?x { VALUES ?x { 5 99999999999999999999 } FILTER(?x > 1) }"
    run = tzgraph("query", written(tmp_path, text), "--format", "csv", "--dir", shipped_dir)
    assert (run.returncode, run.stdout.split()) == (0, ["x", "5"])
    assert run.stderr.startswith("Mind: numbers beyond 63 bits")
    assert "differences.md#numbers-with-more" in run.stderr
