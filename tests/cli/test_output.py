"""What every command keeps to when it writes: to files, devices and pipes, and to closed streams.

The commands and those of their options that name an output are found from the command line itself.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import typer.main

from tests import forking
from tests.cli.commands import Sources, environment, tzgraph
from tests.disks import read_only, small_disk
from tzgraph.cli.main import app
from tzgraph.errors import OutputUnwritableError, UsageError
from tzgraph.output import Output, write_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="files and pipes of POSIX")

OBO = """format-version: 1.2
ontology: mondo

[Term]
id: MONDO:0006244
name: HER2 positive breast carcinoma
"""
#: SSSOM with one mapping, which is right.
SSSOM = """#curie_map:
#  MONDO: http://purl.obolibrary.org/obo/MONDO_
#  tzdisease: https://w3id.org/tzgraph/id/disease/
#license: https://creativecommons.org/publicdomain/zero/1.0/
#mapping_set_id: https://example.org/set
subject_id\tpredicate_id\tobject_id\tmapping_justification
tzdisease:her2-positive-breast-cancer\tskos:exactMatch\tMONDO:0006244\tsemapv:ManualMappingCuration
"""
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
#: Arguments with which a command that has an output ends well, and quickly. FILE stands for a file
#: that it reads.
WRITERS = {
    "audit": ("--format", "json"),
    "export": ("--graph", "source/curation"),
    "link check": ("FILE", "--mappings", "SET", "--format", "json"),
    "link compare": ("SET",),
    "link suggest": ("FILE", "--all"),
}
#: Arguments with which the other commands print something, and whether that is for people.
PRINTERS = {
    "backup": (("COPY",), True),
    "build": (("--sources", "SOURCES", "--dir", "NEW"), True),
    "explain": (("tzdrug:trastuzumab", "tz:targets", "tztarget:her2"), True),
    "import": (("FILE", "--module", "--dry-run", "--version", "1", "--licence", LICENCE), True),
    "query": (("drugs-on-target", "-p", "target=her2"), True),
    "search": (("herceptin",), True),
    "settings": ((), True),
    "validate": (("--sources", "SOURCES"), True),
}
#: All of them; what takes long, and writes as another one does, runs with ``tasks.py slow`` only.
ALL = [
    pytest.param(name, marks=pytest.mark.slow)
    if name in ("backup", "build", "import", "link compare", "link suggest", "validate")
    else name
    for name in (*WRITERS, *PRINTERS)
]
#: Nothing of it goes to standard output.
SILENT = {"mcp", "serve"}


def found(command: object = None, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Each command of the command line, and its options that name an output."""
    command = command or typer.main.get_command(app)
    below = getattr(command, "commands", None)
    if below is not None:
        for part, one in below.items():
            yield from found(one, f"{name} {part}".strip())
    else:
        options = [option for one in getattr(command, "params", ()) for option in one.opts]
        yield name, [option for option in options if option in ("-o", "--output")]


def test_every_command_that_writes_is_tested() -> None:
    known = dict(found())
    assert {name for name, options in known.items() if options} == set(WRITERS)
    assert {name for name, options in known.items() if not options} == set(PRINTERS) | SILENT


@pytest.fixture
def arguments(shipped_dir: Path, tmp_path: Path) -> Callable[[str], list[str]]:
    """What gives the arguments of a command."""
    places = {"FILE": tmp_path / "small.obo", "SET": tmp_path / "small.sssom.tsv"}
    copies = count()
    places["FILE"].write_text(OBO, encoding="utf-8")
    places["SET"].write_text(SSSOM, encoding="utf-8")
    if not (tmp_path / "sources").exists():
        places |= {"SOURCES": Sources(tmp_path / "sources").folder, "NEW": tmp_path / "new"}

    def given(name: str) -> list[str]:
        rest = WRITERS[name] if name in WRITERS else PRINTERS[name][0]
        places["COPY"] = tmp_path / f"copy-{next(copies)}"
        words = [*name.split(), *(str(places.get(one, one)) for one in rest)]
        takes_dir = name not in ("settings", "validate", "build")
        return [*words, "--dir", str(shipped_dir)] if takes_dir else words

    return given


def run(arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a command whose streams are of no matter."""
    return forking.run(arguments, environment())


def started(
    arguments: list[str], redirected: str = "", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command from a shell, which can close and redirect its streams."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-m", "tzgraph", *arguments],
        capture_output=True,
        env=environment(**variables),
        check=False,
        timeout=120,
    )


def told(done: subprocess.CompletedProcess[bytes]) -> str:
    """The message of a command that could not write, which says no more than that."""
    assert done.returncode == 2, done.stderr
    lines = done.stderr.decode().splitlines()
    assert sum(line.startswith("error[") for line in lines) == 1
    assert lines[-1].startswith("error[")
    return lines[-1]


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_behind_a_link_is_replaced_and_keeps_its_mode(
    name: str, arguments: Callable[[str], list[str]], tmp_path: Path
) -> None:
    """Nor are names near it followed, which someone may have made to lead astray."""
    words = arguments(name)
    folder = tmp_path / "there"
    folder.mkdir()
    target, link, other = folder / "target", tmp_path / "link", tmp_path / "other"
    target.write_bytes(b"old")
    target.chmod(0o600)
    link.symlink_to("there/target")
    other.write_bytes(b"another's")
    for part in (tmp_path / "link.part", folder / "target.part"):
        part.symlink_to(other)
    printed = run(words)
    assert (printed.returncode, printed.stdout != b"") == (0, True), printed.stderr
    assert run([*words, "-o", str(link)]).returncode == 0
    assert target.read_bytes() == printed.stdout
    assert (target.stat().st_mode & 0o777, link.is_symlink()) == (0o600, True)
    assert other.read_bytes() == b"another's"
    assert sorted(path.name for path in folder.iterdir()) == ["target", "target.part"]
    # - and /dev/stdout are standard output, and a name of a link to a device that of the device.
    device = tmp_path / "device"
    device.symlink_to("/dev/stdout")
    for same in ("-", str(device)):
        assert started([*words, "-o", same]).stdout == printed.stdout
    assert not Path("-").exists()


@pytest.mark.parametrize("name", WRITERS)
def test_a_pipe_stays_a_pipe(
    name: str, arguments: Callable[[str], list[str]], tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    done = run([*arguments(name), "-o", str(pipe)])
    reader.join(10)
    assert (done.returncode, done.stdout) == (0, b"")
    assert len(read[0]) > 0
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", WRITERS)
def test_what_a_command_reads_is_not_written_over(
    name: str, arguments: Callable[[str], list[str]], tmp_path: Path, shipped_dir: Path
) -> None:
    words = arguments(name)
    own = next((Path(word) for word in words if word.startswith(f"{tmp_path}{os.sep}")), None)
    release = next(shipped_dir.glob("releases/*/graph.nq"))
    before = release.stat().st_size
    for number, read in enumerate([release] if own is None else [own, release]):
        same = tmp_path / f"same{number}"
        same.hardlink_to(read)
        link = tmp_path / f"link{number}"
        link.symlink_to(same)
        assert "this command reads it" in told(run([*words, "-o", str(link)]))
        assert same.samefile(read)
    assert release.stat().st_size == before
    assert own is None or own.read_text(encoding="utf-8") in (OBO, SSSOM)


def test_tables_that_are_audited_are_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "review"
    assert tzgraph("audit", "--template", folder).returncode == 0
    before = {path: path.read_bytes() for path in folder.iterdir()}
    done = tzgraph("audit", folder, "-o", folder / "claims.tsv")
    assert (done.returncode, "this command reads it" in done.stderr) == (2, True)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", WRITERS)
def test_an_output_that_can_not_be_written_is_told(
    name: str, arguments: Callable[[str], list[str]], tmp_path: Path
) -> None:
    words = arguments(name)
    before = sorted(tmp_path.iterdir())
    assert "is empty" in told(run([*words, "-o", ""]))
    assert "It is a folder" in told(run([*words, "-o", str(tmp_path)]))
    assert "It is a folder" in told(run([*words, "-o", f"{tmp_path}/none/"]))
    assert "No such file" in told(run([*words, "-o", str(tmp_path / "none" / "file")]))
    assert sorted(tmp_path.iterdir()) == before
    if Path("/dev/full").exists():
        assert "/dev/full can't be written: No space" in told(run([*words, "-o", "/dev/full"]))
    with read_only(tmp_path / "read only") as folder:
        assert "can't be written" in told(run([*words, "-o", str(folder / "file")]))
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ALL)
def test_standard_output_that_is_closed_or_full_is_told(
    name: str, arguments: Callable[[str], list[str]]
) -> None:
    words = arguments(name)
    assert "Standard output can't be written: It is closed." in told(started(words, ">&-"))
    if Path("/dev/full").exists():
        told_of_space = told(started(arguments(name), ">/dev/full"))
        assert "Standard output can't be written: No space" in told_of_space


@pytest.mark.parametrize("name", ALL)
def test_standard_error_may_be_closed_and_the_encoding_any(
    name: str, arguments: Callable[[str], list[str]]
) -> None:
    words = arguments(name)
    done = started(words, "2>&-", COLUMNS="")
    assert (done.returncode, done.stdout != b"", done.stderr) == (0, True, b"")
    latin = started(arguments(name), PYTHONIOENCODING="latin-1")
    assert latin.returncode == 0, latin.stderr
    if name in (
        "backup",
        "build",
        "validate",
        "import",
    ):  # the first may tell what the second doesn't
        return
    people = PRINTERS[name][1] if name in PRINTERS else name in ("link compare", "link suggest")
    assert latin.stdout == (
        done.stdout.decode().encode("latin-1", "replace") if people else done.stdout
    )


@pytest.mark.parametrize("name", ALL)
def test_a_reader_that_leaves_is_no_error(name: str, arguments: Callable[[str], list[str]]) -> None:
    with no_reader() as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "tzgraph", *arguments(name)],
            stdout=pipe,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    assert b"error" not in done.stderr


@contextlib.contextmanager
def no_reader() -> Iterator[int]:
    """A pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def test_a_name_that_is_no_text_is_told(tmp_path: Path, shipped_dir: Path) -> None:
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.obo")
    Path(strange).write_text(OBO, encoding="utf-8")
    message = r"caf\xe9.obo” is not text in UTF-8"
    assert message in told(started(["import", strange, "--module", "--dir", str(shipped_dir)]))
    assert "The TZGRAPH_DIR “" in told(started(["export"], TZGRAPH_DIR=strange))


def test_a_query_on_standard_input_that_is_closed_is_told(shipped_dir: Path) -> None:
    message = told(started(["query", "-", "--dir", str(shipped_dir)], "<&-"))
    assert "Standard input can't be read" in message


def test_the_old_file_stays_and_nothing_is_left_where_writing_ends_early(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_bytes(b"old")

    def broken_off() -> None:
        with Output(str(target)).stream() as out:
            out.write(b"new")
            out.flush()
            assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 6
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", b"old")]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_nothing_is_left_where_a_signal_ends_the_process(
    ending: signal.Signals, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    target.write_bytes(b"old")
    code = (
        "import sys, time; from tzgraph.output import Output\n"
        "with Output(sys.argv[1]).stream() as out: print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(target)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(list(tmp_path.iterdir())) == 2
        process.send_signal(ending)
    assert process.returncode != 0
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out", b"old")]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        target = disk / "out"
        target.write_bytes(b"old")
        with pytest.raises(OutputUnwritableError, match="No space left on device") as caught:
            Output(str(target)).write("x" * 2_000_000)
        assert "Free space" in caught.value.hint
        assert [(path.name, path.read_bytes()) for path in disk.iterdir()] == [("out", b"old")]


def test_a_new_file_has_the_mode_that_the_mask_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        Output(str(tmp_path / "new")).write("new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_bytes(b"old")
    target.chmod(0o4755)
    os.chown(target, 1234, 2345)
    Output(str(target)).write("new")
    found = target.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 2345, 0o755)


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(OutputUnwritableError, match=os.strerror(errno.ELOOP)):
        Output(str(tmp_path / "round"))
    (tmp_path / "dangling").symlink_to("new")
    Output(str(tmp_path / "dangling")).write("new")
    assert ((tmp_path / "new").read_bytes(), (tmp_path / "dangling").is_symlink()) == (b"new", True)


def test_a_pipe_that_does_not_block_is_waited_for(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    read: list[bytes] = []

    def slowly() -> None:
        time.sleep(0.05)
        with os.fdopen(reading, "rb") as stream:
            read.append(stream.read())

    reader = threading.Thread(target=slowly)
    reader.start()
    link = tmp_path / "link"
    link.symlink_to(f"/dev/fd/{writing}")
    try:
        Output(str(link)).write("x" * 1_000_000)
    finally:
        os.close(writing)
        reader.join()
    assert len(read[0]) == 1_000_000


def test_several_files_are_written_all_or_none(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    files = {"a": b"1", "b": b"2"}
    assert [path.read_bytes() for path in write_folder(folder, files)] == [b"1", b"2"]
    (tmp_path / "astray").symlink_to("elsewhere")
    with pytest.raises(UsageError, match="already has astray"):
        write_folder(tmp_path, {"c": b"3", "astray": b"4"})
    with pytest.raises(OutputUnwritableError, match="can't be written"):
        write_folder(tmp_path, {"c": b"3", "none/d": b"4"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["astray", "new"]
