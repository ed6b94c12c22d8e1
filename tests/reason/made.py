"""A small graph: the shipped molecules, and variants, drugs and mechanisms that tests make up."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import DataError, Finding, Severity
from tzgraph.release.options import BuildOptions
from tzgraph.release.stages import Stages
from tzgraph.resources import shipped
from tzgraph.vocabulary import ID, TZ

__all__ = ["Made", "made"]

#: The tables that the rules on sites look at, and those that they name.
_TABLES = (
    *("agents", "sources", "publications", "genes", "targets", "sequences", "domains"),
    *("epitopes", "ranges", "drugs", "drugclasses", "pathways", "processes"),
)


@dataclass
class Made:
    """What was built from the rows: the graph, and what was found."""

    store: ox.Store | None
    findings: list[Finding] = field(default_factory=list)

    def pairs(self, predicate: str, kind: str = "") -> set[tuple[str, str]]:
        """Subjects and objects of a property, without namespaces and kinds of things."""
        assert self.store is not None, [str(f) for f in self.findings]
        found = self.store.quads_for_pattern(
            None, ox.NamedNode(TZ + predicate), None, ox.DefaultGraph()
        )
        pairs = ((_iri(q.subject), _iri(q.object)) for q in found)
        return {(s.split("/")[-1], o.split("/")[-1]) for s, o in pairs if kind in s}

    def objects(self, subject: str, predicate: str) -> set[str]:
        """The objects of a property of a thing."""
        return {o for s, o in self.pairs(predicate) if s == subject}

    def subjects(self, predicate: str, obj: str) -> set[str]:
        """The subjects that have an object."""
        return {s for s, o in self.pairs(predicate) if o == obj}

    def said(self, row: str, severity: Severity) -> str:
        """What the findings say of a thing."""
        return " ".join(
            f.message for f in self.findings if row in f.message and f.severity is severity
        )


def _iri(term: object) -> str:
    return str(term.value).removeprefix(ID).removeprefix(TZ) if hasattr(term, "value") else ""


def made(folder: Path, tables: dict[str, str], *, variants: bool = False) -> Made:
    """Build the shipped molecules with made-up rows.

    :param folder: an empty folder
    :param tables: tables by name, columns apart by ``|`` in place of tabs, several values by ``&``
    :param variants: whether the shipped variants are there, too
    """
    sources = folder / "sources"
    sources.mkdir(parents=True)
    for name in (*_TABLES, *(["variants"] if variants else [])):
        shutil.copy(shipped("sources") / f"{name}.tsv", sources)
    for name, text in tables.items():
        rows = [
            "\t".join(cell.strip().replace("&", "|") for cell in line.split("|"))
            for line in text.strip().splitlines()
        ]
        (sources / f"made-{name}.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    stages = Stages(folder / "work", BuildOptions(sources=sources), lambda _progress: None)
    try:
        stages.run()
    except DataError as error:
        return Made(None, list(error.findings))
    return Made(stages.store, list(stages.findings))
