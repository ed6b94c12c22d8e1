"""Open a release."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import (
    DamagedReleaseError,
    Finding,
    InputUnreadableError,
    NoReleaseError,
)
from tzgraph.names.index import NAMES, NameIndex
from tzgraph.names.resolver import NameResolver
from tzgraph.pageviews import Views, views_from_json
from tzgraph.reason.rule import Rule
from tzgraph.reason.stored import rules_from_json
from tzgraph.release.canonical import sha256, sorted_quads
from tzgraph.release.integrity import damage_of, demand_whole
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.manifest import Manifest
from tzgraph.release.updates import Lease, Updates, state_id

__all__ = [
    "FINDINGS",
    "RULES",
    "VIEWS_FILE",
    "Release",
    "engine_damage",
    "last_whole",
    "open_folder",
    "open_release",
]

#: The file of a release with the warnings of its build.
FINDINGS = "findings.json"
#: The file of a release with the rules that it was built with.
RULES = "rules.json"
#: The file of a release with the declared views of its pages.
VIEWS_FILE = "views.json"


@dataclass(frozen=True)
class Release:
    """A release: its folder and what it says of itself, and the state that updates brought it to.

    :ivar path: its folder
    :ivar manifest: what it says of itself, as it was built
    :ivar state: name of the state, empty for the release as it was built
    :ivar lease: holds the state
    """

    path: Path
    manifest: Manifest
    state: str = ""
    lease: Lease | None = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> str:
        """A name for exactly these data: the release's id, with the name of a later state."""
        return state_id(self.manifest.id, self.state)

    @property
    def changes(self) -> int:
        """How many states updates made of the release as it was built."""
        return int(self.state.partition("-")[0] or 0)

    @property
    def store_path(self) -> Path:
        """The folder of the store."""
        if not self.state:
            return self.path / "store"
        return self._updates.state(self.state)

    def damage(self, *, whole: bool) -> list[Finding]:
        """Say what is not as it was built, or as updates left it.

        :param whole: read everything, see :mod:`tzgraph.release.integrity`
        """
        found = damage_of(self.path, self.manifest, self.path / "store", whole=whole)
        if self.state:
            found += damage_of(self.path, None, self.store_path, whole=whole)
        return found

    def demand_whole(self, *, whole: bool) -> None:
        """Refuse a damaged release.

        :param whole: read everything, see :mod:`tzgraph.release.integrity`
        :raises DamagedReleaseError: if the release is damaged
        :raises DamagedUpdatesError: if what updates made of it is damaged
        :raises InputUnreadableError: if the system does not let it be read
        """
        store, asked = self.path / "store", not self.state
        built = damage_of(self.path, self.manifest, store, whole=whole, asked=asked)
        demand_whole(f"Release {self.manifest.id}", built)
        if self.state:
            self._updates.demand_state(self.state, whole=whole)

    @property
    def _updates(self) -> Updates:
        return Updates(self.path.parent.parent, self.manifest.id)

    def store(self) -> ox.Store:
        """Open the store, read-only.

        :raises InputUnreadableError: if it can't be opened
        """
        try:
            return ox.Store.read_only(str(self.store_path))
        except (OSError, RuntimeError) as error:
            raise _unreadable(self.store_path, error) from error

    def graphs(self) -> list[str]:
        """Give the IRIs of all named graphs."""
        if not self.state:
            return sorted(self.manifest.graphs)
        names = self.store().named_graphs()
        return sorted(name.value for name in names if isinstance(name, ox.NamedNode))

    @contextlib.contextmanager
    def sorted_quads(self) -> Iterator[Path]:
        """Give a file with everything as sorted N-Quads, as long as the context lasts.

        :raises DamagedReleaseError: if it would not be everything
        """
        if not self.state:
            if self._digest(self.nquads) != self.manifest.files.get(self.nquads.name):
                raise DamagedReleaseError(f"{self.nquads} is damaged: it is not what was built.")
            yield self.nquads
            return
        self._updates.demand_state(self.state, whole=True)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "graph.nq"
            sorted_quads(self.store(), path)
            yield path

    def rules(self) -> list[Rule]:
        """Read the rules that the release was built with, those of the audit last.

        :raises DamagedReleaseError: if they are missing or damaged
        """
        return rules_from_json(self._text(RULES))

    def findings(self) -> list[Finding]:
        """Read the warnings of the build.

        :raises DamagedReleaseError: if they are missing or damaged
        """
        records = json.loads(self._text(FINDINGS))
        return [Finding.from_dict(record) for record in records]

    def views(self) -> Views:
        """Read the declared views of pages; a release of before there were any has none.

        :raises DamagedReleaseError: if they are damaged
        """
        if VIEWS_FILE not in self.manifest.files:
            return Views()
        return views_from_json(self._text(VIEWS_FILE))

    def names(self) -> NameResolver:
        """Open the index of names, which is of the release as it was built.

        :raises DamagedReleaseError: if it is missing or damaged
        """
        index = NameIndex.open(self._whole(NAMES))
        return NameResolver(index, self.manifest.curies, updated=bool(self.state))

    def _text(self, name: str) -> str:
        """Read a small file of the release, which is as it was built."""
        return self._whole(name).read_text(encoding="utf-8")

    def _whole(self, name: str) -> Path:
        """Give the path of a file of the release, which is as it was built."""
        path = self.path / name
        if self._digest(path) != self.manifest.files.get(name):
            raise DamagedReleaseError(f"{path} is damaged: it is not what was built.")
        return path

    @staticmethod
    def _digest(path: Path) -> str:
        try:
            return sha256(path)
        except OSError as error:
            raise _unreadable(path, error) from error

    def again(self) -> Release:
        """Give the same release, with a hold of its own on its state."""
        return replace(self, lease=self.lease and Lease(self.store_path))

    def close(self) -> None:
        """Let go of the state, which may be removed then."""
        if self.lease is not None:
            self.lease.close()

    @property
    def nquads(self) -> Path:
        """The whole release as sorted N-Quads, as it was built."""
        return self.path / "graph.nq"


def open_release(directory: Path) -> Release:
    """Open the current release of a folder, in the state that updates brought it to.

    It is compared in short with what was built, see :mod:`tzgraph.release.integrity`.

    :raises NoReleaseError: if there is none
    :raises DamagedReleaseError: if it is damaged
    :raises ReleaseFormatError: if an older or newer tzgraph made it
    :raises InputUnreadableError: if the system does not let it be read
    """
    name = ReleaseLayout(directory).current_id()
    folder = ReleaseLayout(directory).current()
    if folder is None:
        told = f"There is no built graph in {directory}."
        if name:
            told = f"{directory / 'current'} names release {name}, which is not there."
        raise NoReleaseError(told, "Run `tzgraph build` first.")
    return open_folder(folder, whole=False)


def open_folder(folder: Path, *, whole: bool) -> Release:
    """Open a release of a folder, be it the current one or not; see :func:`open_release`.

    :param folder: of the release, in ``releases``
    :param whole: read everything to find damage
    """
    manifest = Manifest.read(folder)
    if manifest.id != folder.name:
        raise DamagedReleaseError(f"{folder} is damaged: release {manifest.id} is in it.")
    state, lease = Updates(folder.parent.parent, manifest.id).lease()
    release = Release(folder, manifest, state, lease)
    release.demand_whole(whole=whole)
    return release


def last_whole(directory: Path, besides: str) -> Release | None:
    """Open the newest release of a folder that is whole, read in full.

    :param directory: the release folder
    :param besides: id of one that is not
    """
    found = []
    for path in ReleaseLayout(directory).releases.glob("*/manifest.json"):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime, path.parent))
    for _, folder in sorted(found, reverse=True):
        with contextlib.suppress(InputUnreadableError):
            if folder.name != besides:
                return open_folder(folder, whole=True)
    return None


def engine_damage(error: Exception) -> DamagedReleaseError | None:
    """Say that the store is damaged, if that is what the engine said."""
    text = str(error)
    if getattr(error, "errno", None) is None and text.startswith(("Corruption:", "IO error:")):
        return DamagedReleaseError(f"The store is damaged or can't be read: {text}.")
    return None


def _unreadable(path: Path, error: OSError | RuntimeError) -> InputUnreadableError:
    """Tell what the system or the engine said of a file, or of a store."""
    text = getattr(error, "strerror", None) or str(error)
    if "Permission denied" in text:
        return InputUnreadableError(
            f"{path} can't be read: {text}.", "Let the user who runs tzgraph read it."
        )
    if isinstance(error, FileNotFoundError):
        return DamagedReleaseError(f"{path} is damaged: it is missing.")
    return DamagedReleaseError(f"{path} is damaged or can't be read: {text}.")
