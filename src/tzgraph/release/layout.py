"""The release folder on disk: releases, the pointer to the current one, the build lock.

::

    build/
      current            the id of the current release (replaced in one step)
      releases/<id>/     store/ graph.nq rules.json views.json manifest.json
      updates/<id>/      what updates made of a release (see updates.py)
      work/              where a build works; leftovers of a killed one are removed by the next
      build.lock         held by a running build
      build.log          what builds did and how long each stage took
      imports/           modules of other ontologies, which builds take in
      built-from.json    what the current release was built from, if not from what ships
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tzgraph.errors import BuildFailedError
from tzgraph.release.files import lock, read_pointer, sync, sync_tree, write_pointer

__all__ = ["ReleaseLayout"]


@dataclass(frozen=True)
class ReleaseLayout:
    """Places in a release folder."""

    root: Path

    @property
    def releases(self) -> Path:
        """Where releases are."""
        return self.root / "releases"

    @property
    def updates(self) -> Path:
        """Where what updates made of releases is, see :mod:`tzgraph.release.updates`."""
        return self.root / "updates"

    @property
    def work(self) -> Path:
        """Where a build works."""
        return self.root / "work"

    @property
    def imports(self) -> Path:
        """Where imported modules are."""
        return self.root / "imports"

    @property
    def log(self) -> Path:
        """Where builds are logged."""
        return self.root / "build.log"

    def current_id(self) -> str | None:
        """Give the id of the current release, or ``None``.

        :raises InputUnreadableError: if the pointer to it can't be read, or is damaged
        """
        return read_pointer(self.root / "current") or None

    def current(self) -> Path | None:
        """Give the folder of the current release, or ``None``."""
        name = self.current_id()
        return self.releases / name if name and (self.releases / name).is_dir() else None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the build lock; a killed process lets go of it.

        :raises BuildFailedError: if another build holds it
        """
        self.releases.mkdir(parents=True, exist_ok=True)
        with (self.root / "build.lock").open("a+b") as stream:
            if not lock(stream.fileno()):
                raise BuildFailedError(
                    f"Another build is running in {self.root}.", "Wait for it to end."
                )
            yield

    def start_work(self) -> Path:
        """Give an empty folder to work in, removing what a killed build left.

        Its name is new each time: in one process, the store of a failed build may be held open by
        the traceback of its error, and the engine opens no second store at the same path.
        """
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        return Path(tempfile.mkdtemp(dir=self.work))

    def adopt(self, folder: Path, name: str, *, intact: Callable[[Path], bool]) -> Path:
        """Make a finished folder the release of this id.

        Same id means same content: where an intact release of this id is, it stays and the new
        folder goes, so that no moment is without a release. A damaged one gives way.

        :param intact: says whether an earlier release of this id can be used
        """
        target = self.releases / name
        if target.exists() and intact(target):
            shutil.rmtree(folder)
            return target
        shutil.rmtree(target, ignore_errors=True)
        sync_tree(folder)
        folder.rename(target)
        sync(self.releases)
        return target

    def switch(self, name: str) -> None:
        """Make a release the current one, in one step."""
        write_pointer(self.root / "current", name)

    def prune(self, current: str, previous: str | None) -> None:
        """Remove releases other than the current and the previous one, which may be in use."""
        keep = {current, previous}
        for folder in sorted([*self.releases.iterdir(), *self.updates.glob("*")]):
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)
