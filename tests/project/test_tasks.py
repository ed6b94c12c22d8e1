"""tasks.py: what a newcomer types first, so what goes wrong must say what to do."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tasks

Command = list[str]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with lock files of its own, and no virtual environment."""
    (tmp_path / "requirements").mkdir()
    for name in ("requirements/runtime.txt", "requirements/dev.txt", "pyproject.toml"):
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(tasks, "ROOT", tmp_path)
    monkeypatch.delenv("TZGRAPH_VENV", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def commands(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[Command]:
    """The commands that tasks.py would run; they all succeed and leave a Python behind."""
    seen: list[Command] = []

    def record(command: Command) -> int:
        seen.append(command)
        if command[1:3] == ["-m", "venv"]:
            python = Path(tasks.program("python"))
            python.parent.mkdir(parents=True)
            python.touch()
        return 0

    def record_all(*these: Command) -> int:
        seen.extend(these)
        return 0

    monkeypatch.setattr(tasks, "wait_for", record)
    monkeypatch.setattr(tasks, "run", record_all)
    assert checkout.is_dir()
    return seen


def kinds(commands: list[Command]) -> list[str]:
    """Name the commands by what they do."""
    return [
        "venv" if "venv" in c else c[-1] if "-r" in c else "project" if "-e" in c else c[-1]
        for c in commands
    ]


def test_first_run_installs_and_second_starts_at_once(commands: list[Command]) -> None:
    assert tasks.main(["test", "-x"]) == 0
    assert kinds(commands) == ["venv", "requirements/dev.txt", "project", "-x"]
    assert "--require-hashes" in commands[1]
    commands.clear()
    assert tasks.main(["test", "-k", "one"]) == 0
    assert commands == [[tasks.program("python"), "-m", "pytest", *tasks.PARALLEL, "-k", "one"]]


def test_serve_installs_only_what_running_needs(commands: list[Command]) -> None:
    tasks.main(["serve", "--port", "8001"])
    assert kinds(commands)[:3] == ["venv", "requirements/runtime.txt", "project"]
    assert commands[3:] == [[tasks.program("tzgraph"), "serve", "--port", "8001"]]


def test_serve_needs_nothing_more_where_tests_ran(commands: list[Command]) -> None:
    tasks.main(["test"])
    commands.clear()
    tasks.main(["serve"])
    assert commands == [[tasks.program("tzgraph"), "serve"]]


@pytest.mark.parametrize("changed", ["requirements/dev.txt", "pyproject.toml"])
def test_change_of_requirements_installs_again(
    commands: list[Command], checkout: Path, changed: str
) -> None:
    tasks.main(["test"])
    commands.clear()
    (checkout / changed).write_text("y")
    tasks.main(["test", "-x"])
    assert kinds(commands) == ["requirements/dev.txt", "project", "-x"]


def test_other_python_gets_a_new_environment(
    commands: list[Command], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.main(["test"])
    (checkout / ".venv" / "left").touch()
    commands.clear()
    monkeypatch.setattr(tasks, "this_python", lambda: "cpython-399 other")
    tasks.main(["test"])
    assert kinds(commands)[0] == "venv"
    assert not (checkout / ".venv" / "left").exists()


@pytest.mark.parametrize("state", ["", "{}", "[]", "{broken"])
def test_environment_broken_off_is_made_anew(
    commands: list[Command], checkout: Path, state: str
) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / tasks.STATE).write_text(state)
    assert tasks.main(["test"]) == 0
    assert kinds(commands)[0] == "venv"


def test_installation_that_fails_counts_as_nothing_installed(
    commands: list[Command], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.main(["test"])
    (checkout / "pyproject.toml").write_text("y")
    monkeypatch.setattr(tasks, "wait_for", lambda _: 1)
    assert tasks.main(["test"]) == 2
    assert json.loads((checkout / ".venv" / tasks.STATE).read_text()) == {
        "python": tasks.this_python()
    }
    assert commands


def test_folder_of_someone_else_is_left_alone(
    commands: list[Command],
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mine = checkout / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("precious")
    monkeypatch.setenv("TZGRAPH_VENV", str(mine))
    assert tasks.main(["test"]) == 2
    assert "TZGRAPH_VENV" in capsys.readouterr().err
    assert tasks.main(["clean", "--venv"]) == 0
    assert (mine / "thesis.txt").read_text() == "precious"
    assert commands == []


def test_missing_venv_module_says_what_to_install(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert tasks.main(["serve"]) == 2
    assert "apt install python3-venv" in capsys.readouterr().err
    assert not (checkout / ".venv").exists()


def test_old_python_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tasks, "OLDEST_PYTHON", (9, 9))
    assert tasks.main(["serve"]) == 2
    assert "needs Python 9.9 or newer" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["tset"], ["clean", "everything"]])
def test_wrong_usage(checkout: Path, arguments: list[str]) -> None:
    assert checkout.is_dir()
    assert tasks.main(arguments) == 2


def test_help_has_a_line_for_each_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert tasks.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in tasks.TASKS)


def test_clean_removes_what_builds_left_and_nothing_else(checkout: Path) -> None:
    for name in ("build/releases", "src/tzgraph/__pycache__", ".venv"):
        (checkout / name).mkdir(parents=True)
    (checkout / ".coverage").touch()
    assert tasks.main(["clean"]) == 0
    left = {path.relative_to(checkout).as_posix() for path in checkout.rglob("*")}
    assert left == {
        "pyproject.toml",
        "requirements",
        "requirements/dev.txt",
        "requirements/runtime.txt",
        "src",
        "src/tzgraph",
        ".venv",
    }


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def pythons(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a shim that fails, an interpreter on the path and one of pyenv."""
    claimed = [f'"Programming Language :: Python :: {n}",' for n in ("3.7", "3.11", "3.12", "3.13")]
    (checkout / "pyproject.toml").write_text("\n".join(claimed))
    for place, says in {
        "shims/python3.12": "exit 127",
        "shims/python3.13": "exit 127",
        "bin/python3.12": "echo 3.12.9",
        "bin/python3.11": "echo 3.12.9",
        "pyenv/versions/3.13.4/bin/python3.13": "echo 3.13.4",
        "pyenv/versions/3.12.9/bin/python3.12": "echo 3.12.9",
    }.items():
        executable(checkout / place, says)
    monkeypatch.setenv("PATH", f"{checkout / 'shims'}{os.pathsep}{checkout / 'bin'}")
    monkeypatch.setenv("PYENV_ROOT", str(checkout / "pyenv"))
    return checkout


def test_pythons_are_found_by_asking_them(
    pythons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = tasks.interpreters()
    own = ".".join(map(str, sys.version_info[:3]))
    assert found.pop(own, sys.executable) == sys.executable
    assert found == {
        "3.12.9": str(pythons / "bin" / "python3.12"),
        "3.13.4": str(pythons / "pyenv" / "versions" / "3.13.4" / "bin" / "python3.13"),
    }
    assert "Python 3.7 is not on this machine" in capsys.readouterr().err


def test_matrix_builds_and_tests_with_each_other_python(
    pythons: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = "bin/python3.12"
    log = pythons / "log"
    executable(pythons / other, f'[ "$1" = -I ] && echo 3.12.9 || echo "$TZGRAPH_VENV $2" >>{log}')
    executable(
        pythons / "pyenv/versions/3.13.4/bin/python3.13", '[ "$1" = -I ] && echo 3.13.4 || exit 3'
    )
    monkeypatch.setenv("TZGRAPH_VENV", str(pythons / "env"))
    assert tasks.main(["matrix"]) == 1
    assert log.read_text().splitlines() == [
        f"{pythons / 'env-3.12.9'} {n}" for n in ("build", "test")
    ]
    assert "failed: build with Python 3.13.4" in capsys.readouterr().err


def test_what_the_matrix_runs_is_there() -> None:
    root = Path(tasks.__file__).parent
    assert all((root / path.partition("::")[0]).exists() for path in tasks.FAST_TESTS)


def test_the_supported_pythons_begin_with_the_oldest() -> None:
    assert tasks.supported()[0] == ".".join(map(str, tasks.OLDEST_PYTHON))


@pytest.mark.parametrize(("codes", "expected"), [((0, 5), 5), ((6, 0), 6), ((0, 0), 0)])
def test_exit_code_passes_through(codes: tuple[int, int], expected: int) -> None:
    commands = [[sys.executable, "-c", f"raise SystemExit({code})"] for code in codes]
    program = f"import tasks; raise SystemExit(tasks.run(*{commands!r}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(tasks.__file__).parent)
    assert done.returncode == expected


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_interrupt_waits_for_the_command_to_end_in_its_own_way() -> None:
    command = "import time, sys\ntry: time.sleep(30)\nexcept KeyboardInterrupt: sys.exit(9)"
    # The terminal sends Ctrl-C to both; the child gets it a moment later here.
    program = (
        "import tasks, threading, os, signal, subprocess\n"
        "real = subprocess.Popen\n"
        "def popen(*args, **options):\n"
        "    process = real(*args, **options)\n"
        "    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "    threading.Timer(1.5, process.send_signal, (signal.SIGINT,)).start()\n"
        "    return process\n"
        "subprocess.Popen = popen\n"
        f"raise SystemExit(tasks.wait_for([{sys.executable!r}, '-c', {command!r}]))"
    )
    root = Path(tasks.__file__).parent
    assert subprocess.run([sys.executable, "-c", program], cwd=root, timeout=20).returncode == 9


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_signal_becomes_an_exit_code() -> None:
    command = [sys.executable, "-c", "import os; os.kill(os.getpid(), 15)"]
    assert tasks.wait_for(command) == 128 + signal.SIGTERM


def test_real_environment_is_made_once(checkout: Path) -> None:
    tasks.make_venv()
    python = tasks.program("python")
    out = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=True)
    assert str(checkout / ".venv") in out.stdout.decode()
