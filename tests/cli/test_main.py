"""What holds for all commands: help, version, settings, exit codes, where messages go."""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.cli.commands import environment, tzgraph
from tests.disks import small_disk

_COMMANDS = ("build", "validate", "query", "serve", "export", "backup", "explain", "settings")


def test_help_lists_the_commands_and_exit_codes() -> None:
    run = tzgraph("--help")
    assert run.returncode == 0
    assert run.stderr == ""
    for command in _COMMANDS:
        assert f"\n  {command} " in run.stdout
    assert "Exit codes: 0 ok · 1 data does not conform · 2 wrong usage" in run.stdout


@pytest.mark.parametrize("command", _COMMANDS)
def test_each_command_has_help_with_an_example(command: str) -> None:
    run = tzgraph(command, "--help")
    assert (run.returncode, run.stderr) == (0, "")
    assert "Example: " in run.stdout
    assert f"tzgraph {command}" in run.stdout


def test_the_version_is_that_of_the_package() -> None:
    run = tzgraph("--version")
    assert (run.returncode, run.stdout, run.stderr) == (
        0,
        f"tzgraph {metadata.version('tzgraph')}\n",
        "",
    )


def test_the_installed_script_is_the_same_command() -> None:
    script = Path(sys.executable).with_name("tzgraph")
    if not script.exists():
        pytest.skip("tzgraph isn't installed next to this Python")
    run = subprocess.run(
        [str(script), "--version"], capture_output=True, env=environment(), check=False
    )
    assert run.returncode == 0
    assert run.stdout.startswith(b"tzgraph ")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("build", "--nonsense"),
        ("explain", "one", "two", "three", "four"),
        ("export", "--format"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_so_on_stderr(arguments: tuple[str, ...]) -> None:
    run = tzgraph(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    assert "Usage: " in run.stderr or run.stderr.startswith("error[usage]: ")


@pytest.mark.parametrize(
    "arguments", [("export",), ("explain", "tz:a", "tz:b", "tz:c"), ("query", "drugs-on-target")]
)
def test_without_a_release_commands_say_what_to_do(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    run = tzgraph(*arguments, cwd=tmp_path)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr == (
        "error[no-release]: There is no built graph in build. Run `tzgraph build` first.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_settings_are_listed_with_what_holds_now() -> None:
    plain, changed = tzgraph("settings"), tzgraph("settings", TZGRAPH_DIR="/srv/graph")
    assert (plain.returncode, plain.stderr) == (0, "")
    assert re.search(r"^TZGRAPH_DIR +build$", plain.stdout, re.MULTILINE)
    assert re.search(r"^TZGRAPH_DIR +/srv/graph$", changed.stdout, re.MULTILINE)
    assert "Default: build." in changed.stdout
    wrong = tzgraph("settings", TZGRAPH_WATCH="x", TZGRAPH_TOKEN="a secret")
    assert wrong.returncode == 2
    assert re.search(r"^TZGRAPH_WATCH +x$", wrong.stdout, re.MULTILINE)
    assert "TZGRAPH_WATCH must be a number >= 0, got 'x'." in wrong.stderr
    assert "secret" not in wrong.stdout + wrong.stderr


_FAILING = """
from tzgraph.cli.main import app, main

@app.command()
def fails() -> None:
    raise {error}

main()
"""


def fail(error: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command that raises an error."""
    return subprocess.run(
        [sys.executable, "-c", _FAILING.format(error=error), "fails"],
        capture_output=True,
        text=True,
        env=environment(**variables),
        check=False,
    )


def test_an_unforeseen_error_exits_with_3_and_shows_no_traceback_unless_asked() -> None:
    run = fail("ZeroDivisionError('unforeseen')")
    assert run.returncode == 3
    assert run.stdout == ""
    assert run.stderr.startswith("error[internal-error]: ")
    assert "Traceback" not in run.stderr
    asked = fail("ZeroDivisionError('unforeseen')", TZGRAPH_TRACEBACK="1")
    assert asked.returncode != 0
    assert "Traceback" in asked.stderr


def test_a_clock_that_python_cannot_count_is_told() -> None:
    run = fail("OverflowError('timestamp too large to convert to C _PyTime_t')")
    assert run.returncode == 2
    assert "The clock of this machine" in run.stderr


@pytest.mark.parametrize("said", ["Corruption: block checksum mismatch", "IO error: no 1.sst"])
def test_damage_that_the_engine_meets_is_no_internal_error(said: str) -> None:
    """As it says it: RuntimeError, or OSError without a number."""
    for kind in ("RuntimeError", "OSError"):
        run = fail(f"{kind}({said!r})")
        assert run.returncode == 2
        assert run.stderr.startswith("error[damaged-release]: The store is damaged")


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.parametrize("name", ["ntriples", "turtle", "jsonld"])
def test_a_reader_that_goes_away_is_no_error(shipped_dir: Path, name: str) -> None:
    command = [
        sys.executable,
        "-m",
        "tzgraph",
        "export",
        "--format",
        name,
        "--dir",
        str(shipped_dir),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1)
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""
    assert process.returncode == 0


def test_what_the_machine_refuses_is_no_fault_to_report(shipped_dir: Path, tmp_path: Path) -> None:
    """Nor is it blamed on the output, which has room."""
    with small_disk(tmp_path / "small", 1) as disk:
        arguments = ("export", "--format", "trig", "--dir", shipped_dir, "-o", tmp_path / "out")
        run = tzgraph(*arguments, TMPDIR=str(disk))
    assert run.returncode == 3
    assert "No space left on device" in run.stderr
    assert "report it" not in run.stderr
    assert not (tmp_path / "out").exists()
