"""Build a release and make it the current one. A failed build changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tzgraph.errors import (
    BuildFailedError,
    DamagedReleaseError,
    DamagedUpdatesError,
    DataError,
    Finding,
    InputUnreadableError,
    Severity,
)
from tzgraph.release.carry_over import carry_over
from tzgraph.release.files import is_full
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.manifest import Manifest
from tzgraph.release.options import BuildOptions, Progress
from tzgraph.release.origin import write_origin
from tzgraph.release.reader import Release
from tzgraph.release.stages import Stages
from tzgraph.release.updates import Updates, switching

if TYPE_CHECKING:
    from tzgraph.validate import Located, ShaclReport

__all__ = ["BuildOptions", "CheckedSources", "Progress", "build_release", "check_sources"]


def _silent(_progress: Progress) -> None:
    """Take no notice of progress."""


def build_release(
    directory: Path,
    options: BuildOptions | None = None,
    report: Callable[[Progress], None] = _silent,
    warn: Callable[[Finding], None] = lambda _finding: None,
) -> Release:
    """Build the graph and make it the current release of a folder.

    :param directory: the release folder; made if it is missing
    :param options: what to read; by default what ships with tzgraph
    :param report: is told when a stage begins and ends
    :param warn: takes the warnings of a build that succeeds
    :raises DataError: if the data does not conform; carries all findings
    :raises InputUnreadableError: if ontology, shapes or sources can't be read
    :raises BuildFailedError: if the disk is full or another build is running
    """
    layout = ReleaseLayout(directory)
    try:
        with layout.locked():
            _demand_updates(layout, options or BuildOptions())
            build = Stages(layout.start_work(), options or BuildOptions(), report)
            build.imports = layout.imports
            try:
                release = _publish(layout, build, warn)
                write_origin(layout.root, build.options)
                return release
            finally:
                build.close()
                shutil.rmtree(layout.work, ignore_errors=True)
    except (OSError, sqlite3.OperationalError) as error:
        raise _build_error(error, directory) from error


@dataclass(frozen=True)
class CheckedSources:
    """What checking sources found: all findings, those of shapes in detail, and a note.

    ``note`` says what was not looked at, if anything.
    """

    findings: tuple[Finding, ...]
    located: tuple[Located, ...] = ()
    shacl: ShaclReport | None = None
    note: str = ""

    @property
    def detailed(self) -> list[Finding | Located]:
        """All findings, those of shapes with the node, path and shape they are about."""
        by_shape = {located.finding for located in self.located}
        return [*(f for f in self.findings if f not in by_shape), *self.located]

    def without_warnings(self) -> CheckedSources:
        """Give the violations alone."""
        return replace(
            self,
            findings=tuple(f for f in self.findings if f.severity is Severity.VIOLATION),
            located=tuple(x for x in self.located if x.finding.severity is Severity.VIOLATION),
        )

    @property
    def exit_code(self) -> int:
        """0 if a build would succeed, 2 if a file can't be read, else 1."""
        bad = [f for f in self.findings if f.severity is Severity.VIOLATION]
        if not bad:
            return 0
        return 2 if any(f.unreadable for f in bad) else 1


def check_sources(
    work: Path, options: BuildOptions, report: Callable[[Progress], None] = _silent
) -> CheckedSources:
    """Read, reason and validate without publishing.

    :param work: an empty folder to work in
    :raises InputUnreadableError: if ontology, shapes or the folder of sources can't be read
    """
    build = Stages(work, options, report)
    try:
        build.run()
    except DataError as error:
        return CheckedSources(error.findings, tuple(build.located), build.shacl, error.note)
    finally:
        build.close()
    return CheckedSources(tuple(build.findings), tuple(build.located), build.shacl)


def _publish(layout: ReleaseLayout, build: Stages, warn: Callable[[Finding], None]) -> Release:
    build.run()
    with build.stage("release") as note:
        manifest = build.finish()
        previous = _previous(layout)
        target = layout.adopt(build.folder, manifest.id, intact=_intact)
        with switching(layout.root):
            if build.options.drop_updates:
                Updates(layout.root, manifest.id).drop()
            elif previous and (
                carried := carry_over(layout.root, previous, manifest.id, build.scratch)
            ):
                note.append(str(carried))
            layout.switch(manifest.id)
        if previous != manifest.id:  # built again: the one before it may still be in use
            layout.prune(manifest.id, previous)
        note.append(f"{manifest.id}, {manifest.triples:,} triples in the default view")
    for finding in build.findings:
        warn(finding)
    _log(layout.log, manifest.id, build.timings)
    state, lease = Updates(layout.root, manifest.id).lease()
    return Release(target, manifest, state, lease)


def _intact(folder: Path) -> bool:
    """Whether a release can be read and its files are as they were built."""
    try:
        release = Release(folder, Manifest.read(folder))
        return release.manifest.id == folder.name and not release.damage(whole=True)
    except InputUnreadableError:
        return False


def _previous(layout: ReleaseLayout) -> str | None:
    """Give the id of the current release; ``None`` if there is none, or nobody can tell."""
    try:
        return layout.current_id()
    except DamagedReleaseError:
        return None


def _demand_updates(layout: ReleaseLayout, options: BuildOptions) -> None:
    """Refuse to build if what updates changed could not be taken over, rather than lose it.

    :raises DamagedUpdatesError: if it is missing or damaged
    """
    if options.drop_updates:
        return
    previous = _previous(layout)
    if previous is not None:
        Updates(layout.root, previous).demand_whole()
    elif any(layout.updates.glob("*/current")):
        raise DamagedUpdatesError(f"{layout.root / 'current'} is damaged or missing.")


def _build_error(error: OSError | sqlite3.OperationalError, directory: Path) -> BuildFailedError:
    full = is_full(error)
    what = "The disk is full" if full else f"The system refused: {error}"
    return BuildFailedError(
        f"{what}, while building in {directory}. The previous release is untouched.",
        "Free space and build again." if full else "Mend that and build again.",
    )


def _log(path: Path, name: str, timings: list[Progress]) -> None:
    stages = " ".join(f"{p.stage}={p.seconds:.3f}s" for p in timings if p.seconds is not None)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with path.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(f"{now} {name} {stages}\n")
