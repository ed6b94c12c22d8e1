"""Bad input: what is wrong, in which file, row and column, and the exit code; all at once."""

import os

import pytest

from tests.read.tables import PLACE, Workshop, place
from tzgraph.errors import DataError, Finding, InputUnreadableError, Severity
from tzgraph.release import build_release
from tzgraph.vocabulary import OWL, TZ

_FILE = "widgets.tsv"


def failure(workshop: Workshop) -> DataError:
    """The error that a build ends in."""
    with pytest.raises(DataError) as caught:
        build_release(workshop.root / "build", workshop.options)
    return caught.value


def places(workshop: Workshop) -> tuple[list[PLACE], int]:
    error = failure(workshop)
    return [place(finding) for finding in error.findings], error.exit_status


@pytest.mark.parametrize(
    ("content", "code", "row", "column", "exit_status"),
    [
        ("tz:Widget\ttz:code\nw\tx\n", "missing-column", 1, None, 2),
        ("tz:Nothing\tsource\nw\tdesk\n", "missing-column", 1, 1, 2),
        ("tz:Part\tsource\nw\tdesk\n", "missing-column", 1, 1, 2),
        ("tz:Widget\ttz:teeht\tsource\nw\t1\tdesk\n", "unknown-column", 1, 2, 2),
        ("tz:Widget\t\tsource\nw\t\tdesk\n", "unknown-column", 1, 2, 2),
        ("tz:Widget\ttzz:code\tsource\nw\tx\tdesk\n", "unknown-prefix", 1, 2, 2),
        ("tz:Widget\t^tz:code\tsource\nw\tx\tdesk\n", "inverse-literal", 1, 2, 2),
        ("tz:Widget\ttz:code\tsource\ttz:code\nw\tx\tdesk\ty\n", "duplicate-column", 1, 4, 2),
        ("tz:Widget\ttz:code\tcode\tsource\nw\tx\ty\tdesk\n", "duplicate-column", 1, 3, 2),
        ("tz:Widget\ttz:drives\tsource\nw\tnope:g1\tdesk\n", "unknown-prefix", 2, 2, 1),
        ("tz:Widget\ttz:drives\tsource\nw\tg11\tdesk\n", "dangling-id", 2, 2, 1),
        ("tz:Widget\ttz:drives\tsource\nw\ttzgear:g11\tdesk\n", "dangling-id", 2, 2, 1),
        ("tz:Widget\ttz:colour\tsource\nw\tMatt\tdesk\n", "dangling-id", 2, 2, 1),
        ("tz:Widget\ttz:colour\tsource\nw\ttz:Purple\tdesk\n", "dangling-id", 2, 2, 1),
        ("tz:Widget\trdf:type\tsource\nw\tCog\tdesk\n", "dangling-id", 2, 2, 1),
        ("tz:Widget\ttz:touches\tsource\ng1\tg1\tdesk\n", "ambiguous-id", 2, 2, 1),
        ("tz:Widget\ttz:drives\tsource\nw\tTwin\tdesk\n", "ambiguous-id", 2, 2, 1),
        ("tz:Widget\ttz:page\tsource\nw\t<no iri>\tdesk\n", "malformed-iri", 2, 2, 1),
        ("tz:Widget\ttz:page\tsource\nw\t<relative>\tdesk\n", "malformed-iri", 2, 2, 1),
        ("tz:Widget\ttz:page\tsource\nw\t<https://e.org/[1]>\tdesk\n", "malformed-iri", 2, 2, 1),
        ("tz:Widget\ttz:page\tsource\nw\thttp://[e\tdesk\n", "malformed-iri", 2, 2, 1),
        ("tz:Widget\ttz:page\tsource\nw\tex:a%zz\tdesk\n", "malformed-iri", 2, 2, 1),
        ("tz:Widget\ttz:weight\tsource\nw\t1,5\tdesk\n", "wrong-datatype", 2, 2, 1),
        ("tz:Widget\ttz:weight\tsource\nw\t1e5\tdesk\n", "wrong-datatype", 2, 2, 1),
        ("tz:Widget\ttz:teeth\tsource\nw\t12.0\tdesk\n", "wrong-datatype", 2, 2, 1),
        ("tz:Widget\ttz:teeth\tsource\nw\t\u0661\u0662\tdesk\n", "wrong-datatype", 2, 2, 1),
        ("tz:Widget\ttz:strain\tsource\nw\tNaNa\tdesk\n", "wrong-datatype", 2, 2, 1),
        ("tz:Widget\ttz:spare\tsource\nw\tyes\tdesk\n", "wrong-datatype", 2, 2, 1),
        ("tz:Widget\ttz:madeOn\tsource\nw\t2026-02-30\tdesk\n", "wrong-datatype", 2, 2, 1),
        ("tz:Widget\ttz:madeOn\tsource\nw\t20260228\tdesk\n", "wrong-datatype", 2, 2, 1),
        ("tz:Widget\ttz:madeOn\tsource\nw\t28.02.2026\tdesk\n", "wrong-datatype", 2, 2, 1),
        ("tz:Widget\ttz:madeAt\tsource\nw\t2026-01-01T25:00:00\tdesk\n", "wrong-datatype", 2, 2, 1),
        (
            "tz:Widget\ttz:madeAt\tsource\nw\t2026-01-01T00:00:00+0100\tdesk\n",
            "wrong-datatype",
            2,
            2,
            1,
        ),
        ("tz:Widget\ttz:model\tsource\nw\t26\tdesk\n", "wrong-datatype", 2, 2, 1),
        (b"tz:Widget\ttz:code\tsource\nw\tB\xe4r\tdesk\n", "bad-utf-8", 2, 2, 2),
        (b"tz:Widget\ttz:c\xf6de\tsource\nw\tx\tdesk\n", "bad-utf-8", 1, 2, 2),
        ("tz:Widget\ttz:code\tsource\nw\tx\tdesk\n".encode("utf-16"), "bad-utf-8", 1, 1, 2),
        ("tz:Widget\tsource\nw\tdesk\nw\tdesk\n", "duplicate-id", 3, 1, 1),
        ("", "empty-file", None, None, 2),
        ("\n", "blank-header", 1, None, 2),
        ("\ufeff\n", "blank-header", 1, None, 2),
        ("\ntz:Widget\tsource\nw\tdesk\n", "blank-header", 1, None, 2),
        ('tz:Widget\ttz:code\tsource\nw\t"x\tdesk\n', "stray-quote", 2, 2, 1),
        ('tz:Widget\ttz:code\tsource\nw\t x"\tdesk\n', "stray-quote", 2, 2, 1),
        ('tz:Widget\t"tz:code"\tsource\nw\tx\tdesk\n', "stray-quote", 1, 2, 1),
        ("tz:Widget\ttz:code\tsource\nw\tx\x00y\tdesk\n", "control-character", 2, 2, 1),
        ("tz:Widget\ttz:code\tsource\nw\tx\ry\tdesk\n", "control-character", 2, 2, 1),
        ("tz:Widget\ttz:code\tsource\nw\tdesk\n", "row-width", 2, None, 1),
        ("tz:Widget\ttz:code\tsource\nw\tx\tdesk\t\n", "row-width", 2, None, 1),
        ("tz:Widget\ttz:code\tsource\nw\ta\\tb\tdesk\n", "unknown-escape", 2, 2, 1),
        ("tz:Widget\ttz:code\tsource\nw\tends in \\\tdesk\n", "unknown-escape", 2, 2, 1),
        ("tz:Widget\ttz:code\tsource\nw\t|\tdesk\n", "no-value", 2, 2, 1),
        ("tz:Widget\tsource\nBig Widget\tdesk\n", "malformed-id", 2, 1, 1),
        ("tz:Widget\tsource\n-w\tdesk\n", "malformed-id", 2, 1, 1),
        ("tz:Widget\tsource\n\tdesk\n", "malformed-id", 2, 1, 1),
        ("tz:Widget\tsource\nw\tnobody\n", "unknown-source", 2, 2, 1),
        ("tz:Widget\ttz:code\tsource\nw\tx\t\n", "unknown-source", 2, 3, 1),
        (
            "tz:Evidence\trdf:subject\trdf:predicate\tsource\nw\tg1\ttz:drives\tdesk\n",
            "incomplete-statement",
            2,
            None,
            1,
        ),
        (
            "tz:Evidence\trdf:subject\trdf:predicate\trdf:object\tsource\nw\tg11\tdrives\tg1\tdesk\n",
            "dangling-id",
            2,
            2,
            1,
        ),
        (
            "tz:Evidence\trdf:subject\trdf:predicate\trdf:object\tsource\nw\tg1\ttz:weight\theavy\tdesk\n",
            "wrong-datatype",
            2,
            4,
            1,
        ),
    ],
)
def test_one_mistake_makes_one_finding_at_its_place(
    workshop: Workshop,
    content: str | bytes,
    code: str,
    row: int | None,
    column: int | None,
    exit_status: int,
) -> None:
    workshop.table("twins.tsv", "tz:Gear\trdfs:label\tsource", "t1\tTwin\tdesk", "t2\tTwin\tdesk")
    workshop.put(_FILE, content.encode() if isinstance(content, str) else content)
    assert places(workshop) == ([(code, _FILE, row, column)], exit_status)
    assert not (workshop.root / "build" / "current").exists()


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("tz:Widget\ttz:teeht\tsource\nw\t1\tdesk\n", "“tz:teeth”"),
        ("tz:Widget\tmade onn\tsource\nw\t2026-01-01\tdesk\n", "“made on”"),
        ("tz:Widgett\tsource\nw\tdesk\n", "“tz:Widget”"),
        ("tz:Widget\ttz:drives\tsource\nw\ttzgaer:g1\tdesk\n", "“tzgear”"),
        ("tz:Widget\ttz:touches\tsource\nsprocket\tsproket\tdesk\n", "“sprocket”"),
        ("tz:Widget\ttz:touches\tsource\nsprocket\ttzwidget:sproket\tdesk\n", "“sprocket”"),
        ("tz:Widget\ttz:colour\tsource\nw\tRedd\tdesk\n", "“Red”"),
        ("tz:Widget\trdf:type\tsource\nw\tSproket\tdesk\n", "“Sprocket”"),
    ],
)
def test_the_nearest_name_is_suggested(workshop: Workshop, content: str, hint: str) -> None:
    workshop.put(_FILE, content.encode())
    (finding,) = failure(workshop).findings
    assert finding.hint == f"Did you mean {hint}?"


@pytest.mark.parametrize("other", ["pocket", "spracketeer", "cogwheel", "sprocket2"])
def test_another_thing_is_no_suggestion(workshop: Workshop, other: str) -> None:
    """As carboplatin is no cisplatin."""
    workshop.put(_FILE, f"tz:Widget\ttz:touches\tsource\nsprocket\t{other}\tdesk\n".encode())
    (finding,) = failure(workshop).findings
    assert finding.hint == "Add a row for it, or correct the id."


def test_an_ambiguous_id_names_what_it_may_be(workshop: Workshop) -> None:
    workshop.widgets(["tz:touches"], ["g1", "g1"])
    (finding,) = failure(workshop).findings
    assert "tzgear:g1 or tzwidget:g1" in finding.message


def test_an_id_used_twice_names_the_earlier_row(workshop: Workshop) -> None:
    workshop.widgets(["tz:code"], ["w", "x"])
    workshop.table("zz.tsv", "tz:Sprocket\tsource", "w\tdesk")
    (finding,) = failure(workshop).findings
    assert place(finding) == ("duplicate-id", "zz.tsv", 2, 1)
    assert "widgets.tsv, row 2" in finding.message


def test_all_findings_of_all_files_come_at_once(workshop: Workshop) -> None:
    workshop.put(
        _FILE,
        b"tz:Widget\ttz:teeht\ttz:weight\ttz:drives\tsource\n"
        b"w\t1\theavy\tg9\tdesk\n"
        b"Bad Id\t1\t1.0\tg1|g8\tnobody\n"
        b"v\t1\t\xff\tg1\tdesk\n"
        b"u\t1\tdesk\n"
        b"\n"
        b'"t"\t1\t\t\tdesk\n',
    )
    workshop.table("gears.tsv", "tz:Gear\ttz:teeth\tsource", "g1\tmany\tdesk", "g1\t3\tdesk")
    workshop.table("noclass.tsv", "tz:Nothing\tsource", '"q\tdesk')
    workshop.put("empty.tsv", b"")
    workshop.put("report.ttl", b"<a:s> <a:p> [] .")
    workshop.put("nobody.nt", b"<a:s> <a:p> <a:o> .")
    found, exit_status = places(workshop)
    assert exit_status == 2
    assert found == [
        # What can't be read stands first: it may be behind the rest.
        ("empty-file", "empty.tsv", None, None),
        ("missing-column", "noclass.tsv", 1, 1),
        ("unknown-column", _FILE, 1, 2),
        ("bad-utf-8", _FILE, 4, 3),
        ("wrong-datatype", "gears.tsv", 2, 2),
        ("duplicate-id", "gears.tsv", 3, 1),
        ("unknown-source", "nobody.nt", None, None),
        ("stray-quote", "noclass.tsv", 2, 1),
        ("blank-node", "report.ttl", None, None),
        ("wrong-datatype", _FILE, 2, 3),
        ("dangling-id", _FILE, 2, 4),
        ("malformed-id", _FILE, 3, 1),
        ("dangling-id", _FILE, 3, 4),
        ("unknown-source", _FILE, 3, 5),
        ("row-width", _FILE, 5, None),
        ("blank-row", _FILE, 6, None),
        ("stray-quote", _FILE, 7, 1),
    ]


def test_a_table_with_a_broken_column_still_tells_its_ids_to_others(workshop: Workshop) -> None:
    workshop.table("gears.tsv", "tz:Gear\tnonsense here\tsource", "g1\tx\tdesk")
    workshop.widgets(["tz:drives"], ["w", "g1"])
    assert places(workshop)[0] == [("unknown-column", "gears.tsv", 1, 2)]


def test_findings_past_a_limit_are_counted(workshop: Workshop) -> None:
    workshop.widgets(["tz:teeth"], *([f"w{i}", "x"] for i in range(1_005)))
    findings = failure(workshop).findings
    assert len(findings) == 1_001
    (more,) = (f for f in findings if f.code == "more-findings")
    assert "5 more findings" in more.message


@pytest.mark.parametrize(
    ("role", "code"), [("Boss", "dangling-id"), ("Red", "dangling-id"), ("", "unknown-role")]
)
def test_a_source_has_a_role(workshop: Workshop, role: str, code: str) -> None:
    workshop.table(
        "sources.tsv",
        "tz:Source\ttz:sourceRole\tsource",
        "desk\tCuration\tdesk",
        f"odd\t{role}\tdesk",
    )
    found, exit_status = places(workshop)
    assert (code, "sources.tsv", 3, 2) in found
    assert ("unknown-role", "sources.tsv", 3, 2) in found
    assert exit_status == 1


def warned(workshop: Workshop) -> list[Finding]:
    findings: list[Finding] = []
    build_release(workshop.root / "build", workshop.options, warn=findings.append)
    return findings


def test_a_blank_row_is_warned_of(workshop: Workshop) -> None:
    workshop.put(_FILE, b"tz:Widget\ttz:code\tsource\n\nw\tx\tdesk\n")
    (finding,) = warned(workshop)
    assert place(finding) == ("blank-row", _FILE, 2, None)
    assert finding.severity is Severity.WARNING


def test_a_header_without_rows_states_nothing(workshop: Workshop) -> None:
    workshop.widgets(["tz:code"])
    read = workshop.read()
    assert read.places == []
    assert read.result.counts[_FILE] == 0


def test_crlf_is_warned_of_and_read_like_lf(workshop: Workshop) -> None:
    lines = b"tz:Widget\ttz:code\tsource\nw\tx\tdesk\nv\ty|z\tdesk\n"
    workshop.put(_FILE, lines)
    plain = workshop.read()
    workshop.put(_FILE, lines.replace(b"\n", b"\r\n"))
    crlf = workshop.read()
    assert crlf.nquads == plain.nquads
    assert plain.places == []
    assert crlf.places == [("crlf", _FILE, 1, None)]
    assert [f.code for f in warned(workshop)] == ["crlf"]


def test_a_byte_order_mark_is_skipped(workshop: Workshop) -> None:
    lines = b"tz:Widget\ttz:code\tsource\nw\tx\tdesk\n"
    workshop.put(_FILE, lines)
    plain = workshop.read()
    workshop.put(_FILE, b"\xef\xbb\xbf" + lines)
    marked = workshop.read()
    assert (marked.nquads, marked.places) == (plain.nquads, [])


@pytest.mark.parametrize("name", ["x.tsv", "report.ttl"])
def test_a_folder_named_like_a_file_is_reported_with_the_rest(
    workshop: Workshop, name: str
) -> None:
    (workshop.sources / name).mkdir()
    workshop.widgets(["tz:teeth"], ["w", "x"])
    found, exit_status = places(workshop)
    assert found == [("unreadable-file", name, None, None), ("wrong-datatype", _FILE, 2, 2)]
    assert exit_status == 2


def test_a_link_to_nowhere_is_reported(workshop: Workshop) -> None:
    (workshop.sources / "lost.tsv").symlink_to(workshop.root / "nowhere")
    assert places(workshop) == ([("unreadable-file", "lost.tsv", None, None)], 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_reported(workshop: Workshop) -> None:
    workshop.widgets(["tz:code"], ["w", "x"])
    (workshop.sources / _FILE).chmod(0)
    assert places(workshop) == ([("unreadable-file", _FILE, None, None)], 2)


def test_a_file_in_place_of_the_folder_is_refused(workshop: Workshop) -> None:
    workshop.sources.rename(workshop.root / "moved")
    workshop.sources.write_text("no folder", encoding="utf-8")
    with pytest.raises(InputUnreadableError, match="sources") as caught:
        build_release(workshop.root / "build", workshop.options)
    assert (caught.value.exit_code, caught.value.code) == (2, "unreadable-input")


def test_a_missing_folder_is_refused(workshop: Workshop) -> None:
    workshop.sources.rename(workshop.root / "moved")
    with pytest.raises(InputUnreadableError, match="No such file") as caught:
        build_release(workshop.root / "build", workshop.options)
    assert str(workshop.sources) in caught.value.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_refused(workshop: Workshop) -> None:
    workshop.sources.chmod(0)
    try:
        with pytest.raises(InputUnreadableError, match="Permission denied"):
            build_release(workshop.root / "build", workshop.options)
    finally:
        workshop.sources.chmod(0o755)


def test_the_list_of_sources_has_to_be_there(workshop: Workshop) -> None:
    (workshop.sources / "sources.tsv").unlink()
    with pytest.raises(InputUnreadableError, match=r"sources\.tsv") as caught:
        build_release(workshop.root / "build", workshop.options)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [("workshop.ttl", "not Turtle"), ("prefixes.json", "{"), ("prefixes.json", '{"@context": 3}')],
)
def test_a_broken_ontology_is_refused(workshop: Workshop, name: str, content: str) -> None:
    (workshop.ontology / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputUnreadableError, match=name) as caught:
        build_release(workshop.root / "build", workshop.options)
    assert caught.value.exit_code == 2


def test_an_id_of_another_class_is_told_by_its_class(workshop: Workshop) -> None:
    workshop.table("gears.tsv", "tz:Gear\tsource", "g1\tdesk")
    workshop.widgets(["tz:drives"], ["w", "v"], ["v", "g1"])
    finding = workshop.read().finding("wrong-class")
    assert "“v” is tz:Widget, but this column takes tz:Gear" in finding.message


def test_a_closed_list_of_terms_is_told(workshop: Workshop) -> None:
    workshop.widgets(["tz:colour"], ["w", "ochre"])
    assert "Write one of Blue, Red." in workshop.read().finding("dangling-id").hint


def test_an_unread_table_is_not_blamed_on_those_that_refer_to_it(workshop: Workshop) -> None:
    workshop.put("gears.tsv", b"")
    workshop.widgets(["tz:drives"], ["w", "g1"], ["v", "tzgear:g2"])
    assert places(workshop)[0] == [("empty-file", "gears.tsv", None, None)]


def test_lines_that_end_in_cr_alone_make_one_finding(workshop: Workshop) -> None:
    workshop.put(_FILE, b"tz:Widget\tsource\rw\tdesk\rv\tdesk\r")
    assert places(workshop) == ([("cr-lines", _FILE, None, None)], 2)


def test_shapes_are_checked_on_rows_that_were_read_and_only_on_those(workshop: Workshop) -> None:
    workshop.widgets(
        ["tz:weight", "tz:teeth"], ["w", "500", "12"], ["v", "500", "many"], ["u", "1", "2"]
    )
    with pytest.raises(DataError) as caught:
        build_release(workshop.root / "build", workshop.options)
    assert [(f.code, f.row) for f in caught.value.findings] == [
        ("shacl-max-inclusive", 2),
        ("wrong-datatype", 3),
    ]


def test_an_inconsistency_names_the_cells_it_follows_from(workshop: Workshop) -> None:
    (workshop.ontology / "more.ttl").write_text(
        f"<{TZ}Widget> <{OWL}disjointWith> <{TZ}Gear> .\n", encoding="utf-8"
    )
    workshop.table("gears.tsv", "tz:Gear\tsource", "g1\tdesk")
    workshop.widgets(["tz:touches", "rdf:type"], ["w", "", "Gear"])
    with pytest.raises(DataError) as caught:
        build_release(workshop.root / "build", workshop.options)
    (finding,) = caught.value.findings
    assert (finding.code, finding.file, finding.row, finding.column) == ("cax-dw", _FILE, 2, 3)
    assert f"{_FILE}:2:1" in finding.hint


def test_a_cell_that_is_wrong_twice_is_reported_twice(workshop: Workshop) -> None:
    workshop.widgets(["tz:drives"], ["a", "g1|gone"], ["b", "g1|gone"])
    found = [(f.code, f.row, f.column) for f in failure(workshop).findings if f.row]
    assert found == [("dangling-id", 2, 2), ("dangling-id", 3, 2)]
