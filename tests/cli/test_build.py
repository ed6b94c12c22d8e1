"""``tzgraph build``: what it prints where, exit codes, and the release folder."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.cli.commands import Sources, environment, tzgraph
from tests.release.folders import check_whole, snapshot


def built(sources: Sources, folder: Path) -> Path:
    run = tzgraph("build", "--sources", sources.folder, "--dir", folder)
    assert run.returncode == 0, run.stderr
    return folder


def test_a_build_prints_the_release_and_tells_its_stages_on_stderr(
    sources: Sources, tmp_path: Path
) -> None:
    run = tzgraph("build", "--sources", sources.folder, cwd=tmp_path)
    assert run.returncode == 0
    release = check_whole(tmp_path / "build")
    manifest = release.manifest
    assert run.stdout == (
        f"Release {manifest.id}: {manifest.triples:,} triples in the default view, "
        f"{manifest.quads:,} quads in all, in build/releases/{manifest.id}\n"
    )
    lines = run.stderr.splitlines()
    stages = ["read", "store", "link", "reason", "validate", "audit", "release"]
    for number, stage in enumerate(stages):
        assert lines[2 * number] == f"{stage}: begun"
        assert lines[2 * number + 1].startswith(f"{stage}: ")
        assert " s  " in lines[2 * number + 1]
    assert "\x1b" not in run.stderr


def test_the_folder_comes_from_the_environment_and_the_option_goes_before_it(
    sources: Sources, tmp_path: Path
) -> None:
    run = tzgraph("build", "--sources", sources.folder, TZGRAPH_DIR=str(tmp_path / "a"))
    assert run.returncode == 0
    check_whole(tmp_path / "a")
    run = tzgraph(
        "build",
        "--sources",
        sources.folder,
        "--dir",
        tmp_path / "b",
        TZGRAPH_DIR=str(tmp_path / "c"),
    )
    assert run.returncode == 0
    check_whole(tmp_path / "b")
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    ("drug", "line"),
    [
        (
            "x\tMonoclonalAntibdy\tx\tdesk\tSeen\t",
            "drugs.tsv:2:2: violation dangling-id: “MonoclonalAntibdy” is described in no table and"
            " is no term of the ontology. Did you mean “MonoclonalAntibody”?",
        ),
        ("x\t\tx\tdesc\tSeen\t", "drugs.tsv:2:4: violation unknown-source: “desc” is no source."),
        ("x\t\ty|z\tdesk\tSeen\t", "drugs.tsv:2:3: violation shacl-"),
    ],
)
def test_data_that_does_not_conform_exits_with_1(
    sources: Sources, tmp_path: Path, drug: str, line: str
) -> None:
    folder = built(sources, tmp_path / "build")
    before = snapshot(folder)
    sources.drugs(drug)
    run = tzgraph("build", "--sources", sources.folder, "--dir", folder)
    assert run.returncode == 1
    assert run.stdout == ""
    assert f"\n{line}" in run.stderr
    assert run.stderr.splitlines()[-1] == "error[data]: 1 violation in the data."
    assert snapshot(folder) == before


def test_a_file_that_can_not_be_read_exits_with_2(sources: Sources, tmp_path: Path) -> None:
    folder = built(sources, tmp_path / "build")
    before = snapshot(folder)
    sources.drugs("X\t\tx\tdesk\tSeen\t")
    sources.write("empty.tsv")
    run = tzgraph("build", "--sources", sources.folder, "--dir", folder)
    assert run.returncode == 2
    assert run.stdout == ""
    assert "\ndrugs.tsv:2:1: violation malformed-id" in run.stderr
    assert "\nempty.tsv: violation empty-file" in run.stderr
    assert run.stderr.splitlines()[-1] == (
        "error[data]: 2 violations in the data. "
        "The shapes were not checked yet, as not all could be read."
    )
    assert snapshot(folder) == before


@pytest.mark.parametrize("kind", ["missing", "file", "without sources.tsv"])
def test_a_folder_that_can_not_be_read_exits_with_2(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "sources"
    if kind == "file":
        folder.write_text("x", encoding="utf-8")
    elif kind != "missing":
        folder.mkdir()
    run = tzgraph("build", "--sources", folder, "--dir", tmp_path / "build")
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.splitlines()[-1].startswith("error[unreadable-input]: ")
    assert str(folder) in run.stderr
    assert not (tmp_path / "build" / "current").exists()


@pytest.mark.skipif(os.name == "nt", reason="the lock is POSIX's")
def test_a_lock_that_another_build_holds_exits_with_3(sources: Sources, tmp_path: Path) -> None:
    import fcntl

    folder = built(sources, tmp_path / "build")
    before = snapshot(folder)
    with (folder / "build.lock").open("a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        run = tzgraph("build", "--sources", sources.folder, "--dir", folder)
    assert run.returncode == 3
    assert run.stdout == ""
    assert run.stderr == (
        f"error[build-failed]: Another build is running in {folder}. Wait for it to end.\n"
    )
    assert snapshot(folder) == before


def test_warnings_do_not_fail_a_build(sources: Sources, tmp_path: Path) -> None:
    drugs = sources.folder / "drugs.tsv"
    drugs.write_bytes(drugs.read_bytes().replace(b"\n", b"\r\n"))
    run = tzgraph("build", "--sources", sources.folder, "--dir", tmp_path / "build")
    assert run.returncode == 0
    assert re.search(r"\n\d+ warnings?; `tzgraph validate .*` lists them\.\n$", run.stderr)
    listed = tzgraph("validate", "--sources", sources.folder)
    assert listed.returncode == 0
    assert "drugs.tsv:1: warning crlf: Lines end in CR LF." in listed.stdout


@pytest.mark.skipif(os.name == "nt", reason="terminals of POSIX")
def test_on_a_terminal_a_stage_is_one_line_that_is_written_over(
    sources: Sources, tmp_path: Path
) -> None:
    import pty
    import subprocess

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tzgraph", "build", "--sources", str(sources.folder)]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL, stderr=theirs
    ) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux says so when the other end is closed
                break
            if not part:
                break
            seen += part
    os.close(ours)
    assert process.returncode == 0
    text = seen.decode()
    assert "… read\r" in text
    assert "✓ read: " in text
    assert "begun" not in text
