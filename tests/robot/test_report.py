"""ROBOT's report on the ontology: no error, and a reason for all the rest.

Not among the tests of CI, as it needs Java and Maven: ``python3 tasks.py ontology``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest

from tests.maven import MavenMissingError, run_maven
from tzgraph.ontology_graph import load_ontology
from tzgraph.resources import shipped
from tzgraph.vocabulary import SKOS

HERE = Path(__file__).parent
#: What OBO's tools read as the definition of a term.
OBO_DEFINITION = ox.NamedNode("http://purl.obolibrary.org/obo/IAO_0000115")
pytestmark = pytest.mark.robot


class Found(NamedTuple):
    """A line of the report."""

    level: str
    rule: str
    subject: str


class Allowed(NamedTuple):
    """A line of ``allowed.tsv``: what is known, and why it stays."""

    rule: str
    subjects: str
    reason: str

    def covers(self, found: Found) -> bool:
        """Whether it is about what was found."""
        return found.rule == self.rule and bool(re.fullmatch(self.subjects, found.subject))


def triples() -> Iterator[ox.Triple]:
    """The ontology; definitions are given as OBO's, too, so that ROBOT reads and judges them."""
    for triple in load_ontology(shipped("ontology")):
        yield triple.triple
        if triple.predicate.value == SKOS + "definition":
            yield ox.Triple(triple.subject, OBO_DEFINITION, triple.object)


def allowed() -> list[Allowed]:
    """The lines of ``allowed.tsv``."""
    with (HERE / "allowed.tsv").open(encoding="utf-8", newline="") as file:
        return [Allowed(*row) for row in list(csv.reader(file, delimiter="\t"))[1:]]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    folder = tmp_path_factory.mktemp("robot")
    given, made = folder / "ontology.ttl", folder / "report.tsv"
    given.write_bytes(ox.serialize(triples(), format=ox.RdfFormat.TURTLE) or b"")
    arguments = f"report --input {given} --fail-on none --print 0 --output {made}"
    goals = (f"-Dout={folder}/target", "exec:java", f"-Dexec.args={arguments}")
    try:
        run_maven(HERE / "java" / "pom.xml", *goals)
    except MavenMissingError as error:
        pytest.skip(str(error))
    with made.open(encoding="utf-8", newline="") as file:
        return [Found(*row[:3]) for row in list(csv.reader(file, delimiter="\t"))[1:]]


def test_there_is_no_error(report: list[Found]) -> None:
    assert [found for found in report if found.level == "ERROR"] == []


def test_each_warning_has_a_reason(report: list[Found]) -> None:
    known = allowed()
    rest = [found for found in report if found.level != "ERROR"]
    assert [found for found in rest if not any(one.covers(found) for one in known)] == []


def test_each_reason_is_needed(report: list[Found]) -> None:
    assert [one for one in allowed() if not any(one.covers(found) for found in report)] == []
    assert all(len(one.reason.split()) > 5 for one in allowed())
