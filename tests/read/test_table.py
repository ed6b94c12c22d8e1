"""Cells: values split and escaped, text that comes out as it went in, numbers as written."""

import unicodedata
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.read.tables import DECIMAL, LABEL, Workshop, tz, widget
from tzgraph.errors import Finding, Severity
from tzgraph.read.lookup import CellLookup
from tzgraph.read.provenance import CellRef
from tzgraph.read.table import rows, split_values
from tzgraph.vocabulary import RDFS, TZ

_CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
_TEXTS = (
    st.text(st.characters(codec="utf-8", exclude_characters=_CONTROLS), min_size=1)
    .map(lambda text: unicodedata.normalize("NFC", text).strip())
    .filter(bool)
)


def escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("|", r"\|").replace('"', r"\"")


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("", []),
        ("one", ["one"]),
        (" one | two ", ["one", "two"]),
        ("one||two|", ["one", "two"]),
        (r"a\|b|c", ["a|b", "c"]),
        (r"a\\|b", ["a\\", "b"]),
        (r"a\\\|b", ["a\\|b"]),
        (r"\"quoted\"", ['"quoted"']),
        ("|", []),
    ],
)
def test_bars_separate_and_backslashes_escape(cell: str, values: list[str]) -> None:
    assert split_values(cell) == values


@pytest.mark.parametrize("cell", [r"a\tb", r"a\nb", r"\x", "ends with \\"])
def test_other_escapes_are_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"\\"):
        split_values(cell)


@given(st.lists(_TEXTS))
def test_splitting_undoes_escaping_and_joining(values: list[str]) -> None:
    assert split_values("|".join(escaped(value) for value in values)) == values


@settings(max_examples=40)
@given(st.lists(_TEXTS, min_size=1, max_size=8))
def test_any_text_comes_out_of_the_nquads_as_it_stands_in_the_table(texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        workshop = Workshop.at(Path(folder))
        workshop.widgets(
            ["code", "note"], *([f"w{i}", escaped(t), escaped(t)] for i, t in enumerate(texts))
        )
        read = workshop.read()
    # Of characters that deceive the reader is warned; they come out all the same.
    assert {kind for kind, *_ in read.places} <= {"invisible-character", "look-alike-character"}
    quads = list(ox.parse(read.nquads, format=ox.RdfFormat.N_QUADS))
    for number, text in enumerate(texts):
        said = {q.object for q in quads if q.subject == widget(f"w{number}")}
        assert {ox.Literal(text), ox.Literal(text, language="en")} <= said


@settings(max_examples=40)
@given(
    st.lists(
        st.from_regex(r"[+-]?([0-9]{1,6}(\.[0-9]{0,6})?|\.[0-9]{1,6})", fullmatch=True), min_size=1
    )
)
def test_a_number_is_told_as_written_by_the_store_or_by_its_cell(numbers: list[str]) -> None:
    with TemporaryDirectory() as folder:
        workshop = Workshop.at(Path(folder))
        workshop.widgets(["weight"], *([f"w{i}", n] for i, n in enumerate(numbers)))
        read = workshop.read()
    lookup = CellLookup(read.store)
    for row, number in enumerate(numbers, 2):
        kept = lookup.verbatim(CellRef("widgets.tsv", row, 2))
        (quad,) = read.store.quads_for_pattern(
            widget(f"w{row - 2}"), tz("weight"), None, ox.DefaultGraph()
        )
        assert isinstance(quad.object, ox.Literal)
        assert Decimal(quad.object.value) == Decimal(number)
        assert (kept or quad.object.value) == number


def test_digits_of_a_quoted_number_are_kept_too(workshop: Workshop) -> None:
    workshop.table(
        "claims.tsv",
        "tz:Claim\trdf:object\trdf:subject\trdf:predicate\tsource",
        "c1\t5.00\tg1\ttz:weight\thearsay",
    )
    read = workshop.read()
    assert CellLookup(read.store).verbatim(CellRef("claims.tsv", 2, 2)) == "5.00"


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("tz:weight", "13.8", ox.Literal("13.8", datatype=DECIMAL)),
        (
            "tz:teeth",
            "12",
            ox.Literal("12", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
        ),
        (
            "tz:spare",
            "true",
            ox.Literal("true", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")),
        ),
        ("tz:code", "x-1", ox.Literal("x-1")),
        ("tz:note", "kept dry", ox.Literal("kept dry", language="en")),
        (
            "tz:madeOn",
            "2026-02-28",
            ox.Literal(
                "2026-02-28", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")
            ),
        ),
        (
            "tz:model",
            "2026",
            ox.Literal("2026", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#gYear")),
        ),
        (
            "tz:madeAt",
            "2026-11-23T12:00:00Z",
            ox.Literal(
                "2026-11-23T12:00:00Z",
                datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#dateTime"),
            ),
        ),
    ],
)
def test_the_range_of_the_property_gives_the_datatype(
    workshop: Workshop, column: str, cell: str, expected: ox.Literal
) -> None:
    workshop.widgets([column], ["w", cell])
    assert workshop.read().objects(widget("w"), TZ + column.removeprefix("tz:")) == [str(expected)]


def test_several_values_make_several_statements(workshop: Workshop) -> None:
    workshop.widgets(["rdfs:label", "tz:code"], ["w", "W", r"a|b\|c|d"])
    read = workshop.read()
    assert read.objects(widget("w"), TZ + "code") == ['"a"', '"b|c"', '"d"']
    assert read.objects(widget("w"), LABEL) == ['"W"@en']


def test_text_is_normalised_so_that_labels_meet(workshop: Workshop) -> None:
    decomposed = unicodedata.normalize("NFD", "Zahnräder")
    workshop.widgets(["rdfs:label"], ["w", decomposed])
    assert workshop.read().objects(widget("w"), RDFS + "label") == ['"Zahnräder"@en']


def found_in(
    path: Path, *, lenient: bool = False
) -> tuple[list[tuple[int, list[str]]], list[Finding]]:
    findings: list[Finding] = []
    return list(rows(path, findings.append, lenient=lenient)), findings


def test_broken_rows_are_left_out_and_the_others_given(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(b'a\tb\nx\n"\ty\n\xff\tz\n1\t2\n')
    given_rows, findings = found_in(path)
    assert given_rows == [(1, ["a", "b"]), (5, ["1", "2"])]
    assert [f.row for f in findings] == [2, 3, 4]


def test_broken_rows_are_given_where_only_ids_are_learned(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(b"a\tb\nx\nok\t\xff\n")
    given_rows, _ = found_in(path, lenient=True)
    assert [cells[0] for _, cells in given_rows] == ["a", "x", "ok"]


def test_the_last_line_needs_no_line_end(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(b"a\tb\n1\t2")
    assert found_in(path) == ([(1, ["a", "b"]), (2, ["1", "2"])], [])


def test_crlf_is_warned_of_once(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(b"a\tb\r\n1\t2\r\n3\t4\r\n")
    given_rows, findings = found_in(path)
    assert given_rows == [(1, ["a", "b"]), (2, ["1", "2"]), (3, ["3", "4"])]
    assert [(f.severity, f.code, f.row) for f in findings] == [(Severity.WARNING, "crlf", 1)]
