"""What is asserted and what is only quoted: roles of sources, evidence, claims."""

import pyoxigraph as ox
import pytest

from tests.read.tables import DECIMAL, TYPE, Workshop, gear, source, tz, widget
from tzgraph.release import build_release
from tzgraph.vocabulary import ID, RDF, TZ, Graphs

_EVIDENCE = "tz:Evidence\trdf:subject\trdf:predicate\trdf:object\ttz:direction\tsource"


def evidence(workshop: Workshop, *rows: str) -> None:
    workshop.widgets(["rdfs:label"], ["w", "Widget w"])
    workshop.table("evidence.tsv", _EVIDENCE, *rows)


@pytest.mark.parametrize(
    ("slug", "asserted"),
    [("desk", True), ("report", True), ("register", True), ("hearsay", False)],
)
def test_the_role_of_its_source_decides_whether_a_row_is_asserted(
    workshop: Workshop, slug: str, asserted: bool
) -> None:
    workshop.widgets(["tz:drives"], ["w", "g1"], sourced=slug)
    read = workshop.read()
    assert read.holds(widget("w"), tz("drives"), gear("g1"), graph=source(slug))
    assert read.holds(widget("w"), tz("drives"), gear("g1")) is asserted


@pytest.mark.parametrize(
    ("direction", "slug", "asserted"),
    [
        ("Supports", "report", True),
        ("Supports", "hearsay", False),
        ("Refutes", "report", False),
        ("", "report", False),
    ],
)
def test_supporting_evidence_of_an_accepted_source_asserts_its_statement(
    workshop: Workshop, direction: str, slug: str, asserted: bool
) -> None:
    evidence(workshop, f"e\tw\ttz:drives\tg1\t{direction}\t{slug}")
    read = workshop.read()
    assert read.places == []
    statement = (widget("w"), tz("drives"), gear("g1"))
    assert read.holds(*statement) is asserted
    assert read.holds(*statement, graph=source(slug)) is asserted
    expected = [("evidence.tsv", 2, 4, slug)] if asserted else []
    assert read.cells(widget("w"), TZ + "drives", gear("g1")) == expected
    node = ox.NamedNode(ID + "evidence/e")
    assert read.objects(node, RDF + "object", source(slug)) == [str(gear("g1"))]


def test_the_object_of_evidence_is_read_as_its_predicate_says(workshop: Workshop) -> None:
    evidence(
        workshop, "e\tw\ttz:weight\t12.5\tSupports\treport", "f\tw\tcode\tg1\tSupports\treport"
    )
    read = workshop.read()
    assert read.holds(widget("w"), tz("weight"), ox.Literal("12.5", datatype=DECIMAL))
    assert read.objects(widget("w"), TZ + "code") == ['"g1"']


def test_the_columns_of_evidence_may_stand_in_any_order(workshop: Workshop) -> None:
    workshop.widgets(["rdfs:label"], ["w", "Widget w"])
    workshop.table(
        "evidence.tsv",
        "tz:Evidence\trdf:object\ttz:direction\trdf:predicate\trdf:subject\tsource",
        "e\t12.5\tSupports\ttz:weight\tw\treport",
    )
    read = workshop.read()
    assert read.holds(widget("w"), tz("weight"), ox.Literal("12.5", datatype=DECIMAL))


def test_claims_never_assert_whatever_their_source(workshop: Workshop) -> None:
    workshop.widgets(["rdfs:label"], ["w", "Widget w"])
    workshop.table(
        "claims.tsv",
        "tz:Claim\trdf:subject\trdf:predicate\trdf:object\tsource",
        "c\tw\ttz:drives\tg1\tdesk",
    )
    assert not workshop.read().holds(widget("w"), tz("drives"), gear("g1"))


def test_a_build_shows_claims_but_neither_asserts_nor_reasons_from_what_is_quoted(
    workshop: Workshop,
) -> None:
    workshop.widgets(["tz:drives", "tz:weight"], ["w", "g1", "7"], sourced="hearsay")
    workshop.table(
        "claims.tsv",
        "tz:Claim\trdf:subject\trdf:predicate\trdf:object\tsource",
        "c\tw\ttz:drives\tg2\thearsay",
    )
    store = build_release(workshop.root / "build", workshop.options).store()
    default = ox.DefaultGraph()
    claim = ox.NamedNode(ID + "claim/c")
    assert ox.Quad(claim, ox.NamedNode(RDF + "object"), gear("g2"), default) in store
    assert ox.Quad(claim, ox.NamedNode(TYPE), tz("Claim"), default) in store
    assert list(store.quads_for_pattern(widget("w"), None, None, default)) == []
    assert ox.Quad(widget("w"), tz("drives"), gear("g1"), source("hearsay")) in store
    assert not [
        quad
        for graph in (default, ox.NamedNode(Graphs.INFERRED))
        for quad in store.quads_for_pattern(None, ox.NamedNode(TYPE), tz("HeavyPart"), graph)
    ]


def test_the_same_statements_of_an_accepted_source_are_reasoned_from(workshop: Workshop) -> None:
    workshop.widgets(["tz:drives", "tz:touches"], ["w", "g1", ""], ["v", "", "w"], sourced="report")
    store = build_release(workshop.root / "build", workshop.options).store()
    inferred = ox.NamedNode(Graphs.INFERRED)
    assert ox.Quad(widget("w"), ox.NamedNode(TYPE), tz("HeavyPart"), inferred) in store
    assert ox.Quad(widget("v"), tz("drives"), gear("g1"), inferred) in store
    assert ox.Quad(widget("v"), tz("drives"), gear("g1")) in store
