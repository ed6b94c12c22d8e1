"""Whether the files of a release are those that were built.

The manifest gives size and SHA-256 of the files that are the same in each build of the same
sources. Those of a store are not (the engine puts times and random names into them), so a store
has a seal, the file ``files.json`` in its folder, that lists its own and has a hash of the list.

Checking in whole reads everything. Checking in short, as each command does, compares all sizes and
reads the store that is asked, up to 32 MB of it, smallest files first: with a wrong bit in one the
engine can take all memory instead of telling, although it has checksums of its own. Files beside
the store are compared by whoever reads them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from tzgraph.errors import DamagedReleaseError, Finding, InputUnreadableError, Severity
from tzgraph.release.canonical import sha256
from tzgraph.release.files import sync

if TYPE_CHECKING:
    from tzgraph.release.manifest import Manifest

__all__ = ["SEAL", "Expected", "damage_of", "demand_whole", "seal"]

#: The file in the folder of a store that lists the others.
SEAL = "files.json"
#: Bytes of a store that are read in short if it is asked, and if it is not.
_ASKED = 32_000_000
_BESIDE = 500_000
#: Files of the engine that say nothing of the data, and may change when it is opened.
_PASSING = ("LOCK", "LOG")
#: Files read at the same time.
_AT_ONCE = min(4, os.cpu_count() or 1)
_SHOWN = 3
_UNREADABLE = "unreadable"
_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file has to be: its size in bytes, and its SHA-256 in hexadecimal."""

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Expected:
        """Give what a file is now."""
        return cls(path.stat().st_size, sha256(path))


def seal(store: Path, like: Path | None = None) -> None:
    """List the files of a store that nobody changes, and bring them to the disk.

    :param store: folder of the store
    :param like: folder of a sealed store; files that both share (hard links) are not read again
    """
    known = _listed(like) if like is not None else {}
    files: dict[str, Expected] = {}
    for path in sorted(store.iterdir()):
        if path.name.startswith(_PASSING) or path.name == SEAL:
            continue
        same = known.get(path.name)
        if same is not None and like is not None and path.samefile(like / path.name):
            files[path.name] = same
        else:
            files[path.name] = Expected.of(path)
            if path.stat().st_nlink == 1:  # the engine has synced what it shares with its store
                sync(path)
    (store / SEAL).write_text(_as_text(files), encoding="utf-8", newline="\n")
    sync(store / SEAL)
    sync(store)


def damage_of(
    folder: Path, manifest: Manifest | None, store: Path, *, whole: bool, asked: bool = True
) -> list[Finding]:
    """Say what is not as it was built.

    :param folder: of the release
    :param manifest: of the release, ``None`` to look at the store alone
    :param store: folder of the store: that of the release, or of a state
    :param whole: read everything
    :param asked: whether the store is about to be read, and not one that updates made of it
    """
    found: list[Finding] = []
    if manifest is not None:
        beside = {
            folder / name: Expected(manifest.sizes.get(name, _UNKNOWN), digest)
            for name, digest in manifest.files.items()
        }
        found += _compare(beside, None if whole else 0)
    try:
        files = {store / name: expected for name, expected in _listed(store).items()}
    except (OSError, ValueError) as error:
        unread = _differs(store / SEAL, Expected(_UNKNOWN, ""), read=False)
        return [*found, unread or _finding(store / SEAL, str(error))]
    return found + _compare(files, None if whole else _ASKED if asked else _BESIDE)


def demand_whole(what: str, damage: Sequence[Finding]) -> None:
    """Refuse what is damaged.

    :param what: what it is, for people
    :param damage: what is wrong with it
    :raises DamagedReleaseError: which names what is damaged, the first few of it
    :raises InputUnreadableError: if the system does not let it be read
    """
    if not damage:
        return
    told = "; ".join(f"{finding.file} {finding.message}" for finding in damage[:_SHOWN])
    more = f"; and {len(damage) - _SHOWN} more" if len(damage) > _SHOWN else ""
    if all(finding.code == _UNREADABLE for finding in damage):
        raise InputUnreadableError(
            f"{what} can't be read: {told}{more}.", "Let the user who runs tzgraph read it."
        )
    raise DamagedReleaseError(f"{what} is damaged: {told}{more}.")


def _compare(files: Mapping[Path, Expected], limit: int | None) -> list[Finding]:
    """Compare files, of which so many bytes are read, or all."""
    order = sorted(files.items(), key=lambda item: item[1].size)
    ends = accumulate(expected.size for _, expected in order)
    checks = [(*item, limit is None or end <= limit) for item, end in zip(order, ends, strict=True)]
    if limit is None:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(lambda check: _differs(*check), checks))
    else:
        found = [_differs(*check) for check in checks]
    return sorted((each for each in found if each is not None), key=lambda each: each.file)


def _differs(path: Path, expected: Expected, read: bool) -> Finding | None:
    """Say in which way a file is not what it has to be."""
    try:
        size = path.stat().st_size
        if expected.size not in (size, _UNKNOWN):
            return _finding(path, f"has {size:,} bytes, not {expected.size:,}")
        with path.open("rb"):  # whether it may be read
            pass
        if read and sha256(path) != expected.sha256:
            return _finding(path, "is not the one that was built: its SHA-256 differs")
    except FileNotFoundError:
        return _finding(path, "is missing")
    except OSError as error:
        return _finding(path, f"can't be read: {error.strerror}", _UNREADABLE)
    return None


def _finding(path: Path, message: str, code: str = "damaged") -> Finding:
    return Finding(Severity.VIOLATION, code, message, file=str(path), unreadable=True)


def _listed(store: Path) -> dict[str, Expected]:
    """Read the seal of a store.

    :raises ValueError: if it is damaged
    """
    data = (store / SEAL).read_bytes()
    try:
        said = json.loads(data)["files"]
        files = {name: Expected(**expected) for name, expected in said.items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        files = {}
    if not files or _as_text(files).encode() != data or any("/" in name for name in files):
        raise ValueError("is not the one that was written")
    return files


def _as_text(files: Mapping[str, Expected]) -> str:
    lines = (f"{json.dumps(name)}: {json.dumps(asdict(files[name]))}" for name in sorted(files))
    listed = "{\n" + ",\n".join(lines) + "\n}"
    digest = hashlib.sha256(listed.encode()).hexdigest()
    return f'{{"sha256": "{digest}",\n"files": {listed}}}\n'
