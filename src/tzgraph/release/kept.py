"""Graphs that are kept from one audit to the next, so that each is built once.

What is kept is the graph as it is before documents are laid over it. It is found by a digest of
all that it comes from: the bytes of sources, ontology, shapes and of tzgraph itself, and the
versions of what it runs on. So a change of any of them leads to another entry, and an entry is
never made wrong by one. An entry is one file, put in place in one step; what can't be read is
built again, and what can't be written is not kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import Finding, InputUnreadableError
from tzgraph.read import SourceInfo
from tzgraph.reason import Rule
from tzgraph.reason.stored import rules_as_json, rules_from_json

__all__ = ["KeptGraph", "KeptGraphs", "digest_of"]

#: How many graphs are kept.
_MOST = 3
#: Quads of the largest graph that is kept: its file is read into memory.
_MOST_QUADS = 1_000_000
_GRAPH, _META, _RULES, _AUDIT = "graph.nq", "meta.json", "rules.json", "audit.json"


@dataclass(frozen=True)
class KeptGraph:
    """A graph as it was built: all of it, and what a build has to know of it.

    :ivar rules: by which it was reasoned
    :ivar audit_rules: of the audit, which have not run yet
    :ivar quads: as N-Quads, once it was kept
    """

    sources: Sequence[SourceInfo]
    findings: Sequence[Finding]
    damaged: frozenset[str]
    rules: Sequence[Rule]
    audit_rules: Sequence[Rule]
    quads: bytes = b""


class KeptGraphs:
    """A folder of graphs.

    :param folder: made when the first is kept
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, digest: str) -> KeptGraph | None:
        """Give the graph of a digest; ``None`` if it is not there whole."""
        path = self._path(digest)
        try:
            with zipfile.ZipFile(path) as kept:
                meta = json.loads(kept.read(_META))
                found = KeptGraph(
                    [SourceInfo(*source) for source in meta["sources"]],
                    [Finding.from_dict(said) for said in meta["findings"]],
                    frozenset(meta["damaged"]),
                    rules_from_json(kept.read(_RULES).decode()),
                    rules_from_json(kept.read(_AUDIT).decode()),
                    kept.read(_GRAPH),
                )
            os.utime(path)  # used last
        except (
            *(OSError, ValueError, KeyError, TypeError, EOFError, zlib.error),
            *(zipfile.BadZipFile, NotImplementedError, InputUnreadableError),
        ):
            return None
        return found

    def put(self, digest: str, store: ox.Store, graph: KeptGraph) -> None:
        """Keep a graph, in the place of the one that was used least recently.

        :param store: holds the quads
        """
        if len(store) > _MOST_QUADS:
            return
        meta = {
            "sources": [[s.slug, s.graph, s.role] for s in graph.sources],
            "findings": [finding.as_dict() for finding in graph.findings],
            "damaged": sorted(graph.damaged),
        }
        members = {
            _META: json.dumps(meta).encode(),
            _GRAPH: store.dump(format=ox.RdfFormat.N_QUADS),
            _RULES: rules_as_json(graph.rules).encode(),
            _AUDIT: rules_as_json(graph.audit_rules).encode(),
        }
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            number, name = tempfile.mkstemp(dir=self._folder, prefix="new-")
            new = Path(name)
            try:
                with (
                    os.fdopen(number, "wb") as stream,
                    zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
                ):
                    for member, data in members.items():
                        out.writestr(member, data or b"")
                new.replace(self._path(digest))
            finally:
                new.unlink(missing_ok=True)
            self._prune()

    def _path(self, digest: str) -> Path:
        return self._folder / f"graph-{digest}.zip"

    def _prune(self) -> None:
        """Remove all but those that were used last, and what a process left that was killed."""
        entries = [(path.stat().st_mtime, path) for path in self._folder.glob("graph-*.zip")]
        for _used, path in sorted(entries, reverse=True)[_MOST:]:
            path.unlink(missing_ok=True)
        newest = max((used for used, _path in entries), default=0.0)
        for path in self._folder.glob("new-*"):
            if path.stat().st_mtime < newest - 3600:
                path.unlink(missing_ok=True)


def digest_of(folders: Iterable[Path]) -> str:
    """Give a digest of all that a graph is built from.

    :param folders: sources, ontology, shapes: of each all files count
    :raises OSError: if one can't be read
    """
    package = Path(__file__).parents[1]
    total = hashlib.sha256()
    for said in (version("tzgraph"), ox.__version__, platform.python_version()):
        total.update(f"{said}\n".encode())
    for folder in (*folders, package):
        for path in _files(folder):
            with path.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            total.update(f"{path.relative_to(folder).as_posix()}\t{content}\n".encode())
        total.update(b"\n")
    return total.hexdigest()[:32]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if "__pycache__" not in path.parts and path.is_file():
            yield path
