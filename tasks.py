#!/usr/bin/env python3
"""Run a task of the project: ``python3 tasks.py TASK [ARGUMENT...]``.

Needs nothing but Python 3.11 or newer. The first run makes a virtual environment in ``.venv``
(or in the folder that TZGRAPH_VENV names) and installs what the lock files in ``requirements/``
pin, checked against their hashes; later runs start at once. Arguments after the task's name go
to the program that the task runs, and its exit code becomes this one's.
"""

# Annotations with brackets are quoted, and no syntax is newer than Python 3.6, so that a Python
# that is too old gets far enough to say so.
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
#: Where a virtual environment keeps its programs, and how their names end.
PROGRAMS, SUFFIX = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
#: This file in a virtual environment says that tasks.py made it, with which Python, and what it
#: has installed there.
STATE = "tzgraph-tasks.json"

#: How pytest shares the tests out; who has done its own takes half of what another has left.
PARALLEL = ("-n", "auto", "--dist", "worksteal")


#: What each Python is tested with: doctests, guards, reading, querying, rules, a server.
FAST_TESTS = (
    *("src", "tests/parsing", "tests/read/test_table.py", "tests/read/test_bad_input.py"),
    *("tests/query/rewrite/test_rewrite.py", "tests/query/test_run.py"),
    *("tests/query/test_tokens.py", "tests/reason/test_axioms.py", "tests/serve/test_sparql.py"),
)


class TaskError(Exception):
    """A task can't run; the message says why and what to do."""


def serve(arguments: "list[str]") -> int:
    """Build the graph if there is none, and serve it (tzgraph serve)."""
    prepare("runtime")
    return run([program("tzgraph"), "serve", *arguments])


def build(arguments: "list[str]") -> int:
    """Build the graph (tzgraph build)."""
    prepare("runtime")
    return run([program("tzgraph"), "build", *arguments])


def test(arguments: "list[str]") -> int:
    """Run the tests on all processors (pytest; with -n 0, on one)."""
    prepare("dev")
    return run(module("pytest", *PARALLEL, *arguments))


def slow(arguments: "list[str]") -> int:
    """Run the tests that test leaves out (those marked slow; some need Java)."""
    prepare("dev")
    return run(module("pytest", *PARALLEL, "-m", "slow", *arguments))


def differential(arguments: "list[str]") -> int:
    """Compare answers to queries with those of Jena ARQ (Java, Maven) and rdflib."""
    prepare("dev")
    return run(module("pytest", "tests/differential", "-m", "arq or not arq", *arguments))


def clients(arguments: "list[str]") -> int:
    """Ask a server with other people's clients: Comunica, YASR, Jena, RDF4J (Node.js, Java)."""
    prepare("dev")
    return run(module("pytest", "tests/clients", "-m", "clients", *arguments))


def ontology(arguments: "list[str]") -> int:
    """Check the ontology as OBO and FOOPS! do, with ROBOT (Java, Maven)."""
    prepare("dev")
    return run(module("pytest", "tests/robot", "-m", "robot or not robot", *arguments))


def matrix(arguments: "list[str]") -> int:
    """Install, build and test in short with each other Python that is supported and here."""
    own = ".".join(map(str, sys.version_info[:3]))
    others = {version: path for version, path in interpreters().items() if version != own}
    # All at once, each on one processor: half of the time is installing, which keeps one busy.
    with ThreadPoolExecutor(max(1, len(others))) as threads:
        found = list(threads.map(lambda one: try_python(one[0], one[1], arguments), others.items()))
    for version, _, printed in found:
        say(f"Python {version}: {others[version]}")
        print(printed, flush=True)
    failed = [f"{task} with Python {version}" for version, task, _ in found if task]
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def try_python(version: str, python: str, arguments: "list[str]") -> "tuple[str, str, str]":
    """Build and test in short with a Python, in a virtual environment of its own.

    :return: its version, the task that failed (empty if none did), and what was printed
    """
    place = f"{venv()}-{version}"
    failed = ""
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder, "printed")
        with printed.open("w") as out:
            for task in (
                ["build", "--dir", str(Path(folder, "build"))],
                ["test", "-n", "0", *FAST_TESTS, *arguments],
            ):
                if wait_for([python, "tasks.py", *task], out, TZGRAPH_VENV=place):
                    failed = task[0]
                    break
        return version, failed, printed.read_text(errors="replace")


def lint(arguments: "list[str]") -> int:
    """Check style and layout of the code (ruff)."""
    prepare("dev")
    return run(module("ruff", "check", *arguments), module("ruff", "format", "--check"))


def fix(arguments: "list[str]") -> int:
    """Mend what lint can mend, and lay out the code (ruff)."""
    prepare("dev")
    return run(module("ruff", "check", "--fix", *arguments), module("ruff", "format"))


def types(arguments: "list[str]") -> int:
    """Check the types (mypy)."""
    prepare("dev")
    return run(module("mypy", *arguments))


def docs(arguments: "list[str]") -> int:
    """Check the documentation (the tests marked docs)."""
    prepare("dev")
    return run(module("pytest", "tests", "-m", "docs", *arguments))


def bench(arguments: "list[str]") -> int:
    """Run the benchmarks (bench/run.py)."""
    prepare("dev")
    return run([program("python"), str(Path("bench", "run.py")), *arguments])


def check(arguments: "list[str]") -> int:
    """Run lint, types and test, up to the first that fails."""
    prepare("dev")
    return run(
        module("ruff", "check"),
        module("ruff", "format", "--check"),
        module("mypy"),
        module("pytest", *PARALLEL, *arguments),
    )


def lock(arguments: "list[str]") -> int:
    """Write the lock files anew; with --upgrade, to the newest releases (uv)."""
    prepare("dev")
    for command in lock_commands(program("uv"), arguments):
        code = wait_for(command)
        if code:
            return code
    for path in map(Path, map(lock_file, ("dev", "runtime"))):
        path.write_text(with_bare_pins(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def web(arguments: "list[str]") -> int:
    """Bundle the scripts of the pages (Node.js); with --check, compare them with those there."""
    if arguments not in ([], ["--check"]):
        raise TaskError("web takes no argument but --check.")
    programs = [shutil.which(name) for name in ("npm", "node")]
    if not all(programs):
        raise TaskError("Bundling takes Node.js 20 or newer, with npm; serving doesn't.")
    npm, node = map(str, programs)
    folder = ["--prefix", "web"]
    if wait_for([npm, "ci", *folder, "--ignore-scripts", "--no-audit", "--no-fund"]):
        raise TaskError("Installing the packages of web/package-lock.json failed, see above.")
    return run([node, str(Path("web", "build.mjs")), *arguments])


def clean(arguments: "list[str]") -> int:
    """Remove what builds and tools left; with --venv, the virtual environment too."""
    if arguments not in ([], ["--venv"]):
        raise TaskError("clean takes no argument but --venv.")
    names = "build dist htmlcov .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache"
    paths = [ROOT / name for name in (*names.split(), "web/node_modules")]
    for folder in ("src", "tests", "bench"):
        paths += (ROOT / folder).rglob("__pycache__")
    if arguments:
        places = [venv(), *venv().parent.glob(f"{venv().name}-3.*")]
        paths += [place for place in places if read_state(place) is not None]
    for path in paths:
        if path.is_dir():
            shutil.rmtree(str(path))
        elif path.exists():
            path.unlink()
    return 0


TASKS: "dict[str, Callable[[list[str]], int]]" = {
    task.__name__: task
    for task in (
        *(
            serve,
            build,
            test,
            slow,
            differential,
            clients,
            ontology,
            matrix,
            lint,
            fix,
            types,
            docs,
            bench,
        ),
        *(check, lock, web, clean),
    )
}


def lock_commands(uv: str, arguments: "list[str]") -> "list[list[str]]":
    """Give the commands that write the lock files, for all systems and Pythons at once.

    The runtime's versions are those of the development lock, so that installing one over the
    other changes nothing. No address of a package index gets into the files. Extras stay in the
    pins, see :func:`with_bare_pins`.
    """
    options = "--universal --generate-hashes --no-strip-extras --no-annotate --no-emit-index-url"
    common = [uv, "pip", "compile", "pyproject.toml", "--quiet", *options.split()]
    common += ["--custom-compile-command", "python3 tasks.py lock", *arguments]
    dev, runtime = lock_file("dev"), lock_file("runtime")
    return [
        [*common, "--all-extras", "--group", "dev", "-o", dev],
        [*common, "--group", "build", "-c", dev, "-o", runtime],
    ]


def with_bare_pins(lock: str) -> str:
    """Give the text of a lock file in which what is pinned with extras is pinned without, too.

    An old pip resolves ``rdflib[html]`` apart from ``rdflib`` (pypa/pip#9644): where one package
    needs the one and another the other, it takes a newer release than the pinned one for what has
    no pin of its own, and stops as that has no hash.
    """
    pin = r"^([\w.-]+)\[[^\]]*\](==.*(?:\n    --hash=.*)+\n)"
    return re.sub(pin, r"\1\2\g<0>", lock, flags=re.M)


def lock_file(requirements: str) -> str:
    """Give the path of a lock file from the top of the project."""
    return f"requirements/{requirements}.txt"


def supported() -> "list[str]":
    """Give the Pythons that the project's metadata names, such as ``3.11``."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text)


def interpreters() -> "dict[str, str]":
    """Find the supported Pythons of this machine, on the path and among those of pyenv.

    Each is asked for its version, as a name on the path may be a shim that leads nowhere. Which of
    the supported ones are missing, or can't make virtual environments, is said.

    :return: an interpreter for each version, such as ``3.12.1``
    """
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [Path(folder) for folder in os.get_exec_path()]
    folders += sorted(pyenv.glob("versions/*/bin"))
    found: dict[str, str] = {}
    for name in supported():
        for path in [sys.executable, *(str(folder / f"python{name}") for folder in folders)]:
            version = version_of(path)
            if version.startswith(f"{name}."):
                found.setdefault(version, path)
        if not any(version.startswith(f"{name}.") for version in found):
            say(f"Python {name} is not on this machine, or can't make virtual environments")
    return found


def version_of(python: str) -> str:
    """Ask an interpreter for its version; an empty text if it is none, or has no venv."""
    program = "import ensurepip, sys, venv; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        done = subprocess.run(
            [python, "-I", "-c", program], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.strip()


def venv() -> Path:
    """Give the folder of the virtual environment (TZGRAPH_VENV is from the top of the project)."""
    return ROOT / Path(os.environ.get("TZGRAPH_VENV") or ".venv").expanduser()


def program(name: str) -> str:
    """Give the path of a program in the virtual environment."""
    return str(venv() / PROGRAMS / (name + SUFFIX))


def module(name: str, *arguments: str) -> "list[str]":
    """Give the command that runs a Python module in the virtual environment."""
    return [program("python"), "-m", name, *arguments]


def run(*commands: "list[str]") -> int:
    """Run commands one after the other until one fails, and give the exit code.

    Where the system can, the last one takes this process's place, so that signals reach it.
    """
    *first, last = commands
    for command in first:
        code = wait_for(command)
        if code:
            return code
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(last[0], last)
    return wait_for(last)


def wait_for(command: "list[str]", out: "IO[str] | None" = None, **variables: str) -> int:
    """Run a command and give its exit code, 128 + signal if a signal ended it.

    :param out: where what it prints goes; by default to the terminal
    :param variables: of the environment, beside those that are there

    Ctrl-C reaches the command from the terminal; here it is only awaited how the command ends.
    """
    quiet_pip = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_USER": "0"}
    process = subprocess.Popen(
        command, stdout=out, stderr=out, env=dict(os.environ, **quiet_pip, **variables)
    )
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue
        return code if code >= 0 else 128 - code


def prepare(requirements: str) -> None:
    """Make the virtual environment and install requirements, unless that is done already.

    :param requirements: ``runtime`` or ``dev``, which contains ``runtime``
    """
    state = read_state() or {}
    if state.get("python") != this_python() or not Path(program("python")).exists():
        make_venv()
        state = {}
    if any(state.get(name) == digest(name) for name in {requirements, "dev"}):
        return
    # Written before the installation too: if that is broken off, nothing counts as installed.
    state = {"python": this_python()}
    write_state(state)
    say(f"installing {lock_file(requirements)} into {venv()}; this is done once")
    # Compiling all of it takes as long as the rest; Python compiles what it imports.
    install = module("pip", "install", "--quiet", "--no-compile")
    for command in (
        # The locks are complete, so nothing is left to resolve, and no newer release to be found.
        [*install, "--no-deps", "--require-hashes", "-r", lock_file(requirements)],
        [*install, "--no-deps", "--no-build-isolation", "-e", "."],
    ):
        if wait_for(command):
            raise TaskError("Installing failed, see above. The next run tries again.")
    write_state(dict(state, **{requirements: digest(requirements)}))


def make_venv() -> None:
    """Make the virtual environment, in place of one made here earlier, never of another folder."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise TaskError(
            "This Python can't make virtual environments: its modules venv and ensurepip are not "
            "installed. On Debian and Ubuntu: apt install python3-venv"
        )
    folder = venv()
    if read_state() is not None:
        shutil.rmtree(str(folder))
    elif folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise TaskError(
            f"{folder} is there already and tasks.py did not make it. Move it away, or let "
            "TZGRAPH_VENV name another folder."
        )
    say(f"making a virtual environment in {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    # Before it is made too: if that is broken off, the next run knows that it may start over.
    write_state({})
    if wait_for([sys.executable, "-m", "venv", str(folder)]):
        raise TaskError("Making the virtual environment failed, see above.")


def read_state(folder: "Path | None" = None) -> "dict[str, str] | None":
    """Give what tasks.py has noted in a virtual environment, or None if it didn't make that."""
    try:
        state = json.loads(((folder or venv()) / STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def write_state(state: "dict[str, str]") -> None:
    """Note in the virtual environment what is installed there."""
    (venv() / STATE).write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")


def this_python() -> str:
    """Name the running Python as far as a virtual environment depends on it."""
    return f"{sys.implementation.cache_tag} {sys.platform}"


def digest(requirements: str) -> str:
    """Give a hash of all that an installation depends on, the places of the folders included."""
    parts = [(ROOT / name).read_bytes() for name in (lock_file(requirements), "pyproject.toml")]
    parts += [str(ROOT).encode(), str(venv()).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def say(message: str) -> None:
    """Tell what takes time."""
    print(f"tasks.py: {message}", file=sys.stderr, flush=True)


def usage() -> str:
    """Give the text of the help: what tasks.py is, and a line for each task."""
    tasks = [f"  {name:<12} {(task.__doc__ or '').splitlines()[0]}" for name, task in TASKS.items()]
    return "\n".join([(__doc__ or "").strip(), "", "Tasks:", *tasks])


def main(arguments: "list[str]") -> int:
    """Run the task that the arguments name, and give the exit code."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        say(f"this is Python {sys.version.split()[0]}; tzgraph needs Python {wanted} or newer")
        return 2
    name = arguments[0] if arguments else ""
    if name in ("-h", "--help", "help"):
        print(usage())
        return 0
    if name not in TASKS:
        print(usage(), file=sys.stderr)
        say(f"there is no task {name!r}" if name else "which task?")
        return 2
    os.chdir(str(ROOT))
    try:
        return TASKS[name](arguments[1:])
    except (TaskError, OSError) as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
