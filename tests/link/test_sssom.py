"""Reading mapping sets, with all that can be wrong with them, and writing them."""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from tzgraph.errors import Severity
from tzgraph.link.sssom.reader import MappingSet, SssomMapping, read_sssom, write_sssom

_HEAD = "subject_id\tpredicate_id\tobject_id\tmapping_justification"
_GOOD = "tzdrug:a\tskos:exactMatch\tdrugbank:DB00072\tsemapv:ManualMappingCuration"


def _read(folder: Path, *lines: str, end: str = "\n") -> MappingSet:
    path = folder / "set.sssom.tsv"
    path.write_bytes(end.join([*lines, ""]).encode())
    return read_sssom(path)


def _codes(found: MappingSet) -> list[tuple[str, int | None, int | None]]:
    return [(f.code, f.row, f.column) for f in found.findings]


def test_a_set_with_metadata_is_read(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        "#curie_map:",
        "#  MONDO: http://purl.obolibrary.org/obo/MONDO_",
        "#  own: https://example.org/own/",
        "# mapping_set_version: 1.10",
        "#object_source_version: '2026-08'",
        f"{_HEAD}\tconfidence\tauthor_id\tobject_label\tderived_from\tmapping_date",
        "own:1\tskos:exactMatch\tMONDO:0006244\tsemapv:MappingChaining\t0.95\t"
        'orcid:0000-0003-4423-4370|tz:nobody\t"a ""quoted"" label"\tmondo:0000001\t2026-01-02',
    )
    # A block that mixes "#key" and "# key" is no YAML mapping.
    assert [code for code, *_ in _codes(found)] == ["bad-metadata", "unknown-prefix"]
    found = _read(
        tmp_path,
        "#curie_map:",
        "#  MONDO: http://purl.obolibrary.org/obo/MONDO_",
        "#  own: https://example.org/own/",
        "#mapping_set_version: 1.10",
        "#object_source_version: '2026-08'",
        f"{_HEAD}\tconfidence\tauthor_id\tobject_label\tderived_from\tmapping_date",
        "own:1\tskos:exactMatch\tMONDO:0006244\tsemapv:MappingChaining\t0.95\t"
        'orcid:0000-0003-4423-4370\t"a ""quoted"" label"\tmondo:0000001\t2026-01-02',
    )
    assert found.findings == ()
    assert found.metadata["mapping_set_version"] == "1.10"
    assert found.mappings == (
        SssomMapping(
            "own:1",
            "skos:exactMatch",
            "mondo:0006244",
            "semapv:MappingChaining",
            object_label='a "quoted" label',
            author_id=("orcid:0000-0003-4423-4370",),
            confidence=0.95,
            object_source_version="2026-08",
            derived_from=("mondo:0000001",),
            line=7,
            other={"mapping_date": "2026-01-02"},
        ),
    )


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("tzdrug:a\tskos:exactMatch\tdrugbank:DB00072\t", "no-justification", 4),
        ("tzdrug:a\tskos:exactMatch\tdrugbank:DB00072\tsemapv:Guess", "unknown-justification", 4),
        (
            "tzdrug:a\tskos:exactmatch\tdrugbank:DB1\tsemapv:ManualMappingCuration",
            "unknown-predicate",
            2,
        ),
        (
            "tzdrug:a\tskos:exactMatch\tGO:GO:0001837\tsemapv:ManualMappingCuration",
            "doubled-prefix",
            3,
        ),
        ("tzdrug:a\tskos:exactMatch\tnobody:1\tsemapv:ManualMappingCuration", "unknown-prefix", 3),
        ("tzdrug:a\tskos:exactMatch\tmondo:6244\tsemapv:ManualMappingCuration", "wrong-pattern", 3),
        ("tzdrug:a\tskos:exactMatch\t\tsemapv:ManualMappingCuration", "missing-value", 3),
        ("trastuzumab\tskos:exactMatch\tgo:0001837\tsemapv:LexicalMatching", "no-curie", 1),
        ("tzdrug:a\tskos:exactMatch\tgo:0001837", "row-width", None),
        ('tzdrug:a\tskos:exactMatch\t"go:1" x\tsemapv:LexicalMatching', "stray-quote", 3),
    ],
)
def test_a_wrong_row_is_found_at_its_cell(
    tmp_path: Path, row: str, code: str, column: int | None
) -> None:
    found = _read(tmp_path, "#license: x", _HEAD, _GOOD, row)
    assert (code, 4, column) in _codes(found)
    assert [m.line for m in found.mappings] == [3]
    assert all(f.hint for f in found.findings)


def test_all_that_is_wrong_is_found_at_once(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        f"{_HEAD}\tconfidence\tpredicate_modifier",
        "tzdrug:a\tskos:exactMatch\tGO:GO:0001837\tsemapv:Guess\t1.5\tNever",
        "tzdrug:a\tskos:exactMatch\tgo:0001837\tsemapv:LexicalMatching\tnan\tNot",
        "tzdrug:a\tskos:exactMatch\tgo:0001837\tsemapv:LexicalMatching\t1\tNot",
        "tzdrug:a\tskos:exactMatch\tGO:0001837\tsemapv:LexicalMatching\t0\tNot",
        "tzdrug:a\tskos:exactMatch\tgo:0001837\tsemapv:LexicalMatching\t\t",
    )
    assert _codes(found) == [
        ("doubled-prefix", 2, 3),
        ("unknown-justification", 2, 4),
        ("bad-confidence", 2, 5),
        ("bad-modifier", 2, 6),
        ("bad-confidence", 3, 5),
        ("duplicate-mapping", 5, 1),
    ]
    assert [m.line for m in found.mappings] == [4, 6]


def test_a_required_column_that_is_missing_makes_the_file_useless(tmp_path: Path) -> None:
    found = _read(tmp_path, "subject_id\tpredicate_id\tobject_id", "a:1\tskos:exactMatch\tb:2")
    assert _codes(found) == [("missing-column", 1, None)]
    assert found.findings[0].unreadable
    assert "mapping_justification" in found.findings[0].message
    found = _read(tmp_path, _HEAD.replace("\t", ","), _GOOD.replace("\t", ","))
    assert "tab" in found.findings[0].hint


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "html-file"),
        (b"\n  <html lang=en>", "html-file"),
        (b"\xff\xfes\x00", "bad-utf-8"),
        (b"\x1f\x8b\x08\x00", "truncated-file"),
        (b"PK\x03\x04", "unknown-packing"),
        (b"", "empty-file"),
        (b"#curie_map: {}\n", "empty-file"),
    ],
)
def test_what_is_no_table_is_unreadable(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "x.sssom.tsv"
    path.write_bytes(data)
    (finding,) = read_sssom(path).findings
    assert (finding.code, finding.unreadable) == (code, True)
    missing = read_sssom(tmp_path / "none.tsv")
    assert [f.code for f in missing.findings] == ["unreadable-file"]


def test_how_lines_end_is_reported_and_lived_with(tmp_path: Path) -> None:
    path = tmp_path / "x.sssom.tsv"
    path.write_bytes(f"\ufeff{_HEAD}\r\n{_GOOD}\n\n".encode())
    found = read_sssom(path)
    assert _codes(found) == [
        ("byte-order-mark", 1, None),
        ("mixed-line-ends", 1, None),
        ("blank-row", 3, None),
    ]
    assert {f.severity for f in found.findings} == {Severity.WARNING}
    assert len(found.mappings) == 1
    assert [f.code for f in _read(tmp_path, _HEAD, _GOOD, end="\r\n").findings] == ["crlf"]


@pytest.mark.parametrize("line", ["#curie_map: [", "#- a", "#curie_map: x", "#a: b: c"])
def test_metadata_that_is_no_yaml_is_reported_and_the_rows_are_read(
    tmp_path: Path, line: str
) -> None:
    found = _read(tmp_path, line, _HEAD, _GOOD)
    assert [(f.code, f.row) for f in found.findings] == [("bad-metadata", 1)]
    assert len(found.mappings) == 1


@pytest.mark.parametrize("iri", ["''", "", "example.org/x/", "http://a b/", "[]"])
def test_a_prefix_without_an_iri_is_no_prefix(tmp_path: Path, iri: str) -> None:
    """As suggestions have it for files that don't tell their vocabulary: people have to say."""
    found = _read(tmp_path, "#curie_map:", f"#  own: {iri}", _HEAD, _GOOD)
    assert [(f.code, f.row) for f in found.findings] == [("bad-metadata", 2)]
    assert "“own”" in found.findings[0].message


def test_what_is_written_is_read_back_and_is_the_same_each_time(tmp_path: Path) -> None:
    rows = [
        SssomMapping("tzdrug:b", "skos:exactMatch", "go:0001837", "semapv:LexicalMatching"),
        SssomMapping(
            "tzdrug:a",
            "skos:broadMatch",
            "mondo:0006244",
            "semapv:MappingChaining",
            object_label='with "quotes"',
            confidence=0.5,
            author_id=("tz:x", "orcid:0000-0003-4423-4370"),
            derived_from=("doid:0060079",),
            object_source_version="1",
            other={"mapping_date": "2026-01-02"},
        ),
    ]
    given = MappingSet("x", {"license": "https://example.org/", "object_source_version": "1"})
    text = []
    for mappings in (rows, rows[::-1]):
        stream = io.StringIO()
        write_sssom(MappingSet("x", given.metadata, tuple(mappings)), stream)
        text.append(stream.getvalue())
    assert text[0] == text[1]
    path = tmp_path / "x.sssom.tsv"
    path.write_text(text[0], encoding="utf-8")
    back = read_sssom(path)
    assert back.findings == ()
    assert [m.subject_id for m in back.mappings] == ["tzdrug:a", "tzdrug:b"]
    assert back.mappings[0].object_label == 'with "quotes"'
    assert back.mappings[0].derived_from == ("doid:0060079",)
    stream = io.StringIO()
    write_sssom(back, stream)
    assert stream.getvalue() == text[0]
    # Only one of two rows has the version, so it can't stand in the metadata.
    assert "#object_source_version" not in text[0]
    assert "#  mondo: http://purl.obolibrary.org/obo/MONDO_\n" in text[0]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_a_packed_set_is_read(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "x.sssom.tsv.gz"
    path.write_bytes(pack(f"{_HEAD}\n{_GOOD}\n".encode()))
    found = read_sssom(path)
    assert (len(found.mappings), found.findings) == (1, ())


@pytest.mark.parametrize("name", ["set.sssom.yml", "set.sssom.yaml", "set.yml", "set.yaml"])
def test_metadata_may_stand_beside_the_set(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(
        "curie_map:\n  own: https://example.org/own/\n  other: https://example.org/wrong/\n"
        "mapping_set_version: 1.10\nobject_source_version: '2026'\n"
    )
    found = _read(
        tmp_path,
        "#curie_map:",
        "#  other: https://example.org/other/",
        "#object_source_version: '2027'",
        _HEAD,
        "own:1\tskos:exactMatch\tother:2\tsemapv:ManualMappingCuration",
    )
    assert found.findings == ()
    assert found.metadata["mapping_set_version"] == "1.10"
    assert found.metadata["curie_map"] == {
        "own": "https://example.org/own/",
        "other": "https://example.org/other/",
    }
    assert [m.object_source_version for m in found.mappings] == ["2027"]


def test_broken_metadata_beside_the_set_is_told_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "set.sssom.yml").write_text("a: 1\ncurie_map: [\n")
    found = _read(tmp_path, _HEAD, _GOOD)
    assert [(f.code, f.file, f.row) for f in found.findings] == [
        ("bad-metadata", "set.sssom.yml", 2)
    ]
    assert len(found.mappings) == 1


@pytest.mark.parametrize("text", ["#a: &x [b]\n#license: *x", "#a: " + "[" * 5000])
def test_metadata_can_not_grow_without_end(tmp_path: Path, text: str) -> None:
    found = _read(tmp_path, text, _HEAD, _GOOD)
    assert [f.code for f in found.findings] == ["bad-metadata"]
    assert len(found.mappings) == 1
