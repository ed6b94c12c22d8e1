"""Check ontology and accepted individuals with HermiT, the OWL 2 DL reasoner, through owlready2."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import ReasonerUnavailableError
from tzgraph.vocabulary import OWL, RDF, XSD, Graphs

__all__ = ["DlReport", "check_with_hermit", "require_hermit"]

#: Datatypes of the OWL 2 datatype map that occur; HermiT stops at others (xsd:date, xsd:gYear).
_DATATYPES = frozenset(
    XSD + name
    for name in ("string", "boolean", "integer", "decimal", "double", "float", "dateTime", "anyURI")
) | {RDF + "langString"}


@dataclass(frozen=True)
class DlReport:
    """What the DL reasoner found."""

    problems: tuple[str, ...]
    summary: str


def check_with_hermit(store: ox.Store, accepted: Iterable[str], scratch: Path) -> DlReport:
    """Ask HermiT whether ontology and individuals are consistent and each class can have members.

    What OWL 2 DL has no place for stays out: reified statements (``rdf:subject`` and its kin)
    and literals of datatypes that are not in the OWL 2 datatype map.

    :param store: holds graph ``ontology`` and the graphs of the sources
    :param accepted: names of the graphs of accepted sources
    :param scratch: folder for the reasoner's input
    :raises ReasonerUnavailableError: if owlready2 or Java is missing
    """
    require_hermit()
    import owlready2

    path = scratch / "dl.nt"
    named = _write_input(store, [Graphs.ONTOLOGY, *accepted], path)
    world = owlready2.World()
    ontology = world.get_ontology(path.resolve().as_uri()).load()
    try:
        with ontology:
            owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return DlReport(
            ("HermiT finds ontology and individuals inconsistent.",), "HermiT: inconsistent"
        )
    empty = sorted(c.iri for c in world.inconsistent_classes() if c.iri != OWL + "Nothing")
    problems = tuple(f"HermiT finds that the class <{iri}> can have no member." for iri in empty)
    summary = f"HermiT: consistent, {len(empty)} unsatisfiable classes, {named:,} individuals"
    return DlReport(problems, summary)


def require_hermit() -> None:
    """Make sure that HermiT can run.

    :raises ReasonerUnavailableError: if owlready2 or Java is missing
    """
    if shutil.which("java") is None:
        raise ReasonerUnavailableError(
            "HermiT needs Java, and there is no `java` on the path.",
            "Install a Java runtime, such as Debian's default-jre-headless, or build without --dl.",
        )
    try:
        import owlready2  # noqa: F401 (only whether it is there)
    except ImportError as error:
        raise ReasonerUnavailableError(
            "HermiT is run through owlready2, which is not installed.",
            "Install it with `pip install 'tzgraph[dl]'`, or build without --dl.",
        ) from error


def _write_input(store: ox.Store, graphs: Iterable[str], path: Path) -> int:
    """Write the reasoner's input as N-Triples; give the number of individuals."""
    individuals: set[str] = set()
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for name in graphs:
            in_ontology = name == Graphs.ONTOLOGY
            for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(name)):
                if not _has_place(quad, in_ontology=in_ontology):
                    continue
                out.write(f"{quad.triple} .\n")
                if not in_ontology and quad.predicate.value == RDF + "type":
                    individuals.add(str(quad.subject))
        # owlready2 takes only declared individuals for individuals.
        for subject in sorted(individuals):
            out.write(f"{subject} <{RDF}type> <{OWL}NamedIndividual> .\n")
    return len(individuals)


def _has_place(quad: ox.Quad, *, in_ontology: bool) -> bool:
    if in_ontology:
        return True
    predicate = quad.predicate.value
    if predicate.startswith(RDF) and predicate != RDF + "type":
        return False
    return not isinstance(quad.object, ox.Literal) or quad.object.datatype.value in _DATATYPES
