"""Copy a release folder while it is served and updated.

A state is held while it is copied, so that updates do not remove it; a release stays through one
build. The copy is made aside, read in full, and put in place in one step: it is whole or not there.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tzgraph.errors import UsageError
from tzgraph.release.files import sync, sync_tree, write_pointer
from tzgraph.release.layout import ReleaseLayout
from tzgraph.release.origin import ORIGIN
from tzgraph.release.reader import open_release
from tzgraph.release.updates import Updates, switching

__all__ = ["Backup", "back_up"]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    :ivar release: id of the release in it
    :ivar state: name of the state that updates made of it, empty if there were none
    :ivar bytes: how large it is
    """

    release: str
    state: str
    bytes: int


def back_up(directory: Path, target: Path) -> Backup:
    """Copy the current release of a folder, with what updates and imports made of it.

    :param directory: the release folder
    :param target: a folder that is not there yet; it can take the place of the release folder
    :raises UsageError: if the target is there, or can't be written
    :raises NoReleaseError: if there is no release
    :raises DamagedReleaseError: if it is damaged; there is no copy then
    """
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target} is there already.", "Name a folder that is not there yet.")
    # What is current is asked while nothing can become it; copying goes on without the lock.
    if ReleaseLayout(directory).current_id() is None:
        open_release(directory)  # says so
    with switching(directory):
        release = open_release(directory)
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _refused(target, error) from error
    try:
        made, copy = ReleaseLayout(aside), aside
        _copy(release.path, made.releases / release.manifest.id)
        if release.state:
            updates = Updates(copy, release.manifest.id)
            _copy(release.store_path, updates.state(release.state))
            write_pointer(updates.folder / "current", release.state)
        for name in (ReleaseLayout(directory).imports, directory / ORIGIN):
            if name.is_dir():
                _copy(name, aside / name.name)
            elif name.exists():
                shutil.copyfile(name, aside / name.name)
        write_pointer(aside / "current", release.manifest.id)
        copied = open_release(aside)
        copied.demand_whole(whole=True)
        copied.close()
        aside.chmod(directory.stat().st_mode & 0o777)
        sync_tree(aside)
        aside.rename(target)
        sync(target.parent)
    except (OSError, shutil.Error) as error:
        raise _refused(target, error) from error
    finally:
        release.close()
        with contextlib.suppress(OSError):
            if aside.exists():
                shutil.rmtree(aside)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    return Backup(release.manifest.id, release.state, size)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target, copy_function=shutil.copyfile)


def _refused(target: Path, error: OSError) -> UsageError:
    return UsageError(
        f"The backup {target} can't be made: {error.strerror or error}.",
        "Mend that, and try again.",
    )
