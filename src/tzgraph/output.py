"""The one way in which commands write: to files, devices and pipes, and to the standard streams.

A regular file appears whole or not at all, also where a symbolic link names it (the link stays),
and keeps its mode, owner and access list. What is no regular file, such as `/dev/null`, a named
pipe or `/dev/stdout`, can't be replaced and is written in place. Nothing is written over what the
command itself reads.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import re
import secrets
import select
import shutil
import signal
import stat
import sys
import textwrap
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, TextIO

from tzgraph.errors import OutputUnwritableError, UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Output", "fitted", "hanging", "standard_streams", "terminal_width", "write_folder"]

_BUFFER = 1 << 16
#: What stands before the text of a line: an indent, a word, and blanks.
_LABEL = re.compile(r" *+\S++ {2,}+")
#: Links that are followed to find a descriptor: as many as Linux follows.
_LINKS = 40
_FOLDER = OSError(errno.EISDIR, "It is a folder")


@dataclass(frozen=True)
class Output:
    """Where a command writes.

    :param name: what the user named; ``None`` and ``-`` are standard output
    :param inputs: files and folders that the command reads
    :raises UsageError: if the name is empty, or that of a file that the command reads
    :raises OutputUnwritableError: if it is that of a folder, or of a file in none
    """

    name: str | None = None
    inputs: Iterable[Path] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse what can be refused before the work is done."""
        if self.name == "":
            raise UsageError("The name of the output is empty.", "Name a file, or leave it out.")
        if self.path is None:
            return
        if (self.name or "").endswith(os.sep):
            raise _unwritable(self.path, _FOLDER)
        try:
            found = self.path.stat()
        except FileNotFoundError as error:
            if not _target(self.path).parent.is_dir():
                raise _unwritable(self.path, error) from error
            return
        except (OSError, ValueError) as error:
            raise _unwritable(self.path, error) from error
        if stat.S_ISDIR(found.st_mode):
            raise _unwritable(self.path, _FOLDER)
        if stat.S_ISREG(found.st_mode):
            _demand_no_input(self.path, found, self.inputs)

    @property
    def path(self) -> Path | None:
        """The path that was named, if it isn't standard output."""
        return None if self.name is None or self.name == "-" else Path(self.name)

    @contextlib.contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """Give a stream to write to; a file is there when the context ends without an error.

        If the reader of a pipe goes away, as `head` does, the context ends there, without an error.

        :raises OutputUnwritableError: if writing fails
        """
        path = self.path
        with _replacing(path) if path and _is_replaced(path) else _in_place(path) as out:
            yield out

    def tell(self) -> None:
        """Say on standard error which file was written; of devices and pipes nothing."""
        if self.path is not None and self.path.is_file():
            sys.stderr.write(f"Wrote {self.path}.\n")

    def write(self, text: str, *, people: bool = False) -> None:
        """Write a text, in UTF-8.

        :param people: on standard output it is for people to read: in the encoding of the terminal,
            with `?` for characters that it lacks
        :raises OutputUnwritableError: if writing fails
        """
        if self.path is None and people:
            sys.stdout.write(text)
            sys.stdout.flush()
            return
        with self.stream() as out:
            out.write(text.encode("utf-8", "replace"))


def terminal_width() -> int | None:
    """Give the columns of the terminal that standard output is, ``None`` if it is none.

    COLUMNS overrides them, as elsewhere.
    """
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def hanging(line: str, indent: int, width: int | None) -> list[str]:
    """Break a line so that it fits, all but the first part indented.

    :param width: columns, ``None`` to leave it

    >>> hanging("name  one two three", 6, 14)
    ['name  one two', '      three']
    """
    if width is None or len(line) <= width:
        return [line]
    columns, hang = max(width, indent + 10), " " * indent
    return textwrap.wrap(line, columns, subsequent_indent=hang, break_on_hyphens=False)


def fitted(text: str, width: int | None) -> str:
    r"""Break the lines of a text that are too long, each behind its own indent, or its label.

    :param width: columns, ``None`` to leave it

    >>> print(fitted("  why   it is too long\n─────────────────", 16))
      why   it is
            too long
    ────────────────
    """
    if width is None:
        return text
    lines: list[str] = []
    for line in text.split("\n"):
        if not line.strip("─"):
            lines.append(line[:width])
            continue
        label = _LABEL.match(line[: width // 2])
        indent = len(label[0]) if label else len(line) - len(line.lstrip()) + 2
        lines += hanging(line, min(indent, width // 2), width)
    return "\n".join(lines)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write new files into a folder, all or none; nothing is written over.

    :param folder: made if it is missing
    :param files: what to write, by name
    :return: their paths
    :raises UsageError: if one of them is there
    :raises OutputUnwritableError: if writing fails
    """
    paths = {folder / name: data for name, data in files.items()}
    if taken := [path.name for path in paths if os.path.lexists(path)]:
        raise UsageError(
            f"{folder} already has {', '.join(taken)}.", "Give a folder that is new or empty."
        )
    with contextlib.ExitStack() as undo:
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for path, data in paths.items():
            with _told(path), path.open("xb") as out:  # follows no link
                undo.callback(path.unlink, missing_ok=True)
                out.write(data)
        undo.pop_all()
    return list(paths)


@contextlib.contextmanager
def standard_streams() -> Iterator[None]:
    """Make standard output and error fit for messages, whatever they are.

    A character that the encoding lacks is no error (ASCII counts as no encoding, which is UTF-8),
    nor is a reader that goes away. Standard output that is closed or full raises
    :class:`OutputUnwritableError` where it is written to; standard error that is can't be told of,
    and what is written to it is lost.
    """
    # As gnulib does it: what is opened next would become a standard stream. A closed stream is
    # opened the wrong way round, so that using it fails as if it were closed.
    for descriptor, way in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, way), True)  # the lowest that is free: this one
    before = sys.stdin, sys.stdout, sys.stderr
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.stdout = _text(sys.stdout, 1, "replace", (BrokenPipeError,))
    sys.stderr = _text(sys.stderr, 2, "backslashreplace", (BrokenPipeError, OutputUnwritableError))
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


class _Raw(io.FileIO):
    """A file or descriptor; a write that fails says what could not be written.

    :ivar told: what it is called in messages
    :ivar forgiven: errors that lose what was to be written, in silence
    """

    told: object = "The output"
    forgiven: tuple[type[Exception], ...] = ()

    def write(self, data: ReadableBuffer, /) -> int:
        """Write as much as goes at once."""
        try:
            return self._write(data)
        except self.forgiven:
            return memoryview(data).nbytes

    def _write(self, data: ReadableBuffer) -> int:
        try:
            # None: a pipe that doesn't block is full.
            while (written := super().write(data)) is None:
                select.select((), (self,), ())
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(self.told, error) from error
        return written


def _text(
    stream: TextIO | None, descriptor: int, errors: str, forgiven: tuple[type[Exception], ...]
) -> TextIO:
    raw = _Raw(descriptor, "wb", closefd=False)
    raw.told, raw.forgiven = "Standard output", forgiven
    encoding = stream.encoding if stream is not None else "utf-8"
    if codecs.lookup(encoding).name == "ascii":
        encoding = "utf-8"
    if stream is not None:
        stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding,
        errors,
        newline="\n",
        line_buffering=descriptor == 2 or raw.isatty(),
    )


def _unwritable(told: object, error: Exception) -> OutputUnwritableError:
    number = error.errno if isinstance(error, OSError) else None
    reason = "It is closed" if number == errno.EBADF else getattr(error, "strerror", None) or error
    full = number in (errno.ENOSPC, errno.EDQUOT)
    hint = "Free space, or write elsewhere." if full else "Write to where that is possible."
    return OutputUnwritableError(f"{told} can't be written: {reason}.", hint)


@contextlib.contextmanager
def _told(told: object) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(told, error) from error


def _demand_no_input(path: Path, found: os.stat_result, inputs: Iterable[Path]) -> None:
    """Refuse a file that is among the inputs, by whatever link."""
    for given in inputs:
        for file in (given, *given.rglob("*")) if given.is_dir() else (given,):
            with contextlib.suppress(OSError):
                if os.path.samestat(file.stat(), found):
                    same = "" if file == path else f", as {file}"
                    raise UsageError(
                        f"{path} can't be written: this command reads it{same}.",
                        "Name another file.",
                    )


def _target(path: Path) -> Path:
    """Give the file that a path leads to through links."""
    return Path(os.path.realpath(path))


def _is_replaced(path: Path) -> bool:
    return _descriptor(path) is None and (path.is_file() or not path.exists())


def _descriptor(path: Path) -> int | None:
    """Give the descriptor of this process that a path such as /dev/stdout names, if it does."""
    for _ in range(_LINKS):
        if path.name.isdecimal() and str(_target(path.parent)) == f"/proc/{os.getpid()}/fd":
            return int(path.name)
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
    return None


@contextlib.contextmanager
def _in_place(path: Path | None) -> Iterator[IO[bytes]]:
    descriptor = 1 if path is None else _descriptor(path)
    with _told(path or "Standard output"):
        if descriptor is None and path is not None:
            raw = _Raw(path, "wb", opener=lambda name, _: os.open(name, os.O_WRONLY | os.O_NOCTTY))
        else:
            sys.stdout.flush()
            raw = _Raw(descriptor or 1, "wb", closefd=False)
    raw.told = path or "Standard output"
    with contextlib.suppress(BrokenPipeError), io.BufferedWriter(raw, _BUFFER) as out:
        yield out


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    target = _target(path)
    part = target.with_name(f".tzgraph-{secrets.token_hex(16)}.part")
    there = target.exists()
    with _ended_in_order(), contextlib.ExitStack() as undo, contextlib.ExitStack() as closing:
        with _told(path):
            if there and not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, "It is write-protected")
            # What others may not read in the old file, they may not read in the new one's begin.
            mode = 0o600 if there else 0o666
            raw = _Raw(part, "xb", opener=lambda name, flags: os.open(name, flags, mode))
            undo.callback(part.unlink, missing_ok=True)
            out = closing.enter_context(io.BufferedWriter(raw, _BUFFER))
            raw.told = path
            if there:
                _make_like(raw.fileno(), target)
        yield out
        out.flush()
        with _told(path):
            os.fsync(raw.fileno())
            closing.close()
            part.replace(target)
        undo.pop_all()


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Have the signals that end a process end it in order, so that no temporary file is left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    ending = (getattr(signal, name, signal.SIGTERM) for name in ("SIGTERM", "SIGHUP"))
    before = {n: signal.signal(n, leave) for n in ending if signal.getsignal(n) is signal.SIG_DFL}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _make_like(descriptor: int, target: Path) -> None:
    """Give a new file the owner, mode and access list of another, as far as we may."""
    known = target.stat()
    for owner in (known.st_uid, -1):
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, owner, known.st_gid)
            break
    shutil.copystat(target, descriptor)  # type: ignore[arg-type]  # os takes descriptors
