"""Files that would crash a command, fill its memory, or let it wait: real commands, measured."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.cli.commands import Sources, tzgraph
from tests.parsing.hostile import ENTITIES, deep_json, deep_turtle, deep_xml, run_measured
from tests.parsing.test_files import KINDS, make

#: Megabytes that a command may take at most.
MEMORY = 500


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with a link to a term."""
    root = tmp_path_factory.mktemp("hostile")
    sources = Sources(root / "sources")
    sources.write(
        "diseases.tsv",
        "tz:Disease\trdfs:label\tskos:exactMatch\tsource\ttz:checkStatus\ttz:checkedAt",
        "stomach-cancer\tstomach cancer\tdoid:1612\tdesk\tSeen\thttps://example.org/",
    )
    done = tzgraph("build", "--sources", sources.folder, "--dir", root / "build")
    assert done.returncode == 0, done.stderr
    return root / "build"


HOSTILE = {
    "nested.ttl": (deep_turtle(100_000), "rdf12"),
    "nested.nt": (deep_turtle(20_000), "rdf12"),
    "nested.ttl.gz": (gzip.compress(deep_turtle(100_000)), "rdf12"),
    "nested.jsonld": (
        b'{"@id":"http://e.org/","http://e.org/q":' + deep_json(20_000) + b"}",
        "too-deep",
    ),
    "nested.owl": (deep_xml(50_000, padding=70_000), "too-deep"),
    **{
        f"entities-{number}.owl": (data, "growing-entity")
        for number, data in enumerate(ENTITIES.values())
    },
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("command", [("link", "check"), ("import", "--module")])
def test_links_and_imports_refuse_it(
    built: Path, tmp_path: Path, name: str, command: tuple[str, ...]
) -> None:
    data, code = HOSTILE[name]
    file = tmp_path / name
    file.write_bytes(data)
    done = run_measured(*command, file, "--dir", built)
    assert done.status == 2, done.err
    assert f"{name}:" in done.err
    assert done.err.count(f" {code}: ") == 1
    assert done.megabytes < MEMORY


@pytest.mark.parametrize("suffix", [".ttl", ".nt", ".trig"])
def test_a_source_of_nested_triple_terms_is_a_finding_with_its_line(
    sources: Sources, suffix: str
) -> None:
    file = sources.folder / f"desk{suffix}"
    file.write_bytes(b"# a comment\n" + deep_turtle(50_000))
    done = run_measured("validate", "--sources", sources.folder)
    assert done.status == 2, done.err
    assert f"desk{suffix}:2:" in done.out
    assert "violation rdf12" in done.out
    assert done.megabytes < MEMORY


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_among_sources_is_a_finding(
    sources: Sources, tmp_path: Path, kind: str
) -> None:
    for name in ("odd.tsv", "desk.ttl", "desk.nt"):
        make(tmp_path, kind).rename(sources.folder / name)
    done = run_measured("validate", "--sources", sources.folder)
    assert done.status == 2, done.err
    for name in ("odd.tsv", "desk.ttl", "desk.nt"):
        assert f"{name}: violation unreadable-file: The file can't be read: It is no" in done.out
    assert done.megabytes < MEMORY


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_where_a_file_is_named(
    built: Path, sources: Sources, tmp_path: Path, kind: str
) -> None:
    odd = make(tmp_path, kind).rename(tmp_path / "odd.tsv")
    for command in (
        ("validate", odd, "--sources", sources.folder),
        ("link", "check", odd, "--dir", built),
        ("import", odd, "--module", "--dir", built),
        ("build", "--sources", sources.folder, "--mappings", odd, "--dir", tmp_path / "build"),
    ):
        done = tzgraph(*command)
        assert done.returncode == 2, (command, done.stderr)
        assert "internal-error" not in done.stderr
        assert "regular file" in done.stdout + done.stderr or kind == "folder"


@pytest.mark.parametrize("folder", ["shapes", "ontology"])
def test_what_is_no_file_among_shapes_or_ontologies_is_refused(
    sources: Sources, tmp_path: Path, folder: str
) -> None:
    (tmp_path / folder).mkdir()
    make(tmp_path, "pipe").rename(tmp_path / folder / "pipe.ttl")
    done = tzgraph("validate", "--sources", sources.folder, f"--{folder}", tmp_path / folder)
    assert done.returncode == 2, done.stderr
    assert "It is no regular file" in done.stderr


def test_a_table_of_one_line_without_end_does_not_fill_the_memory(sources: Sources) -> None:
    with (sources.folder / "odd.tsv").open("wb") as stream:
        stream.truncate(2_000_000_000)
    done = run_measured("validate", "--sources", sources.folder)
    assert done.status == 2, done.err
    assert "odd.tsv:1: violation too-large: The line has more than 64,000,000 bytes" in done.out
    assert done.megabytes < MEMORY


def test_a_document_of_zeros_packed_small_does_not_fill_the_memory(
    built: Path, tmp_path: Path
) -> None:
    file = tmp_path / "zeros.json.gz"
    with gzip.open(file, "wb", compresslevel=1) as stream:
        stream.write(b'{"graphs":[')
        for _ in range(700):
            stream.write(b"0," * 500_000)
    done = run_measured("link", "check", file, "--dir", built)
    assert done.status == 2, done.err
    assert "zeros.json.gz: violation too-large" in done.err
    assert "internal-error" not in done.err
