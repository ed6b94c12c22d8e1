"""States of a release that updates made.

A release never changes. What SPARQL updates and the graph store change is a row of states
beside it, each a whole store, immutable like the release (the engine's checkpoints share their
files, so one takes milliseconds and little room)::

    build/
      updates/<release id>/
        current            the name of the current state (replaced in one step)
        states/<name>/     a store, sealed (see integrity.py)
        work/              the writer's own store; left over if the writer was killed
        writer.lock        held by the one process that may write

The folder ``releases`` is locked while a state or a release becomes the current one. Whoever reads
a state holds a shared lock on its folder, which stays as long as it is held.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import (
    DamagedReleaseError,
    DamagedUpdatesError,
    InputUnreadableError,
)
from tzgraph.release.files import lock, read_pointer, sync, wait_for_lock, write_pointer
from tzgraph.release.integrity import SEAL, damage_of, demand_whole, seal

__all__ = ["Lease", "Updates", "state_id", "switching"]

#: Seconds between attempts to get hold of a state.
_PAUSE = 0.02
#: Seconds that the current state may be missing: updates replace it while somebody looks.
_MISSING = 1.0
#: Seconds that a release or state may take to become the current one.
_SWITCHING = 60.0


class Lease:
    """A hold on the folder of a state: it is not removed before this object is gone.

    :raises FileNotFoundError: if it is gone, or somebody is about to remove it
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder, os.O_RDONLY)
        if not lock(self._descriptor, shared=True):
            self.close()
            raise FileNotFoundError(errno.ENOENT, "is being removed", str(folder))

    def close(self) -> None:
        """Let go of the folder; may be called again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        """Let go of the folder."""
        with contextlib.suppress(AttributeError, OSError):
            self.close()


def state_id(release: str, name: str) -> str:
    """Give the id of a state, that of the release itself if the name is empty.

    >>> state_id("0123456789abcdef", "4-89abcdef")
    '0123456789abcdef.4-89abcdef'
    """
    return f"{release}.{name}" if name else release


@dataclass(frozen=True, slots=True)
class Updates:
    """The states of a release.

    :ivar root: the release folder
    :ivar release: id of the release
    """

    root: Path
    release: str

    @property
    def folder(self) -> Path:
        """Where everything about updates of the release is."""
        return self.root / "updates" / self.release

    def current(self) -> str:
        """Give the name of the current state, empty if the release is as it was built.

        :raises InputUnreadableError: if the pointer to it can't be read
        :raises DamagedUpdatesError: if the pointer is damaged
        """
        try:
            return read_pointer(self.folder / "current")
        except DamagedReleaseError as error:
            raise DamagedUpdatesError(error.message) from error

    def state(self, name: str) -> Path:
        """Give the folder of a state."""
        return self.folder / "states" / name

    def base(self) -> Path:
        """Give the store of the current state, be it the release's own."""
        name = self.current()
        return self.state(name) if name else self.root / "releases" / self.release / "store"

    def lease(self) -> tuple[str, Lease | None]:
        """Give the name of the current state, and a hold on it.

        :raises DamagedUpdatesError: if it is missing
        :raises InputUnreadableError: if the system does not let it be read
        """
        until = time.monotonic() + _MISSING
        while name := self.current():
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                held = self._hold(name)
                if self.state(name).is_dir():
                    return name, held
                held.close()
            if time.monotonic() > until:
                raise DamagedUpdatesError(
                    f"The state {name}, which updates made of release {self.release}, is missing "
                    f"in {self.folder / 'states'}."
                )
            time.sleep(_PAUSE)
        return "", None

    def demand_whole(self) -> None:
        """Refuse a current state that is missing or damaged.

        :raises DamagedUpdatesError: if it is
        """
        name, held = self.lease()
        # Those of before there were seals have none.
        if held is None or not (self.state(name) / SEAL).exists():
            return
        with contextlib.closing(held):
            self.demand_state(name, whole=True)

    def demand_state(self, name: str, *, whole: bool) -> None:
        """Refuse a state that is damaged.

        :param whole: read everything, see :mod:`tzgraph.release.integrity`
        :raises DamagedUpdatesError: if it is
        """
        try:
            what = f"The state {name}, which updates made of release {self.release},"
            demand_whole(what, damage_of(self.folder, None, self.state(name), whole=whole))
        except DamagedReleaseError as error:
            raise DamagedUpdatesError(error.message) from error

    def _hold(self, name: str) -> Lease:
        try:
            return Lease(self.state(name))
        except PermissionError as error:
            raise InputUnreadableError(
                f"{self.state(name)} can't be read: {error.strerror}.",
                "Let the user who runs tzgraph read it.",
            ) from error

    @contextlib.contextmanager
    def writing(self, timeout_s: float) -> Iterator[None]:
        """Be the one process that writes.

        :param timeout_s: seconds to wait for another one to end
        :raises BuildFailedError: if there is another one
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "writer.lock").open("a+b") as stream:
            wait_for_lock(
                stream.fileno(),
                timeout_s,
                f"Another process writes to {self.folder}.",
                "Let one server only have a token.",
            )
            yield

    def open_copy(self) -> tuple[ox.Store, str]:
        """Open a store of one's own that begins as the current state, and give that one's name.

        What an earlier writer left behind is removed. To be called while :meth:`writing`.
        """
        name, held = self.lease()
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        (self.folder / "work").mkdir(parents=True)
        copy = Path(tempfile.mkdtemp(dir=self.folder / "work")) / "store"
        try:
            ox.Store.read_only(str(self.base())).backup(str(copy))
        finally:
            if held is not None:
                held.close()
        return ox.Store(str(copy)), name

    def publish(self, store: ox.Store) -> str:
        """Make what a store holds the current state, and give its name; it is on the disk then.

        The states before it go if nobody holds them. To be called while :func:`switching`.
        """
        count = self.current().partition("-")[0]
        # A name is never used again, as results are kept by it.
        name = f"{int(count) + 1 if count.isdigit() else 1}-{secrets.token_hex(4)}"
        target = self.state(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        store.backup(str(target))
        seal(target, like=self.base())
        sync(target.parent)
        write_pointer(self.folder / "current", name)
        self._prune(name)
        return name

    def manifest_bytes(self, name: str) -> int:
        """Give the size of the engine's own manifest of a state."""
        return sum(path.stat().st_size for path in self.state(name).glob("MANIFEST-*"))

    def drop(self) -> None:
        """Make the release as it was built the current state; to be called while switching."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "current").unlink()
            sync(self.folder)
        self._prune("")

    def _prune(self, keep: str) -> None:
        """Remove the states that are not the current one and that nobody holds."""
        for folder in self.folder.glob("states/*"):
            if folder.name == keep:
                continue
            with contextlib.suppress(OSError):
                descriptor = os.open(folder, os.O_RDONLY)
                try:
                    if lock(descriptor):
                        shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(descriptor)


@contextlib.contextmanager
def switching(root: Path) -> Iterator[None]:
    """Hold the lock under which a state or a release becomes the current one.

    :raises BuildFailedError: if another process holds it and does not let go of it
    """
    descriptor = os.open(root / "releases", os.O_RDONLY)
    try:
        wait_for_lock(
            descriptor,
            _SWITCHING,
            f"Another process has changed what is current in {root} for {_SWITCHING:g} s.",
            "End the build or server that hangs, then try again.",
        )
        yield
    finally:
        os.close(descriptor)
