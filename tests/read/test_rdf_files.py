"""RDF files among the sources: Turtle, N-Triples and TriG."""

import pyoxigraph as ox
import pytest

from tests.read.tables import PROVENANCE, Workshop, gear, source, tz, widget
from tzgraph.errors import DataError
from tzgraph.release import build_release
from tzgraph.vocabulary import ID, PROV, TZ

_TRIPLE = f"<{ID}widget/w> <{TZ}drives> <{ID}gear/g1> ."
_START = f"<{ID}w> <{TZ}p> "


@pytest.mark.parametrize("name", ["report.ttl", "report.nt"])
def test_the_stem_of_a_file_names_its_source(workshop: Workshop, name: str) -> None:
    workshop.put(name, _TRIPLE.encode())
    read = workshop.read()
    assert read.places == []
    assert read.holds(widget("w"), tz("drives"), gear("g1"), graph=source("report"))
    assert read.holds(widget("w"), tz("drives"), gear("g1"))
    assert read.result.counts[name] == 1


def test_a_secondary_source_in_rdf_stays_out_of_the_default_view(workshop: Workshop) -> None:
    workshop.put("hearsay.ttl", _TRIPLE.encode())
    read = workshop.read()
    assert read.holds(widget("w"), tz("drives"), gear("g1"), graph=source("hearsay"))
    assert not read.holds(widget("w"), tz("drives"), gear("g1"))


def test_trig_names_the_graphs_of_sources(workshop: Workshop) -> None:
    other = _TRIPLE.replace("gear/g1", "gear/g2")
    workshop.put(
        "bundle.trig",
        f"{source('report')} {{ {_TRIPLE} }}\n{source('hearsay')} {{ {other} }}\n".encode(),
    )
    read = workshop.read()
    assert read.places == []
    assert read.objects(widget("w"), TZ + "drives") == [str(gear("g1"))]
    assert read.objects(widget("w"), TZ + "drives", source("hearsay")) == [str(gear("g2"))]


def test_the_file_is_where_its_statements_came_from(workshop: Workshop) -> None:
    workshop.put("report.ttl", _TRIPLE.encode())
    node = ox.NamedNode(ID + "cell/report.ttl")
    assert workshop.read().holds(
        node, ox.NamedNode(PROV + "hadPrimarySource"), source("report"), graph=PROVENANCE
    )


@pytest.mark.parametrize(
    ("name", "content", "expected", "exit_status"),
    [
        ("report.ttl", f"<{ID}widget/w> <{TZ}drives> [] .", ("blank-node", None, None), 1),
        ("report.nt", f"_:b <{TZ}drives> <{ID}gear/g1> .", ("blank-node", None, None), 1),
        ("nobody.ttl", _TRIPLE, ("unknown-source", None, None), 1),
        ("report.ttl", f"{_START}.\n", ("unreadable-file", 1, len(_START) + 1), 2),
        (
            "report.ttl",
            f"{_TRIPLE}\n{_START}<no iri> .",
            ("unreadable-file", 2, len(_START) + 1),
            2,
        ),
        ("report.nt", "not RDF at all", ("unreadable-file", 1, 1), 2),
        ("x.trig", f"{source('nobody')} {{ {_TRIPLE} }}", ("unknown-source", None, None), 1),
        ("x.trig", f"<{TZ}elsewhere> {{ {_TRIPLE} }}", ("unknown-source", None, None), 1),
        ("x.trig", _TRIPLE, ("unknown-source", None, None), 1),
        (
            "report.ttl",
            f"<{ID}widget/w> <{TZ}page> <<( <a:s> <a:p> <a:o> )>> .",
            ("rdf12", 1, len(f"<{ID}widget/w> <{TZ}page> ") + 1),
            2,
        ),
    ],
    ids=[
        "blank object",
        "blank subject",
        "stem is no source",
        "syntax error",
        "syntax error in line 2",
        "not RDF",
        "graph of no source",
        "foreign graph",
        "TriG default graph",
        "triple term",
    ],
)
def test_what_an_rdf_file_may_not_hold(
    workshop: Workshop,
    name: str,
    content: str,
    expected: tuple[str, int | None, int | None],
    exit_status: int,
) -> None:
    workshop.put(name, content.encode())
    with pytest.raises(DataError) as caught:
        build_release(workshop.root / "build", workshop.options)
    (finding,) = caught.value.findings
    assert finding.file == name
    assert (finding.code, finding.row, finding.column) == expected
    assert caught.value.exit_status == exit_status


def test_bad_utf_8_in_turtle_is_found_at_its_place(workshop: Workshop) -> None:
    workshop.put("report.ttl", b'<a:s> <a:p> "ok" .\n<a:s> <a:p> "\xff" .\n')
    finding = workshop.read().finding("unreadable-file")
    assert (finding.file, finding.row) == ("report.ttl", 2)
    assert finding.unreadable


def test_many_blank_nodes_make_one_finding(workshop: Workshop) -> None:
    workshop.put("report.ttl", b"<a:s> <a:p> [], [], [] . [] <a:p> <a:o> .")
    assert workshop.read().places == [("blank-node", "report.ttl", None, None)]


def test_tables_may_refer_to_what_only_an_rdf_file_describes(workshop: Workshop) -> None:
    workshop.put("report.ttl", f"<{ID}gear/g9> a <{TZ}Gear> .".encode())
    workshop.put("more.tsv", b"tz:Widget\trdfs:label\ttz:drives\tsource\nw9\tnine\tg9\tdesk\n")
    read = workshop.read()
    assert read.places == []
    assert read.objects(widget("w9"), TZ + "drives") == [str(gear("g9"))]


def test_an_rdf_file_may_not_refer_to_what_is_nowhere(workshop: Workshop) -> None:
    lost = f"<{ID}widget/w> <{TZ}drives> <{ID}gear/lost> ."
    workshop.put("report.ttl", f"{lost}\n{lost}\n".encode())
    assert [code for code, *_ in workshop.read().places] == ["dangling-id"]


def test_a_list_of_sources_that_cannot_be_used_is_the_only_finding(workshop: Workshop) -> None:
    workshop.put("sources.tsv", b"tz:Sorce\trdfs:label\tsource\ndesk\tThe desk\tdesk\n")
    assert {(place[0], place[1]) for place in workshop.read().places} == {
        ("missing-column", "sources.tsv")
    }
