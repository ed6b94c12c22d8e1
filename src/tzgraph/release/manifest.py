"""What a release says of itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tzgraph.curies import Curies
from tzgraph.errors import DamagedReleaseError, InputUnreadableError, ReleaseFormatError

__all__ = ["FORMAT", "MANIFEST_NAME", "Manifest"]

MANIFEST_NAME = "manifest.json"
#: Which files a release has and what is in them: to be raised with each change that a tzgraph of
#: before, or this one with a release of before, could not read rightly.
FORMAT = 2


@dataclass(frozen=True)
class Manifest:
    """Versions, counts, names and checksums of a release.

    ``triples`` counts the default view, ``quads`` everything; ``graphs`` counts by named graph,
    ``classes`` the things of each class of the ontology in the default view; ``kinds`` gives for
    a class the base of its things' IRIs; ``sources`` describes each source; ``files`` gives the
    SHA-256 and ``sizes`` the bytes of each file beside the store, which lists its own files
    (:mod:`tzgraph.release.integrity`); ``format`` tells which files there are. Nothing in it
    depends on when or where the release was built.
    """

    id: str
    version: str
    ontology_version: str
    engine: str
    triples: int
    quads: int
    graphs: Mapping[str, int]
    classes: Mapping[str, int]
    prefixes: Mapping[str, str]
    kinds: Mapping[str, str]
    sources: tuple[Mapping[str, str], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    format: int = FORMAT

    @classmethod
    def named(cls, **said: Any) -> Manifest:
        """Give a manifest whose id follows from everything that it says.

        >>> Manifest.named(
        ...     version="1", ontology_version="", engine="", triples=0, quads=0, graphs={},
        ...     classes={}, prefixes={}, kinds={},
        ... ).id
        '5fa72dc5bedb864c'
        """
        unnamed = cls(id="", **said)
        return replace(unnamed, id=hashlib.sha256(unnamed.text.encode()).hexdigest()[:16])

    @cached_property
    def curies(self) -> Curies:
        """What reads and writes CURIEs with the prefixes of the release."""
        return Curies(self.prefixes)

    @property
    def text(self) -> str:
        """The manifest as JSON, keys sorted."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, sort_keys=True) + "\n"

    def write(self, folder: Path) -> None:
        """Write the manifest into a release folder."""
        (folder / MANIFEST_NAME).write_text(self.text, encoding="utf-8", newline="\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a release folder.

        :raises InputUnreadableError: if it can't be read
        :raises DamagedReleaseError: if it is missing or damaged
        :raises ReleaseFormatError: if an older or newer tzgraph made the release
        """
        path = folder / MANIFEST_NAME
        data = _bytes(path)
        said = _said(data)
        whole = _is_whole(said, data)
        made_by, number = said.get("version"), said.get("format", 0)
        if isinstance(made_by, str) and isinstance(number, int) and number != FORMAT:
            age, hint = ("an older", "Build the graph again.")
            if number > FORMAT:
                age, hint = ("a newer", "Upgrade tzgraph, or build the graph again.")
            raise ReleaseFormatError(
                f"The release in {folder} was made by {age} tzgraph ({made_by}, format {number}; "
                f"this one reads format {FORMAT})"
                + ("." if whole else f", or its {MANIFEST_NAME} is damaged."),
                hint,
            )
        if not whole:
            raise DamagedReleaseError(f"The manifest {path} is damaged: its hash is not the id.")
        try:
            return cls(**{**said, "sources": tuple(said["sources"])})
        except (KeyError, TypeError) as error:
            raise ReleaseFormatError(
                f"The manifest {path} was made by another tzgraph ({made_by}).",
                "Build the graph again.",
            ) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DamagedReleaseError(f"The release is damaged: {path} is missing.") from error
    except OSError as error:
        raise InputUnreadableError(
            f"The manifest {path} can't be read: {error.strerror}.",
            "Let the user who runs tzgraph read it.",
        ) from error


def _said(data: bytes) -> dict[str, Any]:
    """Give what a manifest says, nothing if it is no manifest."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _is_whole(said: Mapping[str, Any], data: bytes) -> bool:
    """Say whether the id of a manifest is the hash of its text without an id, in any format."""
    name = str(said.get("id", ""))
    unnamed = data.replace(f'\n  "id": {json.dumps(name)},\n'.encode(), b'\n  "id": "",\n', 1)
    return bool(name) and hashlib.sha256(unnamed).hexdigest()[:16] == name
