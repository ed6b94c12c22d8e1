"""Check the current release of a folder in full, and say all that is damaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tzgraph.errors import (
    DamagedReleaseError,
    Finding,
    InputUnreadableError,
    NoReleaseError,
    Severity,
)
from tzgraph.release.integrity import damage_of
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.manifest import MANIFEST_NAME, Manifest
from tzgraph.release.updates import Updates

__all__ = ["Checkup", "check_release"]


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was checked, and what is damaged: nothing, if the release is whole.

    :ivar release: id of the release
    :ivar state: name of the state that updates made of it, empty if there were none
    """

    release: str
    state: str
    findings: tuple[Finding, ...]


def check_release(directory: Path) -> Checkup:
    """Read all of the current release of a folder, and of the state that updates made of it.

    :raises NoReleaseError: if there is none
    """
    layout, findings = ReleaseLayout(directory), list[Finding]()
    name = layout.current_id()
    if name is None:
        raise NoReleaseError(
            f"There is no built graph in {directory}.", "Run `tzgraph build` first."
        )
    folder, state, manifest = layout.releases / name, "", None
    try:
        manifest = Manifest.read(folder)
    except InputUnreadableError as error:
        findings.append(_finding(folder / MANIFEST_NAME, error))
    if manifest is not None and manifest.id != name:
        other = DamagedReleaseError(f"It is the manifest of release {manifest.id}.")
        findings.append(_finding(folder / MANIFEST_NAME, other))
    findings += damage_of(folder, manifest, folder / "store", whole=True)
    updates = Updates(directory, name)
    try:
        state, lease = updates.lease()
        if lease is not None:
            findings += damage_of(folder, None, updates.state(state), whole=True)
            lease.close()
    except InputUnreadableError as error:
        findings.append(_finding(updates.folder / "current", error))
    return Checkup(name, state, tuple(findings))


def _finding(path: Path, error: InputUnreadableError) -> Finding:
    return Finding(
        Severity.VIOLATION, error.code, error.message, error.hint, file=str(path), unreadable=True
    )
