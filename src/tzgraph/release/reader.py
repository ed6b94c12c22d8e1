"""Open a release."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import Finding, InputUnreadableError, NoReleaseError, Severity
from tzgraph.reason.rule import Rule
from tzgraph.reason.stored import rules_from_json
from tzgraph.release.layout import Layout
from tzgraph.release.manifest import Manifest

__all__ = ["FINDINGS", "RULES", "Release", "open_release"]

#: The file of a release with the warnings of its build.
FINDINGS = "findings.json"
#: The file of a release with the rules that it was built with.
RULES = "rules.json"


@dataclass(frozen=True)
class Release:
    """An immutable release: its folder and what it says of itself."""

    path: Path
    manifest: Manifest

    def store(self) -> ox.Store:
        """Open the store, read-only, as it was built."""
        return ox.Store.read_only(str(self.path / "store"))

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

    @property
    def nquads(self) -> Path:
        """The whole release as sorted N-Quads."""
        return self.path / "graph.nq"


def open_release(directory: Path) -> Release:
    """Open the current release of a folder.

    :raises NoReleaseError: if there is none
    :raises InputUnreadableError: if its manifest is damaged
    """
    folder = Layout(directory).current()
    if folder is None:
        raise NoReleaseError(
            f"There is no built graph in {directory}.", "Run `tzgraph build` first."
        )
    return Release(folder, Manifest.read(folder))
