"""The rule by which a new release takes over what updates changed in the one before it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from tzgraph.errors import DamagedUpdatesError, DataError, Finding, Severity, UnsafeDataError
from tzgraph.parsing import check
from tzgraph.release.canonical import sha256, sorted_quads
from tzgraph.release.manifest import MANIFEST_NAME
from tzgraph.release.updates import Updates

__all__ = ["Carried", "carry_over", "demand_readable"]

_BATCH = 50_000
#: What may be a statement that no parser of RDF 1.1 takes.
_OUTDATED = re.compile(rb"<<\(|--(?:ltr|rtl)\b|#(?:dirL|l)angString>")
_GRAPH = re.compile(rb" (<[^<> ]*>) \.\s*\Z")
#: Bytes of a statement that are shown.
_SHOWN = 200
#: Bytes of stack to write old states down; only touched pages take memory.
_STACK = 2_000 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Carried:
    """What a new release took over from the updates of the one before.

    :ivar added: quads that updates had added
    :ivar removed: quads that updates had removed
    :ivar met: of both, those that the new release has, or lacks, by itself
    """

    added: int
    removed: int
    met: int

    def __str__(self) -> str:
        """Tell it in a few words."""
        text = f"{self.added:,} quads added and {self.removed:,} removed by updates"
        return f"{text}, {self.met:,} of them in the sources by now" if self.met else text


def carry_over(root: Path, old: str, new: str, work: Path) -> Carried | None:
    """Put what updates changed in a release on top of a new one.

    An update is done with once a release says the same: what it added or removed, and the new
    release has or lacks by itself, is not remembered.

    The new release's first state is made whole before anybody sees it; it counts as soon as the
    new release is the current one. To be called while :func:`switching`.

    :param root: the release folder
    :param old: id of the release that was updated
    :param new: id of the release that takes its place
    :param work: a folder to work in
    :return: ``None`` if the old release was never updated
    :raises DataError: if updates added what can't be read back
    """
    if old == new:
        return None
    before, after = Updates(root, old), Updates(root, new)
    after.drop()  # it may have been the current release before
    name, held = before.lease()
    if held is None:
        return None
    _demand_built(root / "releases" / old)
    state = work / "state.nq"
    _with_large_stack(lambda: sorted_quads(ox.Store.read_only(str(before.state(name))), state))
    after.folder.mkdir(parents=True, exist_ok=True)
    store, _name = after.open_copy()
    added, removed = work / "added.nq", work / "removed.nq"
    counts = _compare(root / "releases" / old / "graph.nq", state, removed, added)
    for path in (removed, added):
        demand_readable(path)
    met = counts[0] + counts[1]
    for quads in _quads(removed):
        met -= sum(quad in store for quad in quads)
        for quad in quads:
            store.remove(quad)
    for quads in _quads(added):
        met -= sum(quad not in store for quad in quads)
        store.extend(quads)
    after.publish(store)
    del store
    shutil.rmtree(after.folder / "work", ignore_errors=True)
    held.close()
    return Carried(counts[1], counts[0], met)


def _demand_built(release: Path) -> None:
    """Refuse to compare with a release that is damaged: what updates changed would be made up.

    :param release: its folder; of any format, as updates outlive that
    :raises DamagedUpdatesError: if it is damaged
    """
    quads = release / "graph.nq"
    try:
        said = json.loads((release / MANIFEST_NAME).read_bytes())
        intact = sha256(quads) == said["files"][quads.name]
    except (OSError, ValueError, LookupError, TypeError):
        intact = False
    if not intact:
        raise DamagedUpdatesError(
            f"{quads} is damaged, so that nobody can tell what updates changed in it."
        )


def _compare(first: Path, second: Path, only_first: Path, only_second: Path) -> tuple[int, int]:
    """Write the lines that only one of two sorted files has, and count them."""
    counts = [0, 0]
    with contextlib.ExitStack() as opened:

        def text(path: Path, mode: str) -> IO[str]:
            return opened.enter_context(path.open(mode, encoding="utf-8", newline="\n"))

        files = [_lines(text(first, "r")), _lines(text(second, "r"))]
        outs = text(only_first, "w"), text(only_second, "w")
        lines = [next(file, None) for file in files]
        while lines != [None, None]:
            if lines[0] == lines[1]:
                lines = [next(file, None) for file in files]
                continue
            side = int(lines[0] is None or (lines[1] is not None and lines[1] < lines[0]))
            outs[side].write(f"{lines[side]}\n")
            counts[side] += 1
            lines[side] = next(files[side], None)
    return counts[0], counts[1]


def _lines(stream: IO[str]) -> Iterator[str]:
    return (line.removesuffix("\n") for line in stream)


def _with_large_stack(work: Callable[[], object]) -> None:
    """Do something in a thread of its own.

    States of older versions may hold triple terms nested so deeply that to write them down
    overflows the usual stack; they are refused then.
    """
    before = threading.stack_size(_STACK)
    try:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(work).result()
    finally:
        threading.stack_size(before)


def demand_readable(path: Path) -> None:
    """Refuse statements that can't be read back, naming the first: RDF 1.2 above all.

    Updates don't make them; those that older versions carried out did (decision 18).

    :param path: sorted N-Quads, as the engine writes them
    :raises DataError: if there are any
    """
    with path.open("rb") as lines:
        for line in lines:
            if not _OUTDATED.search(line):
                continue
            try:
                check(line, ox.RdfFormat.N_QUADS)
                list(ox.parse(line, format=ox.RdfFormat.N_QUADS))
            except (UnsafeDataError, SyntaxError) as error:
                graph = _GRAPH.search(line)
                where = f"the graph {graph[1].decode()}" if graph else "the default graph"
                of_what = b" ".join(line.split(b" ", 2)[:2])[:_SHOWN].decode("utf-8", "replace")
                said = error.message if isinstance(error, UnsafeDataError) else f"{error.msg}."
                finding = Finding(
                    Severity.VIOLATION,
                    error.finding if isinstance(error, UnsafeDataError) else "unreadable-literal",
                    f"What updates added to {where} can't be taken over, as to {of_what}: {said}",
                    "Delete that statement by an update to the server of the tzgraph that took it, "
                    "and build again, or leave all updates behind with "
                    "`tzgraph build --drop-updates`.",
                )
                raise DataError([finding]) from error


def _quads(path: Path) -> Iterator[list[ox.Quad]]:
    parsed = iter(ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS))
    for first in parsed:
        batch = [first]
        for quad in parsed:
            batch.append(quad)
            if len(batch) == _BATCH:
                break
        yield batch
