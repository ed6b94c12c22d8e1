"""``tzgraph explain``: cells of what is asserted, rules of what is inferred, exit codes."""

import json
from pathlib import Path

import pytest

from tests.cli.commands import tzgraph


def test_an_asserted_triple_leads_to_its_cell(shipped_dir: Path) -> None:
    run = tzgraph(
        "explain", "tzdrug:trastuzumab", "tz:inhibitsTarget", "tztarget:her2", "--dir", shipped_dir
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "[asserted]" in run.stdout
    assert "drugs.tsv:2:7" in run.stdout


def test_an_inferred_triple_leads_over_its_rule_to_cells(shipped_dir: Path) -> None:
    arguments = ("tzdrug:trastuzumab", "tz:targets", "tztarget:her2", "--dir", shipped_dir)
    run = tzgraph("explain", *arguments)
    assert (run.returncode, run.stderr) == (0, "")
    assert "[inferred]" in run.stdout
    assert "by rule" in run.stdout
    assert "drugs.tsv:2:7" in run.stdout
    as_json = tzgraph("explain", *arguments, "--format", "json")
    assert as_json.returncode == 0
    assert "drugs.tsv" in json.dumps(json.loads(as_json.stdout))


def test_a_triple_that_is_not_known_to_hold_exits_with_1(shipped_dir: Path) -> None:
    run = tzgraph(
        "explain", "tzdrug:trastuzumab", "tz:targets", "tztarget:her3", "--dir", shipped_dir
    )
    assert run.returncode == 1
    assert "not known to hold" in run.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("nope:trastuzumab", "tz:targets", "tztarget:her2"),
        ("tzdrug:trastuzumab", "tz:targets", "<https://example.org/[>"),
        ("tzdrug:trastuzumab", "tz:targets", "tztarget:her2", "--format", "pdf"),
        ("tzdrug:trastuzumab",),
        ("tzclaim:sun-c065", "tz:verdict"),
        ("tzdrug:trastuzumab", "tz:targets", '"x"@abcdefghijkl'),
    ],
)
def test_wrong_terms_and_formats_exit_with_2(shipped_dir: Path, arguments: tuple[str, ...]) -> None:
    run = tzgraph("explain", *arguments, "--dir", shipped_dir)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error[usage]: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tzdrug:trastuzumb", "tz:targets", "HER2"), "Did you mean tzdrug:trastuzumab"),
        (("trastuzumab", "tz:target", "tztarget:her2"), "Did you mean tz:targets"),
        (("trastuzumab", "targets", "HER2"), "“HER2” names 2 things: tztarget:her2"),
        (("cetuximab", "targets", "EGFR"), "“cetuximab” is unknown: nothing in the graph has"),
    ],
)
def test_of_an_unknown_name_nothing_is_said(
    shipped_dir: Path, arguments: tuple[str, ...], said: str
) -> None:
    run = tzgraph("explain", *arguments, "--dir", shipped_dir)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("error[unknown-name]: ")
    assert said in run.stderr


def test_names_are_as_good_as_curies(shipped_dir: Path) -> None:
    run = tzgraph("explain", "Herceptin", "targets", "p185HER2", "--dir", shipped_dir)
    assert run.returncode == 0
    said = "trastuzumab targets HER2  [inferred]\n  tzdrug:trastuzumab tz:targets tztarget:her2\n"
    assert run.stdout.startswith(said)


def test_a_claim_alone_is_explained_by_its_comparison(shipped_dir: Path) -> None:
    run = tzgraph("explain", "tzclaim:sun-c065", "--dir", shipped_dir)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("✗ CONTRADICTED · sun-c065 · ")
    assert "\n“review 3.2, claim 65” verdict contradicted  [inferred]\n" in run.stdout
    assert "\n  tzclaim:sun-c065 tz:verdict tz:Contradicted\n" in run.stdout
    as_json = tzgraph("explain", "tzclaim:sun-c065", "--dir", shipped_dir, "--format", "json")
    assert json.loads(as_json.stdout)["comparison"]["verdict"] == "Contradicted"


def test_a_verdict_that_does_not_hold_exits_with_1(shipped_dir: Path) -> None:
    run = tzgraph("explain", "tzclaim:sun-c065", "tz:verdict", "tz:Supported", "--dir", shipped_dir)
    assert run.returncode == 1
    assert run.stdout.startswith("✗ CONTRADICTED")
    assert "verdict supported  does not hold: the property has one value\n" in run.stdout
