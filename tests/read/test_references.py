"""What a cell under a property between things names, and where the statement came from."""

import pyoxigraph as ox
import pytest

from tests.read.tables import LABEL, TYPE, Reading, Workshop, gear, source, tz, widget
from tzgraph.vocabulary import ID, TZ, Graphs


@pytest.mark.parametrize(
    "cell",
    ["g1", "tzgear:g1", f"<{ID}gear/g1>", f"{ID}gear/g1", "Small gear", " g1 "],
    ids=["local id", "CURIE", "IRI in brackets", "address", "label", "blanks around"],
)
def test_a_thing_is_named_in_many_ways(workshop: Workshop, cell: str) -> None:
    workshop.widgets(["tz:drives"], ["w", cell])
    assert workshop.read().objects(widget("w"), TZ + "drives") == [str(gear("g1"))]


@pytest.mark.parametrize("column", ["tz:drives", "drives"])
def test_a_column_is_headed_by_curie_or_label(workshop: Workshop, column: str) -> None:
    workshop.widgets([column], ["w", "g1|g2"])
    assert workshop.read().objects(widget("w"), TZ + "drives") == [str(gear("g1")), str(gear("g2"))]


@pytest.mark.parametrize("cell", ["Red", "tz:Red", f"<{TZ}Red>", "bright red"])
def test_controlled_terms_are_named_by_local_name_curie_or_label(
    workshop: Workshop, cell: str
) -> None:
    workshop.widgets(["tz:colour"], ["w", cell])
    assert workshop.read().objects(widget("w"), TZ + "colour") == [str(tz("Red"))]


def test_a_thing_described_further_down_is_known(workshop: Workshop) -> None:
    workshop.widgets(["tz:touches"], ["first", "last"], ["last", "first"])
    assert workshop.read().objects(widget("first"), TZ + "touches") == [str(widget("last"))]


def test_a_prefixed_column_from_another_vocabulary_takes_foreign_iris(workshop: Workshop) -> None:
    workshop.widgets(["ex:maker"], ["w", "ex:acme"])
    found = workshop.read().objects(widget("w"), "https://example.org/maker")
    assert found == ["<https://example.org/acme>"]


def test_an_annotation_column_may_hold_addresses(workshop: Workshop) -> None:
    workshop.widgets(["tz:page"], ["w", "https://example.org/a?b=c#d|ex:page"])
    found = workshop.read().objects(widget("w"), TZ + "page")
    assert found == ["<https://example.org/a?b=c#d>", "<https://example.org/page>"]


def test_a_local_id_is_sought_only_where_the_range_allows(workshop: Workshop) -> None:
    workshop.widgets(["tz:drives"], ["g1", ""], ["w", "g1"])
    assert workshop.read().objects(widget("w"), TZ + "drives") == [str(gear("g1"))]


def test_a_column_read_backwards_states_the_cell_about_the_row(workshop: Workshop) -> None:
    workshop.widgets(["rdfs:label"], ["w", "W"])
    workshop.table("more.tsv", "tz:Gear\t^tz:drives\tsource", "g3\tw\tdesk")
    read = workshop.read()
    assert read.objects(widget("w"), TZ + "drives") == [str(gear("g3"))]
    assert read.cells(widget("w"), TZ + "drives", gear("g3")) == [("more.tsv", 2, 2, "desk")]


def test_the_type_column_adds_classes_to_the_one_of_the_table(workshop: Workshop) -> None:
    workshop.widgets(["rdf:type"], ["w", "Sprocket"])
    read = workshop.read()
    assert read.objects(widget("w"), TYPE) == [str(tz("Sprocket")), str(tz("Widget"))]
    assert read.cells(widget("w"), TYPE, tz("Sprocket")) == [("widgets.tsv", 2, 2, "desk")]
    assert read.cells(widget("w"), TYPE, tz("Widget")) == [("widgets.tsv", 2, 1, "desk")]


def test_remark_columns_are_left_out(workshop: Workshop) -> None:
    workshop.widgets(["#seen by", "tz:code"], ["w", "nobody \\ at all", "x"])
    read = workshop.read()
    assert read.places == []
    assert b"nobody" not in read.nquads
    assert read.cells(widget("w"), TZ + "code", ox.Literal("x")) == [("widgets.tsv", 2, 3, "desk")]


def test_empty_cells_state_nothing(workshop: Workshop) -> None:
    workshop.widgets(["tz:code", "tz:drives"], ["w", "", "  "])
    read = workshop.read()
    assert read.objects(widget("w"), TZ + "code") == []
    assert read.objects(widget("w"), TZ + "drives") == []


def two_sources(workshop: Workshop) -> Reading:
    workshop.table(
        "widgets.tsv",
        "tz:Widget\trdfs:label\ttz:code\ttz:drives\tsource",
        "w\tW\tsame\tg1\tdesk",
        "w\t\tsame\tg2\treport",
    )
    return workshop.read()


def test_two_sources_describe_one_thing_each_in_its_graph(workshop: Workshop) -> None:
    read = two_sources(workshop)
    assert read.places == []
    assert read.objects(widget("w"), TZ + "drives", source("desk")) == [str(gear("g1"))]
    assert read.objects(widget("w"), TZ + "drives", source("report")) == [str(gear("g2"))]
    assert read.objects(widget("w"), TZ + "drives") == [str(gear("g1")), str(gear("g2"))]
    assert read.objects(widget("w"), LABEL, source("report")) == []


def test_a_statement_of_two_sources_leads_to_both_cells(workshop: Workshop) -> None:
    read = two_sources(workshop)
    assert read.cells(widget("w"), TZ + "code", ox.Literal("same")) == [
        ("widgets.tsv", 2, 3, "desk"),
        ("widgets.tsv", 3, 3, "report"),
    ]
    assert read.cells(widget("w"), TZ + "drives", gear("g2")) == [("widgets.tsv", 3, 4, "report")]
    assert read.cells(widget("w"), TZ + "drives", gear("g9")) == []


def test_a_statement_of_two_sources_stands_once_in_the_default_view(workshop: Workshop) -> None:
    read = two_sources(workshop)
    found = read.store.query(
        'SELECT ?w WHERE { ?w <https://w3id.org/tzgraph/ontology#code> "same" }'
    )
    assert isinstance(found, ox.QuerySolutions)
    assert len(list(found)) == 1


def test_sources_describe_themselves_in_the_graph_of_metadata(workshop: Workshop) -> None:
    read = workshop.read()
    metadata = ox.NamedNode(Graphs.METADATA)
    assert read.objects(source("report"), LABEL, metadata) == ['"A report"@en']
    assert read.objects(source("report"), LABEL) == []
    assert read.cells(source("report"), LABEL, ox.Literal("A report", language="en")) == [
        ("sources.tsv", 3, 2, "desk")
    ]
    roles = {slug: info.role for slug, info in read.result.sources.items()}
    assert roles == {
        "desk": "Curation",
        "report": "PrimarySource",
        "register": "ReferenceDatabase",
        "hearsay": "SecondarySource",
    }


def test_a_file_name_with_odd_signs_leads_back_to_its_cells(workshop: Workshop) -> None:
    workshop.table("my widgets #1 ü.tsv", "tz:Widget\ttz:code\tsource", "w\tx\tdesk")
    read = workshop.read()
    found = read.cells(widget("w"), TZ + "code", ox.Literal("x"))
    assert found == [("my widgets #1 ü.tsv", 2, 2, "desk")]


def test_a_new_class_and_column_need_no_code(workshop: Workshop) -> None:
    more = workshop.ontology / "more.ttl"
    more.write_text(
        "@prefix tz: <https://w3id.org/tzgraph/ontology#> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        'tz:Belt a owl:Class ; rdfs:label "belt"@en ; tz:idKind "belt" .\n'
        'tz:loops a owl:ObjectProperty ; rdfs:label "loops"@en ; rdfs:range tz:Gear .\n',
        encoding="utf-8",
    )
    workshop.table("belts.tsv", "tz:Belt\tloops\tsource", "b\tg1\tdesk")
    read = workshop.read()
    assert read.holds(ox.NamedNode(ID + "belt/b"), tz("loops"), gear("g1"))


@pytest.mark.parametrize("remembered", [1, 2, 10_000])
def test_cells_that_come_again_say_the_same_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    monkeypatch.setattr("tzgraph.read.rows._REMEMBERED", remembered)
    cells = ["g1", "g2", "g1|g2", "g2", "g1"]
    workshop.widgets(["tz:drives"], *([f"w{row}", cell] for row, cell in enumerate(cells)))
    reading = workshop.read()
    for row, cell in enumerate(cells):
        expected = [str(gear(slug)) for slug in cell.split("|")]
        assert reading.objects(widget(f"w{row}"), TZ + "drives") == expected
