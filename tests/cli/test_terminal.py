"""The command line as a person has it: tables, completion, errors, queries of one's own."""

from __future__ import annotations

import json
import os
import pty
import re
import socket
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.cli.commands import environment, tzgraph

OWN = "#+ title: Mine\n#+ param: drug tz:Drug = trastuzumab -- a drug\nSELECT ?drug WHERE {}\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "mine.rq").write_text(OWN, encoding="utf-8")
    return folder


def on_terminal(columns: int, *arguments: str) -> str:
    """Run a command on a terminal that is so wide, and give what it shows."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "tzgraph", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**environment(), "COLUMNS": ""},
    ):
        os.close(theirs)
        shown = b""
        try:
            while data := os.read(ours, 1 << 16):
                shown += data
        except OSError:  # it has ended
            pass
        os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def completed(*words: str) -> list[str]:
    """Give what a shell would offer for the last of some words."""
    done = tzgraph(
        _TZGRAPH_COMPLETE="complete_bash",
        COMP_WORDS=" ".join(words),
        COMP_CWORD=str(len(words) - 1),
        PYTHONUTF8="1",  # started anew: completion ends the process
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_tables_show_labels(shipped_dir: Path) -> None:
    asked = ("query", "trial-results", "-p", "trial=ToGA", "--dir", str(shipped_dir))
    labels, iris = tzgraph(*asked), tzgraph(*asked, "--iris")
    assert "overall survival" in labels.stdout
    assert "tz:OverallSurvival" not in labels.stdout
    assert "tz:OverallSurvival" in iris.stdout
    # Other formats are for programs.
    assert "ontology#OverallSurvival" in tzgraph(*asked, "-f", "csv").stdout


def test_markdown_is_a_table(shipped_dir: Path) -> None:
    done = tzgraph("query", "misquoted-trials", "-f", "markdown", "--dir", shipped_dir)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("| trial | misquoted |")
    assert lines[1].startswith("| --- | --: |")
    assert len({line.count("|") for line in lines}) == 1


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_what_is_shown_fits_the_terminal(shipped_dir: Path, columns: int) -> None:
    for arguments in (
        ("query", "trial-results", "-p", "trial=ToGA", "--dir", str(shipped_dir)),
        ("query", "trial-results", "-p", "trial=ToGA", "--iris", "--dir", str(shipped_dir)),
        ("search", "trastuzumab", "--dir", str(shipped_dir)),
        ("query",),
    ):
        shown = on_terminal(columns, *arguments)
        assert shown.count("\n") > 3
        assert max(map(len, shown.splitlines())) <= columns, arguments
        assert "\x1b[" not in shown


def test_the_shell_completes_queries_and_parameters() -> None:
    assert "query" in completed("tzgraph", "qu")
    assert "trial-results" in completed("tzgraph", "query", "trial-")
    assert completed("tzgraph", "query", "trial-results", "--param", "") == ["trial="]
    assert completed("tzgraph", "query", "-f", "ma") == ["markdown"]
    assert completed("tzgraph", "query", "nothing-so", "--param", "") == []
    assert "_TZGRAPH_COMPLETE" in tzgraph(_TZGRAPH_COMPLETE="source_bash", PYTHONUTF8="1").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("quer",), "No such command 'quer'. Did you mean 'query'? `tzgraph --help`"),
        (("nonsense",), "No such command 'nonsense'. `tzgraph --help` lists what it takes."),
        (("link", "chek"), "Did you mean 'check'? `tzgraph link --help`"),
        (("build", "--nonsense"), "No such option: --nonsense. `tzgraph build --help`"),
        (("query", "x", "--target", "her2"), "given as --param target=…."),
        (("search",), "Missing argument"),
        (("serve", "--port", "x"), "Invalid value for '--port'"),
    ],
)
def test_wrong_calls_are_told_like_all_else(arguments: tuple[str, ...], said: str) -> None:
    done = tzgraph(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[usage]: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_queries_of_ones_own_are_beside_the_shipped_ones(own: Path, shipped_dir: Path) -> None:
    listed = tzgraph("query", "--queries", own)
    assert re.search(r"^mine +Mine$", listed.stdout, re.M)
    assert "trial-results" in listed.stdout
    by_setting = tzgraph("query", "mine", "--dir", shipped_dir, TZGRAPH_QUERIES=str(own))
    assert by_setting.stdout.split()[-1] == "trastuzumab"
    (own / "arms.rq").write_text(OWN, encoding="utf-8")
    hidden = tzgraph("query", "--queries", own)
    assert hidden.returncode == 0
    assert hidden.stderr.startswith(f"warning: {own / 'arms.rq'} hides the query of that name")
    assert hidden.stdout.count("\narms ") == 1


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bad.rq", "#+ titel: x\n", "bad.rq:1: unknown header key"),
        ("bad.rq", "SELECT * {}", "bad.rq:1: no title"),
        ("Bad.rq", "#+ title: x\n", "Bad.rq: the name may hold only"),
        ("bad.rq", "#+ title: x\n#+ param: a b\n", "bad.rq:2: unknown type"),
    ],
)
def test_a_bad_query_file_is_told_with_its_place(
    own: Path, name: str, text: str, said: str
) -> None:
    (own / name).write_text(text, encoding="utf-8")
    for command in (("query",), ("serve", "--port", "0"), ("mcp",)):
        done = tzgraph(*command, "--queries", own)
        assert done.returncode == 2
        assert said in done.stderr
    assert tzgraph("query", "--queries", own / "nothing").stderr.startswith(
        "error[unreadable-input]: "
    )


def test_a_query_that_cannot_be_parsed_keeps_the_server_from_starting(
    own: Path, shipped_dir: Path
) -> None:
    (own / "bad.rq").write_text("#+ title: x\nSELECT * {\n ?a ?b }", encoding="utf-8")
    done = tzgraph("serve", "--port", "0", "--queries", own, "--dir", shipped_dir)
    assert done.returncode == 2
    assert "The query bad can't be parsed: Line 3, column " in done.stderr


def test_a_port_that_is_taken_is_told_before_a_build(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = tzgraph("serve", "--port", str(port), "--dir", tmp_path / "new")
    assert done.returncode == 2
    assert done.stderr == (
        f"error[usage]: Can't listen on 127.0.0.1:{port}: Address already in use. "
        "Choose another --port, or 0 for any that is free.\n"
    )
    assert not (tmp_path / "new").exists()


def test_what_was_written_is_told(shipped_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "ontology.ttl"
    done = tzgraph("export", "--graph", "ontology", "-o", target, "--dir", shipped_dir)
    assert (done.stdout, done.stderr) == ("", f"Wrote {target}.\n")
    assert target.stat().st_size > 1000


def test_audits_and_explanations_fit_the_terminal(shipped_dir: Path) -> None:
    for arguments in (
        ("audit", "--section", "3.2", "--dir", str(shipped_dir)),
        ("explain", "tzclaim:sun-c065", "--dir", str(shipped_dir)),
    ):
        shown = on_terminal(60, *arguments)
        assert shown.count("\n") > 5
        assert max(map(len, shown.splitlines())) <= 60


def test_an_audit_can_be_of_some_claims(shipped_dir: Path) -> None:
    asked = ("audit", "--source", "sun-review", "--dir", str(shipped_dir))
    some = tzgraph(*asked, "--verdict", "Contradicted", "--trial", "jacob", "-f", "json")
    claims = json.loads(some.stdout)["claims"]
    assert {claim["verdict"] for claim in claims} == {"Contradicted"}
    assert "sun-c065" in [claim["name"] for claim in claims]
    assert re.match(r"\d of \d+ claims: verdict contradicted, trial jacob\.\n", some.stderr)
    provisional = tzgraph(*asked, "--provisional", "-f", "json")
    assert all(claim["provisional"] for claim in json.loads(provisional.stdout)["claims"])
    none = tzgraph(*asked, "--section", "99")
    assert "0 of " in none.stderr
    assert "Sections: Abstract, 1, 2.1" in none.stderr
    wrong = tzgraph(*asked, "--verdict", "false")
    assert wrong.returncode == 2
    assert "verdict has to be one of contradicted" in wrong.stderr
