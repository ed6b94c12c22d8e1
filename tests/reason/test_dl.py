"""The OWL 2 DL reasoner, and what is said where it is missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import pyoxigraph as ox
import pytest

from tests.reason.graphs import accepted_graphs, parse
from tests.shipped import shipped_release
from tzgraph.errors import ReasonerUnavailableError
from tzgraph.reason.dl import DlReport, check_with_hermit
from tzgraph.release import BuildOptions, Progress, build_release
from tzgraph.resources import shipped
from tzgraph.vocabulary import GRAPH, ID, OWL, RDF, TZ, Graphs

_T = TypeVar("_T", bound=Callable[..., object])


def needs_java(test: _T) -> _T:
    """Mark a test, which is skipped where there is no Java."""
    skip = pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java")
    return cast(_T, pytest.mark.slow(pytest.mark.java(skip(test))))


_PLANTED = GRAPH + "source/planted"


def _checked(tmp_path: Path, turtle: str, graph: str = _PLANTED) -> DlReport:
    release = shipped_release()
    store = ox.Store()
    names = [Graphs.ONTOLOGY, *accepted_graphs(release)]
    shipped_store = release.store()
    for name in names:
        store.extend(shipped_store.quads_for_pattern(None, None, None, ox.NamedNode(name)))
    planted = ox.NamedNode(graph)
    store.extend(ox.Quad(t.subject, t.predicate, t.object, planted) for t in parse(turtle))
    return check_with_hermit(store, [*names[1:], _PLANTED], tmp_path)


@needs_java
def test_shipped_data_is_consistent(tmp_path: Path) -> None:
    stages: dict[str, str] = {}

    def told(progress: Progress) -> None:
        stages[progress.stage] = progress.detail

    build_release(tmp_path, BuildOptions(dl=True), told)
    assert stages["dl"].startswith("HermiT: consistent, 0 unsatisfiable classes, ")
    individuals = int(stages["dl"].split(", ")[2].split()[0].replace(",", ""))
    assert individuals > 150


@needs_java
@pytest.mark.parametrize(
    "turtle",
    [
        f"<{ID}drug/both> a tz:Drug , tz:Target .",
        # Only the DL reasoner sees these: a union that is a domain, a class that must be filled.
        f"<{ID}gene/lost> a tz:Gene . <{ID}target/x> tz:epitopeOf <{ID}gene/lost> .",
        f"<{ID}trial/neither> a tz:Trial ; tz:mediates <{ID}process/adcc> .",
    ],
)
def test_an_individual_in_two_disjoint_classes_is_reported(tmp_path: Path, turtle: str) -> None:
    report = _checked(tmp_path, turtle)
    assert report.summary == "HermiT: inconsistent"
    assert "inconsistent" in report.problems[0]


@needs_java
def test_a_class_that_can_have_no_member_is_reported(tmp_path: Path) -> None:
    turtle = "tz:Impossible a owl:Class ; rdfs:subClassOf tz:Drug , tz:Target ."
    report = _checked(tmp_path, turtle, Graphs.ONTOLOGY)
    assert report.problems == (f"HermiT finds that the class <{TZ}Impossible> can have no member.",)
    assert "1 unsatisfiable" in report.summary


@needs_java
def test_quoted_statements_and_dates_stay_out(tmp_path: Path) -> None:
    turtle = (
        f"<{ID}claim/c> a tz:Claim ; rdf:subject <{ID}drug/x> ; rdf:predicate tz:targets ;"
        f' rdf:object <{ID}target/y> ; tz:dataCutoff "2020-01-01"^^xsd:date .'
    )
    assert _checked(tmp_path, turtle).problems == ()
    written = (tmp_path / "dl.nt").read_text(encoding="utf-8")
    assert f"<{ID}claim/c> <{RDF}type> <{TZ}Claim> ." in written
    assert f"<{ID}claim/c> <{RDF}type> <{OWL}NamedIndividual> ." in written
    assert f"<{RDF}subject>" not in written
    assert "2020-01-01" not in written


def test_without_java_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReasonerUnavailableError, match="needs Java") as caught:
        check_with_hermit(ox.Store(), [], tmp_path)
    assert caught.value.exit_code == 2
    assert "without --dl" in caught.value.hint


def test_without_owlready2_the_message_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "owlready2", None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(ReasonerUnavailableError, match="owlready2") as caught:
        check_with_hermit(ox.Store(), [], tmp_path)
    assert "tzgraph[dl]" in caught.value.hint


def test_a_build_with_dl_fails_clearly_without_java(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    options = BuildOptions(sources=shipped("sources"), dl=True)
    with pytest.raises(ReasonerUnavailableError):
        build_release(tmp_path / "build", options)
    assert not (tmp_path / "build" / "current").exists()
