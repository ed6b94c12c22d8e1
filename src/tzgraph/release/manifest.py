"""What a release says of itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tzgraph.errors import InputUnreadableError

__all__ = ["MANIFEST_NAME", "Manifest"]

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """Versions, counts, names and checksums of a release.

    ``triples`` counts the default view, ``quads`` everything; ``graphs`` counts by named graph,
    ``classes`` the things of each class of the ontology in the default view; ``kinds`` gives for
    a class the base of its things' IRIs; ``sources`` describes each source; ``files`` gives the
    SHA-256 of each file. Nothing in it depends on when or where the release was built.
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

    @classmethod
    def named(cls, **said: Any) -> Manifest:
        """Give a manifest whose id follows from everything that it says.

        >>> Manifest.named(
        ...     version="1", ontology_version="", engine="", triples=0, quads=0, graphs={},
        ...     classes={}, prefixes={}, kinds={},
        ... ).id
        '9f08e485801fe916'
        """
        unnamed = cls(id="", **said)
        return replace(unnamed, id=hashlib.sha256(unnamed.text.encode()).hexdigest()[:16])

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

        :raises InputUnreadableError: if it is missing or damaged
        """
        path = folder / MANIFEST_NAME
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            data["sources"] = tuple(data["sources"])
            return cls(**data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputUnreadableError(
                f"The manifest {path} can't be read: {error!r}.", "Build the graph again."
            ) from error
