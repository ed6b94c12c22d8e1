"""``tzgraph search``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.commands import tzgraph

TRASTUZUMAB = "https://w3id.org/tzgraph/id/drug/trastuzumab"


def test_a_table_for_people(shipped_dir: Path) -> None:
    run = tzgraph("search", "herceptn", "--dir", shipped_dir)
    assert run.returncode == 0, run.stderr
    title, _rule, row = run.stdout.splitlines()
    assert title.split() == ["thing", "label", "kind", "matched", "by"]
    assert row.split() == ["tzdrug:trastuzumab", "trastuzumab", "drug", "Herceptin", "spelling"]


def test_json_begins_with_the_iri(shipped_dir: Path) -> None:
    run = tzgraph("search", "her-2/neu", "-f", "json", "-n", "2", "--dir", shipped_dir)
    hits = json.loads(run.stdout)
    assert [list(hit) for hit in hits] == [["iri", "label", "kind", "matched", "by", "score"]] * 2
    assert [hit["iri"].rpartition("id/")[2] for hit in hits] == ["target/her2", "gene/erbb2"]


@pytest.mark.parametrize(("form", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_rows_for_programs(shipped_dir: Path, form: str, delimiter: str) -> None:
    run = tzgraph("search", "Herceptin", "--format", form, "--dir", shipped_dir)
    rows = list(csv.DictReader(run.stdout.splitlines(), delimiter=delimiter))
    assert (rows[0]["iri"], rows[0]["by"]) == (TRASTUZUMAB, "synonym")


def test_unknown_is_an_answer(shipped_dir: Path) -> None:
    run = tzgraph("search", "cetuximab", "--dir", shipped_dir)
    said = "“cetuximab” is unknown: nothing in the graph has such a name.\n"
    assert (run.returncode, run.stdout) == (0, said)
    run = tzgraph("search", "cetuximab", "-f", "json", "--dir", shipped_dir)
    assert (run.returncode, run.stdout) == (0, "[]\n")


def test_control_characters_are_shown(shipped_dir: Path) -> None:
    run = tzgraph("search", "\x1b[2Jx", "--dir", shipped_dir)
    assert "\x1b" not in run.stdout


@pytest.mark.parametrize(
    "wrong", [("x", "--format", "xml"), ("x", "--limit", "0"), ("x", "--limit", "101"), ()]
)
def test_wrong_usage(shipped_dir: Path, wrong: tuple[str, ...]) -> None:
    assert tzgraph("search", *wrong, "--dir", shipped_dir).returncode == 2
