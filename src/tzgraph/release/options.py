"""What a build is told, and what it tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tzgraph.resources import shipped

__all__ = ["BuildOptions", "Progress"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A stage of a build: begun (``seconds`` is ``None``) or done, with what it counted."""

    stage: str
    seconds: float | None = None
    detail: str = ""


@dataclass(frozen=True)
class BuildOptions:
    """What a build reads, and whether the DL reasoner is run too."""

    sources: Path = field(default_factory=lambda: shipped("sources"))
    ontology: Path = field(default_factory=lambda: shipped("ontology"))
    shapes: Path = field(default_factory=lambda: shipped("shapes"))
    dl: bool = False
    #: Further folders of sources, such as the claims of a document.
    more: tuple[Path, ...] = ()
    #: Whether what updates changed in the current release is left behind.
    drop_updates: bool = False
    #: What checks the shapes: ``sparql`` or ``pyshacl``.
    engine: str = "sparql"
    #: Mapping sets of others, which get a graph each and are not stated.
    mappings: tuple[Path, ...] = ()
    #: Further modules of the ontology, which say nothing of what tables hold.
    modules: tuple[Path, ...] = ()
    #: Files with views of pages, beside those of the ontology's folder.
    views: tuple[Path, ...] = ()
