"""``tzgraph export``: every format, to a file and to standard output."""

from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.cli.commands import tzgraph
from tzgraph.export import FORMATS
from tzgraph.release import open_release

_PARSED_AS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def canonical(data: bytes, name: str) -> dict[str, ox.Dataset]:
    """The graphs by name, with canonical blank nodes (which graphs need not share)."""
    found: dict[str, ox.Dataset] = {}
    for quad in ox.parse(data, format=_PARSED_AS[name]):
        found.setdefault(str(quad.graph_name), ox.Dataset()).add(quad)
    for dataset in found.values():
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


@pytest.mark.parametrize("name", sorted(_PARSED_AS))
def test_a_format_holds_the_same_in_a_file_and_on_standard_output(
    shipped_dir: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "out"
    to_file = tzgraph("export", "--format", name, "--dir", shipped_dir, "-o", target)
    assert (to_file.returncode, to_file.stdout) == (0, "")
    assert to_file.stderr == f"Wrote {target}.\n"
    to_stdout = tzgraph("export", "-f", name, TZGRAPH_DIR=str(shipped_dir))
    assert (to_stdout.returncode, to_stdout.stderr) == (0, "")
    assert to_stdout.stdout.encode() == target.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    manifest = open_release(shipped_dir).manifest
    found = canonical(target.read_bytes(), name)
    assert sum(map(len, found.values())) == (
        manifest.quads if FORMATS[name].supports_datasets else manifest.triples
    )
    assert found == expected(shipped_dir, quads=FORMATS[name].supports_datasets)


@cache
def expected(folder: Path, *, quads: bool) -> dict[str, ox.Dataset]:
    lines = ox.parse(path=str(open_release(folder).nquads), format=ox.RdfFormat.N_QUADS)
    kept = [quad for quad in lines if quads or quad.graph_name == ox.DefaultGraph()]
    return canonical(b"".join(f"{quad} .\n".encode() for quad in kept), "nquads")


def test_the_formats_are_all_tested() -> None:
    assert set(FORMATS) == set(_PARSED_AS)


@pytest.mark.parametrize(
    "graph",
    ["source/curation", "https://w3id.org/tzgraph/graph/source/curation"],
)
def test_one_graph_can_be_exported(shipped_dir: Path, graph: str) -> None:
    run = tzgraph("export", "-f", "ntriples", "--dir", shipped_dir, "--graph", graph)
    assert run.returncode == 0
    counts = open_release(shipped_dir).manifest.graphs
    expected_count = counts["https://w3id.org/tzgraph/graph/source/curation"]
    assert len(run.stdout.splitlines()) == expected_count


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "turtel"), "There is no export format “turtel”. Did you mean “turtle”?"),
        (("--graph", "ontolgy"), "There is no graph “ontolgy”. Did you mean “ontology”?"),
    ],
)
def test_an_unknown_format_or_graph_exits_with_2_and_writes_nothing(
    shipped_dir: Path, tmp_path: Path, arguments: tuple[str, str], message: str
) -> None:
    target = tmp_path / "out"
    target.write_text("as it was", encoding="utf-8")
    run = tzgraph("export", *arguments, "--dir", shipped_dir, "-o", target)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"error[usage]: {message}\n"
    assert target.read_text(encoding="utf-8") == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_that_can_not_be_written_exits_with_2(shipped_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "no such folder" / "out.ttl"
    run = tzgraph("export", "--dir", shipped_dir, "-o", target)
    assert run.returncode == 2
    assert "no such folder" in run.stderr
    assert "internal-error" not in run.stderr
