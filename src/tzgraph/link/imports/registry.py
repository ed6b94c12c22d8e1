"""Imported modules as files of a release folder, from where builds take them.

::

    build/imports/<name>.nq   one module: sorted N-Quads of its graph and of graph metadata
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import DataError, Finding, Severity, UnsafeDataError, UsageError
from tzgraph.output import Output
from tzgraph.parsing import open_regular, parse_rdf
from tzgraph.vocabulary import DCTERMS, OWL, RDF, RDFS, SKOS, Graphs

__all__ = [
    "Changes",
    "Imported",
    "changes",
    "check_name",
    "imported",
    "load_imports",
    "write_import",
]

SUFFIX = ".nq"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_PARENTS = (RDFS + "subClassOf", SKOS + "broader")
_DEFAULT = ox.DefaultGraph()


@dataclass
class _Described:
    """What changes are told of, of one term."""

    label: str = ""
    parents: set[str] = field(default_factory=set)
    deprecated: bool = False


@dataclass(frozen=True)
class Imported:
    """A module in a release folder: its name, what it says of its ontology, and its size."""

    name: str
    title: str = ""
    version: str = ""
    date: str = ""
    licence: str = ""
    source: str = ""
    terms: int = 0


@dataclass(frozen=True)
class Changes:
    """What differs between two versions of a module; pairs are (term, what, or what → what)."""

    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    obsolete: tuple[tuple[str, str], ...] = ()
    relabelled: tuple[tuple[str, str], ...] = ()
    moved: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return any((self.added, self.removed, self.obsolete, self.relabelled, self.moved))


def check_name(name: str) -> str:
    """Give a name of a module back if it can be one.

    :raises UsageError: if it can't
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"“{name}” can't be the name of an import.",
            "Use small letters, digits, hyphens and dots, such as mondo.",
        )
    return name


def files(folder: Path) -> dict[str, Path]:
    """Give the files of modules by name, in order."""
    found = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    return {p.name.removesuffix(SUFFIX): p for p in found if not p.name.startswith(".")}


def write_import(folder: Path, name: str, lines: Iterable[str], source: Path | None = None) -> None:
    """Write a module in one step: a crash leaves the old file or the new one, whole.

    :param source: the ontology that it is from
    :raises UsageError: if the ontology is read from the file that would be written
    :raises OutputUnwritableError: if writing fails
    """
    folder.mkdir(parents=True, exist_ok=True)
    output = Output(str(folder / f"{name}{SUFFIX}"), [source] if source else [])
    output.write("".join(f"{line}\n" for line in lines))


def load_imports(store: ox.Store, folder: Path) -> int:
    """Add the modules of a release folder to a store: to graphs of their own and to the view.

    :return: number of modules
    :raises DataError: if a file of them is damaged
    """
    found = files(folder)
    quads: list[ox.Quad] = []
    for name, path in found.items():
        for quad in _read(name, path):
            quads.append(quad)
            if quad.graph_name != ox.NamedNode(Graphs.METADATA):
                quads.append(ox.Quad(quad.subject, quad.predicate, quad.object, _DEFAULT))
    if quads:
        store.bulk_extend(quads)
    return len(found)


def _read(name: str, path: Path) -> list[ox.Quad]:
    own, metadata = ox.NamedNode(Graphs.IMPORT + name), ox.NamedNode(Graphs.METADATA)
    hint = "Import the ontology again, or take the import away with --remove."
    try:
        quads = list(parse_rdf(lambda: open_regular(path), ox.RdfFormat.N_QUADS))
    except (SyntaxError, ValueError, OSError, UnsafeDataError) as error:
        row = getattr(error, "lineno", None) or getattr(error, "line", None)
        message = f"The import can't be read: {error}."
        raise DataError([_finding(path, "unreadable-file", message, hint, row)]) from error
    for row, quad in enumerate(quads, 1):
        about = quad.graph_name == metadata and quad.subject == own
        if quad.graph_name != own and not about:
            message = f"The import holds a statement of another graph, {quad.graph_name}."
            raise DataError([_finding(path, "foreign-graph", message, hint, row)])
    return quads


def _finding(path: Path, code: str, message: str, hint: str, row: int | None) -> Finding:
    return Finding(Severity.VIOLATION, code, message, hint, path.name, row, unreadable=True)


def imported(folder: Path) -> list[Imported]:
    """List the modules of a release folder.

    :raises DataError: if a file of them is damaged
    """
    return [_about(name, _read(name, path)) for name, path in files(folder).items()]


def _about(name: str, quads: Iterable[ox.Quad]) -> Imported:
    own = ox.NamedNode(Graphs.IMPORT + name)
    said: dict[str, str] = {}
    terms = set()
    for quad in quads:
        if quad.subject == own and isinstance(quad.object, ox.NamedNode | ox.Literal):
            said[quad.predicate.value] = quad.object.value
        elif _is_term(quad):
            terms.add(str(quad.subject))
    return Imported(
        name,
        said.get(DCTERMS + "title", ""),
        said.get(OWL + "versionInfo", ""),
        said.get(DCTERMS + "issued", ""),
        said.get(DCTERMS + "license", ""),
        said.get(DCTERMS + "source", ""),
        len(terms),
    )


def _is_term(quad: ox.Quad) -> bool:
    return (
        isinstance(quad.subject, ox.NamedNode)
        and quad.predicate.value == RDF + "type"
        and quad.object in (ox.NamedNode(OWL + "Class"), ox.NamedNode(OWL + "NamedIndividual"))
    )


def changes(folder: Path, name: str, lines: Iterable[str]) -> Changes | None:
    """Compare a module with the one of its name that is there.

    :param lines: the new one, as N-Quads
    :return: ``None`` if there is none yet
    """
    path = files(folder).get(name)
    if path is None:
        return None
    text = "".join(f"{line}\n" for line in lines)
    new = _described(ox.parse(text, format=ox.RdfFormat.N_QUADS))
    old = _described(_read(name, path))
    both = sorted(old.keys() & new.keys())
    return Changes(
        added=_listed(new, new.keys() - old.keys()),
        removed=_listed(old, old.keys() - new.keys()),
        obsolete=_listed(new, (i for i in both if new[i].deprecated and not old[i].deprecated)),
        relabelled=tuple(
            (i, f"“{old[i].label}” → “{new[i].label}”")
            for i in both
            if old[i].label != new[i].label
        ),
        moved=tuple(
            (i, f"{_names(old, old[i].parents)} → {_names(new, new[i].parents)}")
            for i in both
            if old[i].parents != new[i].parents
        ),
    )


def _described(quads: Iterable[ox.Quad]) -> dict[str, _Described]:
    found: dict[str, _Described] = {}
    held = list(quads)
    for quad in held:
        if _is_term(quad) and isinstance(quad.subject, ox.NamedNode):
            found[quad.subject.value] = _Described()
    for quad in held:
        term = found.get(quad.subject.value) if isinstance(quad.subject, ox.NamedNode) else None
        if term is None:
            continue
        if quad.predicate.value == RDFS + "label" and isinstance(quad.object, ox.Literal):
            term.label = quad.object.value
        elif quad.predicate.value in _PARENTS and isinstance(quad.object, ox.NamedNode):
            term.parents.add(quad.object.value)
        elif quad.predicate.value == OWL + "deprecated":
            term.deprecated = True
    return found


def _listed(terms: Mapping[str, _Described], iris: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((iri, terms[iri].label) for iri in sorted(iris))


def _names(terms: Mapping[str, _Described], iris: Iterable[str]) -> str:
    shown = sorted(terms[iri].label or iri if iri in terms else iri for iri in iris)
    return ", ".join(shown) or "no parent"
