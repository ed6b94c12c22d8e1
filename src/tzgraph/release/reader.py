"""Open a release."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import Finding, InputUnreadableError, NoReleaseError, Severity
from tzgraph.reason.rule import Rule
from tzgraph.reason.stored import rules_from_json
from tzgraph.release.layout import Layout
from tzgraph.release.manifest import Manifest
from tzgraph.release.updates import Lease, Updates, sorted_quads, state_id

__all__ = ["FINDINGS", "RULES", "Release", "open_release"]

#: The file of a release with the warnings of its build.
FINDINGS = "findings.json"
#: The file of a release with the rules that it was built with.
RULES = "rules.json"


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
        return Updates(self.path.parent.parent, self.manifest.id).state(self.state)

    def store(self) -> ox.Store:
        """Open the store, read-only."""
        return ox.Store.read_only(str(self.store_path))

    def graphs(self) -> list[str]:
        """Give the IRIs of all named graphs."""
        if not self.state:
            return sorted(self.manifest.graphs)
        names = self.store().named_graphs()
        return sorted(name.value for name in names if isinstance(name, ox.NamedNode))

    @contextlib.contextmanager
    def sorted_quads(self) -> Iterator[Path]:
        """Give a file with everything as sorted N-Quads, as long as the context lasts."""
        if not self.state:
            yield self.nquads
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "graph.nq"
            sorted_quads(self.store(), path)
            yield path

    def rules(self) -> list[Rule]:
        """Read the rules that the release was built with, those of the audit last.

        :raises InputUnreadableError: if an earlier version built it, which kept none
        """
        path = self.path / RULES
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise InputUnreadableError(
                f"The rules {path} can't be read: {error}.", "Build the graph again."
            ) from error
        return rules_from_json(text)

    def findings(self) -> list[Finding]:
        """Read the warnings of the build."""
        records = json.loads((self.path / FINDINGS).read_text(encoding="utf-8"))
        return [Finding(**{**r, "severity": Severity(r["severity"])}) for r in records]

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

    :raises NoReleaseError: if there is none
    :raises InputUnreadableError: if its manifest is damaged
    """
    folder = Layout(directory).current()
    if folder is None:
        raise NoReleaseError(
            f"There is no built graph in {directory}.", "Run `tzgraph build` first."
        )
    manifest = Manifest.read(folder)
    state, lease = Updates(directory, manifest.id).lease()
    return Release(folder, manifest, state, lease)
